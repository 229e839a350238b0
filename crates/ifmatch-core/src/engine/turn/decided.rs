//! What persons decided about the members of a lane.

use super::super::lane::LaneKey;
use super::super::settle::Step;
use super::{Engine, Material, slipped};
use crate::effect::{Effect, Notice, Refusal};
use crate::hash::value_digest;
use crate::input::{Decision, DecisionAction};
use crate::record::{ConflictNote, Decided, IntentRecord};
use crate::states::State;
use ifmatch_merge::get;
use serde_json::Value;
use std::collections::BTreeMap;

impl Engine {
    /// Carries out what persons decided, where the values that they saw still stand.
    pub(in crate::engine) fn settle_decisions(
        &mut self,
        key: &LaneKey,
        material: &mut Material,
        remote: Option<&Value>,
    ) {
        for decision in std::mem::take(&mut self.lane(key).decisions) {
            let record = material.intents.iter_mut().find(|record| record.id == decision.intent);
            let Some(record) = record.filter(|record| record.status.state == State::Review) else {
                self.answer(&decision, Some(Refusal::NotInReview));
                continue;
            };
            let refusal = self.settle_decision(key, record, &decision, remote);
            self.answer(&decision, refusal);
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.free_joined(key, material);
    }

    pub(in crate::engine) fn answer(&mut self, decision: &Decision, refusal: Option<Refusal>) {
        let ticket = decision.ticket;
        let notice = match refusal {
            None => Notice::DecisionTaken { ticket },
            Some(refusal) => Notice::Refused { ticket, refusal },
        };
        self.commits.after(Effect::Notify(notice));
    }

    fn settle_decision(
        &mut self,
        key: &LaneKey,
        record: &mut IntentRecord,
        decision: &Decision,
        remote: Option<&Value>,
    ) -> Option<Refusal> {
        let why = decision.note.clone().unwrap_or_else(|| format!("decided by {}", decision.by));
        if decision.action == DecisionAction::Discard {
            self.transit(key, record, State::Discarded, Step::why("discarded/decision", why).by(&decision.by));
            return None;
        }
        let mut notes = record.status.conflict.clone();
        if decision.action == DecisionAction::Apply {
            let schema = &self.kind(&key.resource.kind).schema;
            let doubted = slipped::is_doubted(record);
            let mut moved = false;
            let mut decided = BTreeMap::new();
            for note in &mut notes {
                let current = remote.and_then(|remote| get(schema, remote, &note.path)).cloned();
                let seen = decision.seen.get(&note.path).copied().unwrap_or(note.seen);
                moved |= value_digest(current.as_ref()) != seen;
                let value =
                    if doubted { slipped::chosen(decision, note) } else { chosen(decision, note, current.as_ref()) };
                decided.insert(note.path.clone(), Decided { value, remote: current.clone() });
                note.seen = value_digest(current.as_ref());
                if !doubted {
                    note.remote = current;
                }
            }
            if moved {
                let code = record.status.code.clone().unwrap_or_default();
                self.transit(key, record, State::Queued, Step::default());
                let step = Step { conflict: notes, ..Step::why(&code, "the value moved since a person saw it") };
                self.transit(key, record, State::Review, step);
                return Some(Refusal::ConflictMoved);
            }
            record.status.decided = decided;
            if doubted {
                record.status.edits = slipped::decided_edits(record, &notes);
            }
        }
        self.transit(key, record, State::Queued, Step::why("queued/decision", why).by(&decision.by));
        None
    }
}

/// The value that a person chose for a path; the local side where nothing was said.
fn chosen(decision: &Decision, note: &ConflictNote, current: Option<&Value>) -> Option<Value> {
    match decision.choose.get(&note.path) {
        Some(Value::String(side)) if side == "remote" => current.cloned(),
        Some(Value::String(side)) if side == "earlier" && !note.candidates.is_empty() => {
            note.candidates.first().cloned()
        }
        Some(Value::String(side)) if side == "later" && !note.candidates.is_empty() => note.candidates.last().cloned(),
        Some(Value::Object(given)) => given.get("value").cloned(),
        _ => note.local.clone(),
    }
}
