//! Outcomes to any listener, by Standard Webhooks 1.0.0.
//!
//! Shape of a body: `{"type": "intent.landed", "timestamp": "2026-11-16T07:00:04Z", "data": {"org": "acme", "intent": "int_…",
//! "source": "servicenow", "resource": {"org", "kind", "id"}, "state": "landed", "code": null, "reason": "…", "origin": {"system":
//! "servicenow", "record": "9f1c…", "sequence": 7}}}`. `webhook-id` is the same in each attempt.

use super::{Heard, Line, Teller};
use crate::signature::standard::{Secret, sign};
use ifmatch_core::{Failure, Method, Request, Response, Timestamp};
use serde_json::json;

/// Tells a listener.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Path and query at the listener.
    pub path: String,
    /// What messages are signed with; every one of them signs, so that a listener can change over.
    pub secrets: Vec<Secret>,
}

impl Teller for Webhook {
    fn begin(&self, now: Timestamp, line: &Line) -> Option<Request> {
        let body = json!({
            "type": format!("intent.{}", line.to),
            "timestamp": line.at,
            "data": {
                "org": line.resource.org,
                "intent": line.intent,
                "source": line.source,
                "resource": line.resource,
                "state": line.to,
                "code": line.code,
                "reason": line.reason,
                "origin": line.origin,
            },
        });
        let mut request = Request::json(Method::Post, self.path.as_str(), &body);
        let id = format!("msg_{}_{}", line.resource.org, line.index).replace('.', "-");
        let signed: Vec<(String, String)> =
            self.secrets.iter().map(|secret| sign(secret, &id, now, &request.body)).collect();
        let signatures: Vec<&str> = signed.iter().map(|(_, signature)| signature.as_str()).collect();
        let mut add = |name: &str, value: String| request.headers.push((name.to_owned(), value));
        add("webhook-id", id);
        add("webhook-timestamp", now.as_second().to_string());
        if !signatures.is_empty() {
            add("webhook-signature", signatures.join(" "));
        }
        Some(request)
    }

    fn hear(&self, _: Timestamp, _: &Line, request: &Request, answer: Result<&Response, &Failure>) -> Heard {
        match answer {
            Ok(answer) if answer.is_success() => Heard::Done,
            Ok(answer) if answer.status == 410 => {
                Heard::Stop("410: the listener wants to hear nothing any more".to_owned())
            }
            Ok(answer) => Heard::Again(format!("{} to POST {}", answer.status, bare(&request.path))),
            Err(_) => Heard::Again(format!("no answer to POST {}", bare(&request.path))),
        }
    }
}

/// A query may hold what only the listener should know.
fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}
