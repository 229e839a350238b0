//! What must become durable together, and what comes back from the store at the start.

use crate::dialect::Call;
use crate::evidence::Evidence;
use crate::hash::Digest;
use crate::ids::{AttemptId, CommitId, IntentId, SourceName};
use crate::intent::Resource;
use crate::record::{Head, IntentRecord, IntentStatus};
use crate::shadow::ResourceRow;
use crate::shared::Shared;
use crate::states::State;
use crate::wire::Request;
use ifmatch_merge::{Change, Pointer, Schema, get, json_equal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Operations that become durable together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// Its number; handed back with [`crate::Input::Persisted`].
    pub id: CommitId,
    /// The operations, in order.
    pub ops: Vec<Op>,
}

/// One operation of a commit.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// A new intent in state `accepted`. The store appends an audit leaf for it.
    Intake(Box<Intake>),
    /// A transition: the store replaces the intent's status and appends the audit leaf.
    Transition(Box<Transition>),
    /// Renames an intent's resource, when the target's id became known.
    Rename {
        /// The intent.
        intent: IntentId,
        /// Its resource from here on.
        resource: Resource,
    },
    /// An attempt that is about to leave. Only writes are recorded before they leave; reads
    /// change nothing.
    Attempt(Shared<AttemptRecord>),
    /// How an attempt ended; it is open no more.
    AttemptDone {
        /// The attempt.
        id: AttemptId,
        /// How it ended.
        outcome: AttemptOutcome,
        /// When.
        at: Timestamp,
    },
    /// What is known of a resource; replaces the row.
    Resource(Shared<ResourceRow>),
    /// From here on the first name means the second.
    Alias {
        /// The name by key or external id.
        from: Resource,
        /// The name by the target's id.
        to: Resource,
    },
    /// A small fact of the engine's own under a key, such as a closed gate; `None` removes it.
    Keep {
        /// The key.
        key: String,
        /// The fact.
        value: Option<Value>,
    },
    /// Somebody decided about something that is no intent, such as a file that is held. The store appends an audit leaf with
    /// these members, and keeps nothing else.
    Note {
        /// When.
        at: Timestamp,
        /// What the leaf says: `{"what": "file_released", "by": "operator", "reason": "…", …}`.
        note: Value,
    },
}

/// A new intent, and the digest of what it asks for, worked out once for everybody.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// The intent, in state `accepted`.
    pub record: IntentRecord,
    /// [`crate::Intent::content`] of it.
    pub content: Digest,
}

impl Intake {
    /// The intake of a record.
    #[must_use]
    pub fn of(record: IntentRecord) -> Self {
        let content = record.intent.content();
        Self { record, content }
    }
}

/// One transition of one intent: the content of an audit leaf, and the new status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// The intent.
    pub intent: IntentId,
    /// When.
    pub at: Timestamp,
    /// The state it left.
    pub from: State,
    /// The state it entered.
    pub to: State,
    /// Who or what caused it: `engine`, `target`, a source, or an operator by name.
    pub by: String,
    /// The attempt that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptId>,
    /// The evidence that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The status after it.
    pub status: Shared<IntentStatus>,
}

/// One write attempt: the exact bytes, what they are for, and for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// Its number.
    pub id: AttemptId,
    /// What it is for; names resources and preconditions.
    pub call: Call,
    /// The exact request. Shared, like the shares: an attempt is stored, sent, kept and looked at, and never changes.
    pub request: Arc<Request>,
    /// The intents that it carries.
    pub intents: Vec<IntentId>,
    /// For each intent, the paths that it contributes to the write.
    pub shares: Arc<[Share]>,
    /// When it was recorded.
    pub at: Timestamp,
    /// After this instant no copy of it can take effect any more.
    pub horizon: Timestamp,
    /// How often these bytes were sent before.
    #[serde(default)]
    pub resends: u32,
    /// Whether the target refused it as existing, so that it made nothing itself.
    #[serde(default)]
    pub refused: bool,
    /// Whether the target said that it has taken it and goes on with it, so that no copy is sent before the horizon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken: bool,
}

impl AttemptRecord {
    /// The record as the attempt writes it, for one of its resources; null where it writes none.
    pub(crate) fn written(&self, resource: &Resource) -> &Value {
        match &self.call {
            Call::Write(items) => {
                items.iter().find(|item| item.resource == *resource).map_or(&Value::Null, |item| &item.to)
            }
            Call::Create(creation) => &creation.value,
            Call::Read(_)
            | Call::ReadStamps { .. }
            | Call::Past { .. }
            | Call::Lookup(_)
            | Call::Start(_)
            | Call::Status(_) => &Value::Null,
        }
    }

    /// Whether the attempt as a whole leaves the paths of one of its shares as they were, since
    /// other shares undo what this one does.
    pub(crate) fn leaves(&self, share: &Share, schema: &Schema) -> bool {
        let Call::Write(items) = &self.call else { return false };
        let Some(item) = items.iter().find(|item| item.resource == share.resource) else { return false };
        let same = |change: &Change| match (get(schema, &item.from, &change.path), get(schema, &item.to, &change.path))
        {
            (None, None) => true,
            (Some(from), Some(to)) => json_equal(from, to),
            _ => false,
        };
        share.changes.iter().all(same)
    }

    /// Whether nothing that one of its shares says is in what the attempt as a whole writes, since other shares take it
    /// away again, as one that removes the element that this one changes.
    pub(crate) fn hides(&self, share: &Share, schema: &Schema) -> bool {
        let written = self.written(&share.resource);
        let shown = |change: &Change| match (get(schema, written, &change.path), &change.after) {
            (None, None) => true,
            (Some(written), Some(after)) => json_equal(written, after),
            _ => false,
        };
        !share.changes.iter().any(shown)
    }
}

/// What one intent contributes to an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The intent.
    pub intent: IntentId,
    /// The resource, for attempts that carry several.
    pub resource: Resource,
    /// The changes that it makes to the record as the one before it left it.
    pub changes: Vec<Change>,
    /// What the source's shadow becomes when it lands: the paths and values that it said.
    pub said: Vec<Change>,
    /// Elements that the intent names by a key that is gone, and where the target holds the same under another key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followed: Vec<(Pointer, Pointer)>,
}

impl Share {
    /// The same share, with nothing of its own to show in the record.
    pub(crate) fn without_changes(&self) -> Self {
        Self { changes: Vec::new(), ..self.clone() }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The target answered; the label says how.
    Answered(String),
    /// Nothing of it left.
    NotSent,
    /// Evidence shows that it took effect.
    TookEffect,
    /// Evidence shows that it did not and cannot any more.
    NoEffect,
    /// It carried several resources; each goes on under a record of its own.
    Split,
    /// Nobody can tell; its intents went to review.
    Undecided,
}

/// What the store knows when an engine starts on an org, or starts again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recovery {
    /// Every open intent, in order of acceptance.
    pub open: Vec<Head>,
    /// Every attempt without an outcome.
    pub attempts: Vec<Shared<AttemptRecord>>,
    /// Keys of intents not older than the retention: source, key digest, content digest, intent.
    pub keys: Vec<(SourceName, u128, Digest, IntentId)>,
    /// Every alias.
    pub aliases: Vec<(Resource, Resource)>,
    /// The engine's own small facts.
    pub kept: Vec<(String, Value)>,
    /// The highest place in the order of acceptance given so far.
    pub last_order: u64,
    /// The highest attempt number given so far.
    pub last_attempt: u64,
}
