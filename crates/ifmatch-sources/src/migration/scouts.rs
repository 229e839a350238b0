//! The first rows of a plan go ahead, one after the other: what the rules of a target refuse of these they refuse of all, and a
//! person should hear of it before the rest is sent.

use super::Progress;
use std::fmt;

/// So many rows refused alike, and none taken, stop a plan.
const SCOUTS: usize = 3;

/// A row that was looked at so often and was not refused waits for something of its own, a lock or the budget.
const LOOKS_MAX: usize = 20;

/// What a target refuses for reasons that are not one record's: its rules, its shapes, a right that is missing, words that nobody knows.
const RULES: [&str; 6] = [
    "review/rule",
    "review/time",
    "review/forbidden",
    "review/precondition",
    "review/unclassified",
    "rejected/invalid",
];

/// What is known of the rows that went ahead.
#[derive(Debug, Clone, Default)]
pub(super) struct Scouts {
    /// The rest may follow.
    proven: bool,
    looks: usize,
    /// Those that were refused, all with this code; and the last reason.
    refused: usize,
    code: String,
    reason: String,
}

/// Why the rest of a plan was not submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Rows that went ahead, all refused.
    pub rows: usize,
    /// The code of each refusal.
    pub code: String,
    /// The reason of the last one.
    pub reason: String,
    /// Rows that were not submitted.
    pub left: usize,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, code, left, .. } = self;
        write!(f, "the first {rows} rows were refused alike ({code}), and the other {left} were not submitted")
    }
}

impl Scouts {
    /// Whether more than one row may be under way.
    pub(super) fn are_back(&self) -> bool {
        self.proven
    }

    /// Has the rest follow, whatever they come to.
    pub(super) fn call_off(&mut self) {
        self.proven = true;
    }

    /// How a row stands that was submitted.
    pub(super) fn hear(&mut self, row: &Progress) {
        if self.proven {
            return;
        }
        if !row.is_settled() {
            self.looks += 1;
            self.proven = self.looks >= LOOKS_MAX;
            return;
        }
        let code = row.code.clone().unwrap_or_default();
        let ruled = row.state == "refused" || RULES.contains(&code.as_str());
        if !ruled || self.refused > 0 && self.code != code {
            self.proven = true;
            return;
        }
        self.looks = 0;
        self.refused += 1;
        self.code = code;
        self.reason = row.reason.clone().unwrap_or_default();
    }

    /// Why the rest is not to follow; `left` rows of it.
    pub(super) fn refusal(&self, left: usize) -> Option<Refusal> {
        let stops = !self.proven && self.refused >= SCOUTS && left > 0;
        stops.then(|| Refusal { rows: self.refused, code: self.code.clone(), reason: self.reason.clone(), left })
    }
}
