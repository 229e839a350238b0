//! What the reference model judges, and that it finds a wrong value.

use super::super::rig::{ran, three};
use super::*;
use serde_json::json;

/// How many records were judged, and the violations, of a run with something planted into what the intents say.
fn check(edits: &[(usize, Value)], plant: impl Fn(usize, &mut IntentRecord)) -> (u64, usize) {
    let (world, mut evidence) = ran(&three(), edits);
    for (at, record) in evidence.intents.values_mut().enumerate() {
        plant(at, record);
    }
    let mut out = Vec::new();
    (judge(&world, &evidence, &mut out), out.len())
}

#[test]
fn a_record_that_holds_what_was_said_passes() {
    assert_eq!(check(&[], |_, _| {}), (1, 0));
}

#[test]
fn a_wrong_value_is_found() {
    let other = |at: usize, record: &mut IntentRecord| {
        if at == 2 {
            std::sync::Arc::make_mut(&mut record.intent).change = Change::MergePatch(json!({ "score": 44 }));
        }
    };
    assert_eq!(check(&[], other), (1, 1));
}

#[test]
fn the_order_of_acceptance_counts() {
    assert_eq!(check(&[], |at, record| record.order = [3, 2, 1][at]), (1, 1));
}

#[test]
fn nothing_is_said_of_a_record_that_a_person_edited() {
    assert_eq!(check(&[(0, json!({ "comments": "mine" }))], |_, _| {}).0, 0);
}

#[test]
fn nothing_is_said_of_an_intent_that_waits_for_a_person() {
    assert_eq!(check(&[], |_, record| record.status.state = State::Review).0, 0);
}

#[test]
fn drawn_worlds_have_simple_records() {
    let mut judged = 0;
    for seed in 1..=100 {
        let mut world = World::new(crate::scenario::draw(seed));
        world.run();
        let evidence = Evidence::gather(&mut world);
        judged += judge(&world, &evidence, &mut Vec::new());
    }
    assert!(judged >= 20, "{judged} records in 100 worlds");
}
