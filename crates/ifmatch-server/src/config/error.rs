//! What is wrong with a configuration, for the person who mends it.

use std::fmt;

/// Why the configuration cannot be used: where, what, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, the environment variable or the flag that it comes from.
    pub place: String,
    /// The field with its section, for example `org.0.api_url`; empty for the whole.
    pub field: String,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl ConfigError {
    pub(super) fn new(place: impl Into<String>, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), field: field.into(), reason: reason.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Without the hint, which the command line prints on a line of its own.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "{}: {}", self.place, self.reason),
            field => write!(f, "{}: {field}: {}", self.place, self.reason),
        }
    }
}

impl std::error::Error for ConfigError {}
