//! What each source really saw before it spoke. The engine never sees this.

use ifmatch_core::{AttemptId, Change, IntentId, Ticket, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The truth about the intents of a run.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// What each source believes of each record, its own words included, by source and path.
    pub minds: BTreeMap<(String, String), Arc<Value>>,
    /// What each source last saw of each record.
    pub seen: BTreeMap<(String, String), Arc<Value>>,
    /// The version of each record that each source was last shown through the gateway.
    pub shown: BTreeMap<(String, String), u64>,
    /// What was told of each intent that was accepted.
    pub told: BTreeMap<IntentId, Told>,
    /// From when on each withdrawn intent was told as such, by the clock of the target.
    pub withdrawn: BTreeMap<IntentId, Timestamp>,
    /// When each write last left, by the clock of the target.
    pub left: BTreeMap<AttemptId, Timestamp>,
    /// What became of each recording export that a source asked for.
    pub exports: BTreeMap<Ticket, Export>,
    /// What a person gave up of an intent: the target's value stays at these paths.
    pub given_up: BTreeSet<(IntentId, String)>,
    /// The values that a person saw in the target when they decided an intent, by path.
    pub decided: BTreeMap<IntentId, Vec<(String, Option<Value>)>>,
}

/// What the source of a recording export was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Nothing yet.
    Open,
    /// The target's answer, by its status.
    Answered(u16),
    /// That there is none.
    Failed,
    /// Nothing any more: the process ended.
    Cut,
}

/// The truth about one intent.
#[derive(Debug, Clone)]
pub struct Told {
    /// The source.
    pub source: String,
    /// The record as its source last saw it, as far as it did.
    pub saw: Arc<Value>,
    /// The version of the record that its source last saw, if it ever did, whatever the intent says of that.
    pub sight: Option<u64>,
    /// The version of the record that its source was last shown through the gateway.
    pub shown: Option<u64>,
    /// The record as its source believed it to be: what it saw, with its own words since.
    pub believed: Arc<Value>,
    /// Whether a policy other than review was named for it.
    pub policy: bool,
    /// Whether it names a base that the engine can know, so that a review needs a true overlap.
    pub based: bool,
    /// What its source sent.
    pub change: Change,
}

impl Truth {
    /// A source saw a record: from here on it believes that.
    pub fn sees(&mut self, source: String, path: String, record: Value) {
        let record = Arc::new(record);
        self.seen.insert((source.clone(), path.clone()), Arc::clone(&record));
        self.minds.insert((source, path), record);
    }
}
