//! P8: the log is whole, and replaying it gives the state that the store shows.

use super::{Evidence, Violation};
use crate::world::World;
use ifmatch_audit::{Leaf, Verifier};
use ifmatch_core::{IntentId, State, Timestamp};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn judge(evidence: &Evidence, out: &mut Vec<Violation>) {
    if let Some(fault) = &evidence.trail.fault {
        return out.push(Violation::new("P8", fault));
    }
    let mut last: BTreeMap<IntentId, State> = BTreeMap::new();
    for leaf in &evidence.trail.leaves {
        last.insert(leaf.body.intent, leaf.body.to.unwrap_or(State::Accepted));
    }
    for record in evidence.intents.values() {
        let said = last.get(&record.id).copied();
        if said != Some(record.status.state) {
            let said = said.map_or("nothing", State::as_str);
            let what = format!("{} is {} and the log says {said}", record.id, record.status.state);
            out.push(Violation::new("P8", what));
        }
    }
}

/// What the judges want to know of a leaf.
#[derive(Deserialize)]
struct Said {
    intent: IntentId,
    /// The state that it left; none where it was accepted.
    from: Option<State>,
    /// The state that it entered; none where it was accepted.
    to: Option<State>,
    code: Option<String>,
}

/// The log of an org, verified.
#[derive(Default)]
pub(crate) struct Trail {
    /// As far as it is sound.
    leaves: Vec<Leaf<Said>>,
    /// What is wrong with it, if anything is.
    fault: Option<String>,
}

impl Trail {
    pub(super) fn read(world: &World) -> Self {
        let org = world.org();
        let records = world.store.borrow_mut().audit(&org, 0, usize::MAX).expect("the memory store can be read");
        let checkpoint = world.store.borrow_mut().checkpoint(&org).expect("the memory store can be read");
        let mut verifier = Verifier::new(&world.setup.org);
        let mut leaves = Vec::with_capacity(records.len());
        for record in &records {
            match verifier.check_for(record) {
                Ok(leaf) => leaves.push(leaf),
                Err(fault) => return Self { leaves, fault: Some(fault.to_string()) },
            }
        }
        let fault = verifier.end(&checkpoint).err().map(|fault| fault.to_string());
        Self { leaves, fault }
    }

    /// The intents that a person had go on.
    pub(super) fn decided(&self) -> BTreeSet<IntentId> {
        self.coded("queued/decision")
    }

    /// The intents that ever stood in a case.
    pub(super) fn coded(&self, code: &str) -> BTreeSet<IntentId> {
        let coded = self.leaves.iter().filter(|leaf| leaf.body.code.as_deref() == Some(code));
        coded.map(|leaf| leaf.body.intent).collect()
    }

    /// The intents that went to a person since nobody could tell whether a write of them had landed. What takes back half a
    /// pair says then which half stands.
    pub(super) fn doubted(&self) -> BTreeSet<IntentId> {
        let codes = ["review/undecided", "review/ambiguity_exhausted"];
        let doubted = |said: &&Said| {
            let code = said.code.as_deref().unwrap_or_default();
            let ambiguous = said.from == Some(State::Ambiguous) && code == "review/half_pair";
            said.to == Some(State::Review) && (ambiguous || codes.contains(&code))
        };
        self.leaves.iter().map(|leaf| &leaf.body).filter(doubted).map(|said| said.intent).collect()
    }

    /// Until when each intent was held back by something else than the budget.
    pub(super) fn held_until(&self) -> BTreeMap<IntentId, Timestamp> {
        let mut held: BTreeMap<IntentId, Timestamp> = BTreeMap::new();
        for leaf in &self.leaves {
            use State::{Ambiguous, Deferred, Parked, Review, Tracking};
            if matches!(leaf.body.from, Some(Parked | Deferred | Review | Ambiguous | Tracking)) {
                held.insert(leaf.body.intent, leaf.at);
            }
        }
        held
    }
}
