//! What a write of an intent put into the target, where the intent did not land by it: part of it was not applied, it
//! stands over what others wrote, or nobody can tell.
//!
//! Pure. Kept with the intent, so that whatever becomes of it then, an undo and a blame know what stands.

use crate::ids::AttemptId;
use crate::record::IntentRecord;
use crate::silent::said;
use ifmatch_merge::{Change, Pointer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What one write of an intent put into the target.
///
/// Shape: `{"attempt": 7, "version": 2, "at": "…", "sure": "known", "changes": [{"path": "/comments", "before": "old",
/// "after": "new"}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The attempt.
    pub attempt: AttemptId,
    /// The version that first held it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When that was told.
    pub at: Timestamp,
    /// What is sure of it.
    pub sure: Sure,
    /// What stood there before the write, and after it. A value that the target made of another one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// What is sure of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// It took effect, and what stood there before it is known.
    Known,
    /// It took effect over what others wrote, and nobody knows what that was.
    Over,
    /// Nobody can tell whether it took effect.
    Untold,
}

impl Applied {
    /// Whether it surely took effect.
    pub(crate) fn stood(&self) -> bool {
        self.sure != Sure::Untold
    }
}

/// The paths at which writes of an intent that it did not land by surely took effect; `None` where there are none.
pub(crate) fn stood_at(record: &IntentRecord) -> Option<String> {
    let mut paths: Vec<&Pointer> = Vec::new();
    for change in record.status.applied.iter().filter(|applied| applied.stood()).flat_map(|applied| &applied.changes) {
        if !paths.contains(&&change.path) {
            paths.push(&change.path);
        }
    }
    (!paths.is_empty()).then(|| said(paths))
}
