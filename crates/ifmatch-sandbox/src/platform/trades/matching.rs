//! An agent takes up an offer. What stands against it is told as violations, and the trade stays as it is.

use serde_json::{Value, json};

use super::{
    queries::covers,
    review,
    rules::{Step, acting, holder, known_agent, side_fields},
    trade::Trade,
};
use crate::{
    platform::{call::Call, errors},
    record::{Schedule, Shift},
    refusal::Checked,
    target::Target,
};

/// What an attempt to match comes to.
#[derive(Debug)]
pub(crate) enum Matched {
    Step(Step),
    /// Types of violations.
    Violated(Vec<&'static str>),
}

/// Matches a trade with an agent of a schedule, in return for a shift or for none.
pub(crate) fn plan(
    target: &Target,
    call: &Call,
    trade: &Trade,
    schedule: &str,
    shift: Option<&str>,
) -> Checked<Matched> {
    let found = target.schedule(schedule).ok_or_else(|| errors::unknown_in_body("schedule", schedule))?;
    // A trade that was proposed with a shift in return is matched with that one unless another is named.
    let proposed = trade.receiving.as_ref().and_then(|side| side.shift.as_deref());
    let shift = shift.or(proposed);
    let owner = shift.and_then(|shift| holder(&found, shift));
    let proposed_to = trade.receiving.as_ref().map(|side| side.agent.as_str()).or(trade.meant_for());
    let agent = acting(target, call)?.or(owner.map(|owner| owner.0)).or(proposed_to);
    let agent = agent.ok_or_else(|| errors::validation("receivingShiftId", "Nobody is named who receives"))?;
    known_agent(target, agent)?;
    let held = owner.filter(|(owner, _)| *owner == agent).map(|(_, shift)| shift);
    let violations = violations(trade, &found, agent, shift.is_some(), held);
    if !violations.is_empty() {
        return Ok(Matched::Violated(violations));
    }
    let mut step = Step::of(trade);
    step.fields.insert("receiving".to_owned(), side_fields(&found, agent, held));
    step.become_status(call, "matched");
    Ok(Matched::Step(step))
}

fn violations(
    trade: &Trade,
    schedule: &Schedule,
    agent: &str,
    names_shift: bool,
    held: Option<&Shift>,
) -> Vec<&'static str> {
    let all = [
        (trade.status() != "pending", "InvalidState"),
        (trade.initiating.agent == agent, "CannotTradeWithYourself"),
        (trade.meant_for().is_some_and(|user| user != agent), "DirectTradeForOtherUser"),
        (trade.initiating.held().is_none(), "InitiatingShiftDoesNotExist"),
        (!schedule.agents.contains_key(agent), "ReceivingAgentScheduleDoesNotExist"),
        (names_shift && trade.one_sided(), "ReceivingShiftForOneSidedTrade"),
        (!names_shift && !trade.one_sided(), "ReceivingShiftMissingForTwoSidedTrade"),
        (names_shift && held.is_none(), "ReceivingShiftDoesNotExist"),
        (held.is_some_and(|shift| !covers(trade, shift)), "ReceivingShiftOutsideAcceptableIntervals"),
    ];
    all.iter().filter(|(holds, _)| *holds).map(|(_, name)| *name).collect()
}

/// The violations of an attempt in the vendor's shape, with what a supervisor would look at.
pub(crate) fn review_of(trade: &Trade, violated: &[&str]) -> Value {
    let mut review = review::of(trade);
    if !violated.is_empty() {
        review["violations"] = violated.iter().map(|name| json!({"type": name})).collect();
    }
    review
}
