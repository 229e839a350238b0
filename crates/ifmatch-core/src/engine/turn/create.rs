//! A record that shall exist: made once, and found again when it is not clear whether it was made.

use super::super::lane::{LaneKey, Wake};
use super::super::settle::Step;
use super::silent::Borne;
use super::{Engine, Material, only_fact};
use crate::commit::{AttemptOutcome, AttemptRecord, Op, Share};
use crate::dialect::{Call, Creation, Fact, Precondition, Reply, WriteItem};
use crate::effect::Effect;
use crate::evidence::{Class, Evidence};
use crate::ids::TurnId;
use crate::intent::{Change, Name, Resource};
use crate::plan::MemberFate;
use crate::record::{IntentRecord, Settled};
use crate::shadow::{ResourceRow, Snapshot};
use crate::shared::Shared;
use crate::silent::{Check, Dropped, touches};
use crate::states::State;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// A record that was found to be the one meant.
#[derive(Debug)]
pub(in crate::engine) struct Adoption {
    to: LaneKey,
    attempt: Option<Shared<AttemptRecord>>,
    snapshot: Snapshot,
    /// Whether our attempt made it.
    made: bool,
    /// What the answer shows otherwise than it was to be made.
    lost: Vec<Dropped>,
    /// Whether a read must show what was made.
    borne: Borne,
}

impl Engine {
    /// Composes the members onto nothing and creates the record.
    pub(super) fn create(&mut self, turn: TurnId, key: &LaneKey) {
        let mut material = self.take_material(turn, key);
        self.settle_decisions(key, &mut material, None);
        if !material.intents.iter().any(|record| self.is_active(record)) {
            self.put_material(turn, key, material);
            return self.free(turn, key);
        }
        let plan = self.compose_lane(key, &material, None);
        if let Some(row) = plan.row {
            material.row_changed = true;
            material.row = row.into();
        }
        if self.must_look_up(key, &material) {
            self.put_material(turn, key, material);
            let creation = Creation { resource: key.resource.clone(), value: key_fields(&key.resource) };
            return self.ask(turn, Call::Lookup(creation));
        }
        if self.looks_first(key) && plan.fates.iter().any(|(_, fate)| matches!(fate, MemberFate::Carried { .. })) {
            self.put_material(turn, key, material);
            let creation = Creation { resource: key.resource.clone(), value: Arc::unwrap_or_clone(plan.to) };
            return self.ask(turn, Call::Lookup(creation));
        }
        let mut carried = false;
        for (id, fate) in plan.fates {
            carried |= matches!(fate, MemberFate::Carried { .. });
            let record = material.intents.iter_mut().find(|record| record.id == id).expect("a fate has its member");
            self.meet_fate(key, record, fate);
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.put_material(turn, key, material);
        if !carried {
            return self.free(turn, key);
        }
        let creation = Creation { resource: key.resource.clone(), value: Arc::unwrap_or_clone(plan.to) };
        let record = self.attempt_for(Call::Create(creation), plan.shares);
        self.write(turn, record);
    }

    pub(super) fn on_created(&mut self, turn: TurnId, attempt: &AttemptRecord, reply: Reply) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        match only_fact(reply) {
            Fact::Written(written) => match written.id.clone() {
                Some(id) if written.existed => self.meet(turn, &key, Some(attempt), &id, &written.snapshot, true),
                Some(id) => {
                    self.told_by_copy(&key, attempt);
                    let shown = self.made_otherwise(&key, &as_item(attempt, &key.resource), &written);
                    self.adopt_record(turn, &key, Some(attempt), &id, &written.snapshot, true);
                    self.note_made(turn, shown);
                }
                None => self.look_up(turn, &key, attempt),
            },
            Fact::Refused(evidence) if matches!(evidence.class, Class::Duplicate | Class::AlreadyDone) => {
                self.look_up(turn, &key, attempt);
            }
            Fact::Refused(evidence) if self.lane(&key).unresolved.is_some() => {
                // The same creation again, refused for a reason of its own: the look-up tells.
                if evidence.class != Class::Throttled && evidence.class != Class::Unauthorised {
                    self.back_off(&key);
                }
                self.free(turn, &key);
            }
            Fact::Refused(evidence) => {
                let label = evidence.label.clone();
                if evidence.class == Class::Ambiguous {
                    self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::Split, at: self.now });
                    return self.make_ambiguous(turn, attempt, vec![(key, evidence)]);
                }
                self.commits.op(Op::AttemptDone {
                    id: attempt.id,
                    outcome: AttemptOutcome::Answered(label),
                    at: self.now,
                });
                self.write_refused(turn, &key, attempt, &evidence);
            }
            Fact::Observed(_) | Fact::Absent | Fact::Found(_) | Fact::Operation(_) | Fact::Processing(_) => {
                let evidence = Evidence::bare(Class::Ambiguous, "no result", "the answer does not say what was made");
                self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::Split, at: self.now });
                self.make_ambiguous(turn, attempt, vec![(key, evidence)]);
            }
        }
    }

    /// Something with this key exists: which one is it?
    fn look_up(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        let Call::Create(creation) = &attempt.call else { return };
        let creation = creation.clone();
        // The refusal says that this very attempt made nothing; an earlier copy of it may have.
        let (old, mut record) = self.renumbered(attempt);
        record.resends = attempt.resends;
        record.refused = attempt.resends == 0 && self.lane(key).unresolved.is_none();
        self.commits.op(Op::AttemptDone { id: old, outcome: AttemptOutcome::Split, at: self.now });
        self.commits.op(Op::Attempt(record.clone()));
        self.lane(key).unresolved = Some(record);
        self.ask(turn, Call::Lookup(creation));
    }

    pub(super) fn on_found(&mut self, turn: TurnId, creation: &Creation, reply: Reply) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        let attempt = self.lane(&key).unresolved.clone();
        match only_fact(reply) {
            Fact::Found(found) => {
                let own = self.dialect.own_id(creation);
                let is_own = |id: &str| own.as_deref().is_none_or(|own| own == id);
                let mut same: Vec<&(String, Snapshot)> = found.iter().collect();
                same.retain(|(_, snapshot)| self.dialect.is_same(creation, &snapshot.value));
                let same = same.iter().find(|(id, _)| is_own(id)).or(same.first()).copied();
                match (same, found.first()) {
                    (Some((id, _)), _) if !is_own(id) && self.may_come(turn, attempt.as_deref()) => {
                        self.back_off(&key);
                        self.free(turn, &key);
                    }
                    (Some((id, snapshot)), _) => self.meet(turn, &key, attempt.as_deref(), id, snapshot, false),
                    (None, Some((id, _))) => self.key_taken(turn, &key, attempt.as_deref(), id),
                    (None, None) => self.unseen(turn, &key, attempt.as_deref()),
                }
            }
            Fact::Refused(evidence) => self.read_refused(turn, &key, &evidence),
            Fact::Absent => self.unseen(turn, &key, attempt.as_deref()),
            Fact::Observed(_) | Fact::Written(_) | Fact::Operation(_) | Fact::Processing(_) => {
                self.unreadable(turn, &key)
            }
        }
    }

    /// Whether a creation of ours may still come to light: somebody else's record with the same natural key does not tell
    /// that it has made none.
    fn may_come(&self, turn: TurnId, attempt: Option<&AttemptRecord>) -> bool {
        let seen = |attempt: &AttemptRecord| attempt.horizon + self.config.limits.lag_wait;
        attempt.is_some_and(|attempt| !attempt.refused && self.asked_at(turn) <= seen(attempt))
    }

    /// A record that exists answers to the creation: ours, or one that was there before.
    fn meet(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: Option<&AttemptRecord>,
        id: &str,
        snapshot: &Snapshot,
        answered: bool,
    ) {
        if self.is_anothers(&key.resource, id) {
            return self.key_taken(turn, key, attempt, id);
        }
        let schema = &self.kind(&key.resource.kind).schema;
        let made = attempt.is_some_and(|attempt| {
            let written = attempt.written(&key.resource);
            let equal =
                attempt.shares.iter().all(|share| share.is_in(&*self.dialect, schema, written, &snapshot.value));
            equal || answered || !attempt.refused
        });
        let own = attempt.and_then(|attempt| match &attempt.call {
            Call::Create(creation) => self.dialect.own_id(creation),
            _ => None,
        });
        let made = made && own.is_none_or(|own| own == id);
        // What was made before under another name was not made again.
        let made = made && !self.is_known_as(&key.resource, id);
        // Nobody has written since it was made, so what it holds is what the target made of it.
        let untouched = made && !answered && snapshot.version.is_some_and(|version| version <= 1);
        let made_by = attempt.filter(|_| untouched);
        let lost = made_by.map(|attempt| self.dropped(key, &as_item(attempt, &key.resource), snapshot));
        self.adopt_record(turn, key, attempt, id, snapshot, made);
        self.note_made(turn, (lost.unwrap_or_default(), Borne::Settled));
    }

    /// Keeps what is known of how a record was made until what is known of it is loaded.
    fn note_made(&mut self, turn: TurnId, (lost, borne): (Vec<Dropped>, Borne)) {
        if let Some(adoption) = self.turns.get_mut(&turn).and_then(|turn| turn.adoption.as_mut()) {
            (adoption.lost, adoption.borne) = (lost, borne);
        }
    }

    /// Whether the record has come to be known under another name already.
    fn is_known_as(&self, resource: &Resource, id: &str) -> bool {
        let same = |to: &Resource| to.id() == Some(id) && to.kind == resource.kind;
        self.aliases.iter().any(|(from, to)| from != resource && same(to))
    }

    /// Whether a foreign record of the same system has this one already.
    fn is_anothers(&self, resource: &Resource, id: &str) -> bool {
        let Name::External { system, .. } = &resource.name else { return false };
        self.aliases.iter().any(|(from, to)| {
            from != resource
                && to.id() == Some(id)
                && to.kind == resource.kind
                && matches!(&from.name, Name::External { system: other, .. } if other == system)
        })
    }

    fn key_taken(&mut self, turn: TurnId, key: &LaneKey, attempt: Option<&AttemptRecord>, id: &str) {
        let reason = format!("{id} holds the same natural key and is another record");
        let mine = |record: &IntentRecord| attempt.is_none_or(|attempt| attempt.intents.contains(&record.id));
        self.each_active(turn, key, |engine, record| {
            if mine(record) {
                let step = Step::why("review/natural_key_taken", reason.clone());
                engine.transit(key, record, State::Review, step);
            }
        });
        match attempt {
            Some(attempt) => {
                self.told(key, attempt, &AttemptOutcome::NoEffect);
                self.resolved(turn, key, attempt, AttemptOutcome::NoEffect);
            }
            None => self.free(turn, key),
        }
    }

    /// Nothing is to be seen: reads lag, or it was never made. Where its key or id is taken by the first, the same creation
    /// again cannot make a second record; else nothing is sent before no copy can land, and reads would show one that had.
    fn unseen(&mut self, turn: TurnId, key: &LaneKey, attempt: Option<&AttemptRecord>) {
        let makes = |material: &Material| !self.must_look_up(key, material);
        let material = self.turns.get(&turn).and_then(|turn| turn.materials.get(key));
        if attempt.is_none() && self.looks_first(key) && material.is_some_and(makes) {
            self.lane(key).sought = Some(self.now);
            return self.create(turn, key);
        }
        let lane = self.lane(key);
        lane.misses += 1;
        let misses = lane.misses;
        let Some(attempt) = attempt else {
            if misses < 3 {
                self.back_off(key);
            } else {
                self.each_active(turn, key, |engine, record| {
                    let reason = format!("the target has no {}", record.resource);
                    engine.transit(key, record, State::Rejected, Step::why("rejected/not_found", reason));
                });
            }
            return self.free(turn, key);
        };
        if attempt.resends >= self.config.limits.ambiguity_max {
            self.each_of(turn, key, attempt, |engine, record| {
                engine.note_undecided(record, attempt);
                let why = "the record can neither be made nor found";
                let step = Step::why("review/ambiguity_exhausted", why).attempt(attempt.id);
                engine.transit(key, record, State::Review, step);
            });
            self.told(key, attempt, &AttemptOutcome::Undecided);
            return self.resolved(turn, key, attempt, AttemptOutcome::Undecided);
        }
        let may_land = !self.dialect.refuses_copy(&key.resource.kind) && self.may_come(turn, Some(attempt));
        if may_land || !misses.is_multiple_of(3) || self.is_shut(&attempt.request) {
            self.back_off(key);
            return self.free(turn, key);
        }
        let (old, mut record) = self.renumbered(attempt);
        record.refused = false;
        record.horizon = record.horizon.max(self.horizon());
        self.commits.op(Op::AttemptDone { id: old, outcome: AttemptOutcome::Split, at: self.now });
        self.lane(key).unresolved = Some(record.clone());
        self.send(turn, record);
    }

    /// The target's id is known from here on. What is known under that id is loaded first, so that
    /// nothing of it is lost.
    fn adopt_record(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: Option<&AttemptRecord>,
        id: &str,
        snapshot: &Snapshot,
        made: bool,
    ) {
        let known = Resource::by_id(&self.config.org, &key.resource.kind, id);
        let new_key = LaneKey { resource: known.clone(), operation: None };
        if new_key != *key {
            if self.lanes.look(&new_key).is_some_and(|lane| lane.held_by.is_some()) {
                // Its own lane is at work: the look-up finds it again after that.
                self.leave_unresolved(key, attempt);
                self.back_off(key);
                return self.free(turn, key);
            }
            self.lanes.dequeue(&new_key);
            self.lane(&new_key).held_by = Some(turn);
            self.turns.get_mut(&turn).expect("the turn runs").keys.push(new_key.clone());
        }
        let adoption = Adoption {
            to: new_key,
            attempt: attempt.cloned().map(Shared::new),
            snapshot: snapshot.clone(),
            made,
            lost: Vec::new(),
            borne: Borne::Settled,
        };
        self.turns.get_mut(&turn).expect("the turn runs").adoption = Some(adoption);
        self.commits.load(Effect::Load { turn, resources: vec![known], intents: Vec::new() });
    }

    /// What was made is not recorded yet: a look-up finds it again.
    fn leave_unresolved(&mut self, key: &LaneKey, attempt: Option<&AttemptRecord>) {
        let lane = self.lane(key);
        if lane.unresolved.is_none() {
            lane.unresolved = attempt.cloned().map(Shared::new);
        }
    }

    /// What is known under the id could not be loaded.
    pub(in crate::engine) fn adoption_failed(&mut self, key: &LaneKey, adoption: &Adoption) {
        self.leave_unresolved(key, adoption.attempt.as_deref());
    }

    /// What is known under the id is here: the creation lands on it, and what is still open goes on
    /// under it.
    pub(in crate::engine) fn adopt_loaded(&mut self, turn: TurnId, row: Option<Shared<ResourceRow>>) {
        let held = self.turns.get_mut(&turn).expect("the turn runs");
        let Adoption { to, attempt, mut snapshot, made, lost, borne } =
            held.adoption.take().expect("an adoption is under way");
        let key = held.keys.first().expect("a turn holds a lane").clone();
        let schema = self.kind(&key.resource.kind).schema.clone();
        let mut material = self.take_material(turn, &key);
        let mut row = row.unwrap_or_else(|| ResourceRow::new(to.resource.clone()).into());
        row.inherit(&material.row);
        let id = to.resource.id().unwrap_or_default().to_owned();
        let unread = made && borne == Borne::Unread;
        if made {
            self.has_right(&key);
        }
        if made && !unread {
            self.count_silent(&to, &lost);
        }
        let maker = attempt.as_deref().filter(|_| made);
        for (made_by, share) in
            maker.into_iter().flat_map(|maker| maker.shares.iter().map(move |share| (maker.id, share)))
        {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            if lost.iter().any(|lost| touches(share, &lost.path)) {
                self.review_silent(&key, &mut row, record, share, &lost, (made_by, snapshot.version));
                continue;
            }
            if unread {
                self.verify(&key, record, made_by);
                continue;
            }
            share.confirm(&mut row, record, snapshot.version, &schema);
            if record.proxied {
                snapshot.shown_to.insert(record.source.clone(), self.last_order);
            }
            let result = Settled {
                version: snapshot.version,
                etag: snapshot.etag.clone(),
                id: Some(id.clone()),
                revision: None,
            };
            let step = Step { reason: Some(format!("created as {id}")), result: Some(result), ..Step::default() };
            self.transit(&key, record, State::Landed, step.by("target"));
        }
        let carried =
            |record: &IntentRecord| attempt.as_ref().is_none_or(|attempt| attempt.intents.contains(&record.id));
        for record in material.intents.iter_mut().filter(|record| !made && carried(record)) {
            if record.status.state.is_unresolved() {
                let why = format!("the record exists as {id}: merged with it");
                self.transit(&key, record, State::Queued, Step::why("queued/exists", why));
            }
        }
        match attempt.as_deref().filter(|_| unread) {
            Some(attempt) => {
                row.floor = row.floor.max(snapshot.version.unwrap_or(0));
                row.check =
                    Some(Box::new(Check { attempt: as_write(attempt, &key.resource, &to.resource), told: snapshot }));
            }
            None => {
                // A list may show less of a record than the record itself.
                let spec = self.kind(&key.resource.kind);
                let in_part = spec.writable.iter().any(|name| snapshot.value.get(name).is_none());
                row.confirm(snapshot, self.last_order);
                self.lane(&to).must_read |= in_part;
            }
        }
        self.commits.op(Op::Resource(row));
        material.row_changed = false;
        self.put_material(turn, &key, material);
        if let Some(attempt) = attempt {
            let outcome = if made { AttemptOutcome::TookEffect } else { AttemptOutcome::NoEffect };
            self.told(&key, &attempt, &outcome);
            self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
        }
        if to != key {
            self.commits.op(Op::Alias { from: key.resource.clone(), to: to.resource.clone() });
            self.aliases.insert(key.resource.clone(), to.resource.clone());
            self.rename_members(&key, &to);
        }
        let lane = self.lane(&key);
        lane.unresolved = None;
        lane.calm();
        lane.wake = Wake::Idle;
        self.free(turn, &key);
        if to != key {
            self.free(turn, &to);
        }
        self.make_ready(&to);
    }

    /// Whether the record must be looked for before anything is said of it: it is named by its key,
    /// and nobody asks for it to be made.
    fn must_look_up(&self, key: &LaneKey, material: &Material) -> bool {
        let makes = |record: &&IntentRecord| matches!(record.intent.change, Change::Create(_) | Change::Desired(_));
        let active = || material.intents.iter().filter(|record| self.is_active(record));
        matches!(key.resource.name, Name::Key(_)) && !active().any(|record| makes(&record))
    }

    /// Whether a record that somebody else made must be looked for before one is made: the target would take a second one.
    fn looks_first(&self, key: &LaneKey) -> bool {
        let fresh = |at: Timestamp| self.now.duration_since(at) <= self.config.limits.shadow_fresh;
        key.resource.id().is_none()
            && !self.dialect.refuses_second(&key.resource.kind)
            && !self.lanes.look(key).and_then(|lane| lane.sought).is_some_and(fresh)
    }

    fn rename_members(&mut self, from: &LaneKey, to: &LaneKey) {
        let lane = self.lane(from);
        let members = std::mem::take(&mut lane.members);
        let decisions = std::mem::take(&mut lane.decisions);
        let reads = std::mem::take(&mut lane.reads);
        let observed = std::mem::take(&mut lane.observed);
        let chores = std::mem::take(&mut lane.chores);
        for id in members.values() {
            self.commits.op(Op::Rename { intent: *id, resource: to.resource.clone() });
            if let Some(head) = self.heads.get_mut(id) {
                head.resource = to.resource.clone();
            }
            self.watch_times(*id, to);
        }
        let lane = self.lane(to);
        lane.members.extend(members);
        lane.decisions.extend(decisions);
        lane.reads.extend(reads);
        lane.observed.extend(observed);
        if chores {
            self.lanes.add_chore(to);
        }
    }
}

/// A creation as a write of the record from nothing.
fn as_item(attempt: &AttemptRecord, resource: &Resource) -> WriteItem {
    WriteItem {
        resource: resource.clone(),
        precondition: Precondition { version: None, etag: None, everywhere: false },
        from: Arc::new(Value::Object(serde_json::Map::new())),
        to: Arc::new(attempt.written(resource).clone()),
    }
}

/// The attempt of a creation as a write of the record that it made.
fn as_write(attempt: &AttemptRecord, resource: &Resource, made: &Resource) -> AttemptRecord {
    let item = WriteItem { resource: made.clone(), ..as_item(attempt, resource) };
    let shares = attempt.shares.iter().map(|share| Share { resource: made.clone(), ..share.clone() });
    AttemptRecord { call: Call::Write(vec![item]), shares: shares.collect(), ..attempt.clone() }
}

/// The fields of a natural key, where a resource is named by one.
fn key_fields(resource: &Resource) -> Value {
    match &resource.name {
        Name::Key(key) => serde_json::from_str(key).unwrap_or_default(),
        Name::Id(_) | Name::External { .. } => Value::Object(serde_json::Map::new()),
    }
}
