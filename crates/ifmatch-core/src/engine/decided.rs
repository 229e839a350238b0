//! A person decides a review.

use super::submit::lane_of;
use super::{Engine, Phase};
use crate::effect::{Effect, Notice, Refusal};
use crate::input::Decision;
use crate::states::State;

impl Engine {
    /// Takes the decision to the lane: it holds only for the values that the person saw, so the
    /// target is read first.
    pub(super) fn on_decided(&mut self, decision: Decision) {
        let ticket = decision.ticket;
        let refusal = if self.phase == Phase::Running { Refusal::NotInReview } else { Refusal::Unavailable };
        let Some(head) = self.heads.get(&decision.intent).filter(|head| head.state == State::Review) else {
            self.commits.now(Effect::Notify(Notice::Refused { ticket, refusal }));
            return;
        };
        let key = lane_of(head);
        let lane = self.lane(&key);
        lane.decisions.push(decision);
        lane.must_read = true;
        self.make_ready(&key);
    }
}
