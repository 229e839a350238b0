//! Reviews without need: no true overlap in the ledger, no doubt or rule that demands one.

use super::records::{Record, Records, is_ours, overlap};
use super::shifts::{Shifts, at_start, replay};
use super::timeline::Timeline;
use super::{Case, Verdict};
use crate::demo::wish::{Deed, Effect, End, Ended};

pub(super) fn judge(case: &Case<'_>, records: &Records<'_>, verdict: &mut Verdict) {
    for ended in case.ended.iter().filter(|ended| ended.end == End::Review) {
        if !is_needed(case, records, ended) {
            let before = before(records, ended);
            verdict.needless_reviews.push(format!("{}: {}{before}", ended.wish.name, ended.said));
        }
    }
}

/// What stood at the record of a wish, for the reader of a finding: earlier wishes, and who wrote what.
fn before(records: &Records<'_>, ended: &Ended) -> String {
    let mut words = Vec::new();
    for record in records.of(&ended.wish.truth.subject) {
        let earlier = record.wishes.iter().filter(|other| other.wish.order < ended.wish.order);
        words.extend(earlier.map(|other| format!("{} ended {:?} at {:?}", other.wish.name, other.end, paths(other))));
        let entries = record.entries.iter().flat_map(|entry| entry.changes.iter().map(move |change| (entry, change)));
        words.extend(entries.map(|(entry, change)| format!("{} wrote {}", entry.actor, change.path)));
    }
    if words.is_empty() { String::new() } else { format!("; asks at {:?}; before: {}", ended.asked, words.join(", ")) }
}

/// Whether a person must look at a wish: something demands it, or the ledger shows the cause.
pub(super) fn is_needed(case: &Case<'_>, records: &Records<'_>, ended: &Ended) -> bool {
    let truth = &ended.wish.truth;
    if truth.needs_person.is_some() {
        return true;
    }
    records.of(&truth.subject).any(|record| match &truth.effect {
        Effect::Sets(sets) => sets.iter().any(|set| is_overlapped(record, &set.path)) || carries_on(record, ended),
        Effect::Shift { shift, deed } => breaks_rule(case, record, shift, deed),
        Effect::Publish => false,
    })
}

/// Whether an earlier wish for the record truly overlaps, and this one carries its question on:
/// because it took the earlier one's place and asks about that path, or because that one waits at
/// a path that both set.
fn carries_on(record: &Record<'_>, ended: &Ended) -> bool {
    let mine = paths(ended);
    let asked = |path: &str| ended.asked.iter().any(|asked| overlap(asked, path));
    record.wishes.iter().filter(|other| other.wish.order < ended.wish.order).any(|other| {
        let theirs = paths(other);
        let mut overlapped = theirs.iter().filter(|path| is_overlapped(record, path));
        match other.end {
            End::Superseded => overlapped.any(|path| asked(path)),
            End::Review => {
                overlapped.next().is_some() && theirs.iter().any(|path| mine.iter().any(|own| overlap(own, path)))
            }
            _ => false,
        }
    })
}

fn paths(ended: &Ended) -> Vec<&str> {
    match &ended.wish.truth.effect {
        Effect::Sets(sets) => sets.iter().map(|set| set.path.as_str()).collect(),
        Effect::Shift { .. } | Effect::Publish => Vec::new(),
    }
}

/// Whether somebody else wrote at the path: the senders here never look again after their first
/// look, so whatever anybody wrote there is news to them.
fn is_overlapped(record: &Record<'_>, path: &str) -> bool {
    let others = record.entries.iter().filter(|entry| !is_ours(entry));
    others.flat_map(|entry| &entry.changes).any(|change| overlap(&change.path, path))
}

/// Whether the deed breaks a rule of the schedule on any state that the record had.
fn breaks_rule(case: &Case<'_>, record: &Record<'_>, shift: &str, deed: &Deed) -> bool {
    let mut shifts = at_start(case, record.path);
    let mut breaks = breaks(&shifts, shift, deed);
    for entry in &record.entries {
        replay(&mut shifts, entry);
        breaks |= self::breaks(&shifts, shift, deed);
    }
    breaks
}

/// Whether the deed has no shift to be done to, does not fit into it, or lays it over another one.
pub(super) fn breaks(shifts: &Shifts, shift: &str, deed: &Deed) -> bool {
    let Some(line) = shifts.get(shift).and_then(Timeline::of) else { return true };
    let Some(after) = line.after(deed) else { return *deed != Deed::Remove };
    let others = shifts.iter().filter(|(id, _)| *id != shift).filter_map(|(_, other)| Timeline::of(other));
    let mut others = others.filter(|other| after.start_min < other.end_min() && other.start_min < after.end_min());
    others.next().is_some()
}
