//! Everything that an envelope carries is refused alike, and nobody is named: who is meant?
//!
//! Parts are tried breadth first, so that refusals of disjoint parts tell of the whole. Where four of them are refused and
//! nothing lands between, it is what stands above the records that is held: the search ends, and one train probes for all,
//! with one record each time. A probe that lands while the others are refused again refutes that, and the search goes on to
//! the end.

use super::Engine;
use super::lane::{LaneKey, Wake};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// So many disjoint parts of an envelope refused in a row are taken for all of it.
const PARTS_MAX: usize = 4;

/// Who is refused so soon after a probe landed was not held by what the probe was about.
const REFUTED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// What is known of an envelope whose parts are refused.
#[derive(Debug, Default)]
pub(super) struct Sift {
    /// Disjoint parts of several records that were refused since something of it landed.
    parts: Vec<BTreeSet<LaneKey>>,
    /// When a probe for all of it landed last.
    freed: Option<Timestamp>,
    /// Some of it landed while the rest is refused: nothing above them is held.
    refuted: bool,
}

impl Sift {
    /// A part was refused as one. Returns whether the whole is.
    fn refused(&mut self, part: BTreeSet<LaneKey>, now: Timestamp) -> bool {
        if self.parts.is_empty() && self.freed.is_some_and(|at| now.duration_since(at) <= REFUTED_WITHIN) {
            self.refuted = true;
        }
        self.parts.retain(|known| known.is_disjoint(&part));
        self.parts.push(part);
        self.parts.len() >= PARTS_MAX && !self.refuted
    }
}

impl Engine {
    /// Several records of an envelope were refused as held with one answer for all. Returns whether that is taken for what
    /// stands above them: they then wait for it, and who is in line behind them waits with them.
    pub(super) fn sift(&mut self, keys: &[LaneKey]) -> bool {
        let Some(envelope) = keys.first().and_then(|key| self.envelope_of(key)) else { return false };
        let now = self.now;
        let probes = keys.iter().any(|key| self.lane(key).held_above);
        let sift = self.sifts.entry(Arc::clone(&envelope)).or_default();
        let whole = sift.refused(keys.iter().cloned().collect(), now);
        for key in keys {
            let lane = self.lane(key);
            lane.sifted = lane.sifted.saturating_add(1);
        }
        if !(whole || probes) {
            return false;
        }
        for key in keys {
            let lane = self.lane(key);
            lane.held_above = true;
            lane.share_max = None;
            lane.sifted = 0;
            lane.refused_together = None;
        }
        let others: Vec<LaneKey> = self.lanes.ready_of(&envelope).filter(|key| !keys.contains(key)).cloned().collect();
        for key in others {
            self.wait_above(&key);
        }
        true
    }

    /// Part of an envelope landed: nothing above it is held.
    pub(super) fn sifted(&mut self, key: &LaneKey, together: usize) {
        let Some(envelope) = self.envelope_of(key) else { return };
        let now = self.now;
        if std::mem::take(&mut self.lane(key).held_above) {
            self.sifts.entry(Arc::clone(&envelope)).or_default().freed = Some(now);
            self.release_lock(&domain(&envelope));
        }
        if let Some(sift) = self.sifts.get_mut(&envelope) {
            sift.parts.clear();
            if together > 1 {
                self.sifts.remove(&envelope);
            }
        }
    }

    /// Has a lane that is about to start wait with its envelope, where all of that is held. Returns whether it does.
    pub(super) fn joins_above(&mut self, key: &LaneKey) -> bool {
        let Some(envelope) = self.envelope_of(key) else { return false };
        let domain = domain(&envelope);
        let solo = self.lanes.look(key).is_none_or(|lane| lane.is_solo(key) || lane.lacks_right);
        if solo || self.trains.next(&domain).is_none() || self.trains.holds(&domain, key) {
            return false;
        }
        self.wait_above(key);
        true
    }

    fn wait_above(&mut self, key: &LaneKey) {
        let now = self.now;
        let lane = self.lane(key);
        if lane.held_by.is_some() || matches!(lane.wake, Wake::Lock(_)) {
            return;
        }
        lane.held_above = true;
        lane.share_max = None;
        lane.sifted = 0;
        lane.locked_since.get_or_insert(now);
        self.park(key);
    }

    fn envelope_of(&self, key: &LaneKey) -> Option<Arc<str>> {
        self.lanes.look(key)?.envelope.clone()
    }

    /// What a lane waits for where it is held: its own lock domain, what stands above it, or a right.
    pub(super) fn domain_of(&self, key: &LaneKey) -> String {
        if let Some(right) = self.right_of(key) {
            return right;
        }
        let above = self.lanes.look(key).filter(|lane| lane.held_above).and_then(|lane| lane.envelope.as_deref());
        above.map_or_else(|| self.dialect.lock_domain(&key.resource), domain)
    }

    /// The wait for what stands above a lane is over, without a landing: everybody who waits with it looks for itself.
    pub(super) fn give_up_above(&mut self, key: &LaneKey) {
        if std::mem::take(&mut self.lane(key).held_above)
            && let Some(envelope) = self.envelope_of(key)
        {
            self.sifts.remove(&envelope);
            self.release_lock(&domain(&envelope));
        }
    }
}

/// The lock domain of what stands above the records of an envelope.
fn domain(envelope: &str) -> String {
    format!("envelope/{envelope}")
}
