//! What becomes of one member of a composition.

use crate::ids::IntentId;
use crate::record::{ConflictNote, KeptEdit};

/// What becomes of one member.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberFate {
    /// The write carries it; or it is already in what the write carries.
    Carried {
        /// How it was merged, for the sentence that people read.
        merged_with: Option<String>,
        /// What it edits, where it goes on from the word of one that it superseded and that never stood: each path with
        /// what that one started from.
        goes_on: Vec<KeptEdit>,
    },
    /// The target holds it already.
    Satisfied {
        /// Which case.
        code: &'static str,
        /// One sentence.
        reason: String,
    },
    /// A newer intent of its source says it all.
    Superseded {
        /// That intent, where known.
        by: Option<IntentId>,
        /// Which case.
        code: &'static str,
        /// One sentence.
        reason: String,
    },
    /// A person must decide.
    Review {
        /// Which case.
        code: &'static str,
        /// One sentence.
        reason: String,
        /// The paths to decide, with their sides.
        conflict: Vec<ConflictNote>,
        /// What it edits, each path with its base.
        edits: Vec<KeptEdit>,
    },
    /// Its deadline passed before it could be written.
    Expired,
    /// It cannot be carried out by anybody.
    Rejected {
        /// Which case.
        code: &'static str,
        /// One sentence.
        reason: String,
        /// The intent that made it impossible.
        winner: Option<IntentId>,
        /// The paths that refused it.
        conflict: Vec<ConflictNote>,
    },
}

impl MemberFate {
    /// The write carries it, merged with nobody's.
    pub(super) fn carried() -> Self {
        Self::Carried { merged_with: None, goes_on: Vec::new() }
    }

    /// A review that is about no path.
    pub(super) fn review(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Review { code, reason: reason.into(), conflict: Vec::new(), edits: Vec::new() }
    }

    /// A rejection that is about no path, and for which no other intent is to blame.
    pub(super) fn rejected(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Rejected { code, reason: reason.into(), winner: None, conflict: Vec::new() }
    }
}
