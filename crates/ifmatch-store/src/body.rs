//! What an audit leaf says of an intake and of a transition.

use ifmatch_core::{Digest, Intake, IntentId, Resource, SourceName, Transition};
use serde_json::{Value, json};

/// The row of [`ifmatch_core::Recovery::keys`] for an intake; `None` without a key.
#[must_use]
pub fn key_row(intake: &Intake) -> Option<(SourceName, u128, Digest, IntentId)> {
    let record = &intake.record;
    let key = record.intent.idempotency_key.as_ref()?;
    Some((record.source.clone(), Digest::of(key.as_bytes()).short(), intake.content, record.id))
}

/// The body of the leaf for an accepted intent.
///
/// Shape: `{"intent": "int_…", "source": "servicenow", "resource": {…}, "order": 17,
/// "content": "sha256:…", "key": "servicenow:9f1c:7"}`; `key` only where it has one.
#[must_use]
pub fn intake_body(intake: &Intake) -> Value {
    let record = &intake.record;
    let mut body = json!({
        "intent": record.id,
        "source": record.source,
        "resource": record.resource,
        "order": record.order,
        "content": intake.content,
    });
    if let Some(key) = &record.intent.idempotency_key {
        body["key"] = Value::from(key.as_str());
    }
    body
}

/// The body of the leaf for a transition; the leaf itself says when.
///
/// Shape: `{"intent": "int_…", "source": "servicenow", "resource": {…}, "from": "queued",
/// "to": "review", "by": "engine", "code": "review/true_conflict", "reason": "…", "attempt": 7,
/// "evidence": {…}}`; the last four only where there is one.
#[must_use]
pub fn transition_body(transition: &Transition, source: &SourceName, resource: &Resource) -> Value {
    let mut body = json!({
        "intent": transition.intent,
        "source": source,
        "resource": resource,
        "from": transition.from,
        "to": transition.to,
        "by": transition.by,
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body[name] = value;
        }
    };
    add("code", transition.status.code.as_deref().map(Value::from));
    add("reason", transition.status.reason.as_deref().map(Value::from));
    add("attempt", transition.attempt.map(|attempt| Value::from(attempt.0)));
    add("evidence", transition.evidence.as_ref().map(|shown| serde_json::to_value(shown).expect("evidence is JSON")));
    body
}
