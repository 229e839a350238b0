//! A target that wants a precondition and says that there is none.
//!
//! It is answered by naming more, never by naming less: the record is read, and the write goes out again with what the read
//! showed, in every place that the dialect knows for it.

use super::Engine;
use super::lane::LaneKey;
use crate::commit::AttemptRecord;
use crate::dialect::Call;
use crate::evidence::Evidence;
use crate::ids::TurnId;

impl Engine {
    /// Refused for want of a precondition: once more after a read; the second time a person must look.
    pub(super) fn refused_unconditional(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        evidence: &Evidence,
    ) {
        if names_one(attempt, key) {
            // It looks for it elsewhere than where the write named it, and will for every record of the kind.
            self.named_everywhere.insert(key.resource.kind.clone());
        }
        self.refused_once(turn, key, attempt, evidence, "review/precondition");
    }
}

/// Whether an attempt named what it was made from.
fn names_one(attempt: &AttemptRecord, key: &LaneKey) -> bool {
    let Call::Write(items) = &attempt.call else { return false };
    let mine = items.iter().find(|item| item.resource == key.resource);
    mine.is_some_and(|item| item.precondition.version.is_some() || item.precondition.etag.is_some())
}
