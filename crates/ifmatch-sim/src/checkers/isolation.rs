//! P7: what one org's sources sent, and what they were told, is that org's alone.
//!
//! Both orgs of a run have records of the same ids and number their intents alike, so that whatever
//! crosses over meets something of its own name.

use super::Violation;
use crate::world::World;
use ifmatch_core::IntentRecord;
use ifmatch_store::ListFilter;

pub(super) fn judge(worlds: &[World]) -> Vec<Violation> {
    let mut found = Vec::new();
    for world in worlds {
        let filter = ListFilter { limit: usize::MAX, ..ListFilter::default() };
        let stored = world.store.borrow_mut().list(&world.org(), &filter).expect("the memory store can be read");
        found.extend(stored.iter().filter_map(|record| stranger(world, record)));
        for (id, status) in &world.told {
            if !world.truth.told.contains_key(id) {
                let what = format!("{} was told of {id} ({}), which it did not send", world.setup.org, status.state);
                found.push(Violation::new("P7", what));
            }
        }
    }
    found
}

/// What is wrong with an intent in an org's part of the store, if anything is.
fn stranger(world: &World, record: &IntentRecord) -> Option<Violation> {
    let org = &world.setup.org;
    let what = match world.truth.told.get(&record.id) {
        _ if record.intent.resource.org.as_str() != org => format!("{} names {}", record.id, record.intent.resource),
        None => format!("{} is there, and none of its sources sent it", record.id),
        Some(told) if told.change != record.intent.change => format!("{} is not what its source sent", record.id),
        Some(told) if told.source != record.source.as_str() => format!("{} has another source", record.id),
        Some(_) => return None,
    };
    Some(Violation::new("P7", format!("in the store of {org}, {what}")))
}
