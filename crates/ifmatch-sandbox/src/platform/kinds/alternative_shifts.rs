//! Alternative shifts: the settings of a business unit, and the trades that agents submit and supervisors decide.

use serde_json::{Value, json};

use super::{Kind, change, check_guard, present, read};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, user_reference},
        document::id_of,
        errors,
        guard::{METADATA, version_in},
        world::{Home, object},
    },
    refusal::Checked,
    rng::uuid_of,
    target::Target,
    time::{HOUR, format_instant},
};

pub(crate) const SETTINGS: Kind = Kind {
    name: "alternativeShiftSettings",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/alternativeshifts/settings",
    model: "AlternativeShiftBuSettingsResponse",
    single: true,
    defaults: || json!({"enabledGranularities": ["Daily"], "minMinutesBeforeStartTime": 60, "retainedActivityCategories": []}),
    ..Kind::PLAIN
};

pub(crate) const TRADES: Kind = Kind {
    name: "alternativeShiftTrade",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/alternativeshifts/trades",
    model: "AlternativeShiftTradeResponse",
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitAlternativeshiftsSettings", read),
    ("patchWorkforcemanagementBusinessunitAlternativeshiftsSettings", change),
    ("getWorkforcemanagementAlternativeshiftsSettings", own_settings),
    ("getWorkforcemanagementBusinessunitAlternativeshiftsTrade", read),
    ("postWorkforcemanagementBusinessunitAlternativeshiftsTradesSearch", search),
    ("getWorkforcemanagementAlternativeshiftsTrade", own_trade),
    ("getWorkforcemanagementAlternativeshiftsTrades", own_trades),
    ("patchWorkforcemanagementAlternativeshiftsTrade", cancel),
    ("patchWorkforcemanagementAlternativeshiftsTradesStateJobs", decide),
    ("getWorkforcemanagementAlternativeshiftsTradesStateJob", job),
];

fn collection(target: &Target) -> String {
    TRADES.collection.replace("{businessUnitId}", &target.home_units().0)
}

fn own_settings(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = SETTINGS.collection.replace("{businessUnitId}", &target.home_units().0);
    let found = target.document_at(&path, call.read_at);
    let settings = found.ok_or_else(|| errors::not_found(SETTINGS.name, "mine"))?;
    Ok(call.reply(SETTINGS.show(target, &path, &settings)))
}

fn own_trade(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.param("tradeId");
    let path = format!("{}/{id}", collection(target));
    let trade = target.document_at(&path, call.read_at).ok_or_else(|| errors::not_found(TRADES.name, id))?;
    Ok(call.reply(TRADES.show(target, &path, &trade)))
}

/// The user's trades; a client that is no agent sees those of all.
fn own_trades(target: &mut Target, call: &Call) -> Checked<Reply> {
    let user = call.user()?;
    let agents: Vec<&str> = if target.agents.email(user).is_some() { vec![user] } else { Vec::new() };
    let result = found(target, call, &agents, &[]);
    Ok(Reply::new(200, json!({"result": {"entities": result}})))
}

fn search(target: &mut Target, call: &Call) -> Checked<Reply> {
    let body = call.object()?;
    let list = |name: &str| -> Vec<&str> {
        body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let result = found(target, call, &list("agentIds"), &list("managementUnitIds"));
    Ok(Reply::new(200, json!({"result": {"entities": result}})))
}

fn found(target: &Target, call: &Call, agents: &[&str], units: &[&str]) -> Vec<Value> {
    let unit = call.params.get("businessUnitId").cloned().unwrap_or_else(|| target.home_units().0);
    let all = target.documents_under(&TRADES.collection.replace("{businessUnitId}", &unit), call.read_at);
    let is_in = |wanted: &[&str], id: &Value| wanted.is_empty() || wanted.iter().any(|one| *id == **one);
    let fits = |trade: &Value| is_in(agents, &trade["user"]["id"]) && is_in(units, &trade["managementUnit"]["id"]);
    all.iter().map(|(path, trade)| TRADES.show(target, path, trade)).filter(fits).collect()
}

/// The agent takes a trade back.
fn cancel(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = format!("{}/{}", collection(target), call.param("tradeId"));
    let old = present(target, &TRADES, &path)?;
    let user = call.user()?;
    if target.agents.email(user).is_some() && old.get("user")["id"] != user {
        return Err(errors::not_allowed("Only the agent who submitted the trade can change it"));
    }
    check_guard(target, &TRADES, call, &path, old.meta.version)?;
    let body = call.object()?;
    if body.get("state").is_some_and(|state| !state.is_null()) && old.text("state") != "Submitted" {
        return Err(errors::not_allowed("Only a submitted trade can be canceled"));
    }
    let mut fields = old.fields.clone();
    super::take(target, &TRADES, call, &mut fields)?;
    target.commit_document(call.now, &path, fields, &call.writer);
    let trade = present(target, &TRADES, &path)?;
    Ok(call.reply(TRADES.show(target, &path, &trade)))
}

/// Supervisors decide several trades: every version is checked at once, the states change when the job ends.
fn decide(target: &mut Target, call: &Call) -> Checked<Reply> {
    let body = call.object()?;
    let unit = body.get("managementUnitId").and_then(Value::as_str);
    let unit = unit.ok_or_else(|| errors::validation("managementUnitId", "managementUnitId is required"))?;
    super::must_exist(target, "managementUnit", &format!("{W}/managementunits/{unit}"))?;
    let entities = body.get("entities").and_then(Value::as_array);
    let entities = entities.ok_or_else(|| errors::validation("entities", "entities is required"))?;
    let mut work = Vec::new();
    for entity in entities.iter().filter_map(Value::as_object) {
        let text = |name: &str| entity.get(name).and_then(Value::as_str).unwrap_or_default();
        if !matches!(text("state"), "Approved" | "Denied") {
            return Err(errors::validation("entities.state", "state must be Approved or Denied"));
        }
        let path = format!("{}/{}", collection(target), text("tradeId"));
        super::must_exist(target, TRADES.name, &path)?;
        let trade = present(target, &TRADES, &path)?;
        target.check_lock(call, &path)?;
        target.check_version(call, version_in(entity, METADATA)?, trade.meta.version)?;
        work.push(json!({"path": path, "state": text("state")}));
    }
    let id = target.platform_id();
    let status = json!({
        "id": id, "status": "Processing", "type": "BulkUpdateTrades",
        "selfUri": format!("{W}/alternativeshifts/trades/state/jobs/{id}"),
    });
    target.start_job(call, &id, Value::Array(work), status.clone(), end);
    Ok(call.reply(json!({"job": status})))
}

/// The job ends: each trade that is still submitted changes its state.
fn end(target: &mut Target, now: i64, id: &str) {
    let Some(job) = target.platform.jobs.get(id).cloned() else { return };
    let mut results = Vec::new();
    for one in job.work.as_array().into_iter().flatten() {
        let path = one["path"].as_str().unwrap_or_default();
        let Some(trade) = target.document(path) else { continue };
        let mut result = json!({"tradeId": id_of(path)});
        if trade.text("state") == "Submitted" {
            let mut fields = trade.fields.clone();
            fields.insert("state".to_owned(), one["state"].clone());
            fields.insert("adminReviewedBy".to_owned(), user_reference(&job.writer.id));
            fields.insert("adminDateReviewed".to_owned(), json!(format_instant(now)));
            target.commit_document(now, path, fields, &job.writer);
        } else {
            result["failureReason"] = json!("TransitionNotAllowed");
        }
        if let Some(trade) = target.document(path) {
            result["state"] = trade.get("state").clone();
            result["metadata"] = trade.metadata();
        }
        results.push(result);
    }
    let mut body = job.body;
    body["status"] = json!("Complete");
    body["bulkUpdateTradesResults"] = json!({"entities": results});
    let topic = format!("v2.users.{}.workforcemanagement.alternative.shift.jobs", job.writer.id);
    target.notify(now, topic, body.clone());
    if let Some(job) = target.platform.jobs.get_mut(id) {
        job.body = body;
    }
}

fn job(target: &mut Target, call: &Call) -> Checked<Reply> {
    Ok(call.reply(target.job_body(call)?))
}

/// Settings, and a trade of each of the first agents: the shift an hour later.
pub(crate) fn seed(target: &mut Target, home: &Home) {
    target.seed_document(home.at, home.in_business_unit("alternativeshifts/settings"), object((SETTINGS.defaults)()));
    let mut schedules = target.schedules.values().map(|history| history.current());
    let Some(schedule) = schedules.find(|one| one.business_unit_id == home.business_unit).cloned() else {
        return;
    };
    for (agent, week) in schedule.agents.iter().take(3) {
        let Some(shift) = week.week.shifts.first() else { continue };
        let side = |start_ms: i64| {
            json!([{
                "dayIndex": 0, "referenceKey": shift.id, "startDate": format_instant(start_ms),
                "lengthMinutes": shift.length_minutes, "activities": [],
            }])
        };
        let trade = json!({
            "shiftOfferJobId": uuid_of(&format!("alternative-shift-offer/{}/{agent}", schedule.id)),
            "existingShifts": side(shift.start_ms), "offeredShifts": side(shift.start_ms + HOUR),
            "schedule": {"id": schedule.id, "weekDate": schedule.week}, "weekDate": schedule.week,
            "managementUnit": {"id": home.management_unit}, "user": user_reference(agent), "state": "Submitted",
            "processingStatus": "WaitingForReview", "expirationDate": format_instant(schedule.bounds.0), "violations": [],
        });
        let id = uuid_of(&format!("alternative-shift-trade/{}/{agent}", schedule.id));
        target.seed_document(home.at, home.in_business_unit(&format!("alternativeshifts/trades/{id}")), object(trade));
    }
}
