//! Answers in the target's own models: what a client of the proxy sees of a change that landed, and of a true conflict.

use super::kinds::{EVALUATION, Kind, Kinds, LIMIT, TRADE};
use super::{lens, paths};
use ifmatch_core::{ConflictNote, Method, Resource, Response, Snapshot};
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

/// The answer to a bulk whose changes all landed; else the first refusal, as the API refuses a bulk as a whole.
pub(crate) fn batch(kinds: &Kinds, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
    if let Some(refused) = lines.iter().find_map(|(_, line)| line.as_ref().err()) {
        return refused.clone();
    }
    let records = lines.iter().filter_map(|(resource, line)| Some(shown(kinds, resource, line.as_ref().ok()?)));
    let entities: Vec<Value> = records.collect();
    let trades = lines.iter().any(|(resource, _)| resource.kind == TRADE);
    let body = json!({"entities": entities});
    response(200, &if trades { json!({"status": "Complete", "result": body}) } else { body })
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
