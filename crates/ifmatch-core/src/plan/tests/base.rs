//! Whose base: what an intent edits, and against which older value it is compared.

use super::scene::{Scene, at, hour};
use crate::config::{AnswerPolicy, Sends};
use crate::ids::IntentId;
use crate::plan::MemberFate;
use crate::shadow::Word;
use serde_json::{Value, json};

fn patch(fields: Value, version: Option<u64>) -> Value {
    match version {
        Some(version) => json!({"change": {"merge_patch": fields}, "base": {"version": version}}),
        None => json!({"change": {"merge_patch": fields}}),
    }
}

fn whole(value: &Value, version: u64) -> Value {
    json!({"change": {"desired": value}, "base": {"version": version}})
}

/// The document with and without what the server manages, so that both sorts of client are covered.
fn both(document: &Value) -> [Value; 2] {
    let mut bare = document.clone();
    for stamp in ["version", "date_modified", "modified_by"] {
        bare.as_object_mut().unwrap().remove(stamp);
    }
    [document.clone(), bare]
}

#[test]
fn edits_with_the_current_version_are_written() {
    Scene::new().sends("a", patch(json!({"score": 85}), Some(1))).becomes("carried; /score=85");
}

#[test]
fn a_patch_of_the_only_field_is_an_edit_and_no_document() {
    let scene = || Scene::new().with_one_field();
    // Nothing is known of what its source saw: it stands against the record as it is.
    scene().sends("a", patch(json!({"score": 85}), None)).becomes("carried; /score=85");
    let plan = scene().writes("eve", json!({"score": 90})).sends("a", patch(json!({"score": 85}), Some(1)));
    plan.becomes("review /score; nothing");
    scene()
        .writes("eve", json!({"score": 90}))
        .sends("a", patch(json!({"score": 85}), Some(2)))
        .becomes("carried; /score=85");
}

#[test]
fn a_patch_of_all_that_the_record_has_is_a_document_whatever_version_is_pasted_on_it() {
    // The kind has a field more than the record.
    let read = json!({"score": 80, "comments": "old", "tags": [], "items": [
        {"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}]});
    let scene = Scene::new().with_shifts().shows("a").writes("eve", json!({"comments": "new"}));
    let mut said = read;
    said["score"] = json!(85);
    scene.sends("a", patch(said, Some(2))).becomes("carried; /score=85");
}

#[test]
fn of_equally_near_representations_the_stamps_tell_and_beside_a_nearer_one_they_do_not() {
    let metadata = |at: &str| json!({"version": 3, "at": at});
    let stage = || {
        let scene = Scene::new().with_metadata().writes("eve", json!({"metadata": metadata("two")})).shows("a");
        scene.writes("eve", json!({"score": 90, "metadata": metadata("three")})).shows("a")
    };
    let said = |score: i64, comments: &str, at: &str| {
        let items = json!([{"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}]);
        whole(
            &json!({"owner": "o-7", "score": score, "comments": comments, "tags": [], "items": items,
            "metadata": metadata(at)}),
            3,
        )
    };
    // Both of its fields are new, so that it is as near to the one as to the other.
    stage().sends("a", said(70, "new", "three")).becomes("carried; /comments=\"new\" /score=70");
    stage().sends("a", said(70, "new", "two")).becomes("review /score; nothing");
    // The older content with all of the newer metadata pasted onto it.
    stage().sends("a", said(80, "new", "three")).becomes("carried; /comments=\"new\"");
}

#[test]
fn a_representation_whose_stamps_a_document_does_not_bear_outweighs_no_own_word() {
    let items = json!([{"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}]);
    let mine = json!({"owner": "o-7", "score": 80, "comments": "mine", "tags": [], "items": items});
    let stamped = |at: &str| json!({"version": 3, "at": at});
    let scene = Scene::new().with_metadata().writes("eve", json!({"metadata": stamped("two")})).shows("a");
    // What it said landed beside a score that it did not look at.
    let landed = json!({"score": 90, "comments": "mine", "metadata": stamped("three")});
    let scene = scene.writes("a", landed).shows("a").said("a", mine.clone());
    let mut next = mine;
    (next["score"], next["metadata"]) = (json!(70), stamped("two"));
    scene.sends("a", whole(&next, 3)).becomes("review /score; nothing");
}

#[test]
fn edits_with_an_older_version_merge_with_another_field() {
    let scene = Scene::new().writes("eve", json!({"comments": "new"}));
    scene.sends("a", patch(json!({"score": 85}), Some(1))).becomes("carried; /score=85");
}

#[test]
fn edits_with_an_older_version_conflict_on_the_same_field() {
    let scene = Scene::new().writes("eve", json!({"score": 90}));
    let plan = scene.sends("a", patch(json!({"score": 85}), Some(1)));
    plan.becomes("review /score; nothing");
    let MemberFate::Review { conflict, .. } = &plan.plan().fates[0].1 else { panic!() };
    assert_eq!(conflict[0].base, Some(json!(80)));
    assert_eq!(conflict[0].local, Some(json!(85)));
    assert_eq!(conflict[0].remote, Some(json!(90)));
    assert_eq!(conflict[0].remote_writer.as_deref(), Some("eve"));
    assert_eq!(conflict[0].seen, crate::value_digest(Some(&json!(90))));
}

#[test]
fn one_conflicting_field_does_not_write_half_of_an_unrelated_intent() {
    let scene = Scene::new().writes("eve", json!({"score": 90}));
    let scene = scene.sends("a", patch(json!({"score": 85}), Some(1)));
    scene.sends("b", patch(json!({"comments": "b"}), Some(1))).becomes("review /score, carried; /comments=\"b\"");
}

#[test]
fn equal_values_are_no_conflict() {
    let scene = Scene::new().writes("eve", json!({"score": 85}));
    scene.sends("a", patch(json!({"score": 85}), Some(1))).becomes("satisfied; nothing");
}

#[test]
fn edits_without_a_base_mean_the_fields_of_the_patch() {
    let scene = Scene::new().writes("eve", json!({"comments": "new"}));
    scene.sends("a", patch(json!({"score": 85}), None)).becomes("carried; /score=85");
}

#[test]
fn edits_without_a_base_do_not_erase_what_came_after_them() {
    let mut scene = Scene::new();
    scene.clock = hour(1);
    let scene = scene.sends("a", patch(json!({"score": 85}), None));
    scene.writes("eve", json!({"score": 90})).becomes("review /score; nothing");
}

#[test]
fn edits_without_a_base_merge_with_other_fields_that_came_after_them() {
    let mut scene = Scene::new();
    scene.clock = hour(1);
    let scene = scene.sends("a", patch(json!({"score": 85}), None));
    scene.writes("eve", json!({"comments": "new"})).becomes("carried; /score=85");
}

/// The process began anew with a clock that is behind: what it read since looks older than the wish, and is not.
#[test]
fn what_was_seen_after_a_wish_is_no_base_of_it_whatever_the_clock_says() {
    let mut scene = Scene::new();
    scene.clock = hour(1);
    let mut scene = scene.sends("a", patch(json!({"score": 85}), None)).writes("eve", json!({"score": 90}));
    scene.row.history.iter_mut().for_each(|snapshot| snapshot.read_at = hour(0));
    scene.becomes("review /score; nothing");
}

/// A blind wish at the first hour, in a target that never says when it changed a record.
fn blind_at_one() -> Scene {
    let mut scene = Scene::new();
    scene.clock = hour(1);
    scene.sends("a", patch(json!({"score": 85}), None))
}

#[test]
fn without_stamps_a_blind_edit_does_not_erase_what_came_after_it() {
    blind_at_one().writes("eve", json!({"score": 90})).unstamped().becomes("review /score; nothing");
    // Once more, with a representation in between that held the older value.
    let twice = blind_at_one().writes("eve", json!({"comments": "new"})).writes("eve", json!({"score": 90}));
    twice.unstamped().becomes("review /score; nothing");
}

#[test]
fn without_stamps_a_blind_edit_of_what_stands_since_before_it_is_carried() {
    blind_at_one().unstamped().becomes("carried; /score=85");
    blind_at_one().writes("eve", json!({"comments": "new"})).unstamped().becomes("carried; /score=85");
    // What was known before the wish came was there for everybody to see, however often it is read again.
    let mut scene = Scene::new().writes("eve", json!({"score": 90}));
    scene.clock = hour(3);
    let scene = scene.sends("a", patch(json!({"score": 85}), None));
    scene.read_again(hour(9)).unstamped().becomes("carried; /score=85");
}

#[test]
fn without_stamps_the_first_sight_after_a_blind_edit_is_no_proof() {
    let scene = Scene::empty().sends("a", patch(json!({"score": 85}), None));
    scene.writes("eve", json!({"owner": "o-7", "score": 80})).unstamped().becomes("review /score; nothing");
}

#[test]
fn the_fields_as_the_source_saw_them_are_its_base() {
    let seen = |score: i64| json!({"change": {"merge_patch": {"score": 85}}, "base": {"value": {"score": score}}});
    Scene::new().sends("a", seen(80)).becomes("carried; /score=85");
    Scene::new().sends("a", seen(70)).becomes("review /score; nothing");
}

#[test]
fn the_target_equal_to_the_wish_satisfies_it() {
    Scene::new().sends("a", patch(json!({"score": 80}), Some(1))).becomes("satisfied; nothing");
    let scene = Scene::new().shows("a");
    let document = scene.document(1, &json!({}));
    scene.sends("a", whole(&document, 1)).becomes("satisfied; nothing");
}

#[test]
fn a_fresh_version_on_an_old_document_merges_with_another_field() {
    let scene = || Scene::new().shows("a").writes("eve", json!({"comments": "new"})).shows("a");
    let mut document = scene().document(1, &json!({"score": 85}));
    document["version"] = json!(2);
    for document in both(&document) {
        scene().sends("a", whole(&document, 2)).becomes("carried; /score=85");
    }
}

#[test]
fn a_fresh_version_on_an_old_document_conflicts_on_the_same_field() {
    let scene = || Scene::new().shows("a").writes("eve", json!({"score": 90, "comments": "new"})).shows("a");
    let mut document = scene().document(1, &json!({"score": 85}));
    document["version"] = json!(2);
    for document in both(&document) {
        scene().sends("a", whole(&document, 2)).becomes("review /score; nothing");
    }
}

#[test]
fn stamps_tell_an_old_document_from_a_fresh_one() {
    let scene = Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    let mut document = scene.document(1, &json!({"score": 85}));
    document["version"] = json!(2);
    scene.sends("a", whole(&document, 2)).becomes("review /score; nothing");
}

/// Without stamps nobody can tell which of the two the source saw: the doubt ends in a conflict and
/// never in a lost edit (docs/design/001-composition-and-bases.md).
#[test]
fn of_two_snapshots_equally_near_that_disagree_the_oldest_is_the_base() {
    let scene = || Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    let [stamped, bare] = both(&scene().document(2, &json!({"score": 85})));
    scene().sends("a", whole(&bare, 2)).becomes("review /score; nothing");
    scene().sends("a", whole(&stamped, 2)).becomes("carried; /score=85");
}

#[test]
fn an_unchanged_old_document_erases_nothing() {
    let scene = || Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    let mut document = scene().document(1, &json!({}));
    document["version"] = json!(2);
    for document in both(&document) {
        let plan = scene().sends("a", whole(&document, 2)).plan();
        assert!(!plan.writes(), "{:?}", plan.to);
    }
}

#[test]
fn the_sources_own_last_word_is_a_base() {
    let scene = Scene::new();
    let own = scene.document(1, &json!({}));
    let scene = scene.said("a", own).writes("eve", json!({"comments": "new"}));
    let [_, document] = both(&scene.document(1, &json!({"score": 85})));
    scene.sends("a", whole(&document, 2)).becomes("carried; /score=85");
}

#[test]
fn the_nearer_of_own_word_and_what_was_shown_is_the_base() {
    let scene = || {
        let scene = Scene::new();
        let [_, own] = both(&scene.document(1, &json!({})));
        let scene = scene.said("a", own).writes("eve", json!({"comments": "new"})).shows("a");
        scene.writes("eve", json!({"comments": "newest"}))
    };
    for version in [1, 2] {
        let [_, document] = both(&scene().document(version, &json!({"score": 85})));
        scene().sends("a", whole(&document, 3)).becomes("carried; /score=85");
    }
}

/// Source a sends its state: it was shown version 1, and had the score and the comments set since.
fn spoken_since() -> Scene {
    let words = json!({"score": 35, "comments": "mine"});
    let mut scene = Scene::new().shows("a").writes("a", words.clone()).said("a", words);
    scene.config.sources.get_mut(&"a".into()).unwrap().sends = Sends::State;
    let word = Word { order: 1, intent: IntentId(1), version: Some(2), deed: false };
    let settled = ["/score", "/comments"].map(|path| (at(path), word));
    scene.row.sources.get_mut(&"a".into()).unwrap().settled.extend(settled);
    scene
}

/// What it sends next, made from version 1.
fn says_next(mut scene: Scene, patch: &Value) -> Scene {
    let document = scene.document(1, patch);
    scene.push("a", whole(&document, 1)).order = 2;
    scene
}

#[test]
fn a_state_that_takes_an_own_word_back_still_carries_the_stamps_of_what_it_was_shown_before() {
    says_next(spoken_since(), &json!({"comments": "mine"})).becomes("carried; /score=80");
    says_next(spoken_since(), &json!({})).becomes("carried; /comments=\"old\" /score=80");
}

#[test]
fn a_word_taken_back_after_somebody_else_changed_it_is_a_conflict() {
    let scene = spoken_since().writes("eve", json!({"score": 90}));
    says_next(scene, &json!({"comments": "mine"})).becomes("review /score; nothing");
}

#[test]
fn a_state_that_says_its_own_words_again_changes_nothing() {
    let scene = spoken_since().writes("eve", json!({"score": 90}));
    says_next(scene, &json!({"score": 35, "comments": "mine"})).becomes("satisfied; nothing");
}

#[test]
fn a_word_that_a_person_settled_otherwise_is_echoed_by_no_version() {
    let mut scene = Scene::new().said("a", json!({"score": 35}));
    let word = Word { order: 1, intent: IntentId(1), version: Some(1), deed: false };
    scene.row.sources.get_mut(&"a".into()).unwrap().settled.insert(at("/score"), word);
    let scene = scene.writes("eve", json!({"comments": "new"}));
    scene.sends("b", patch(json!({"score": 35}), Some(1))).becomes("carried; /score=35");
}

#[test]
fn who_shows_the_value_that_it_wants_is_not_told_that_the_target_holds_it() {
    let wish = json!({"change": {"merge_patch": {"score": 35}}, "base": {"version": 1, "value": {"score": 35}}});
    let plan = Scene::new().sends("a", wish).plan();
    let MemberFate::Satisfied { code, .. } = &plan.fates[0].1 else { panic!("{:?}", plan.fates) };
    assert_eq!(*code, "satisfied/unchanged");
}

#[test]
fn what_another_source_was_shown_is_no_base() {
    let scene = Scene::new().shows("b").writes("eve", json!({"comments": "new"}));
    let [_, document] = both(&scene.document(1, &json!({"score": 85})));
    scene.sends("a", whole(&document, 2)).becomes("review /comments /score; nothing");
}

#[test]
fn a_whole_document_without_a_base_goes_to_review_in_one_bundle() {
    let document = json!({"owner": "o-7", "score": 85, "comments": "mine", "tags": [], "items": [
        {"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}]});
    Scene::new().sends("a", whole(&document, 1)).becomes("review /comments /score; nothing");
}

#[test]
fn a_refusal_says_what_a_review_would_have_asked() {
    let mut scene = Scene::new();
    scene.config.sources.get_mut(&"a".into()).unwrap().answer = AnswerPolicy::Refuse;
    let document = json!({"owner": "o-7", "score": 85, "comments": "mine", "tags": []});
    let refused = scene.sends("a", whole(&document, 1)).plan();
    assert!(matches!(refused.fates[0].1, MemberFate::Rejected { code: "rejected/no_base", .. }), "{:?}", refused.fates);
}

#[test]
fn a_whole_document_without_a_base_that_equals_the_target_is_satisfied() {
    let scene = Scene::new();
    let [_, document] = both(&scene.document(1, &json!({})));
    scene.sends("a", whole(&document, 1)).becomes("satisfied; nothing");
}

#[test]
fn a_patch_of_every_writable_field_is_a_whole_document() {
    let scene = Scene::new().shows("a").writes("eve", json!({"comments": "new"})).shows("a");
    let [_, mut document] = both(&scene.document(1, &json!({"score": 85})));
    document.as_object_mut().unwrap().remove("owner");
    scene.sends("a", patch(document, Some(2))).becomes("carried; /score=85");
}

#[test]
fn a_path_set_back_to_an_older_value_is_a_conflict_whatever_version_is_named() {
    let scene = || Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    scene().sends("a", patch(json!({"score": 80}), Some(2))).becomes("review /score; nothing");
    scene().sends("a", patch(json!({"score": 80}), None)).becomes("review /score; nothing");
}

#[test]
fn the_shadow_does_not_advance_for_a_path_in_review() {
    let scene = Scene::new().said("a", json!({"score": 80})).writes("eve", json!({"score": 90}));
    let plan = scene.sends("a", patch(json!({"score": 85}), Some(1))).plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
    assert_eq!(plan.row, None);
}

#[test]
fn a_source_that_sends_state_means_the_whole_by_a_patch() {
    let mut scene = Scene::new().shows("a").writes("eve", json!({"comments": "new"})).shows("a");
    scene.config.sources.get_mut(&"a".into()).unwrap().sends = Sends::State;
    let document = json!({"score": 85, "comments": "old"});
    scene.sends("a", patch(document, Some(2))).becomes("carried; /score=85");
}

#[test]
fn a_value_that_was_refused_is_refused_again_under_a_fresh_version() {
    let mut scene = Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    let refused = json!({"refused": [{"path": "/score", "base": 80, "local": 85, "remote": 90}]});
    scene.row.sources.insert("a".into(), serde_json::from_value(refused).unwrap());
    let document = scene.document(2, &json!({"score": 85}));
    scene.sends("a", whole(&document, 2)).becomes("review /score; nothing");
}

#[test]
fn another_value_than_the_refused_one_is_a_new_wish() {
    let mut scene = Scene::new().shows("a").writes("eve", json!({"score": 90})).shows("a");
    let refused = json!({"refused": [{"path": "/score", "base": 80, "local": 85, "remote": 90}]});
    scene.row.sources.insert("a".into(), serde_json::from_value(refused).unwrap());
    let document = scene.document(2, &json!({"score": 95}));
    scene.sends("a", whole(&document, 2)).becomes("carried; /score=95");
}

#[test]
fn two_versions_that_agree_prove_nothing_of_one_between_them() {
    let scene = Scene::new().writes("eve", json!({"score": 95})).writes("bob", json!({"score": 80}));
    let mut scene = scene.sends("a", patch(json!({"score": 85}), Some(2)));
    scene.row.history.remove(1);
    scene.becomes("review /score; nothing");
}

#[test]
fn a_document_without_a_version_goes_on_from_its_sources_own_word() {
    let own = json!({"owner": "o-7", "score": 80, "comments": "old", "tags": []});
    let scene = Scene::new().said("a", own).writes("eve", json!({"score": 40, "comments": "hers"})).shows("a");
    let document = json!({"owner": "o-7", "score": 90, "comments": "hers", "tags": []});
    scene.sends("a", json!({"change": {"desired": document}})).becomes("review /score; nothing");
}

#[test]
fn a_word_that_settles_is_the_base_of_the_next_one() {
    let document = |score: u64| json!({"owner": "o-7", "score": score, "comments": "old", "tags": []});
    let scene = Scene::new().said("a", document(80)).writes("eve", json!({"score": 85}));
    let scene = scene.sends("a", json!({"change": {"desired": document(85)}}));
    scene.sends("a", json!({"change": {"desired": document(90)}})).becomes("satisfied, carried; /score=90");
}

#[test]
fn of_a_field_that_a_source_never_spoke_of_its_word_is_no_base() {
    let scene = Scene::new().said("a", json!({"comments": "old"})).writes("eve", json!({"score": 90}));
    let scene = scene.sends("a", json!({"change": {"desired": {"score": 85, "comments": "old"}}})).held();
    assert_eq!(scene.members[0].status.code.as_deref(), Some("review/unknown_base"));
}

#[test]
fn a_member_set_back_does_not_bring_back_an_element_that_somebody_removed() {
    let scene = Scene::new().writes("eve", json!({"items": [{"id": "i1", "text": "ONE"}]}));
    let scene = scene.writes("eve", json!({"items": []}));
    let outcome = scene.sends("a", patch(json!({"items": [{"id": "i1", "text": "one"}]}), Some(2))).outcome();
    assert_eq!(outcome, "review /items/i1; nothing");
}
