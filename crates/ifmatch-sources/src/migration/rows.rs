//! A file becomes the rows of a plan: the readers judge, this puts their judgements into one shape.

use super::plan::{Checked, Plan, PlanRow, Verdict};
use super::{Agents, Kind};
use crate::readers::{LineError, LocalTimes};
use ifmatch_core::{Digest, OrgName};
use jiff::civil::Weekday;
use std::collections::BTreeMap;

mod changes;
mod reviews;
mod time_off;
mod trades;
mod weeks;

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The file's path as it was given.
    pub file: &'a str,
    /// What it is.
    pub kind: Kind,
    /// The org that its rows belong to.
    pub org: &'a OrgName,
    /// Who the addresses are; without it they stay addresses.
    pub agents: Option<&'a Agents>,
    /// Whether settled requests that changed nothing are wanted as history.
    pub history: bool,
    /// What a local time means that the clock shows twice or never.
    pub local_times: LocalTimes,
    /// The day on which the weeks of the target's schedules begin.
    pub week_starts: Weekday,
    /// The zone of local dates, for files that do not say it.
    pub time_zone: Option<&'a str>,
    /// The target's schedule, for files that do not say it.
    pub schedule: Option<&'a str>,
    /// The target's management unit, for files that do not say it.
    pub management_unit: Option<&'a str>,
    /// The target's activity codes by the source's reasons, for files that have reasons.
    pub codes: Option<&'a BTreeMap<String, String>>,
    /// The user under whom our own write-back appears in the source.
    pub echo_user: &'a str,
}

/// Why a file cannot be planned at all; rows that make no sense are judged `reject` instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no file of its kind.
    #[error("{0}")]
    File(String),
    /// The file does not say it, so somebody must.
    #[error("a file of kind {kind} does not say its {what}")]
    Unsaid {
        /// The kind.
        kind: Kind,
        /// What is missing.
        what: &'static str,
    },
    /// It has no row.
    #[error("the file has no rows")]
    Empty,
}

/// Plans a file by itself. Byte order marks and either line ending are taken.
///
/// # Errors
/// The file is none of its kind, or something must be said that it does not say.
pub fn read(reading: &Reading<'_>, bytes: &[u8]) -> Result<Plan, ReadError> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| ReadError::File(format!("the file is not UTF-8: {error}")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = match reading.kind {
        Kind::ZendeskShiftTrades => trades::rows(reading, text)?,
        Kind::ServicenowQualityReviews => reviews::rows(reading, text)?,
        Kind::SchedulerWeek => weeks::rows(reading, text)?,
        Kind::SchedulerChanges => changes::rows(reading, text)?,
        Kind::ZendeskTimeOff => time_off::rows(reading, text)?,
    };
    if rows.is_empty() {
        return Err(ReadError::Empty);
    }
    let mut plan = Plan {
        file: reading.file.to_owned(),
        sha256: Digest::of(bytes).to_string().replace("sha256:", ""),
        kind: reading.kind,
        org: None,
        target: Checked::Unchecked,
        rows,
        totals: BTreeMap::new(),
        forecast: None,
    };
    plan.count();
    Ok(plan)
}

/// The row of a line that cannot be translated. Rows count data lines, as blank lines have none.
fn rejected(row: u64, error: &LineError) -> PlanRow {
    PlanRow {
        field: Some(error.field.clone()).filter(|field| !field.is_empty()),
        ..PlanRow::stopped(row, "", Verdict::Reject, Some(error.code), &error.to_string())
    }
}

/// The row that repeats an earlier one.
fn duplicate(row: u64, source_id: &str, first: u64) -> PlanRow {
    beside(row, source_id, (Verdict::Duplicate, "duplicate_row"), first, &format!("row {first} says the same"))
}

/// A row that stops on account of an earlier one.
fn beside(row: u64, source_id: &str, (verdict, code): (Verdict, &str), first: u64, reason: &str) -> PlanRow {
    PlanRow { winner_row: Some(first), ..PlanRow::stopped(row, source_id, verdict, Some(code), reason) }
}

/// A row that contradicts an earlier one: a person decides between them.
fn contradicting(row: u64, source_id: &str, first: u64, reason: &str) -> PlanRow {
    beside(row, source_id, (Verdict::Review, "contradicting_duplicate"), first, reason)
}

#[cfg(test)]
mod tests;
