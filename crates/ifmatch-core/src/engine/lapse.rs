//! What a record says of its own end: who waits beyond that for a lock waits in vain.

use super::lane::LaneKey;
use super::turn::Material;
use super::{Engine, Timer};
use crate::intent::Change;
use crate::plan::seconds;
use crate::record::IntentRecord;
use crate::shadow::ResourceRow;
use crate::states::State;
use jiff::Timestamp;

impl Engine {
    /// Until when a parked verb can still be carried out, by our clock, where its record tells. What changes fields may be
    /// meant to put that end off.
    pub(super) fn lapse(&self, record: &IntentRecord, row: &ResourceRow) -> Option<Timestamp> {
        if record.status.state != State::Parked || !matches!(record.intent.change, Change::Verb(_)) {
            return None;
        }
        let at = self.dialect.lapses(&record.resource.kind, &row.shadow()?.value)?;
        match self.clocks.there(self.now) {
            Some(there) => self.now.checked_add(at.duration_since(there)).ok(),
            None => Some(at),
        }
    }

    /// Has each that waits looked at when its record ends.
    pub(super) fn watch_lapses(&mut self, material: &Material) {
        for record in &material.intents {
            if let Some(at) = self.lapse(record, &material.row) {
                self.timer(at, Timer::Deadline(record.id));
            }
        }
    }

    /// Ends an intent whose record has ended by itself.
    pub(super) fn lapsed(&mut self, key: &LaneKey, record: &mut IntentRecord) {
        let age = seconds(self.now.duration_since(record.accepted_at));
        let reason = format!("the record ended by itself while it was locked; it is {age:.0} s old");
        self.end_late(key, record, "expired/lock", reason);
    }
}
