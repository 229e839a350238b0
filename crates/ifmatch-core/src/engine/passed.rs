//! A client's request that is no intent asks for its place in the budget.

use super::recovered::value_lane;
use super::{Engine, Phase, Token};
use crate::effect::{Effect, Notice};
use crate::ids::TurnId;
use crate::input::Pass;
use crate::wire::{Failure, Response};

impl Engine {
    /// A read of a known resource goes through its lane, so that the client is never shown less
    /// than what was seen or written; anything else goes by itself.
    pub(super) fn on_pass(&mut self, pass: Pass) {
        if self.phase != Phase::Running {
            let ticket = pass.ticket;
            self.commits.now(Effect::Notify(Notice::Passed { ticket, result: Err(Failure::NotSent) }));
            return;
        }
        match &pass.reads {
            Some(resource) => {
                let key = value_lane(self.aliases.get(resource).unwrap_or(resource));
                self.lane(&key).reads.push(pass);
                self.make_ready(&key);
            }
            None => self.passes.push_back(pass),
        }
    }

    /// Whether a client's request is sent once more, with a new token: what the target thinks of ours is not the client's
    /// business, and a request that it refuses for that has no effect.
    pub(super) fn renews(&mut self, pass: &Pass, response: &Response) -> bool {
        let again = response.status == 401 && !matches!(self.token, Token::Refused(_));
        let first = !self.renewed.remove(&pass.ticket);
        again && first && self.renewed.insert(pass.ticket)
    }

    /// Has a read of a known resource done once more.
    pub(super) fn shows_again(&mut self, turn: TurnId, pass: Pass) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        self.lane(&key).reads.push(pass);
        self.make_ready(&key);
        self.free(turn, &key);
    }
}
