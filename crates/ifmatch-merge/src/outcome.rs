//! What a merge returns: the value, and where each decision came from.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::change::Change;
use crate::pointer::Pointer;
use crate::policy::Policy;
use crate::timeline::Stretch;

/// A place that both sides changed differently and that nothing named beforehand settles.
///
/// Shape: `{"path": "/score", "base": 80, "local": 85, "remote": 90, "remote_writer": "reviewer"}`; a side that is
/// absent in its document is omitted, one that is `null` is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The smallest place that holds the disagreement.
    pub path: Pointer,
    /// What the source started from.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub base: Option<Value>,
    /// What the source wants.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub local: Option<Value>,
    /// What the target holds, which the merged value keeps.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote: Option<Value>,
    /// Who wrote the remote side, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_writer: Option<String>,
    /// Where the place is an interval set: the stretches in question, in order. The sides are the whole sets, and
    /// outside of these stretches they merge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stretches: Vec<Stretch>,
}

/// A true conflict that a policy settled: the provenance of the value at this place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    /// The smallest place that holds the disagreement.
    pub path: Pointer,
    /// The policy that settled it.
    pub policy: Policy,
    /// What the source started from.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub base: Option<Value>,
    /// What the source wanted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub local: Option<Value>,
    /// What the target held.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote: Option<Value>,
    /// Who wrote the remote side, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_writer: Option<String>,
}

/// The result of a merge; every list is ordered by path.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The merged document. Where a conflict is listed it holds the remote side; of an interval set, in the stretches in
    /// question.
    pub value: Value,
    /// What a person must decide. Empty: the value may be written.
    pub conflicts: Vec<Conflict>,
    /// What a policy decided.
    pub resolved: Vec<Resolved>,
    /// What the local side contributed: the leaf-level difference from the remote to the value, as
    /// [`diff`](crate::diff) lists it. The order of a keyed list is no part of it.
    pub applied: Vec<Change>,
}

/// Reads a member that is there, so that `null` stays distinct from absence: for serde's
/// `deserialize_with` on an `Option<Value>`.
///
/// # Errors
/// What stands there is no JSON value.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
