//! The usual turn: read where the shadow will not do, compose, write once.

use super::super::lane::{Lane, LaneKey};
use super::super::settle::Step;
use super::Engine;
use super::Material;
use crate::commit::{AttemptRecord, Op, Share};
use crate::dialect::{Call, Fact, Guard, Precondition, Reply, WriteItem};
use crate::errand::Notes;
use crate::ids::{IntentId, TurnId};
use crate::plan::{Ground, MemberFate, Plan, compose};
use crate::record::{IntentRecord, Seen};
use crate::shadow::Snapshot;
use crate::states::State;
use jiff::SignedDuration;
use std::sync::Arc;

/// The exchange of an approved trade is over within half a minute; so long a contended record may be held by one.
const EXCHANGE_MAX: SignedDuration = SignedDuration::from_mins(1);

impl Engine {
    /// Reads the resources whose shadow will not do; plans when there is none.
    pub(in crate::engine) fn read_or_plan(&mut self, turn: TurnId) {
        let Some(held) = self.turns.get(&turn) else { return };
        if let [key] = held.keys.as_slice()
            && let Some(call) = self.stamps_call(turn, key)
        {
            return self.ask(turn, call);
        }
        let mut unread = Vec::new();
        let mut idle = Vec::new();
        for key in held.keys.clone() {
            let material = &self.turns[&turn].materials[&key];
            let lane = self.lanes.look(&key).expect("a held lane exists");
            let owes = material.row.owed.is_some();
            let waits = material.row.slip.is_some();
            if waits
                || (lane.decisions.is_empty() && !owes && !material.intents.iter().any(|record| self.is_active(record)))
            {
                // What it was let through over is looked for in a turn of its own.
                idle.push(key);
            } else if self.needs_read(&key, &material.row) {
                unread.push(key.resource.clone());
            }
        }
        for key in idle {
            self.free(turn, &key);
        }
        if unread.is_empty() { self.plan_turn(turn) } else { self.ask(turn, Call::Read(unread)) }
    }

    fn needs_read(&self, key: &LaneKey, row: &crate::ResourceRow) -> bool {
        let lane = self.lanes.look(key).expect("a held lane exists");
        let fresh = |shadow: &Snapshot| {
            let age = self.now.duration_since(shadow.read_at);
            (SignedDuration::ZERO..=self.fresh_enough(key, lane)).contains(&age)
                && shadow.version.is_none_or(|version| version >= row.floor)
        };
        let outdated =
            |shadow: &Snapshot| lane.must_know.is_some_and(|told| shadow.version.is_none_or(|known| known < told));
        lane.must_read
            || row.absent
            || row.check.is_some()
            || !row.shadow().is_some_and(|shadow| fresh(shadow) && !outdated(shadow))
    }

    /// How old a shadow may be that a write is made from. Where nothing refuses one that is made from an old record, it is looked
    /// at first.
    ///
    /// What holds a record right after an approval exchanges shifts, and is over within a minute: the probes of that time
    /// look first, or each of them would be stale and the record held for as long again. Later the version tells nothing,
    /// and each look would be a request without an answer.
    fn fresh_enough(&self, key: &LaneKey, lane: &Lane) -> SignedDuration {
        if matches!(self.guard(&key.resource.kind), Guard::Unguarded | Guard::Dated) {
            return SignedDuration::ZERO;
        }
        let met = lane.locked_since.filter(|_| lane.contended);
        let young = met.is_some_and(|since| self.now.duration_since(since) < EXCHANGE_MAX);
        let most = self.config.limits.shadow_fresh;
        if young { most.min(self.config.limits.lock_probe.0 * 2) } else { most }
    }

    /// Whether a member may be composed now.
    pub(in crate::engine) fn is_active(&self, record: &IntentRecord) -> bool {
        record.status.state != State::Review
            && (record.status.state.is_unresolved() || !self.is_withdrawn(record))
            && record.intent.not_before.is_none_or(|at| at <= self.now)
            && !self.source_braked(&record.source)
            && !self.pairs.waits(record.id)
    }

    pub(in crate::engine) fn on_read(&mut self, turn: TurnId, reply: Reply) {
        if let [(resource, _)] = reply.facts.as_slice() {
            let key = super::super::recovered::value_lane(resource);
            if self.lanes.look(&key).is_some_and(|lane| lane.unresolved.is_some()) {
                return self.on_resolving_read(turn, reply);
            }
        }
        let (mut suspects, mut moved) = (Vec::new(), false);
        for (resource, fact) in reply.facts {
            let key = super::super::recovered::value_lane(&resource);
            if !self.turns.get(&turn).is_some_and(|turn| turn.keys.contains(&key)) {
                continue;
            }
            if let Fact::Observed(snapshot) = &fact {
                let lane = self.lanes.look(&key).expect("a held lane exists");
                match (lane.refused_together, lane.stale_at) {
                    (Some(_), Some(stale)) if snapshot.version != Some(stale) => moved = true,
                    (Some(together), Some(_)) if !lane.contended => suspects.push((key.clone(), together)),
                    _ => {}
                }
            }
            match fact {
                Fact::Observed(snapshot) => self.take_read(turn, &key, *snapshot),
                Fact::Absent => self.take_absence(turn, &key),
                Fact::Refused(evidence) => self.read_refused(turn, &key, &evidence),
                Fact::Written(_) | Fact::Found(_) | Fact::Operation(_) | Fact::Processing(_) => {
                    self.unreadable(turn, &key);
                }
            }
        }
        self.weigh_suspects(turn, suspects, moved);
        self.plan_turn(turn);
    }

    /// Records that were refused as stale together with others, and that did not move. Where another one of them did, that
    /// one was meant; else something holds one of them, and fewer at a time find it.
    fn weigh_suspects(&mut self, turn: TurnId, suspects: Vec<(LaneKey, usize)>, moved: bool) {
        for (key, together) in suspects {
            let lane = self.lane(&key);
            lane.refused_together = None;
            if moved {
                lane.stale_at = None;
            } else {
                lane.contended = true;
                lane.share_max = Some(together / 2);
                self.free(turn, &key);
            }
        }
    }

    /// A read representation: believed unless it lags behind what was seen or implied.
    pub(super) fn take_read(&mut self, turn: TurnId, key: &LaneKey, snapshot: Snapshot) {
        let mut material = self.take_material(turn, key);
        let version = snapshot.version;
        let lags =
            version.is_some_and(|version| version < material.row.floor) || self.precedes_check(&material, &snapshot);
        let checked = material.row.check.is_some().then(|| snapshot.clone());
        if !lags {
            self.compare_versions(key, &material.row, &snapshot);
            let seen_after = self.stood_after(turn, &material, &snapshot);
            let mut snapshot = snapshot;
            for before in self.place_move(&key.resource, &material.intents, &mut snapshot) {
                if before.version.is_some_and(|version| material.row.at_version(version).is_none()) {
                    material.row.confirm(before, seen_after);
                }
            }
            material.row.confirm(snapshot, seen_after);
            material.row_changed = true;
        }
        self.put_material(turn, key, material);
        if lags {
            return self.wait_for_lag(turn, key);
        }
        self.confirmed(turn, key);
        self.doubt_lock(key, version);
        let lane = self.lane(key);
        lane.must_read = false;
        lane.must_know = None;
        lane.lags_since = None;
        lane.failures = 0;
        lane.misses = 0;
        match lane.stale_at {
            // Refused by a status that no lock has, and reads show the same version.
            Some(stale)
                if version == Some(stale)
                    && !lane.contended
                    && lane.refused_together.is_none()
                    && lane.bare.as_ref().is_some_and(|bare| !bare.may_be_lock) =>
            {
                if !self.shows_the_same(turn, key) {
                    return;
                }
            }
            // Refused as stale, and reads show the same version: a lagging read or a lock.
            Some(stale) if version == Some(stale) && !lane.contended && lane.refused_together.is_none() => {
                lane.contended = true;
                self.park_members(turn, key, "parked/contended", "refused as stale while reads show the same version");
            }
            // The next write at that version is the probe.
            Some(stale) if version == Some(stale) => {}
            _ => {
                lane.stale_at = None;
                lane.contended = false;
                lane.bare = None;
            }
        }
        if let Some(found) = checked {
            self.settle_check(turn, key, &found);
        }
    }

    fn take_absence(&mut self, turn: TurnId, key: &LaneKey) {
        let mut material = self.take_material(turn, key);
        let known = !material.row.history.is_empty();
        let lane = self.lane(key);
        lane.misses += 1;
        let patience = if known { 6 } else { 2 };
        let misses = lane.misses;
        let again = match &material.row.check {
            // It was just written: reads may lag behind that.
            Some(check) => self.now.duration_since(check.attempt.at) <= self.config.limits.lag_wait,
            None => misses < patience,
        };
        if !again && material.row.check.is_some() {
            // It was accepted, and is gone by now.
            self.put_material(turn, key, material);
            self.settle_unread(turn, key);
            material = self.take_material(turn, key);
        }
        let lane = self.lane(key);
        if !again {
            material.row.absent = true;
            material.row_changed = true;
            lane.must_read = false;
            lane.must_know = None;
        }
        self.put_material(turn, key, material);
        if again {
            let pause = self.jittered(self.config.limits.outage_pause.0 * misses.cast_signed() * 2);
            let at = self.now + pause;
            self.wake_at(key, at);
            self.free(turn, key);
        }
    }

    /// Composes every lane of the turn, and sends one write for all that have one.
    pub(in crate::engine) fn plan_turn(&mut self, turn: TurnId) {
        let Some(keys) = self.turns.get(&turn).map(|turn| turn.keys.clone()) else { return };
        if let [key] = keys.as_slice()
            && self.turns[&turn].materials[key].row.absent
            && !self.kind(&key.resource.kind).natural_key.is_empty()
        {
            return self.create(turn, key);
        }
        let (mut items, mut shares) = (Vec::new(), Vec::new());
        for key in keys {
            match self.plan_lane(turn, &key) {
                Some((item, mine)) => {
                    items.push(item);
                    shares.extend(mine);
                }
                None => self.free(turn, &key),
            }
        }
        if items.is_empty() {
            return;
        }
        let call = Call::Write(items);
        let mut record = self.attempt_for(call, shares);
        record.intents.extend(self.repaired_for(turn));
        self.write(turn, record);
    }

    /// When no copy can take effect any more of what is sent from now on: it leaves within the time that an answer is waited
    /// for, or not at all.
    pub(in crate::engine) fn horizon(&self) -> jiff::Timestamp {
        self.now + self.config.limits.answer_wait + self.config.limits.zombie_horizon
    }

    /// The record of a new attempt.
    pub(in crate::engine) fn attempt_for(&mut self, call: Call, shares: Vec<Share>) -> AttemptRecord {
        let request = self.dialect.request(&call, &Notes::default());
        AttemptRecord {
            id: self.next_attempt(),
            call,
            request: Arc::new(request),
            intents: shares.iter().map(|share| share.intent).collect(),
            shares: shares.into(),
            at: self.now,
            horizon: self.horizon(),
            resends: 0,
            refused: false,
            taken: false,
        }
    }

    /// Moves the intents that an attempt carries to `sent`, in the commit of its record.
    pub(in crate::engine) fn mark_sent(&mut self, turn: TurnId, attempt: &AttemptRecord) {
        let keys = self.turns[&turn].keys.clone();
        for key in keys {
            let mut material = self.take_material(turn, &key);
            let carried = |record: &&mut IntentRecord| {
                attempt.intents.contains(&record.id) && record.status.state != State::Review
            };
            for record in material.intents.iter_mut().filter(carried) {
                self.transit(&key, record, State::Sent, Step::default().attempt(attempt.id));
            }
            // What the write is made from must be known after a crash: it tells our own write from others'.
            if material.row_changed {
                self.commits.op(Op::Resource(material.row.clone()));
                material.row_changed = false;
            }
            self.put_material(turn, &key, material);
        }
    }

    /// Composes one lane; what needs no write is settled. `None` when there is nothing to write.
    fn plan_lane(&mut self, turn: TurnId, key: &LaneKey) -> Option<(WriteItem, Vec<Share>)> {
        let mut material = self.take_material(turn, key);
        if material.row.check.is_some() || material.row.slip.is_some() {
            // What an accepted write made of the record, or what it was let through over, is not known yet.
            self.put_material(turn, key, material);
            return None;
        }
        let found = material.row.shadow().filter(|_| !material.row.absent).cloned();
        let remote = found.as_ref().map(|found| self.restored(key, &mut material, found));
        if remote.is_none() && self.turns[&turn].keys.len() > 1 {
            // What does not exist may have to be made, and that takes a turn of its own.
            self.put_material(turn, key, material);
            self.lane(key).share_max = Some(1);
            return None;
        }
        self.settle_decisions(key, &mut material, remote.as_ref().map(|remote| &*remote.value));
        let mut plan = self.compose_steps(key, &material, remote.as_ref());
        while self.checks_halves(key, &mut material, &plan) {
            plan = self.compose_steps(key, &material, remote.as_ref());
        }
        if let Some(found) = found {
            plan.from = found.value;
        }
        material.row_changed |= plan.row.is_some();
        if remote.is_some() && self.concludes_unseen(key, &material, &plan) {
            self.lane(key).must_read = true;
            self.put_material(turn, key, material);
            return None;
        }
        if remote.as_ref().is_some_and(|remote| self.lacks_stamps(key, &material, remote, &plan)) {
            self.lane(key).must_read_stamps = true;
            self.put_material(turn, key, material);
            return None;
        }
        let writes = plan.writes();
        if !writes {
            self.lane(key).take = None;
        }
        let ahead = remote.as_ref().and_then(|remote| self.ahead(key, &material, remote, &plan));
        if let Some(ahead) = ahead.as_ref().filter(|_| !writes) {
            self.reads_again_for(key, ahead);
        }
        if let Some(mut row) = plan.row {
            if let Some(ahead) = &ahead {
                ahead.forget(&mut row, &material.row);
            }
            material.row = row.into();
        }
        self.count_repair(key, &mut material, writes);
        for (id, fate) in plan.fates {
            let record = material.intents.iter_mut().find(|record| record.id == id).expect("a fate has its member");
            if ahead.as_ref().is_some_and(|ahead| ahead.holds(record, &fate)) {
                continue;
            }
            let fate = match fate {
                MemberFate::Carried { .. } if remote.is_none() => MemberFate::Rejected {
                    code: "rejected/not_found",
                    reason: format!("the target has no {}, and one cannot be made", record.resource),
                    winner: None,
                    conflict: Vec::new(),
                },
                MemberFate::Carried { .. } if !writes => MemberFate::Satisfied {
                    code: "satisfied/equal",
                    reason: "together with other intents it leaves the record as it is".to_owned(),
                },
                fate => fate,
            };
            if let (MemberFate::Satisfied { .. }, Some(remote)) = (&fate, &remote) {
                record.status.seen = Some(Seen { version: remote.version, at: remote.read_at });
            }
            self.meet_fate(key, record, fate);
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.free_joined(key, &mut material);
        self.put_material(turn, key, material);
        let remote = remote.filter(|_| writes)?;
        let kind = &key.resource.kind;
        let everywhere = self.named_everywhere.contains(kind) || self.dialect.names_everywhere(kind);
        let precondition = Precondition { version: remote.version, etag: remote.etag, everywhere };
        Some((WriteItem { resource: key.resource.clone(), precondition, from: plan.from, to: plan.to }, plan.shares))
    }

    /// The target showed what it holds, later than the intents were accepted that were known when it was asked.
    pub(in crate::engine) fn confirmed(&mut self, turn: TurnId, key: &LaneKey) {
        let after = self.turns.get(&turn).map_or(0, |turn| turn.asked_after);
        let lane = self.lane(key);
        lane.confirmed = lane.confirmed.max(after);
    }

    /// Whether a member would end, or go to a person, by what was last read before it was accepted. A write is refused
    /// where that is out of date; nothing else would tell.
    fn concludes_unseen(&self, key: &LaneKey, material: &Material, plan: &Plan) -> bool {
        let confirmed = self.lanes.look(key).map_or(0, |lane| lane.confirmed);
        let unseen = |id: &IntentId| {
            let record = material.intents.iter().find(|record| record.id == *id);
            record.is_some_and(|record| record.order > confirmed && self.is_active(record))
        };
        plan.fates.iter().any(|(id, fate)| match fate {
            MemberFate::Review { .. } | MemberFate::Rejected { .. } => unseen(id),
            MemberFate::Satisfied { code, .. } => *code == "satisfied/equal" && unseen(id),
            MemberFate::Carried { .. } | MemberFate::Superseded { .. } | MemberFate::Expired => false,
        })
    }

    /// Composes as many active members as one write can land: where each makes a step of the record's
    /// states, the last may be no step from the first.
    fn compose_steps(&mut self, key: &LaneKey, material: &Material, remote: Option<&Snapshot>) -> Plan {
        loop {
            let plan = self.compose_lane(key, material, remote);
            let oversteps =
                remote.is_some() && !self.dialect.missteps(&key.resource.kind, &plan.from, &plan.to).is_empty();
            let active = material.intents.iter().filter(|record| self.is_active(record)).count();
            let taken = self.lane(key).take.unwrap_or(usize::MAX).min(active);
            if !oversteps || taken < 2 {
                return plan;
            }
            self.lane(key).take = Some(taken - 1);
        }
    }

    /// Composes the active members of a lane; those in review take part as what they hold.
    pub(in crate::engine) fn compose_lane(
        &mut self,
        key: &LaneKey,
        material: &Material,
        remote: Option<&Snapshot>,
    ) -> Plan {
        let take = self.lane(key).take.unwrap_or(usize::MAX);
        let mut active = 0;
        let members: Vec<IntentRecord> = material
            .intents
            .iter()
            .filter(|record| {
                let counts = self.is_active(record);
                active += usize::from(counts);
                record.status.state == State::Review || (counts && active <= take)
            })
            .map(|record| self.pairs.exchanged(self.clocks.placed(record, record.order > self.recovered_order)))
            .collect();
        let ground = Ground {
            dialect: &*self.dialect,
            spec: self.kind(&key.resource.kind),
            config: &self.config,
            now: self.now,
            row: &material.row,
            remote,
        };
        compose(ground, &members)
    }
}
