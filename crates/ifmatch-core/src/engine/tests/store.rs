//! The store of the tests: a map, which checks what it is asked to keep.

use crate::commit::{AttemptOutcome, AttemptRecord, Commit, Op, Recovery, Transition};
use crate::hash::Digest;
use crate::ids::{AttemptId, IntentId};
use crate::intent::Resource;
use crate::record::{Head, IntentRecord};
use crate::shadow::ResourceRow;
use crate::shared::Shared;
use crate::states::allows;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The store.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) intents: BTreeMap<IntentId, IntentRecord>,
    pub(super) rows: BTreeMap<Resource, Shared<ResourceRow>>,
    /// Every attempt that was recorded.
    pub(super) attempts: BTreeMap<AttemptId, Shared<AttemptRecord>>,
    /// Those without an outcome.
    pub(super) open: BTreeSet<AttemptId>,
    /// How the others ended.
    pub(super) outcomes: BTreeMap<AttemptId, AttemptOutcome>,
    pub(super) transitions: Vec<Transition>,
    aliases: BTreeMap<Resource, Resource>,
    pub(super) kept: BTreeMap<String, Value>,
}

impl Store {
    pub(super) fn apply(&mut self, commit: Commit) {
        for op in commit.ops {
            self.op(op);
        }
    }

    fn op(&mut self, op: Op) {
        match op {
            Op::Intake(intake) => {
                let taken = self.intents.insert(intake.record.id, intake.record);
                assert!(taken.is_none(), "an intent was taken in twice");
            }
            Op::Transition(transition) => self.transition(*transition),
            Op::Rename { intent, resource } => self.intents.get_mut(&intent).unwrap().resource = resource,
            Op::Attempt(record) => {
                self.open.insert(record.id);
                let before = self.attempts.insert(record.id, record);
                assert!(before.is_none(), "an attempt number was used twice");
            }
            Op::AttemptDone { id, outcome, .. } => {
                assert!(self.open.remove(&id), "{id:?} was not open");
                self.outcomes.insert(id, outcome);
            }
            Op::Resource(row) => {
                self.rows.insert(row.resource.clone(), row);
            }
            Op::Alias { from, to } => {
                self.aliases.insert(from, to);
            }
            Op::Keep { key, value: Some(value) } => {
                self.kept.insert(key, value);
            }
            Op::Keep { key, value: None } => {
                self.kept.remove(&key);
            }
            Op::Note { .. } => {}
        }
    }

    fn transition(&mut self, transition: Transition) {
        let Transition { intent, from, to, .. } = transition;
        let record = self.intents.get_mut(&intent).unwrap();
        assert_eq!(record.status.state, from, "{intent} leaves a state in which it is not");
        assert_eq!(transition.status.state, to);
        assert!(allows(from, to), "{from} → {to} is not in the table");
        assert_eq!(transition.status.settled_at.is_some(), to.is_terminal(), "{from} → {to}");
        record.status = transition.status.clone();
        self.transitions.push(transition);
    }

    pub(super) fn recover(&self) -> Recovery {
        let mut open: Vec<&IntentRecord> = self.intents.values().filter(|r| !r.status.state.is_terminal()).collect();
        open.sort_by_key(|record| record.order);
        let keyed = |record: &IntentRecord| {
            let key = record.intent.idempotency_key.as_ref()?;
            Some((record.source.clone(), Digest::of(key.as_bytes()).short(), record.intent.content(), record.id))
        };
        Recovery {
            open: open.into_iter().map(Head::of).collect(),
            attempts: self.open.iter().map(|id| self.attempts[id].clone()).collect(),
            keys: self.intents.values().filter_map(keyed).collect(),
            aliases: self.aliases.clone().into_iter().collect(),
            kept: self.kept.clone().into_iter().collect(),
            last_order: self.intents.values().map(|record| record.order).max().unwrap_or(0),
            last_attempt: self.attempts.keys().map(|id| id.0).max().unwrap_or(0),
        }
    }
}
