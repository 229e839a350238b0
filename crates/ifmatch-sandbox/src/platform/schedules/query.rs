//! The agents of a schedule: at once, by notice, or by an address to download them from.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    read::{business_unit, seen},
    show,
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors,
    },
    queue::Due,
    record::AgentWeek,
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[("postWorkforcemanagementBusinessunitWeekScheduleAgentschedulesQuery", query)];

/// Teams in one request.
pub(crate) const TEAMS_MAX: usize = 10;

fn query(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = business_unit(target, call);
    let schedule = seen(target, call)?;
    let body = call.object()?;
    let Some(wanted_unit) = body.get("managementUnitId").and_then(Value::as_str) else {
        return Err(errors::validation("managementUnitId", "managementUnitId is required"));
    };
    check_teams(body.get("teamIds"))?;
    let users = ids(body.get("userIds"), "userIds")?;
    let is_wanted = |id: &str| {
        wanted_unit == target.unit_of(&unit.id, id)
            && users.as_ref().is_none_or(|users| users.iter().any(|user| user == id))
    };
    let agents: Vec<(&Arc<str>, &Arc<AgentWeek>)> = schedule.agents.iter().filter(|(id, _)| is_wanted(id)).collect();
    let shown: Vec<Value> = agents.iter().map(|(id, agent)| show::agent(&schedule, id, agent)).collect();
    let large = target.options.platform.download_above.is_some_and(|most| shown.len() > most);
    let result = json!({"agentSchedules": shown, "businessUnitTimeZone": unit.time_zone});
    if call.query_flag("forceAsync") {
        return Ok(put_off(target, call, "query", &unit.id, result));
    }
    let operation = target.platform_id();
    if large || call.query_flag("forceDownloadService") {
        let url = target.offer_download(call, result);
        return Ok(call.reply(json!({"status": "Complete", "operationId": operation, "downloadUrl": url})));
    }
    Ok(call.reply(json!({"status": "Complete", "operationId": operation, "result": result})))
}

/// Answers that the result comes later: a notice to the user tells where it can be downloaded. `sort` is `query` or `search`.
pub(crate) fn put_off(target: &mut Target, call: &Call, sort: &str, unit: &str, result: Value) -> Reply {
    let operation = target.platform_id();
    let url = target.offer_download(call, result);
    let notice = json!({"operationId": operation, "businessUnitId": unit, "downloadUrl": url});
    let user = call.user.as_deref().unwrap_or_default();
    let id = format!("v2.workforcemanagement.users.{user}.schedules.{sort} {notice}");
    target.queue.put(call.now + target.options.platform.job_ms.max(0), Due::Platform { run: tell, id });
    call.reply(json!({"status": "Processing", "operationId": operation}))
}

/// The result can be downloaded; topic and body of the notice in one text.
fn tell(target: &mut Target, now: i64, id: &str) {
    let Some((topic, body)) = id.split_once(' ') else { return };
    let body = serde_json::from_str(body).unwrap_or_default();
    target.notify(now, topic.to_owned(), body);
}

/// Refuses more teams than one request may name.
pub(crate) fn check_teams(teams: Option<&Value>) -> Checked<()> {
    let count = ids(teams, "teamIds")?.map_or(0, |teams| teams.len());
    if count > TEAMS_MAX {
        let text = format!("One request may name up to {TEAMS_MAX} teams");
        return Err(Refusal::new(400, "wfm.too.many.teams.requested", text));
    }
    Ok(())
}

/// A list of ids; `None` for one that is absent.
pub(crate) fn ids(list: Option<&Value>, name: &str) -> Checked<Option<Vec<String>>> {
    match list {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) => {
            let ids = list.iter().map(|id| id.as_str().map(str::to_owned));
            let ids: Option<Vec<String>> = ids.collect();
            ids.map(Some).ok_or_else(|| errors::validation(name, "A list of ids is needed"))
        }
        Some(_) => Err(errors::validation(name, "A list of ids is needed")),
    }
}
