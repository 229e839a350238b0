//! What a client's request to the proxy means: which record, which change, from which version.
//!
//! Requests whose meaning only the target knows are passed through: reads of documents and lists,
//! creations that nothing would find again, removals of agents by a PATCH, a PATCH of a score by
//! agent id without the agent's address, one agent's week without the schedule's id in the body.
//!
//! Server-managed fields stay in the change: they are no wish, but they show which representation
//! the client started from.

use super::kinds::{Kinds, VERSIONS};
use super::lens;
use super::paths::{self, PUBLISHING, SCHEDULES, SCORES, TRADES};
use ifmatch_core::{BaseHint, Change, IntentError, KindSpec, OrgName, Request, Resource, Route, RouteError};
use serde_json::{Map, Value};

mod schedules;
mod scores;
#[cfg(test)]
mod tests;
mod trades;

/// A client's request, taken apart.
#[derive(Debug)]
struct Asked<'a> {
    kinds: &'a Kinds,
    org: &'a OrgName,
    query: &'a str,
    body: Map<String, Value>,
    /// The version that `If-Match` names; `None` also for `*` and for opaque tags.
    header: Option<u64>,
}

type Routed = Result<Route, RouteError>;

/// Finds the meaning of a request.
///
/// # Errors
/// The route is known and its body makes no sense.
pub(crate) fn route(kinds: &Kinds, org: &OrgName, request: &Request) -> Routed {
    let (path, query) = paths::split(&request.path);
    let find = |collection: &str| paths::under(path, collection);
    let ask = || asked(kinds, org, request, query);
    if let Some(parts) = find(SCORES) {
        return scores::route(ask, request.method, &parts);
    }
    if let Some(parts) = find(TRADES) {
        return trades::route(ask, request.method, &parts);
    }
    if let Some(parts) = find(PUBLISHING) {
        return schedules::publish(ask, request.method, &parts);
    }
    if let Some(parts) = find(SCHEDULES) {
        return schedules::route(ask, request.method, &parts);
    }
    Ok(Route::Unknown)
}

fn asked<'a>(kinds: &'a Kinds, org: &'a OrgName, request: &Request, query: &'a str) -> Result<Asked<'a>, RouteError> {
    let body = match serde_json::from_str(&request.body) {
        _ if request.body.trim().is_empty() => Map::new(),
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => return Err(error("invalid_json", "", "the body must be a JSON object")),
    };
    let tag = request.header("if-match").and_then(version_of_tag);
    Ok(Asked { kinds, org, query, body, header: tag })
}

fn error(code: &'static str, field: impl Into<String>, reason: impl Into<String>) -> RouteError {
    RouteError(IntentError::new(code, field, reason))
}

/// The version that an entity tag spells. A hexadecimal or longer tag is opaque and names none
/// that could be compared.
fn version_of_tag(tag: &str) -> Option<u64> {
    let tag = tag.trim();
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if digits.len() > 12 { None } else { digits.parse().ok() }
}

impl Asked<'_> {
    fn spec(&self, kind: &str) -> &KindSpec {
        self.kinds.get(kind).expect("routes name kinds of the table")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The version that a body names, against the one of the header.
    fn base(&self, body: &Map<String, Value>, header: Option<u64>, at: &str) -> Result<Option<BaseHint>, RouteError> {
        let value = Value::Object(body.clone());
        let ambiguous = |reason: String| error("version_ambiguous", format!("{at}/version"), reason);
        let named = lens::version(&value)
            .map_err(|(one, other)| ambiguous(format!("the body names version {one} and version {other}")))?;
        if let Some(name) = VERSIONS.iter().find(|name| body.get(**name).is_some_and(|value| !is_version(value))) {
            return Err(error("invalid_field", format!("{at}/{name}"), "a version is a whole number"));
        }
        match (header, named) {
            (Some(header), Some(named)) if header != named => {
                Err(ambiguous(format!("If-Match names version {header}, the body version {named}")))
            }
            (header, named) => Ok(header.or(named).map(|version| BaseHint { version: Some(version), value: None })),
        }
    }

    /// A change of one record by a body. A PATCH that gives every writable field is the whole wish
    /// of a client that sends back what it read.
    fn change(&self, kind: &str, id: &str, whole: bool) -> Routed {
        let spec = self.spec(kind);
        let value = Value::Object(self.body.clone());
        let covers = spec.writable.iter().all(|name| value.get(name).is_some());
        let whole = whole || covers;
        Ok(Route::Write {
            resource: Resource::by_id(self.org, kind, id),
            base: self.base(&self.body, self.header, "")?,
            change: if whole { Change::Desired(value) } else { Change::MergePatch(value) },
            whole,
        })
    }
}

fn is_version(value: &Value) -> bool {
    value.is_null() || lens::whole(value).is_some()
}
