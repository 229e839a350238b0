//! What is gone since it was seen.

use super::scene::{Scene, at};
use crate::ids::IntentId;
use crate::plan::MemberFate;
use serde_json::{Value, json};

/// The record with these items, after i1 and i2 were seen.
fn items(items: &[(&str, &str)]) -> Scene {
    let items: Vec<Value> = items.iter().map(|(id, text)| json!({"id": id, "text": text})).collect();
    Scene::new().writes("eve", json!({ "items": items }))
}

fn rename(id: &str) -> Value {
    json!({"change": {"verb": {"name": "rename-item", "args": {"id": id, "text": "uno"}}}})
}

fn set(id: &str) -> Value {
    json!({"change": {"merge_patch": {"items": [{"id": id, "text": "uno"}]}}, "base": {"version": 1}})
}

/// Nothing is written, and the only member ends in this case.
fn ends(scene: &Scene, expected: &str) {
    let plan = scene.plan();
    let (MemberFate::Review { code, .. } | MemberFate::Rejected { code, .. }) = &plan.fates[0].1 else {
        panic!("it is no review but {:?}", plan.fates[0].1);
    };
    assert_eq!((*code, plan.writes()), (expected, false));
}

#[test]
fn an_element_with_another_key_and_the_same_content_is_followed() {
    let moved = || items(&[("i2", "two"), ("i9", "one")]);
    moved().sends("a", rename("i1")).becomes("carried; /items/i9/text=\"uno\"");
    moved().sends("a", set("i1")).becomes("carried; /items/i9/text=\"uno\"");
    let plan = moved().sends("a", set("i1")).plan();
    assert_eq!(plan.shares[0].followed, [(at("/items/i1"), at("/items/i9"))]);
    assert_eq!(plan.to["items"], json!([{"id": "i2", "text": "two"}, {"id": "i9", "text": "uno"}]));
}

#[test]
fn an_element_that_may_be_any_of_several_is_a_persons_matter() {
    let twice = || items(&[("i2", "two"), ("i8", "one"), ("i9", "one")]);
    ends(&twice().sends("a", rename("i1")), "review/rekeyed");
    ends(&twice().sends("a", set("i1")), "review/rekeyed");
}

#[test]
fn what_has_other_content_stood_beside_it_or_was_removed_by_us_is_not_followed() {
    ends(&items(&[("i2", "two"), ("i9", "other")]).sends("a", rename("i1")), "review/missing");
    ends(&items(&[("i2", "one")]).sends("a", rename("i1")), "review/missing");
    let mut ours = items(&[("i2", "two"), ("i9", "one")]);
    ours.row.removed.insert(at("/items/i1"), IntentId(77));
    ours.sends("a", rename("i1")).becomes("rejected by 77; nothing");
}

#[test]
fn what_somebody_removed_is_not_made_again_without_a_base() {
    let unknown = json!({"change": {"merge_patch": {"items": [{"id": "i1", "text": "uno"}]}}, "base": {"version": 9}});
    ends(&items(&[("i2", "two")]).sends("a", unknown), "review/unknown_base");
    let added = json!({"change": {"merge_patch": {"items": [{"id": "i7", "text": "new"}]}}, "base": {"version": 9}});
    items(&[("i2", "two")]).sends("a", added).becomes("carried; /items/i7={\"id\":\"i7\",\"text\":\"new\"}");
}

#[test]
fn a_record_that_was_seen_and_is_gone_is_a_persons_matter() {
    let gone = || Scene::new().vanishes();
    ends(&gone().sends("a", json!({"change": {"merge_patch": {"score": 85}}})), "review/parent_gone");
    ends(&gone().sends("a", rename("i1")), "review/parent_gone");
    ends(&gone().sends("a", json!({"change": {"desired": {"score": 85}}})), "review/parent_gone");
    let never = Scene::empty().sends("a", json!({"change": {"merge_patch": {"score": 85}}}));
    ends(&never, "rejected/not_found");
}
