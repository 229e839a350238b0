//! What the target tells of its own accord: each change as an event that may be lost, repeated, late
//! or wrong about a lock.

use super::World;
use crate::records::{path_of, resource_of};
use crate::script::Op;
use ifmatch_core::{Input, Resource};

impl World {
    /// Announces a change of a target that offers events.
    pub(super) fn announce(&mut self, path: &str, version: u64) {
        let Some(resource) = self.resource_at(path) else { return };
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

    /// The resource of a ledger's path. The vendor's ids say more than the path of a trade or a document does: of those the ones
    /// are known that somebody speaks of.
    fn resource_at(&self, path: &str) -> Option<Resource> {
        let org = self.org();
        let found = resource_of(&org, path);
        match found.as_ref().map(|found| found.kind.as_str()) {
            _ if !self.setup.api.is_vendors() => found,
            Some("agent-schedule") => found,
            Some("schedule") => Some(Resource::by_id(&org, "week-schedule", found?.id()?)),
            _ => {
                let mut spoken_of = self.setup.ops.iter().filter_map(|(_, op)| match op {
                    Op::Submit { intent, .. } => Some(intent.resource.clone()),
                    Op::Wish(wish) => Some(Resource::by_id(&org, &wish.kind, &wish.id)),
                    _ => None,
                });
                spoken_of.find(|found| path_of(found).as_deref() == Some(path))
            }
        }
    }
}
