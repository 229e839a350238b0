//! Refusals that do not say why. A stale version, a lock and a rule of the business may all be told so.
//!
//! A read tells the first. Where it goes on to show the version that was refused, a lock is a guess: it is probed at pauses
//! that double, so that the wait for a lock costs a dozen writes and not a hundred. Where locks of the kind were seen to be
//! told so, the guess has grounds, and the usual pace holds for as long as such a lock may last. A status that no lock has is
//! tried once more and then only read, until reads can lag no more. What stays unexplained is a person's matter, and an alarm.

use super::Engine;
use super::lane::{Bare, LaneKey, Wake};
use super::refusal::written_at;
use super::settle::Step;
use crate::commit::AttemptRecord;
use crate::dialect::Call;
use crate::evidence::{About, Class, Evidence};
use crate::ids::TurnId;
use crate::plan::seconds;
use crate::states::State;
use jiff::SignedDuration;

/// A refusal that does not say why is probed like a known lock for so many times the longest hold of its kind.
const HOLDS_PATIENCE: i32 = 4;

/// So many texts are remembered as told.
const ALERTED_MAX: usize = 1_000;

impl Engine {
    /// A refusal in the words of the one before, where it has none of its own and was given for the same version.
    pub(super) fn in_words(&mut self, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) -> Evidence {
        let at = written_at(attempt, key);
        let alone = match &attempt.call {
            Call::Write(items) => items.len() == 1 || evidence.about == About::This,
            _ => true,
        };
        let wordless = match evidence.class {
            Class::Bare | Class::BareShape => true,
            Class::InProgress => evidence.message.is_empty(),
            _ => false,
        };
        let lane = self.lane(key);
        match evidence.class {
            _ if wordless => {
                let told = lane.told.as_ref().filter(|(then, _)| *then == at && alone);
                let worded = |(_, told): &(_, Box<Evidence>)| Evidence {
                    class: told.class,
                    message: told.message.clone(),
                    field: told.field.clone(),
                    ..evidence.clone()
                };
                told.map_or_else(|| evidence.clone(), worded)
            }
            Class::Stale
            | Class::Lock
            | Class::Dependency
            | Class::Overlap
            | Class::Rule
            | Class::Time
            | Class::Invalid
            | Class::Unclassified
                if alone && !evidence.message.is_empty() =>
            {
                lane.told = Some((at, Box::new(evidence.clone())));
                evidence.clone()
            }
            _ => evidence.clone(),
        }
    }

    /// Refused without a word why: read first, then by what the status leaves open.
    pub(super) fn refused_bare(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        let (now, at) = (self.now, written_at(attempt, key));
        if at.is_none() {
            // No version tells whether it moved.
            self.alarm_unclassified(evidence);
            return self.refused_once(turn, key, attempt, evidence, "review/unclassified");
        }
        let lane = self.lane(key);
        let again = lane.stale_at == at;
        let before = lane.bare.take().filter(|_| again);
        let (since, times) = before.map_or((now, 1), |bare| (bare.since, bare.times + 1));
        let may_be_lock = evidence.class == Class::Bare;
        let last = Box::new((attempt.clone(), evidence.clone()));
        lane.bare = Some(Bare { may_be_lock, since, times, last });
        if !(again && lane.contended) {
            let why = ("queued/probe", "refused without saying why: read again");
            return self.merge_again(turn, key, attempt, evidence, why);
        }
        if self.halve(turn, key, attempt, evidence) {
            return;
        }
        if !may_be_lock {
            self.each_of(turn, key, attempt, |engine, record| {
                let step =
                    Step::why("queued/probe", "refused again without saying why: reads must show whether it moved");
                engine.transit(key, record, State::Queued, step.attempt(attempt.id).evidence(evidence));
            });
            let lane = self.lane(key);
            lane.contended = false;
            lane.must_read = true;
            return self.make_ready(key);
        }
        let met = *self.lane(key).locked_since.get_or_insert(now);
        if now.duration_since(met) > self.config.limits.lock_wait {
            return self.conclude_bare(turn, key);
        }
        self.sent_to(turn, key, attempt, State::Parked, "parked/contended", evidence);
        self.park(key);
    }

    /// Reads go on to show the version at which a status was told that no lock has. Returns whether the lane may go on to
    /// write: once, before only reads follow.
    pub(super) fn shows_the_same(&mut self, turn: TurnId, key: &LaneKey) -> bool {
        let lane = self.lanes.look(key).expect("a held lane exists");
        let bare = lane.bare.as_ref().expect("it was refused without saying why");
        if bare.times < 2 {
            self.lane(key).contended = true;
            return true;
        }
        let waited = self.now.duration_since(bare.since);
        if waited > self.config.limits.lag_wait {
            self.conclude_bare(turn, key);
        } else {
            let (first, longest) = self.config.limits.lock_probe;
            let pause = self.jittered((waited / 2).clamp(first / 2, longest));
            self.lane(key).must_read = true;
            let at = self.now + pause;
            self.wake_at(key, at);
        }
        self.free(turn, key);
        false
    }

    /// Nothing explains the refusals: a person decides, and whoever keeps the dialect is told.
    fn conclude_bare(&mut self, turn: TurnId, key: &LaneKey) {
        let Some(bare) = self.lane(key).bare.take() else { return };
        let (attempt, evidence) = *bare.last;
        self.alarm_unclassified(&evidence);
        let waited = seconds(self.now.duration_since(bare.since));
        let version = written_at(&attempt, key).unwrap_or_default();
        let said = if evidence.message.is_empty() { String::new() } else { format!(" \"{}\"", evidence.message) };
        let reason = format!(
            "refused {} times in {waited:.0} s with {}{said}, which does not say why, while reads went on to show version {version}",
            bare.times, evidence.label
        );
        let mut sides = self.sides_of(turn, key, &attempt);
        self.each_of(turn, key, &attempt, |engine, record| {
            let step = Step::why("review/unclassified", reason.clone()).attempt(attempt.id).evidence(&evidence);
            engine.ask_person(key, record, &attempt, sides.remove(&record.id), step);
        });
        let lane = self.lane(key);
        lane.stale_at = None;
        lane.contended = false;
        lane.locked_since = None;
        lane.take = None;
        self.make_ready(key);
    }

    /// The alarm that the dialect does not know what the target says; one for each text.
    pub(super) fn alarm_unclassified(&mut self, evidence: &Evidence) {
        let words = if evidence.message.is_empty() { "no words" } else { &evidence.message };
        let message = format!("{}: {words}", evidence.label);
        if self.alerted.len() >= ALERTED_MAX || self.alerted.insert(message.clone()) {
            self.alarm("unclassified", &message);
        }
    }

    /// The first and the longest pause between probes of what a lane waits for.
    pub(super) fn probe_pauses(&self, key: &LaneKey) -> (SignedDuration, SignedDuration) {
        if let Some(pauses) = self.right_pauses(key) {
            return pauses;
        }
        let (first, longest) = self.config.limits.lock_probe;
        let Some(lane) = self.lanes.look(key) else { return (first, longest) };
        let guessed = lane.bare.as_ref().is_some_and(|bare| bare.may_be_lock);
        let waited = lane.locked_since.map_or(SignedDuration::ZERO, |since| self.now.duration_since(since));
        let held = self.holds.get(&key.resource.kind).copied().unwrap_or_default();
        if !guessed || waited < held * HOLDS_PATIENCE {
            return (first, longest);
        }
        // The last probe comes when the budget ends.
        (first, longest.max(self.config.limits.lock_wait - waited))
    }

    /// A write landed at the version at which it had been refused: something held the record for so long. Guesses of the same
    /// kind have grounds from then on.
    pub(super) fn learn_hold(&mut self, key: &LaneKey, attempt: &AttemptRecord) {
        let Some(lane) = self.lanes.look(key) else { return };
        let at = written_at(attempt, key);
        let Some(since) = lane.locked_since.filter(|_| at.is_some() && lane.contended && lane.stale_at == at) else {
            return;
        };
        let held = self.now.duration_since(since);
        let known = self.holds.entry(key.resource.kind.clone()).or_default();
        if held <= *known {
            return;
        }
        *known = held;
        let kind = &key.resource.kind;
        let waits = |(key, lane): (&LaneKey, &super::lane::Lane)| match &lane.wake {
            Wake::Lock(domain) if key.resource.kind == *kind && lane.bare.is_some() => {
                Some((key.clone(), domain.clone()))
            }
            _ => None,
        };
        let waiting: Vec<(LaneKey, String)> = self.lanes.iter().filter_map(waits).collect();
        for (key, domain) in waiting {
            let (_, longest) = self.probe_pauses(&key);
            if let Some(next) = self.trains.hasten(self.now, &domain, longest) {
                self.timer(next, super::Timer::Train(domain));
            }
        }
    }
}
