//! Answers in the target's own model: what a client of the proxy sees of a change that landed, and of a true conflict.

use super::description::{PreconditionPlace, Spelling};
use super::kind::Kind;
use super::{request, spelling};
use ifmatch_core::{ConflictNote, Resource, Response, Snapshot};
use serde_json::{Map, Value, json};

/// The answer to a change: the record as it stands.
pub(super) fn answer(kind: &Kind, snapshot: &Snapshot, created: bool) -> Response {
    let mut record = match &*snapshot.value {
        Value::Object(members) => spelling::fields(kind, members),
        _ => Map::new(),
    };
    if kind.spelling == Spelling::Text {
        // There an empty field stands in every answer.
        for name in kind.fields.keys() {
            record.entry(name.clone()).or_insert_with(|| json!(""));
        }
    }
    response(if created { 201 } else { 200 }, &placed(&kind.record, Value::Object(record)), Some(snapshot))
}

/// A value at an address of an otherwise empty answer.
pub(super) fn placed(at: &str, value: Value) -> Value {
    if at.is_empty() {
        return value;
    }
    let mut body = json!({});
    request::put(&mut body, at, value);
    body
}

/// The refusal of a stale write, with the paths in conflict. A target that guards nothing has no words for it; these are of the
/// shape that most of them use for others.
pub(super) fn refusal(
    kind: Option<&Kind>,
    resource: &Resource,
    conflict: &[ConflictNote],
    current: Option<&Snapshot>,
) -> Response {
    let paths: Vec<String> = conflict.iter().map(|note| note.path.to_string()).collect();
    let detail = format!("changed since last read: {}", paths.join(", "));
    let message = format!("{resource} has been modified since last read");
    let tagged = kind.is_some_and(|kind| kind.precondition == PreconditionPlace::IfMatch);
    let body = json!({
        "error": { "code": "conflict", "message": message, "detail": detail },
        "status": "failure",
    });
    response(if tagged { 412 } else { 409 }, &body, current)
}

fn response(status: u16, body: &Value, tagged: Option<&Snapshot>) -> Response {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    // What names a version in place of a tag, such as a time, is none.
    if let Some(tag) = tagged.and_then(|snapshot| snapshot.etag.clone()).filter(|tag| tag.contains('"')) {
        headers.push(("etag".to_owned(), tag));
    }
    Response { status, headers, body: body.to_string() }
}
