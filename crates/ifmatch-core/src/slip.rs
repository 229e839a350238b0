//! A write that a target let through although others had written since the version that it names.
//!
//! A target that ignores versions gives no refusal to learn from, but one that counts them tells afterwards: a write made
//! from version 14 that leads to version 16 was let through over one write of somebody else. What that one wrote is in
//! the representation just before ours, where the target keeps it. From there everything is as if the target had
//! refused: that representation is the remote side, and the intents are merged with it again.
//!
//! Pure: values in, values out. The engine's part is `engine/turn/slipped.rs`.

use crate::commit::Share;
use crate::dialect::{Dialect, KindSpec, alike};
use crate::ids::{AttemptId, IntentId};
use crate::shadow::Snapshot;
use ifmatch_merge::{Change, Pointer, Schema, apply, get, present};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The code of an intent whose write stands over what somebody else wrote, until a person decides.
pub(crate) const REVIEW: &str = "review/overwritten";

/// A write of ours that was let through over others', while what they wrote is looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slip {
    /// The attempt.
    pub attempt: AttemptId,
    /// The version that it names.
    pub from: u64,
    /// The version that it led to; the newest possible one where `exact` says that nobody knows.
    pub to: u64,
    /// Whether the target's answer told that version, rather than a later read.
    pub exact: bool,
    /// Where versions are times: how many between were seen or announced. They leave room for any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<u64>,
    /// The record at `from`.
    pub base: Arc<Value>,
    /// The record as our write left it.
    pub result: Snapshot,
    /// What it changed of that, all in all.
    pub wrote: Vec<Change>,
    /// What the intents that it landed contributed.
    pub shares: Vec<Share>,
    /// Intents on whose account an earlier repair was made, where this write was one.
    pub intents: Vec<IntentId>,
    /// How many repairs led to it.
    pub repairs: u32,
}

impl Slip {
    /// How many writes of others there may have been: as many as the versions leave room for, or as many as are known.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.between.unwrap_or(self.to.saturating_sub(self.from + 1))
    }

    /// Whether a representation shows anything, or all, of what the write changed.
    pub(crate) fn stands_in(&self, dialect: &dyn Dialect, schema: &Schema, value: &Value) -> (bool, bool) {
        let mut stands =
            self.wrote.iter().map(|change| alike(dialect, get(schema, value, &change.path), change.after.as_ref()));
        let any = stands.clone().any(|stands| stands);
        (any, stands.all(|stands| stands))
    }

    /// What is told of it where nobody wants it looked into.
    pub(crate) fn untold(&self) -> Overwrote {
        Overwrote { from: self.from, version: self.to, others: self.others(), known: false, paths: Vec::new() }
    }

    /// What it overwrote, where the representation just before it is known. `before` is what the others wrote, `after`
    /// what stands there now.
    pub(crate) fn overwritten(&self, dialect: &dyn Dialect, spec: &KindSpec, foreign: &Value) -> Vec<Change> {
        let theirs = spec.writable_diff(&self.base, foreign);
        let now = |path: &Pointer| get(&spec.schema, &self.result.value, path);
        let lost = theirs.into_iter().filter(|change| !alike(dialect, now(&change.path), change.after.as_ref()));
        lost.map(|change| Change { before: change.after, after: now(&change.path).cloned(), path: change.path })
            .collect()
    }

    /// Everything that it changed in the representation just before it, the other way round: applied, the record is
    /// what it would be had the target refused. What a later read shows otherwise than our write left it came after; what the
    /// answer itself shows so is what the target made of our write.
    pub(crate) fn taken_back(&self, dialect: &dyn Dialect, spec: &KindSpec, foreign: &Value) -> Vec<Change> {
        let left = apply(&spec.schema, &self.base, &self.wrote);
        let ours = |change: &Change| {
            let [said, stands] = [&left, &self.result.value].map(|value| get(&spec.schema, value, &change.path));
            self.exact || alike(dialect, said, stands)
        };
        let mut changes = spec.writable_diff(&self.result.value, foreign);
        changes.retain(ours);
        changes
    }
}

/// What a write of ours took from others, and the next one puts back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Owed {
    /// Path by path: `before` is what our write left there, `after` what is put back. One that moved since is left alone.
    pub changes: Vec<Change>,
    /// Who wrote it, as far as the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The intents whose write took it.
    pub intents: Vec<IntentId>,
    /// How many repairs in a row this one makes, from 1.
    pub repairs: u32,
    /// How often a write that puts it back was planned.
    #[serde(default)]
    pub tries: u32,
}

impl Owed {
    /// What a record would be had the overwriting write been refused; `None` where nothing is left to put back.
    pub(crate) fn restored(&self, dialect: &dyn Dialect, schema: &Schema, found: &Snapshot) -> Option<Snapshot> {
        let stands = |change: &&Change| alike(dialect, get(schema, &found.value, &change.path), change.before.as_ref());
        let due: Vec<Change> = self.changes.iter().filter(stands).cloned().collect();
        if due.is_empty() {
            return None;
        }
        let value = apply(schema, &found.value, &due).into();
        Some(Snapshot { value, writer: self.by.clone(), ..found.clone() })
    }
}

/// What a write of an intent was let through over. Kept with the intent as evidence.
///
/// Shape: `{"from": 14, "version": 16, "others": 1, "known": true, "paths": [{"path": "/score", "value": 90, "by":
/// "reviewer"}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overwrote {
    /// The version that the write names.
    pub from: u64,
    /// The version that it led to.
    pub version: u64,
    /// How many writes of others the versions leave room for, at most.
    pub others: u64,
    /// Whether the target could tell what they wrote.
    pub known: bool,
    /// What of that our write overwrote; says nothing where it is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Overwritten>,
}

/// A value that a write of ours overwrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overwritten {
    /// Where.
    pub path: Pointer,
    /// What somebody else had written; absent where they had removed it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Value>,
    /// Who, as far as the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}
