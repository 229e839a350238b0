//! The one place where faults become answers: status, stable code, words for the caller, words for
//! the log (RFC 9457).
//!
//! A handler fails with a [`Fault`]: a fact with its values. [`Fault::problem`] says what the
//! caller sees of it. Every code has a page in `docs/errors/`, linked from `type`.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use ifmatch_core::{IntentError, IntentId, Refusal, UndoError};
use serde::Serialize;
use serde_json::{Map, Value};

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// The body is no JSON.
    InvalidJson { line: usize, column: usize, reason: String },
    /// The body nests deeper than it may.
    TooDeep { max: usize },
    /// The body is larger than it may be.
    TooLarge { max: usize },
    /// The body or its transfer broke off.
    BodyCut,
    /// The body is no text in UTF-8.
    NotText,
    /// The intent cannot be taken as it is.
    Intent(IntentError),
    /// A member of a body other than an intent, or a query parameter, is wrong.
    Parameter { field: String, reason: String },
    /// There is no such org.
    UnknownOrg { org: String },
    /// The org is not the caller's.
    ForeignOrg { org: String },
    /// The key was used for another content.
    IdempotencyMismatch { first: IntentId },
    /// Header and body name different keys, or one key is given for many intents.
    IdempotencyKeyAmbiguous { reason: &'static str },
    /// No token, or one that is not valid.
    Unauthorised,
    /// A hook cannot tell that its source sends this.
    HookRefused,
    /// No source with a hook has this name.
    UnknownSource { name: String },
    /// No source with files has this name, as far as the caller may see.
    NoFiles { name: String },
    /// There is no such file.
    UnknownFile { file: String },
    /// The file is not held.
    NotHeld { file: String, state: String },
    /// A newer file has said something about the same.
    FileSuperseded { file: String, by: String },
    /// There is no such import, as far as the caller may see.
    UnknownImport { id: String },
    /// A file that cannot be planned.
    File { code: &'static str, reason: String },
    /// The rows name agents by address, and nobody says who they are.
    AgentsNeeded,
    /// The target answers something else than was asked for.
    TargetUnlike { path: String, what: String },
    /// The caller may not do this.
    Forbidden { what: &'static str },
    /// There is no such intent, as far as the caller may see.
    UnknownIntent { id: String },
    /// The intent is not in review.
    NotInReview,
    /// A value that the person saw has moved; the answer carries the intent as it is.
    ConflictMoved { intent: Option<Value> },
    /// The gateway has never seen the record.
    UnknownResource { resource: String },
    /// The intent changed nothing that could be taken back.
    NotUndoable { intent: IntentId, error: UndoError },
    /// There is no such path.
    UnknownPath { path: String },
    /// There is no page for this code.
    UnknownCode { code: String },
    /// The path does not take this method.
    MethodNotAllowed,
    /// Too much is waiting already.
    Overloaded,
    /// The store or the engine cannot take it at present.
    Unavailable { cause: String },
    /// The gateway has not read its store yet.
    NotReady,
    /// The target could not be reached.
    TargetUnreachable,
    /// The target did not answer in time.
    TargetSilent,
    /// A proxied write ended without an answer of the target's own.
    Ended { state: &'static str, reason: String, intent: IntentId },
    /// A request that the proxy cannot forward.
    Unforwardable { reason: String },
    /// A bug.
    Internal { cause: String },
}

/// Codes of the problems made here, for the test that each has a page.
#[cfg(test)]
pub(crate) const CODES: &[&str] = &[
    "invalid_json",
    "too_deep",
    "too_large",
    "body_cut",
    "not_text",
    "invalid_parameter",
    "unknown_org",
    "foreign_org",
    "idempotency_mismatch",
    "idempotency_key_ambiguous",
    "unauthorized",
    "hook_refused",
    "unknown_source",
    "no_files",
    "unknown_file",
    "not_held",
    "file_superseded",
    "unknown_import",
    "unreadable_file",
    "empty_file",
    "agents_needed",
    "target_unlike",
    "forbidden",
    "unknown_intent",
    "not_in_review",
    "conflict_moved",
    "not_undoable",
    "unknown_resource",
    "not_found",
    "unknown_code",
    "method_not_allowed",
    "overloaded",
    "unavailable",
    "not_ready",
    "target_unreachable",
    "target_silent",
    "not_landed",
    "unforwardable",
    "internal",
];

/// A problem as the caller sees it.
///
/// Shape: `{"type": "/errors/unknown_org", "title": "…", "status": 422, "code": "unknown_org",
/// "detail": "…", "field"?: "/resource/org"}`, and members of its own per code.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    page: String,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    /// JSON Pointer of the member at fault, or the name of a query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            page: format!("/errors/{code}"),
            title,
            status,
            code,
            detail: detail.into(),
            field: None,
            more: Map::new(),
        }
    }

    /// Names the member at fault; an empty pointer means the whole and is left out.
    fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into()).filter(|field| !field.is_empty());
        self
    }

    /// Names the member at fault as a client of the target knows it, who sent no intent but the
    /// record itself: without the way into the change.
    pub(crate) fn in_body_of_target(mut self) -> Self {
        let changes = ["/change/merge_patch", "/change/desired", "/change/create"];
        let field = self.field.take().unwrap_or_default();
        let own = changes.iter().find_map(|change| field.strip_prefix(change)).unwrap_or(&field).to_owned();
        self.field(own)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The problem as JSON, for one line of many.
    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("a problem is JSON")
    }
}

impl Fault {
    /// A parameter at fault.
    pub(crate) fn parameter(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Parameter { field: field.into(), reason: reason.into() }
    }

    /// What the caller sees of it.
    pub(crate) fn problem(&self) -> Problem {
        use StatusCode as S;
        match self {
            Self::InvalidJson { line, column, reason } => {
                let detail = format!("line {line}, column {column}: {reason}");
                Problem::new(S::BAD_REQUEST, "invalid_json", "The body is not JSON", detail)
                    .with("line", *line)
                    .with("column", *column)
            }
            Self::TooDeep { max } => {
                let detail = format!("the body may nest {max} levels deep");
                Problem::new(S::BAD_REQUEST, "too_deep", "The body nests too deep", detail)
            }
            Self::TooLarge { max } => {
                let detail = format!("the body may have {max} bytes; send it in several parts");
                Problem::new(S::PAYLOAD_TOO_LARGE, "too_large", "The body is too large", detail)
            }
            Self::BodyCut => {
                let detail = "the body ended before it was complete; nothing was taken";
                Problem::new(S::BAD_REQUEST, "body_cut", "The body broke off", detail)
            }
            Self::NotText => {
                let detail = "the body must be text in UTF-8";
                Problem::new(S::BAD_REQUEST, "not_text", "The body is not text", detail)
            }
            Self::Intent(error) => {
                let title = "The intent cannot be taken";
                Problem::new(S::UNPROCESSABLE_ENTITY, error.code, title, error.reason.clone())
                    .field(error.field.clone())
            }
            Self::Parameter { field, reason } => {
                let title = "A parameter is wrong";
                Problem::new(S::BAD_REQUEST, "invalid_parameter", title, reason.clone()).field(field.clone())
            }
            Self::UnknownOrg { org } => {
                let detail = format!("this gateway serves no org named {org:?}");
                Problem::new(S::UNPROCESSABLE_ENTITY, "unknown_org", "Unknown org", detail).field("/resource/org")
            }
            Self::ForeignOrg { org } => {
                let detail = format!("these credentials do not belong to org {org:?}");
                Problem::new(S::FORBIDDEN, "foreign_org", "Not your org", detail).field("/resource/org")
            }
            Self::IdempotencyMismatch { first } => {
                let detail = format!("intent {first} holds this key with another content");
                let title = "The idempotency key is taken";
                Problem::new(S::UNPROCESSABLE_ENTITY, "idempotency_mismatch", title, detail)
                    .field("/idempotency_key")
                    .with("first", first.to_string())
            }
            Self::IdempotencyKeyAmbiguous { reason } => {
                let title = "The idempotency key is ambiguous";
                Problem::new(S::BAD_REQUEST, "idempotency_key_ambiguous", title, *reason)
            }
            Self::Unauthorised => {
                let detail = "send a valid access token of POST /oauth/token as Bearer";
                Problem::new(S::UNAUTHORIZED, "unauthorized", "No valid token", detail)
            }
            Self::HookRefused => {
                let detail =
                    "nothing in this request shows that the source sends it; see its auth in the configuration";
                Problem::new(S::UNAUTHORIZED, "hook_refused", "The sender is not known", detail)
            }
            Self::UnknownSource { name } => {
                let name: String = name.chars().take(64).collect();
                let detail = format!("no source with a hook is named {name:?}");
                Problem::new(S::NOT_FOUND, "unknown_source", "Unknown source", detail)
            }
            Self::NoFiles { name } => {
                let detail = format!("no source with files is named {name:?}");
                Problem::new(S::NOT_FOUND, "no_files", "No files", detail)
            }
            Self::UnknownFile { file } => {
                let detail = format!("the gateway does not know {file}");
                Problem::new(S::NOT_FOUND, "unknown_file", "Unknown file", detail)
            }
            Self::NotHeld { file, state } => {
                let detail = format!("{file} cannot be released: {state}");
                Problem::new(S::CONFLICT, "not_held", "The file is not held", detail)
            }
            Self::FileSuperseded { file, by } => {
                let detail = format!("{by} came after {file} and has said something about the same records");
                Problem::new(S::CONFLICT, "file_superseded", "A newer file was taken", detail)
            }
            Self::UnknownImport { id } => {
                let detail = format!("there is no import {id}");
                Problem::new(S::NOT_FOUND, "unknown_import", "Unknown import", detail)
            }
            Self::File { code, reason } => {
                Problem::new(S::UNPROCESSABLE_ENTITY, code, "The file cannot be planned", reason.clone())
            }
            Self::AgentsNeeded => {
                let detail = "the rows name agents by address, and this target has no directory of them: send agents";
                Problem::new(S::UNPROCESSABLE_ENTITY, "agents_needed", "Who are the agents?", detail).field("/agents")
            }
            Self::TargetUnlike { path, what } => {
                let detail = format!("the target answers GET {path} with something else: {what}");
                Problem::new(S::BAD_GATEWAY, "target_unlike", "Another answer than was asked for", detail)
            }
            Self::Forbidden { what } => {
                let detail = format!("these credentials may not {what}");
                Problem::new(S::FORBIDDEN, "forbidden", "Not allowed", detail)
            }
            Self::UnknownIntent { id } => {
                let detail = format!("there is no intent {id}");
                Problem::new(S::NOT_FOUND, "unknown_intent", "Unknown intent", detail)
            }
            Self::NotInReview => {
                let detail = "only an intent in review can be decided";
                Problem::new(S::CONFLICT, "not_in_review", "Not in review", detail)
            }
            Self::ConflictMoved { intent } => {
                let detail = "a value that you saw has moved; look at the new conflict and decide again";
                let problem = Problem::new(S::CONFLICT, "conflict_moved", "The conflict moved", detail);
                match intent {
                    Some(intent) => problem.with("intent", intent.clone()),
                    None => problem,
                }
            }
            Self::UnknownResource { resource } => {
                let resource: String = resource.chars().take(200).collect();
                let detail = format!("the gateway has never read or written {resource}");
                Problem::new(S::NOT_FOUND, "unknown_resource", "Unknown resource", detail)
            }
            Self::NotUndoable { intent, error } => {
                let detail = format!("{intent} cannot be undone: {error}; {}", instead(error));
                Problem::new(S::CONFLICT, "not_undoable", "Nothing to undo", detail)
            }
            Self::UnknownPath { path } => {
                let detail = format!("nothing is served at {path}");
                Problem::new(S::NOT_FOUND, "not_found", "Not found", detail)
            }
            Self::UnknownCode { code } => {
                let detail = format!("no error has the code {code:?}");
                Problem::new(S::NOT_FOUND, "unknown_code", "Unknown code", detail)
            }
            Self::MethodNotAllowed => {
                let detail = "the path does not take this method; see /openapi.json";
                let title = "Method not allowed";
                Problem::new(S::METHOD_NOT_ALLOWED, "method_not_allowed", title, detail)
            }
            Self::Overloaded => {
                let detail = "too much is waiting; nothing was taken, send it again in a moment";
                Problem::new(S::SERVICE_UNAVAILABLE, "overloaded", "Overloaded", detail)
            }
            Self::Unavailable { .. } => {
                let detail = "the store cannot take it at present; nothing is lost, send it again";
                Problem::new(S::SERVICE_UNAVAILABLE, "unavailable", "Unavailable", detail)
            }
            Self::NotReady => {
                let detail = "the gateway is still reading its store";
                Problem::new(S::SERVICE_UNAVAILABLE, "not_ready", "Not ready", detail)
            }
            Self::TargetUnreachable => {
                let detail = "the target could not be reached; nothing was sent";
                Problem::new(S::BAD_GATEWAY, "target_unreachable", "Target unreachable", detail)
            }
            Self::TargetSilent => {
                let detail = "the target did not answer in time; the request may have taken effect";
                Problem::new(S::GATEWAY_TIMEOUT, "target_silent", "Target silent", detail)
            }
            Self::Ended { state, reason, intent } => {
                let detail = format!("the write ended {state}: {reason}");
                Problem::new(S::CONFLICT, "not_landed", "The write did not land", detail)
                    .with("intent", intent.to_string())
                    .with("state", *state)
            }
            Self::Unforwardable { reason } => {
                let title = "The request cannot be forwarded";
                Problem::new(S::BAD_REQUEST, "unforwardable", title, reason.clone())
            }
            Self::Internal { .. } => {
                let detail = "a bug of the gateway; its log has the details";
                Problem::new(S::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
            }
        }
    }

    /// What the log says of it beyond what the caller sees.
    fn log(&self) {
        match self {
            Self::Internal { cause } => tracing::error!(%cause, "a request met a bug"),
            Self::Unavailable { cause } => tracing::warn!(%cause, "a request was put off"),
            Self::Overloaded => tracing::warn!("a request was put off: the queue is full"),
            _ => {}
        }
    }
}

/// What to do where there is nothing to undo.
fn instead(error: &UndoError) -> &'static str {
    match error {
        UndoError::Open(_) => "withdraw it, or wait until it has settled",
        UndoError::NotLanded(_) | UndoError::Nothing => "there is nothing to take back",
        UndoError::Stands { .. } => "decide what becomes of it first",
        UndoError::Over { .. } => "set the values that shall stand there with an intent of its own",
        UndoError::Untold(_) => "look at the record, and set the values that shall stand there",
        UndoError::Operation => "undo the changes that it carried, then publish again",
        UndoError::Creation => "remove the record in the target itself",
    }
}

impl From<IntentError> for Fault {
    fn from(error: IntentError) -> Self {
        Self::Intent(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Intent(error) => Self::Intent(error),
            Refusal::IdempotencyMismatch { first } => Self::IdempotencyMismatch { first },
            Refusal::Unavailable => Self::Unavailable { cause: "the engine could not make it durable".to_owned() },
            Refusal::NotInReview => Self::NotInReview,
            Refusal::ConflictMoved => Self::ConflictMoved { intent: None },
        }
    }
}

impl From<ifmatch_store::StoreError> for Fault {
    fn from(error: ifmatch_store::StoreError) -> Self {
        let cause = error.to_string();
        match error {
            ifmatch_store::StoreError::Unavailable { .. } => Self::Unavailable { cause },
            ifmatch_store::StoreError::Precondition { .. } | ifmatch_store::StoreError::Inconsistent { .. } => {
                Self::Internal { cause }
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        self.log();
        let problem = self.problem();
        let json = HeaderValue::from_static("application/problem+json");
        let body = problem.to_json().to_string();
        let mut response = (problem.status, [(header::CONTENT_TYPE, json)], body).into_response();
        let headers = response.headers_mut();
        match self {
            Self::Unauthorised => {
                let scheme = HeaderValue::from_static("Bearer realm=\"ifmatch\"");
                headers.insert(header::WWW_AUTHENTICATE, scheme);
            }
            Self::HookRefused => {
                let schemes = HeaderValue::from_static("Basic realm=\"ifmatch\", Bearer realm=\"ifmatch\"");
                headers.insert(header::WWW_AUTHENTICATE, schemes);
            }
            Self::Overloaded | Self::Unavailable { .. } | Self::NotReady => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
