//! The account of a file: a line for each row with what became of it, written as it happens; so it is also what a restart goes on from.
//!
//! ```text
//! {"source": "scheduler", "file": "week.ndjson", "id": "9f1c2a4e1b2f4110", "sha256": "…", "mode": "state"}
//! {"row": 1, "outcome": "unchanged", "record": "agent-schedule/id/w48/a-1"}
//! {"row": 2, "outcome": "accepted", "record": "…", "intent": "int_01J…", "state": "accepted"}
//! {"row": 3, "outcome": "refused", "code": "missing_field", "field": "/agent_id", "reason": "text is needed here"}
//! {"outcome": "missing", "record": "…", "intent": "int_01J…", "state": "accepted"}
//! {"rows": 3, "totals": {"accepted": 1, …}}
//! ```

use super::FileId;
use ifmatch_core::{IntentError, IntentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The source.
    pub source: String,
    /// The file's name.
    pub file: String,
    /// What makes it this file.
    pub id: FileId,
    /// SHA-256 of its content, 64 hexadecimal digits.
    pub sha256: String,
    /// `events`, `state` or `adopt`.
    pub mode: String,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is an intent, durably.
    Accepted,
    /// It was an intent before: its key is known.
    Duplicate,
    /// It says what was said before.
    Unchanged,
    /// It is what was said from now on, and no intent.
    Adopted,
    /// The same, and the target holds something else.
    Differs,
    /// No map is for it.
    Ignored,
    /// It cannot be taken.
    Refused,
    /// A record has no row any more, and an intent for that.
    Missing,
    /// A record has no row any more, and nothing was done about it, since rows of the file cannot be read.
    Withheld,
}

impl Outcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::Duplicate,
        Self::Unchanged,
        Self::Adopted,
        Self::Differs,
        Self::Ignored,
        Self::Refused,
        Self::Missing,
        Self::Withheld,
    ];

    /// The word in accounts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Unchanged => "unchanged",
            Self::Adopted => "adopted",
            Self::Differs => "differs",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
            Self::Missing => "missing",
            Self::Withheld => "withheld",
        }
    }
}

/// A line about a row, or about a record without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The row, from 1; absent for a record that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// The record, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentId>,
    /// Where the intent stood when the line was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Stable code of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The place in the row, or in the intent that it became, that is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Why, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Entry {
    /// A row with its outcome and nothing else.
    #[must_use]
    pub fn of(row: Option<u64>, outcome: Outcome) -> Self {
        Self { row, outcome, record: None, intent: None, state: None, code: None, field: None, reason: None }
    }

    /// The same about a record.
    #[must_use]
    pub fn about(self, record: impl Into<String>) -> Self {
        Self { record: Some(record.into()), ..self }
    }

    /// A row that became an intent; or that was one before.
    #[must_use]
    pub fn taken(row: Option<u64>, outcome: Outcome, intent: IntentId) -> Self {
        Self { intent: Some(intent), state: Some("accepted".to_owned()), ..Self::of(row, outcome) }
    }

    /// A row that cannot be taken.
    #[must_use]
    pub fn refused(row: Option<u64>, error: &IntentError) -> Self {
        Self {
            code: Some(error.code.to_owned()),
            field: Some(error.field.clone()).filter(|field| !field.is_empty()),
            reason: Some(error.reason.clone()),
            ..Self::of(row, Outcome::Refused)
        }
    }
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// The rows of the file.
    pub rows: u64,
    /// Lines by outcome; every outcome is there.
    pub totals: BTreeMap<Outcome, u64>,
    /// Why nothing was sent, or what is to be known of the file as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An account while it grows: how its lines count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Lines by outcome.
    pub totals: BTreeMap<Outcome, u64>,
    /// The last row that has a line.
    pub rows: u64,
}

impl Default for Account {
    fn default() -> Self {
        Self { totals: Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect(), rows: 0 }
    }
}

impl Account {
    /// Counts a line.
    pub fn count(&mut self, entry: &Entry) {
        *self.totals.entry(entry.outcome).or_default() += 1;
        self.rows = self.rows.max(entry.row.unwrap_or(0));
    }

    /// How many lines have an outcome.
    #[must_use]
    pub fn total(&self, outcome: Outcome) -> u64 {
        self.totals.get(&outcome).copied().unwrap_or(0)
    }

    /// The last line.
    #[must_use]
    pub fn tail(&self, code: Option<&str>, reason: Option<String>) -> Tail {
        Tail { rows: self.rows, totals: self.totals.clone(), code: code.map(str::to_owned), reason }
    }
}

/// What is left of an account, read line by line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resumed {
    /// Its lines so far.
    pub account: Account,
    /// How many bytes of the file count: those up to the last line about a row. What is behind is written anew.
    pub bytes: u64,
    read: u64,
}

impl Resumed {
    /// Takes the next line, with its end. `Err` for a whole line that is none of this file's account: then all of it is written anew.
    ///
    /// # Errors
    /// Somebody else wrote it.
    #[expect(clippy::result_unit_err, reason = "there is nothing to say but that it is none")]
    pub fn take(&mut self, line: &[u8], head: &Head) -> Result<(), ()> {
        if crate::lines::whole(line) != line.len() {
            return Ok(());
        }
        let is_first = self.read == 0;
        self.read += line.len() as u64;
        if is_first {
            self.bytes = self.read;
            return match serde_json::from_slice::<Head>(line) {
                Ok(found) if found == *head => Ok(()),
                _ => Err(()),
            };
        }
        match serde_json::from_slice::<Entry>(line) {
            Ok(entry) if entry.row == Some(self.account.rows + 1) => {
                self.account.count(&entry);
                self.bytes = self.read;
                Ok(())
            }
            Ok(entry) if entry.row.is_some() => Err(()),
            // A record without a row, or the end: both are found again.
            _ => Ok(()),
        }
    }
}

/// A line of an account, with its end.
#[must_use]
pub fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).expect("a line of an account is JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    //! Accounts after a crash at any byte.

    use super::*;
    use ifmatch_core::Digest;

    fn head() -> Head {
        let digest = Digest::of(b"x");
        let id = FileId::of("a.csv", &digest);
        Head { source: "s".into(), file: "a.csv".into(), id, sha256: digest.to_string(), mode: "state".into() }
    }

    fn entries() -> Vec<Entry> {
        let error = IntentError::new("missing_field", "/id", "text is needed here");
        vec![
            Entry::of(Some(1), Outcome::Unchanged).about("r/1"),
            Entry::taken(Some(2), Outcome::Accepted, IntentId(7)),
            Entry::refused(Some(3), &error),
            Entry::taken(None, Outcome::Missing, IntentId(8)).about("r/9"),
        ]
    }

    fn written() -> String {
        let mut account = Account::default();
        entries().iter().for_each(|entry| account.count(entry));
        let lines: String = entries().iter().map(line).collect();
        format!("{}{lines}{}", line(&head()), line(&account.tail(None, None)))
    }

    fn resumed(bytes: &[u8]) -> Result<Resumed, ()> {
        let mut resumed = Resumed::default();
        bytes.split_inclusive(|byte| *byte == b'\n').try_for_each(|line| resumed.take(line, &head()))?;
        Ok(resumed)
    }

    #[test]
    fn cut_at_any_byte_it_goes_on_behind_the_last_whole_row() {
        let whole = written();
        for cut in 0..=whole.len() {
            let left = &whole.as_bytes()[..cut];
            let found = resumed(left).unwrap();
            let kept = &whole[..usize::try_from(found.bytes).unwrap()];
            let rows = kept.lines().filter(|line| line.starts_with("{\"row\":")).count() as u64;
            assert_eq!(found.account.rows, rows, "cut at {cut}");
            assert!(kept.len() <= cut && (kept.is_empty() || kept.ends_with('\n')), "cut at {cut}");
            // Nothing whole about a row is behind what is kept.
            assert!(
                !left[kept.len()..]
                    .split_inclusive(|b| *b == b'\n')
                    .any(|l| l.starts_with(b"{\"row\":") && l.ends_with(b"\n")),
                "{cut}"
            );
        }
        let all = resumed(whole.as_bytes()).unwrap();
        assert_eq!((all.account.rows, all.account.total(Outcome::Missing)), (3, 0));
    }

    #[test]
    fn another_files_account_is_none_of_this_one() {
        let other = Head { file: "b.csv".into(), ..head() };
        assert_eq!(resumed(line(&other).as_bytes()), Err(()));
        let gap = format!("{}{}", line(&head()), line(&entries()[1]));
        assert_eq!(resumed(gap.as_bytes()), Err(()));
    }

    #[test]
    fn the_totals_have_every_outcome() {
        let written = written();
        let tail: Tail = serde_json::from_str(written.lines().last().unwrap()).unwrap();
        assert_eq!((tail.rows, tail.totals.len()), (3, Outcome::ALL.len()));
        assert_eq!(tail.totals.values().sum::<u64>(), 4);
    }
}
