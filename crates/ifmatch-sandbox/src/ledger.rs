//! The ledger: every accepted write with its writer, versions and changed paths, for those who judge a run.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::time::format_instant;

/// One changed path of a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// JSON Pointer (RFC 6901); elements of a keyed list are addressed by their key, e.g. `/shifts/<id>/start`.
    pub path: String,
    /// The value before; absent when there was none.
    pub before: Option<Value>,
    /// The value after; absent when it was removed.
    pub after: Option<Value>,
}

/// One accepted write to one record.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// Position in the ledger, from 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since the Unix epoch, UTC.
    pub at: i64,
    /// User name of the client, a person's name, or `System`.
    pub actor: String,
    /// The OAuth client; absent for people and for `System`.
    pub client_id: Option<String>,
    /// The record: the path under which the API knows it; `/api/v2/wfm/schedules/{id}/agents/{agent_id}` for one agent.
    pub path: String,
    /// The version before; absent for a record that the write created.
    pub from_version: Option<u64>,
    /// The version after.
    pub to_version: u64,
    /// What changed, ordered by path; empty for a write that raised a version only.
    pub changes: Vec<Change>,
    /// `X-Request-Id` of the response; absent for people and for `System`.
    pub request_id: Option<String>,
    /// Fingerprint of the request's body (16 hexadecimal digits), equal for equal bodies.
    pub request_hash: Option<String>,
}

impl LedgerEntry {
    /// The entry as the control API shows it, `at` as RFC 3339.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::json!({
            "seq": self.seq, "at": format_instant(self.at), "actor": self.actor, "client_id": self.client_id,
            "path": self.path, "from_version": self.from_version, "to_version": self.to_version,
            "changes": self.changes, "request_id": self.request_id, "request_hash": self.request_hash,
        })
    }
}

/// The changed paths between two objects, field by field; nested objects are entered where both sides have one.
pub(crate) fn diff_maps(
    prefix: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    changes: &mut Vec<Change>,
) {
    let changed = before.iter().filter(|(name, value)| after.get(*name) != Some(*value)).map(|(name, _)| name);
    let mut names: Vec<&String> = changed.chain(after.keys().filter(|name| !before.contains_key(*name))).collect();
    names.sort();
    for name in names {
        let path = || format!("{prefix}/{}", escape(name));
        match (before.get(name), after.get(name)) {
            (Some(Value::Object(b)), Some(Value::Object(a))) => diff_maps(&path(), b, a, changes),
            (b, a) => changes.push(Change { path: path(), before: b.cloned(), after: a.cloned() }),
        }
    }
}

/// One token of a JSON Pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
