//! What came of one strategy's run of one world.

use ifmatch_core::State;
use ifmatch_sandbox::{LedgerEntry, Sandbox, Stats};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an item came to, as its sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The target took it.
    Landed,
    /// The target held it already.
    Satisfied,
    /// A newer wish of the same source says it all.
    Superseded,
    /// It cannot be carried out, and the sender is told why.
    Rejected,
    /// Its deadline passed.
    Expired,
    /// It was called off.
    Cancelled,
    /// It was given up.
    Discarded,
    /// A person must decide.
    Review,
    /// It did not end in time.
    Pending,
}

impl End {
    /// Every end, in the order in which reports list them.
    pub const ALL: [Self; 9] = [
        Self::Landed,
        Self::Satisfied,
        Self::Superseded,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
        Self::Discarded,
        Self::Review,
        Self::Pending,
    ];

    /// Whether the caller gets what it wanted without a person.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Landed | Self::Satisfied | Self::Superseded)
    }

    /// The end that a state of an intent is; what is under way is pending.
    #[must_use]
    pub fn of(state: State) -> Self {
        match state {
            State::Landed => Self::Landed,
            State::Satisfied => Self::Satisfied,
            State::Superseded => Self::Superseded,
            State::Rejected => Self::Rejected,
            State::Expired => Self::Expired,
            State::Cancelled => Self::Cancelled,
            State::Discarded => Self::Discarded,
            State::Review => Self::Review,
            _ => Self::Pending,
        }
    }
}

/// What one item came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// As its sender is told.
    pub end: End,
    /// When, in milliseconds since the start.
    pub at_ms: i64,
    /// Whether it was written at all.
    pub was_tried: bool,
    /// Whether the target refused the first write that carried it with 409, 412 or 400 for the version.
    pub first_refused: bool,
}

/// What a source truly saw of the record before it spoke of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// The record as it saw it.
    pub saw: Value,
    /// The record as it believed it to be: what it saw, with its own words since.
    pub believed: Value,
}

/// What a run left in the target.
#[derive(Debug, Clone)]
pub struct Traces {
    /// Every accepted write, people's included.
    pub ledger: Vec<Arc<LedgerEntry>>,
    /// What the target counted.
    pub stats: Stats,
    /// The start, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// Edits of people that the target took.
    pub edits: usize,
}

impl Traces {
    /// What a target shows at the end of a run.
    #[must_use]
    pub fn of(sandbox: &Sandbox, start_ms: i64, edits: usize) -> Self {
        Self { ledger: sandbox.ledger().to_vec(), stats: sandbox.stats(), start_ms, edits }
    }
}

/// What came of one strategy's run of one world.
#[derive(Debug, Clone)]
pub struct Course {
    /// Every accepted write in the target, people's included.
    pub ledger: Vec<Arc<LedgerEntry>>,
    /// What the target counted.
    pub stats: Stats,
    /// The start, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// What each item came to, in the order of the items.
    pub ended: Vec<Ended>,
    /// What each item's source truly saw, in the order of the items.
    pub told: Vec<Told>,
    /// The items that each ledger entry carries, by the entry's number.
    pub made: BTreeMap<u64, Vec<usize>>,
    /// Edits of people that the target took.
    pub edits: usize,
    /// Reviews without need, as the simulator's own checkers find them; only ifmatch has reviews.
    pub needless_reviews: u64,
    /// What the simulator's own checkers found beyond that; empty for loops, which promise nothing.
    pub violations: Vec<String>,
}
