//! Intents in review: what they block, what supersedes or joins them, and what a decision is worth.

use super::scene::{Scene, at, hour};
use crate::plan::MemberFate;
use crate::record::Decided;
use crate::states::State;
use serde_json::{Value, json};

fn patch(fields: Value, version: u64) -> Value {
    json!({"change": {"merge_patch": fields}, "base": {"version": version}})
}

/// The first intent of source a waits for a person: it wants 85 where eve wrote 90.
fn waiting(fields: Value) -> Scene {
    Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a").sends("a", patch(fields, 1)).held()
}

#[test]
fn a_review_does_not_block_other_paths() {
    let scene = waiting(json!({"score": 85})).sends("a", patch(json!({"comments": "a"}), 2));
    let plan = scene.plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert!(matches!(plan.fates[1].1, MemberFate::Carried { .. }), "{:?}", plan.fates);
    assert_eq!((&plan.to["score"], &plan.to["comments"]), (&json!(90), &json!("a")));
}

#[test]
fn an_intent_that_covers_a_review_supersedes_it() {
    let scene = waiting(json!({"score": 85})).sends("a", patch(json!({"score": 95}), 2));
    scene.becomes("superseded by 2, carried; /score=95");
}

#[test]
fn an_intent_that_overlaps_a_review_joins_it() {
    let scene = waiting(json!({"score": 85, "comments": "a"})).sends("a", patch(json!({"comments": "again"}), 2));
    let plan = scene.plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert!(matches!(plan.fates[1].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert!(!plan.writes());
}

#[test]
fn a_review_blocks_every_path_of_its_intent() {
    let plan = waiting(json!({"score": 85, "comments": "a"})).plan();
    assert!(!plan.writes(), "{:?}", plan.to);
}

/// The first intent of source a, after a person chose its side while the target held `seen`.
fn decided(seen: i64) -> Scene {
    let mut scene = waiting(json!({"score": 85}));
    let status = &mut scene.members[0].status;
    status.state = State::Queued;
    status.decided.insert(at("/score"), Decided { value: Some(json!(85)), remote: Some(json!(seen)) });
    scene
}

#[test]
fn a_decision_is_carried_out_while_the_value_that_was_seen_stands() {
    decided(90).becomes("carried; /score=85");
}

#[test]
fn a_decision_survives_edits_of_other_paths() {
    decided(90).writes("eve", json!({"comments": "new"})).becomes("carried; /score=85");
}

#[test]
fn a_path_that_moved_since_reopens_the_review() {
    let scene = decided(90).writes("eve", json!({"score": 95}));
    scene.becomes("review /score; nothing");
    let MemberFate::Review { conflict, .. } = &scene.plan().fates[0].1 else { panic!() };
    assert_eq!(conflict[0].remote, Some(json!(95)));
}

#[test]
fn a_decision_may_choose_a_third_value() {
    let mut scene = decided(90);
    scene.members[0].status.decided.get_mut(&at("/score")).unwrap().value = Some(json!(88));
    scene.becomes("carried; /score=88");
}

#[test]
fn a_decision_for_the_remote_side_writes_nothing() {
    let mut scene = decided(90);
    scene.members[0].status.decided.get_mut(&at("/score")).unwrap().value = Some(json!(90));
    let plan = scene.plan();
    assert!(!plan.writes());
    assert!(!matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
}

#[test]
fn a_decision_for_the_remote_side_of_an_element_leaves_its_neighbours() {
    let mut scene = decided(90);
    let element = Some(json!({"id": "i1", "text": "one"}));
    scene.members[0].status.decided.insert(at("/items/i1"), Decided { value: element.clone(), remote: element });
    scene.becomes("carried; /score=85");
}

#[test]
fn a_document_that_goes_on_from_a_review_takes_its_question_over() {
    let first = Scene::new().shows("a").writes("eve", json!({"score": 90}));
    let (held, next) =
        (first.document(1, &json!({"score": 85})), first.document(1, &json!({"score": 85, "comments": "a"})));
    let scene = first.sends("a", json!({"change": {"desired": held}})).held();
    scene.sends("a", json!({"change": {"desired": next}})).becomes("superseded by 2, review /score; nothing");
}

#[test]
fn a_wish_that_shows_its_own_open_wish_as_its_base_asks_the_same_question() {
    let again = json!({"change": {"merge_patch": {"score": 85}}, "base": {"value": {"score": 85}}});
    waiting(json!({"score": 85})).sends("a", again).becomes("superseded by 2, review /score; nothing");
}

#[test]
fn a_newer_document_made_from_what_stands_joins_nothing_that_it_covers() {
    let scene = waiting(json!({"score": 85, "comments": "a"}));
    let next = scene.document(2, &json!({"comments": "again"}));
    scene.sends("a", json!({"change": {"desired": next}})).becomes("superseded by 2, carried; /comments=\"again\"");
}

/// Source a edits without a base; eve wrote after that, and nothing is known of what stood before.
fn doubtful() -> Scene {
    let mut scene = Scene::new();
    scene.clock = hour(1);
    let mut scene = scene.sends("a", json!({"change": {"merge_patch": {"score": 85}}}));
    scene = scene.writes("eve", json!({"score": 90}));
    scene.row.history.remove(0);
    let mut scene = scene.held();
    scene.clock = hour(3);
    scene
}

#[test]
fn a_doubt_about_the_base_is_told() {
    let scene = doubtful();
    assert_eq!(scene.members[0].status.code.as_deref(), Some("review/unknown_base"));
    assert!(scene.members[0].status.edits[0].baseless);
}

#[test]
fn of_a_base_that_nobody_knows_no_edit_and_no_writer_is_claimed() {
    let mut scene = Scene::new().writes("eve", json!({"tags": ["hers"]}));
    scene.row.history.remove(0);
    let wish = json!({"change": {"merge_patch": {"comments": "mine"}}, "base": {"version": 1}});
    let scene = scene.sends("a", wish).held();
    let status = &scene.members[0].status;
    assert_eq!(status.code.as_deref(), Some("review/unknown_base"));
    let reason = "it names version 1, and what stood at /comments then is not known here";
    assert_eq!((status.reason.as_deref(), &status.conflict[0].remote_writer), (Some(reason), &None));
}

#[test]
fn beside_a_true_conflict_a_doubt_is_told_as_one() {
    let mut scene = Scene::new().writes("eve", json!({"score": 90}));
    scene.row.history.remove(0);
    let base = json!({"version": 1, "value": {"score": 80}});
    let wish = json!({"change": {"merge_patch": {"score": 85, "comments": "mine"}}, "base": base});
    let scene = scene.sends("a", wish).held();
    let status = &scene.members[0].status;
    assert_eq!(status.code.as_deref(), Some("review/true_conflict"));
    let reason = "eve changed /score meanwhile; it names version 1, and what stood at /comments then is not known here";
    assert_eq!(status.reason.as_deref(), Some(reason));
    let writers: Vec<_> =
        status.conflict.iter().map(|note| (note.path.as_str(), note.remote_writer.as_deref())).collect();
    assert_eq!(writers, [("/comments", None), ("/score", Some("eve"))]);
}

#[test]
fn a_newer_blind_edit_does_not_inherit_a_doubt() {
    let scene = doubtful().sends("a", json!({"change": {"merge_patch": {"score": 86}}}));
    scene.becomes("superseded by 2, carried; /score=86");
}

#[test]
fn an_edit_that_shows_its_own_question_as_its_base_inherits_the_doubt() {
    let again = json!({"change": {"merge_patch": {"score": 85}}, "base": {"value": {"score": 85}}});
    doubtful().sends("a", again).becomes("superseded by 2, review /score; nothing");
}

#[test]
fn a_newer_blind_edit_goes_on_from_a_base_that_is_known() {
    let scene = waiting(json!({"score": 85})).sends("a", json!({"change": {"merge_patch": {"score": 86}}}));
    scene.becomes("superseded by 2, review /score; nothing");
}

#[test]
fn a_blind_edit_back_to_where_the_question_started_from_is_still_a_question() {
    let scene = waiting(json!({"score": 85})).sends("a", json!({"change": {"merge_patch": {"score": 80}}}));
    scene.becomes("superseded by 2, review /score; nothing");
}

#[test]
fn an_own_pending_value_may_be_set_back() {
    let scene = Scene::new().shows("a").writes("eve", json!({"comments": "new"})).shows("a");
    let scene = scene.sends("a", patch(json!({"comments": "mine"}), 2));
    let scene = scene.sends("a", json!({"change": {"merge_patch": {"comments": "old"}}}));
    scene.becomes("superseded by 2, carried; /comments=\"old\"");
}

/// A person had the target's value stay; the source says its own once more, without a base.
#[test]
fn a_word_that_was_decided_against_is_not_told_to_stand() {
    let scene = Scene::new().said("a", json!({"score": 85})).writes("eve", json!({"score": 90}));
    let scene = scene.sends("a", json!({"change": {"merge_patch": {"score": 85}}}));
    let MemberFate::Satisfied { code, .. } = scene.plan().fates[0].1 else { panic!("{:?}", scene.plan().fates) };
    assert_eq!(code, "satisfied/unchanged");
}

#[test]
fn a_reversion_shows_the_base_that_it_had() {
    let scene = Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    let scene = scene.sends("a", patch(json!({"score": 80}), 2)).held();
    let status = &scene.members[0].status;
    assert_eq!(status.code.as_deref(), Some("review/true_conflict"));
    assert_eq!(status.conflict[0].base, Some(json!(90)));
}

#[test]
fn a_document_in_doubt_is_in_doubt_when_it_is_sent_again() {
    let document = json!({"owner": "o-7", "score": 85, "comments": "old", "tags": []});
    let sent = json!({"change": {"desired": document}});
    let scene = Scene::new().sends("a", sent.clone()).held();
    let scene = scene.writes("eve", json!({"comments": "hers"})).sends("a", sent);
    scene.becomes("superseded by 2, review /comments /score; nothing");
}
