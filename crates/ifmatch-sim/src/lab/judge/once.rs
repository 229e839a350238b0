//! Duplicates and claims: each item's effect is in the ledger once at most, and once where its sender
//! is told that it landed.

use super::{Case, Verdict, alike};
use crate::lab::course::End;
use ifmatch_sandbox::LedgerEntry;
use std::collections::BTreeMap;

pub(super) fn judge(case: &Case<'_>, verdict: &mut Verdict) {
    let mut applied: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for entry in case.course.ledger.iter().filter(|entry| entry.client_id.is_some()) {
        for number in case.carried(entry.seq) {
            if applies(case, *number, entry) {
                applied.entry(*number).or_default().push(entry.seq);
            }
        }
    }
    for (number, item) in case.items.iter().enumerate().filter(|(_, item)| !item.is_publish()) {
        let entries = applied.get(&number).map_or(&[][..], Vec::as_slice);
        for again in entries.iter().skip(1) {
            let what =
                format!("{} of {} took effect in entry {} and again in {again}", item.id, item.source, entries[0]);
            verdict.duplicates.push(what);
        }
        let carried = case.course.made.values().any(|numbers| numbers.contains(&number));
        if case.end(number) == End::Landed && !carried {
            verdict
                .unproven
                .push(format!("{} of {} is told as landed and the ledger has nothing", item.id, item.source));
        }
    }
}

/// Whether an entry brings about what an item wants: a record that it makes, or one of its values.
fn applies(case: &Case<'_>, number: usize, entry: &LedgerEntry) -> bool {
    let item = &case.items[number];
    if item.is_new() {
        return entry.from_version.is_none();
    }
    entry.path == item.path
        && entry.changes.iter().any(|change| {
            let wants = |want: &&ifmatch_merge::Change| want.path.as_str() == change.path;
            case.wants[number].iter().filter(wants).any(|want| alike(want.after.as_ref(), change.after.as_ref()))
        })
}
