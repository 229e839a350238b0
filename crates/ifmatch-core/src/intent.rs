//! What a source asks for: one desired change to one resource, or one operation.
//!
//! The JSON shape is fixed; see [`Intent`]. Reading it is strict: an unknown field, a missing one
//! or two where one belongs is refused with the field named.

use crate::ids::{IntentId, OrgName};
use ifmatch_merge::Policies;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// One desired change, as accepted from a source.
///
/// Shape:
/// ```json
/// { "idempotency_key": "servicenow:9f1c:7",
///   "resource": { "org": "acme", "kind": "quality-score", "id": "qs-118" },
///   "change":   { "merge_patch": { "score": 85 } },
///   "base":     { "version": 12 },
///   "on_conflict": { "/score": "review", "/comments": "append" },
///   "class": "normal", "not_before": null, "deadline": "2026-03-30T05:00:00Z",
///   "origin": { "system": "servicenow", "record": "9f1c", "sequence": 7 } }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The sender's name for this intent, unique within the source; kept 30 days. The same key
    /// with the same content answers with the first intent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The record that is meant.
    pub resource: Resource,
    /// What shall become of it.
    pub change: Change,
    /// What the sender says it started from: a hint, not a proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseHint>,
    /// Policies on a true conflict, by JSON Pointer. They go before those of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_conflict: Option<Policies>,
    /// How urgent it is.
    #[serde(default)]
    pub class: Urgency,
    /// Nothing is sent before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// After this instant the change is worth nothing: it ends `expired` unless it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Where it comes from in the sender's own terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The sender's name for a pair: two intents of one source with the same name land both or not at all. 1 to 255 bytes;
    /// each names another record by its id, and changes fields of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
}

/// Names a record of the target, by exactly one of `id`, `key` and `external`.
///
/// Shape: `{"org": "acme", "kind": "quality-score", "id": "qs-118"}`, or with
/// `"key": {"agent_email": …}`, or with `"external": {"system": "servicenow", "id": "9f1c"}`.
///
/// Its parts are shared: a lane, its members, their rows and their writes all name the same record.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "ResourceShape", into = "ResourceShape")]
pub struct Resource(Arc<ResourceParts>);

/// The parts of a [`Resource`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceParts {
    /// The org that holds the record.
    pub org: OrgName,
    /// The kind, as the dialect names it.
    pub kind: String,
    /// Which record.
    pub name: Name,
}

impl Deref for Resource {
    type Target = ResourceParts;

    fn deref(&self) -> &ResourceParts {
        &self.0
    }
}

impl Ord for Resource {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for Resource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Resource {
    /// Names a record.
    #[must_use]
    pub fn new(org: &OrgName, kind: &str, name: Name) -> Self {
        Self(Arc::new(ResourceParts { org: org.clone(), kind: kind.to_owned(), name }))
    }

    /// Names a record by the target's own id.
    #[must_use]
    pub fn by_id(org: &OrgName, kind: &str, id: &str) -> Self {
        Self::new(org, kind, Name::Id(id.to_owned()))
    }

    /// The record of the same kind and name in another org.
    #[must_use]
    pub fn in_org(&self, org: &OrgName) -> Self {
        Self::new(org, &self.kind, self.name.clone())
    }

    /// The target's id, where the name is one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match &self.name {
            Name::Id(id) => Some(id),
            Name::Key(_) | Name::External { .. } => None,
        }
    }

    /// A text that names the record within its org: `quality-score/id/qs-118`. Stores key by it.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.name {
            Name::Id(id) => format!("{}/id/{id}", self.kind),
            Name::Key(key) => format!("{}/key/{key}", self.kind),
            Name::External { system, id } => format!("{}/external/{system}/{id}", self.kind),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Name::Id(id) => write!(f, "{} {id}", self.kind),
            Name::Key(key) => write!(f, "{} with key {key}", self.kind),
            Name::External { system, id } => write!(f, "{} known to {system} as {id}", self.kind),
        }
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// How a resource is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// By the target's id.
    Id(String),
    /// By the natural key of its kind, as canonical JSON.
    Key(String),
    /// By an id of a foreign system.
    External {
        /// The foreign system.
        system: String,
        /// Its id for the record.
        id: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceShape {
    org: OrgName,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external: Option<ExternalShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalShape {
    system: String,
    id: String,
}

impl TryFrom<ResourceShape> for Resource {
    type Error = String;

    fn try_from(shape: ResourceShape) -> Result<Self, Self::Error> {
        let name = match (shape.id, shape.key, shape.external) {
            (Some(id), None, None) if !id.is_empty() => Name::Id(id),
            (None, Some(key @ Value::Object(_)), None) => Name::Key(crate::hash::canonical_json(&key)),
            (None, Some(_), None) => return Err("`key` must be an object of the natural key's fields".to_owned()),
            (None, None, Some(ExternalShape { system, id })) if !system.is_empty() && !id.is_empty() => {
                Name::External { system, id }
            }
            _ => return Err("name the record by exactly one of `id`, `key` and `external`, not empty".to_owned()),
        };
        Ok(Self(Arc::new(ResourceParts { org: shape.org, kind: shape.kind, name })))
    }
}

impl From<Resource> for ResourceShape {
    fn from(resource: Resource) -> Self {
        let ResourceParts { org, kind, name } = Arc::unwrap_or_clone(resource.0);
        let (mut id, mut key, mut external) = (None, None, None);
        match name {
            Name::Id(text) => id = Some(text),
            Name::Key(text) => key = Some(serde_json::from_str(&text).unwrap_or(Value::String(text))),
            Name::External { system, id } => external = Some(ExternalShape { system, id }),
        }
        Self { org, kind, id, key, external }
    }
}

/// What shall become of a resource; exactly one of these members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// These fields get these values (RFC 7396).
    MergePatch(Value),
    /// These operations in this order (RFC 6902).
    JsonPatch(Value),
    /// The whole record shall look like this: compared with what this source said before.
    Desired(Value),
    /// A record like this shall exist; an existing equal one satisfies it.
    Create(Value),
    /// The record shall be gone. The value is `true`.
    Delete(bool),
    /// Something to do with the record as it is then.
    Verb(Verb),
    /// Something the target does, such as a publish.
    Operation(Operation),
    /// What another intent wrote is taken back. Made by [`crate::undo()`], never sent by a source.
    Undo(Undo),
}

/// What an intent wrote, the other way round: `{"intent": "int_…", "changes": [{"path": "/score", "before": 85, "after":
/// 80}]}`. `before` is what that intent wrote and must still stand, `after` what stood there before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// The intent whose changes are taken back.
    pub intent: IntentId,
    /// Path by path; never empty.
    pub changes: Vec<ifmatch_merge::Change>,
    /// The version at which a path was written, where that is another one than the base names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub since: BTreeMap<ifmatch_merge::Pointer, u64>,
    /// What takes back the other half, where the intent was half of a pair that landed: the two are a pair as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also: Option<Box<Intent>>,
}

/// Something to do with a record as it is when the turn comes: `{"name": "move-shift", "args":
/// {"shift_id": "…", "minutes": -30}}`. The dialect knows the names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verb {
    /// The verb.
    pub name: String,
    /// Its arguments, an object.
    #[serde(default)]
    pub args: Value,
}

/// An operation of the target: `{"name": "publish", "revision": 7}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The operation.
    pub name: String,
    /// The revision that must be covered; by default the one current when the turn comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// What a sender says it started from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseHint {
    /// The version it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The fields as it saw them, where it can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// Where an intent comes from in the sender's own terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The system.
    pub system: String,
    /// Its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The order of changes to that record, growing; gaps are never waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
}

/// How urgent an intent is; more urgent ones are sent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// A person waits for it.
    Interactive,
    /// The usual.
    #[default]
    Normal,
    /// Imports and other mass work.
    Bulk,
}

/// An intent that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct IntentError {
    /// Stable code, the `code` of the problem that the sender gets.
    pub code: &'static str,
    /// JSON Pointer of the field at fault; empty for the whole.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub reason: String,
}

impl IntentError {
    /// An error with its field and reason.
    pub fn new(code: &'static str, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { code, field: field.into(), reason: reason.into() }
    }
}

impl Intent {
    /// A wish of ordinary urgency with nothing beside it: no key, no base, no times, no origin.
    #[must_use]
    pub fn new(resource: Resource, change: Change) -> Self {
        Self {
            idempotency_key: None,
            resource,
            change,
            base: None,
            on_conflict: None,
            class: Urgency::Normal,
            not_before: None,
            deadline: None,
            origin: None,
            pair: None,
        }
    }

    /// The digest of what the intent asks for, its key left out: two intents with one key must
    /// agree in it.
    #[must_use]
    pub fn content(&self) -> crate::Digest {
        let mut keyless = serde_json::to_value(self).expect("an intent is JSON");
        if let Some(members) = keyless.as_object_mut() {
            members.remove("idempotency_key");
        }
        crate::content_digest(&keyless)
    }

    /// The shape rules that need no dialect: patches are objects or lists, `delete` is true.
    ///
    /// # Errors
    /// The field at fault and why; the sender mends it and sends again.
    pub fn check(&self) -> Result<(), IntentError> {
        let fail = |field: &str, reason: &str| Err(IntentError::new("invalid_intent", field, reason));
        match &self.change {
            Change::MergePatch(patch) if !patch.is_object() => fail("/change/merge_patch", "must be an object"),
            Change::JsonPatch(patch) if !patch.is_array() => fail("/change/json_patch", "must be a list of operations"),
            Change::Desired(value) if !value.is_object() => fail("/change/desired", "must be an object"),
            Change::Create(value) if !value.is_object() => fail("/change/create", "must be an object"),
            Change::Delete(false) => fail("/change/delete", "must be true"),
            Change::Verb(verb) if !(verb.args.is_object() || verb.args.is_null()) => {
                fail("/change/verb/args", "must be an object")
            }
            _ if self.idempotency_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 255) => {
                fail("/idempotency_key", "must have 1 to 255 bytes")
            }
            _ if self.pair.as_ref().is_some_and(|pair| pair.is_empty() || pair.len() > 255) => {
                fail("/pair", "must have 1 to 255 bytes")
            }
            Change::Create(_) | Change::Delete(_) | Change::Operation(_) | Change::Desired(_)
                if self.pair.is_some() =>
            {
                fail("/pair", "half of a pair says what it changes: merge_patch, json_patch or verb")
            }
            _ if self.pair.is_some() && self.resource.id().is_none() => {
                fail("/resource", "half of a pair names its record by id")
            }
            _ => Ok(()),
        }
    }

    /// The policy for a true conflict at a path: the intent's own, else the source's, else review.
    #[must_use]
    pub fn policies(&self, source: &Policies) -> Policies {
        match &self.on_conflict {
            None => source.clone(),
            Some(own) => own.clone().over(source),
        }
    }

    /// Whether it asks for an operation of the target rather than for a value.
    #[must_use]
    pub fn operation(&self) -> Option<&Operation> {
        match &self.change {
            Change::Operation(operation) => Some(operation),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
