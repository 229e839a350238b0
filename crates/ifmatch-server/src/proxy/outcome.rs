//! What a client of the proxy is answered when its write has ended, or has not.

use super::Proxied;
use super::pass::to_http;
use crate::answer::Answer;

use crate::problem::Fault;
use crate::wait;
use axum::Json;
use axum::response::{IntoResponse, Response as HttpResponse};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use ifmatch_core::{
    Accepted, IntentError, IntentId, IntentRecord, IntentStatus, Resource, ResourceRow, Response, Shared, Snapshot,
    State,
};

/// How many winners are followed from one superseded intent to the next.
const WINNERS_MAX: usize = 16;

/// The answer to a write of one resource.
pub(super) async fn write(
    proxied: &Proxied<'_>,
    record: IntentRecord,
    is_creation: bool,
) -> Result<HttpResponse, Fault> {
    let created = is_creation && record.status.state == State::Landed;
    let mut answer = match of(proxied, &record).await? {
        Outcome::Pending => pending(&record),
        Outcome::Holds(resource, snapshot) => {
            let method = proxied.request.method;
            to_http(&proxied.org.dialect.render(method, &resource, &snapshot, created))
        }
        Outcome::HoldsUnseen => (StatusCode::OK, Json(Answer::of(record.clone()))).into_response(),
        Outcome::Refused(response) => to_http(&response),
        Outcome::Ended(fault) => fault.into_response(),
    };
    mark(&mut answer, record.id, &record.status);
    Ok(answer)
}

/// What became of a write, in the terms of the proxy.
pub(super) enum Outcome {
    /// Not settled, or waiting for a person.
    Pending,
    /// The target holds it, and this is the record.
    Holds(Resource, Box<Snapshot>),
    /// The target holds it, and no representation of the record is known.
    HoldsUnseen,
    /// The target's own refusal, or one made in its model.
    Refused(Response),
    /// It ended without an answer in the target's model.
    Ended(Fault),
}

/// What became of a write. A superseded one shares the fate of its winner.
pub(super) async fn of(proxied: &Proxied<'_>, first: &IntentRecord) -> Result<Outcome, Fault> {
    let mut record = first.clone();
    for _ in 0..WINNERS_MAX {
        match (record.status.state, record.status.winner) {
            (State::Superseded, Some(winner)) if winner != record.id => {
                let next = wait::settled(proxied.app, proxied.org, winner, proxied.until).await?;
                let Some(next) = next else { break };
                record = next;
            }
            _ => break,
        }
    }
    match record.status.state {
        State::Landed | State::Satisfied | State::Superseded => holds(proxied, record).await,
        State::Rejected => refused(proxied, record).await,
        State::Expired | State::Cancelled | State::Discarded => Ok(ended(&record)),
        _ => Ok(Outcome::Pending),
    }
}

async fn holds(proxied: &Proxied<'_>, record: IntentRecord) -> Result<Outcome, Fault> {
    let resource = record.resource;
    let version = record.status.result.as_ref().and_then(|result| result.version);
    let row = row(proxied, &resource).await?;
    let at_version = |row: &ResourceRow| version.and_then(|version| row.at_version(version)).cloned();
    let snapshot = row.and_then(|row| at_version(&row).or_else(|| row.shadow().cloned()));
    Ok(match snapshot {
        Some(snapshot) => Outcome::Holds(resource, Box::new(snapshot)),
        None => Outcome::HoldsUnseen,
    })
}

/// The target's refusal where it gave one; for a true conflict one in its model; else a problem.
async fn refused(proxied: &Proxied<'_>, record: IntentRecord) -> Result<Outcome, Fault> {
    if let Some(response) = &record.status.refusal {
        return Ok(Outcome::Refused(response.clone()));
    }
    if let Some(error) = untimely(&record) {
        return Ok(Outcome::Refused(super::refusal(&Fault::Intent(error))));
    }
    let lost_to_the_target = !record.status.conflict.is_empty()
        || matches!(record.status.code.as_deref(), Some("rejected/true_conflict" | "rejected/stale"));
    if !lost_to_the_target {
        return Ok(ended(&record));
    }
    let row = row(proxied, &record.resource).await?;
    let named = record.intent.base.as_ref().and_then(|base| base.version);
    // What the target has just refused as stale is not what it holds.
    let current =
        row.as_ref().and_then(|row| row.shadow()).filter(|current| named.is_none() || current.version > named);
    let dialect = &proxied.org.dialect;
    Ok(Outcome::Refused(dialect.refusal(&record.resource, &record.status.conflict, current)))
}

/// A local time that names no single instant: the body is at fault, as it would be with a target that takes none.
fn untimely(record: &IntentRecord) -> Option<IntentError> {
    let code = match record.status.code.as_deref()? {
        "rejected/naive_time" => "naive_time",
        "rejected/ambiguous_local_time" => "ambiguous_local_time",
        "rejected/missing_local_time" => "missing_local_time",
        _ => return None,
    };
    let (field, reason) = record.status.reason.as_deref()?.split_once(": ")?;
    Some(IntentError::new(code, field, reason))
}

fn ended(record: &IntentRecord) -> Outcome {
    let status = &record.status;
    let reason = status.reason.clone().or_else(|| status.code.clone());
    Outcome::Ended(Fault::Ended {
        state: status.state.as_str(),
        reason: reason.unwrap_or_else(|| "no reason is known".to_owned()),
        intent: record.id,
    })
}

async fn row(proxied: &Proxied<'_>, resource: &Resource) -> Result<Option<Shared<ResourceRow>>, Fault> {
    let resource = resource.clone();
    proxied.org.read(move |store, org| store.row(org, &resource)).await
}

/// 202 with the place to ask.
fn pending(record: &IntentRecord) -> HttpResponse {
    let mut answer = (StatusCode::ACCEPTED, Json(Answer::of(record.clone()))).into_response();
    locate(&mut answer, record.id);
    answer
}

/// The answer to a request that starts an operation: like the target, at once, with a job to ask
/// about.
pub(super) async fn operation(proxied: &Proxied<'_>, taken: Accepted) -> Result<HttpResponse, Fault> {
    let record = wait::settled(proxied.app, proxied.org, taken.id, taken.at).await?;
    let status = record.map_or_else(|| IntentStatus::accepted(taken.at).into(), |record| record.status);
    let rendered = proxied.org.dialect.render_job(taken.id, status.state, status.result.as_ref());
    let mut answer = to_http(&rendered);
    locate(&mut answer, taken.id);
    mark(&mut answer, taken.id, &status);
    Ok(answer)
}

/// The status of a job whose id is an intent's.
pub(super) async fn job(proxied: &Proxied<'_>, intent: IntentId) -> Result<HttpResponse, Fault> {
    let record = proxied.org.intent(intent).await?;
    let record = record.ok_or_else(|| Fault::UnknownIntent { id: intent.to_string() })?;
    let status = &record.status;
    let mut rendered = proxied.org.dialect.render_job(intent, status.state, status.result.as_ref());
    rendered.status = StatusCode::OK.as_u16();
    let mut answer = to_http(&rendered);
    mark(&mut answer, intent, status);
    Ok(answer)
}

fn locate(answer: &mut HttpResponse, intent: IntentId) {
    if let Ok(place) = HeaderValue::try_from(format!("/v1/intents/{intent}")) {
        answer.headers_mut().insert(LOCATION, place);
    }
}

/// Says which intent it was and what became of it.
pub(super) fn mark(answer: &mut HttpResponse, intent: IntentId, status: &IntentStatus) {
    let fields = [
        ("ifmatch-intent", intent.to_string()),
        ("ifmatch-outcome", status.state.to_string()),
        ("ifmatch-attempts", status.attempts.to_string()),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(name, value);
        }
    }
}
