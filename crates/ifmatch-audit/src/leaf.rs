//! One entry of the log and its canonical bytes.

use crate::body::Body;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One decision, mostly about one intent.
///
/// Shape: `{"at":"2026-03-30T05:00:00Z","body":{…},"index":17,"kind":"transition","org":"acme"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf<B = Value> {
    /// When it was decided.
    pub at: Timestamp,
    /// The decision itself; its members depend on the kind. A reader that wants few of them names a type that has only
    /// those.
    pub body: B,
    /// Its place in the log of its org, from 0.
    pub index: u64,
    /// What kind of decision.
    pub kind: Kind,
    /// The org.
    pub org: String,
}

/// The kinds of leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An intent was accepted.
    Intake,
    /// An intent went from one state to another.
    Transition,
    /// Somebody decided about something that is no intent.
    Note,
}

impl Kind {
    /// The name as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Transition => "transition",
            Self::Note => "note",
        }
    }
}

/// A text that is no leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a leaf of the audit log: {0}")]
pub struct LeafError(String);

impl Leaf {
    /// The leaf in canonical form: JSON without spaces, the members of every object sorted by
    /// name. These bytes are what is hashed, stored and exported.
    #[must_use]
    pub fn canonical(&self) -> String {
        let body = Body::from(self.body.clone());
        Leaf { at: self.at, body: &body, index: self.index, kind: self.kind, org: self.org.clone() }.written()
    }
}

impl Leaf<&Body> {
    pub(crate) fn written(&self) -> String {
        let mut out = String::with_capacity(128 + self.body.0.len());
        out.push_str("{\"at\":\"");
        out.push_str(&self.at.to_string());
        out.push_str("\",\"body\":");
        out.push_str(&self.body.0);
        out.push_str(",\"index\":");
        out.push_str(&self.index.to_string());
        out.push_str(",\"kind\":\"");
        out.push_str(self.kind.as_str());
        out.push_str("\",\"org\":");
        write_text(&self.org, &mut out);
        out.push('}');
        out
    }
}

impl<B: DeserializeOwned> Leaf<B> {
    /// Reads a leaf from its bytes.
    ///
    /// # Errors
    /// The bytes are no leaf: they were not written by this log.
    pub fn parse(text: &str) -> Result<Self, LeafError> {
        serde_json::from_str(text).map_err(|error| LeafError(error.to_string()))
    }
}

/// Sorts by itself: the order of a [`Value`]'s members depends on how serde_json was built.
pub(crate) fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write_sorted(member, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_sorted(item, out);
            }
            out.push(']');
        }
        Value::String(text) => write_text(text, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

pub(crate) fn write_text(text: &str, out: &mut String) {
    // No early way out: looking at all of it at once is quicker than stopping at the first one.
    let escapes = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | escapes(byte)) {
        return out.push_str(&serde_json::to_string(text).expect("a text is JSON"));
    }
    // Nothing to escape, as nearly always.
    out.push('"');
    out.push_str(text);
    out.push('"');
}
