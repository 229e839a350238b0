//! What a client's request to the proxy means: which record, which change, from which version.
//!
//! Passed through: everything that names no record of a kind, lists and searches, creations and removals, uploads of
//! schedules (their content goes to an address that the proxy does not see), writes with a query, items of lists that have no
//! id yet, and names of units beside their settings.

use super::kinds::{CODE, EVALUATION, Kind, Kinds, LIMIT, METADATA, TRADE};
use super::paths::{self, W, matched};
use super::{fields::Form, lens};
use crate::paths::split;
use ifmatch_core::{BaseHint, Change, IntentError, Method, OrgName, Request, Resource, Route, RouteError};
use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

type Routed = Result<Route, RouteError>;

/// Finds the meaning of a request.
///
/// # Errors
/// The route is known and its body makes no sense.
pub(crate) fn route(kinds: &Kinds, org: &OrgName, request: &Request) -> Routed {
    let (path, query) = split(&request.path);
    if let Some(routed) = lists(kinds, org, request, path) {
        return routed;
    }
    let values = path.strip_suffix("/values").filter(|_| request.method == Method::Put);
    let Some((kind, id)) = paths::record_at(kinds, values.unwrap_or(path)) else { return Ok(Route::Unknown) };
    let resource = || Resource::by_id(org, &kind.spec.name, &id);
    match (request.method, &*kind.spec.name) {
        // These are read by other requests than the one that a client sends.
        (Method::Get, TRADE | LIMIT) => Ok(Route::Unknown),
        (Method::Get, _)
            if query.is_empty() == kind.inside.is_empty() && (query.is_empty() || query == "expand=settings") =>
        {
            Ok(Route::Read(resource()))
        }
        (Method::Put, LIMIT) if values.is_some() => limit(resource(), &body(request)?),
        (Method::Put, EVALUATION) => {
            let wish = lens::record(kind.fields, &Value::Object(body(request)?));
            Ok(Route::Write { resource: resource(), change: Change::Desired(wish), base: None, whole: true })
        }
        (Method::Patch, TRADE | LIMIT) => Ok(Route::Unknown),
        (Method::Patch, _) if query.is_empty() => change(kind, resource(), body(request)?),
        _ => Ok(Route::Unknown),
    }
}

/// Requests that change several records.
fn lists(kinds: &Kinds, org: &OrgName, request: &Request, path: &str) -> Option<Routed> {
    let at = |template: &str| matched(&format!("{W}{template}"), path);
    match request.method {
        Method::Patch => {
            let unit = at("/businessunits/{}/activitycodes/bulk")?;
            Some(batch(request, |entity| {
                let kind = kinds.get(CODE)?;
                let id = format!("{}/{}", unit[0], entity.get("id")?.as_str()?);
                Some(change(kind, Resource::by_id(org, CODE, &id), entity.clone()))
            }))
        }
        Method::Post => {
            let older = at("/managementunits/{}/weeks/{}/shifttrades/state/bulk").filter(|parts| parts[0] != "mine");
            if let Some(parts) = older {
                return Some(trades(org, request, &parts[0], &parts[1]));
            }
            at(paths::TRADES_JOB)?;
            Some(job(org, request))
        }
        _ => None,
    }
}

/// The job of supervisors. An entity names its trade by id alone, and where that lies only the body tells.
fn job(org: &OrgName, request: &Request) -> Routed {
    let body = body(request)?;
    let only = |name: &str| match body.get(name).and_then(Value::as_array).map(Vec::as_slice) {
        Some([Value::String(one)]) if !one.is_empty() => Ok(one.clone()),
        _ => {
            let reason = "a job through the gateway names one management unit and one week, so that it is known which trades \
                          are meant: send a job for each, or an intent for each trade";
            Err(error("invalid_field", format!("/{name}"), reason))
        }
    };
    trades(org, request, &only("managementUnitIds")?, &only("weekDates")?)
}

/// The states that a body gives to the trades of a week.
fn trades(org: &OrgName, request: &Request, unit: &str, week: &str) -> Routed {
    batch(request, |entity| {
        let id = format!("{unit}/{week}/{}", entity.get("id")?.as_str()?);
        let state = entity.get("state")?.as_str().filter(|state| ["Approved", "Denied"].contains(state))?;
        let resource = Resource::by_id(org, TRADE, &id);
        let change = Change::MergePatch(serde_json::json!({"state": state}));
        Some(base(entity).map(|base| Route::Write { resource, change, base, whole: false }))
    })
}

/// The changes of a body's entities; one that is not understood lets the whole pass.
fn batch(request: &Request, route: impl Fn(&Map<String, Value>) -> Option<Routed>) -> Routed {
    let body = body(request)?;
    let entities = body.get("entities").and_then(Value::as_array);
    let entities = entities.ok_or_else(|| error("missing_field", "/entities", "a list of entities is needed"))?;
    let mut routes = Vec::with_capacity(entities.len());
    for entity in entities {
        match entity.as_object().and_then(&route).transpose()? {
            Some(routed @ Route::Write { .. }) => routes.push(routed),
            _ => return Ok(Route::Unknown),
        }
    }
    Ok(Route::Batch(routes))
}

/// The body as an object; none, and the literal `null`, are an empty one.
fn body(request: &Request) -> Result<Map<String, Value>, RouteError> {
    match serde_json::from_str(&request.body) {
        _ if request.body.trim().is_empty() => Ok(Map::new()),
        Ok(Value::Object(members)) => Ok(members),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) | Err(_) => Err(error("invalid_json", "", "the body must be a JSON object")),
    }
}

fn error(code: &'static str, field: impl Into<String>, reason: impl Into<String>) -> RouteError {
    RouteError(IntentError::new(code, field, reason))
}

/// A change of one record by a body. Managed fields stay in it: they show which representation the client started from.
fn change(kind: &Kind, resource: Resource, body: Map<String, Value>) -> Routed {
    let body = match kind.inside {
        "" => body,
        inside => match body.get(inside) {
            // A new name beside the settings is no part of the record: the target takes both or neither.
            Some(Value::Object(settings)) if body.len() == 1 => settings.clone(),
            _ => return Ok(Route::Unknown),
        },
    };
    let wish = lens::wish(kind.fields, &body);
    if !body.contains_key(METADATA) || has_new_items(kind, &wish) {
        return Ok(Route::Unknown);
    }
    let base = base(&body)?;
    Ok(Route::Write { resource, change: Change::MergePatch(Value::Object(wish)), base, whole: false })
}

/// Whether a list that is edited item by item gets items that the target has yet to name.
fn has_new_items(kind: &Kind, wish: &Map<String, Value>) -> bool {
    let new = |key: &str, list: &Value| list.as_array().into_iter().flatten().any(|item| !item[key].is_string());
    kind.fields.iter().any(|field| match (field.form, wish.get(field.name)) {
        (Form::Items(key, inner), Some(list)) => {
            let nested = |item: &Value| {
                inner.iter().any(|field| match (field.form, item.get(field.name)) {
                    (Form::Items(key, _), Some(list)) => new(key, list),
                    _ => false,
                })
            };
            new(key, list) || list.as_array().into_iter().flatten().any(nested)
        }
        _ => false,
    })
}

/// The values of a limit: each range of the body as its days. Without its granularity, the name of the list tells.
fn limit(resource: Resource, body: &Map<String, Value>) -> Routed {
    if !body.contains_key(METADATA) {
        return Ok(Route::Unknown);
    }
    let mut days = Vec::new();
    for range in body.get("values").and_then(Value::as_array).into_iter().flatten() {
        match super::limits::split(range) {
            Some(range) => days.extend(range),
            None => return Ok(Route::Unknown),
        }
    }
    let change = Change::MergePatch(serde_json::json!({"values": days}));
    Ok(Route::Write { resource, change, base: base(body)?, whole: false })
}

/// The version that a body names.
fn base(body: &Map<String, Value>) -> Result<Option<BaseHint>, RouteError> {
    match body.get(METADATA).and_then(|metadata| metadata.get("version")) {
        None | Some(Value::Null) => Ok(None),
        Some(version) => match version.as_u64() {
            Some(version) => Ok(Some(BaseHint { version: Some(version), value: None })),
            None => Err(error("invalid_field", "/metadata/version", "a version is a whole number")),
        },
    }
}
