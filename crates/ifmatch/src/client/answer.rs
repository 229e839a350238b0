//! What the gateway answers, and refusals as failures.

use crate::error::{Failure, Kind};
use crate::output::field;
use anyhow::anyhow;
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// One answer of the gateway.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its body as received.
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body of a success; null where it has none.
    ///
    /// # Errors
    /// The gateway's problem, or a body that is no JSON.
    pub(crate) fn success(self) -> Result<Value, Failure> {
        if !self.status.is_success() {
            return Err(self.refusal());
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::remote(format!("the gateway's answer is no JSON ({error}): is it a gateway?")))
    }

    /// The problem's `code`, where the answer is one.
    pub(crate) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.body).ok()?;
        Some(problem.get("code")?.as_str()?.to_owned())
    }

    /// The failure that a refusal is.
    pub(crate) fn refusal(&self) -> Failure {
        let kind = match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Kind::Config,
            status if status.is_client_error() => Kind::User,
            _ => Kind::Remote,
        };
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let (title, detail) = (field(&problem, "/title"), field(&problem, "/detail"));
        let failure = match title.is_empty() {
            true => Failure::new(kind, anyhow!("the gateway refuses with status {}", self.status)),
            false => Failure::new(kind, anyhow!("{}", sentence(&title, &detail, &field(&problem, "/field")))),
        };
        match self.code() {
            Some(code) => failure.hint(format!("`ifmatch explain {code}` says more")),
            None => failure,
        }
    }
}

/// A problem in one sentence: `Unknown org: this gateway serves … (at /resource/org)`.
pub(crate) fn sentence(title: &str, detail: &str, field: &str) -> String {
    let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    let field = if field.is_empty() { String::new() } else { format!(" (at {field})") };
    format!("{title}{detail}{field}")
}
