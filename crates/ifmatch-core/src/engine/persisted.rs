//! A commit became durable, or did not.

use super::{Engine, Phase, Purpose};
use crate::commit::{AttemptOutcome, Op};
use crate::effect::{Effect, Notice};
use crate::evidence::{Class, Evidence};
use crate::ids::{AttemptId, CommitId};
use crate::states::State;
use crate::wire::Failure;

impl Engine {
    pub(super) fn on_persisted(&mut self, commit: CommitId) {
        for effect in self.commits.persisted(commit) {
            match effect {
                // The store took so long, or the machine slept, that the write would leave after its
                // time: its horizon counts from its record, and a copy of it could land after that.
                Effect::Send(exchange) if exchange.give_up_at <= self.now => {
                    self.on_failed(exchange.attempt, Failure::NotSent);
                }
                // A gate may have closed while the attempt became durable: it does not leave.
                Effect::Send(exchange) if self.is_shut(&exchange.request) => self.keep_from_leaving(exchange.attempt),
                effect => self.commits.now(effect),
            }
        }
    }

    /// A write that was about to leave stays, and its intents wait for the gate.
    fn keep_from_leaving(&mut self, attempt: AttemptId) {
        let Some(flight) = self.exchanges.remove(&attempt) else { return };
        self.gates.unsent(&flight.buckets);
        let Purpose::Write { turn, record } = flight.purpose else { return };
        let evidence = Evidence::bare(Class::Throttled, "not sent", "the budget closed before it could leave");
        let keys = self.turns.get(&turn).map(|turn| turn.keys.clone()).unwrap_or_default();
        // A copy of an earlier write stays open: the earlier one may still take effect.
        if !keys.iter().any(|key| self.lane(key).unresolved.is_some()) {
            self.commits.op(Op::AttemptDone { id: record.id, outcome: AttemptOutcome::NotSent, at: self.now });
            for key in &keys {
                self.sent_to(turn, key, &record, State::Deferred, "deferred/throttled", &evidence);
            }
        }
        for key in keys {
            self.make_ready(&key);
            self.free(turn, &key);
        }
    }

    /// What memory holds is no longer what the store holds: it is discarded and read again.
    pub(super) fn on_persist_failed(&mut self, _commit: CommitId) {
        if self.phase == Phase::Running {
            self.discard();
            self.phase = Phase::Recovering;
            self.commits.now(Effect::Recover);
        }
    }

    pub(super) fn on_lease_lost(&mut self) {
        self.discard();
        self.stop_listening();
        self.phase = Phase::Ended;
    }

    fn discard(&mut self) {
        self.commits.discard();
        let waiting: Vec<_> =
            self.lanes.iter().flat_map(|(_, lane)| lane.reads.iter().map(|pass| pass.ticket)).collect();
        let undecided: Vec<_> =
            self.lanes.iter().flat_map(|(_, lane)| lane.decisions.iter().map(|d| d.ticket)).collect();
        for ticket in undecided {
            let refusal = crate::effect::Refusal::Unavailable;
            self.commits.now(Effect::Notify(Notice::Refused { ticket, refusal }));
        }
        self.renewed.clear();
        let passes = self.passes.drain(..).map(|pass| pass.ticket).collect::<Vec<_>>();
        for ticket in waiting.into_iter().chain(passes) {
            self.commits.now(Effect::Notify(Notice::Passed { ticket, result: Err(Failure::NotSent) }));
        }
        for flight in std::mem::take(&mut self.exchanges).into_values() {
            let ticket = match flight.purpose {
                Purpose::Pass(pass) | Purpose::ShownRead { pass, .. } => pass.ticket,
                Purpose::Ask { .. }
                | Purpose::Write { .. }
                | Purpose::Errand(_)
                | Purpose::Tracked { .. }
                | Purpose::Listen(_) => continue,
            };
            self.commits.now(Effect::Notify(Notice::Passed { ticket, result: Err(Failure::NoAnswer) }));
        }
        self.heads.clear();
        self.lanes = super::Lanes::new(std::sync::Arc::clone(&self.dialect));
        self.turns.clear();
        self.trains = super::Trains::default();
        self.company = super::Company::default();
        self.barred.clear();
        self.keys = super::Keys::default();
        self.pairs = super::Pairs::default();
        self.aliases.clear();
        self.withdrawn.clear();
        self.timers.clear();
        self.tracked = 0;
        self.forget_listening();
        self.gates.forget_flights();
    }
}
