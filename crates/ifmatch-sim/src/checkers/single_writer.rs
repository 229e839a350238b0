//! P5: one write at a time for each record, one run at a time for each schedule.
//!
//! Conceded: a write that was on the wire when the engine began anew; a record that sources asked to
//! have made under several names: until it is there nobody can know that they mean one record; and a run that a second
//! copy of a request started: the network delivered it when the first run was over, and reads of it lag.

use super::evidence::OURS;
use super::{Evidence, Violation};
use crate::records::path_of_record;
use crate::world::World;
use ifmatch_core::{IntentRecord, Resource};
use ifmatch_sandbox::{Change, LedgerEntry};
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

/// Whether a run of ours began when no request of ours left.
fn is_started_by_copy(world: &World, evidence: &Evidence, path: &str) -> bool {
    let starts = |entry: &&LedgerEntry| {
        let began = |change: &Change| change.path == "/state" && change.after == Some("pending".into());
        entry.path == path && entry.actor == OURS && entry.changes.iter().any(began)
    };
    let mut ours = evidence.entries().filter(starts);
    ours.any(|entry| world.truth.left.values().all(|left| left.as_millisecond() != entry.at))
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
    let known = |path: &str| !is_started_by_copy(world, evidence, path);
    for (path, count) in stats.concurrent_publishes.iter().filter(|(path, count)| **count > 0 && known(path)) {
        out.push(Violation::new("P5", format!("{count} publishes of {path} at once")));
    }
}
