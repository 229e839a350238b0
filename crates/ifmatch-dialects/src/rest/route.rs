//! What a client's request to the proxy means: which record, which change, from which version.

use super::kind::Kind;
use super::{Rest, snapshot, spelling};
use crate::paths::split;
use ifmatch_core::{
    BaseHint, Change, IntentError, Method, Name, OrgName, Request, Resource, Route, RouteError, canonical_json,
};
use serde_json::{Map, Value};

/// Finds the meaning of a request. One that asks for something else besides, as for display values, is not ours to read.
///
/// # Errors
/// The route is known and its body makes no sense.
pub(super) fn route(rest: &Rest, org: &OrgName, request: &Request) -> Result<Route, RouteError> {
    let (path, query) = split(&request.path);
    for kind in &rest.kinds {
        if !query.is_empty() && query != kind.query {
            continue;
        }
        if let Some(id) = kind.place.id(path) {
            let resource = Resource::by_id(org, &kind.spec.name, &id);
            return match request.method {
                Method::Get => Ok(Route::Read(resource)),
                Method::Patch | Method::Put => write(kind, resource, request),
                method if method == kind.method => write(kind, resource, request),
                _ => Ok(Route::Unknown),
            };
        }
        if request.method == Method::Post && kind.create.as_deref() == Some(path) {
            return create(kind, org, request);
        }
    }
    Ok(Route::Unknown)
}

fn body(request: &Request) -> Result<Value, RouteError> {
    let wrong = || RouteError(IntentError::new("invalid_json", "", "the body must be a JSON object"));
    serde_json::from_str(&request.body).ok().filter(Value::is_object).ok_or_else(wrong)
}

/// The record of a body; the body itself where a client leaves the member out that it belongs in.
fn record<'b>(kind: &Kind, body: &'b Value) -> &'b Value {
    kind.wrap.as_ref().and_then(|name| body.get(name)).unwrap_or(body)
}

/// What a body says of the record: what names its version is no part of that.
fn said(kind: &Kind, body: &Value) -> Map<String, Value> {
    let mut said = match spelling::wish(kind, record(kind, body)) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    if let super::description::PreconditionPlace::Body { at, flag } = &kind.precondition {
        for at in std::iter::once(at).chain(flag) {
            let name = at.rsplit('/').next().unwrap_or_default();
            if !kind.fields.contains_key(name) && !kind.spec.version_fields.contains(name) {
                said.remove(name);
            }
        }
    }
    said
}

/// A PATCH, or a PUT of an API that takes changes by it, says some fields; where it says all of them it is the whole wish of
/// somebody who sends back what was read.
fn write(kind: &Kind, resource: Resource, request: &Request) -> Result<Route, RouteError> {
    let body = body(request)?;
    let version = snapshot::named(kind, &body, record(kind, &body), request.header("if-match"));
    let said = said(kind, &body);
    let covers = kind.spec.writable.len() > 1 && kind.spec.writable.iter().all(|name| said.contains_key(name));
    let whole = covers || (request.method == Method::Put && kind.sends == super::description::Sent::Record);
    let value = Value::Object(said);
    Ok(Route::Write {
        resource,
        base: version.map(|version| BaseHint { version: Some(version), value: None }),
        change: if whole { Change::Desired(value) } else { Change::MergePatch(value) },
        whole,
    })
}

/// A record that has every field of its key has its lane on that; nothing would find another one again.
fn create(kind: &Kind, org: &OrgName, request: &Request) -> Result<Route, RouteError> {
    let said = said(kind, &body(request)?);
    let field = |name: &str| {
        let text = said.get(name).and_then(snapshot::told)?;
        Some((name.to_owned(), Value::from(text)))
    };
    let key: Option<Map<String, Value>> = kind.spec.natural_key.iter().map(field).collect();
    let Some(key) = key.filter(|key| !key.is_empty()) else { return Ok(Route::Unknown) };
    let name = Name::Key(canonical_json(&Value::Object(key)));
    let change = Change::Create(Value::Object(said));
    Ok(Route::Write { resource: Resource::new(org, &kind.spec.name, name), change, base: None, whole: true })
}
