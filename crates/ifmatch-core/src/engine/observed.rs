//! Somebody other than a turn saw the target's record.

use super::Engine;
use super::recovered::value_lane;
use crate::ids::SourceName;
use crate::intent::Resource;
use crate::shadow::Snapshot;

impl Engine {
    pub(super) fn on_observed(
        &mut self,
        resource: &Resource,
        snapshot: Option<Box<Snapshot>>,
        version: Option<u64>,
        unlocked: bool,
        shown_to: Option<SourceName>,
    ) {
        let key = value_lane(self.aliases.get(resource).unwrap_or(resource));
        if unlocked {
            let domain = self.dialect.lock_domain(&key.resource);
            self.announced_free(&key);
            self.release_lock(&domain);
        }
        if let Some(mut snapshot) = snapshot {
            // What is accepted from here on may be made from it, whenever it is noted.
            snapshot.seen_after = Some(self.last_order);
            snapshot.shown_to.extend(shown_to.map(|source| (source, self.last_order)));
            self.lane(&key).observed.push(*snapshot);
            self.lanes.add_chore(&key);
        } else if let Some(version) = version
            && self.lanes.look(&key).is_some()
        {
            let lane = self.lane(&key);
            // An echo of what was written or read already is no news.
            lane.must_know = lane.must_know.max(Some(version));
            lane.announce(version);
        }
    }
}
