//! What a world's store can suffer, beside what every store does.

use ifmatch_core::{Commit, OrgName};
use ifmatch_store::{MemoryStore, Store};

/// A store and what happens to the disk under it.
pub trait Disk: Store {
    /// The next `n` commits fail and store nothing.
    fn fail_next_commits(&mut self, n: u32);

    /// The process ends while these commits are being written: a part of their bytes is on the disk,
    /// and nobody was told that they are durable.
    fn tear(&mut self, org: &OrgName, commits: &[Commit]);

    /// The process ends and starts again: what is read from here on comes from the disk alone.
    fn restart(&mut self);
}

/// Memory has no half-written commits, and holds committed state only.
impl Disk for MemoryStore {
    fn fail_next_commits(&mut self, n: u32) {
        Self::fail_next_commits(self, n);
    }

    fn tear(&mut self, _org: &OrgName, _commits: &[Commit]) {}

    fn restart(&mut self) {}
}
