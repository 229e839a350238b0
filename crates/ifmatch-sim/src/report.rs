//! What a run came to.

use crate::checkers::{Reviews, Violation};
use crate::log::EventLog;
use crate::script::Setup;
use crate::world::World;
use ifmatch_core::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    /// What it started from.
    pub setup: Setup,
    /// What happened.
    pub log: EventLog,
    /// The promises that did not hold.
    pub violations: Vec<Violation>,
    /// The figures.
    pub tally: Tally,
}

/// The figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Intents that were accepted, by where they ended.
    pub states: BTreeMap<State, u64>,
    /// Reviews that are open, by code.
    pub reviews: BTreeMap<String, u64>,
    /// All that were opened, by what for.
    pub opened: Reviews,
    /// HTTP requests that reached the target, tokens left out.
    pub requests: u64,
    /// Answers 429.
    pub throttled: u64,
    /// Requests sent before a `Retry-After` ended.
    pub early: u64,
    /// Inputs that the engine took.
    pub inputs: u64,
    /// How often the process crashed.
    pub crashes: u32,
    /// Seconds of virtual time.
    pub seconds: u64,
}

impl Tally {
    /// The figures of a run that ended.
    pub(crate) fn of(world: &mut World) -> Self {
        let states = world.store.borrow_mut().counts(&world.org()).unwrap_or_default();
        let mut reviews: BTreeMap<String, u64> = BTreeMap::new();
        for status in world.told.values().filter(|status| status.state == State::Review) {
            *reviews.entry(status.code.clone().unwrap_or_default()).or_default() += 1;
        }
        let stats = world.sandbox.stats();
        Self {
            states,
            reviews,
            opened: Reviews::default(),
            requests: stats.requests,
            throttled: stats.throttled,
            early: stats.early,
            inputs: world.inputs,
            crashes: world.process.crashes,
            seconds: world.now.duration_since(world.start).as_secs().max(0).unsigned_abs(),
        }
    }

    /// Adds the figures of another org of the same process.
    pub(crate) fn add(&mut self, other: &Self) {
        for (state, count) in &other.states {
            *self.states.entry(*state).or_default() += count;
        }
        for (code, count) in &other.reviews {
            *self.reviews.entry(code.clone()).or_default() += count;
        }
        self.opened.add(&other.opened);
        self.requests += other.requests;
        self.throttled += other.throttled;
        self.early += other.early;
        self.inputs += other.inputs;
        self.crashes = self.crashes.max(other.crashes);
        self.seconds = self.seconds.max(other.seconds);
    }

    /// How many intents ended in a state.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        self.states.get(&state).copied().unwrap_or(0)
    }
}

/// A failure as a file: what the run started from, what happened, what was violated.
#[derive(Debug, Serialize, Deserialize)]
pub struct Replay {
    /// What the run starts from.
    pub setup: Setup,
    /// How many ops the run had before it was made small; absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ops_before: Option<usize>,
    /// What was violated, for the reader.
    pub violations: Vec<Violation>,
    /// What happened; a replay must go the same way.
    pub log: EventLog,
}

impl Report {
    /// The report as a file to replay.
    #[must_use]
    pub fn to_replay(&self) -> Replay {
        Replay {
            setup: self.setup.clone(),
            ops_before: None,
            violations: self.violations.clone(),
            log: self.log.clone(),
        }
    }

    /// The failure as a file, made small first: see [`crate::shrink()`].
    #[must_use]
    pub fn to_small_replay(&self) -> Replay {
        let small = crate::run(crate::shrink(&self.setup));
        Replay { ops_before: Some(self.setup.ops.len()), ..small.to_replay() }
    }
}

/// Why a file cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayError {
    /// The file is no replay.
    Unreadable(String),
    /// The run went another way than the file says.
    Differs {
        /// The command that draws the world anew.
        world: String,
        /// The first line that differs, from 1.
        line: usize,
        /// What the file says.
        expected: String,
        /// What happened.
        found: String,
    },
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the file is no replay: {why}"),
            Self::Differs { line, expected, found, .. } => {
                write!(f, "line {line} differs: the file says {expected:?}, the run {found:?}")
            }
        }
    }
}

impl std::error::Error for ReplayError {}
