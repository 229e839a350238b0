//! What each source really saw before it spoke. The engine never sees this.

use ifmatch_core::IntentId;
use serde_json::Value;
use std::collections::BTreeMap;

/// The truth about the intents of a run.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// What each source has in mind of each record, by source and path.
    pub minds: BTreeMap<(String, String), Value>,
    /// What was told of each intent that was accepted.
    pub told: BTreeMap<IntentId, Told>,
}

/// The truth about one intent.
#[derive(Debug, Clone)]
pub struct Told {
    /// The source.
    pub source: String,
    /// The record as its source saw it, as far as it did.
    pub saw: Value,
    /// Whether a policy other than review was named for it.
    pub policy: bool,
    /// Whether it names a base that the engine can know, so that a review needs a true overlap.
    pub based: bool,
}

impl Truth {
    /// Whether a source saw this value at a top-level field.
    #[must_use]
    pub fn saw(&self, intent: IntentId, field: &str, value: Option<&Value>) -> bool {
        self.told.get(&intent).is_some_and(|told| told.saw.get(field) == value)
    }
}
