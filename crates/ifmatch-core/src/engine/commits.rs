//! What must be durable before what leaves: operations of one input become one commit, and the
//! effects that rest on it wait until it is durable.

use crate::commit::{Commit, Op};
use crate::effect::{Effect, Notice, Refusal};
use crate::ids::CommitId;
use crate::wire::Failure;
use std::collections::VecDeque;

/// The commits under way, and the effects that wait for them.
#[derive(Debug, Default)]
pub(super) struct Commits {
    last: u64,
    open: Vec<Op>,
    gated: Vec<Effect>,
    loads: Vec<Effect>,
    waiting: VecDeque<(CommitId, Vec<Effect>)>,
    out: VecDeque<Effect>,
}

impl Commits {
    /// An effect that needs nothing durable.
    pub(super) fn now(&mut self, effect: Effect) {
        self.out.push_back(effect);
    }

    /// An operation of this input's commit.
    pub(super) fn op(&mut self, op: Op) {
        self.open.push(op);
    }

    /// An effect that leaves only when this input's commit, and all before it, are durable.
    pub(super) fn after(&mut self, effect: Effect) {
        self.gated.push(effect);
    }

    /// A load: it must see what this input's commit stores, so it goes behind it.
    pub(super) fn load(&mut self, effect: Effect) {
        self.loads.push(effect);
    }

    /// Ends an input: its operations become a commit.
    pub(super) fn close(&mut self) {
        if !self.open.is_empty() {
            self.last += 1;
            let id = CommitId(self.last);
            let ops = std::mem::take(&mut self.open);
            self.out.push_back(Effect::Persist(Commit { id, ops }));
            self.waiting.push_back((id, std::mem::take(&mut self.gated)));
        } else if !self.gated.is_empty() {
            let gated = std::mem::take(&mut self.gated);
            match self.waiting.back_mut() {
                Some((_, effects)) => effects.extend(gated),
                None => self.out.extend(gated),
            }
        }
        self.out.extend(std::mem::take(&mut self.loads));
    }

    /// A commit is durable: hands out what waited for it.
    pub(super) fn persisted(&mut self, id: CommitId) -> Vec<Effect> {
        let mut released = Vec::new();
        while self.waiting.front().is_some_and(|(first, _)| *first <= id) {
            let (_, effects) = self.waiting.pop_front().expect("there is a front");
            released.extend(effects);
        }
        released
    }

    /// Nothing that waits will become durable: callers learn it, the rest is dropped.
    pub(super) fn discard(&mut self) {
        self.open.clear();
        self.loads.clear();
        let waiting = std::mem::take(&mut self.waiting).into_iter().flat_map(|(_, effects)| effects);
        for effect in waiting.chain(std::mem::take(&mut self.gated)) {
            let ticket = match effect {
                Effect::Notify(Notice::Accepted(accepted)) => accepted.ticket,
                Effect::Notify(Notice::DecisionTaken { ticket } | Notice::WithdrawalTaken { ticket }) => ticket,
                Effect::Notify(Notice::Passed { ticket, .. }) => {
                    let result = Err(Failure::NoAnswer);
                    self.out.push_back(Effect::Notify(Notice::Passed { ticket, result }));
                    continue;
                }
                _ => continue,
            };
            self.out.push_back(Effect::Notify(Notice::Refused { ticket, refusal: Refusal::Unavailable }));
        }
    }

    pub(super) fn next_effect(&mut self) -> Option<Effect> {
        self.out.pop_front()
    }
}
