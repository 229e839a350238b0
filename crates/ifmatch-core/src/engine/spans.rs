//! How long the target's operations take, learned, so that a run is looked at where it may end
//! rather than all the time.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The least pause between two looks.
const LEAST: SignedDuration = SignedDuration::from_secs(2);

/// A run that was started by us and is followed.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub(super) at: Timestamp,
    /// The revision that it carries.
    pub(super) carries: u64,
    /// When it was last seen going on.
    pub(super) seen: Timestamp,
}

/// The learned lengths of runs, by what was run.
#[derive(Debug, Default)]
pub(super) struct Spans {
    learned: BTreeMap<String, SignedDuration>,
}

impl Spans {
    /// How long a run takes, by the first of these names that is known.
    pub(super) fn expected(&self, names: &[String]) -> Option<SignedDuration> {
        names.iter().find_map(|name| self.learned.get(name)).copied()
    }

    /// A run was seen ended. When exactly is not known: between two looks. What was learned before
    /// stands while it lies between them.
    pub(super) fn learn(&mut self, names: &[String], start: &Start, now: Timestamp) {
        let (least, most) = (start.seen.duration_since(start.at), now.duration_since(start.at));
        for name in names {
            let span = self.learned.entry(name.clone()).or_insert(most);
            if *span <= least || *span > most {
                *span = most;
            }
        }
    }
}

/// The pause before the next look at a run whose length is not known: a part of the time that it
/// has taken, so that the overshoot stays in proportion.
pub(super) fn blind_pause(elapsed: SignedDuration, longest: SignedDuration) -> SignedDuration {
    (elapsed / 6).clamp(LEAST, longest)
}

/// The pause before the next look at a run that is expected to take so long: half-way, in case it
/// became much shorter; a little before the end, in case it became shorter; then closely around it.
pub(super) fn pause(elapsed: SignedDuration, expected: SignedDuration, longest: SignedDuration) -> SignedDuration {
    let close = (expected / 16).clamp(LEAST, longest);
    let before = expected - close;
    let at = [expected / 2, before, expected, expected + close].into_iter().find(|at| elapsed + close / 2 < *at);
    at.map_or_else(|| blind_pause(elapsed, longest), |at| at - elapsed).max(LEAST)
}

#[cfg(test)]
mod tests;
