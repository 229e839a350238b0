//! The older routes of shift trades: lists, an offer, its terms, its match.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    body::{Terms, date, needed},
    matching::{self, Matched},
    queries, review,
    rules::{self, guard, named},
    show,
    trade::Trade,
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share, user_reference},
        errors,
    },
    refusal::Checked,
    target::Target,
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementManagementunitWeekShifttrades", of_week),
    ("getWorkforcemanagementManagementunitAgentShifttrades", of_agent),
    ("getWorkforcemanagementShifttrades", mine),
    ("getWorkforcemanagementManagementunitShifttradesMatched", matched),
    ("getWorkforcemanagementManagementunitShifttradesUsers", partners),
    ("postWorkforcemanagementManagementunitWeekShifttrades", add),
    ("patchWorkforcemanagementManagementunitWeekShifttrade", patch),
    ("postWorkforcemanagementManagementunitWeekShifttradeMatch", take_up),
    ("postWorkforcemanagementManagementunitWeekShifttradesSearch", search),
];

/// The week of the path.
pub(crate) fn week(call: &Call) -> Checked<&str> {
    let found = date(call.param("weekDateId"));
    found.ok_or_else(|| errors::validation("weekDateId", "Invalid week date ID in path parameter"))
}

fn of_unit(target: &Target, call: &Call) -> Vec<Trade> {
    let unit = call.param("managementUnitId");
    Trade::all(target, call.read_at).into_iter().filter(|trade| trade.unit == unit).collect()
}

fn of_week(target: &mut Target, call: &Call) -> Checked<Reply> {
    let week = week(call)?;
    let both = call.query_flag("includeCrossWeekShifts");
    let crosses =
        |trade: &Trade| both && trade.receiving.as_ref().and_then(|side| side.week()).as_deref() == Some(week);
    let wanted = of_unit(target, call).into_iter().filter(|trade| trade.week() == week || crosses(trade));
    let evaluated = call.query_flag("evaluateMatches");
    let entities: Vec<Value> = wanted
        .map(|trade| {
            let mut shown = json!({"trade": show::legacy(&trade)});
            if evaluated && trade.status() == "matched" {
                shown["matchReview"] = review::of(&trade);
            }
            shown
        })
        .collect();
    let large = target.options.platform.download_above.is_some_and(|most| entities.len() > most);
    let body = json!({"entities": entities});
    if large || call.query_flag("forceDownloadService") {
        let url = target.offer_download(call, body);
        return Ok(call.reply(json!({"downloadUrl": url})));
    }
    Ok(call.reply(body))
}

fn listed<'t>(call: &Call, trades: impl Iterator<Item = &'t Trade>) -> Reply {
    call.reply(json!({"entities": trades.map(show::legacy).collect::<Vec<Value>>()}))
}

fn of_agent(target: &mut Target, call: &Call) -> Checked<Reply> {
    let agent = call.param("agentId");
    if target.agents.email(agent).is_none() {
        return Err(errors::not_found("agent", agent));
    }
    Ok(listed(call, of_unit(target, call).iter().filter(|trade| trade.involves(agent))))
}

/// The user's trades; a client that is no agent sees those of all.
fn mine(target: &mut Target, call: &Call) -> Checked<Reply> {
    let all = Trade::all(target, call.read_at);
    let user = rules::acting(target, call)?;
    Ok(listed(call, all.iter().filter(|trade| user.is_none_or(|user| trade.involves(user)))))
}

/// How many matched trades each week has.
fn matched(target: &mut Target, call: &Call) -> Checked<Reply> {
    let mut weeks: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for trade in of_unit(target, call).iter().filter(|trade| trade.status() == "matched") {
        weeks.entry(trade.week()).or_default()[0] += 1;
        if let Some(other) = queries::other_week(trade) {
            weeks.entry(other).or_default()[1] += 1;
        }
    }
    let entities = weeks
        .into_iter()
        .map(|(week, [count, across])| json!({"weekDate": week, "count": count, "crossWeekReceivingCount": across}));
    Ok(call.reply(json!({"entities": entities.collect::<Vec<Value>>()})))
}

/// With whom the user can trade.
fn partners(target: &mut Target, call: &Call) -> Checked<Reply> {
    let user = call.user()?;
    let agents = target.agents_of(call.param("managementUnitId"));
    let others = agents.iter().filter(|id| *id != user).map(|id| user_reference(id));
    Ok(call.reply(json!({"entities": others.collect::<Vec<Value>>()})))
}

fn add(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (body, week) = (call.object()?, week(call)?);
    let (schedule, shift) = (needed(body, "scheduleId")?, needed(body, "initiatingShiftId")?);
    if target.schedule(schedule).is_none_or(|own| own.week != week) {
        return Err(errors::unknown_in_body("schedule", schedule));
    }
    let step = rules::add(target, call, schedule, shift, &Terms::of_add(body)?)?;
    let trade = rules::carry(target, call, step);
    Ok(call.reply(show::legacy(&trade)))
}

fn patch(target: &mut Target, call: &Call) -> Checked<Reply> {
    let trade = named(target, call, week(call)?)?;
    let body = call.object()?;
    let terms = Terms::of_patch(body)?;
    guard(target, call, body, &trade)?;
    let step = rules::update(target, call, &trade, &terms)?;
    let trade = rules::carry(target, call, step);
    Ok(call.reply(show::legacy(&trade)))
}

fn take_up(target: &mut Target, call: &Call) -> Checked<Reply> {
    let trade = named(target, call, week(call)?)?;
    let body = call.object()?;
    let schedule = needed(body, "receivingScheduleId")?;
    guard(target, call, body, &trade)?;
    let shift = body.get("receivingShiftId").and_then(Value::as_str);
    let (trade, violated) = match matching::plan(target, call, &trade, schedule, shift)? {
        Matched::Step(step) => (rules::carry(target, call, step), Vec::new()),
        Matched::Violated(violated) => (trade, violated),
    };
    let review = matching::review_of(&trade, &violated);
    Ok(call.reply(json!({
        "trade": show::legacy(&trade), "violations": review["violations"],
        "adminReviewViolations": review["adminReviewViolations"], "unevaluatedRules": [],
    })))
}

fn search(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (body, week) = (call.object()?, week(call)?);
    let schedule = needed(body, "receivingScheduleId")?;
    let shifts = body.get("receivingShiftIds");
    let found = queries::matches(target, call, schedule, shifts, |trade| trade.week() == week)?;
    let trades = found.iter().map(|one| {
        json!({"trade": show::legacy(&one.trade), "matchingReceivingShiftIds": one.shifts, "preview": one.preview})
    });
    let body = json!({"trades": trades.collect::<Vec<Value>>()});
    if call.query_flag("forceDownloadService") {
        let url = target.offer_download(call, body);
        return Ok(call.reply(json!({"downloadUrl": url})));
    }
    Ok(call.reply(body))
}
