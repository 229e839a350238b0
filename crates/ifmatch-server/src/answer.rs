//! The answer to one intent, as every endpoint gives it.

use crate::problem::Fault;
use crate::query::Query;
use ifmatch_core::{
    Accepted, ConflictNote, IntentId, IntentRecord, IntentStatus, Overwrote, Resource, Settled, SourceName, State,
    Timestamp, Waited,
};
use serde::Serialize;
use serde_json::{Value, json};

/// How an intent stands.
///
/// Shape: `{"id": "int_…", "state": "landed", "code": null, "reason": "…", "resource": {…},
/// "source": "servicenow", "accepted_at": "…", "settled_at": "…", "attempts": 2, "waited": {"lock":
/// 0.0, "budget": 0.4}, "result": {"version": 14, "etag": "\"14\""}, "winner": null, "duplicate":
/// false, "conflict": […]}`, and where a write was let through over others', `"overwrote": {"from": 14, "version": 16, "others": 1,
/// "known": true, "paths": [{"path", "value", "by"}]}`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Answer {
    pub(crate) id: IntentId,
    pub(crate) state: State,
    code: Option<String>,
    reason: Option<String>,
    resource: Resource,
    source: SourceName,
    accepted_at: Timestamp,
    settled_at: Option<Timestamp>,
    attempts: u32,
    waited: Waited,
    result: Option<Settled>,
    winner: Option<IntentId>,
    /// Whether the submission that is answered met an earlier one.
    duplicate: bool,
    conflict: Vec<ConflictNote>,
    /// What a write of it was let through over, where the target ignores versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    overwrote: Option<Overwrote>,
}

/// How much an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Everything.
    Full,
    /// One level, for tools that read no other, such as data actions.
    Flat,
}

impl Shape {
    /// As the parameter `flat` asks for it.
    pub(crate) fn of(query: &Query) -> Result<Self, Fault> {
        Ok(if query.flag("flat")? { Self::Flat } else { Self::Full })
    }
}

impl Answer {
    /// The answer for a stored intent.
    pub(crate) fn of(record: IntentRecord) -> Self {
        Self::new(record.id, record.resource, record.source, record.accepted_at, record.status.into_inner())
    }

    /// The answer for an intent that was just accepted, without reading it again.
    pub(crate) fn accepted(taken: Accepted, resource: Resource, source: SourceName) -> Self {
        Self::new(taken.id, resource, source, taken.at, IntentStatus::accepted(taken.at))
    }

    fn new(id: IntentId, resource: Resource, source: SourceName, accepted_at: Timestamp, status: IntentStatus) -> Self {
        Self {
            id,
            state: status.state,
            code: status.code,
            reason: status.reason,
            resource,
            source,
            accepted_at,
            settled_at: status.settled_at,
            attempts: status.attempts,
            waited: status.waited,
            result: status.result,
            winner: status.winner,
            duplicate: false,
            conflict: status.conflict,
            overwrote: status.overwrote,
        }
    }

    /// The same, for a submission that met an earlier one, or did not.
    pub(crate) fn duplicate(mut self, duplicate: bool) -> Self {
        self.duplicate = duplicate;
        self
    }

    /// The same with another reason.
    pub(crate) fn because(mut self, reason: String) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Whether nothing follows.
    pub(crate) fn is_settled(&self) -> bool {
        self.state.is_terminal()
    }

    /// As JSON in a shape.
    ///
    /// A flat one: `{"id": "int_…", "state": "landed", "settled": true, "code": null, "reason": "…", "org": "acme", "kind":
    /// "quality-score", "resource": "qs-118", "source": "servicenow", "accepted_at": "…", "settled_at": "…", "attempts": 2,
    /// "version": 14, "etag": "\"14\"", "winner": null, "duplicate": false, "conflicts": 0}`.
    pub(crate) fn shaped(&self, shape: Shape) -> Value {
        if shape == Shape::Full {
            return self.to_json();
        }
        let result = self.result.as_ref();
        json!({
            "id": self.id,
            "state": self.state,
            "settled": self.is_settled(),
            "code": self.code,
            "reason": self.reason,
            "org": self.resource.org,
            "kind": self.resource.kind,
            "resource": self.resource.id().or_else(|| result?.id.as_deref()),
            "source": self.source,
            "accepted_at": self.accepted_at,
            "settled_at": self.settled_at,
            "attempts": self.attempts,
            "version": result.and_then(|result| result.version),
            "etag": result.and_then(|result| result.etag.as_deref()),
            "winner": self.winner,
            "duplicate": self.duplicate,
            "conflicts": self.conflict.len(),
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("an answer is JSON")
    }
}

/// One line of many: the answer, or `{"error": problem}`.
pub(crate) fn line(result: &Result<Answer, Fault>) -> Value {
    match result {
        Ok(answer) => answer.to_json(),
        Err(fault) => json!({"error": fault.problem().to_json()}),
    }
}
