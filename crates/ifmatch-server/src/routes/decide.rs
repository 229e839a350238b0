//! `POST /v1/intents/{id}/decision`: a person decides a review.
//!
//! Shape: `{"action": "apply" | "discard" | "retry", "choose"?: {"/score": "local" | "remote" |
//! {"value": 88}}, "seen"?: {"/score": "sha256:…"}, "note"?: "…", "by"?: "…"}`. The operator may name
//! the person in `by`; a source decides under its own name. At a local time in doubt the sides are
//! `"earlier"`, `"later"`, `"remote"` and a value, and one of them must be chosen.

use super::{find, respond, told};
use crate::answer::{Answer, Shape};
use crate::app::{App, Principal};
use crate::driver::unnumbered;
use crate::problem::Fault;
use crate::query::Query;
use crate::{body, wait};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::Uri;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{ConflictNote, Decision, DecisionAction, Digest, SignedDuration};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    action: DecisionAction,
    #[serde(default)]
    choose: BTreeMap<Pointer, Value>,
    #[serde(default)]
    seen: BTreeMap<Pointer, Digest>,
    note: Option<String>,
    by: Option<String>,
}

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    uri: Uri,
    body: Body,
) -> Result<Response, Fault> {
    let query = Query::read(&uri, &["wait"])?;
    let wait = match query.last("wait") {
        Some(text) => wait::seconds("wait", text, app.settings.wait_max())?,
        None => SignedDuration::ZERO,
    };
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let given: Given = body::parse(&bytes, app.settings.json_depth_max)?;
    let (org, record) = find(&app, &principal, &id).await?;
    if !principal.may_decide(&record.source) {
        return Err(Fault::Forbidden { what: "decide about intents of other sources" });
    }
    check_choices(&given.choose, &record.status.conflict)?;
    if given.action == DecisionAction::Apply {
        check_doubts(&given.choose, &record.status.conflict)?;
    }
    let decision = Decision {
        ticket: unnumbered(),
        intent: record.id,
        by: decider(&principal, given.by)?,
        action: given.action,
        choose: given.choose,
        seen: given.seen,
        note: given.note,
    };
    match org.decide(decision).await {
        Ok(()) => {}
        Err(Fault::ConflictMoved { .. }) => {
            let moved = org.intent(record.id).await?.map(|record| Answer::of(record).to_json());
            return Err(Fault::ConflictMoved { intent: moved });
        }
        Err(fault) => return Err(fault),
    }
    let until = app.clock.now() + wait;
    let record = wait::settled(&app, org, record.id, until).await?;
    let record = record.ok_or(Fault::UnknownIntent { id })?;
    Ok(respond(&told(org, record).await, Shape::Full))
}

fn check_choices(choose: &BTreeMap<Pointer, Value>, conflict: &[ConflictNote]) -> Result<(), Fault> {
    let doubtful = |path: &Pointer| conflict.iter().any(|note| note.path == *path && !note.candidates.is_empty());
    let fits = |(path, choice): (&Pointer, &Value)| match choice {
        Value::String(side) if side == "earlier" || side == "later" => doubtful(path),
        Value::String(side) => side == "local" || side == "remote",
        Value::Object(members) => members.len() == 1 && members.contains_key("value"),
        _ => false,
    };
    match choose.iter().find(|choice| !fits(*choice)) {
        None => Ok(()),
        Some((path, _)) => Err(Fault::parameter(field(path), "must be \"local\", \"remote\" or {\"value\": …}")),
    }
}

/// The local side of a doubt is what nobody can tell: another one must be chosen.
fn check_doubts(choose: &BTreeMap<Pointer, Value>, conflict: &[ConflictNote]) -> Result<(), Fault> {
    let open = |note: &&ConflictNote| {
        !note.candidates.is_empty() && choose.get(&note.path).is_none_or(|choice| choice == "local")
    };
    match conflict.iter().find(open) {
        None => Ok(()),
        Some(note) => {
            let reason = "is a local time in doubt: choose \"earlier\", \"later\", \"remote\" or {\"value\": …}";
            Err(Fault::parameter(field(&note.path), reason))
        }
    }
}

/// A path as a member of `choose`.
fn field(path: &Pointer) -> String {
    format!("/choose/{}", path.as_str().replace('~', "~0").replace('/', "~1"))
}

/// The name that the audit log keeps.
fn decider(principal: &Principal, by: Option<String>) -> Result<String, Fault> {
    match (principal, by) {
        (_, None) => Ok(principal.name().to_string()),
        (Principal::Operator, Some(by)) if !by.is_empty() && by.len() <= 200 => Ok(by),
        (Principal::Operator, Some(_)) => Err(Fault::parameter("/by", "must have 1 to 200 bytes")),
        (Principal::Source(_), Some(_)) => Err(Fault::parameter("/by", "a source decides under its own name")),
    }
}
