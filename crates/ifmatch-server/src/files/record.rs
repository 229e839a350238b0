//! What is kept of a source's files in the store: facts apart from those of the engine.

use ifmatch_core::{Commit, CommitId, Op, SourceName, Timestamp};
use ifmatch_sources::files::{Census, FileId, Outcome};
use ifmatch_store::APART;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The keys of a source's facts.
#[derive(Debug, Clone)]
pub(crate) struct Keys(String);

impl Keys {
    pub(crate) fn of(source: &SourceName) -> Self {
        Self(format!("{APART}files/{source}/"))
    }

    /// Below it: a record for each file.
    pub(crate) fn files(&self) -> String {
        format!("{}file/", self.0)
    }

    pub(crate) fn file(&self, id: &FileId) -> String {
        format!("{}file/{id}", self.0)
    }

    /// Below it: files that were sent or released and are not in work yet, in their order.
    pub(crate) fn todo(&self) -> String {
        format!("{}todo/", self.0)
    }

    /// Where one of them stands, by the time at which it was sent or released.
    pub(crate) fn todo_of(&self, at: Timestamp, id: &FileId) -> String {
        format!("{}{:015}-{id}", self.todo(), at.as_millisecond())
    }

    /// Below it: what was said of each record of a scope.
    pub(crate) fn said(&self, scope: &str) -> String {
        format!("{}said/{scope}/", self.0)
    }

    /// Below it: the scopes of which anything was said.
    pub(crate) fn scopes(&self) -> String {
        format!("{}scope/", self.0)
    }

    /// The last number that a file got.
    pub(crate) fn last(&self) -> String {
        format!("{}last", self.0)
    }
}

/// How a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// It was sent and waits for its turn.
    Received,
    /// It is looked at.
    Taken,
    /// Its rows are carried.
    Carrying,
    /// A person must let it go.
    Held,
    /// A person did.
    Released,
    /// Every row is accounted for.
    Done,
    /// It cannot be read or used.
    Refused,
}

/// What is to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    Events,
    State,
    /// Its state becomes what was said; nothing is sent.
    Adopt,
}

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::State => "state",
            Self::Adopt => "adopt",
        }
    }
}

/// A person's word about a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Word {
    pub(crate) by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) at: Timestamp,
}

/// What is known of a file.
///
/// Shape: `{"id", "name", "sha256", "bytes", "mode", "state": "done", "order": 7, "rows": 300, "totals": {"accepted": 12, …},
/// "taken_at": "…", "ended_at": "…", "lies": "week.ndjson"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) id: FileId,
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) mode: Mode,
    pub(crate) state: Standing,
    /// Its place among the files of its source, from 1; 0 before it was taken.
    pub(crate) order: u64,
    pub(crate) taken_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<Timestamp>,
    /// Why it is held or refused, or what is to be known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) totals: BTreeMap<Outcome, u64>,
    /// What a whole state comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) census: Option<Census>,
    /// Its name where it rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lies: Option<String>,
    /// Whether it is still to be moved there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) moving: bool,
    /// Who let it go, or adopted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) word: Option<Word>,
    /// Whether an adoption takes the place of what was said before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) replace: bool,
    /// Whether an adoption is compared with what the target holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) compare: bool,
    /// How often the same file came again.
    #[serde(default)]
    pub(crate) repeats: u32,
}

impl FileRecord {
    /// Which taking of the file it is: what was said under it is its own.
    pub(crate) fn run(&self) -> String {
        format!("{}#{}", self.id, self.order)
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, Standing::Held | Standing::Done | Standing::Refused) && !self.moving
    }

    /// The operation that keeps it.
    pub(crate) fn kept(&self, keys: &Keys) -> Op {
        keep(keys.file(&self.id), Some(to_value(self)))
    }
}

/// A file that waits for its turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Todo {
    pub(crate) name: String,
    /// Where it lies: `sent/<id>` or `held/<name>`.
    pub(crate) lies: String,
    pub(crate) is_held: bool,
}

/// The last file that said anything about a scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scope {
    pub(crate) order: u64,
    pub(crate) file: String,
}

pub(crate) fn keep(key: String, value: Option<Value>) -> Op {
    Op::Keep { key, value }
}

pub(crate) fn to_value(fact: &impl Serialize) -> Value {
    serde_json::to_value(fact).expect("a fact is JSON")
}

/// Operations outside the engine; nobody waits for the number.
pub(crate) fn commit(ops: Vec<Op>) -> Commit {
    Commit { id: CommitId(0), ops }
}
