//! Reads and writes of agent schedules: many agents of one schedule share one request.

use crate::wfm_v2::kinds::agent_parts;
use crate::wfm_v2::lens;
use crate::wfm_v2::paths::{AGENT_WEEKS, SCHEDULES, below, with_query};
use ifmatch_core::{Creation, Method, Request, Resource, WriteItem};
use ifmatch_merge::json_equal;
use serde_json::{Map, Value, json};

/// From this many agents on the whole document is read: the address would become too long for
/// some servers, and the answer would hold most of the document anyway.
const NAMED_MAX: usize = 40;

/// Reads agents of one schedule. Several are named in one parameter, separated by commas.
pub(crate) fn read(resources: &[Resource]) -> Request {
    let parts: Vec<_> = resources.iter().filter_map(|resource| agent_parts(resource.id()?)).collect();
    let Some((schedule, _)) = parts.first() else {
        return Request::bare(Method::Get, SCHEDULES);
    };
    let path = below(SCHEDULES, schedule);
    if parts.len() > NAMED_MAX {
        return Request::bare(Method::Get, path);
    }
    let ids: Vec<String> = parts.iter().map(|(_, agent)| (*agent).to_owned()).collect();
    Request::bare(Method::Get, with_query(&path, &[("agent_id", &ids.join(","))]))
}

/// Reads one agent's week by itself: that answer has the time and the writer, which an entry of a document has not.
pub(crate) fn read_stamps(resource: &Resource, known: &Value) -> Request {
    let (_, agent) = resource.id().and_then(agent_parts).unwrap_or_default();
    let week = known["week"].as_str().unwrap_or_default();
    Request::bare(Method::Get, with_query(&below(AGENT_WEEKS, agent), &[("week", week)]))
}

/// Whether a read named several agents, so that an answer without any of them proves nothing: a
/// server that does not split the parameter looks for one agent with a strange id.
pub(crate) fn is_split(resources: &[Resource]) -> bool {
    (2..=NAMED_MAX).contains(&resources.len())
}

/// Writes agents of one schedule: in bulk where shifts alone change, because a bulk is guarded per
/// agent and answered per agent, else by a PATCH of the document.
pub(crate) fn write(items: &[WriteItem]) -> Request {
    if is_bulk(items) { bulk(items) } else { patch(items) }
}

/// Whether a write goes out in bulk.
pub(crate) fn is_bulk(items: &[WriteItem]) -> bool {
    let same = |item: &WriteItem| {
        let (before, after) = (&item.from["availability"], &item.to["availability"]);
        json_equal(before, after)
    };
    items.iter().all(same)
}

fn bulk(items: &[WriteItem]) -> Request {
    let one = |item: &WriteItem| {
        let (schedule, agent) = agent_parts(item.resource.id()?)?;
        let mut body = json!({"schedule_id": schedule, "agent_id": agent});
        body["shifts"] = item.to.get("shifts").cloned().unwrap_or_else(|| json!([]));
        name_version(&mut body, item.precondition.version);
        Some(body)
    };
    Request::json(Method::Post, format!("{SCHEDULES}/bulk"), &list("items", items.iter().filter_map(one)))
}

/// The guard is each agent's own version: the document's moves with every write to any agent.
/// `If-Match: *` says that no version of the document is meant.
fn patch(items: &[WriteItem]) -> Request {
    let schedule = items.iter().find_map(|item| agent_parts(item.resource.id()?));
    let path = schedule.map_or_else(|| SCHEDULES.to_owned(), |(schedule, _)| below(SCHEDULES, schedule));
    starred(Request::json(Method::Patch, path, &list("agents", items.iter().filter_map(entry))))
}

/// A body that is a list under a name. `json!` would copy it.
fn list(name: &str, items: impl Iterator<Item = Value>) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), Value::Array(items.collect()))]))
}

fn entry(item: &WriteItem) -> Option<Value> {
    let (_, agent) = agent_parts(item.resource.id()?)?;
    let mut body = json!({"agent_id": agent});
    name_version(&mut body, item.precondition.version);
    let (before, after) = (&item.from["availability"], &item.to["availability"]);
    if !json_equal(before, after) {
        body["availability"] = after.clone();
    }
    let (before, after) = (&item.from["shifts"], &item.to["shifts"]);
    if !json_equal(before, after) {
        body["shifts"] = lens::shifts_patch(before, after);
    }
    Some(body)
}

/// Adds an agent to a schedule. Version 0 names no existing entry: one that somebody else added
/// meanwhile is refused as stale instead of overwritten.
pub(crate) fn create(creation: &Creation) -> Request {
    let (schedule, agent) = creation.resource.id().and_then(agent_parts).unwrap_or_default();
    let mut entry = Map::from_iter([("agent_id".to_owned(), json!(agent)), ("version".to_owned(), json!(0))]);
    for name in ["availability", "shifts"] {
        if let Some(value) = creation.value.get(name) {
            entry.insert(name.to_owned(), value.clone());
        }
    }
    let body = json!({"id": schedule, "agents": [entry]});
    starred(Request::json(Method::Post, SCHEDULES, &body))
}

fn name_version(body: &mut Value, version: Option<u64>) {
    if let Some(version) = version {
        body["version"] = json!(version);
    }
}

fn starred(mut request: Request) -> Request {
    request.headers.push(("if-match".to_owned(), "*".to_owned()));
    request
}
