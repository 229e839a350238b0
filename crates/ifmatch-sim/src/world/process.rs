//! What happens to the process as a whole: it ends, it stands still, the clock of its machine is set.

use ifmatch_core::{SignedDuration, Timestamp};

/// The process that serves a world, and its clock. Every org that it serves shares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    /// How often it ended and started again.
    pub(crate) crashes: u32,
    /// It stands still until this instant of the target's clock.
    pub(crate) still_until: Timestamp,
    /// How far its clock is behind the target's in this life, whatever is set.
    behind: SignedDuration,
    /// How far the clock of its machine is behind, where the next life begins from.
    machine: SignedDuration,
}

impl Process {
    pub(super) fn starting(now: Timestamp) -> Self {
        Self { crashes: 0, still_until: now, behind: SignedDuration::ZERO, machine: SignedDuration::ZERO }
    }

    /// What its clock shows at an instant of the target's.
    pub(super) fn reads(&self, now: Timestamp) -> Timestamp {
        now - self.behind
    }

    /// How far its clock is behind the target's in this life.
    pub(super) fn behind(&self) -> SignedDuration {
        self.behind
    }

    /// When its clock shows an instant of this life, on the target's clock.
    pub(crate) fn when(&self, at: Timestamp) -> Timestamp {
        at + self.behind
    }

    /// Somebody sets the clock of the machine forward.
    pub(super) fn set(&mut self, by: SignedDuration) {
        self.machine -= by;
    }

    pub(super) fn stand_still(&mut self, until: Timestamp) {
        self.still_until = self.still_until.max(until);
    }

    /// A new life: nothing of the old one's standstill is left, and the clock is the machine's.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.crashes += 1;
        self.still_until = now;
        self.behind = self.machine;
    }
}
