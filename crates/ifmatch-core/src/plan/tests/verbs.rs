//! Verbs run on the record as it is, and the rules that every record must keep.

use super::scene::{Scene, at};
use crate::ids::IntentId;
use crate::plan::MemberFate;
use serde_json::{Value, json};

fn verb(name: &str, args: Value) -> Value {
    json!({"change": {"verb": {"name": name, "args": args}}, "base": {"version": 1}})
}

fn rename(id: &str, text: &str) -> Value {
    verb("rename-item", json!({"id": id, "text": text}))
}

fn patch(fields: Value) -> Value {
    json!({"change": {"merge_patch": fields}, "base": {"version": 1}})
}

fn one_item() -> Value {
    json!({"items": [{"id": "i2", "text": "two"}]})
}

#[test]
fn a_verb_runs_on_the_record_as_it_is() {
    let scene = Scene::new().writes("eve", json!({"score": 90}));
    scene.sends("a", rename("i1", "uno")).becomes("carried; /items/i1/text=\"uno\"");
}

#[test]
fn verbs_of_two_sources_on_two_elements_compose() {
    let scene = Scene::new().sends("a", rename("i1", "uno")).sends("b", rename("i2", "due"));
    scene.becomes("carried, carried; /items/i1/text=\"uno\" /items/i2/text=\"due\"");
}

#[test]
fn a_verb_on_an_element_that_we_removed_is_rejected_and_names_the_intent() {
    let mut scene = Scene::new().writes("gateway", one_item());
    scene.row.removed.insert(at("/items/i1"), IntentId(77));
    scene.sends("a", rename("i1", "uno")).becomes("rejected by 77; nothing");
}

#[test]
fn a_verb_on_an_element_that_we_are_about_to_remove_is_rejected() {
    let scene = Scene::new().sends("a", verb("remove-item", json!({"id": "i1"})));
    scene.sends("b", rename("i1", "uno")).becomes("carried, rejected by 1; /items/i1 removed");
}

#[test]
fn a_verb_on_an_element_that_a_person_removed_goes_to_review() {
    let scene = Scene::new().writes("eve", one_item()).sends("a", rename("i1", "uno"));
    let plan = scene.plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert!(!plan.writes());
}

#[test]
fn a_step_that_the_states_do_not_allow_is_told_with_both_states() {
    let scene = Scene::new().writes("eve", json!({"score": 70})).sends("a", verb("settle", json!({})));
    let plan = scene.plan();
    let MemberFate::Review { code, conflict, .. } = &plan.fates[0].1 else { panic!("{:?}", plan.fates) };
    let sides =
        (conflict[0].path.as_str(), &conflict[0].local, &conflict[0].remote, conflict[0].remote_writer.as_deref());
    assert_eq!((*code, sides), ("review/rule", ("/score", &Some(json!(100)), &Some(json!(70)), Some("eve"))));
    assert_eq!(conflict[0].base, Some(json!(80)), "what its source knew");
}

#[test]
fn a_verb_that_breaches_a_rule_is_told_with_three_sides() {
    let scene = Scene::new().writes("eve", json!({"score": 90})).sends("a", verb("raise", json!({"by": 15})));
    let plan = scene.plan();
    let MemberFate::Review { code, conflict, .. } = &plan.fates[0].1 else { panic!("{:?}", plan.fates) };
    let sides = (conflict[0].path.as_str(), &conflict[0].base, &conflict[0].local, &conflict[0].remote);
    let wanted = ("/score", &Some(json!(80)), &Some(json!(105)), &Some(json!(90)));
    assert_eq!((*code, sides), ("review/invariant", wanted));
}

#[test]
fn a_breach_of_a_rule_is_a_review_and_no_write() {
    let plan = Scene::new().sends("a", patch(json!({"score": 150}))).plan();
    let MemberFate::Review { reason, .. } = &plan.fates[0].1 else { panic!("{:?}", plan.fates) };
    assert!(reason.contains("above 100"), "{reason}");
    assert!(!plan.writes());
}

#[test]
fn a_breach_stays_out_and_the_rest_is_written() {
    let scene = Scene::new().sends("a", patch(json!({"score": 150})));
    let plan = scene.sends("b", patch(json!({"comments": "b"}))).plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert!(matches!(plan.fates[1].1, MemberFate::Carried { .. }), "{:?}", plan.fates);
    assert_eq!((plan.to["score"].clone(), plan.to["comments"].clone()), (json!(80), json!("b")));
}

#[test]
fn two_merges_that_only_together_breach_a_rule_are_not_both_written() {
    let add = |id: &str| {
        patch(json!({"items": [{"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}, {"id": id, "text": "more"}]}))
    };
    let plan = Scene::new().sends("a", add("i3")).sends("b", add("i4")).plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Carried { .. }), "{:?}", plan.fates);
    assert!(matches!(plan.fates[1].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert_eq!(plan.to["items"].as_array().unwrap().len(), 3);
}
