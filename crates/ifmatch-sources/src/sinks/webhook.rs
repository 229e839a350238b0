//! Outcomes to any listener, by Standard Webhooks 1.0.0.
//!
//! Shape of a body: `{"type": "intent.landed", "timestamp": "2026-11-16T07:00:04Z", "data": {"org": "acme", "intent": "int_…",
//! "source": "servicenow", "resource": {"org", "kind", "id"}, "state": "landed", "code": null, "reason": "…", "origin": {"system":
//! "servicenow", "record": "9f1c…", "sequence": 7}}}`. `webhook-id` is the same in each attempt.

use super::{Heard, Line, Teller};
use crate::signature::standard::{Secret, sign};
use ifmatch_core::{Failure, Method, Request, Response, Timestamp};
use serde_json::{Value, json};

/// Tells a listener.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Path and query at the listener.
    pub path: String,
    /// What messages are signed with; every one of them signs, so that a listener can change over.
    pub secrets: Vec<Secret>,
}

impl Webhook {
    /// A message, signed now. `id` is the same in each attempt.
    pub(super) fn message(&self, now: Timestamp, id: &str, kind: &str, at: Timestamp, data: &Value) -> Request {
        let body = json!({"type": kind, "timestamp": at, "data": data});
        let mut request = Request::json(Method::Post, self.path.as_str(), &body);
        let id = format!("msg_{id}").replace('.', "-");
        let signed: Vec<(String, String)> =
            self.secrets.iter().map(|secret| sign(secret, &id, now, &request.body)).collect();
        let signatures: Vec<&str> = signed.iter().map(|(_, signature)| signature.as_str()).collect();
        let mut add = |name: &str, value: String| request.headers.push((name.to_owned(), value));
        add("webhook-id", id);
        add("webhook-timestamp", now.as_second().to_string());
        if !signatures.is_empty() {
            add("webhook-signature", signatures.join(" "));
        }
        request
    }
}

/// Whether a listener took a message, or why not.
pub(super) fn taken(request: &Request, answer: Result<&Response, &Failure>) -> Result<(), String> {
    match answer {
        Ok(answer) if answer.is_success() => Ok(()),
        Ok(answer) => Err(format!("{} to POST {}", answer.status, shown(&request.path))),
        Err(_) => Err(format!("no answer to POST {}", shown(&request.path))),
    }
}

impl Teller for Webhook {
    fn begin(&self, now: Timestamp, line: &Line) -> Option<Request> {
        let data = json!({
            "org": line.resource.org,
            "intent": line.intent,
            "source": line.source,
            "resource": line.resource,
            "state": line.to,
            "code": line.code,
            "reason": line.reason,
            "origin": line.origin,
        });
        let id = format!("{}_{}", line.resource.org, line.index);
        Some(self.message(now, &id, &format!("intent.{}", line.to), line.at, &data))
    }

    fn hear(&self, _: Timestamp, _: &Line, request: &Request, answer: Result<&Response, &Failure>) -> Heard {
        if answer.is_ok_and(|answer| answer.status == 410) {
            return Heard::Stop("410: the listener wants to hear nothing any more".to_owned());
        }
        match taken(request, answer) {
            Ok(()) => Heard::Done,
            Err(why) => Heard::Again(why),
        }
    }
}

/// The path below the listener's address. A query may hold what only the listener should know.
fn shown(path: &str) -> &str {
    match path.split('?').next() {
        None | Some("") => "/",
        Some(path) => path,
    }
}
