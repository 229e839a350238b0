//! What a run of `apply` writes down as it goes, one JSON object per line, and how it is read after a crash at any byte.
//!
//! The first line names the plan. `sent` stands before the request leaves, so that a row without a line was never submitted; a row
//! that is `sent` without an intent is submitted again, under the same key. A last line without its end was being written when the
//! process died: it counts as never written, and the next run cuts it off.

use ifmatch_core::IntentId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// The plan that the journal belongs to, by the digest of its file; the first line.
    Plan {
        /// SHA-256 of the plan's bytes.
        plan_sha256: String,
    },
    /// Where a row stands.
    Row(Progress),
}

/// Where a row stands.
///
/// Shape: `{"row": 12, "state": "landed", "intent": "int_01J…", "version": 1, "code": null, "reason": "created"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The row.
    pub row: u64,
    /// `sent`, `refused`, or the intent's state.
    pub state: String,
    /// The intent, once the gateway has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentId>,
    /// The intent's code, or that of the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The version that the target has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The version that the target had when the row was submitted, where it is not the one of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<u64>,
}

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Journal {
    /// The plan it belongs to; absent for an empty one.
    pub plan_sha256: Option<String>,
    /// The last word on each row.
    pub rows: BTreeMap<u64, Progress>,
    /// How many bytes of the file are whole lines; what is behind them is cut off before anything is written.
    pub bytes: usize,
}

/// A file that is no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no line of a journal")]
pub struct JournalError {
    /// The line, from 1.
    pub line: usize,
}

/// States in which a row has ended.
const ENDED: [&str; 8] =
    ["landed", "satisfied", "superseded", "rejected", "expired", "cancelled", "discarded", "refused"];

impl Progress {
    /// A row that is about to be submitted.
    #[must_use]
    pub fn sent(row: u64, moved_to: Option<u64>) -> Self {
        Self { row, state: "sent".to_owned(), intent: None, code: None, reason: None, version: None, moved_to }
    }

    /// What the gateway answers about a row: an intent, or a refusal under `error`. `None` for neither.
    #[must_use]
    pub fn answered(&self, answer: &Value) -> Option<Self> {
        let text = |at: &str| answer.pointer(at).and_then(Value::as_str).map(str::to_owned);
        if answer.get("error").is_some_and(|error| !error.is_null()) {
            let reason = text("/error/detail").or_else(|| text("/error/title"));
            return Some(Self { state: "refused".to_owned(), code: text("/error/code"), reason, ..self.clone() });
        }
        Some(Self {
            state: text("/state")?,
            intent: Some(text("/id")?.parse().ok()?),
            code: text("/code"),
            reason: text("/reason"),
            version: answer.pointer("/result/version").and_then(Value::as_u64),
            ..self.clone()
        })
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        ENDED.contains(&self.state.as_str())
    }

    /// Whether waiting longer would not change it: it has ended, or it waits for a person.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.has_ended() || self.state == "review"
    }
}

impl Line {
    /// The line as it is written, with its end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("a line of a journal is JSON");
        text.push('\n');
        text
    }
}

impl Journal {
    /// Reads what is left of a journal.
    ///
    /// # Errors
    /// A whole line that is none: the file is something else, or somebody has edited it.
    pub fn read(bytes: &[u8]) -> Result<Self, JournalError> {
        let mut journal = Self::default();
        let whole = crate::lines::whole(bytes);
        for (text, line) in bytes[..whole].split_inclusive(|byte| *byte == b'\n').zip(1..) {
            match (serde_json::from_slice(text), line) {
                (Ok(Line::Plan { plan_sha256 }), 1) => journal.plan_sha256 = Some(plan_sha256),
                (Ok(Line::Row(progress)), 2..) => {
                    journal.rows.insert(progress.row, progress);
                }
                _ => return Err(JournalError { line }),
            }
        }
        journal.bytes = whole;
        Ok(journal)
    }
}

#[cfg(test)]
mod tests;
