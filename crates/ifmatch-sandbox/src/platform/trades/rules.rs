//! What may become of a trade, and the commit: planned first, so that a call that is put off can be refused at once.

use serde_json::{Map, Value, json};

use super::{
    body::{Field, Terms},
    trade::Trade,
};
use crate::{
    api::trades::{default_trade, is_open, may_move},
    platform::{
        call::Call,
        errors,
        guard::{METADATA, version_in},
    },
    record::{Kind, Schedule, Shift},
    refusal::Checked,
    target::Target,
    time::{format_in_zone, format_instant},
};

/// A write of a trade that nothing stands against.
#[derive(Debug)]
pub(crate) struct Step {
    id: String,
    /// The status before; `None` for a new trade.
    before: Option<String>,
    pub(crate) fields: Map<String, Value>,
    pub(crate) more: Map<String, Value>,
}

impl Step {
    /// A write that leaves the trade as it is.
    pub(crate) fn of(trade: &Trade) -> Self {
        Self {
            id: trade.id().to_owned(),
            before: Some(trade.status().to_owned()),
            fields: trade.flat.fields.clone(),
            more: trade.flat.more.clone(),
        }
    }

    /// Gives the trade another status, as reviewed where somebody decided.
    pub(crate) fn become_status(&mut self, call: &Call, status: &str) {
        self.fields.insert("status".to_owned(), json!(status));
        if matches!(status, "approved" | "denied") {
            self.more.insert("reviewedBy".to_owned(), json!(call.user.as_deref().unwrap_or(&call.writer.id)));
            self.more.insert("reviewedDate".to_owned(), json!(format_instant(call.now)));
        }
    }

    fn apply(&mut self, terms: &Terms) {
        let all = [
            ("target", &terms.meant_for, true),
            ("acceptableIntervals", &terms.intervals, true),
            ("expires_at", &terms.expires_at, false),
            ("notes", &terms.note, false),
        ];
        for (name, said, more) in all {
            let map = if more { &mut self.more } else { &mut self.fields };
            match said {
                Field::Untold => {}
                Field::Clear if more => drop(map.remove(name)),
                Field::Clear => {
                    drop(map.insert(name.to_owned(), if name == "notes" { json!("") } else { Value::Null }))
                }
                Field::Set(value) => drop(map.insert(name.to_owned(), value.clone())),
            }
        }
    }
}

/// The trade of the path, in the week that the call names.
pub(crate) fn named(target: &Target, call: &Call, week: &str) -> Checked<Trade> {
    let id = call.param("tradeId");
    let unit = call.params.get("managementUnitId");
    let own = |trade: &Trade| trade.week() == week && unit.is_none_or(|unit| *unit == trade.unit);
    Trade::present(target, id).filter(own).ok_or_else(|| errors::not_found("shiftTrade", id))
}

/// Lock and version, then what the business forbids.
pub(crate) fn guard(target: &Target, call: &Call, item: &Map<String, Value>, trade: &Trade) -> Checked<()> {
    target.check_lock(call, &trade.path())?;
    target.check_version(call, version_in(item, METADATA)?, trade.version())?;
    target.check_constraints(&call.as_shared(), &trade.path())
}

/// The agent for whom the call acts; `None` for a client that is no agent, and may act for each.
pub(crate) fn acting<'c>(target: &Target, call: &'c Call) -> Checked<Option<&'c str>> {
    let user = call.user()?;
    Ok(Some(user).filter(|user| target.agents.email(user).is_some()))
}

/// An agent whom a body names.
pub(crate) fn known_agent(target: &Target, id: &str) -> Checked<()> {
    target.agents.email(id).map(drop).ok_or_else(|| errors::unknown_in_body("user", id))
}

/// The terms of an offer change, by who made it.
pub(crate) fn update(target: &Target, call: &Call, trade: &Trade, terms: &Terms) -> Checked<Step> {
    own(target, call, trade)?;
    if !is_open(trade.status()) {
        return Err(errors::not_allowed("A trade that is settled cannot be changed"));
    }
    let of_match = [&terms.meant_for, &terms.intervals];
    if trade.status() != "pending" && of_match.iter().any(|said| **said != Field::Untold) {
        return Err(errors::not_allowed("For whom a matched trade is, and for what, cannot be changed"));
    }
    let mut step = Step::of(trade);
    step.apply(terms);
    if let Field::Set(Value::String(user)) = &terms.meant_for {
        meant_for_another(target, &trade.initiating.agent, user)?;
    }
    let taker = trade.receiving.as_ref().map(|side| side.agent.as_str());
    let other = match &terms.meant_for {
        Field::Set(user) => taker.is_some_and(|taker| user != taker),
        said => *said == Field::Clear,
    };
    if other {
        step.fields.insert("receiving".to_owned(), Value::Null);
    } else if terms.intervals == Field::Set(json!([])) {
        // No shift is wanted in return any more, so the one that was proposed is not either.
        let receiving = step.fields.get_mut("receiving").and_then(Value::as_object_mut);
        receiving.into_iter().for_each(|side| {
            ["shift_id", "start", "end"].iter().for_each(|name| drop(side.insert((*name).to_owned(), Value::Null)))
        });
    }
    Ok(step)
}

fn meant_for_another(target: &Target, initiating: &str, user: &str) -> Checked<()> {
    known_agent(target, user)?;
    match user == initiating {
        true => Err(errors::not_allowed("Nobody trades with himself")),
        false => Ok(()),
    }
}

/// Only who made an offer changes it or takes it back.
fn own(target: &Target, call: &Call, trade: &Trade) -> Checked<()> {
    match acting(target, call)?.is_none_or(|user| user == trade.initiating.agent) {
        true => Ok(()),
        false => Err(errors::not_allowed("Only the agent who offers the shift can change the trade")),
    }
}

/// The user who made an offer takes it back: the one state that a user can set.
pub(crate) fn set_state(target: &Target, call: &Call, trade: &Trade, state: &str) -> Checked<Step> {
    own(target, call, trade)?;
    if state != "Canceled" || !may_move(trade.status(), "cancelled") {
        let text = format!("A trade that is {} cannot become {state} here", trade.state());
        return Err(errors::not_allowed(text));
    }
    let mut step = Step::of(trade);
    step.become_status(call, "cancelled");
    Ok(step)
}

/// A shift is offered.
pub(crate) fn add(target: &mut Target, call: &Call, schedule: &str, shift: &str, terms: &Terms) -> Checked<Step> {
    let found = target.schedule(schedule).ok_or_else(|| errors::unknown_in_body("schedule", schedule))?;
    let (agent, held) = holder(&found, shift).ok_or_else(|| errors::unknown_in_body("shift", shift))?;
    if acting(target, call)?.is_some_and(|user| user != agent) {
        return Err(errors::not_allowed("Only the agent who has the shift can offer it"));
    }
    if let Field::Set(Value::String(user)) = &terms.meant_for {
        meant_for_another(target, agent, user)?;
    }
    let mut fields = default_trade();
    fields.insert("initiating".to_owned(), side_fields(&found, agent, Some(held)));
    fields.insert("time_zone".to_owned(), json!(found.time_zone));
    let mut step = Step { id: target.platform_id(), before: None, fields, more: Map::new() };
    step.fields.insert("trade_id".to_owned(), json!(step.id));
    step.apply(terms);
    Ok(step)
}

/// Who has a shift in a schedule.
pub(crate) fn holder<'s>(schedule: &'s Schedule, shift: &str) -> Option<(&'s str, &'s Shift)> {
    schedule.agents.iter().find_map(|(id, agent)| Some((&**id, agent.week.shift(shift)?)))
}

/// A side as the shared record holds it.
pub(crate) fn side_fields(schedule: &Schedule, agent: &str, shift: Option<&Shift>) -> Value {
    let end = shift.map(|shift| format_in_zone(shift.end_ms(), &schedule.time_zone));
    json!({
        "agent_id": agent, "shift_id": shift.map(|shift| &shift.id), "start": shift.map(|shift| &shift.start), "end": end,
    })
}

/// Commits a step, unless it changes nothing and the scenario keeps the version then; returns the trade afterwards.
pub(crate) fn carry(target: &mut Target, call: &Call, mut step: Step) -> Trade {
    target.silence_flat(&call.as_shared(), Kind::Trade, &step.id, &mut step.fields);
    target.commit_changed_flat(call.now, Kind::Trade, &step.id, (step.fields, step.more), &call.writer);
    target.follow_up_trade(call.now, &step.id, step.before.as_deref(), &call.writer);
    let trade = Trade::present(target, &step.id).expect("what was committed is there");
    target.watch_expiration(call.now, &trade);
    trade
}
