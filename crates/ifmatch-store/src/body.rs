//! What an audit leaf says of an intake and of a transition.

use ifmatch_core::{Digest, IntentId, IntentRecord, Resource, SourceName, Transition};
use serde_json::{Value, json};

/// What is derived once from an accepted intent: its digests. Reading the whole payload for them
/// again would cost more than storing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeFacts {
    /// Digest of what the intent asks for, its key left out.
    pub content: Digest,
    /// Short digest of its idempotency key, where it has one.
    pub key: Option<u128>,
}

impl IntakeFacts {
    /// The facts of a record.
    #[must_use]
    pub fn of(record: &IntentRecord) -> Self {
        let key = record.intent.idempotency_key.as_ref();
        Self { content: record.intent.content(), key: key.map(|key| Digest::of(key.as_bytes()).short()) }
    }

    /// The row of [`ifmatch_core::Recovery::keys`] for a record; `None` without a key.
    #[must_use]
    pub fn key_row(&self, record: &IntentRecord) -> Option<(SourceName, u128, Digest, IntentId)> {
        self.key.map(|key| (record.source.clone(), key, self.content, record.id))
    }
}

/// The body of the leaf for an accepted intent.
///
/// Shape: `{"intent": "int_…", "source": "servicenow", "resource": {…}, "order": 17,
/// "content": "sha256:…", "key": "servicenow:9f1c:7"}`; `key` only where it has one.
#[must_use]
pub fn intake_body(record: &IntentRecord, facts: &IntakeFacts) -> Value {
    let mut body = json!({
        "intent": record.id,
        "source": record.source,
        "resource": record.resource,
        "order": record.order,
        "content": facts.content,
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
