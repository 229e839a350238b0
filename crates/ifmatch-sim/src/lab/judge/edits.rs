//! Lost edits: a write of ours over a value that another writer put there and that its source had
//! neither seen nor written itself.

use super::{Case, Verdict, alike, overlap, text};
use crate::records::value_at;
use ifmatch_sandbox::{Change, LedgerEntry};
use serde_json::Value;
use std::collections::BTreeMap;

/// Fields that the target writes itself.
const MANAGED: [&str; 5] = ["/draft_revision", "/published_revision", "/state", "/settled_at", "/since"];

pub(super) fn judge(case: &Case<'_>, verdict: &mut Verdict) {
    let mut records: BTreeMap<&str, Vec<&LedgerEntry>> = BTreeMap::new();
    for entry in &case.course.ledger {
        let before = records.entry(&entry.path).or_default();
        if entry.client_id.is_some() {
            // One edit of somebody may have several paths: a shift's start and its activities.
            let mut lost: BTreeMap<u64, &Change> = BTreeMap::new();
            for change in entry.changes.iter().filter(|change| is_judged(change)) {
                if let Some(edit) = lost_edit(case, entry, before, change) {
                    lost.entry(edit.seq).or_insert(change);
                }
            }
            verdict.lost_edits.extend(lost.values().map(|change| sentence(entry, change)));
        }
        before.push(entry);
    }
}

/// Whether a change takes a value away that a sender could have put there.
fn is_judged(change: &Change) -> bool {
    let replaced = change.before.as_ref().is_some_and(|before| !alike(Some(before), change.after.as_ref()));
    replaced && !MANAGED.contains(&change.path.as_str())
}

/// The entry that wrote the value which is lost by a change, if one is.
fn lost_edit<'a>(
    case: &Case<'_>,
    entry: &LedgerEntry,
    before: &[&'a LedgerEntry],
    change: &Change,
) -> Option<&'a LedgerEntry> {
    let touches = |other: &&&LedgerEntry| other.changes.iter().any(|earlier| overlap(&earlier.path, &change.path));
    // Without a writer it is the value of the world's start, and nobody's edit.
    let writer = before.iter().rev().find(touches).filter(|writer| writer.actor != "System")?;
    let mine = case.carried(entry.seq);
    let speaks = |number: &&usize| case.wants[**number].iter().any(|want| overlap(want.path.as_str(), &change.path));
    let mut speakers = mine.iter().filter(speaks).peekable();
    let lost = if speakers.peek().is_none() {
        // Nobody asked for it: an old value was carried along. Over its own source's value that is
        // no other writer's loss.
        let theirs = case.carried(writer.seq);
        writer.client_id.is_none() || !theirs.iter().any(|number| is_of_one_source(case, mine, *number))
    } else {
        !speakers.any(|number| has_seen(case, *number, change) || is_own(case, *number, entry, change))
    };
    lost.then_some(*writer)
}

fn is_of_one_source(case: &Case<'_>, numbers: &[usize], other: usize) -> bool {
    numbers.iter().any(|number| case.items[*number].source == case.items[other].source)
}

/// Whether the item's source saw the value that was overwritten.
fn has_seen(case: &Case<'_>, number: usize, change: &Change) -> bool {
    let item = &case.items[number];
    let told = &case.course.told[number];
    let known = |mind: &&Value| alike(value_at(&item.kind, mind, &change.path), change.before.as_ref());
    [&told.saw, &told.believed].iter().any(known)
}

/// Whether the item's source put that value there itself, before this entry.
fn is_own(case: &Case<'_>, number: usize, entry: &LedgerEntry, change: &Change) -> bool {
    let mine = &case.items[number];
    let sent = |other: usize| case.course.start_ms + case.items[other].at_ms <= entry.at;
    let said = |other: usize| {
        case.wants[other]
            .iter()
            .any(|want| want.path.as_str() == change.path && alike(want.after.as_ref(), change.before.as_ref()))
    };
    (0..case.items.len()).any(|other| {
        let item = &case.items[other];
        item.source == mine.source && item.path == mine.path && sent(other) && said(other)
    })
}

fn sentence(entry: &LedgerEntry, change: &Change) -> String {
    let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
    format!("entry {} of {} overwrote {} = {before} with {after}", entry.seq, entry.path, change.path)
}
