//! The request that makes a call.

use super::description::{PreconditionPlace, Sent};
use super::kind::Kind;
use super::{Rest, snapshot, spelling};
use crate::patch;
use ifmatch_core::{Call, Creation, Method, Name, Precondition, Request, WriteItem};
use ifmatch_merge::Pointer;
use serde_json::{Map, Value, json};

/// The request of a call. A kind that is not described any more, as after a restart with another configuration, asks for nothing.
pub(super) fn request(rest: &Rest, call: &Call) -> Request {
    let (resource, made) = match call {
        Call::Read(resources) => (resources.first(), None),
        Call::ReadStamps { resource, .. } | Call::Past { resource, .. } => (Some(resource), None),
        Call::Lookup(creation) => (Some(&creation.resource), Some(creation)),
        Call::Write(items) => {
            let item = items.first();
            return match item.and_then(|item| Some((item, rest.described(&item.resource)?))) {
                Some((item, kind)) => write(kind, item),
                None => nothing(),
            };
        }
        Call::Create(creation) => {
            return rest.described(&creation.resource).map_or_else(nothing, |kind| create(kind, creation));
        }
        Call::Start(operation) | Call::Status(operation) => (Some(&operation.resource), None),
    };
    let Some((resource, kind)) = resource.and_then(|resource| Some((resource, rest.described(resource)?))) else {
        return nothing();
    };
    match (resource.id(), made) {
        (Some(id), _) => Request::bare(Method::Get, kind.path(id)),
        (None, Some(creation)) => lookup(kind, creation),
        (None, None) => nothing(),
    }
}

fn nothing() -> Request {
    Request::bare(Method::Get, "/")
}

/// What is known of a record that has no id yet: the fields that are given, and those of its key.
pub(super) fn given(creation: &Creation) -> Map<String, Value> {
    let mut all = match &creation.value {
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    if let Name::Key(key) = &creation.resource.name
        && let Ok(Value::Object(named)) = serde_json::from_str(key)
    {
        for (name, value) in named {
            all.entry(name).or_insert(value);
        }
    }
    all
}

fn lookup(kind: &Kind, creation: &Creation) -> Request {
    let Some(lookup) = &kind.lookup else { return nothing() };
    let all = given(creation);
    let value = |field: &str| {
        let typed = kind.fields.get(field)?;
        snapshot::told(&spelling::wire(kind.spelling, *typed, all.get(field)))
    };
    Request::bare(Method::Get, lookup.with(value))
}

fn write(kind: &Kind, item: &WriteItem) -> Request {
    let fields = match kind.sends {
        Sent::Changes => patch::changed(&kind.spec, &item.from, &item.to),
        Sent::Record => {
            let whole = |name: &str| (name.to_owned(), item.to.get(name).cloned().unwrap_or_default());
            kind.spec.writable.iter().map(whole).collect()
        }
    };
    let id = item.resource.id().unwrap_or_default();
    guarded(kind, kind.path(id), wrapped(kind, &fields), &item.precondition)
}

/// A body with its record in the member that the target wants it in.
fn wrapped(kind: &Kind, fields: &Map<String, Value>) -> Value {
    let record = Value::Object(spelling::fields(kind, fields));
    match &kind.wrap {
        Some(name) => json!({ name.as_str(): record }),
        None => record,
    }
}

fn guarded(kind: &Kind, path: String, mut body: Value, precondition: &Precondition) -> Request {
    if let PreconditionPlace::Body { at, flag } = &kind.precondition
        && let Some(spelt) = snapshot::spelt(kind, precondition)
    {
        put(&mut body, at, spelt);
        if let Some(flag) = flag {
            put(&mut body, flag, json!(true));
        }
    }
    let mut request = Request::json(kind.method, path, &body);
    let named = kind.precondition == PreconditionPlace::IfMatch || precondition.everywhere;
    if let Some(tag) = precondition.etag.as_ref().filter(|tag| named && tag.contains('"')) {
        request.headers.push(("if-match".to_owned(), tag.clone()));
    }
    request
}

/// Puts a value at an address, objects made on the way where none are.
pub(super) fn put(body: &mut Value, at: &str, value: Value) {
    let Ok(pointer) = Pointer::parse(at) else { return };
    let mut place = body;
    for segment in pointer.segments() {
        if !place.is_object() {
            *place = json!({});
        }
        let Value::Object(members) = place else { return };
        place = members.entry(segment.into_owned()).or_insert(Value::Null);
    }
    *place = value;
}

fn create(kind: &Kind, creation: &Creation) -> Request {
    let Some(path) = &kind.create else { return nothing() };
    let mut all = given(creation);
    all.retain(|name, value| kind.fields.contains_key(name) && !value.is_null());
    Request::json(Method::Post, kind.asked(path), &wrapped(kind, &all))
}

/// Whether a found record has the key that a creation names; every field of it where the kind has none.
pub(super) fn has_key(kind: &Kind, creation: &Creation, found: &Value) -> bool {
    let all = spelling::wish(kind, &Value::Object(given(creation)));
    let agrees = |name: &str| match (all.get(name), found.get(name)) {
        (Some(wanted), Some(found)) => same(wanted, found),
        _ => false,
    };
    match &creation.resource.name {
        Name::Id(id) => snapshot::told(&found[kind.id.as_str()]).as_ref() == Some(id),
        _ => !kind.spec.natural_key.is_empty() && kind.spec.natural_key.iter().all(agrees),
    }
}

/// Keys compare without regard to case, as the tables and searches of these systems do.
fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted.as_str(), found.as_str()) {
        (Some(wanted), Some(found)) => wanted.to_lowercase() == found.to_lowercase(),
        _ => crate::same::alike(&[], wanted, found),
    }
}
