//! Members that say a deed: a verb, carried out on the record as the members before it left it.

use super::Canvas;
use super::base;
use super::edit::not_found;
use super::fate::MemberFate;
use super::outcome::Outcome;
use crate::dialect::VerbError;
use crate::intent::Verb;
use crate::record::IntentRecord;
use ifmatch_merge::{Conflict, Pointer, diff, get, same};
use serde_json::Value;

impl Canvas<'_> {
    pub(super) fn take_verb(&mut self, record: &IntentRecord, verb: &Verb) -> Outcome {
        if self.ground.remote.is_none() {
            return Outcome::ended(not_found(record));
        }
        let schema = &self.ground.spec.schema;
        match self.ground.dialect.verb(&self.ground.spec.name, verb, &self.value) {
            Ok(value) => {
                let said = diff(schema, &self.value, &value);
                let mut outcome = Outcome {
                    fate: MemberFate::carried(),
                    changes: Vec::new(),
                    paths: said.iter().map(|change| change.path.clone()).collect(),
                    based: Vec::new(),
                    said: said.clone(),
                    is_value: false,
                    whole: None,
                };
                self.settle_edit(record, value, said, &[], &mut outcome);
                if let MemberFate::Review { conflict, .. } = &mut outcome.fate {
                    for note in conflict.iter_mut().filter(|note| note.base.is_none()) {
                        note.base = self.known_base(record, &note.path);
                    }
                }
                outcome
            }
            Err(VerbError::Invalid(error)) => {
                Outcome::ended(MemberFate::rejected("rejected/invalid", error.to_string()))
            }
            Err(VerbError::Missing(path)) => match self.follow_verb(record, verb, &path) {
                Ok(Some(verb)) => self.take_verb(record, &verb),
                Ok(None) if self.is_idle_exchange(record, verb, &path) => {
                    let reason = format!("{path} is not in the record, and was never seen there");
                    Outcome::ended(MemberFate::rejected("rejected/missing", reason))
                }
                Ok(None) => Outcome::ended(self.missing(&path)),
                Err(fate) => Outcome::ended(fate),
            },
            Err(VerbError::Refused(reason)) => Outcome::ended(MemberFate::review("review/rule", reason)),
            Err(VerbError::Misstep { reason, path, wanted }) => {
                Outcome::ended(self.misstep(record, reason, path, wanted))
            }
        }
    }

    /// Whether half of an exchange would give away what nobody has seen: there is nothing that a person could decide about it.
    fn is_idle_exchange(&self, record: &IntentRecord, verb: &Verb, path: &Pointer) -> bool {
        let was_here = self.removed.contains_key(path) || self.is_taken_away(path);
        !was_here && self.ground.dialect.exchange(&record.resource, verb).is_some()
    }

    /// What stood at a path when its source looked, as far as that is known: a verb has no base of its own.
    fn known_base(&self, record: &IntentRecord, path: &Pointer) -> Option<Value> {
        base::edit_base(&self.ground, record, path).known().cloned()
    }

    /// What the record does not allow, by its states or by what an element holds: a person sees what it would come to, what
    /// stands, and what stood, and may leave the target's.
    fn misstep(&self, record: &IntentRecord, reason: String, path: Pointer, wanted: Value) -> MemberFate {
        let remote = get(&self.ground.spec.schema, &self.value, &path).cloned();
        let left = record.status.decided.get(&path).is_some_and(|decided| {
            same(decided.remote.as_ref(), remote.as_ref()) && same(decided.value.as_ref(), remote.as_ref())
        });
        if left {
            let reason = "the target holds these values already".to_owned();
            return MemberFate::Satisfied { code: "satisfied/equal", reason };
        }
        let (remote_writer, local) = (self.writer_of(&path), Some(wanted));
        let base = self.known_base(record, &path);
        let conflict = Conflict { path, base, local, remote, remote_writer, stretches: Vec::new() };
        MemberFate::Review { code: "review/rule", reason, conflict: vec![conflict.into()], edits: Vec::new() }
    }

    /// An element that is not there: removed by an intent of ours, which is a final answer, or by
    /// somebody else, which is a person's matter.
    fn missing(&self, path: &Pointer) -> MemberFate {
        if let Some(culprit) = self.removed.get(path) {
            return MemberFate::Rejected {
                code: "rejected/removed",
                reason: format!("{path} was removed by {culprit}"),
                winner: Some(*culprit),
                conflict: Vec::new(),
            };
        }
        let conflict = Conflict {
            path: path.clone(),
            base: None,
            local: None,
            remote: None,
            remote_writer: self.ground.remote.and_then(|remote| remote.writer.clone()),
            stretches: Vec::new(),
        };
        MemberFate::Review {
            code: "review/missing",
            reason: format!("{path} is not in the record any more"),
            conflict: vec![conflict.into()],
            edits: Vec::new(),
        }
    }
}
