//! Publishes: one that is told as landed must have carried what stood when it was asked for, and one
//! item starts one run at most.

use super::{Case, Verdict};
use crate::lab::course::End;
use ifmatch_sandbox::LedgerEntry;

pub(super) fn judge(case: &Case<'_>, verdict: &mut Verdict) {
    for (number, item) in case.items.iter().enumerate().filter(|(_, item)| item.is_publish()) {
        let sent = case.course.start_ms + item.at_ms;
        let mine = case.course.ledger.iter().filter(|entry| entry.path == item.path);
        let starts = mine.clone().filter(|entry| is_start(entry) && case.carried(entry.seq).contains(&number));
        for again in starts.skip(1) {
            verdict.duplicates.push(format!("{} started another run in entry {}", item.id, again.seq));
        }
        if case.end(number) != End::Landed {
            continue;
        }
        let wanted =
            mine.clone().filter(|entry| entry.at <= sent).filter_map(|entry| revision(entry, "/draft_revision"));
        let wanted = wanted.max().unwrap_or(0);
        let carried = mine.filter_map(|entry| revision(entry, "/published_revision")).max().unwrap_or(0);
        if carried < wanted {
            let what = format!("{} is told as published; revision {wanted} stood, {carried} was carried", item.id);
            verdict.unproven.push(what);
        }
    }
}

fn is_start(entry: &LedgerEntry) -> bool {
    let pending = |change: &ifmatch_sandbox::Change| {
        change.path == "/state" && change.after.as_ref().and_then(|after| after.as_str()) == Some("pending")
    };
    entry.changes.iter().any(pending)
}

fn revision(entry: &LedgerEntry, path: &str) -> Option<u64> {
    entry.changes.iter().find(|change| change.path == path).and_then(|change| change.after.as_ref()?.as_u64())
}
