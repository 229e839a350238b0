//! `POST /v1/intents`: takes one intent, a list, or NDJSON with a result per line.
//!
//! 202, or 200 when everything settled within `?wait=S`. A refused item of many carries `"error":
//! problem` in its place and does not stop the others; one alone is answered by the problem itself, and with `?flat=true` in one level.

mod items;

use super::respond;
use crate::answer::{self, Answer, Shape};
use crate::app::{App, Principal};
use crate::driver::{OrgHandle, submission};
use crate::problem::Fault;
use crate::query::Query;
use crate::{body, random, wait};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Uri};
use ifmatch_core::{Accepted, Change, Intent, IntentError, Resource, SourceName, Timestamp};
use items::Items;
use serde_json::Value;

pub(crate) use items::Form;
pub(crate) use items::idempotency_key;

/// Intents of one request that are handed in before the first of them is waited for: enough for
/// large groups of commits, few enough to leave room for others.
pub(super) const WINDOW: usize = 256;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, Fault> {
    let query = Query::read(&uri, &["wait", "flat"])?;
    let shape = Shape::of(&query)?;
    let until = match query.last("wait") {
        Some(text) => Some(app.clock.now() + wait::seconds("wait", text, app.settings.wait_max())?),
        None => None,
    };
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let orgs = app.orgs_of(&principal);
    let only = if let [only] = orgs.as_slice() { Some(&only.org) } else { None };
    let items = Items::read(&headers, &bytes, app.settings.json_depth_max, only)?;
    if shape == Shape::Flat && !matches!(items.form, Form::One) {
        return Err(Fault::parameter("flat", "goes with one intent, and there are many"));
    }
    let mut results = submit_all(&app, &principal, &items, until).await;
    match items.form {
        Form::One => match results.pop().expect("one item has one result") {
            Ok(answer) => Ok(respond(&answer, shape)),
            Err(fault) => Err(fault),
        },
        Form::List => {
            let lines: Vec<Value> = results.iter().map(answer::line).collect();
            let body = Value::Array(lines).to_string();
            Ok((status(&results), [(CONTENT_TYPE, "application/json")], body).into_response())
        }
        Form::Lines => {
            let lines = results.iter().map(|result| format!("{}\n", answer::line(result)));
            let body: String = lines.collect();
            Ok((status(&results), [(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
        }
    }
}

/// 200 when all that was taken has settled, else 202; where nothing was taken, that of the first
/// refusal.
fn status(results: &[Result<Answer, Fault>]) -> StatusCode {
    let taken = || results.iter().filter_map(|result| result.as_ref().ok());
    match results.first() {
        Some(Err(fault)) if taken().next().is_none() => fault.problem().status,
        _ if taken().all(Answer::is_settled) => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    }
}

/// An intent that was taken, and what its answer needs.
struct Held<'a> {
    org: &'a OrgHandle,
    taken: Accepted,
    resource: Resource,
}

async fn submit_all(
    app: &App,
    principal: &Principal,
    items: &Items<'_>,
    until: Option<Timestamp>,
) -> Vec<Result<Answer, Fault>> {
    let source = principal.name();
    let mut held = Vec::with_capacity(items.len());
    for window in items.windows(WINDOW) {
        let mut submitting = Vec::with_capacity(WINDOW);
        for intent in window {
            submitting.push(match intent {
                Ok(intent) => hand_in(app, principal, &source, intent, items.form).await,
                Err(fault) => Err(fault),
            });
        }
        for handed in submitting {
            held.push(match handed {
                Ok((org, submitting, resource)) => submitting.taken().await.map(|taken| Held { org, taken, resource }),
                Err(fault) => Err(fault),
            });
        }
    }
    let mut results = Vec::with_capacity(held.len());
    for held in held {
        results.push(match held {
            Ok(Held { org, taken, resource }) => answer(app, org, taken, resource, source.clone(), until).await,
            Err(fault) => Err(fault),
        });
    }
    results
}

pub(super) async fn hand_in<'a>(
    app: &'a App,
    principal: &Principal,
    source: &SourceName,
    intent: Intent,
    form: Form,
) -> Result<(&'a OrgHandle, crate::driver::Submitting, Resource), Fault> {
    let org = app.org(principal, &intent.resource.org)?;
    if let Change::Undo(_) = intent.change {
        let reason = "an undo is asked for with POST /v1/intents/{id}/undo";
        return Err(IntentError::new("unsupported_change", "/change/undo", reason).into());
    }
    let resource = intent.resource.clone();
    let submission = submission(random::intent_id(&app.clock), source.clone(), intent);
    let submitting = match form {
        Form::One => org.submit(submission)?,
        Form::List | Form::Lines => org.submit_patiently(submission).await?,
    };
    Ok((org, submitting, resource))
}

/// The answer about an intent that was taken: as it settled, or as it is at `until`.
pub(crate) async fn answer(
    app: &App,
    org: &OrgHandle,
    taken: Accepted,
    resource: Resource,
    source: SourceName,
    until: Option<Timestamp>,
) -> Result<Answer, Fault> {
    if until.is_none() && !taken.duplicate {
        return Ok(Answer::accepted(taken, resource, source));
    }
    let until = until.unwrap_or(taken.at);
    let record = wait::settled(app, org, taken.id, until).await?;
    let gone = || Fault::Internal { cause: format!("intent {} was taken and is not stored", taken.id) };
    Ok(Answer::of(record.ok_or_else(gone)?).duplicate(taken.duplicate))
}
