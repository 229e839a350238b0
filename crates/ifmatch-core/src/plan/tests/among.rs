//! Several intents on one record: composing, superseding, late ones and the same ones again.

use super::scene::Scene;
use crate::plan::MemberFate;
use serde_json::{Value, json};

fn patch(fields: Value) -> Value {
    json!({"change": {"merge_patch": fields}, "base": {"version": 1}})
}

fn numbered(fields: Value, sequence: u64) -> Value {
    let origin = json!({"system": "hr", "record": "r-1", "sequence": sequence});
    json!({"change": {"merge_patch": fields}, "base": {"version": 1}, "origin": origin})
}

#[test]
fn two_sources_on_two_fields_share_one_write() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85})));
    let scene = scene.sends("b", patch(json!({"comments": "b"})));
    scene.becomes("carried, carried; /comments=\"b\" /score=85");
    assert_eq!(scene.plan().shares.len(), 2);
}

#[test]
fn the_second_source_sees_the_first_as_remote_with_its_name() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85})));
    let scene = scene.sends("b", patch(json!({"score": 90})));
    scene.becomes("carried, review /score; /score=85");
    let MemberFate::Review { conflict, .. } = &scene.plan().fates[1].1 else { panic!() };
    assert_eq!(conflict[0].remote, Some(json!(85)));
    assert_eq!(conflict[0].remote_writer.as_deref(), Some("a"));
}

#[test]
fn the_second_source_without_a_base_does_not_win_silently() {
    let wish = |score: i64| json!({"change": {"merge_patch": {"score": score}}});
    Scene::new().sends("a", wish(85)).sends("b", wish(90)).becomes("carried, review /score; /score=85");
}

#[test]
fn two_sources_with_one_wish_do_not_conflict() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85}))).sends("b", patch(json!({"score": 85})));
    let plan = scene.plan();
    assert_eq!(plan.to["score"], json!(85));
    assert!(
        plan.fates.iter().all(|(_, fate)| matches!(fate, MemberFate::Carried { .. } | MemberFate::Satisfied { .. }))
    );
}

#[test]
fn three_sources_compose_by_successive_merges() {
    let tag = |tag: &str| patch(json!({"tags": [tag]}));
    let scene = Scene::new().sends("a", tag("x")).sends("b", tag("y")).sends("c", patch(json!({"score": 85})));
    assert_eq!(scene.plan().to["tags"], json!(["x", "y"]));
    scene.becomes("carried, carried, carried; /score=85 /tags=[\"x\",\"y\"]");
}

#[test]
fn a_newer_intent_that_covers_every_path_supersedes() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85})));
    scene
        .sends("a", patch(json!({"score": 86, "comments": "a"})))
        .becomes("superseded by 2, carried; /comments=\"a\" /score=86");
}

#[test]
fn a_newer_intent_that_goes_back_to_what_stands_is_satisfied() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85}))).sends("b", patch(json!({"comments": "b"})));
    let back = json!({"change": {"merge_patch": {"score": 80}}, "base": {"value": {"score": 85}}});
    scene.sends("a", back).becomes("superseded by 3, carried, satisfied; /comments=\"b\"");
}

#[test]
fn a_newer_intent_that_covers_some_paths_is_composed() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85, "comments": "a"})));
    scene.sends("a", patch(json!({"score": 86}))).becomes("carried, carried; /comments=\"a\" /score=86");
}

#[test]
fn a_newer_intent_of_another_source_supersedes_nothing() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85})));
    let plan = scene.sends("b", patch(json!({"score": 86, "comments": "b"}))).plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Carried { .. }), "{:?}", plan.fates);
    assert_eq!(plan.to["score"], json!(85));
}

#[test]
fn the_same_intent_again_lands_once() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85}))).sends("a", patch(json!({"score": 85})));
    let plan = scene.plan();
    let winners: Vec<_> = plan
        .fates
        .iter()
        .filter_map(|(_, fate)| match fate {
            MemberFate::Superseded { by, .. } => Some(*by),
            _ => None,
        })
        .collect();
    assert_eq!(winners.len(), 1, "{:?}", plan.fates);
    assert!(winners[0].is_some());
    assert_eq!(plan.to["score"], json!(85));
}

#[test]
fn the_same_addition_again_is_added_once() {
    let scene = Scene::new().sends("a", patch(json!({"tags": ["x"]}))).sends("a", patch(json!({"tags": ["x"]})));
    assert_eq!(scene.plan().to["tags"], json!(["x"]));
}

#[test]
fn a_late_intent_is_reduced_to_the_paths_that_no_newer_one_touched() {
    let scene = Scene::new().sends("a", numbered(json!({"score": 87}), 7));
    let scene = scene.sends("a", numbered(json!({"score": 85, "comments": "late"}), 5));
    scene.becomes("carried, carried; /comments=\"late\" /score=87");
}

#[test]
fn a_late_intent_of_which_nothing_is_left_is_superseded() {
    let scene = Scene::new().sends("a", numbered(json!({"score": 87}), 7));
    scene.sends("a", numbered(json!({"score": 85}), 5)).becomes("carried, superseded by 1; /score=87");
}

#[test]
fn a_gap_in_a_sequence_is_not_waited_for() {
    let scene = Scene::new().sends("a", numbered(json!({"score": 82}), 2));
    scene.sends("a", numbered(json!({"comments": "a"}), 9)).becomes("carried, carried; /comments=\"a\" /score=82");
}

#[test]
fn a_whole_document_keeps_what_others_are_about_to_write() {
    let scene = Scene::new().shows("b").sends("a", patch(json!({"comments": "a"})));
    let document = scene.document(1, &json!({"score": 85}));
    let wish = json!({"change": {"desired": document}, "base": {"version": 1}});
    scene.sends("b", wish).becomes("carried, carried; /comments=\"a\" /score=85");
}

#[test]
fn a_creation_on_nothing_writes_the_record() {
    let value = json!({"owner": "o-7", "score": 80, "comments": "", "tags": [], "items": []});
    let scene = Scene::empty().sends("a", json!({"change": {"create": value}}));
    let plan = scene.plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Carried { .. }), "{:?}", plan.fates);
    assert!(plan.writes());
    assert_eq!(*plan.to, value);
}

#[test]
fn a_creation_of_an_equal_record_is_satisfied() {
    let scene = Scene::new();
    let mut value = scene.document(1, &json!({}));
    for stamp in ["version", "date_modified", "modified_by"] {
        value.as_object_mut().unwrap().remove(stamp);
    }
    scene.sends("a", json!({"change": {"create": value}})).becomes("satisfied; nothing");
}

#[test]
fn composing_is_deterministic_and_does_not_touch_its_ground() {
    let scene = Scene::new().sends("a", patch(json!({"score": 85}))).sends("b", patch(json!({"comments": "b"})));
    let before = scene.row.clone();
    assert_eq!(format!("{:?}", scene.plan()), format!("{:?}", scene.plan()));
    assert_eq!(scene.row, before);
}

#[test]
fn a_document_without_a_base_that_says_what_waits_to_be_written_goes_along() {
    let scene = Scene::new().shows("a").sends("a", patch(json!({"score": 95})));
    let same = scene.document(1, &json!({"score": 95}));
    scene.sends("b", json!({"change": {"desired": same}})).becomes("carried, carried; /score=95");
}

#[test]
fn a_document_in_review_means_what_waits_to_be_written_as_well() {
    let scene = Scene::new().shows("a").sends("a", patch(json!({"score": 95})));
    let document = scene.document(1, &json!({"score": 95, "comments": "b"}));
    let plan = scene.sends("b", json!({"change": {"desired": document}})).plan();
    let MemberFate::Review { edits, conflict, .. } = &plan.fates[1].1 else { panic!("{:?}", plan.fates) };
    assert_eq!(edits.iter().map(|edit| edit.path.as_str()).collect::<Vec<_>>(), ["/comments", "/score"]);
    assert_eq!(conflict.iter().map(|note| note.path.as_str()).collect::<Vec<_>>(), ["/comments"]);
}

/// Left alone with that base it would change nothing, and the word that it repeats would be gone.
#[test]
fn one_that_shows_what_an_older_one_is_about_to_write_does_not_take_its_place() {
    let again = json!({"change": {"merge_patch": {"score": 85}}, "base": {"value": {"score": 85}}});
    let scene = || Scene::new().sends("a", patch(json!({"score": 85})));
    scene().sends("a", again.clone()).becomes("carried, carried; /score=85");
    // Without that base, or with another value, it says it all by itself.
    let blind = json!({"change": {"merge_patch": {"score": 85}}});
    scene().sends("a", blind).becomes("superseded by 2, carried; /score=85");
    let mut other = again;
    other["change"]["merge_patch"]["score"] = json!(86);
    scene().sends("a", other).becomes("superseded by 2, carried; /score=86");
}

#[test]
fn who_goes_on_from_wishes_that_it_supersedes_has_what_those_started_from() {
    let seeing = |fields: Value, shown: Value| json!({"change": {"merge_patch": fields}, "base": {"value": shown}});
    let mut scene = Scene::new()
        .sends("a", patch(json!({"score": 85})))
        .sends("a", patch(json!({"comments": "one"})))
        .sends("a", seeing(json!({"score": 90, "comments": "two"}), json!({"score": 85, "comments": "one"})));
    scene.becomes("superseded by 3, superseded by 3, carried; /comments=\"two\" /score=90");
    let MemberFate::Carried { goes_on, .. } = scene.plan().fates[2].1.clone() else { panic!() };
    // Their write was refused: what they wanted never stood, and nobody is asked.
    scene.members.drain(..2);
    scene.members[0].status.edits = goes_on;
    scene.becomes("carried; /comments=\"two\" /score=90");
}
