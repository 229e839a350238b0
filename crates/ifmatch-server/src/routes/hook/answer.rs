//! How a hook answers: flat, since the flows that read it can do little.

use crate::problem::Fault;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode, header};
use ifmatch_core::{Accepted, IntentId};
use serde_json::{Value, json};

/// What became of an event.
pub(super) enum Told {
    /// It is durable.
    Taken { intent: IntentId, duplicate: bool },
    /// It is not wanted.
    Ignored { reason: &'static str },
}

impl Told {
    pub(super) fn taken(taken: &Accepted) -> Self {
        Self::Taken { intent: taken.id, duplicate: taken.duplicate }
    }

    /// `{"intent_id": "int_…", "status": "accepted", "duplicate": false, "links": {"self": "/v1/intents/int_…"}}`, or
    /// `{"status": "ignored", "reason": "…"}`.
    fn to_json(&self) -> Value {
        match self {
            Self::Taken { intent, duplicate } => json!({
                "intent_id": intent, "status": "accepted", "duplicate": duplicate,
                "links": {"self": format!("/v1/intents/{intent}")},
            }),
            Self::Ignored { reason } => json!({"status": "ignored", "reason": reason}),
        }
    }
}

/// The answer about one event.
pub(super) fn one(told: &Told) -> Response {
    respond(StatusCode::ACCEPTED, &told.to_json())
}

/// The answer about many, in their order. 503 where some shall be sent again, with all others: each has a key. Otherwise 202, but for a
/// list of which nothing could be taken.
pub(super) fn many(results: &[Result<Told, Fault>]) -> Response {
    let statuses = || {
        results
            .iter()
            .map(|result| result.as_ref().map_or_else(|fault| fault.problem().status, |_| StatusCode::ACCEPTED))
    };
    let again = statuses().find(StatusCode::is_server_error);
    let status = again.or_else(|| statuses().find(StatusCode::is_success)).or_else(|| statuses().next());
    let lines = results.iter().map(|result| match result {
        Ok(told) => told.to_json(),
        Err(fault) => json!({"status": "refused", "error": fault.problem().to_json()}),
    });
    let body = json!({"results": lines.collect::<Vec<_>>()});
    let mut response = respond(status.unwrap_or(StatusCode::ACCEPTED), &body);
    if again == Some(StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn respond(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
