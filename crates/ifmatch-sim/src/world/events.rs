//! What the target tells of its own accord: each change as an event that may be lost, repeated, late
//! or wrong about a lock.

use super::World;
use crate::records::resource_of;
use ifmatch_core::Input;

impl World {
    /// Announces a change of a target that offers events.
    pub(super) fn announce(&mut self, path: &str, version: u64) {
        let Some(resource) = resource_of(&self.org(), path) else { return };
        let events = self.setup.events.clone();
        let copies = match () {
            () if self.chance.percent(events.lost) => 0,
            () if self.chance.percent(events.repeated) => 2,
            () => 1,
        };
        let unlocked = self.chance.percent(events.false_unlocks);
        for _ in 0..copies {
            let input = Input::Observed {
                resource: resource.clone(),
                snapshot: None,
                version: Some(version),
                unlocked,
                shown_to: None,
            };
            let late = self.chance.between(0, events.late_ms_max);
            self.later(late, input);
        }
    }
}
