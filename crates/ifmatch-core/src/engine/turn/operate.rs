//! Operations of the target, such as a publish: `idle | running | running and dirty`.
//!
//! At most one run at a time, and none when it would carry nothing new. Who asks during a run is
//! carried by it or by the one after it; foreign runs are joined.

use super::super::lane::{LaneKey, Run, Wake};
use super::super::settle::Step;
use super::super::spans::{Start, blind_pause, pause};
use super::{Engine, only_fact};
use crate::commit::{AttemptOutcome, AttemptRecord, Op, Share};
use crate::dialect::{Call, Fact, OperationCall, OperationStatus, Reply};
use crate::evidence::{Class, Evidence};
use crate::ids::TurnId;
use crate::record::Settled;
use crate::states::State;
use jiff::SignedDuration;

impl Engine {
    /// Asks how the operation stands: check first, act on what the answer shows.
    pub(super) fn operate(&mut self, turn: TurnId, key: &LaneKey) {
        let mut material = self.take_material(turn, key);
        self.settle_decisions(key, &mut material, None);
        let active = material.intents.iter().any(|record| self.is_active(record));
        self.put_material(turn, key, material);
        if !active {
            return self.free(turn, key);
        }
        let call = self.operation_call(key);
        self.ask(turn, Call::Status(call));
    }

    fn operation_call(&mut self, key: &LaneKey) -> OperationCall {
        let job = self.lane(key).run.as_ref().and_then(|run| run.job.clone());
        let name = key.operation.clone().expect("an operation lane has its operation");
        OperationCall { resource: key.resource.clone(), name, job }
    }

    pub(super) fn on_status(&mut self, turn: TurnId, reply: Reply) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        match only_fact(reply) {
            Fact::Operation(status) => self.weigh_status(turn, &key, &status),
            Fact::Refused(evidence) => self.read_refused(turn, &key, &evidence),
            Fact::Absent => self.operation_absent(turn, &key),
            Fact::Observed(_) | Fact::Written(_) | Fact::Found(_) | Fact::Processing(_) => self.unreadable(turn, &key),
        }
    }

    fn operation_absent(&mut self, turn: TurnId, key: &LaneKey) {
        let lane = self.lane(key);
        lane.misses += 1;
        if lane.misses < 3 {
            self.back_off(key);
        } else {
            if let Some(attempt) = self.lane(key).unresolved.take() {
                self.told(key, &attempt, &AttemptOutcome::NoEffect);
                self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::NoEffect, at: self.now });
            }
            self.each_active(turn, key, |engine, record| {
                let reason = format!("the target has no {}", record.resource);
                engine.transit(key, record, State::Rejected, Step::why("rejected/not_found", reason));
            });
        }
        self.free(turn, key);
    }

    fn weigh_status(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) {
        self.lane(key).misses = 0;
        self.note_sight(key, status.wanted);
        let unresolved = self.lane(key).unresolved.clone();
        if let Some(attempt) = &unresolved
            && !self.start_is_resolved(turn, key, attempt, status)
        {
            return;
        }
        self.note_wishes(turn, key, status);
        if let Some(run) = &mut self.lane(key).run {
            run.old_jobs.extend(unresolved.as_deref().and_then(job_before));
        }
        if self.lane(key).run.as_ref().is_some_and(|run| status.wanted < run.newest) {
            // The status lags behind one that was read before.
            return self.look_again(turn, key);
        }
        self.learn_span(key, status);
        self.settle_carried(turn, key, status);
        self.settle_unknown(turn, key, status);
        let wanted = self.lane(key).run.as_ref().map(|run| run.wanted.clone()).unwrap_or_default();
        let intents = &self.turns[&turn].materials[key].intents;
        let followed = intents.iter().any(|record| record.status.state == State::Tracking);
        if !self.is_waited_for(turn, key) {
            return self.rest(turn, key);
        }
        let lags = self.may_lag(turn, key, status);
        if status.running && !lags {
            return self.follow(turn, key, status);
        }
        if lags && !status.failed {
            return self.look_again(turn, key);
        }
        if wanted.values().all(|wish| *wish > status.wanted) {
            // No run could carry it: the status lags, or the revision does not exist.
            return self.look_again(turn, key);
        }
        if status.failed && followed {
            self.run_failed(turn, key);
            return self.free(turn, key);
        }
        self.end_withdrawn(turn, key);
        if !self.is_waited_for(turn, key) {
            return self.rest(turn, key);
        }
        self.start(turn, key, status);
    }

    /// Whether somebody waits whose wish is noted.
    fn is_waited_for(&self, turn: TurnId, key: &LaneKey) -> bool {
        let Some(run) = self.lanes.look(key).and_then(|lane| lane.run.as_ref()) else { return false };
        let intents = &self.turns[&turn].materials[key].intents;
        intents.iter().any(|record| self.is_active(record) && run.wanted.contains_key(&record.id))
    }

    /// Whoever is left has its wish noted in a turn of its own.
    fn rest(&mut self, turn: TurnId, key: &LaneKey) {
        let lane = self.lane(key);
        lane.run = None;
        lane.calm();
        self.free(turn, key);
    }

    /// Nothing more is started for what is withdrawn.
    fn end_withdrawn(&mut self, turn: TurnId, key: &LaneKey) {
        self.each_active(turn, key, |engine, record| {
            if let Some(by) = engine.withdrawn.get(&record.id).cloned() {
                engine.end_as_withdrawn(key, record, &by);
            }
        });
    }

    /// Whether a status may be older than the run that we know of: it shows none, or one from before
    /// it. A status that names the very job is not: that one goes on, or has ended.
    fn may_lag(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) -> bool {
        let now = self.asked_at(turn);
        let Some(run) = &self.lane(key).run else { return false };
        let named = |job: &String| run.job.as_ref() == Some(job);
        let old = status.job.as_ref().is_some_and(|job| run.old_jobs.contains(job));
        let doubted = run.doubted_until.is_some_and(|until| now < until) && !status.running;
        let assumed = run.assumed_until.is_some_and(|until| now < until);
        doubted || assumed && (old || !status.running && !status.job.as_ref().is_some_and(named))
    }

    /// Whether an unanswered start can be left behind: a run goes on or ended, or none was seen and
    /// none can come any more.
    fn start_is_resolved(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        status: &OperationStatus,
    ) -> bool {
        // A start carries no precondition: another one while a copy of it may still come would be a
        // second run. So it rests until none can come, and reads no longer lag behind that.
        let over = attempt.horizon + self.lag_bound();
        // The run that ended before the start says nothing of the start.
        let before = job_before(attempt);
        let seen = status.running && (before.is_none() || status.job != before) || status.carried >= status.wanted;
        if !seen && self.asked_at(turn) <= over {
            self.back_off(key);
            self.free(turn, key);
            return false;
        }
        let outcome = if seen { AttemptOutcome::TookEffect } else { AttemptOutcome::NoEffect };
        self.told(key, attempt, &outcome);
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
        self.lane(key).unresolved = None;
        self.each_of(turn, key, attempt, |engine, record| {
            if record.status.state == State::Ambiguous {
                let step = Step::why("queued/probe", "the operation's state is known again").attempt(attempt.id);
                engine.transit(key, record, State::Queued, step);
            }
        });
        true
    }

    /// Each member wants what was current when its turn came first.
    fn note_wishes(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) {
        let wishes: Vec<_> = self.turns[&turn].materials[key]
            .intents
            .iter()
            .filter(|record| self.is_active(record) && !self.barrier(key, record.order))
            .map(|record| (record.id, record.intent.operation().and_then(|operation| operation.revision)))
            .collect();
        let followed =
            self.turns[&turn].materials[key].intents.iter().any(|record| record.status.state == State::Tracking);
        let fresh = self.lane(key).run.is_none();
        let until = self.lag_ends();
        let now = self.now;
        let run = self.lane(key).run.get_or_insert_with(|| Run {
            job: None,
            since: now,
            started: None,
            looked: now,
            old_jobs: std::collections::BTreeSet::new(),
            assumed_until: None,
            doubted_until: None,
            newest: 0,
            refusals: 0,
            wanted: std::collections::BTreeMap::new(),
        });
        run.newest = run.newest.max(status.wanted);
        run.looked = now;
        if followed && fresh {
            // After a restart: a run that it follows was seen before, so a status without one may lag.
            run.assumed_until = Some(until);
            run.doubted_until = Some(until);
        }
        for (id, revision) in wishes {
            run.wanted.entry(id).or_insert(revision.unwrap_or(status.wanted));
        }
    }

    /// Members whose revision a finished run carries are done.
    fn settle_carried(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) {
        let wanted = self.lane(key).run.as_ref().map(|run| run.wanted.clone()).unwrap_or_default();
        let carried = status.carried;
        self.each_active(turn, key, |engine, record| {
            if wanted.get(&record.id).is_none_or(|wanted| *wanted > carried) {
                return;
            }
            let result = Some(Settled { revision: Some(carried), ..Settled::default() });
            if record.status.state == State::Tracking {
                engine.has_right(key);
                let reason = format!("revision {carried} is published");
                let step = Step { reason: Some(reason), result, ..Step::default() };
                engine.transit(key, record, State::Landed, step.by("target"));
            } else {
                let reason = format!("revision {carried} was published already");
                let step = Step { result, ..Step::why("satisfied/published", reason) };
                engine.transit(key, record, State::Satisfied, step);
            }
        });
    }

    /// Members that want a revision which does not exist, while nothing runs that could make it.
    fn settle_unknown(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) {
        let wanted = self.lane(key).run.as_ref().map(|run| run.wanted.clone()).unwrap_or_default();
        let newest = status.wanted;
        let now = self.now;
        let since = self.lane(key).run.as_ref().map_or(now, |run| run.since);
        if now.duration_since(since) < self.config.limits.lag_wait {
            return;
        }
        self.each_active(turn, key, |engine, record| {
            if let Some(wish) = wanted.get(&record.id).filter(|wish| **wish > newest) {
                let reason = format!("revision {wish} is wanted and the newest is {newest}");
                engine.transit(key, record, State::Review, Step::why("review/unknown_revision", reason));
            }
        });
    }

    /// A run goes on: everybody who waits follows it.
    fn follow(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) {
        let now = self.now;
        let job = status.job.clone();
        let wanted = self.lane(key).run.as_ref().map(|run| run.wanted.clone()).unwrap_or_default();
        self.each_active(turn, key, |engine, record| {
            if record.status.state != State::Tracking && wanted.contains_key(&record.id) {
                engine.transit(
                    key,
                    record,
                    State::Tracking,
                    Step::why("tracking/joined", "joined the run that goes on"),
                );
            }
        });
        let run = self.lane(key).run.as_mut().expect("the wishes were noted");
        run.refusals = 0;
        if run.job != job {
            run.old_jobs.extend(std::mem::replace(&mut run.job, job));
            run.since = now;
            run.started = None;
        }
        let started = run.started.as_ref().map(|start| start.at);
        // Reads may go back behind what one of them showed.
        self.assume_run(key);
        let expected = self.spans.expected(&self.span_names(key));
        let longest = self.config.limits.operation_poll_max;
        match started.zip(expected) {
            Some((at, expected)) => {
                self.wake_at(key, now + pause(now.duration_since(at), expected, longest));
                self.free(turn, key);
            }
            None => self.look_again(turn, key),
        }
    }

    /// Looks at the run again after a part of the time that it has taken so far.
    fn look_again(&mut self, turn: TurnId, key: &LaneKey) {
        let now = self.now;
        let since = self.lane(key).run.as_ref().map_or(now, |run| run.since);
        let pause = blind_pause(now.duration_since(since), self.config.limits.operation_poll_max);
        self.wake_at(key, now + pause);
        self.free(turn, key);
    }

    /// Somebody asked while a run is followed: what is current at this moment is what is wanted, so
    /// the run is looked at as soon as one of unknown length would be.
    pub(in crate::engine) fn look_sooner(&mut self, key: &LaneKey) {
        let lane = self.lane(key);
        let (Wake::At(at), Some(run)) = (&lane.wake, &lane.run) else { return };
        let (at, since, looked) = (*at, run.since, run.looked);
        let pause = blind_pause(looked.duration_since(since), self.config.limits.operation_poll_max);
        let sooner = self.now.max(looked + pause);
        if sooner < at {
            self.wake_at(key, sooner);
        }
    }

    /// Under which names the length of a run is learned: this very lock domain, and the kind.
    fn span_names(&self, key: &LaneKey) -> [String; 2] {
        let operation = key.operation.as_deref().unwrap_or_default();
        [self.dialect.lock_domain(&key.resource), key.resource.kind.clone()].map(|name| format!("{operation} {name}"))
    }

    /// Learns how long a run of ours took, once it is seen ended.
    fn learn_span(&mut self, key: &LaneKey, status: &OperationStatus) {
        let now = self.now;
        let Some(run) = &mut self.lane(key).run else { return };
        let same = status.job.is_none() || status.job == run.job;
        match &mut run.started {
            Some(start) if status.running && same => start.seen = now,
            Some(start) if !status.running && !status.failed && status.carried >= start.carries => {
                let start = start.clone();
                run.started = None;
                self.spans.learn(&self.span_names(key), &start, now);
            }
            _ => {}
        }
    }

    fn run_failed(&mut self, turn: TurnId, key: &LaneKey) {
        let most = self.config.limits.ambiguity_max;
        self.each_active(turn, key, |engine, record| {
            record.status.spent.unknown += 1;
            if record.status.spent.unknown > most.min(3) {
                let step = Step::why("review/operation_failed", "the target's run failed again and again");
                engine.transit(key, record, State::Review, step);
            } else if record.status.state == State::Tracking {
                engine.transit(
                    key,
                    record,
                    State::Queued,
                    Step::why("queued/run_failed", "the target's run failed: once more"),
                );
            }
        });
        self.lane(key).run = None;
        self.back_off(key);
    }

    /// Nothing runs and something is wanted: one run for all who wait.
    fn start(&mut self, turn: TurnId, key: &LaneKey, status: &OperationStatus) {
        // The job that ended last: whatever the start leads to has another one.
        let call = OperationCall { job: status.job.clone(), ..self.operation_call(key) };
        if let Some(run) = &mut self.lane(key).run {
            run.old_jobs.extend(status.job.clone());
            run.job = None;
        }
        let wanted = self.lane(key).run.as_ref().map(|run| run.wanted.clone()).unwrap_or_default();
        let noted = |record: &&crate::IntentRecord| self.is_active(record) && wanted.contains_key(&record.id);
        let waiting = self.turns[&turn].materials[key].intents.iter().filter(noted);
        let share = |intent| Share {
            intent,
            resource: key.resource.clone(),
            changes: Vec::new(),
            said: Vec::new(),
            followed: Vec::new(),
        };
        let shares: Vec<Share> = waiting.map(|record| share(record.id)).collect();
        self.each_active(turn, key, |engine, record| {
            if record.status.state == State::Tracking {
                let why = "the run that it followed ended without it";
                engine.transit(key, record, State::Queued, Step::why("queued/not_carried", why));
            }
        });
        let record = self.attempt_for(Call::Start(call), shares);
        self.write(turn, record);
    }

    pub(super) fn on_started(&mut self, turn: TurnId, attempt: &AttemptRecord, reply: Reply) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        match only_fact(reply) {
            Fact::Operation(status) => {
                let outcome = AttemptOutcome::Answered("accepted".to_owned());
                self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
                self.each_of(turn, &key, attempt, |engine, record| {
                    let step = Step::why("tracking/started", "the target works on it").attempt(attempt.id);
                    engine.transit(&key, record, State::Tracking, step);
                });
                self.assume_run(&key);
                self.own_run(&key, &status);
                self.follow(turn, &key, &status);
            }
            Fact::Refused(evidence) => self.start_refused(turn, &key, attempt, &evidence),
            Fact::Observed(_) | Fact::Absent | Fact::Written(_) | Fact::Found(_) | Fact::Processing(_) => {
                let evidence =
                    Evidence::bare(Class::Ambiguous, "no result", "the answer does not say whether it started");
                self.start_refused(turn, &key, attempt, &evidence);
            }
        }
    }

    /// When reads no longer lag behind something that happens at this moment.
    fn lag_ends(&self) -> jiff::Timestamp {
        self.now + self.lag_bound()
    }

    /// The longest that reads of a status lag.
    fn lag_bound(&self) -> SignedDuration {
        self.config.limits.lag_wait * 3 / 4
    }

    /// A run goes on although the next reads of the status may not show it.
    fn assume_run(&mut self, key: &LaneKey) {
        let until = self.lag_ends();
        if let Some(run) = &mut self.lane(key).run {
            run.assumed_until = Some(until);
        }
    }

    /// The run that goes on is ours: it began at this moment.
    fn own_run(&mut self, key: &LaneKey, status: &OperationStatus) {
        let now = self.now;
        if let Some(run) = &mut self.lane(key).run {
            run.job.clone_from(&status.job);
            run.doubted_until = None;
            run.since = now;
            run.started = status.carrying.map(|carries| Start { at: now, carries, seen: now });
        }
    }

    fn start_refused(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        if evidence.class == Class::Ambiguous {
            self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::Split, at: self.now });
            // The target has answered: it started a run or it did not, and nothing is on its way.
            let answered = AttemptRecord { horizon: self.now, ..attempt.clone() };
            return self.make_ambiguous(turn, &answered, vec![(key.clone(), evidence.clone())]);
        }
        let outcome = AttemptOutcome::Answered(evidence.label.clone());
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
        let evidence = &self.in_words(key, attempt, evidence);
        let joins = matches!(evidence.class, Class::InProgress | Class::AlreadyDone | Class::Stale);
        if matches!(evidence.class, Class::Overlap | Class::Rule | Class::Time | Class::Invalid | Class::Duplicate) {
            self.refused_once(turn, key, attempt, evidence, "review/rule");
            return self.free(turn, key);
        }
        if !joins {
            return self.write_refused(turn, key, attempt, evidence);
        }
        // Somebody else was first, or there is nothing left to do: the status tells which.
        self.each_of(turn, key, attempt, |engine, record| {
            let step = Step::why("queued/in_progress", evidence.message.clone()).attempt(attempt.id).evidence(evidence);
            engine.transit(key, record, State::Queued, step);
        });
        self.assume_run(key);
        let refusals = self.lane(key).run.as_mut().map_or(0, |run| {
            run.refusals += 1;
            run.refusals
        });
        if refusals > REFUSALS_MAX {
            let why = "refused again and again as if a run went on or nothing were left to do, while its status shows neither";
            self.each_active(turn, key, |engine, record| {
                let reason = format!("{why}: {} {}", evidence.label, evidence.message);
                engine.transit(key, record, State::Review, Step::why("review/contradicts", reason).evidence(evidence));
            });
        }
        self.back_off(key);
        self.free(turn, key);
    }
}

/// Refusals in a row that speak of a run which no status shows, before a person is asked. Between two of them reads had the
/// time to catch up.
const REFUSALS_MAX: u32 = 2;

/// The job that had ended last when an operation was started.
fn job_before(attempt: &AttemptRecord) -> Option<String> {
    match &attempt.call {
        Call::Start(operation) => operation.job.clone(),
        _ => None,
    }
}
