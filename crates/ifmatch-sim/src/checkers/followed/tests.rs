//! Where an edit may land that names a shift.

use super::*;
use ifmatch_core::Intent;
use serde_json::json;
use std::sync::Arc;

fn check(evidence: &Evidence, world: &World) -> usize {
    let mut out = Vec::new();
    judge(world, evidence, &mut out);
    out.len()
}

#[test]
fn a_shift_is_written_by_who_names_it_or_what_it_was_before() {
    let mut world = World::new(crate::scenario::named("rekeyed", SEED).unwrap());
    world.run();
    let mut evidence = Evidence::gather(&mut world);
    assert_eq!(check(&evidence, &world), 0);
    let went = evidence.ours().flat_map(|(_, shares)| shares).find(|share| !share.followed.is_empty());
    let (id, another) = (went.unwrap().intent, json!({ "shifts": [{ "id": "another" }] }));
    let record = evidence.intents.get_mut(&id).unwrap();
    record.intent = Arc::new(Intent { change: Change::MergePatch(another), ..Intent::clone(&record.intent) });
    assert_ne!(check(&evidence, &world), 0);
}

/// A world in which the engine follows a shift.
const SEED: u64 = 1;
