//! Transitions: every one is checked against the table, and becomes one operation and one leaf.

use super::cancelled::kept;
use super::lane::LaneKey;
use super::{Engine, Timer};
use crate::commit::{Op, Transition};
use crate::effect::{Effect, Notice};
use crate::evidence::Evidence;
use crate::ids::{AttemptId, IntentId};
use crate::plan::{MemberFate, seconds};
use crate::record::{ConflictNote, Heard, IntentRecord, Settled};
use crate::states::{State, allows};

/// Where an intent shall go and why.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) code: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) by: Option<String>,
    pub(super) attempt: Option<AttemptId>,
    pub(super) evidence: Option<Evidence>,
    pub(super) winner: Option<IntentId>,
    pub(super) conflict: Vec<ConflictNote>,
    pub(super) result: Option<Settled>,
}

impl Step {
    pub(super) fn why(code: &str, reason: impl Into<String>) -> Self {
        Self { code: Some(code.to_owned()), reason: Some(reason.into()), ..Self::default() }
    }

    pub(super) fn attempt(mut self, id: AttemptId) -> Self {
        self.attempt = Some(id);
        self
    }

    pub(super) fn evidence(mut self, evidence: &Evidence) -> Self {
        self.evidence = Some(evidence.clone());
        self
    }

    pub(super) fn by(mut self, who: &str) -> Self {
        self.by = Some(who.to_owned());
        self
    }
}

/// The states between one and another, by the shortest way of the table. Only states of one's own lane are passed through:
/// nothing is claimed of the target.
fn way(from: State, to: State) -> &'static [State] {
    use State::{Planned, Queued};
    const WAYS: [&[State]; 4] = [&[], &[Queued], &[Planned], &[Queued, Planned]];
    let leads = |between: &&[State]| {
        let reached = between.iter().try_fold(from, |at, next| allows(at, *next).then_some(*next));
        reached.is_some_and(|last| allows(last, to))
    };
    WAYS.into_iter().find(leads).unwrap_or_else(|| panic!("no way from {from} to {to}"))
}

impl Engine {
    /// Moves an intent, through the states between, and tells its callers once it is durable.
    pub(super) fn transit(&mut self, key: &LaneKey, record: &mut IntentRecord, to: State, step: Step) {
        let (to, step) = self.half_goes(record, to, step);
        if to == State::Landed {
            record.status.partner = self.pairs.partner(record.id);
        }
        let from = record.status.state;
        for between in way(from, to) {
            self.step(record, *between, Step::default());
        }
        self.step(record, to, step);
        if let Some(head) = self.heads.get_mut(&record.id) {
            head.state = to;
            head.since = self.now;
        }
        if from.is_unresolved() && !to.is_unresolved() && !to.is_terminal() {
            // Its deadline may have passed, or it was withdrawn, while nobody could tell what its write did.
            self.watch_times(record.id, key);
            if self.is_withdrawn(record) {
                self.lanes.add_chore(key);
            }
        }
        if to.is_terminal() {
            self.heads.remove(&record.id);
            self.keys.land(record.id);
            self.lane(key).members.remove(&record.order);
            if self.withdrawn.remove(&record.id).is_some() {
                self.commits.op(Op::Keep { key: kept(record.id), value: None });
            }
        }
        self.half_went(record);
        self.commits.after(Effect::Notify(Notice::Changed {
            id: record.id,
            resource: record.resource.clone(),
            status: record.status.clone(),
        }));
    }

    fn step(&mut self, record: &mut IntentRecord, to: State, step: Step) {
        let from = record.status.state;
        assert!(allows(from, to), "the table does not allow {from} → {to}");
        let status = &mut record.status;
        let waited = seconds(self.now.duration_since(status.since));
        match from {
            State::Parked => status.waited.lock += waited,
            // Who waits for a time of its own, or for the brake, does not wait for the budget.
            State::Deferred
                if matches!(status.code.as_deref(), Some("deferred/throttled" | "deferred/unauthorised")) =>
            {
                status.waited.budget += waited;
            }
            _ => {}
        }
        status.state = to;
        status.since = self.now;
        status.code = step.code;
        status.reason = step.reason;
        status.winner = step.winner;
        status.conflict = step.conflict;
        if step.result.is_some() {
            status.result = step.result;
        }
        if to == State::Sent {
            status.attempts += 1;
        }
        if let Some(evidence) = &step.evidence {
            status.heard = Some(Heard::of(evidence, self.now, status.heard.as_ref()));
        }
        if to.is_terminal() {
            status.settled_at = Some(self.now);
        }
        let by = step.by.unwrap_or_else(|| "engine".to_owned());
        self.commits.op(Op::Transition(Box::new(Transition {
            intent: record.id,
            at: self.now,
            from,
            to,
            by,
            attempt: step.attempt,
            evidence: step.evidence,
            status: record.status.clone(),
        })));
    }

    /// Gives a member the fate that its composition found; a carried one keeps its state, unless it
    /// must be remembered what it goes on from.
    pub(super) fn meet_fate(&mut self, key: &LaneKey, record: &mut IntentRecord, fate: MemberFate) {
        match fate {
            MemberFate::Carried { goes_on, .. } if goes_on.is_empty() => {}
            MemberFate::Carried { goes_on, .. } => {
                record.status.edits = goes_on;
                if record.status.state != State::Planned {
                    self.transit(key, record, State::Planned, Step::default());
                }
            }
            MemberFate::Satisfied { code, reason } => {
                self.transit(key, record, State::Satisfied, Step::why(code, reason));
            }
            MemberFate::Superseded { by, code, reason } => {
                let step = Step { winner: by, ..Step::why(code, reason) };
                self.transit(key, record, State::Superseded, step);
            }
            MemberFate::Review { code, reason, conflict, edits } => {
                if record.status.state == State::Review {
                    return;
                }
                record.status.decided.clear();
                record.status.edits = edits;
                let step = Step { conflict, ..Step::why(code, reason) };
                self.transit(key, record, State::Review, step);
            }
            MemberFate::Expired => self.expire(key, record),
            MemberFate::Rejected { code, reason, winner, conflict } => {
                if !conflict.is_empty() {
                    let shadow = None;
                    record.status.refusal = Some(self.dialect.refusal(&record.resource, &conflict, shadow));
                }
                let step = Step { winner, conflict, ..Step::why(code, reason) };
                self.transit(key, record, State::Rejected, step);
            }
        }
    }

    /// Ends an intent whose deadline passed, saying what it waited for and how long.
    pub(super) fn expire(&mut self, key: &LaneKey, record: &mut IntentRecord) {
        let (code, cause) = match record.status.state {
            State::Parked => ("expired/lock", "while its record was locked"),
            State::Deferred => ("expired/deferred", "while the budget was closed"),
            State::Review => ("expired/review", "before a person decided"),
            _ => ("expired/deadline", "before it could be written"),
        };
        let waits_for = record.status.code.as_deref();
        let cause =
            if waits_for == Some("parked/dependency") { "before what it depends on was settled" } else { cause };
        self.end_late(key, record, code, &format!("its deadline passed {cause}"));
    }

    /// Ends an intent that is too late, saying how old it is. Whoever planned with it must hear of it: nothing of it will happen any more.
    pub(super) fn end_late(&mut self, key: &LaneKey, record: &mut IntentRecord, code: &'static str, cause: &str) {
        let age = seconds(self.now.duration_since(record.accepted_at));
        let reason = format!("{cause}; it is {age:.0} s old");
        self.alarm("expired", &format!("{} for {}: {reason}", record.id, record.resource));
        self.transit(key, record, State::Expired, Step::why(code, reason));
    }

    /// Has an intent's deadline and earliest time looked at when they come.
    pub(super) fn watch_times(&mut self, id: IntentId, key: &LaneKey) {
        let Some(head) = self.heads.get(&id) else { return };
        let (deadline, not_before) = (head.deadline, head.not_before);
        if let Some(deadline) = deadline {
            self.timer(deadline, Timer::Deadline(id));
        }
        if let Some(at) = not_before.filter(|at| *at > self.now) {
            self.timer(at, Timer::Lane(key.clone()));
        }
    }
}
