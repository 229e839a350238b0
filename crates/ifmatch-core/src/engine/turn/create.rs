//! A record that shall exist: made once, and found again when it is not clear whether it was made.

use super::super::lane::{LaneKey, Wake};
use super::super::settle::Step;
use super::{Engine, only_fact};
use crate::commit::{AttemptOutcome, AttemptRecord, Op};
use crate::dialect::{Call, Creation, Fact, Reply};
use crate::evidence::{Class, Evidence};
use crate::ids::TurnId;
use crate::intent::{Name, Resource};
use crate::plan::MemberFate;
use crate::shadow::Snapshot;
use crate::states::State;

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
        material.row_changed |= plan.row != material.row;
        material.row = plan.row;
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
        let creation = Creation { resource: key.resource.clone(), value: plan.to };
        let record = self.attempt_for(Call::Create(creation), plan.shares);
        self.mark_sent(turn, &record);
        self.send(turn, record);
    }

    pub(super) fn on_created(&mut self, turn: TurnId, attempt: &AttemptRecord, reply: Reply) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        match only_fact(reply) {
            Fact::Written(written) => match written.id.clone() {
                Some(id) if written.existed => self.meet(turn, &key, attempt, &id, &written.snapshot, true),
                Some(id) => self.adopt_id(turn, &key, attempt, &id, &written.snapshot, true),
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
                    return self.make_ambiguous(turn, &key, attempt, &evidence);
                }
                self.commits.op(Op::AttemptDone {
                    id: attempt.id,
                    outcome: AttemptOutcome::Answered(label),
                    at: self.now,
                });
                self.write_refused(turn, &key, attempt, &evidence);
            }
            Fact::Observed(_) | Fact::Absent | Fact::Found(_) | Fact::Operation(_) => {
                let evidence = Evidence::bare(Class::Ambiguous, "no result", "the answer does not say what was made");
                self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::Split, at: self.now });
                self.make_ambiguous(turn, &key, attempt, &evidence);
            }
        }
    }

    /// Something with this key exists: which one is it?
    fn look_up(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        let Call::Create(creation) = &attempt.call else { return };
        self.lane(key).unresolved = Some(Box::new(attempt.clone()));
        self.ask(turn, Call::Lookup(creation.clone()));
    }

    pub(super) fn on_found(&mut self, turn: TurnId, creation: &Creation, reply: Reply) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        let attempt = self.lane(&key).unresolved.clone().expect("a look-up resolves a creation");
        match only_fact(reply) {
            Fact::Found(found) => {
                let same = found.iter().find(|(_, snapshot)| self.dialect.is_same(creation, &snapshot.value));
                match (same, found.first()) {
                    (Some((id, snapshot)), _) => self.meet(turn, &key, &attempt, id, snapshot, false),
                    (None, Some((id, _))) => self.key_taken(turn, &key, &attempt, id),
                    (None, None) => self.unseen(turn, &key, &attempt),
                }
            }
            Fact::Refused(evidence) => self.read_refused(turn, &key, &evidence),
            Fact::Absent => self.unseen(turn, &key, &attempt),
            Fact::Observed(_) | Fact::Written(_) | Fact::Operation(_) => self.unreadable(turn, &key),
        }
    }

    /// A record that exists answers to the creation: ours, or one that was there before.
    fn meet(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        id: &str,
        snapshot: &Snapshot,
        answered: bool,
    ) {
        if self.is_anothers(&key.resource, id) {
            return self.key_taken(turn, key, attempt, id);
        }
        let schema = &self.kind(&key.resource.kind).schema;
        let equal = attempt.shares.iter().all(|share| share.is_in(schema, &snapshot.value));
        let ours = attempt.resends > 0
            || self.turns[&turn].materials[key].intents.iter().any(|r| r.status.state == State::Ambiguous);
        self.adopt_id(turn, key, attempt, id, snapshot, equal || ours || answered);
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

    fn key_taken(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, id: &str) {
        let reason = format!("{id} holds the same natural key and is another record");
        self.each_of(turn, key, attempt, |engine, record| {
            let step = Step::why("review/natural_key_taken", reason.clone()).attempt(attempt.id);
            engine.transit(key, record, State::Review, step);
        });
        self.resolved(turn, key, attempt, AttemptOutcome::NoEffect);
    }

    /// Nothing is to be seen: reads lag, or it was never made. The same creation again cannot make
    /// a second record, since its key or id is taken by the first.
    fn unseen(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        let lane = self.lane(key);
        lane.misses += 1;
        let misses = lane.misses;
        if attempt.resends >= self.config.limits.ambiguity_max {
            self.each_of(turn, key, attempt, |engine, record| {
                let why = "the record can neither be made nor found";
                let step = Step::why("review/ambiguity_exhausted", why).attempt(attempt.id);
                engine.transit(key, record, State::Review, step);
            });
            return self.resolved(turn, key, attempt, AttemptOutcome::Undecided);
        }
        if misses % 3 != 0 {
            self.back_off(key);
            return self.free(turn, key);
        }
        let (old, record) = self.renumbered(attempt);
        self.commits.op(Op::AttemptDone { id: old, outcome: AttemptOutcome::Split, at: self.now });
        self.lane(key).unresolved = Some(Box::new(record.clone()));
        self.send(turn, record);
    }

    /// The target's id is known from here on; what is still open goes on under it.
    fn adopt_id(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        id: &str,
        snapshot: &Snapshot,
        landed: bool,
    ) {
        let known = Resource::by_id(&self.config.org, &key.resource.kind, id);
        let new_key = LaneKey { resource: known.clone(), operation: None };
        let schema = self.kind(&key.resource.kind).schema.clone();
        let mut material = self.take_material(turn, key);
        let mut snapshot = snapshot.clone();
        for share in attempt.shares.iter().filter(|_| landed) {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            share.confirm(&mut material.row, record, snapshot.version, &schema);
            if record.proxied {
                snapshot.shown_to.insert(record.source.clone(), self.now);
            }
            let sentence = format!("created as {id}");
            let result = Self::settled(snapshot.version, snapshot.etag.clone(), Some(id.to_owned()), None);
            let step = Step { reason: Some(sentence), result: Some(result), ..Step::default() };
            self.transit(key, record, State::Landed, step.attempt(attempt.id).by("target"));
        }
        for record in material.intents.iter_mut().filter(|r| !landed && attempt.intents.contains(&r.id)) {
            let why = format!("the record exists as {id}: merged with it");
            self.transit(key, record, State::Queued, Step::why("queued/exists", why).attempt(attempt.id));
        }
        material.row.confirm(snapshot);
        material.row.resource = known.clone();
        self.commits.op(Op::Resource(Box::new(material.row.clone())));
        material.row_changed = false;
        self.put_material(turn, key, material);
        self.commits.op(Op::Alias { from: key.resource.clone(), to: known.clone() });
        self.aliases.insert(key.resource.clone(), known);
        self.rename_members(key, &new_key);
        let outcome = if landed { AttemptOutcome::TookEffect } else { AttemptOutcome::NoEffect };
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
        let lane = self.lane(key);
        lane.unresolved = None;
        lane.calm();
        lane.wake = Wake::Idle;
        self.free(turn, key);
        self.make_ready(&new_key);
    }

    fn rename_members(&mut self, from: &LaneKey, to: &LaneKey) {
        let lane = self.lane(from);
        let members = std::mem::take(&mut lane.members);
        let cancels = std::mem::take(&mut lane.cancels);
        let decisions = std::mem::take(&mut lane.decisions);
        for id in members.values() {
            self.commits.op(Op::Rename { intent: *id, resource: to.resource.clone() });
            if let Some(head) = self.heads.get_mut(id) {
                head.resource = to.resource.clone();
            }
        }
        let lane = self.lane(to);
        lane.members.extend(members);
        lane.cancels.extend(cancels);
        lane.decisions.extend(decisions);
    }
}
