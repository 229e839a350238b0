//! What a passed-through answer shows: the records in it, so that a client's next write can be
//! compared with what it saw.

use super::kinds::{AGENT, SCHEDULE, SCORE, TRADE};
use super::paths::{self, SCHEDULES, SCORES, TRADES};
use super::{lens, snapshot};
use ifmatch_core::{OrgName, Request, Resource, Response, Snapshot, Timestamp};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The records of an answer to a read or a write; none for a refusal and for what is no record.
pub(crate) fn shown(
    org: &OrgName,
    now: Timestamp,
    request: &Request,
    response: &Response,
) -> Vec<(Resource, Snapshot)> {
    let Some(body) = response.json().filter(|_| response.is_success()) else {
        return Vec::new();
    };
    let (path, query) = paths::split(&request.path);
    let tag = snapshot::tag(response);
    let of = |kind: &str, id: &str, value: Value, tag: Option<&str>| {
        (Resource::by_id(org, kind, id), snapshot::of(value, tag, now))
    };
    for (collection, kind, field) in [(SCORES, SCORE, "id"), (TRADES, TRADE, "trade_id")] {
        let Some(parts) = paths::under(path, collection) else {
            continue;
        };
        let alone = !parts.is_empty() || body["entities"].is_null();
        let tag = tag.filter(|_| alone);
        let records = records(&body).into_iter().filter(|value| lens::version(value).is_ok_and(|v| v.is_some()));
        return records.filter_map(|value| Some(of(kind, value[field].as_str()?, value.clone(), tag))).collect();
    }
    let Some(parts) = paths::under(path, SCHEDULES) else {
        return Vec::new();
    };
    if let (Some(agent), Some(schedule)) = (body["agent_id"].as_str(), body["schedule_id"].as_str()) {
        let value = snapshot::agent_entry(body.clone(), &body, schedule);
        return vec![of(AGENT, &format!("{schedule}/{agent}"), value, None)];
    }
    let (Some(id), Some(agents)) = (body["id"].as_str(), body["agents"].as_array()) else {
        return Vec::new();
    };
    let entry = |entry: &Value| {
        let agent = entry["agent_id"].as_str()?;
        Some(of(AGENT, &format!("{id}/{agent}"), snapshot::agent_entry(entry.clone(), &body, id), None))
    };
    let mut all: Vec<_> = agents.iter().filter_map(entry).collect();
    // Only an unfiltered read shows which agents the document has.
    if parts.len() == 1 && query.is_empty() && request.method.is_safe() {
        all.push(of(SCHEDULE, id, snapshot::schedule(body.clone()), tag));
    }
    all
}

fn records(body: &Value) -> Vec<&Value> {
    match body.get("entities").and_then(Value::as_array) {
        Some(list) => list.iter().map(|line| line.get("record").unwrap_or(line)).collect(),
        None => vec![body],
    }
}
