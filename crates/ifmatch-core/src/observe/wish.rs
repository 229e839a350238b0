//! What a client asked for: one wish, however often it is sent.

use crate::dialect::KindSpec;
use crate::hash::{Digest, canonical_json};
use crate::intent::Change;
use ifmatch_merge::{Change as Leaf, apply, json_patch, patch_paths};
use jiff::Timestamp;
use serde_json::{Value, json};

/// How a body means what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// The whole record.
    Whole,
    /// A record that shall exist.
    Create,
    /// These fields (RFC 7396).
    Patch,
    /// These operations (RFC 6902).
    Steps,
}

/// How the last sending of a wish ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// The target took it.
    Taken,
    /// Refused as a conflict.
    Conflict,
    /// Refused for another reason.
    Refused,
    /// No answer came, or one that leaves it open.
    Silent,
}

/// One wish of a client for one record.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// What makes it the same wish again: its content without the version.
    pub(super) print: Digest,
    pub(super) shape: Shape,
    /// The body, stamps included.
    pub(super) doc: Value,
    /// When it was first sent, in the order of exchanges.
    pub(super) began: u64,
    /// When its last sending ended.
    pub(super) ended: u64,
    /// The same by the clock.
    pub(super) at: Timestamp,
    /// The version that its first sending named.
    pub(super) first_named: Option<u64>,
    /// The version that its last sending named.
    pub(super) named: Option<u64>,
    pub(super) last: Last,
    /// Refused as a conflict, and not known yet whether it would have merged.
    pub(super) undecided: u64,
}

impl Wish {
    /// Shape and body of a change; `None` for deeds, which say nothing of values.
    pub(super) fn of(change: Change) -> Option<(Shape, Value)> {
        match change {
            Change::Desired(doc) => Some((Shape::Whole, doc)),
            Change::Create(doc) => Some((Shape::Create, doc)),
            Change::MergePatch(patch) => Some((Shape::Patch, patch)),
            Change::JsonPatch(steps) => Some((Shape::Steps, steps)),
            Change::Delete(_) | Change::Verb(_) | Change::Operation(_) | Change::Undo(_) => None,
        }
    }

    /// What makes a body the same wish again. A record that is first created and then written as a whole is one.
    pub(super) fn print(spec: &KindSpec, shape: Shape, doc: &Value) -> Digest {
        let form = match shape {
            Shape::Whole | Shape::Create => "whole",
            Shape::Patch => "patch",
            Shape::Steps => "steps",
        };
        let said: Value = match (shape, doc) {
            (Shape::Steps, steps) => steps.clone(),
            (_, Value::Object(members)) => {
                let mine = |(name, _): &(&String, &Value)| spec.writable.contains(name);
                members.iter().filter(mine).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            _ => Value::Null,
        };
        Digest::of(canonical_json(&json!([form, said])).as_bytes())
    }

    /// The leaves that it sets, by address; of a whole record its fields.
    pub(super) fn spoken(&self, spec: &KindSpec, remote: &Value) -> Vec<Leaf> {
        let said = spec.writable_part(&self.doc);
        match self.shape {
            Shape::Whole | Shape::Create => said
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| Leaf {
                    path: ifmatch_merge::Pointer::from_segments([name]),
                    before: None,
                    after: Some(value.clone()),
                })
                .collect(),
            Shape::Patch => patch_paths(&spec.schema, &said),
            Shape::Steps => match json_patch(remote, &self.doc) {
                Ok(patched) => {
                    ifmatch_merge::diff(&spec.schema, &spec.writable_part(remote), &spec.writable_part(&patched))
                }
                Err(_) => Vec::new(),
            },
        }
    }

    /// The writable part of a record after it.
    pub(super) fn carried_out(&self, spec: &KindSpec, remote: &Value) -> Value {
        apply(&spec.schema, &spec.writable_part(remote), &self.spoken(spec, remote))
    }
}
