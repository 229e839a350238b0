//! P5: one write at a time for each record, one run at a time for each schedule.
//!
//! Conceded: a write that was on the wire when the engine began anew, and a record that sources asked to
//! have made under several names: until it is there nobody can know that they mean one record.

use super::{Evidence, Violation};
use crate::records::path_of_record;
use crate::world::World;
use ifmatch_core::{IntentRecord, Resource};
use std::collections::BTreeSet;

/// Whether a record was asked for under more than one name before it had an id. An edit counts too: it makes the
/// record where it took the place of the intent that was to do so.
fn has_names(evidence: &Evidence, path: &str) -> bool {
    let unmade = |record: &&IntentRecord| record.intent.resource.id().is_none();
    let asked = evidence.intents.values().filter(unmade);
    let asked = asked.filter(|record| path_of_record(record).as_deref() == Some(path));
    let names: BTreeSet<&Resource> = asked.map(|record| &record.intent.resource).collect();
    names.len() > 1
}

/// A creation on the wire names the collection of what it makes.
fn is_made_in(orphan: &str, path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(collection, _)| collection == orphan)
}

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    let stats = world.sandbox.stats();
    // A write that was on the wire when the engine began anew has no owner: the one that resolves it may meet it.
    let meets = |orphan: &str, path: &str| {
        orphan.starts_with(path)
            || is_made_in(orphan, path)
            || (orphan.contains("/schedules") && path.contains("/schedules/"))
    };
    let owned = |path: &String| !has_names(evidence, path) && !world.orphaned.iter().any(|orphan| meets(orphan, path));
    for (path, count) in stats.concurrent_writes.iter().filter(|(path, count)| **count > 0 && owned(path)) {
        out.push(Violation::new("P5", format!("{count} writes of {path} at once")));
    }
    for (path, count) in stats.concurrent_publishes.iter().filter(|(_, count)| **count > 0) {
        out.push(Violation::new("P5", format!("{count} publishes of {path} at once")));
    }
}
