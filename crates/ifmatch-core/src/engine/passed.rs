//! A client's request that is no intent asks for its place in the budget.

use super::recovered::value_lane;
use super::{Engine, Phase};
use crate::effect::{Effect, Notice};
use crate::input::Pass;
use crate::wire::Failure;

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
}
