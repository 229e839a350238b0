//! Values: a change of ours over a value that somebody else wrote and that no wish had seen, and
//! the same value of one wish written more than once.

use super::Verdict;
use super::records::{Record, Records, is_managed, is_ours, overlap, shift_of};
use ifmatch_sandbox::{Change, LedgerEntry};
use std::collections::BTreeMap;

pub(super) fn judge(records: &Records<'_>, verdict: &mut Verdict) {
    for record in &records.all {
        let mut written: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for (place, entry) in record.entries.iter().enumerate().filter(|(_, entry)| is_ours(entry)) {
            for change in entry.changes.iter().filter(|change| is_judged(record, change)) {
                if change.before.is_some() && is_lost(record, place, change) {
                    verdict.lost_edits.push(lost(record, entry, change));
                } else {
                    *written.entry((&change.path, text(change.after.as_ref()))).or_default() += 1;
                }
            }
        }
        for ((path, after), times) in written {
            let wanted = record.sets().filter(|set| set.path == path && text(set.after.as_ref()) == after).count();
            if wanted > 0 && times > wanted {
                let twice = format!("{} {path} became {after} {times} times, wanted {wanted} times", record.path);
                verdict.duplicates.push(twice);
            }
        }
    }
}

/// Shifts that wishes name as such are judged by what was to be done with them.
fn is_judged(record: &Record<'_>, change: &Change) -> bool {
    !is_managed(&change.path) && !shift_of(&change.path).is_some_and(|shift| record.names_shift(shift))
}

fn is_lost(record: &Record<'_>, place: usize, change: &Change) -> bool {
    let touches = |other: &&&LedgerEntry| other.changes.iter().any(|earlier| overlap(&earlier.path, &change.path));
    let Some(writer) = record.entries[..place].iter().rev().find(touches) else {
        // The value of the world's start is nobody's edit.
        return false;
    };
    let before = change.before.as_ref();
    let own = |set: &crate::demo::wish::Set| is_ours(writer) && set.own.iter().any(|value| Some(value) == before);
    let mut wanted = record.sets().filter(|set| set.path == change.path && set.after == change.after);
    !wanted.any(|set| set.base.as_ref() == before || own(set))
}

fn lost(record: &Record<'_>, entry: &LedgerEntry, change: &Change) -> String {
    let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
    format!("{} {}: {before} overwritten with {after} (entry {})", record.path, change.path, entry.seq)
}

fn text(value: Option<&serde_json::Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
