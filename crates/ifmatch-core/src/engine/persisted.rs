//! A commit became durable, or did not.

use super::{Engine, Phase};
use crate::effect::{Effect, Notice};
use crate::ids::CommitId;
use crate::wire::Failure;

impl Engine {
    pub(super) fn on_persisted(&mut self, commit: CommitId) {
        self.commits.persisted(commit);
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
        let passes = self.passes.drain(..).map(|pass| pass.ticket).collect::<Vec<_>>();
        for ticket in waiting.into_iter().chain(passes) {
            self.commits.now(Effect::Notify(Notice::Passed { ticket, result: Err(Failure::NotSent) }));
        }
        for flight in std::mem::take(&mut self.exchanges).into_values() {
            let ticket = match flight.purpose {
                super::Purpose::Pass(pass) | super::Purpose::ShownRead { pass, .. } => pass.ticket,
                super::Purpose::Step { .. } => continue,
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
        self.aliases.clear();
        self.timers.clear();
        self.gates.forget_flights();
    }
}
