//! What is kept of an import in the store: a fact apart from those of the engine.

use crate::files::{keep, to_value};
use ifmatch_core::{Op, SourceName, Timestamp};
use ifmatch_sources::migration::{Checked, Kind, Plan, Verdict};
use ifmatch_store::APART;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The keys of imports.
pub(crate) struct Keys;

impl Keys {
    /// Below it: a record for each import.
    pub(crate) fn all() -> String {
        format!("{APART}import/")
    }

    pub(crate) fn of(id: &str) -> String {
        format!("{}{id}", Self::all())
    }
}

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// There is a plan, and nothing was submitted.
    Planned,
    /// Its rows are submitted and waited for.
    Applying,
    /// Every row that was submitted has settled or waits for a person.
    Done,
    /// Its plan or its journal is not what was written, or the target refused the first rows alike.
    Stopped,
}

/// What is known of an import.
///
/// Shape: `{"id": "imp_9f1c…", "source": "script", "kind": "zendesk-shift-trades", "file": "trades.csv", "sha256": "…", "target":
/// "checked", "state": "applying", "planned": {"create": 365, …}, "created_at": "…", "applied_at": "…", "applied_by": "script"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ImportRecord {
    pub(crate) id: String,
    /// Who sent the file: its rows are submitted under this name.
    pub(crate) source: SourceName,
    pub(crate) kind: Kind,
    pub(crate) file: String,
    /// SHA-256 of the file's bytes.
    pub(crate) sha256: String,
    pub(crate) target: Checked,
    pub(crate) state: Standing,
    /// Rows of the plan by verdict.
    pub(crate) planned: BTreeMap<Verdict, usize>,
    pub(crate) created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) applied_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) applied_by: Option<SourceName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<Timestamp>,
    /// Whether its rows are submitted whatever becomes of the first ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) goes_on: bool,
    /// Why it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl ImportRecord {
    /// The record of a plan that was just made.
    pub(crate) fn of(id: String, source: SourceName, plan: &Plan, at: Timestamp) -> Self {
        Self {
            id,
            source,
            kind: plan.kind,
            file: plan.file.clone(),
            sha256: plan.sha256.clone(),
            target: plan.target,
            state: Standing::Planned,
            planned: plan.totals.clone(),
            created_at: at,
            applied_at: None,
            applied_by: None,
            ended_at: None,
            goes_on: false,
            reason: None,
        }
    }

    pub(crate) fn is_applying(&self) -> bool {
        self.state == Standing::Applying
    }

    /// Somebody wants it carried out; with `goes_on`, whatever becomes of the first rows.
    pub(crate) fn apply(&mut self, by: SourceName, at: Timestamp, goes_on: bool) {
        self.goes_on = goes_on;
        (self.state, self.applied_at, self.applied_by) = (Standing::Applying, Some(at), Some(by));
        (self.ended_at, self.reason) = (None, None);
    }

    /// Nothing more is to be done for it.
    pub(crate) fn end(&mut self, at: Timestamp) {
        (self.state, self.ended_at) = (Standing::Done, Some(at));
    }

    /// It cannot be gone on with.
    pub(crate) fn stop(&mut self, at: Timestamp, reason: String) {
        (self.state, self.ended_at, self.reason) = (Standing::Stopped, Some(at), Some(reason));
    }

    /// The operation that keeps it.
    pub(crate) fn kept(&self) -> Op {
        keep(Keys::of(&self.id), Some(to_value(self)))
    }
}
