//! Several changes in one request: each is an intent of its own, the answer is the target's.

use super::outcome::{self, Outcome};
use super::pass::{self, to_http};
use super::{Proxied, Write};
use crate::answer::Answer;
use crate::dialects::BatchForm;
use crate::problem::Fault;
use axum::Json;
use axum::response::{IntoResponse, Response as HttpResponse};
use http::{HeaderValue, StatusCode};
use ifmatch_core::{IntentRecord, Resource, Response, Route, Snapshot, State};

/// The most changes in one request.
const LINES_MAX: usize = 1000;

type Line = Result<IntentRecord, Fault>;

pub(super) async fn handle(proxied: &Proxied<'_>, routes: Vec<Route>) -> Result<HttpResponse, Fault> {
    let Some(writes) = writes(routes) else { return pass::handle(proxied, None).await };
    if writes.len() > LINES_MAX {
        let reason = format!("a request may carry {LINES_MAX} changes");
        return Err(Fault::Unforwardable { reason });
    }
    let resources: Vec<Resource> = writes.iter().map(|write| write.resource.clone()).collect();
    let lines = submit(proxied, writes).await;
    let mut answer = answer(proxied, &resources, &lines).await?;
    mark(&mut answer, &lines);
    Ok(answer)
}

/// The changes, if all of the routes are changes.
fn writes(routes: Vec<Route>) -> Option<Vec<Write>> {
    let write = |route| match route {
        Route::Write { resource, change, base, whole } => Some(Write { resource, change, base, whole }),
        Route::Read(_) | Route::Batch(_) | Route::Unknown => None,
    };
    let writes: Vec<Write> = routes.into_iter().map(write).collect::<Option<_>>()?;
    (!writes.is_empty()).then_some(writes)
}

/// Hands all changes in before the first is waited for, so that they can share an envelope.
async fn submit(proxied: &Proxied<'_>, writes: Vec<Write>) -> Vec<Line> {
    let mut handed = Vec::with_capacity(writes.len());
    for (line, write) in writes.into_iter().enumerate() {
        let submission = proxied.submission(write, Some(line));
        handed.push(proxied.org.submit_patiently(submission).await);
    }
    let mut taken = Vec::with_capacity(handed.len());
    for submitting in handed {
        taken.push(match submitting {
            Ok(submitting) => submitting.taken().await,
            Err(fault) => Err(fault),
        });
    }
    let mut lines = Vec::with_capacity(taken.len());
    for taken in taken {
        lines.push(match taken {
            Ok(taken) => proxied.settled(taken).await,
            Err(fault) => Err(fault),
        });
    }
    lines
}

async fn answer(proxied: &Proxied<'_>, resources: &[Resource], lines: &[Line]) -> Result<HttpResponse, Fault> {
    let dialect = &proxied.org.dialect;
    let mut rendered = Vec::with_capacity(lines.len());
    let mut pending = 0;
    for (line, resource) in lines.iter().zip(resources) {
        let (line, is_pending) = render(proxied, line, resource).await?;
        pending += usize::from(is_pending);
        rendered.push(line);
    }
    let refusals = rendered.iter().filter(|(_, line)| line.is_err()).count();
    match dialect.batch_form(&proxied.request, resources) {
        BatchForm::Lines if pending == lines.len() => Ok(accepted(lines)),
        BatchForm::Lines => Ok(to_http(&dialect.render_lines(&proxied.request, &rendered))),
        BatchForm::Document(_) if pending > 0 => Ok(accepted(lines)),
        BatchForm::Document(read) if refusals == 0 => Ok(to_http(&pass::exchange(proxied, read, None).await?)),
        // A document of which nothing was taken is refused as one: a client that reads 207 as a
        // success would believe that its change is there.
        BatchForm::Document(_) if !lines.iter().any(changed_something) => {
            let first = rendered.iter().find_map(|(_, line)| line.as_ref().err());
            Ok(to_http(first.expect("some line is a refusal")))
        }
        BatchForm::Document(_) => Ok(to_http(&dialect.render_lines(&proxied.request, &rendered))),
    }
}

/// Whether the target holds something new for a line; what a document repeats unchanged is nothing
/// new.
fn changed_something(line: &Line) -> bool {
    line.as_ref().is_ok_and(|record| matches!(record.status.state, State::Landed | State::Superseded))
}

type Rendered = (Resource, Result<Snapshot, Response>);

/// One line in the target's model, and whether it is pending.
async fn render(proxied: &Proxied<'_>, line: &Line, resource: &Resource) -> Result<(Rendered, bool), Fault> {
    let record = match line {
        Ok(record) => record,
        Err(fault) => return Ok(((resource.clone(), Err(as_response(fault))), false)),
    };
    let resource = record.resource.clone();
    let rendered = match outcome::of(proxied, record).await? {
        Outcome::Pending => return Ok(((resource, Err(waits(record))), true)),
        Outcome::Holds(resource, snapshot) => (resource, Ok(*snapshot)),
        Outcome::HoldsUnseen => (resource, Ok(unseen(proxied, record))),
        Outcome::Refused(response) => (resource, Err(response)),
        Outcome::Ended(fault) => (resource, Err(as_response(&fault))),
    };
    Ok((rendered, false))
}

/// A line that is not settled: 202 with the place to ask.
fn waits(record: &IntentRecord) -> Response {
    let code = record.status.code.as_deref().unwrap_or(record.status.state.as_str());
    let message = format!("accepted; ask at /v1/intents/{}", record.id);
    let body = serde_json::json!({"code": code, "message": message});
    Response { status: 202, headers: Vec::new(), body: body.to_string() }
}

/// What is known of a record that no representation shows: its version.
fn unseen(proxied: &Proxied<'_>, record: &IntentRecord) -> Snapshot {
    let result = record.status.result.as_ref();
    Snapshot {
        value: serde_json::json!({}).into(),
        version: result.and_then(|result| result.version),
        etag: None,
        writer: None,
        modified_at: None,
        read_at: proxied.app.clock.now(),
        seen_after: None,
        shown_to: Default::default(),
    }
}

fn as_response(fault: &Fault) -> Response {
    let problem = fault.problem().in_body_of_target();
    Response { status: problem.status.as_u16(), headers: Vec::new(), body: problem.to_json().to_string() }
}

/// 202 with every line as it stands.
fn accepted(lines: &[Line]) -> HttpResponse {
    let line = |line: &Line| crate::answer::line(&line.clone().map(Answer::of));
    let body: Vec<serde_json::Value> = lines.iter().map(line).collect();
    (StatusCode::ACCEPTED, Json(serde_json::json!({"entities": body}))).into_response()
}

/// Names every intent, and how many attempts they took together.
fn mark(answer: &mut HttpResponse, lines: &[Line]) {
    let records = || lines.iter().filter_map(|line| line.as_ref().ok());
    let ids: Vec<String> = records().map(|record| record.id.to_string()).collect();
    let outcomes: std::collections::BTreeSet<&str> = records().map(|record| record.status.state.as_str()).collect();
    let outcomes: Vec<&str> = outcomes.into_iter().collect();
    let attempts = records().map(|record| record.status.attempts).max().unwrap_or(0);
    for (name, value) in [
        ("ifmatch-intent", ids.join(", ")),
        ("ifmatch-outcome", outcomes.join(", ")),
        ("ifmatch-attempts", attempts.to_string()),
    ] {
        // Clients limit the size of a head; the ids of a large batch are in its lines.
        if let Ok(value) = HeaderValue::try_from(value.get(..4096).unwrap_or(&value)) {
            answer.headers_mut().insert(name, value);
        }
    }
}
