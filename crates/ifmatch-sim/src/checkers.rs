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
use ifmatch_audit::Leaf;
use ifmatch_core::{IntentId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// Judges the worlds of a process whose run ended.
#[must_use]
pub fn judge(worlds: &mut [World]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut gathered = Vec::with_capacity(worlds.len());
    for world in worlds.iter_mut() {
        let leaves = audit::judge(world, &mut violations);
        let mut evidence = Evidence::gather(world);
        evidence.decided = decided(&leaves);
        judge_world(world, &evidence, &leaves, &mut violations);
        gathered.push(evidence);
    }
    for (world, evidence) in worlds.iter().zip(&gathered) {
        isolation::judge(world, evidence, &mut violations);
    }
    violations
}

fn judge_world(world: &World, evidence: &Evidence, leaves: &[Leaf], violations: &mut Vec<Violation>) {
    accounted::judge(world, evidence, violations);
    lost_edit::judge(world, evidence, violations);
    once::judge(world, evidence, violations);
    needless::judge(world, evidence, violations);
    order::judge(evidence, violations);
    reference::judge(world, evidence, violations);
    budget::judge(world, violations);
    single_writer::judge(world, evidence, violations);
    let held = held_until(leaves);
    fairness::judge(world, evidence, &held, violations);
    barrier::judge(world, evidence, &held, violations);
}

/// The intents that a person had go on, by the log.
fn decided(leaves: &[Leaf]) -> BTreeSet<IntentId> {
    let by_person = leaves.iter().filter(|leaf| leaf.body["code"] == "queued/decision");
    by_person.filter_map(|leaf| leaf.body["intent"].as_str()?.parse().ok()).collect()
}

/// Until when each intent was held back by something else than the budget, by the log.
fn held_until(leaves: &[Leaf]) -> BTreeMap<IntentId, Timestamp> {
    let mut held: BTreeMap<IntentId, Timestamp> = BTreeMap::new();
    for leaf in leaves {
        let text = |name: &str| leaf.body[name].as_str().unwrap_or_default();
        let waits = matches!(text("from"), "parked" | "deferred" | "review" | "ambiguous" | "tracking");
        if let Ok(id) = text("intent").parse()
            && waits
        {
            held.insert(id, leaf.at);
        }
    }
    held
}
