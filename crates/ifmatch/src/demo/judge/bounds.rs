//! Deadlines and locks: who is free lands at once, who is locked soon after the release, and only
//! who stays locked may miss the deadline.

use super::records::{Records, is_ours};
use super::reviews::is_needed;
use super::{Case, Verdict};
use crate::demo::wish::{End, Ended};

pub(super) fn judge(case: &Case<'_>, records: &Records<'_>, verdict: &mut Verdict) {
    for ended in case.ended {
        let Some(deadline_ms) = ended.wish.truth.deadline_ms else { continue };
        let late = match ended.end {
            End::Landed => landed_late(case, records, ended, case.start_ms + deadline_ms),
            // Whoever waited for a person's decision is not held against the locks.
            End::Expired if is_needed(case, records, ended) => None,
            End::Expired => expired_free(case, ended, case.start_ms + deadline_ms),
            _ => None,
        };
        verdict.unbounded.extend(late.map(|late| format!("{}: {late}", ended.wish.name)));
    }
}

/// Landed longer after it could than a probe takes.
fn landed_late(case: &Case<'_>, records: &Records<'_>, ended: &Ended, deadline: i64) -> Option<String> {
    let arrived = case.start_ms + ended.wish.at_ms;
    let ours = records.of(&ended.wish.truth.subject).flat_map(|record| &record.entries);
    let at = ours.filter(|entry| is_ours(entry)).map(|entry| entry.at).min()?;
    if at - deadline > case.slack_ms {
        return Some(format!("landed {} s after its deadline", (at - deadline) / 1000));
    }
    let released = case.locks_of(ended).filter(|lock| lock.0 <= at).map(|lock| lock.1).max();
    let free = released.map_or(arrived, |released| released.max(arrived));
    let seconds = (at - free) / 1000;
    (at - free > case.slack_ms).then(|| format!("landed {seconds} s after it could"))
}

/// Missed the deadline although it was free in time.
fn expired_free(case: &Case<'_>, ended: &Ended, deadline: i64) -> Option<String> {
    let last_call = deadline - case.slack_ms;
    let locked = case.locks_of(ended).any(|lock| lock.0 <= last_call && lock.1 > last_call);
    let released = case.locks_of(ended).map(|lock| lock.1).filter(|until| *until <= deadline).max();
    let free = (deadline - released.unwrap_or(case.start_ms + ended.wish.at_ms)) / 1000;
    (!locked).then(|| format!("missed its deadline although its record was free {free} s before: {}", ended.said))
}
