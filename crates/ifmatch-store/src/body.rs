//! What an audit leaf says of an intake and of a transition.

use ifmatch_audit::{Body, Members};
use ifmatch_core::{Digest, Intake, IntentId, IntentRecord, Resource, SourceName, Transition};
use serde::Serialize;
use serde_json::Value;

/// The row of [`ifmatch_core::Recovery::keys`] for an intent and the digest of what it asks for; `None` without a key.
#[must_use]
pub fn key_row(record: &IntentRecord, content: Digest) -> Option<(SourceName, u128, Digest, IntentId)> {
    let key = record.intent.idempotency_key.as_ref()?;
    Some((record.source.clone(), Digest::of(key.as_bytes()).short(), content, record.id))
}

/// The body of the leaf for an accepted intent.
///
/// Shape: `{"intent": "int_…", "source": "servicenow", "resource": {…}, "order": 17,
/// "content": "sha256:…", "key": "servicenow:9f1c:7"}`; `key` only where it has one.
#[must_use]
pub fn intake_body(intake: &Intake) -> Body {
    let record = &intake.record;
    Body::object(|body| {
        body.plain("content", intake.content);
        body.plain("intent", record.id);
        if let Some(key) = &record.intent.idempotency_key {
            body.text("key", key);
        }
        body.number("order", record.order);
        add_resource(body, &record.resource);
        body.text("source", record.source.as_str());
    })
}

/// The body of the leaf for a transition; the leaf itself says when.
///
/// Shape: `{"intent": "int_…", "source": "servicenow", "resource": {…}, "from": "queued",
/// "to": "review", "by": "engine", "code": "review/true_conflict", "reason": "…", "attempt": 7,
/// "evidence": {…}}`; the last four only where there is one.
#[must_use]
pub fn transition_body(transition: &Transition, source: &SourceName, resource: &Resource) -> Body {
    let status = &transition.status;
    Body::object(|body| {
        if let Some(attempt) = transition.attempt {
            body.number("attempt", attempt.0);
        }
        body.text("by", &transition.by);
        if let Some(code) = &status.code {
            body.text("code", code);
        }
        if let Some(shown) = &transition.evidence {
            body.value("evidence", &to_value(shown));
        }
        body.plain("from", transition.from.as_str());
        body.plain("intent", transition.intent);
        if let Some(reason) = &status.reason {
            body.text("reason", reason);
        }
        add_resource(body, resource);
        body.text("source", source.as_str());
        body.plain("to", transition.to.as_str());
    })
}

/// The resource, as it is written as JSON.
fn add_resource(body: &mut Members<'_>, resource: &Resource) {
    match resource.id() {
        Some(id) => body.object("resource", |members| {
            members.text("id", id);
            members.text("kind", &resource.kind);
            members.text("org", resource.org.as_str());
        }),
        None => body.value("resource", &to_value(resource)),
    }
}

fn to_value(part: &impl Serialize) -> Value {
    serde_json::to_value(part).expect("a part of a leaf is JSON")
}

#[cfg(test)]
mod tests;
