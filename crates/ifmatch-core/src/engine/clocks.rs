//! Our clock and the target's: which of its instants an intent was accepted at.

use crate::record::IntentRecord;
use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

/// How two clocks may drift apart, in parts of a million.
const DRIFT_PPM: i32 = 100;

/// How far our clock is ahead of the target's, as its answers tell in one life of the process.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    /// The smallest difference, and when it was found.
    ahead: Option<(SignedDuration, Timestamp)>,
}

impl Clocks {
    /// The target gave its time. That is old by as long as the answer took, and whole seconds: the smallest difference is
    /// nearest to the truth, and never too small.
    pub(super) fn hear(&mut self, now: Timestamp, date: Timestamp) {
        let found = now.duration_since(date);
        let known = self.ahead.map(|(ahead, since)| ahead + now.duration_since(since) / (1_000_000 / DRIFT_PPM));
        if known.is_none_or(|known| found <= known) {
            self.ahead = Some((found, now));
        }
    }

    /// The target's time at an instant of this life.
    pub(super) fn there(&self, at: Timestamp) -> Option<Timestamp> {
        self.ahead.and_then(|(ahead, _)| at.checked_sub(ahead).ok())
    }

    /// An intent with the target's time at which it was accepted, also where no answer had told by then. One of an earlier life
    /// may have been accepted by another clock: the earlier of both instants is taken.
    pub(super) fn placed(&self, record: &IntentRecord, of_this_life: bool) -> IntentRecord {
        let at = record.accepted_at;
        let told = || self.there(at).map(|there| if of_this_life { there } else { there.min(at) });
        IntentRecord { accepted_there: record.accepted_there.or_else(told), ..record.clone() }
    }
}
