//! What a named policy settles: the intent's own before its source's, and nothing without one.

use super::scene::{Scene, at};
use crate::ids::SourceName;
use crate::plan::MemberFate;
use ifmatch_merge::{Policies, Policy};
use serde_json::{Value, json};

fn wish(fields: Value, on_conflict: Value) -> Value {
    json!({"change": {"merge_patch": fields}, "base": {"version": 1}, "on_conflict": on_conflict})
}

/// Eve wrote 90 and "old, hers"; source a wants 85 from version 1.
fn contested() -> Scene {
    Scene::new().writes("eve", json!({"score": 90, "comments": "old, hers"}))
}

fn sourced(mut scene: Scene, name: &str, policy: Policy) -> Scene {
    let policies = Policies::new().with(at("/score"), policy);
    scene.config.sources.get_mut(&SourceName::from(name)).unwrap().on_conflict = policies;
    scene
}

#[test]
fn local_wins_writes_the_sources_value() {
    contested().sends("a", wish(json!({"score": 85}), json!({"/score": "local-wins"}))).becomes("carried; /score=85");
    contested().sends("a", wish(json!({"score": 85}), json!({"": "local-wins"}))).becomes("carried; /score=85");
}

#[test]
fn remote_wins_keeps_the_targets_value_and_asks_nobody() {
    let plan = contested().sends("a", wish(json!({"score": 85}), json!({"/score": "remote-wins"}))).plan();
    assert!(!plan.writes());
    assert!(!matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
}

#[test]
fn remote_wins_at_one_path_lets_the_others_through() {
    let fields = json!({"score": 85, "tags": ["x"]});
    contested().sends("a", wish(fields, json!({"/score": "remote-wins"}))).becomes("carried; /tags=[\"x\"]");
}

#[test]
fn append_keeps_both_additions() {
    let fields = json!({"comments": "old, ours"});
    let plan = contested().sends("a", wish(fields, json!({"/comments": "append"}))).plan();
    let comments = plan.to["comments"].as_str().unwrap();
    assert!(comments.contains(", hers") && comments.contains(", ours"), "{comments}");
}

#[test]
fn max_and_min_compare() {
    let case = |score: i64, policy: &str| {
        contested().sends("a", wish(json!({"score": score}), json!({"/score": policy}))).plan().to["score"].clone()
    };
    assert_eq!(case(85, "max"), json!(90));
    assert_eq!(case(95, "max"), json!(95));
    assert_eq!(case(85, "min"), json!(85));
    assert_eq!(case(95, "min"), json!(90));
}

#[test]
fn the_sources_policy_holds_where_the_intent_names_none() {
    let plain = json!({"change": {"merge_patch": {"score": 85}}, "base": {"version": 1}});
    sourced(contested(), "a", Policy::LocalWins).sends("a", plain.clone()).becomes("carried; /score=85");
    contested().sends("a", plain).becomes("review /score; nothing");
}

#[test]
fn the_intents_policy_goes_before_the_sources() {
    let scene = sourced(contested(), "a", Policy::LocalWins);
    scene.sends("a", wish(json!({"score": 85}), json!({"/score": "review"}))).becomes("review /score; nothing");
    let scene = sourced(contested(), "a", Policy::Review);
    scene.sends("a", wish(json!({"score": 85}), json!({"": "local-wins"}))).becomes("carried; /score=85");
}

#[test]
fn another_sources_policy_is_no_concern() {
    let plain = json!({"change": {"merge_patch": {"score": 85}}, "base": {"version": 1}});
    sourced(contested(), "b", Policy::LocalWins).sends("a", plain).becomes("review /score; nothing");
}

#[test]
fn a_policy_for_one_path_says_nothing_of_another() {
    let fields = json!({"score": 85, "comments": "mine"});
    contested().sends("a", wish(fields, json!({"/score": "local-wins"}))).becomes("review /comments; nothing");
}

#[test]
fn priority_ranks_our_own_sources() {
    let second = |ranking: Value| {
        let scene = Scene::new().sends("a", wish(json!({"score": 85}), json!({})));
        scene.sends("b", wish(json!({"score": 90}), json!({"/score": {"priority": ranking}}))).plan()
    };
    assert_eq!(second(json!(["b", "a"])).to["score"], json!(90));
    assert_eq!(second(json!(["a", "b"])).to["score"], json!(85));
}

#[test]
fn additions_to_a_list_need_no_policy() {
    let scene = Scene::new().writes("eve", json!({"tags": ["hers"]}));
    let plan = scene.sends("a", wish(json!({"tags": ["ours"]}), json!({}))).plan();
    let tags = plan.to["tags"].as_array().unwrap();
    assert!(tags.contains(&json!("hers")) && tags.contains(&json!("ours")), "{tags:?}");
}

#[test]
fn elements_of_a_keyed_list_merge_one_by_one() {
    let items = json!([{"id": "i1", "text": "hers"}, {"id": "i2", "text": "two"}]);
    let scene = Scene::new().shows("a").writes("eve", json!({"items": items}));
    let fields = json!({"items": [{"id": "i1", "text": "one"}, {"id": "i2", "text": "ours"}]});
    let document = scene.document(1, &fields);
    scene.sends("a", json!({"change": {"desired": document}})).becomes("carried; /items/i2/text=\"ours\"");
}
