//! That worlds with a backlog are judged, and that a starved source is found.

use super::*;

/// A world with a backlog at its end, with the orders and ends of its intents as they were, or planted.
fn check(plant: impl Fn(&mut IntentRecord)) -> (usize, usize) {
    let mut world = World::new(crate::scenario::named("backlog", 1).unwrap());
    world.run();
    let mut evidence = Evidence::gather(&mut world);
    evidence.intents.values_mut().for_each(plant);
    let mut out = Vec::new();
    let held = super::super::held_until(&super::super::audit::judge(&mut world, &mut out));
    (judge(&world, &evidence, &held, &mut out), out.len())
}

#[test]
fn a_backlog_is_judged_and_holds() {
    let (passed_by, found) = check(|_| {});
    assert!(passed_by > 0, "nobody waited while a later one of another source landed");
    assert_eq!(found, 0);
}

#[test]
fn a_source_that_waits_for_all_of_the_other_is_found() {
    let starved = |record: &mut IntentRecord| {
        if record.source.as_str() == "few" {
            record.order = 0;
            let late = ifmatch_core::SignedDuration::from_hours(1);
            record.status.settled_at = record.status.settled_at.map(|at| at + late);
        }
    };
    assert!(check(starved).1 > 0);
}
