//! An intent is withdrawn.

use super::Engine;
use super::submit::lane_of;
use crate::ids::IntentId;

impl Engine {
    /// Ends it without a request, unless an attempt of it is unresolved: then that comes first.
    pub(super) fn on_cancelled(&mut self, intent: IntentId, by: String) {
        let Some(head) = self.heads.get(&intent) else { return };
        let key = lane_of(head);
        self.lane(&key).cancels.insert(intent, by);
        self.lanes.add_chore(&key);
    }
}
