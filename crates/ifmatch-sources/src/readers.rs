//! Readers: files and messages of foreign systems, translated row by row into intents.
//!
//! A reader decides what a row *says*, never what becomes of it: it resolves local times where
//! exactly one instant is meant, finds rows that repeat or contradict each other, and names the
//! field and the reason for everything that it cannot translate. Nothing is guessed.
//!
//! - [`zendesk`]: the export of swap requests (CSV) into shift trades.
//! - [`servicenow`]: quality reviews (NDJSON) into quality scores.
//! - [`scheduler`]: a scheduling engine's weeks and changes (NDJSON) into agent schedules.

use ifmatch_dialects::instants::Local;

pub mod scheduler;
pub mod servicenow;
pub mod zendesk;

/// What a local time without an offset means where a change of the clocks repeats it or leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LocalTimes {
    /// Nobody can tell: a person decides, with both instants at hand.
    #[default]
    Review,
    /// The row is rejected, with both instants named.
    Reject,
    /// The earlier instant.
    Earlier,
    /// The later instant.
    Later,
    /// The earlier instant where the time is repeated, the later one where it is left out (RFC 5545, section 3.3.5).
    Compatible,
}

impl LocalTimes {
    /// The policy by its word in commands and parameters: `review`, `reject`, `earlier`, `later` or `compatible`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "review" => Self::Review,
            "reject" => Self::Reject,
            "earlier" => Self::Earlier,
            "later" => Self::Later,
            "compatible" => Self::Compatible,
            _ => return None,
        })
    }

    /// The one instant, where the policy names it; else what can be meant, as it was.
    pub(crate) fn settle(self, meant: Local) -> Local {
        let (earlier, Some(later)) = meant.candidates() else {
            return meant;
        };
        match (self, meant) {
            (Self::Earlier, _) | (Self::Compatible, Local::Twice(..)) => Local::One(earlier),
            (Self::Later, _) | (Self::Compatible, Local::Never(..)) => Local::One(later),
            _ => meant,
        }
    }
}

/// A line that cannot be translated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {field}: {reason}")]
pub struct LineError {
    /// The line in the file, from 1.
    pub line: u64,
    /// The field at fault as the file names it; empty for the whole line.
    pub field: String,
    /// Stable code, for example `invalid_time`.
    pub code: &'static str,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

impl LineError {
    fn new(line: u64, field: &str, code: &'static str, reason: impl Into<String>) -> Self {
        Self { line, field: field.to_owned(), code, reason: reason.into() }
    }
}

/// A line of NDJSON, with the means to name what is wrong with it.
#[derive(Debug)]
struct JsonLine {
    number: u64,
    value: serde_json::Value,
}

impl JsonLine {
    fn parse(number: u64, text: &str) -> Result<Self, LineError> {
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| LineError::new(number, "", "invalid_json", format!("no JSON: {error}")))?;
        if !value.is_object() {
            return Err(LineError::new(number, "", "invalid_json", "a line is one JSON object"));
        }
        Ok(Self { number, value })
    }

    fn error(&self, field: &str, code: &'static str, reason: impl Into<String>) -> LineError {
        LineError::new(self.number, field, code, reason)
    }

    /// A field, by its path with dots.
    fn at(&self, field: &str) -> Option<&serde_json::Value> {
        field.split('.').try_fold(&self.value, |value, name| value.get(name)).filter(|value| !value.is_null())
    }

    /// A text that is there and not empty.
    fn text(&self, field: &str) -> Result<&str, LineError> {
        let text = self.at(field).and_then(serde_json::Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.error(field, "missing_field", "text is needed here"))
    }

    /// A whole number, also where it is written as text.
    fn number(&self, field: &str) -> Result<u64, LineError> {
        let number = self.at(field).and_then(|value| match value {
            serde_json::Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        });
        number.ok_or_else(|| self.error(field, "invalid_number", "a whole number is needed here"))
    }
}
