//! Answers in the target's own models: what a client of the proxy sees of a change that landed, and of a true conflict.

use super::kinds::{EVALUATION, Kind, Kinds, LIMIT, METADATA, TRADE, part};
use super::paths::{W, matched};
use super::{lens, paths};
use crate::paths::split;
use ifmatch_core::{ConflictNote, Method, Request, Resource, Response, Snapshot};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The record in the model of its answers.
fn shown(kinds: &Kinds, resource: &Resource, snapshot: &Snapshot) -> Value {
    let Some(kind) = kinds.get(&resource.kind) else { return (*snapshot.value).clone() };
    let mut shown = lens::shown(kind.fields, &snapshot.value);
    let parts = resource.id().and_then(|id| kind.parts(id)).unwrap_or_default();
    let link = (!parts.is_empty()).then(|| paths::of_record(kind, &parts)).filter(|_| has_path(kind));
    if let Value::Object(members) = &mut shown {
        members.retain(|name, _| !kind.owners().contains(&name.as_str()));
        if kind.spec.name == LIMIT {
            members.retain(|name, _| !["values", "window"].contains(&name.as_str()));
        }
    }
    if kind.inside.is_empty() {
        if let (Value::Object(members), Some(link)) = (&mut shown, link) {
            members.insert(lens::LINK.to_owned(), json!(link));
        }
        return shown;
    }
    json!({"id": parts.first(), kind.inside: shown, lens::LINK: link})
}

fn has_path(kind: &Kind) -> bool {
    !kind.path.is_empty() && kind.spec.name != TRADE || kind.spec.name == EVALUATION
}

/// The answer to a change: the record as it stands.
pub(crate) fn answer(
    kinds: &Kinds,
    method: Method,
    resource: &Resource,
    snapshot: &Snapshot,
    created: bool,
) -> Response {
    let status = if created && method == Method::Post { 201 } else { 200 };
    response(status, &shown(kinds, resource, snapshot))
}

/// The answer to a bulk whose changes all landed; else the first refusal, as the API refuses a bulk as a whole. Of trades each
/// is answered by itself, where any was settled.
pub(crate) fn batch(kinds: &Kinds, request: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
    let trades = lines.iter().any(|(resource, _)| resource.kind == TRADE);
    let refused = lines.iter().find_map(|(_, line)| line.as_ref().err());
    if let Some(refused) = refused.filter(|_| !trades || lines.iter().all(|(_, line)| line.is_err())) {
        return refused.clone();
    }
    if trades {
        return settled(request, lines);
    }
    let records = lines.iter().filter_map(|(resource, line)| Some(shown(kinds, resource, line.as_ref().ok()?)));
    response(200, &json!({"entities": records.collect::<Vec<Value>>()}))
}

/// The answer to the older bulk of trades, or to the job that takes its place.
fn settled(request: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
    let one = |(resource, line): &(Resource, Result<Snapshot, Response>)| {
        let mut item = json!({"id": part(resource, 2)});
        match line {
            Ok(snapshot) => {
                for name in ["state", "reviewedBy", "reviewedDate", METADATA] {
                    if let Some(value) = snapshot.value.get(name) {
                        item[name] = value.clone();
                    }
                }
            }
            Err(_) => item["failureReason"] = json!("TransitionNotAllowed"),
        }
        item
    };
    let result = json!({"entities": lines.iter().map(one).collect::<Vec<Value>>()});
    let is_job = matched(&format!("{W}{}", paths::TRADES_JOB), split(&request.path).0).is_some();
    let body = match is_job {
        true => json!({"status": "Complete", "type": "BulkUpdateTradeStates", "bulkUpdateTradeStatesResult": result}),
        false => json!({"status": "Complete", "result": result}),
    };
    response(200, &body)
}

/// The refusal of a write that was made from an older version.
pub(crate) fn refusal(resource: &Resource, conflict: &[ConflictNote]) -> Response {
    let words = |note: &ConflictNote| match &note.remote_writer {
        Some(writer) => format!("changed by {writer} since last read"),
        None => "changed since last read".to_owned(),
    };
    let detail = |note: &ConflictNote| json!({"errorCode": words(note), "fieldName": note.path.as_str()});
    let body = json!({
        "message": "Version of the request does not match the version on the backend",
        "code": "wfm.transaction.conflict",
        "status": 409,
        "entityId": resource.id().and_then(|id| id.rsplit('/').next()),
        "entityName": resource.kind,
        "details": conflict.iter().map(detail).collect::<Vec<Value>>(),
        "errors": [],
    });
    response(409, &body)
}

fn response(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string() }
}
