//! The judge: holds what happened against what the senders truly knew.
//!
//! It looks at the target's ledger and statistics and at the true bases of the wishes. Of what a
//! strategy says it takes one thing, the end of each wish, and holds even that against the ledger:
//! a wish that landed must be seen there, a rejection or a review must have a cause there.

mod bounds;
mod claims;
pub(super) mod records;
mod reviews;
mod shifts;
#[cfg(test)]
mod tests;
mod timeline;
mod twins;
mod values;

use super::wish::{Ended, Subject};
use super::witness::Lock;
use ifmatch_sandbox::{LedgerEntry, Stats};
use records::Records;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the judge looks at.
pub(super) struct Case<'a> {
    /// Every accepted write, people's included.
    pub(super) ledger: &'a [Arc<LedgerEntry>],
    /// What the target counted.
    pub(super) stats: &'a Stats,
    /// Records that existed at the start and are followed shift by shift, by path.
    pub(super) start: &'a BTreeMap<String, Value>,
    /// The wishes, with what they came to.
    pub(super) ended: &'a [Ended],
    /// Who was locked when, by the record's path.
    pub(super) locks: &'a BTreeMap<String, Vec<Lock>>,
    /// The instant from which wishes count their time, milliseconds since the Unix epoch.
    pub(super) start_ms: i64,
    /// How long a wish may take from when it could land: a probe and what the machine takes.
    pub(super) slack_ms: i64,
}

impl<'a> Case<'a> {
    /// The locks of the record that a wish names by its path.
    fn locks_of(&self, ended: &Ended) -> impl Iterator<Item = &'a Lock> + use<'a> {
        let known = match &ended.wish.truth.subject {
            Subject::Path(path) => self.locks.get(path),
            Subject::Mark { .. } => None,
        };
        known.into_iter().flatten()
    }
}

/// What the judge found, one sentence per case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Somebody's value, overwritten by a wish that had not seen it.
    pub(super) lost_edits: Vec<String>,
    /// One effect twice, or two records for one.
    pub(super) duplicates: Vec<String>,
    /// A review for which nothing in the ledger gives a cause.
    pub(super) needless_reviews: Vec<String>,
    /// A claim that the ledger does not bear out: landed and not to be seen, rejected for nothing.
    pub(super) unproven: Vec<String>,
    /// A write of ours that no wish explains.
    pub(super) unexplained: Vec<String>,
    /// A wish that landed long after it could, or expired although it could land.
    pub(super) unbounded: Vec<String>,
    /// Writes to a record, or publishes, that met another one in flight.
    pub(super) concurrent: u64,
}

/// Judges a run that ended.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let records = Records::new(case);
    let mut verdict = Verdict::default();
    values::judge(&records, &mut verdict);
    shifts::judge(case, &records, &mut verdict);
    twins::judge(&records, &mut verdict);
    reviews::judge(case, &records, &mut verdict);
    claims::judge(case, &records, &mut verdict);
    bounds::judge(case, &records, &mut verdict);
    let writes: u64 = case.stats.concurrent_writes.values().sum();
    let publishes: u64 = case.stats.concurrent_publishes.values().sum();
    verdict.concurrent = writes + publishes;
    verdict
}
