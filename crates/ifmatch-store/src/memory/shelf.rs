//! What the memory store holds of one org, and how a group of commits is applied or undone.

use crate::body::{intake_body, key_row, transition_body};
use crate::contract::{APART, StoredAttempt};
use crate::error::StoreError;
use ifmatch_audit::{Chain, Kind, Record};
use ifmatch_core::{
    AttemptId, AttemptOutcome, AttemptRecord, Commit, Digest, Head, Intake, IntentId, IntentRecord, IntentStatus, Op,
    OrgName, Recovery, Resource, ResourceRow, Shared, Timestamp, Transition,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// One org.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    /// By place in the order of acceptance.
    pub(super) intents: BTreeMap<u64, IntentRecord>,
    /// The digest of what each intent asks for, as its intake brought it.
    contents: BTreeMap<u64, Digest>,
    places: BTreeMap<IntentId, u64>,
    pub(super) attempts: BTreeMap<AttemptId, StoredAttempt>,
    pub(super) rows: BTreeMap<Resource, Shared<ResourceRow>>,
    aliases: BTreeMap<Resource, Resource>,
    pub(super) kept: BTreeMap<String, Value>,
    pub(super) log: Vec<Record>,
    pub(super) chain: Chain,
}

/// What a change replaced, so that it can be put back.
enum Undo {
    Intake(u64, IntentId),
    Status(u64, Shared<IntentStatus>),
    Name(u64, Resource),
    Attempt(AttemptId),
    Outcome(AttemptId),
    Row(Resource, Option<Shared<ResourceRow>>),
    Alias(Resource, Option<Resource>),
    Keep(String, Option<Value>),
    /// The log is cut as a whole.
    Note,
}

impl Shelf {
    pub(super) fn new(org: &OrgName) -> Self {
        Self {
            intents: BTreeMap::new(),
            contents: BTreeMap::new(),
            places: BTreeMap::new(),
            attempts: BTreeMap::new(),
            rows: BTreeMap::new(),
            aliases: BTreeMap::new(),
            kept: BTreeMap::new(),
            log: Vec::new(),
            chain: Chain::new(org.as_str()),
        }
    }

    pub(super) fn intent(&self, id: IntentId) -> Option<&IntentRecord> {
        self.intents.get(self.places.get(&id)?)
    }

    pub(super) fn recovery(&self) -> Recovery {
        let open = self.intents.values().filter(|record| !record.status.state.is_terminal());
        let attempts = self.attempts.values().filter(|attempt| attempt.outcome.is_none());
        let keyed = self.intents.values().zip(self.contents.values());
        Recovery {
            open: open.map(Head::of).collect(),
            attempts: attempts.map(|attempt| attempt.record.clone()).collect(),
            keys: keyed.filter_map(|(record, content)| key_row(record, *content)).collect(),
            aliases: self.aliases.iter().map(|(from, to)| (from.clone(), to.clone())).collect(),
            kept: self
                .kept
                .iter()
                .filter(|(key, _)| !key.starts_with(APART))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            last_order: self.intents.keys().next_back().copied().unwrap_or(0),
            last_attempt: self.attempts.keys().next_back().map_or(0, |attempt| attempt.0),
        }
    }

    /// Applies a group of commits, or leaves everything as it was.
    pub(super) fn apply(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        let (size, chain) = (self.log.len(), self.chain.clone());
        let mut undo = Vec::new();
        let applied = commits
            .iter()
            .flat_map(|commit| &commit.ops)
            .try_for_each(|op| self.op(org, op).map(|step| undo.push(step)));
        if applied.is_err() {
            undo.into_iter().rev().for_each(|step| self.undo(step));
            self.log.truncate(size);
            self.chain = chain;
        }
        applied
    }

    fn op(&mut self, org: &OrgName, op: &Op) -> Result<Undo, StoreError> {
        match op {
            Op::Intake(intake) => self.intake(org, intake),
            Op::Transition(transition) => self.transition(transition),
            Op::Rename { intent, resource } => self.rename(org, *intent, resource),
            Op::Attempt(record) => self.attempt(record),
            Op::AttemptDone { id, outcome, at } => self.attempt_done(*id, outcome, *at),
            Op::Resource(row) => {
                StoreError::same_org(org, &row.resource)?;
                let before = self.rows.insert(row.resource.clone(), row.clone());
                Ok(Undo::Row(row.resource.clone(), before))
            }
            Op::Alias { from, to } => {
                StoreError::same_org(org, from)?;
                StoreError::same_org(org, to)?;
                Ok(Undo::Alias(from.clone(), self.aliases.insert(from.clone(), to.clone())))
            }
            Op::Keep { key, value } => {
                let before = match value {
                    Some(value) => self.kept.insert(key.clone(), value.clone()),
                    None => self.kept.remove(key),
                };
                Ok(Undo::Keep(key.clone(), before))
            }
            Op::Note { at, note } => {
                self.log.push(self.chain.append(*at, Kind::Note, note.clone()));
                Ok(Undo::Note)
            }
        }
    }

    fn intake(&mut self, org: &OrgName, intake: &Intake) -> Result<Undo, StoreError> {
        let record = &intake.record;
        StoreError::same_org(org, &record.resource)?;
        if self.places.contains_key(&record.id) {
            return Err(StoreError::inconsistent("head", "id", record.id, "a new intent", "a stored one"));
        }
        if self.intents.contains_key(&record.order) {
            return Err(StoreError::inconsistent("head", "place", record.id, "a free place", record.order));
        }
        self.log.push(self.chain.append(record.accepted_at, Kind::Intake, intake_body(intake)));
        self.places.insert(record.id, record.order);
        self.intents.insert(record.order, record.clone());
        self.contents.insert(record.order, intake.content);
        Ok(Undo::Intake(record.order, record.id))
    }

    fn transition(&mut self, transition: &Transition) -> Result<Undo, StoreError> {
        let record = self.stored(transition.intent)?;
        StoreError::fits(transition, record.status.state)?;
        let before = std::mem::replace(&mut record.status, transition.status.clone());
        let undo = Undo::Status(record.order, before);
        let body = transition_body(transition, &record.source, &record.resource);
        self.log.push(self.chain.append(transition.at, Kind::Transition, body));
        Ok(undo)
    }

    fn rename(&mut self, org: &OrgName, id: IntentId, resource: &Resource) -> Result<Undo, StoreError> {
        StoreError::same_org(org, resource)?;
        let record = self.stored(id)?;
        let before = std::mem::replace(&mut record.resource, resource.clone());
        Ok(Undo::Name(record.order, before))
    }

    fn attempt(&mut self, record: &Shared<AttemptRecord>) -> Result<Undo, StoreError> {
        if self.attempts.contains_key(&record.id) {
            return Err(StoreError::inconsistent("attempt", "place", record.id.0, "a new attempt", "a stored one"));
        }
        for id in &record.intents {
            self.stored(*id)?;
        }
        let stored = StoredAttempt { record: record.clone(), outcome: None, ended_at: None };
        self.attempts.insert(record.id, stored);
        Ok(Undo::Attempt(record.id))
    }

    fn attempt_done(&mut self, id: AttemptId, outcome: &AttemptOutcome, at: Timestamp) -> Result<Undo, StoreError> {
        let wrong = |found| StoreError::inconsistent("attempt", "outcome", id.0, "an open attempt", found);
        let stored = self.attempts.get_mut(&id).ok_or_else(|| wrong("no attempt"))?;
        if stored.outcome.is_some() {
            return Err(wrong("an ended one"));
        }
        stored.outcome = Some(outcome.clone());
        stored.ended_at = Some(at);
        Ok(Undo::Outcome(id))
    }

    fn stored(&mut self, id: IntentId) -> Result<&mut IntentRecord, StoreError> {
        let place = self.places.get(&id).ok_or_else(|| StoreError::no_intent(id))?;
        Ok(self.intents.get_mut(place).expect("every place known by id is taken"))
    }

    fn at(&mut self, place: u64) -> &mut IntentRecord {
        self.intents.get_mut(&place).expect("what was changed is there")
    }

    fn undo(&mut self, step: Undo) {
        match step {
            Undo::Intake(place, id) => {
                self.places.remove(&id);
                self.intents.remove(&place);
                self.contents.remove(&place);
            }
            Undo::Status(place, before) => self.at(place).status = before,
            Undo::Name(place, before) => self.at(place).resource = before,
            Undo::Attempt(id) => drop(self.attempts.remove(&id)),
            Undo::Outcome(id) => {
                let stored = self.attempts.get_mut(&id).expect("an attempt that ended is stored");
                (stored.outcome, stored.ended_at) = (None, None);
            }
            Undo::Row(resource, before) => put_back(&mut self.rows, resource, before),
            Undo::Alias(from, before) => put_back(&mut self.aliases, from, before),
            Undo::Keep(key, before) => put_back(&mut self.kept, key, before),
            Undo::Note => {}
        }
    }
}

fn put_back<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(before) => map.insert(key, before),
        None => map.remove(&key),
    };
}
