//! The request that makes a call: one per call, with the version in the body where there is one.

use super::kinds::{AGENT, Kinds, SCHEDULE, TRADE, agent_parts};
use super::paths::{PUBLISHING, SCHEDULES, SCORES, TRADES, below, with_query};
use super::{lens, mark};
use ifmatch_core::{
    Call, Creation, Digest, KindSpec, Method, Name, OperationCall, Precondition, Request, Resource, WriteItem,
};
use serde_json::{Map, Value, json};

mod agents;
#[cfg(test)]
mod tests;

pub(crate) use agents::is_split;

/// The most records that a list answers with on one page.
pub(crate) const PAGE_SIZE: &str = "100";

/// The request of a call.
pub(crate) fn request(kinds: &Kinds, call: &Call) -> Request {
    match call {
        Call::Read(resources) => read(resources),
        Call::ReadStamps { resource, known } => agents::read_stamps(resource, known),
        Call::Lookup(creation) => lookup(creation),
        Call::Write(items) => write(kinds, items),
        Call::Create(creation) => create(kinds, creation),
        Call::Start(operation) => start(operation),
        Call::Status(operation) => status(operation),
        Call::Past { resource, version } => {
            Request::bare(Method::Get, with_query(&path(resource), &[("version", &version.to_string())]))
        }
    }
}

/// Where a record of a kind lives. A record without an id is looked for in its collection.
fn path(resource: &Resource) -> String {
    let collection = match resource.kind.as_str() {
        TRADE => TRADES,
        SCHEDULE | AGENT => SCHEDULES,
        _ => SCORES,
    };
    let id = resource.id().map(|id| match agent_parts(id) {
        Some((schedule, _)) if resource.kind == AGENT => schedule,
        _ => id,
    });
    id.map_or_else(|| collection.to_owned(), |id| below(collection, id))
}

fn read(resources: &[Resource]) -> Request {
    match resources.first() {
        Some(first) if first.kind == AGENT => agents::read(resources),
        Some(first) => Request::bare(Method::Get, path(first)),
        None => Request::bare(Method::Get, SCHEDULES),
    }
}

/// Scores are asked for by agent only: a filter by correlation id as well would hide a record that
/// holds the natural key under another correlation id.
fn lookup(creation: &Creation) -> Request {
    let resource = &creation.resource;
    let named = named(resource);
    let text = |name: &str| {
        let value = creation.value.get(name).or_else(|| named.get(name));
        value.and_then(Value::as_str).map(str::to_owned)
    };
    if resource.kind == AGENT {
        return agents::read(std::slice::from_ref(resource));
    }
    if resource.id().is_some() {
        return Request::bare(Method::Get, path(resource));
    }
    let by = |collection: &str, field: &str, value: &str| {
        let pairs = [(field, value), ("page", "1"), ("page_size", PAGE_SIZE)];
        Request::bare(Method::Get, with_query(collection, &pairs))
    };
    if resource.kind == TRADE {
        let agent = creation.value["initiating"]["agent_id"].as_str();
        return match (text("swap_request_id"), agent, text("trade_id")) {
            (Some(id), ..) => by(TRADES, "swap_request_id", &id),
            (None, Some(agent), _) => by(TRADES, "agent_id", agent),
            (None, None, Some(id)) => Request::bare(Method::Get, below(TRADES, &id)),
            (None, None, None) => Request::bare(Method::Get, TRADES),
        };
    }
    if resource.kind == SCHEDULE {
        let of = |name: &str| text(name).unwrap_or_default();
        let (unit, week) = (of("business_unit_id"), of("week"));
        let pairs =
            [("business_unit_id", unit.as_str()), ("week", week.as_str()), ("page", "1"), ("page_size", PAGE_SIZE)];
        return Request::bare(Method::Get, with_query(SCHEDULES, &pairs));
    }
    match (text("agent_email"), text("correlation_id")) {
        (Some(email), _) => by(SCORES, "agent_email", &email),
        (None, Some(id)) => by(SCORES, "correlation_id", &id),
        (None, None) => Request::bare(Method::Get, SCORES),
    }
}

/// The fields of the natural key or of the id that a resource is named by.
fn named(resource: &Resource) -> Map<String, Value> {
    match &resource.name {
        Name::Key(key) => serde_json::from_str(key).unwrap_or_default(),
        Name::Id(id) if resource.kind == TRADE => Map::from_iter([("trade_id".to_owned(), json!(id))]),
        Name::Id(_) | Name::External { .. } => Map::new(),
    }
}

fn write(kinds: &Kinds, items: &[WriteItem]) -> Request {
    let Some(first) = items.first() else {
        return Request::json(Method::Patch, SCHEDULES, &json!({}));
    };
    match (first.resource.kind.as_str(), kinds.get(&first.resource.kind)) {
        (AGENT, _) => agents::write(items),
        (SCHEDULE, Some(spec)) => write_schedule(spec, first),
        (_, Some(spec)) => {
            guarded(path(&first.resource), lens::changed(spec, &first.from, &first.to), &first.precondition)
        }
        (_, None) => Request::json(Method::Patch, path(&first.resource), &json!({})),
    }
}

/// An agent id that leaves the list of a document removes that agent.
fn write_schedule(spec: &KindSpec, item: &WriteItem) -> Request {
    let mut body = lens::changed(spec, &item.from, &item.to);
    if body.remove("agent_ids").is_some() {
        let ids = |value: &Value| value["agent_ids"].as_array().cloned().unwrap_or_default();
        let kept = ids(&item.to);
        let gone = ids(&item.from).into_iter().filter(|id| !kept.contains(id));
        let gone: Vec<Value> = gone.map(|id| json!({"agent_id": id, "deleted": true})).collect();
        body.insert("agents".to_owned(), Value::Array(gone));
    }
    guarded(path(&item.resource), body, &item.precondition)
}

/// A PATCH with its precondition: the version in the body, else the tag byte for byte; both where the target did not find it
/// in the one place.
fn guarded(path: String, mut body: Map<String, Value>, precondition: &Precondition) -> Request {
    if let Some(version) = precondition.version {
        body.insert("version".to_owned(), json!(version));
    }
    let mut request = Request::json(Method::Patch, path, &Value::Object(body));
    let named = precondition.version.is_some() && !precondition.everywhere;
    if let Some(tag) = precondition.etag.as_ref().filter(|_| !named) {
        request.headers.push(("if-match".to_owned(), tag.clone()));
    }
    request
}

fn create(kinds: &Kinds, creation: &Creation) -> Request {
    let kind = creation.resource.kind.as_str();
    if kind == AGENT {
        return agents::create(creation);
    }
    let collection = match kind {
        TRADE => TRADES,
        SCHEDULE => SCHEDULES,
        _ => SCORES,
    };
    Request::json(Method::Post, collection, &creation_body(kinds, creation))
}

/// What is posted to make a record, with what it is found again by.
fn creation_body(kinds: &Kinds, creation: &Creation) -> Value {
    let kind = creation.resource.kind.as_str();
    let mut body = kinds.get(kind).map_or_else(
        || creation.value.clone(),
        |spec| lens::creation(spec, &creation.value, &named(&creation.resource)),
    );
    if kind == TRADE && body["trade_id"].is_null() {
        body["trade_id"] = json!(trade_id(&creation.resource, &body));
    }
    if kind == SCHEDULE {
        mark::put(&creation.resource, &mut body);
    }
    body
}

/// The id that the record of a creation gets by it.
pub(crate) fn own_id(kinds: &Kinds, creation: &Creation) -> Option<String> {
    let is_trade = creation.resource.kind == TRADE;
    is_trade.then(|| creation_body(kinds, creation)["trade_id"].as_str().map(str::to_owned)).flatten()
}

/// An id for a trade that is known by its request. The API refuses a second trade of one id, and takes
/// a second one of one request: without an id of ours a copy of a creation would make another trade.
fn trade_id(resource: &Resource, body: &Value) -> String {
    let request = body["swap_request_id"].as_str().filter(|request| !request.is_empty());
    let known_by = request.map_or_else(|| resource.key(), |request| format!("request/{request}"));
    let digits = format!("{:032x}", Digest::of(format!("{}/{known_by}", resource.org).as_bytes()).short());
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

fn publishing(operation: &OperationCall, what: &str) -> String {
    let id = operation.resource.id().unwrap_or_default();
    format!("{}/{what}", below(PUBLISHING, id))
}

fn start(operation: &OperationCall) -> Request {
    Request::json(Method::Post, publishing(operation, "publish"), &json!({}))
}

fn status(operation: &OperationCall) -> Request {
    Request::bare(Method::Get, publishing(operation, "status"))
}
