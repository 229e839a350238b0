//! An intent that waits with an older one of its source for a person goes on once that one is settled.

use super::super::lane::LaneKey;
use super::super::settle::Step;
use super::{Engine, Material};
use crate::record::IntentRecord;
use crate::states::State;

impl Engine {
    /// Lets go on what joined a review that waits no more. It is composed with the edits and the
    /// bases that it had, so what is still in conflict asks for itself.
    pub(in crate::engine) fn free_joined(&mut self, key: &LaneKey, material: &mut Material) {
        for at in 0..material.intents.len() {
            let (older, rest) = material.intents.split_at_mut(at);
            let record = &mut rest[0];
            if is_joined(record) && !older.iter().any(|other| holds(other, record)) {
                let step = Step::why("queued/review_settled", "the review that it waited for is settled");
                self.transit(key, record, State::Queued, step);
            }
        }
    }
}

fn is_joined(record: &IntentRecord) -> bool {
    record.status.state == State::Review && record.status.code.as_deref() == Some("review/joined")
}

/// Whether an older intent of the same source waits for a person at a path of this one.
fn holds(older: &IntentRecord, record: &IntentRecord) -> bool {
    let shared = |path: &ifmatch_merge::Pointer| record.status.edits.iter().any(|edit| edit.path.overlaps(path));
    older.source == record.source
        && older.status.state == State::Review
        && older.status.edits.iter().any(|edit| shared(&edit.path))
}
