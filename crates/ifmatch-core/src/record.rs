//! An intent together with what became of it.

use crate::applied::Applied;
use crate::evidence::{Class, Evidence};
use crate::hash::{Digest, value_digest};
use crate::ids::{IntentId, SourceName};
use crate::intent::{Intent, Resource, Urgency};
use crate::shared::Shared;
use crate::slip::Overwrote;
use crate::states::State;
use crate::wire::Response;
use ifmatch_merge::{Change, Conflict, Pointer, Stretch, present};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One stored intent: the wish, which never changes, and its standing, which does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntentRecord {
    /// Its id.
    pub id: IntentId,
    /// Who sent it.
    pub source: SourceName,
    /// The wish as sent. Shared: it is stored, loaded and planned with far more often than it is made.
    pub intent: Arc<Intent>,
    /// The record that is meant, by the target's id as soon as that is known.
    pub resource: Resource,
    /// Place in the order of acceptance within the org, from 1.
    pub order: u64,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The same by the target's clock, as far as its answers had told that by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_there: Option<Timestamp>,
    /// Whether the caller wants the target's bare semantics (`Prefer: handling=strict`).
    #[serde(default)]
    pub strict: bool,
    /// Whether the body is the whole wish of its source, so that it is compared with what that
    /// source said before.
    #[serde(default)]
    pub whole: bool,
    /// Whether it came through the proxy, where a named version proves sight only of what was
    /// shown there.
    #[serde(default)]
    pub proxied: bool,
    /// Digest of a proxied write without a key and without a version: the same one again, while
    /// this one is open, is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Digest>,
    /// What became of it.
    pub status: Shared<IntentStatus>,
}

/// What became of an intent so far. Replaced as a whole by each transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntentStatus {
    /// Where it stands.
    pub state: State,
    /// Which case of the state, for example `review/true_conflict`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// One sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it entered this state.
    pub since: Timestamp,
    /// When it became terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// Write attempts made for it, resends included.
    #[serde(default)]
    pub attempts: u32,
    /// Seconds it waited, by cause.
    #[serde(default)]
    pub waited: Waited,
    /// What the target holds after it landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Settled>,
    /// The intent that superseded it, or that made it impossible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<IntentId>,
    /// The conflict that a person must decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflict: Vec<ConflictNote>,
    /// What it edits, each path with its base, kept while a person decides: it is never worked out
    /// again from a record that went on without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<KeptEdit>,
    /// What a person decided, by path, with the remote value that was seen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub decided: BTreeMap<Pointer, Decided>,
    /// The target's own refusal, kept for the caller who wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Response>,
    /// Budgets spent so far.
    #[serde(default)]
    pub spent: Spent,
    /// What the target last answered to a write of it that did not land, kept for [`crate::why()`] through restarts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Heard>,
    /// What the target was last seen to hold, where it ended on that without a write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// What a write of it was let through over, by a target that ignores versions; the last time it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overwrote: Option<Overwrote>,
    /// The other half of the pair as which it landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<IntentId>,
    /// What writes of it put into the target by which it did not land, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied: Vec<Applied>,
}

impl IntentStatus {
    /// The standing of an intent just accepted.
    #[must_use]
    pub fn accepted(at: Timestamp) -> Self {
        Self {
            state: State::Accepted,
            code: None,
            reason: None,
            since: at,
            settled_at: None,
            attempts: 0,
            waited: Waited::default(),
            result: None,
            winner: None,
            conflict: Vec::new(),
            edits: Vec::new(),
            decided: BTreeMap::new(),
            refusal: None,
            partner: None,
            spent: Spent::default(),
            heard: None,
            seen: None,
            overwrote: None,
            applied: Vec::new(),
        }
    }
}

/// What the target answered to a write that did not land.
///
/// Shape: `{"class": "stale", "label": "409 ResourceConflictException", "message": "…", "at": "…", "times": 2}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The class that the dialect's table gives the answer.
    pub class: Class,
    /// Status and code as the target spelt them.
    pub label: String,
    /// The target's own words, at most 300 characters.
    pub message: String,
    /// When.
    pub at: Timestamp,
    /// How often in a row an answer of this class came, from 1.
    pub times: u32,
}

impl Heard {
    /// An answer, after what was heard before.
    pub(crate) fn of(evidence: &Evidence, at: Timestamp, before: Option<&Self>) -> Self {
        let again = before.filter(|before| before.class == evidence.class).map_or(0, |before| before.times);
        let (label, message) = (evidence.label.clone(), evidence.message.clone());
        Self { class: evidence.class, label, message, at, times: again.saturating_add(1) }
    }
}

/// What the target was last seen to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The version, where the target has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When the target last confirmed it.
    pub at: Timestamp,
}

/// One path that an intent in review edits.
///
/// Shape: `{"path": "/score", "base": 80, "local": 85}`; without a `base` there was no value, unless
/// `baseless` says that nobody knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptEdit {
    /// The path.
    pub path: Pointer,
    /// What its source started from.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub base: Option<Value>,
    /// What its source wants; absent to remove.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub local: Option<Value>,
    /// Whether nobody knows what its source started from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub baseless: bool,
}

impl KeptEdit {
    /// A change with the value that it started from.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        Self { path: change.path.clone(), base: change.before.clone(), local: change.after.clone(), baseless: false }
    }

    /// The same where nobody knows the value that it started from.
    #[must_use]
    pub fn baseless(change: &Change) -> Self {
        Self { base: None, baseless: true, ..Self::of(change) }
    }

    /// The value that it says, without what it started from.
    pub(crate) fn said(&self) -> Change {
        Change { path: self.path.clone(), before: None, after: self.local.clone() }
    }
}

/// Seconds that an intent waited, by cause.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Waited {
    /// For a lock domain.
    pub lock: f64,
    /// For the budget.
    pub budget: f64,
}

/// What an intent has used of its separate budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Merges after a stale answer.
    pub merges: u32,
    /// Attempts at telling what an ambiguous attempt did.
    pub ambiguity: u32,
    /// Reads that lagged behind.
    pub lags: u32,
    /// Answers that nobody knows.
    pub unknown: u32,
}

/// What the target holds after an intent landed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// The version that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The tag that carries it, as the target spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The target's id for the record, where the intent did not name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For an operation: the revision that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// One path that a person must decide, with its three sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConflictNote {
    /// The path.
    pub path: Pointer,
    /// The value that the source started from; absent when there was none or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub base: Option<Value>,
    /// The value that the source wants.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub local: Option<Value>,
    /// The value that the target holds.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote: Option<Value>,
    /// Who wrote the remote value, as far as the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_writer: Option<String>,
    /// Where the path is an interval set, such as a shift: the stretches of time in question. The rest merges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stretches: Vec<Stretch>,
    /// Digest of the remote value: a decision names it to show that it saw this one.
    pub seen: Digest,
    /// The instants between which a person decides, the earlier first, where the local side is a local
    /// time in doubt; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Value>,
}

impl From<Conflict> for ConflictNote {
    fn from(conflict: Conflict) -> Self {
        Self {
            seen: value_digest(conflict.remote.as_ref()),
            path: conflict.path,
            base: conflict.base,
            local: conflict.local,
            remote: conflict.remote,
            remote_writer: conflict.remote_writer,
            stretches: conflict.stretches,
            candidates: Vec::new(),
        }
    }
}

/// What a person decided for one path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The value that shall stand; absent to remove the path.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Value>,
    /// The remote value that the person saw: the decision holds while it stands.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote: Option<Value>,
}

/// What the engine keeps in memory of an open intent; the rest stays in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Its id.
    pub id: IntentId,
    /// Who sent it.
    pub source: SourceName,
    /// The record that is meant.
    pub resource: Resource,
    /// Place in the order of acceptance.
    pub order: u64,
    /// How urgent it is.
    pub class: Urgency,
    /// Nothing is sent before this instant.
    pub not_before: Option<Timestamp>,
    /// After this instant it is worth nothing.
    pub deadline: Option<Timestamp>,
    /// The operation that it asks for, if it does.
    pub operation: Option<String>,
    /// Digest of a proxied write without a key and without a version.
    pub fingerprint: Option<Digest>,
    /// Where it stands.
    pub state: State,
    /// When it entered that state.
    pub since: Timestamp,
}

impl Head {
    /// The head of a record.
    #[must_use]
    pub fn of(record: &IntentRecord) -> Self {
        Self {
            id: record.id,
            source: record.source.clone(),
            resource: record.resource.clone(),
            order: record.order,
            class: record.intent.class,
            not_before: record.intent.not_before,
            deadline: record.intent.deadline,
            operation: record.intent.operation().map(|operation| operation.name.clone()),
            fingerprint: record.fingerprint,
            state: record.status.state,
            since: record.status.since,
        }
    }
}
