//! How many requests applying a plan takes, and how long, before any is spent.
//!
//! T* = C_total ÷ R + D_last (`docs/design/027-migration.md`): rows of a file are different records, so the budget and not a
//! chain of writes on one record bounds them.

use super::plan::{Plan, Verdict};
use serde::{Deserialize, Serialize};

/// What a plan will take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Requests to the target for what is submitted, conflicts included.
    pub requests: u64,
    /// Seconds at the budget, when nothing else uses it and nothing is locked.
    pub seconds: u64,
    /// Rows whose record somebody else is expected to have changed by then; they are merged anew.
    pub expected_conflicts: f64,
    /// What the figures rest on.
    pub assumed: Assumed,
}

/// What a forecast assumes; none of it is known before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assumed {
    /// R: requests per minute that the target allows.
    pub budget_per_minute: u32,
    /// λ: edits of one record by others, per hour.
    pub edits_per_record_per_hour: f64,
    /// δ: seconds from read to write of one record.
    pub read_to_write_seconds: f64,
    /// Requests of a creation: a look-up, a write.
    pub requests_per_create: u32,
    /// Requests of a change at a known version, without a conflict.
    pub requests_per_update: u32,
    /// D: seconds from the last write to its confirmation.
    pub last_seconds: f64,
}

impl Assumed {
    /// What is assumed of a target that allows so many requests per minute.
    #[must_use]
    pub fn at(budget_per_minute: u32) -> Self {
        Self {
            budget_per_minute: budget_per_minute.max(1),
            edits_per_record_per_hour: 1.0,
            read_to_write_seconds: 0.2,
            requests_per_create: 2,
            requests_per_update: 2,
            last_seconds: 1.0,
        }
    }
}

impl Forecast {
    /// The forecast of a plan.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "rows of a file are far fewer than 2^52")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the figures are positive and small")]
    pub fn of(plan: &Plan, assumed: Assumed) -> Self {
        let (creates, updates) = (plan.total(Verdict::Create) as f64, plan.total(Verdict::Update) as f64);
        let per_hour = assumed.edits_per_record_per_hour;
        // Each try meets an edit with 1 − e^(−λδ), so a write takes e^(λδ) of them.
        let tries = (per_hour / 3600.0 * assumed.read_to_write_seconds).exp();
        let (create, update) = (f64::from(assumed.requests_per_create), f64::from(assumed.requests_per_update));
        let requests = creates * create + updates * update * tries;
        let seconds = if creates + updates == 0.0 {
            0.0
        } else {
            requests / f64::from(assumed.budget_per_minute) * 60.0 + assumed.last_seconds
        };
        // A row is landed half of the time after the plan, on average.
        let conflicts = updates * (1.0 - (-per_hour / 3600.0 * seconds / 2.0).exp());
        Self {
            requests: requests.ceil() as u64,
            seconds: seconds.ceil() as u64,
            expected_conflicts: (conflicts * 100.0).round() / 100.0,
            assumed,
        }
    }
}

#[cfg(test)]
mod tests;
