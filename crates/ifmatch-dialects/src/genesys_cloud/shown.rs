//! What a passed-through answer shows: the records in it, so that a client's next write can be compared with what it saw.

use super::kinds::{Kinds, LIMIT, TRADE, part};
use super::paths::{self, W, matched};
use super::snapshot;
use crate::paths::split;
use ifmatch_core::{OrgName, Request, Resource, Response, Snapshot, Timestamp};
use serde_json::Value;

/// The records of an answer to a read or a write; none for a refusal and for what is no record.
pub(crate) fn shown(
    kinds: &Kinds,
    org: &OrgName,
    now: Timestamp,
    request: &Request,
    response: &Response,
) -> Vec<(Resource, Snapshot)> {
    let Some(body) = response.json().filter(|_| response.is_success()) else { return Vec::new() };
    let (path, _) = split(&request.path);
    if let Some(parts) = matched(&format!("{W}/managementunits/{{}}/weeks/{{}}/shifttrades"), path) {
        let trades = body["entities"].as_array().into_iter().flatten().map(|entity| &entity["trade"]);
        let of = |trade: &Value| {
            one(kinds, org, now, TRADE, &format!("{}/{}", parts.join("/"), trade["id"].as_str()?), trade)
        };
        return trades.filter_map(of).collect();
    }
    if let Some((kind, id)) = paths::record_at(kinds, path) {
        // The answer about a limit shows none of its values, and settings come in parts.
        let partial = kind.spec.name == LIMIT || !kind.inside.is_empty() && !request.path.contains("expand=settings");
        return if partial {
            Vec::new()
        } else {
            one(kinds, org, now, kind.spec.name, &id, &body).into_iter().collect()
        };
    }
    // What was created lies below the list that it was sent to, and so does each entity of a list, or of a question about one.
    let path = path.strip_suffix("/query").unwrap_or(path);
    if let Some((kind, id)) = body["id"].as_str().and_then(|id| paths::record_at(kinds, &format!("{path}/{id}"))) {
        let whole = kind.inside.is_empty() && kind.spec.name != LIMIT;
        return one(kinds, org, now, kind.spec.name, &id, &body).filter(|_| whole).into_iter().collect();
    }
    let entities = body["entities"].as_array().or_else(|| body["timeOffRequests"].as_array());
    let below = |entity: &Value| {
        let (kind, id) = paths::record_at(kinds, &format!("{path}/{}", entity["id"].as_str()?))?;
        let whole = kind.inside.is_empty() && kind.spec.name != LIMIT;
        one(kinds, org, now, kind.spec.name, &id, entity).filter(|_| whole)
    };
    entities.into_iter().flatten().filter_map(below).collect()
}

fn one(
    kinds: &Kinds,
    org: &OrgName,
    now: Timestamp,
    kind: &str,
    id: &str,
    body: &Value,
) -> Option<(Resource, Snapshot)> {
    let resource = Resource::by_id(org, kind, id);
    if part(&resource, 0) == "mine" {
        return None;
    }
    let snapshot = snapshot::shown(kinds.get(kind)?, id, body, now)?;
    Some((resource, snapshot))
}
