//! Values: a change of ours over a value that somebody else wrote and that no wish had seen, and
//! the same value of one wish written more than once.

use super::Verdict;
use super::records::{Record, Records, is_managed, is_ours, overlap, shift_of};
use crate::demo::wish::Set;
use ifmatch_sandbox::{Change, LedgerEntry};
use ifmatch_sim::{Line, instants};
use serde_json::Value;
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
    if let Some(lost) = hours_lost(record, place, change) {
        return lost;
    }
    let own = |set: &Set| is_ours(writer) && set.own.iter().any(|value| Some(value) == before);
    let mut wanted = record.sets().filter(|set| set.path == change.path && set.after == change.after);
    !wanted.any(|set| set.base.as_ref() == before || own(set))
}

/// The same for the hours of a shift, each by itself: two people may change different ones. `None` where the change is
/// of something else.
fn hours_lost(record: &Record<'_>, place: usize, change: &Change) -> Option<bool> {
    let of = |list: Option<&Value>| Line::of_activities(list.filter(|_| change.path.ends_with("/activities"))?);
    let (before, after) = (of(change.before.as_ref())?, of(change.after.as_ref())?);
    let earlier = record.entries[..place].iter().rev();
    let turns: Vec<(&LedgerEntry, Option<Line>, Option<Line>)> = earlier
        .flat_map(|entry| entry.changes.iter().map(move |change| (*entry, change)))
        .filter(|(_, other)| other.path == change.path)
        .map(|(entry, other)| (entry, of(other.before.as_ref()), of(other.after.as_ref())))
        .collect();
    let wishes: Vec<_> = record.sets().filter(|set| set.path == change.path).collect();
    let at = |line: &Option<Line>, instant: i64| line.as_ref().and_then(|line| line.at(instant)).cloned();
    let known = wishes.iter().flat_map(|set| [&set.base, &set.after]).filter_map(|list| of(list.as_ref()));
    let lines: Vec<Line> = [&before, &after].into_iter().cloned().chain(known).collect();
    let lost = instants(&lines).into_iter().any(|instant| {
        let (was, is) = (before.at(instant), after.at(instant));
        let writer = turns.iter().find(|(_, before, after)| at(before, instant) != at(after, instant));
        let Some((writer, ..)) = writer.filter(|_| was != is) else { return false };
        let saw = |list: Option<&Value>| at(&of(list), instant).as_ref() == was;
        let knew =
            |set: &&&Set| saw(set.base.as_ref()) || (is_ours(writer) && set.own.iter().any(|own| saw(Some(own))));
        !wishes.iter().filter(knew).any(|set| at(&of(set.after.as_ref()), instant).as_ref() == is)
    });
    Some(lost)
}

fn lost(record: &Record<'_>, entry: &LedgerEntry, change: &Change) -> String {
    let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
    format!("{} {}: {before} overwritten with {after} (entry {})", record.path, change.path, entry.seq)
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
