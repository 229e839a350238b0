//! The closing account: every row of the file with what became of it.

use super::Kind;
use super::journal::{Journal, Progress};
use super::plan::{Plan, PlanRow, Verdict};
use ifmatch_core::IntentId;
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The target took it.
    Landed,
    /// The target held it already when its turn came.
    Satisfied,
    /// A newer row says it all.
    Superseded,
    /// The target held it already when the plan was made, or there is nothing to land.
    Equal,
    /// Another row says the same.
    Duplicate,
    /// The source has not settled it.
    Hold,
    /// A person must decide.
    Review,
    /// It makes no sense, or gateway or target refuse it; the source must mend it.
    Rejected,
    /// Its deadline passed.
    Expired,
    /// It was called off.
    Cancelled,
    /// A person gave it up.
    Discarded,
    /// It was submitted and has not settled.
    Pending,
    /// It was not submitted yet.
    Skipped,
}

impl Outcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Landed,
        Self::Satisfied,
        Self::Superseded,
        Self::Equal,
        Self::Duplicate,
        Self::Hold,
        Self::Review,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
        Self::Discarded,
        Self::Pending,
        Self::Skipped,
    ];

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Satisfied => "satisfied",
            Self::Superseded => "superseded",
            Self::Equal => "equal",
            Self::Duplicate => "duplicate",
            Self::Hold => "hold",
            Self::Review => "review",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Discarded => "discarded",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
        }
    }

    fn of(row: &PlanRow, progress: Option<&Progress>) -> Self {
        match row.verdict {
            Verdict::Equal => Self::Equal,
            Verdict::Duplicate => Self::Duplicate,
            Verdict::Hold => Self::Hold,
            Verdict::Review => Self::Review,
            Verdict::Reject => Self::Rejected,
            Verdict::Create | Verdict::Update => match progress.map(|progress| progress.state.as_str()) {
                None => Self::Skipped,
                Some("landed") => Self::Landed,
                Some("satisfied") => Self::Satisfied,
                Some("superseded") => Self::Superseded,
                Some("rejected" | "refused") => Self::Rejected,
                Some("expired") => Self::Expired,
                Some("cancelled") => Self::Cancelled,
                Some("discarded") => Self::Discarded,
                Some("review") => Self::Review,
                Some(_) => Self::Pending,
            },
        }
    }
}

/// The account of a file.
///
/// Shape: `{"file", "sha256", "kind", "rows": 423, "totals": {"landed": 365, …}, "moved": 0, "complete": true, "account": [entry,
/// …]}`; the totals are over all outcomes and sum to `rows`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Account {
    /// The file that was planned.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What it is.
    pub kind: Kind,
    /// Its data rows.
    pub rows: usize,
    /// Rows by outcome; every outcome is there.
    pub totals: BTreeMap<Outcome, usize>,
    /// Rows whose record had moved since the plan was made, and that were merged anew.
    pub moved: usize,
    /// Whether every row that is submitted has settled.
    pub complete: bool,
    /// One per data row, in their order.
    pub account: Vec<Entry>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The row.
    pub row: u64,
    /// The source's own id.
    pub source_id: String,
    /// What was planned.
    pub verdict: Verdict,
    /// What became of it.
    pub outcome: Outcome,
    /// The code, of the intent where there is one, else of the plan.
    pub code: Option<String>,
    /// Why, in a sentence.
    pub reason: String,
    /// The intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentId>,
    /// The version that the target has by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The version that the target had moved to since the plan was made; the row was merged with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<u64>,
}

impl Account {
    /// The account of a plan, as far as a journal goes.
    #[must_use]
    pub fn of(plan: &Plan, journal: &Journal) -> Self {
        let entries: Vec<Entry> = plan.rows.iter().map(|row| entry(row, journal.rows.get(&row.row))).collect();
        let mut totals: BTreeMap<Outcome, usize> = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
        for entry in &entries {
            *totals.entry(entry.outcome).or_default() += 1;
        }
        let open = |entry: &Entry| matches!(entry.outcome, Outcome::Pending | Outcome::Skipped);
        Self {
            file: plan.file.clone(),
            sha256: plan.sha256.clone(),
            kind: plan.kind,
            rows: entries.len(),
            totals,
            moved: entries.iter().filter(|entry| entry.moved_to.is_some()).count(),
            complete: !entries.iter().any(open),
            account: entries,
        }
    }

    /// How many rows came to this.
    #[must_use]
    pub fn total(&self, outcome: Outcome) -> usize {
        self.totals.get(&outcome).copied().unwrap_or(0)
    }
}

fn entry(row: &PlanRow, progress: Option<&Progress>) -> Entry {
    let said = progress.filter(|_| row.verdict.is_applied());
    let (code, reason) = match said {
        Some(progress) => (progress.code.clone(), progress.reason.clone().unwrap_or_default()),
        None => (row.code.clone(), row.reason.clone()),
    };
    Entry {
        row: row.row,
        source_id: row.source_id.clone(),
        verdict: row.verdict,
        outcome: Outcome::of(row, said),
        code,
        reason,
        intent: said.and_then(|progress| progress.intent),
        version: said.and_then(|progress| progress.version),
        moved_to: said.and_then(|progress| progress.moved_to),
    }
}

#[cfg(test)]
mod tests;
