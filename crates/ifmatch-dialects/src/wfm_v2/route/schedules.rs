//! Routes of schedules: a write of a document becomes one change per agent that it names, and one
//! of the document where it gives fields of its own.

use super::{Asked, Routed, error};
use crate::wfm_v2::kinds::{AGENT, PUBLISH, SCHEDULE};
use crate::wfm_v2::{mark, paths};
use ifmatch_core::{Change, Method, Operation, Resource, Route, RouteError};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// How the entries of a document are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// POST with id: an entry replaces the fields that it gives.
    Push,
    /// PUT: an entry replaces everything, agents that are missing are removed.
    Put,
    /// PATCH: an entry is a merge patch, its shifts are told apart by id.
    Patch,
}

pub(super) fn route<'a>(
    ask: impl FnOnce() -> Result<Asked<'a>, RouteError>,
    method: Method,
    parts: &[String],
) -> Routed {
    let part = |at: usize| parts.get(at).map(String::as_str);
    match (method, part(0), part(1), parts.len()) {
        (Method::Post, None, _, _) => push(&ask()?),
        (Method::Post, Some("bulk"), None, _) => bulk(&ask()?),
        (Method::Put, Some("agents"), Some(agent), 2) => agent_week(ask()?, agent),
        (Method::Post, Some(id), Some(PUBLISH), 2) => start(&ask()?, id),
        (Method::Put, Some(id), None, _) => document(&ask()?, id, Form::Put),
        (Method::Patch, Some(id), None, _) => document(&ask()?, id, Form::Patch),
        _ => Ok(Route::Unknown),
    }
}

pub(super) fn publish<'a>(
    ask: impl FnOnce() -> Result<Asked<'a>, RouteError>,
    method: Method,
    parts: &[String],
) -> Routed {
    match (method, parts) {
        (Method::Post, [id, last]) if last == PUBLISH => start(&ask()?, id),
        _ => Ok(Route::Unknown),
    }
}

/// The revision is left to the engine: the one that is current when the turn comes.
fn start(asked: &Asked<'_>, id: &str) -> Routed {
    Ok(Route::Write {
        resource: Resource::by_id(asked.org, SCHEDULE, id),
        base: asked.base(&asked.body, asked.header, "")?,
        change: Change::Operation(Operation { name: PUBLISH.to_owned(), revision: None }),
        whole: false,
    })
}

/// A push without an id creates a draft, of which only the target can say which one it is.
fn push(asked: &Asked<'_>) -> Routed {
    match asked.body.get("id") {
        None | Some(Value::Null) => Ok(Route::Unknown),
        Some(Value::String(id)) if !id.is_empty() => document(asked, id, Form::Push),
        Some(_) => Err(error("invalid_field", "/id", "an id is text")),
    }
}

fn document(asked: &Asked<'_>, id: &str, form: Form) -> Routed {
    let entries = match asked.body.get("agents") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => return Err(error("invalid_field", "/agents", "agents is a list")),
    };
    if form == Form::Patch && entries.iter().any(|entry| entry["deleted"] == true) {
        return Ok(Route::Unknown);
    }
    let mut routes = Vec::with_capacity(entries.len() + 1);
    let mut ids = BTreeSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("/agents/{index}");
        let agent = entry["agent_id"].as_str().filter(|agent| !agent.is_empty() && !agent.contains('/'));
        let (Some(agent), Some(entry)) = (agent, entry.as_object()) else {
            return Err(error("invalid_field", format!("{at}/agent_id"), "an entry has an agent_id"));
        };
        if !ids.insert(agent.to_owned()) {
            return Err(error("invalid_field", at, "the agent is given twice"));
        }
        routes.push(agent_entry(asked, id, agent, entry, form, &at)?);
    }
    if let Some(own) = own_fields(asked, id, form, &ids)? {
        routes.push(own);
    }
    Ok(Route::Batch(routes))
}

/// The document's own fields. After a PUT the agents are exactly those that it names.
fn own_fields(asked: &Asked<'_>, id: &str, form: Form, ids: &BTreeSet<String>) -> Result<Option<Route>, RouteError> {
    let mut value = Value::Object(Map::new());
    if let Some(text) = asked.body.get("description") {
        value["description"] = text.clone();
        // What a client sends back as it was shown.
        mark::take(&mut value);
    }
    if form == Form::Put {
        value["agent_ids"] = json!(ids);
    }
    let base = asked.base(&asked.body, asked.header, "")?;
    if value.as_object().is_none_or(Map::is_empty) {
        return Ok(None);
    }
    let whole = form != Form::Patch;
    let change = if whole { Change::Desired(value) } else { Change::MergePatch(value) };
    Ok(Some(Route::Write { resource: Resource::by_id(asked.org, SCHEDULE, id), change, base, whole }))
}

fn agent_entry(
    asked: &Asked<'_>,
    schedule: &str,
    agent: &str,
    entry: &Map<String, Value>,
    form: Form,
    at: &str,
) -> Routed {
    let mut value = Value::Object(entry.clone());
    if form == Form::Put {
        cleared(&mut value);
    }
    let change = match form {
        Form::Patch => Change::MergePatch(value),
        Form::Push | Form::Put => Change::Desired(value),
    };
    Ok(Route::Write {
        resource: Resource::by_id(asked.org, AGENT, &format!("{schedule}/{agent}")),
        base: asked.base(entry, None, at)?,
        change,
        whole: form != Form::Patch,
    })
}

/// What a PUT leaves out has its default.
fn cleared(value: &mut Value) {
    if value.get("shifts").is_none_or(Value::is_null) {
        value["shifts"] = json!([]);
    }
    if value.get("availability").is_none_or(Value::is_null) {
        value["availability"] = json!({"status": "available", "from": null, "until": null});
    }
}

fn bulk(asked: &Asked<'_>) -> Routed {
    let Some(items) = asked.body.get("items").and_then(Value::as_array) else {
        return Err(error("invalid_field", "/items", "a list of items is needed"));
    };
    let one = |(index, item): (usize, &Value)| {
        let at = format!("/items/{index}");
        let text = |name: &str| item[name].as_str().filter(|text| !text.is_empty() && !text.contains('/'));
        match (text("schedule_id"), text("agent_id"), item.as_object()) {
            (Some(schedule), Some(agent), Some(entry)) => agent_entry(asked, schedule, agent, entry, Form::Push, &at),
            _ => Err(error("invalid_field", at, "an item names a schedule_id and an agent_id")),
        }
    };
    let routes: Result<Vec<Route>, RouteError> = items.iter().enumerate().map(one).collect();
    Ok(Route::Batch(routes?))
}

/// One agent's week by its date: which schedule that is, the body may tell.
fn agent_week(asked: Asked<'_>, agent: &str) -> Routed {
    let Some(schedule) = asked.text("schedule_id").filter(|id| !id.contains('/')).map(str::to_owned) else {
        return Ok(Route::Unknown);
    };
    let week = paths::parameter(asked.query, "week");
    if week.as_deref().is_none()
        || asked.body.get("week").is_some_and(|given| Some(given.as_str().unwrap_or_default()) != week.as_deref())
    {
        return Ok(Route::Unknown);
    }
    let route = agent_entry(&asked, &schedule, agent, &asked.body, Form::Put, "")?;
    match route {
        Route::Write { resource, change, whole, .. } => {
            let base = asked.base(&asked.body, asked.header, "")?;
            Ok(Route::Write { resource, change, base, whole })
        }
        other => Ok(other),
    }
}
