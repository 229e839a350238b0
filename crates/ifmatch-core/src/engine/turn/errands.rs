//! What a call needs before it can be made: asked for one by one, with nothing durable, since none of it changes a record.

use super::super::Purpose;
use super::super::gates::Passage;
use super::super::lane::{LaneKey, Wake};
use super::Engine;
use crate::commit::{AttemptOutcome, AttemptRecord, Op};
use crate::dialect::{Call, Fact, Reply};
use crate::errand::Notes;
use crate::evidence::{Class, Evidence};
use crate::ids::TurnId;
use crate::shared::Shared;
use crate::wire::{Request, Response};

/// A call on its way to its request.
#[derive(Debug)]
pub(in crate::engine) struct Errand {
    pub(in crate::engine) turn: TurnId,
    notes: Notes,
    then: Then,
}

/// What is done with the request of a call.
#[derive(Debug)]
enum Then {
    /// It changes nothing.
    Ask(Call),
    /// It is a write: recorded before it leaves.
    Write(Shared<AttemptRecord>),
    /// It is a write that may have taken effect, once more.
    Copy(Shared<AttemptRecord>),
}

impl Errand {
    pub(in crate::engine) fn call(&self) -> &Call {
        self.then.call()
    }
}

impl Then {
    fn call(&self) -> &Call {
        match self {
            Self::Ask(call) => call,
            Self::Write(record) | Self::Copy(record) => &record.call,
        }
    }
}

impl Engine {
    /// Makes a call that changes nothing.
    pub(in crate::engine) fn ask(&mut self, turn: TurnId, call: Call) {
        self.go(Errand { turn, notes: self.places.clone(), then: Then::Ask(call) });
    }

    /// Writes, once what the write needs is there.
    pub(in crate::engine) fn write(&mut self, turn: TurnId, record: AttemptRecord) {
        self.go(Errand { turn, notes: self.places.clone(), then: Then::Write(Shared::new(record)) });
    }

    /// Sends a write once more that may have taken effect, with the same precondition.
    pub(super) fn copy(&mut self, turn: TurnId, attempt: &AttemptRecord) {
        self.go(Errand { turn, notes: self.places.clone(), then: Then::Copy(Shared::new(attempt.clone())) });
    }

    /// The next request of a call.
    fn go(&mut self, errand: Errand) {
        if matches!(errand.then, Then::Write(_) | Then::Copy(_)) {
            self.listen_for(errand.call());
        }
        if let Some(request) = self.dialect.errand(errand.call(), &errand.notes) {
            return self.put(errand.turn, request, Purpose::Errand(Box::new(errand)));
        }
        let Errand { turn, notes, then } = errand;
        match then {
            Then::Ask(call) => {
                let request = self.dialect.request(&call, &notes);
                self.put(turn, request, Purpose::Ask { turn, call });
            }
            Then::Write(mut record) => {
                if !notes.is_empty() {
                    record.request = self.dialect.request(&record.call, &notes).into();
                    record.at = self.now;
                    record.horizon = self.horizon();
                }
                if self.is_shut(&record.request) {
                    return self.await_gate(turn, &record.request);
                }
                if !notes.is_empty() && self.is_called_off(turn, &record) {
                    return self.free_all(turn);
                }
                self.mark_sent(turn, &record);
                self.send(turn, record);
            }
            Then::Copy(mut attempt) => {
                let [key] = <[LaneKey; 1]>::try_from(self.keys_of(turn)).expect("a copy is about one lane");
                if !notes.is_empty() {
                    attempt.request = self.dialect.request(&attempt.call, &notes).into();
                }
                if self.is_shut(&attempt.request) {
                    return self.await_gate(turn, &attempt.request);
                }
                let (old, record) = self.renumbered(&attempt);
                self.commits.op(Op::AttemptDone { id: old, outcome: AttemptOutcome::Split, at: self.now });
                let lane = self.lane(&key);
                lane.unresolved = Some(record.clone());
                lane.copied = true;
                self.send(turn, record);
            }
        }
    }

    /// Puts a question of a turn, where the budget has room for it.
    pub(super) fn put(&mut self, turn: TurnId, request: Request, purpose: Purpose) {
        if self.is_over(turn, &request) {
            return self.put_off(turn, &request);
        }
        self.use_up(turn);
        if matches!(purpose, Purpose::Ask { .. }) {
            self.asks_now(turn);
        }
        self.send_now(request, purpose);
    }

    /// Whether what a write carries was withdrawn, or held by the brake, during its errands: it is planned anew.
    fn is_called_off(&self, turn: TurnId, record: &AttemptRecord) -> bool {
        let braked = |key: &LaneKey| self.lanes.look(key).is_some_and(|lane| self.is_braked(key, lane));
        record.shares.iter().any(|share| self.withdrawn.contains_key(&share.intent))
            || self.keys_of(turn).iter().any(braked)
    }

    /// Whether a request may not leave now: a gate closed, or a window was told, since the turn was admitted; or all that was
    /// admitted has left and the budget has no room for more.
    fn is_over(&mut self, turn: TurnId, request: &Request) -> bool {
        let buckets = self.dialect.buckets(request);
        // What was admitted before a window was told may be more than that has room for.
        if self.is_shut(request) || self.gates.used_up(self.now, &buckets).is_some() {
            return true;
        }
        let admitted = self.turns.get(&turn).is_some_and(|turn| turn.held.0 > 0);
        if admitted || !self.is_tracked(turn) {
            return false;
        }
        !matches!(self.gates.passage(self.now, &buckets, 1), Passage::Open)
    }

    /// A gate closed since the turn was admitted.
    fn put_off(&mut self, turn: TurnId, request: &Request) {
        if self.is_tracked(turn) {
            return self.tracked_unanswered(turn);
        }
        self.await_gate(turn, request);
    }

    /// Gives the lanes of a turn back until the gate opens that keeps this request from leaving. It may be one that no other
    /// request of theirs passes: they would begin again at once, and come as far as this each time.
    fn await_gate(&mut self, turn: TurnId, request: &Request) {
        let buckets = self.dialect.buckets(request);
        let opens = self.gates.opens(self.now, &buckets).max(self.gates.used_up(self.now, &buckets));
        for key in self.keys_of(turn) {
            let lane = self.lane(&key);
            if let Some(at) = opens
                && matches!(lane.wake, Wake::Ready | Wake::Idle)
            {
                lane.wake = Wake::At(at);
            }
            self.free(turn, &key);
        }
    }

    /// The answer to an errand: the call goes on, or it cannot be made for now.
    pub(in crate::engine) fn on_errand(&mut self, mut errand: Errand, reply: Reply, response: &Response) {
        if !self.turns.contains_key(&errand.turn) {
            return;
        }
        let refused = match response.is_success() {
            true => self.dialect.note(errand.then.call(), &mut errand.notes, response).err().map(|evidence| *evidence),
            false => Some(refusal_of(reply)),
        };
        match refused {
            None => {
                self.places.learn(&errand.notes);
                self.go(errand);
            }
            Some(evidence) => {
                if evidence.class == Class::Absent {
                    // What was kept of where records lie is out of date: it is asked for anew.
                    self.places = Notes::default();
                }
                self.errand_failed(errand.turn, &evidence);
            }
        }
    }

    /// Nothing was written, and nothing is known that was not known before: each lane waits as after a read that failed.
    pub(in crate::engine) fn errand_failed(&mut self, turn: TurnId, evidence: &Evidence) {
        if self.is_tracked(turn) {
            return self.tracked_unanswered(turn);
        }
        for key in self.keys_of(turn) {
            self.read_refused(turn, &key, evidence);
        }
    }
}

/// What the refusal of an errand shows.
fn refusal_of(reply: Reply) -> Evidence {
    let refused = reply.facts.into_iter().find_map(|(_, fact)| match fact {
        Fact::Refused(evidence) => Some(evidence),
        _ => None,
    });
    refused.unwrap_or_else(|| Evidence::bare(Class::Ambiguous, "no result", "the answer makes no sense"))
}
