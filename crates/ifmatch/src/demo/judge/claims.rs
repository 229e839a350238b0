//! Claims: what a strategy says that its wishes came to, held against the ledger.

use super::records::{Records, is_ours, overlap, shift_of};
use super::shifts::{at_start, replay};
use super::timeline::Timeline;
use super::{Case, Verdict};
use crate::demo::wish::{Deed, Effect, End, Ended, Subject, Way};

pub(super) fn judge(case: &Case<'_>, records: &Records<'_>, verdict: &mut Verdict) {
    for ended in case.ended {
        let borne_out = match ended.end {
            End::Landed => is_seen(case, records, ended),
            End::Rejected => is_impossible(case, records, ended),
            _ => true,
        };
        if !borne_out {
            verdict.unproven.push(format!("{} {}: {}", ended.wish.name, ended.end.as_str(), ended.said));
        }
    }
}

/// Whether the ledger shows a write of ours where the wish wanted one.
fn is_seen(case: &Case<'_>, records: &Records<'_>, ended: &Ended) -> bool {
    let truth = &ended.wish.truth;
    let wrote = |path: &str| {
        records.of(&truth.subject).any(|record| {
            let mut ours = record.entries.iter().filter(|entry| is_ours(entry));
            ours.any(|entry| {
                entry.from_version.is_none() || entry.changes.iter().any(|change| overlap(&change.path, path))
            })
        })
    };
    match &truth.effect {
        Effect::Sets(sets) => sets.is_empty() || sets.iter().any(|set| wrote(&set.path)),
        Effect::Shift { shift, .. } => match composed(case, records, ended) {
            Some(holds) => holds,
            None => wrote(&format!("/shifts/{shift}")),
        },
        Effect::Publish => case.ledger.iter().any(|entry| entry.changes.iter().any(|change| change.path == "/state")),
    }
}

/// Whether everything that is said to have landed on a shift, done in order, gives the shift as it
/// is in the end; `None` where people had a hand in it. Two deeds that cancel each other leave no
/// entry, and this bears them out all the same.
fn composed(case: &Case<'_>, records: &Records<'_>, ended: &Ended) -> Option<bool> {
    let Subject::Path(path) = &ended.wish.truth.subject else { return None };
    let Effect::Shift { shift, .. } = &ended.wish.truth.effect else { return None };
    let mut shifts = at_start(case, path);
    let mut wanted = shifts.get(shift).and_then(Timeline::of);
    for entry in records.of(&ended.wish.truth.subject).flat_map(|record| &record.entries) {
        if !is_ours(entry) && entry.changes.iter().any(|change| shift_of(&change.path) == Some(shift)) {
            return None;
        }
        replay(&mut shifts, entry);
    }
    let same = |other: &&Ended| other.end == End::Landed && other.wish.truth.subject == ended.wish.truth.subject;
    for other in case.ended.iter().filter(same) {
        if let Effect::Shift { shift: named, deed } = &other.wish.truth.effect
            && named == shift
        {
            wanted = wanted.and_then(|line| line.after(deed));
        }
    }
    Some(wanted == shifts.get(shift).and_then(Timeline::of))
}

/// Whether there was nothing to be done: an earlier wish had taken the shift away. What a reader refuses, it refuses for
/// a reason of the file.
fn is_impossible(case: &Case<'_>, records: &Records<'_>, ended: &Ended) -> bool {
    if matches!(ended.wish.way, Way::Read(_)) {
        return true;
    }
    let Effect::Shift { shift, .. } = &ended.wish.truth.effect else { return false };
    let removes = |other: &Ended| {
        let Effect::Shift { shift: named, deed } = &other.wish.truth.effect else { return false };
        *deed == Deed::Remove && named == shift && other.wish.order < ended.wish.order
    };
    case.ended.iter().any(removes)
        && records.of(&ended.wish.truth.subject).any(|record| {
            let mut shifts = at_start(case, record.path);
            record.entries.iter().any(|entry| {
                replay(&mut shifts, entry);
                !shifts.contains_key(shift)
            })
        })
}
