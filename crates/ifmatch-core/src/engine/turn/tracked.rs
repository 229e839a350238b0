//! A write that the target has taken and goes on with: `docs/design/022-writes-of-several-requests.md`.
//!
//! The turn keeps its lanes and sleeps. What it wrote may take effect at any moment, so nothing else of theirs is written
//! before it is known what became of it. After a crash, or where a lane is given back, its part is a write that may have
//! taken effect like any other, of which no copy is sent before its horizon.

use super::super::lane::LaneKey;
use super::super::recovered::value_lane;
use super::super::refusal::written_at;
use super::super::settle::Step;
use super::super::spans::{Start, blind_pause, pause};
use super::super::{Purpose, Timer, Token};
use super::Engine;
use super::silent::Borne;
use crate::commit::{AttemptOutcome, AttemptRecord, Op};
use crate::dialect::{Call, Fact, Processing, Reply};
use crate::evidence::{Class, Evidence};
use crate::ids::TurnId;
use crate::shadow::Snapshot;
use crate::shared::Shared;
use crate::states::State;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a turn waits for.
#[derive(Debug)]
pub(super) struct Tracked {
    /// What it wrote, lane by lane, of which is not known what became of it.
    parts: BTreeMap<LaneKey, Shared<AttemptRecord>>,
    /// When the last question left whose answer showed each of them as it was. One read may show some of them only.
    shown: BTreeMap<LaneKey, Timestamp>,
    processing: Processing,
    start: Start,
    /// Whether a question is on its way.
    asks: bool,
    /// Whether the target said that it has ended.
    ended: bool,
    /// When it is looked at next.
    due: Timestamp,
}

impl Engine {
    /// The target has taken a write and tells later what became of it.
    pub(super) fn track(&mut self, turn: TurnId, attempt: &AttemptRecord, processing: Processing) {
        let mut parts = BTreeMap::new();
        for (key, mut part) in self.split(attempt) {
            part.taken = true;
            part.horizon = self.now + self.config.limits.processing_wait;
            let part = Shared::new(part);
            self.commits.op(Op::Attempt(part.clone()));
            self.each_of(turn, &key, &part, |engine, record| {
                let why = "the target has taken it, and what became of it is told later";
                let step = Step::why("tracking/processing", why).attempt(part.id).by("target");
                engine.transit(&key, record, State::Tracking, step);
            });
            self.lane(&key).unresolved = Some(part.clone());
            parts.insert(key, part);
        }
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::Split, at: self.now });
        let start = Start { at: self.now, carries: 0, seen: self.now };
        if let Some(operation) = &processing.operation {
            self.listening.note_own(operation);
        }
        let shown = BTreeMap::new();
        let tracked = Tracked { parts, shown, processing, start, asks: false, ended: false, due: self.now };
        if self.turns.get_mut(&turn).is_some_and(|held| held.tracked.replace(tracked).is_none()) {
            self.tracked += 1;
        }
        self.sleep(turn);
        if self.has_ended(turn).is_some() {
            // The notice was here before the answer to the write.
            self.timer(self.now, Timer::Turn(turn));
        }
    }

    /// Where in the row of what ended that stands for which a turn waits.
    fn has_ended(&self, turn: TurnId) -> Option<usize> {
        let operation = self.turns.get(&turn)?.tracked.as_ref()?.processing.operation.as_ref()?;
        self.listening.ended.iter().position(|(ended, _)| ended == operation)
    }

    /// When a turn looks next what became of its write, and whether a notice may tell before.
    pub(in crate::engine) fn next_look(&self, turn: TurnId) -> Option<(Timestamp, bool)> {
        let tracked = self.turns.get(&turn)?.tracked.as_ref().filter(|tracked| !tracked.asks)?;
        let listens = self.listening.is_open() && tracked.processing.operation.is_some() && !tracked.ended;
        Some((tracked.due, listens))
    }

    /// Looks again when it may have ended.
    fn sleep(&mut self, turn: TurnId) {
        let names = self.processing_names(turn);
        let longest = self.config.limits.operation_poll_max;
        let Some(tracked) = self.turns.get_mut(&turn).and_then(|turn| turn.tracked.as_mut()) else { return };
        tracked.asks = false;
        let elapsed = self.now.duration_since(tracked.start.at);
        let pause = match self.spans.expected(&names).filter(|_| !tracked.ended) {
            Some(expected) => pause(elapsed, expected, longest),
            None => blind_pause(elapsed, longest),
        };
        tracked.due = self.now + pause;
        self.timer(self.now + pause, Timer::Turn(turn));
    }

    /// Under which name the length of such work is learned.
    fn processing_names(&self, turn: TurnId) -> Vec<String> {
        let kind = self.turns.get(&turn).and_then(|turn| turn.keys.first()).map(|key| &key.resource.kind);
        kind.map(|kind| format!("processing {kind}")).into_iter().collect()
    }

    /// It is time to look what became of it: the job is asked where there is one, else the records are.
    pub(in crate::engine) fn look_at_tracked(&mut self, turn: TurnId) {
        if let Some((operation, failed)) = self.has_ended(turn).and_then(|at| self.listening.ended.remove(at)) {
            return self.on_told(&operation, failed);
        }
        if self.token != Token::Granted {
            return self.sleep(turn);
        }
        let Some(held) = self.turns.get_mut(&turn) else { return };
        let mut keys = held.keys.clone();
        let Some(tracked) = held.tracked.as_mut().filter(|tracked| !tracked.asks) else { return };
        tracked.asks = true;
        // Whoever was shown longest ago goes first: a read that cannot show all begins with the first.
        keys.sort_by_key(|key| tracked.shown.get(key).copied());
        let resources: Vec<_> = keys.into_iter().map(|key| key.resource).collect();
        let Some(status) = tracked.processing.status.clone().filter(|_| !tracked.ended) else {
            return self.ask(turn, Call::Read(resources));
        };
        let items = tracked.parts.values().filter_map(|part| match &part.call {
            Call::Write(items) => items.first().cloned(),
            _ => None,
        });
        let call = Call::Write(items.collect());
        self.put(turn, status, Purpose::Tracked { turn, call });
    }

    /// Whether a turn waits for what becomes of a write.
    pub(in crate::engine) fn is_tracked(&self, turn: TurnId) -> bool {
        self.turns.get(&turn).is_some_and(super::Turn::is_tracked)
    }

    /// A question brought nothing: again later. The horizon stands.
    pub(in crate::engine) fn tracked_unanswered(&mut self, turn: TurnId) {
        self.give_back_overdue(turn);
        self.sleep(turn);
    }

    /// What the job says of it.
    pub(in crate::engine) fn on_tracked_status(&mut self, turn: TurnId, reply: Reply) {
        for (resource, fact) in reply.facts {
            let key = value_lane(&resource);
            let Some(part) = self.part_of(turn, &key) else { continue };
            match fact {
                Fact::Written(written) => {
                    self.learn_processing(turn);
                    let _: Borne = self.bear_out(turn, &key, &part, &written);
                    self.resolved(turn, &key, &part, AttemptOutcome::TookEffect);
                }
                Fact::Refused(evidence) if says_something(&evidence) => {
                    self.learn_processing(turn);
                    self.end_tracked(turn, &key, &part, &evidence);
                }
                // The job is gone from sight: the records tell.
                Fact::Absent | Fact::Operation(_) | Fact::Observed(_) | Fact::Found(_) => self.note_end(turn),
                Fact::Processing(_) | Fact::Refused(_) => {}
            }
        }
        self.tracked_unanswered(turn);
    }

    /// What the records show: who moved is judged, who stands as it was may still be written.
    pub(super) fn on_tracked_read(&mut self, turn: TurnId, reply: Reply) {
        for (resource, fact) in reply.facts {
            let key = value_lane(&resource);
            let (Some(part), Fact::Observed(snapshot)) = (self.part_of(turn, &key), fact) else { continue };
            if !self.has_moved(turn, &key, &part, &snapshot) {
                self.stands(turn, &key);
                continue;
            }
            let mut material = self.take_material(turn, &key);
            material.row.confirm((*snapshot).clone(), self.last_order);
            material.row_changed = true;
            self.put_material(turn, &key, material);
            self.confirmed(turn, &key);
            if self.judge(turn, &key, &part, &snapshot) {
                self.learn_processing(turn);
            }
        }
        self.seen_standing(turn);
        self.tracked_unanswered(turn);
    }

    /// Whether a read shows another record than the one that was written to, rather than an older one.
    fn has_moved(&self, turn: TurnId, key: &LaneKey, part: &AttemptRecord, snapshot: &Snapshot) -> bool {
        let floor = self.turns[&turn].materials[key].row.floor;
        match (snapshot.version, written_at(part, key)) {
            (Some(now), Some(from)) => now >= floor && now != from,
            _ => true,
        }
    }

    /// A read showed a record as it was.
    fn stands(&mut self, turn: TurnId, key: &LaneKey) {
        let asked_at = self.asked_at(turn);
        if let Some(tracked) = self.turns.get_mut(&turn).and_then(|turn| turn.tracked.as_mut()) {
            tracked.shown.insert(key.clone(), asked_at);
        }
    }

    /// Whether a read that left after the horizon of a part showed its record as it was.
    fn stood_since(&self, turn: TurnId, key: &LaneKey, part: &AttemptRecord) -> bool {
        let tracked = self.turns.get(&turn).and_then(|turn| turn.tracked.as_ref());
        tracked.and_then(|tracked| tracked.shown.get(key)).is_some_and(|at| is_over(part, *at))
    }

    /// It was still going on by this read, as far as the records tell.
    fn seen_standing(&mut self, turn: TurnId) {
        let asked_at = self.asked_at(turn);
        if let Some(tracked) = self.turns.get_mut(&turn).and_then(|turn| turn.tracked.as_mut()) {
            tracked.start.seen = asked_at;
        }
    }

    /// The target tells how work ended that it had taken: not at all, or as the records show.
    pub(in crate::engine) fn on_told(&mut self, operation: &str, failed: bool) {
        let named = |held: &super::Turn| {
            held.tracked.as_ref().is_some_and(|tracked| tracked.processing.operation.as_deref() == Some(operation))
        };
        let Some(turn) = self.turns.iter().find(|(_, held)| named(held)).map(|(turn, _)| *turn) else {
            return self.listening.note_ended(operation, failed);
        };
        self.learn_processing(turn);
        if !failed {
            self.note_end(turn);
            return self.look_at_tracked(turn);
        }
        let evidence = Evidence::bare(Class::Bare, "Error", "the target took the write, and says that it failed");
        for key in self.keys_of(turn) {
            if let Some(part) = self.part_of(turn, &key) {
                self.end_tracked(turn, &key, &part, &evidence);
            }
        }
    }

    /// It has ended: what does not show it soon was not written.
    fn note_end(&mut self, turn: TurnId) {
        let horizon = self.now + self.config.limits.lag_wait;
        if let Some(tracked) = self.turns.get_mut(&turn).and_then(|turn| turn.tracked.as_mut())
            && !std::mem::replace(&mut tracked.ended, true)
        {
            for part in tracked.parts.values_mut() {
                part.horizon = part.horizon.min(horizon);
            }
        }
    }

    /// Learns how long it took, as far as one of its records tells. That it has ended for the others is not said by that:
    /// somebody else, or an earlier write of ours, may have written what this one says.
    fn learn_processing(&mut self, turn: TurnId) {
        let names = self.processing_names(turn);
        let Some(tracked) = self.turns.get(&turn).and_then(|turn| turn.tracked.as_ref()) else { return };
        if !tracked.ended {
            let start = tracked.start.clone();
            self.spans.learn(&names, &start, self.now);
        }
    }

    /// The part of a lane, while it is not known what became of it.
    fn part_of(&self, turn: TurnId, key: &LaneKey) -> Option<Shared<AttemptRecord>> {
        let held = self.turns.get(&turn).filter(|held| held.keys.contains(key))?;
        held.tracked.as_ref()?.parts.get(key).cloned()
    }

    /// Nothing of a part has taken effect or will: it is refused.
    fn end_tracked(&mut self, turn: TurnId, key: &LaneKey, part: &AttemptRecord, evidence: &Evidence) {
        self.commits.op(Op::AttemptDone { id: part.id, outcome: AttemptOutcome::NoEffect, at: self.now });
        let lane = self.lane(key);
        lane.unresolved = None;
        lane.must_read = true;
        self.write_refused(turn, key, part, evidence);
    }

    /// Whoever stands as it was when its horizon has passed was not written. Whoever was not shown by then is a write that may
    /// have taken effect, and is looked at by itself.
    fn give_back_overdue(&mut self, turn: TurnId) {
        let asked_at = self.asked_at(turn);
        for key in self.keys_of(turn) {
            let Some(part) = self.part_of(turn, &key).filter(|part| is_over(part, asked_at)) else { continue };
            if self.stood_since(turn, &key, &part) {
                self.end_tracked(turn, &key, &part, &without_effect());
            } else if asked_at > part.horizon + self.config.limits.lag_wait {
                self.free(turn, &key);
            }
        }
    }
}

/// What a write shows that the target took, and that did nothing within its time.
pub(super) fn without_effect() -> Evidence {
    Evidence::bare(Class::Bare, "202 without effect", "the target took the write, and the record stands as it was")
}

fn is_over(part: &AttemptRecord, asked_at: Timestamp) -> bool {
    asked_at > part.horizon
}

/// Whether a refusal is about the write rather than about the question.
fn says_something(evidence: &Evidence) -> bool {
    !matches!(
        evidence.class,
        Class::Ambiguous | Class::Throttled | Class::Unauthorised | Class::Absent | Class::Forbidden
    )
}
