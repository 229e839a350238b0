//! Payloads are here: chores first, then what the lane is about.

use super::lane::{LaneKey, Wake};
use super::settle::Step;
use super::turn::{Material, Turn};
use super::{Engine, Timer};
use crate::commit::Op;
use crate::ids::TurnId;
use crate::record::IntentRecord;
use crate::shadow::ResourceRow;
use crate::shared::Shared;
use crate::states::State;
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Engine {
    pub(super) fn on_loaded(
        &mut self,
        turn: TurnId,
        rows: Vec<Option<Shared<ResourceRow>>>,
        intents: Vec<IntentRecord>,
    ) {
        let Some(keys) = self.turns.get(&turn).map(|turn| turn.keys.clone()) else { return };
        if self.turns[&turn].adoption.is_some() {
            return self.adopt_loaded(turn, rows.into_iter().next().flatten());
        }
        let mut by_lane: BTreeMap<LaneKey, Vec<IntentRecord>> = BTreeMap::new();
        for record in intents {
            let operation = record.intent.operation().map(|operation| operation.name.clone());
            by_lane.entry(LaneKey { resource: record.resource.clone(), operation }).or_default().push(record);
        }
        for (key, row) in keys.iter().zip(rows) {
            let intents = by_lane.remove(key).unwrap_or_default();
            let row = row.unwrap_or_else(|| ResourceRow::new(key.resource.clone()).into());
            let material = Material { row, row_changed: false, intents };
            let turn = self.turns.get_mut(&turn).expect("the turn was found");
            turn.materials.insert(key.clone(), material);
        }
        for key in &keys {
            self.do_chores(turn, key);
        }
        if self.turns.get(&turn).is_some_and(|turn| turn.chore) { self.free_all(turn) } else { self.proceed(turn) }
    }

    /// The store could not be read: the lanes go back and are tried again.
    pub(super) fn on_load_failed(&mut self, turn: TurnId) {
        let Some(turn) = self.end_turn(turn) else { return };
        if let (Some(adoption), Some(key)) = (&turn.adoption, turn.keys.first()) {
            self.adoption_failed(key, adoption);
        }
        let at = self.now + self.config.limits.outage_pause.0;
        for key in turn.keys {
            let lane = self.lane(&key);
            lane.held_by = None;
            if turn.chore {
                self.timer(at, Timer::Chore(key));
            } else {
                self.wake_at(&key, at);
            }
        }
    }

    /// What needs no request: observations, withdrawals, deadlines.
    fn do_chores(&mut self, turn: TurnId, key: &LaneKey) {
        let mut material = self.take_material(turn, key);
        let lane = self.lane(key);
        lane.chores = false;
        let observed = std::mem::take(&mut lane.observed);
        if key.operation.is_none() {
            lane.slipped = material.row.slip.is_some();
            lane.owes = material.row.owed.is_some();
        }
        let carried = lane.unresolved.as_ref().map(|attempt| attempt.intents.clone()).unwrap_or_default();
        let free = |record: &IntentRecord| {
            // One in review is named by a write that only puts back what an earlier one of it took.
            let named = record.status.state != State::Review && carried.contains(&record.id);
            !record.status.state.is_unresolved() && !named
        };
        for snapshot in observed {
            material.row.confirm(snapshot, self.last_order);
            material.row_changed = true;
        }
        for record in material.intents.iter_mut().filter(|record| free(record)) {
            if let Some(by) = self.withdrawn.get(&record.id).cloned() {
                self.end_as_withdrawn(key, record, &by);
            } else if self.is_past(record.intent.deadline) && !self.pairs.may_have_landed(record.id) {
                self.expire(key, record);
            } else if self.is_past(self.lapse(record, &material.row)) && !self.pairs.may_have_landed(record.id) {
                self.end_late(key, record, "expired/lock", "the record ended by itself while it was locked");
            } else if let Some(reason) = self.pairs.broken(self.now, record.id) {
                self.end_as_half(key, record, &reason);
            } else if let Some(step) = self.waits_for_person(key, record) {
                self.transit(key, record, State::Queued, step);
            } else {
                self.defer(key, record);
                self.show_without_right(key, record);
            }
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.free_joined(key, &mut material);
        self.put_material(turn, key, material);
    }

    fn is_past(&self, end: Option<Timestamp>) -> bool {
        end.is_some_and(|end| end <= self.now)
    }

    /// Shows what waits for its time or for the brake as deferred.
    fn defer(&mut self, key: &LaneKey, record: &mut IntentRecord) {
        if !matches!(record.status.state, State::Accepted | State::Queued) {
            return;
        }
        if let Some(step) = self.deferral(key, record) {
            self.transit(key, record, State::Deferred, step);
        }
    }

    /// What is said of an intent that waits for its time or for the brake.
    pub(super) fn deferral(&self, key: &LaneKey, record: &IntentRecord) -> Option<Step> {
        if let Some(at) = record.intent.not_before.filter(|at| *at > self.now) {
            return Some(Step::why("deferred/not_before", format!("not before {at}")));
        }
        let braked =
            self.lanes.look(key).is_some_and(|lane| self.is_braked(key, lane)) || self.source_braked(&record.source);
        braked.then(|| Step::why("deferred/brake", "the brake is on"))
    }

    /// Ends a turn's hold on a lane: what is known is kept, and the lane waits for what it waits for.
    pub(super) fn free(&mut self, turn: TurnId, key: &LaneKey) {
        let Some(held) = self.turns.get_mut(&turn) else { return };
        held.keys.retain(|other| other != key);
        let ended = held.keys.is_empty();
        if let Some(material) = held.materials.remove(key) {
            self.watch_lapses(&material);
            if material.row_changed {
                self.commits.op(Op::Resource(material.row));
            }
        }
        if ended {
            self.end_turn(turn);
        }
        let lane = self.lane(key);
        lane.held_by = None;
        if let Some(rest) = lane.rest.take()
            && matches!(lane.wake, Wake::Ready | Wake::Idle)
        {
            lane.wake = rest;
        }
        if lane.members.is_empty() && lane.unresolved.is_none() && !lane.has_debt() {
            lane.wake = Wake::Idle;
        }
        self.settle_wake(key);
        self.lift_barriers(key);
        self.lanes.sweep(key);
    }

    /// A turn is over: what it did not use goes back.
    fn end_turn(&mut self, id: TurnId) -> Option<Turn> {
        let turn = self.turns.remove(&id)?;
        self.gates.unhold(&turn.held.1, turn.held.0);
        self.tracked -= usize::from(turn.is_tracked());
        if let Some(envelope) = &turn.envelope {
            self.company_ended(envelope, id);
        }
        Some(turn)
    }

    /// Has a lane that was given back wait for what it waits for, and for nothing that is gone.
    fn settle_wake(&mut self, key: &LaneKey) {
        let domain = self.domain_of(key);
        let now = self.now;
        let lane = self.lane(key);
        // A read is served by every turn; a decision waits with the lane where it waits for a time.
        let paused = matches!(lane.wake, Wake::At(at) if at > now);
        let asked = !lane.reads.is_empty() || (!lane.decisions.is_empty() && !paused);
        let wake = lane.wake.clone();
        let put_off = std::mem::take(&mut lane.put_off);
        if !matches!(wake, Wake::Lock(_)) {
            if !put_off {
                lane.locked_since = None;
            }
            lane.held_above = false;
            lane.lacks_right = false;
            self.leave_train(&domain, key);
        }
        let braked = self.lanes.look(key).is_some_and(|lane| self.is_braked(key, lane));
        match wake {
            _ if asked => self.make_ready(key),
            Wake::Brake if braked => {}
            Wake::At(at) if at > now => self.timer(at, Timer::Lane(key.clone())),
            Wake::Lock(domain) if self.trains.holds(&domain, key) => self.timer(now, Timer::Train(domain)),
            // What it waits for may have got on while a turn held it.
            Wake::Ready | Wake::Idle | Wake::At(_) | Wake::Lock(_) | Wake::Brake | Wake::Barrier => {
                self.make_ready(key);
            }
        }
    }

    /// A lane of an envelope got on: operations that waited for it look again.
    pub(super) fn lift_barriers(&mut self, key: &LaneKey) {
        let above = || key.resource.id().filter(|_| self.dialect.one_writer(&key.resource)).map(str::to_owned);
        let Some(envelope) = self.dialect.envelope(&key.resource).or_else(above) else { return };
        for key in self.barred.remove(&envelope).unwrap_or_default() {
            if self.lanes.look(&key).is_some_and(|lane| lane.wake == Wake::Barrier) {
                self.make_ready(&key);
            }
        }
    }
}
