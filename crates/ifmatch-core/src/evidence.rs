//! What an answer shows, and the class of outcome that follows from it.

use crate::shadow::Snapshot;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The kind of outcome that an answer's label points to. The engine checks the label against its
/// own evidence (probe, history) before it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Made from an older version, or a lock that says so: a probe tells.
    Stale,
    /// Somebody holds the record or its domain.
    Lock,
    /// An operation of the kind runs, or there is nothing to do: the status tells.
    InProgress,
    /// It was done before.
    AlreadyDone,
    /// A record with this key or id exists.
    Duplicate,
    /// Something else must be settled first, such as a pending trade; waiting for it is not ours to cut short.
    Dependency,
    /// Two times overlap.
    Overlap,
    /// A rule of the business refuses.
    Rule,
    /// A time is malformed, missing or outside its bounds.
    Time,
    /// No token, or one that is not valid any more.
    Unauthorised,
    /// The credentials lack a right.
    Forbidden,
    /// Too many requests.
    Throttled,
    /// It may or may not have taken effect.
    Ambiguous,
    /// The record does not exist.
    Absent,
    /// The request's shape is refused.
    Invalid,
    /// The target wants a precondition and says that the request has none.
    Precondition,
    /// Refused as a conflict without a word that says why: a stale version, a lock or a rule.
    Bare,
    /// The same with a status that no lock has: a version that reads do not show yet, or a shape that is refused.
    BareShape,
    /// Refused in words, or in a shape, that no entry of the table knows.
    Unclassified,
}

impl Class {
    /// The class in the words of codes and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Lock => "lock",
            Self::InProgress => "in_progress",
            Self::AlreadyDone => "already_done",
            Self::Duplicate => "duplicate",
            Self::Dependency => "dependency",
            Self::Overlap => "overlap",
            Self::Rule => "rule",
            Self::Time => "time",
            Self::Unauthorised => "unauthorised",
            Self::Forbidden => "forbidden",
            Self::Throttled => "throttled",
            Self::Ambiguous => "ambiguous",
            Self::Absent => "absent",
            Self::Invalid => "invalid",
            Self::Precondition => "precondition",
            Self::Bare => "bare",
            Self::BareShape => "bare_shape",
            Self::Unclassified => "unclassified",
        }
    }
}

/// What a refusal shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The class that the dialect's table gives it.
    pub class: Class,
    /// Status and code as the target spelt them, for example `409 ResourceConflictException`.
    pub label: String,
    /// The target's own words, shortened to 300 characters.
    pub message: String,
    /// The version that the target says is current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The whole current record, where the refusal carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<Snapshot>>,
    /// How long the target asks to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<SignedDuration>,
    /// The field at fault, where the target names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Which of the records of one write the refusal is about.
    #[serde(default, skip_serializing_if = "About::is_default")]
    pub about: About,
}

/// Which of the records of one write a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// It names none of them: any may be at fault.
    #[default]
    Whole,
    /// It names this one.
    This,
    /// It names another one; this one was refused with it.
    Another,
}

impl About {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Evidence {
    /// The target's words; where it has none, what it answered.
    #[must_use]
    pub fn words(&self) -> String {
        if self.message.is_empty() {
            format!("refused with {}, without a word", self.label)
        } else {
            self.message.clone()
        }
    }

    /// Evidence with a class, a label and words, and nothing else.
    #[must_use]
    pub fn bare(class: Class, label: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            class,
            label: label.into(),
            message: message.into(),
            version: None,
            current: None,
            retry_after: None,
            field: None,
            about: About::Whole,
        }
    }
}

/// What an answer's headers say of a budget domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetHint {
    /// The bucket that the figures are for, as in [`crate::Dialect::buckets`].
    pub bucket: String,
    /// Requests allowed in a window.
    pub limit: u64,
    /// Requests left in this window.
    pub remaining: u64,
    /// When the window ends.
    pub reset_at: Timestamp,
}
