//! A write that a target accepts and does not apply: a value is dropped, or moved to a bound, by a rule of the server.
//!
//! A 2xx says that the write was taken. What it made of the record is in the answer where that shows the record, and
//! else in a read at its version. A representation of that very version is what the write left: where a path holds
//! something else than was written, nobody else did that, and neither does sending it again help.
//!
//! Pure: values in, values out. The engine's part is `engine/turn/silent.rs`.

use crate::commit::{AttemptRecord, Share};
use crate::dialect::{Call, Dialect, KindSpec, WriteItem};
use crate::intent::Resource;
use crate::record::ConflictNote;
use crate::shadow::Snapshot;
use crate::{hash::value_digest, ids::IntentId};
use ifmatch_merge::{Change, Pointer, diff_members, get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The code of an intent whose write was accepted and not applied, until a person decides.
pub(crate) const REVIEW: &str = "review/silent_refusal";

/// An accepted write that a read must bear out before it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The write, as far as it is about this record.
    pub attempt: AttemptRecord,
    /// The record as the answer tells it: as it shows it, else what was written, with the version that it tells.
    pub told: Snapshot,
}

impl Check {
    /// What the write was to make of the record.
    pub(crate) fn item(&self, resource: &Resource) -> Option<&WriteItem> {
        item_of(&self.attempt, resource)
    }

    /// Whether a representation is of a later version than the write made of the version that it names.
    pub(crate) fn precedes(&self, found: &Snapshot, named: Option<u64>) -> bool {
        let made = self.told.version.or(named.map(|named| named + 1));
        made.is_some() && found.version > made
    }

    /// The representation that the write led to: as it was told, where a read shows a later one.
    pub(crate) fn stands<'a>(&'a self, found: &'a Snapshot) -> &'a Snapshot {
        let later = self.told.version.is_some() && found.version > self.told.version;
        if later { &self.told } else { found }
    }

    /// Whether one of its intents is this one.
    pub(crate) fn carries(&self, intent: IntentId) -> bool {
        self.attempt.intents.contains(&intent)
    }
}

/// What a write was to make of one of its records.
pub(crate) fn item_of<'a>(attempt: &'a AttemptRecord, resource: &Resource) -> Option<&'a WriteItem> {
    let Call::Write(items) = &attempt.call else { return None };
    items.iter().find(|item| item.resource == *resource)
}

/// A path that an accepted write did not leave as it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dropped {
    pub(crate) path: Pointer,
    /// What stood there before the write.
    pub(crate) before: Option<Value>,
    /// What the write says.
    pub(crate) sent: Option<Value>,
    /// What stands there after it.
    pub(crate) stands: Option<Value>,
}

impl Dropped {
    /// What the write came to at this path.
    pub(crate) fn made(&self) -> Change {
        Change { path: self.path.clone(), before: self.before.clone(), after: self.stands.clone() }
    }

    /// The sides, for the person who decides.
    pub(crate) fn note(&self) -> ConflictNote {
        ConflictNote {
            path: self.path.clone(),
            base: self.before.clone(),
            local: self.sent.clone(),
            remote: self.stands.clone(),
            remote_writer: None,
            stretches: Vec::new(),
            seen: value_digest(self.stands.as_ref()),
            candidates: Vec::new(),
        }
    }
}

/// What a write changes of a record.
fn wrote(spec: &KindSpec, from: &Value, to: &Value) -> Vec<Change> {
    // What names a record cannot be changed, and the target may spell it as it likes.
    diff_members(&spec.schema, from, to, |field| spec.writable.contains(&field))
}

/// The paths that a representation does not hold as a write from one value to another says.
pub(crate) fn dropped(dialect: &dyn Dialect, spec: &KindSpec, from: &Value, to: &Value, shown: &Value) -> Vec<Dropped> {
    let missing = wrote(spec, from, to).into_iter().filter_map(|change| {
        let stands = get(&spec.schema, shown, &change.path).cloned();
        let holds = holds(dialect, change.after.as_ref(), stands.as_ref());
        (!holds).then_some(Dropped { path: change.path, before: change.before, sent: change.after, stands })
    });
    missing.collect()
}

/// The top-level fields that a write changes.
pub(crate) fn fields(spec: &KindSpec, item: &WriteItem) -> BTreeSet<String> {
    let changes = wrote(spec, &item.from, &item.to);
    changes.iter().filter_map(|change| change.path.segments().next().map(|field| field.into_owned())).collect()
}

/// The paths at which two representations of one version contradict each other.
pub(crate) fn contradictions(dialect: &dyn Dialect, spec: &KindSpec, one: &Value, other: &Value) -> Vec<Pointer> {
    let mut changes = wrote(spec, one, other);
    changes.retain(|change| !holds(dialect, change.before.as_ref(), change.after.as_ref()));
    changes.into_iter().map(|change| change.path).collect()
}

/// Whether a share contributes to what was dropped.
pub(crate) fn touches(share: &Share, path: &Pointer) -> bool {
    share.changes.iter().any(|change| change.path.overlaps(path))
}

/// Whether what stands is what was sent, however the target spells it: it may add members of its own, and clear a field
/// to a value that means nothing.
fn holds(dialect: &dyn Dialect, sent: Option<&Value>, stands: Option<&Value>) -> bool {
    match (sent, stands) {
        (Some(Value::Object(sent)), Some(Value::Object(stands))) => {
            sent.iter().all(|(name, value)| holds(dialect, Some(value), stands.get(name)))
        }
        (Some(sent), Some(stands)) if dialect.alike(sent, stands) => true,
        (sent, stands) => is_nothing(sent) && is_nothing(stands),
    }
}

fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

/// Paths, for a sentence.
pub(crate) fn said<'a>(paths: impl IntoIterator<Item = &'a Pointer>) -> String {
    paths.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
