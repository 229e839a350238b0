//! What happens to the process as a whole: it ends, it stands still, its clock is set back.

use ifmatch_core::{SignedDuration, Timestamp};

/// The process that serves a world, and its clock. Every org that it serves shares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    /// How often it ended and started again.
    pub(crate) crashes: u32,
    /// It stands still until this instant of the target's clock.
    pub(crate) still_until: Timestamp,
    /// How far its clock is behind the target's.
    behind: SignedDuration,
    /// The latest instant that it read: its clock never runs backwards, it stands instead.
    latest: Timestamp,
}

impl Process {
    pub(super) fn starting(now: Timestamp) -> Self {
        Self { crashes: 0, still_until: now, behind: SignedDuration::ZERO, latest: now }
    }

    /// What its clock shows at an instant of the target's.
    pub(super) fn reads(&mut self, now: Timestamp) -> Timestamp {
        self.latest = self.latest.max(now - self.behind);
        self.latest
    }

    /// When its clock shows an instant, on the target's clock.
    pub(crate) fn when(&self, at: Timestamp) -> Timestamp {
        at + self.behind
    }

    pub(super) fn set_back(&mut self, by: SignedDuration) {
        self.behind += by;
    }

    pub(super) fn stand_still(&mut self, until: Timestamp) {
        self.still_until = self.still_until.max(until);
    }

    /// A new life: nothing of the old one's standstill or reading is left. The clock stays as it is.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.crashes += 1;
        self.still_until = now;
        self.latest = now - self.behind;
    }
}
