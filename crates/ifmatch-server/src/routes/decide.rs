//! `POST /v1/intents/{id}/decision`: a person decides a review.
//!
//! Shape: `{"action": "apply" | "discard" | "retry", "choose"?: {"/score": "local" | "remote" |
//! {"value": 88}}, "seen"?: {"/score": "sha256:…"}, "note"?: "…", "by"?: "…"}`. The operator may name
//! the person in `by`; a source decides under its own name.

use super::{find, respond, told};
use crate::answer::Answer;
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
use ifmatch_core::{Decision, DecisionAction, Digest, SignedDuration};
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
    check_choices(&given.choose)?;
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
    Ok(respond(&told(org, record).await))
}

fn check_choices(choose: &BTreeMap<Pointer, Value>) -> Result<(), Fault> {
    let fits = |choice: &Value| match choice {
        Value::String(side) => side == "local" || side == "remote",
        Value::Object(members) => members.len() == 1 && members.contains_key("value"),
        _ => false,
    };
    match choose.iter().find(|(_, choice)| !fits(choice)) {
        None => Ok(()),
        Some((path, _)) => {
            let field = format!("/choose/{}", path.as_str().replace('~', "~0").replace('/', "~1"));
            Err(Fault::parameter(field, "must be \"local\", \"remote\" or {\"value\": …}"))
        }
    }
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
