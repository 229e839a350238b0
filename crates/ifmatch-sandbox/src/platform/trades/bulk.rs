//! Several trades at once: a stale version refuses the whole, what a trade itself does not allow is told per item.

use serde_json::{Map, Value, json};

use super::{
    body::{units, weeks},
    jobs::Done,
    legacy::week,
    rules::{self, Step, guard},
    show,
    trade::Trade,
};
use crate::{
    api::Reply,
    api::trades::{is_open, may_move},
    platform::{
        call::{Call, Share, user_reference},
        errors,
    },
    queue::Due,
    refusal::Checked,
    target::Target,
};

pub(crate) const SHARE: Share = &[("postWorkforcemanagementManagementunitWeekShifttradesStateBulk", states)];

const STATES: [&str; 6] = ["Unmatched", "Matched", "Approved", "Denied", "Expired", "Canceled"];

/// What a supervisor needs.
const EDIT: &str = "wfm:shiftTradeRequest:edit";

/// One entry of a bulk.
struct Entry {
    id: String,
    state: String,
}

/// The entries of a body, each of a trade that may be named here and as it was read. Nothing is carried out before all are.
fn entries(target: &Target, call: &Call, fits: impl Fn(&Trade) -> bool) -> Checked<Vec<Entry>> {
    let list = call.object()?.get("entities").and_then(Value::as_array);
    let list = list.ok_or_else(|| errors::validation("entities", "entities is required"))?;
    let nothing = Map::new();
    let mut found = Vec::new();
    for item in list {
        let item = item.as_object().unwrap_or(&nothing);
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, state) = (text("id"), text("state"));
        if !STATES.contains(&state) {
            return Err(errors::validation("entities.state", "The state is none of a trade's"));
        }
        let trade = Trade::present(target, id).filter(|trade| fits(trade));
        let trade = trade.ok_or_else(|| errors::unknown_in_body("shiftTrade", id))?;
        guard(target, call, item, &trade)?;
        if state == "Approved" {
            refuse_locked(target, call, &trade)?;
        }
        found.push(Entry { id: id.to_owned(), state: state.to_owned() });
    }
    Ok(found)
}

/// An approval touches both agents.
fn refuse_locked(target: &Target, call: &Call, trade: &Trade) -> Checked<()> {
    for side in [Some(&trade.initiating), trade.receiving.as_ref()].into_iter().flatten() {
        let home = side.schedule.as_ref().map_or("", |schedule| schedule.id.as_str());
        if target.agent_locked(call.now, home, &side.agent) {
            return Err(errors::conflict(call.operation));
        }
    }
    Ok(())
}

/// Carries out one entry; what kept it from that, if anything.
fn decide(target: &mut Target, call: &Call, entry: &Entry, supervises: bool) -> Option<&'static str> {
    let trade = Trade::present(target, &entry.id)?;
    match outcome(target, call, &trade, &entry.state, supervises) {
        Ok(step) => {
            rules::carry(target, call, step);
            None
        }
        Err(failure) => Some(failure),
    }
}

fn outcome(target: &Target, call: &Call, trade: &Trade, state: &str, supervises: bool) -> Result<Step, &'static str> {
    const NOT: &str = "TransitionNotAllowed";
    let mut step = Step::of(trade);
    let status = match state {
        "Approved" if supervises => "approved",
        "Denied" if supervises => "denied",
        "Canceled" if is_own(target, call, trade) => "cancelled",
        _ => return Err(NOT),
    };
    if !is_open(trade.status()) || !may_move(trade.status(), status) {
        return Err(NOT);
    }
    if status == "approved" {
        check_shifts(target, trade)?;
    }
    step.become_status(call, status);
    Ok(step)
}

fn is_own(target: &Target, call: &Call, trade: &Trade) -> bool {
    rules::acting(target, call).is_ok_and(|user| user.is_none_or(|user| user == trade.initiating.agent))
}

/// What keeps the shifts of a trade from changing hands.
fn check_shifts(target: &Target, trade: &Trade) -> Result<(), &'static str> {
    let (first, second) = (&trade.initiating, trade.receiving.as_ref());
    if first.schedule.is_none() {
        return Err("InitiatingAgentScheduleNotFound");
    }
    if first.held().is_none() {
        return Err("InitiatingAgentShiftNotFound");
    }
    let second = second.filter(|side| target.agents.email(&side.agent).is_some()).ok_or("ReceivingAgentNotFound")?;
    match second.shift {
        // Who gives nothing in return has to be in the schedule of what he gets.
        None if first.schedule.as_ref().is_some_and(|own| own.agents.contains_key(second.agent.as_str())) => Ok(()),
        Some(_) if second.held().is_some() => Ok(()),
        Some(_) if second.schedule.is_some() => Err("ReceivingAgentShiftNotFound"),
        _ => Err("ReceivingAgentScheduleNotFound"),
    }
}

fn results(target: &mut Target, call: &Call, entries: &[Entry], supervises: bool) -> Value {
    let failures: Vec<Option<&str>> = entries.iter().map(|entry| decide(target, call, entry, supervises)).collect();
    // An exchange that takes no time is over before the answer, so that the answer names the version to go on with.
    for id in target.queue.take_exchanges(call.now) {
        target.exchange(call.now, &id);
    }
    let shown = entries.iter().zip(failures).filter_map(|(entry, failure)| {
        let trade = Trade::present(target, &entry.id)?;
        let mut shown = show::result(&trade, failure);
        // The result is that of the decision, though the system's exchange wrote last.
        if failure.is_none() {
            shown["metadata"]["modifiedBy"] = user_reference(&call.writer.id);
        }
        Some(shown)
    });
    json!({"entities": shown.collect::<Vec<Value>>()})
}

/// The older route. "mine" is for agents, whatever the client may do.
fn states(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (unit, week) = (call.param("managementUnitId"), week(call)?);
    let supervises = call.may(EDIT) && !call.path.contains("/managementunits/mine/");
    let found = entries(target, call, |trade| trade.unit == unit && trade.week() == week)?;
    let operation = target.platform_id();
    if target.wants_job(call) {
        target.platform.trades.insert(operation.clone(), call.clone());
        let at = call.now + target.options.platform.job_ms.max(0);
        target.queue.put(at, Due::Platform { run: end, id: operation.clone() });
        return Ok(Reply::new(202, json!({"status": "Processing", "operationId": operation})));
    }
    let result = results(target, call, &found, supervises);
    Ok(Reply::new(200, json!({"status": "Complete", "operationId": operation, "result": result})))
}

/// A bulk that was put off is carried out, and a notice tells how. Why it failed, nobody says.
fn end(target: &mut Target, now: i64, id: &str) {
    let Some(mut call) = target.platform.trades.remove(id) else { return };
    (call.now, call.read_at) = (now, now);
    let Ok(week) = week(&call).map(str::to_owned) else { return };
    let unit = call.param("managementUnitId").to_owned();
    let supervises = call.may(EDIT) && !call.path.contains("/managementunits/mine/");
    let mut notice = json!({"status": "Error", "operationId": id, "weekDate": show::noticed_week(&week)});
    if let Ok(found) = entries(target, &call, |trade| trade.unit == unit && trade.week() == week) {
        let result = results(target, &call, &found, supervises);
        let list = result["entities"].as_array().into_iter().flatten().map(show::noticed_result);
        notice["status"] = json!("Complete");
        notice["result"] = json!({"entities": list.collect::<Vec<Value>>()});
    }
    let topic = format!("v2.workforcemanagement.managementunits.{unit}.shifttrades.state.bulk");
    target.notify(now, topic, notice);
}

/// The job of a supervisor.
pub(crate) fn by_supervisor(target: &mut Target, call: &Call, dry: bool) -> Checked<Done> {
    let body = call.object()?;
    let (units, weeks) = (units(target, call.param("businessUnitId"), body)?, weeks(body)?);
    let fits = |trade: &Trade| units.contains(&trade.unit) && weeks.contains(&trade.week());
    let found = entries(target, call, fits)?;
    if dry {
        return Ok(Done::default());
    }
    let result = results(target, call, &found, true);
    let count = found.len();
    Ok(Done { result, count, ..Done::default() })
}
