//! Swap requests out of a Zendesk export (CSV) into shift trades, row by row with a verdict.
//!
//! Rows are judged together first (the same request twice, the same id for two requests), then each
//! by itself: its status, its agents, its times. Local times are resolved in the row's zone; the
//! hour that a clock change repeats needs an offset, and without one both instants are candidates.

use super::LocalTimes;
use ifmatch_core::{Intent, OrgName, Timestamp};
use jiff::civil::{Date, Weekday};
use std::collections::BTreeMap;

mod record;
#[cfg(test)]
mod tests;
pub(crate) mod times;
mod together;
mod verdict;

use record::Record;

/// The system's name in resources and origins.
pub const SYSTEM: &str = "zendesk";

/// How an export is read.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The org that the trades belong to.
    pub org: &'a OrgName,
    /// Agent ids by e-mail address in small letters. Without it every address is taken as it is,
    /// and stands in the trade as `agent_email`, to be resolved before the trade is sent.
    pub agents: Option<&'a BTreeMap<String, String>>,
    /// Whether settled requests that changed nothing (`denied`) are wanted as history.
    pub history: bool,
    /// What a local time means that the clock shows twice or never, where the row has no offset.
    pub local_times: LocalTimes,
    /// The day on which the weeks of the target's schedules begin: that of the date of any of them.
    pub week_starts: Weekday,
}

/// What becomes of a row, as far as the file alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A trade shall exist.
    Create,
    /// Another row says the same.
    Duplicate,
    /// There is nothing to land.
    Equal,
    /// The source has not settled it.
    Hold,
    /// A person must decide.
    Review,
    /// It makes no sense; the source must mend it.
    Reject,
}

impl Verdict {
    /// The verdict as plans spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Duplicate => "duplicate",
            Self::Equal => "equal",
            Self::Hold => "hold",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }
}

/// One row of the export, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place among the data rows, from 1; the header is not counted.
    pub row: u64,
    /// The source's own id; empty where the row has none.
    pub source_id: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Stable code; `None` for a plain creation.
    pub code: Option<&'static str>,
    /// One sentence for people.
    pub reason: String,
    /// The trade that shall exist; only with [`Verdict::Create`].
    pub intent: Option<Intent>,
    /// The instants that a time can mean, the earlier first, where it means more than one.
    pub candidates: Vec<Timestamp>,
    /// The row that says the same, or that contradicts this one.
    pub winner_row: Option<u64>,
    /// The column at fault.
    pub field: Option<&'static str>,
    /// The weeks, by their first days, in which the two shifts lie, in order.
    pub weeks: Vec<Date>,
    /// The lengths in minutes of the shift given and the shift taken, by instants.
    pub lengths: Option<[i64; 2]>,
}

/// A file that is no export of swap requests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The header lacks columns.
    #[error("the header lacks the columns {0}")]
    Columns(String),
    /// The file cannot be split into rows.
    #[error("no CSV: {0}")]
    Csv(String),
}

/// Judges every row of an export. A byte order mark and either line ending are taken.
///
/// # Errors
/// The file is no export at all; single rows that make no sense are judged `reject` instead.
pub fn read(options: &Options<'_>, text: &str) -> Result<Vec<Row>, FileError> {
    let records = record::records(text)?;
    let relations = together::relations(&records);
    let judged = records.iter().zip(relations);
    Ok(judged.map(|(record, relation)| verdict::judge(options, record, relation)).collect())
}
