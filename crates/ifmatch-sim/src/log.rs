//! The event log: one line for each thing that happened, the same for the same setup.

use ifmatch_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// One line each: milliseconds since the start, who, what.
    pub lines: Vec<String>,
    #[serde(default)]
    start_ms: i64,
    /// Whether nothing is noted: most runs are only judged, and one that fails is run again.
    #[serde(skip)]
    silent: bool,
}

impl EventLog {
    /// A log that counts from an instant.
    #[must_use]
    pub fn from(start: Timestamp) -> Self {
        Self { lines: Vec::new(), start_ms: start.as_millisecond(), silent: false }
    }

    /// Forgets what was noted, and notes nothing more.
    pub fn silence(&mut self) {
        self.lines.clear();
        self.silent = true;
    }

    /// Notes one thing.
    pub fn note<S: AsRef<str>>(&mut self, now: Timestamp, who: &str, what: impl FnOnce() -> S) {
        if self.silent {
            return;
        }
        let at = now.as_millisecond() - self.start_ms;
        self.lines.push(format!("{at:>9} {who:<8} {}", what().as_ref()));
    }
}
