//! Answers in the target's own models: what a client of the proxy sees of a change that landed, and
//! of a true conflict.

use super::kinds::{AGENT, agent_parts};
use ifmatch_core::{ConflictNote, Method, Resource, Response, Snapshot};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The answer to a change: the record as it stands, with its tag.
pub(crate) fn answer(method: Method, snapshot: &Snapshot, created: bool) -> Response {
    let status = if created && method == Method::Post { 201 } else { 200 };
    response(status, &snapshot.value, Some(snapshot))
}

/// The refusal of a stale write (envelope E1), with the paths in conflict and, where it is known,
/// the current version.
pub(crate) fn refusal(resource: &Resource, conflict: &[ConflictNote], current: Option<&Snapshot>) -> Response {
    let errors: Vec<Value> = conflict
        .iter()
        .map(|note| json!({"code": "conflict", "message": note_words(note), "field": note.path.as_str()}))
        .collect();
    let mut body = json!({
        "code": "conflict",
        "message": format!("version mismatch: {resource} has been modified since last read"),
        "status": 409,
        "errors": errors,
    });
    if let Some(version) = current.and_then(|current| current.version) {
        body["current_version"] = json!(version);
    }
    response(409, &body, current)
}

fn note_words(note: &ConflictNote) -> String {
    match &note.remote_writer {
        Some(writer) => format!("changed by {writer} since last read"),
        None => "changed since last read".to_owned(),
    }
}

fn response(status: u16, body: &Value, tagged: Option<&Snapshot>) -> Response {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if let Some(tag) = tagged.and_then(tag) {
        headers.push(("etag".to_owned(), tag));
    }
    Response { status, headers, body: body.to_string() }
}

/// The tag as the target spelt it, else one made of the version.
fn tag(snapshot: &Snapshot) -> Option<String> {
    snapshot.etag.clone().or_else(|| snapshot.version.map(|version| format!("\"{version}\"")))
}

/// The answer to a batch: one line per change, 207 when one is refused. A line that landed carries
/// the record; one that did not carries what the target or the gateway said of it.
pub(crate) fn batch(lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
    let entities: Vec<Value> = lines.iter().map(|(resource, line)| entity(resource, line)).collect();
    let all = lines.iter().all(|(_, line)| line.is_ok());
    let status = if all { 200 } else { 207 };
    response(status, &json!({"statusCode": status, "entities": entities}), None)
}

fn entity(resource: &Resource, line: &Result<Snapshot, Response>) -> Value {
    let mut entity = match line {
        Ok(snapshot) => {
            json!({"status": 200, "version": snapshot.version, "record": snapshot.value})
        }
        Err(refused) => {
            let body = refused.json().unwrap_or(Value::Null);
            let text = |name: &str| body[name].as_str().map(str::to_owned);
            let error = json!({"code": text("code"), "message": text("message").or_else(|| text("detail"))});
            json!({"status": refused.status, "errors": [error]})
        }
    };
    let id = line.as_ref().ok().and_then(|snapshot| snapshot.value["id"].as_str().map(str::to_owned));
    let id = id.or_else(|| resource.id().map(str::to_owned));
    entity["id"] = json!(id);
    if let Some((schedule, agent)) = resource.id().and_then(agent_parts).filter(|_| resource.kind == AGENT) {
        entity["id"] = json!(agent);
        entity["agent_id"] = json!(agent);
        entity["schedule_id"] = json!(schedule);
    }
    entity
}
