//! The shifts of some agents in a span of time, as far as they are published.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    query::{ids, put_off},
    read::{BusinessUnit, business_unit},
    show,
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors, models,
    },
    record::Schedule,
    refusal::Checked,
    target::Target,
    time::format_instant,
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementBusinessunitAgentschedulesSearch", of_business_unit),
    ("postWorkforcemanagementManagementunitAgentschedulesSearch", of_management_unit),
    ("postWorkforcemanagementAgentschedulesMine", mine),
];

fn of_business_unit(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = business_unit(target, call);
    let users = ids(call.object()?.get("userIds"), "userIds")?;
    search(target, call, &unit, users.as_deref())
}

/// The agents of the unit, and nobody else.
fn of_management_unit(target: &mut Target, call: &Call) -> Checked<Reply> {
    let wanted = call.param("managementUnitId");
    let unit = BusinessUnit::of(target, &target.business_unit_of(wanted));
    let mut users = target.agents_of(wanted);
    if let Some(named) = ids(call.object()?.get("userIds"), "userIds")? {
        users.retain(|user| named.contains(user));
    }
    search(target, call, &unit, Some(&users))
}

fn search(target: &mut Target, call: &Call, unit: &BusinessUnit, users: Option<&[String]>) -> Checked<Reply> {
    let span = span(call)?;
    let result = found(target, call, unit, span, users);
    if call.query_flag("forceAsync") {
        return Ok(put_off(target, call, "search", &unit.id, result));
    }
    let operation = target.platform_id();
    let large = target.options.platform.download_above;
    let count = result["agentSchedules"].as_array().map_or(0, Vec::len);
    if call.query_flag("forceDownloadService") || large.is_some_and(|most| count > most) {
        let url = target.offer_download(call, result);
        return Ok(call.reply(json!({"status": "Complete", "operationId": operation, "downloadUrl": url})));
    }
    Ok(call.reply(json!({"status": "Complete", "operationId": operation, "result": result})))
}

/// The shifts of the user for whom the call acts.
fn mine(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (span, user) = (span(call)?, call.user()?.to_owned());
    let mut schedules = target.schedules.values().map(|history| history.current());
    let home = schedules.find(|schedule| schedule.agents.contains_key(user.as_str()));
    let unit = BusinessUnit::of(target, home.map_or("", |home| &home.business_unit_id));
    let mut body = found(target, call, &unit, span, Some(&[user]));
    body["startDate"] = json!(format_instant(span.0));
    body["endDate"] = json!(format_instant(span.1));
    body["updates"] = json!([]);
    Ok(call.reply(body))
}

fn span(call: &Call) -> Checked<(i64, i64)> {
    let body = call.object()?;
    let at = |name: &str| {
        let at = body.get(name).and_then(Value::as_str).and_then(models::instant);
        at.ok_or_else(|| errors::validation(name, format!("{name} is an instant")))
    };
    let (start, end) = (at("startDate")?, at("endDate")?);
    if start < end { Ok((start, end)) } else { Err(errors::validation("endDate", "The end lies after the start")) }
}

/// `BuAgentSchedulesSearchResponse`; all agents where none are named.
fn found(target: &Target, call: &Call, unit: &BusinessUnit, span: (i64, i64), users: Option<&[String]>) -> Value {
    let seen = target.schedules.values().filter_map(|history| history.at(call.read_at));
    let published: Vec<&Arc<Schedule>> = seen
        .filter(|own| own.business_unit_id == unit.id && show::is_published(own))
        .filter(|own| own.bounds.0 < span.1 && span.0 < own.bounds.1)
        .collect();
    let mut agents: std::collections::BTreeMap<&str, (Vec<Value>, Vec<Value>)> = std::collections::BTreeMap::new();
    for schedule in &published {
        for (id, state) in &schedule.agents {
            if users.is_some_and(|users| !users.iter().any(|user| **user == **id)) {
                continue;
            }
            let (shifts, markers) = agents.entry(id).or_default();
            let inside = state.week.shifts.iter().filter(|shift| shift.start_ms < span.1 && span.0 < shift.end_ms());
            shifts.extend(inside.map(|shift| show::shift(schedule, shift)));
            markers.extend(
                state.week.more.get("fullDayTimeOffMarkers").and_then(Value::as_array).cloned().unwrap_or_default(),
            );
        }
    }
    let agents = agents.into_iter().map(|(id, (shifts, markers))| {
        json!({"user": crate::platform::call::user_reference(id), "shifts": shifts, "fullDayTimeOffMarkers": markers})
    });
    let references = published.iter().map(|own| {
        json!({"id": own.id, "weekDate": own.week, "weekCount": show::week_count(own), "selfUri": show::uri(own)})
    });
    json!({
        "agentSchedules": agents.collect::<Vec<Value>>(), "businessUnitTimeZone": unit.time_zone,
        "publishedSchedules": references.collect::<Vec<Value>>(),
    })
}
