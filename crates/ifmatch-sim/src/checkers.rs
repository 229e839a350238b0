//! The judges: what the sandbox's ledger, the store and the callers say, held against the promises.
//!
//! Nothing here asks the engine. One promise, one file.

mod accounted;
mod audit;
mod barrier;
mod budget;
mod evidence;
mod fairness;
mod isolation;
mod lost_edit;
mod needless;
mod once;
mod order;
mod reference;
#[cfg(test)]
mod rig;
mod single_writer;

use crate::world::World;
use serde::{Deserialize, Serialize};

pub(crate) use evidence::Evidence;

/// A promise that did not hold in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The promise, `P1` to `P8`; `needless` for a review without need, `order` for the order per lane,
    /// `fairness` between sources, `barrier` for what a publish carries, `reference` for what a plain fold over the intents says.
    pub promise: String,
    /// What happened, with ids, so that it is found in the log.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(promise: &str, what: impl Into<String>) -> Self {
        Self { promise: promise.to_owned(), what: what.into() }
    }
}

/// Judges a run that ended.
#[must_use]
pub fn judge(world: &mut World) -> Vec<Violation> {
    let evidence = Evidence::gather(world);
    let mut violations = Vec::new();
    accounted::judge(world, &evidence, &mut violations);
    lost_edit::judge(world, &evidence, &mut violations);
    once::judge(world, &evidence, &mut violations);
    needless::judge(world, &evidence, &mut violations);
    order::judge(&evidence, &mut violations);
    reference::judge(world, &evidence, &mut violations);
    budget::judge(world, &mut violations);
    fairness::judge(world, &evidence, &mut violations);
    single_writer::judge(world, &evidence, &mut violations);
    audit::judge(world, &mut violations);
    barrier::judge(world, &evidence, &mut violations);
    violations
}

/// Judges what the orgs of one process have of one another.
pub(crate) fn judge_isolation(worlds: &[World]) -> Vec<Violation> {
    isolation::judge(worlds)
}
