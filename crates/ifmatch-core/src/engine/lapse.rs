//! What a record says of its own end: who waits beyond that for a lock waits in vain.

use super::turn::Material;
use super::{Engine, Timer};
use crate::intent::Change;
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
}
