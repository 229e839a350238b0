//! The plan: what shall become of each row of a file. It is written before anything else is, for a person to read.

use super::{Forecast, Kind};
use ifmatch_core::{Intent, OrgName, Resource, Timestamp, content_digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A file, planned.
///
/// Shape: `{"file": "trades.csv", "sha256": "9f1c…", "kind": "zendesk-shift-trades", "org": "acme", "target": "checked", "rows":
/// [row, …], "totals": {"create": 365, …}, "forecast": {…}}`. The totals are over all verdicts and sum to the number of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The file's path as it was given.
    pub file: String,
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// What the file is.
    pub kind: Kind,
    /// The org that the rows belong to. Absent where nobody named one: then that of the gateway that applies the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgName>,
    /// Whether the target was asked.
    pub target: Checked,
    /// One per data row, in their order.
    pub rows: Vec<PlanRow>,
    /// Rows by verdict; every verdict is there.
    pub totals: BTreeMap<Verdict, usize>,
    /// What applying it will take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
}

/// Whether a plan knows what the target holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// The target was asked.
    Checked,
    /// The file alone was read.
    Unchecked,
}

/// What shall become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A record shall exist.
    Create,
    /// A record that exists shall change.
    Update,
    /// There is nothing to land.
    Equal,
    /// Another row says the same.
    Duplicate,
    /// The source has not settled it.
    Hold,
    /// A person must decide.
    Review,
    /// It makes no sense; the source must mend it.
    Reject,
}

impl Verdict {
    /// Every verdict, in the order of reports.
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Update, Self::Equal, Self::Duplicate, Self::Hold, Self::Review, Self::Reject];

    /// The word in plans.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Equal => "equal",
            Self::Duplicate => "duplicate",
            Self::Hold => "hold",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }

    /// Whether the row is submitted when the plan is applied.
    #[must_use]
    pub fn is_applied(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }

    /// Whether somebody must do something about the row first.
    #[must_use]
    pub fn needs_person(self) -> bool {
        matches!(self, Self::Hold | Self::Review | Self::Reject)
    }
}

/// One data row, planned.
///
/// Shape: `{"row": 12, "source_id": "SWP-202610-0012", "verdict": "create", "code": null, "reason": "a trade in status approved",
/// "resource": {…}, "intent": {…}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    /// Its place among the data rows, from 1.
    pub row: u64,
    /// The source's own id; empty where the row has none.
    pub source_id: String,
    /// What shall become of it.
    pub verdict: Verdict,
    /// Stable code, `null` for a plain creation or change; `ifmatch explain` has its page.
    pub code: Option<String>,
    /// One sentence for people.
    pub reason: String,
    /// The column or field at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The record that is meant; with `create`, `update` and an `equal` that was found in the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The version that the target showed when the plan was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_version: Option<u64>,
    /// The instants that a time of the row can mean, the earlier first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Timestamp>,
    /// What the row changes in the target, by JSON Pointer; only where the target was asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, FieldChange>,
    /// The row that says the same, or that contradicts this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner_row: Option<u64>,
    /// What is submitted for it; only with `create` and `update`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
}

/// One field of a record, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// What the target held; `null` for a record that did not exist.
    pub before: Value,
    /// What the row says.
    pub after: Value,
}

impl Plan {
    /// Counts the rows again, after verdicts have changed.
    pub fn count(&mut self) {
        self.totals = Verdict::ALL.into_iter().map(|verdict| (verdict, 0)).collect();
        for row in &self.rows {
            *self.totals.entry(row.verdict).or_default() += 1;
        }
    }

    /// How many rows have a verdict.
    #[must_use]
    pub fn total(&self, verdict: Verdict) -> usize {
        self.totals.get(&verdict).copied().unwrap_or(0)
    }

    /// The rows that are submitted when it is applied.
    pub fn applied(&self) -> impl Iterator<Item = &PlanRow> {
        self.rows.iter().filter(|row| row.verdict.is_applied())
    }

    /// Has the rows belong to this org.
    pub fn set_org(&mut self, org: &OrgName) {
        self.org = Some(org.clone());
        for row in &mut self.rows {
            if let Some(intent) = &mut row.intent {
                intent.resource = intent.resource.in_org(org);
            }
            row.resource = row.resource.as_ref().map(|resource| resource.in_org(org));
        }
    }
}

impl PlanRow {
    /// A row that is submitted, with its key.
    pub(super) fn applied(row: u64, source_id: &str, kind: Kind, verdict: Verdict, mut intent: Intent) -> Self {
        intent.class = ifmatch_core::Urgency::Bulk;
        intent.idempotency_key = Some(key_of(kind, source_id, &intent));
        Self {
            resource: Some(intent.resource.clone()),
            intent: Some(intent),
            ..Self::stopped(row, source_id, verdict, None, "")
        }
    }

    /// A row that is not submitted, or not yet whole.
    pub(super) fn stopped(row: u64, source_id: &str, verdict: Verdict, code: Option<&str>, reason: &str) -> Self {
        Self {
            row,
            source_id: source_id.to_owned(),
            verdict,
            code: code.map(str::to_owned),
            reason: reason.to_owned(),
            field: None,
            resource: None,
            observed_version: None,
            candidates: Vec::new(),
            changes: BTreeMap::new(),
            winner_row: None,
            intent: None,
        }
    }

    /// Takes it out of what is submitted.
    pub(super) fn stop(&mut self, verdict: Verdict, code: &str, reason: String) {
        (self.verdict, self.code, self.reason, self.intent) = (verdict, Some(code.to_owned()), reason, None);
    }
}

/// The idempotency key of a row: kind, source id, and a digest of what is asked for. The row's number, the file's name and the org
/// are not in it, so that the same row of a later export is the same intent.
#[must_use]
pub fn key_of(kind: Kind, source_id: &str, intent: &Intent) -> String {
    // The source's own counter is part of what a row says: a record that goes from A to B and back to A says A twice.
    let sequence = intent.origin.as_ref().and_then(|origin| origin.sequence);
    let content = content_digest(&json!([intent.change, intent.base, sequence])).to_string();
    let digest: String = content.chars().skip("sha256:".len()).take(24).collect();
    // A key has 255 bytes at most, and nobody bounds the ids of a source.
    let source_id: String = source_id.chars().take(48).collect();
    format!("import:{kind}:{source_id}:{digest}")
}
