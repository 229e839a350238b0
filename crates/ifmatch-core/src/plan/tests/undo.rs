//! What an undo takes back, and what it leaves alone.

use super::scene::Scene;
use crate::config::SourceConfig;
use ifmatch_merge::{Pointer, Policies, Policy};
use serde_json::{Value, json};

/// The wish that takes back changes which landed at a version.
fn undo(version: u64, changes: Value) -> Value {
    let intent = "int_00000000000000000000000009";
    json!({"change": {"undo": {"intent": intent, "changes": changes}}, "base": {"version": version}})
}

/// Score 80 became 85 at version 2, and that is taken back.
fn score_back() -> Value {
    undo(2, json!([{"path": "/score", "before": 85, "after": 80}]))
}

fn landed() -> Scene {
    Scene::new().writes("gateway", json!({"score": 85}))
}

#[test]
fn what_still_stands_goes_back() {
    landed().sends("a", score_back()).becomes("carried; /score=80");
}

#[test]
fn what_others_changed_elsewhere_stays() {
    landed().writes("eve", json!({"comments": "hers"})).sends("a", score_back()).becomes("carried; /score=80");
}

#[test]
fn what_somebody_changed_since_is_a_conflict() {
    landed().writes("eve", json!({"score": 90})).sends("a", score_back()).becomes("review /score; nothing");
}

#[test]
fn what_somebody_changed_and_put_back_is_theirs() {
    let scene = landed().writes("eve", json!({"score": 90})).writes("eve", json!({"score": 85}));
    scene.sends("a", score_back()).becomes("review /score; nothing");
}

#[test]
fn what_went_back_already_is_nothing_to_do() {
    landed().writes("eve", json!({"score": 80})).sends("a", score_back()).becomes("satisfied; nothing");
}

#[test]
fn the_later_word_of_the_source_that_asks_is_a_conflict_too() {
    let scene = landed().writes("gateway", json!({"score": 90})).said("a", json!({"score": 90}));
    scene.sends("a", score_back()).becomes("review /score; nothing");
}

#[test]
fn one_conflict_holds_the_whole_undo() {
    let both = json!([
        {"path": "/comments", "before": "ours", "after": "old"}, {"path": "/score", "before": 85, "after": 80},
    ]);
    let scene = Scene::new().writes("gateway", json!({"score": 85, "comments": "ours"}));
    let scene = scene.writes("eve", json!({"score": 90}));
    scene.sends("a", undo(2, both)).becomes("review /score; nothing");
}

#[test]
fn no_policy_decides_an_undo() {
    for policy in [Policy::LocalWins, Policy::RemoteWins] {
        let mut scene = landed().writes("eve", json!({"score": 90}));
        let on_conflict = Policies::new().with(Pointer::root(), policy);
        scene.config.sources.insert("a".into(), SourceConfig { on_conflict, ..SourceConfig::default() });
        scene.sends("a", score_back()).becomes("review /score; nothing");
    }
}

#[test]
fn a_member_of_an_element_goes_back() {
    let items = json!([{"id": "i1", "text": "ONE"}, {"id": "i2", "text": "two"}]);
    let scene = Scene::new().writes("gateway", json!({"items": items}));
    let wish = undo(2, json!([{"path": "/items/i1/text", "before": "ONE", "after": "one"}]));
    scene.sends("a", wish).becomes("carried; /items/i1/text=\"one\"");
}

#[test]
fn an_element_that_was_removed_comes_back_and_one_that_was_added_goes() {
    let items = json!([{"id": "i1", "text": "one"}, {"id": "i3", "text": "three"}]);
    let scene = Scene::new().writes("gateway", json!({"items": items}));
    let wish = undo(
        2,
        json!([
            {"path": "/items/i2", "after": {"id": "i2", "text": "two"}},
            {"path": "/items/i3", "before": {"id": "i3", "text": "three"}},
        ]),
    );
    scene.sends("a", wish).becomes("carried; /items/i2={\"id\":\"i2\",\"text\":\"two\"} /items/i3 removed");
}

#[test]
fn an_element_that_somebody_removed_since_is_a_conflict() {
    let scene = Scene::new().writes("gateway", json!({"items": [{"id": "i1", "text": "ONE"}]}));
    let scene = scene.writes("eve", json!({"items": []}));
    let wish = undo(2, json!([{"path": "/items/i1/text", "before": "ONE", "after": "one"}]));
    let outcome = scene.sends("a", wish).outcome();
    assert!(outcome.starts_with("review ") && outcome.ends_with("; nothing"), "{outcome}");
}

#[test]
fn a_field_that_was_set_for_the_first_time_is_removed_again() {
    let scene = Scene::new().writes("gateway", json!({"note": "new"}));
    scene.sends("a", undo(2, json!([{"path": "/note", "before": "new"}]))).becomes("carried; /note removed");
}

#[test]
fn an_undo_of_an_undo_brings_the_value_back() {
    let scene = landed().writes("gateway", json!({"score": 80}));
    let wish = undo(3, json!([{"path": "/score", "before": 80, "after": 85}]));
    scene.sends("a", wish).becomes("carried; /score=85");
}

#[test]
fn what_is_on_its_way_from_another_source_is_a_conflict() {
    let scene = landed().sends("b", json!({"change": {"merge_patch": {"score": 90}}, "base": {"version": 2}}));
    scene.sends("a", score_back()).becomes("carried, review /score; /score=90");
}
