//! Writes that the target accepts and does not apply.

use super::shell::{Shell, patch, wish};
use crate::config::{Limits, Verify};
use crate::dialect::Guard;
use crate::ids::{IntentId, Ticket};
use crate::input::{Decision, DecisionAction, Input, Scope};
use crate::states::State;
use crate::undo::UndoError;
use crate::wire::Method;
use crate::{Notice, SignedDuration};
use ifmatch_merge::Pointer;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A target that keeps scores at 90 at most.
fn bounded(verify: Verify) -> Shell {
    let mut shell = Shell::with(Guard::Monotonic, Limits::default());
    shell.target.score_max = Some(90);
    shell.config.verify = verify;
    shell.crash();
    shell
}

/// The score and the comments of a note are set, from what stands there.
fn sets(shell: &mut Shell, note: &str, score: i64) -> IntentId {
    let said = json!({"change": {"merge_patch": {"score": score, "comments": "new"}},
        "base": {"value": {"score": 80, "comments": "old"}}});
    shell.submit("s", wish(note, said))
}

fn alarms(shell: &Shell, wanted: &str) -> usize {
    shell.notices.iter().filter(|notice| matches!(notice, Notice::Alarm { code, .. } if *code == wanted)).count()
}

fn decide(shell: &mut Shell, intent: IntentId, side: &str) {
    settle(shell, intent, DecisionAction::Apply, side);
}

fn settle(shell: &mut Shell, intent: IntentId, action: DecisionAction, side: &str) {
    decide_all(shell, intent, action, [("/score".parse().unwrap(), json!(side))].into());
}

fn decide_all(shell: &mut Shell, intent: IntentId, action: DecisionAction, choose: BTreeMap<Pointer, Value>) {
    shell.feed(Input::Decided(Decision {
        ticket: Ticket(999),
        intent,
        by: "olga".to_owned(),
        action,
        choose,
        seen: Default::default(),
        note: None,
    }));
    shell.run(60);
}

/// An undo of what set score and comments puts back both.
fn is_taken_back_whole(shell: &mut Shell, id: IntentId) {
    let back = shell.undo_of(id).unwrap();
    let back = shell.submit("t", back);
    shell.run(60);
    let note = shell.target.note("a-1");
    assert_eq!((shell.state(back), &note["comments"], &note["score"]), (State::Landed, &json!("old"), &json!(80)));
}

#[test]
fn an_answer_that_shows_another_value_is_told_with_both_sides() {
    let mut shell = bounded(Verify::Answer);
    let id = sets(&mut shell, "a-1", 95);
    shell.run(60);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/silent_refusal"));
    let [note] = shell.status(id).conflict.as_slice() else { panic!("one path") };
    let sides = (note.path.as_str(), note.base.clone(), note.local.clone(), note.remote.clone());
    assert_eq!(sides, ("/score", Some(json!(80)), Some(json!(95)), Some(json!(90))));
    assert_eq!(shell.target.note("a-1")["comments"], "new", "the rest was applied");
    assert_eq!((shell.target.count(Method::Put), shell.target.count(Method::Get)), (1, 1), "it costs no request");
    assert_eq!(alarms(&shell, "silent_refusal"), 1);
    assert!(shell.why(id).contains("wants 95, and the target holds 90"), "{}", shell.why(id));
}

#[test]
fn a_person_decides_what_becomes_of_it() {
    for (side, state, writes) in [("local", State::Review, 2), ("remote", State::Satisfied, 1)] {
        let mut shell = bounded(Verify::Answer);
        let id = sets(&mut shell, "a-1", 95);
        shell.run(60);
        decide(&mut shell, id, side);
        assert_eq!((shell.state(id), shell.target.count(Method::Put)), (state, writes), "{side}");
    }
}

#[test]
fn what_was_applied_of_one_that_was_not_can_be_taken_back() {
    let mut shell = bounded(Verify::Answer);
    let id = sets(&mut shell, "a-1", 95);
    shell.run(60);
    let paths = "/comments, /score".to_owned();
    assert_eq!(shell.undo_of(id), Err(UndoError::Stands { state: State::Review, paths }));
    settle(&mut shell, id, DecisionAction::Discard, "local");
    assert_eq!(shell.state(id), State::Discarded);
    let stands = ["/comments=\"new\" s", "/score=90 s"];
    assert!(
        stands.iter().all(|line| shell.blame_of("a-1").contains(&(*line).to_owned())),
        "{:?}",
        shell.blame_of("a-1")
    );
    assert!(shell.why(id).contains("a write of it was applied at /comments, /score"), "{}", shell.why(id));
    is_taken_back_whole(&mut shell, id);
}

#[test]
fn one_that_landed_by_two_writes_is_taken_back_as_a_whole() {
    let mut shell = bounded(Verify::Answer);
    let id = sets(&mut shell, "a-1", 95);
    shell.run(60);
    shell.target.score_max = None;
    decide(&mut shell, id, "local");
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(95)));
    is_taken_back_whole(&mut shell, id);
}

#[test]
fn an_element_that_one_write_made_and_another_changed_is_taken_back_whole() {
    let mut shell = bounded(Verify::Answer);
    let items = json!([{"id": "i9", "text": "nine", "score": 95}]);
    let said = json!({"change": {"merge_patch": {"items": items}}, "base": {"value": {"items": []}}});
    let id = shell.submit("s", wish("a-1", said));
    shell.run(60);
    assert_eq!((shell.code(id), &shell.target.note("a-1")["items"][0]["score"]), ("review/silent_refusal", &json!(90)));
    shell.target.score_max = None;
    // The element as a whole first, and then the one value that the two sides of it disagree on.
    for _ in 0..2 {
        let paths = shell.status(id).conflict.iter().map(|note| note.path.clone());
        let choose = paths.map(|path| (path, json!("local"))).collect();
        decide_all(&mut shell, id, DecisionAction::Apply, choose);
    }
    assert_eq!((shell.state(id), &shell.target.note("a-1")["items"]), (State::Landed, &items));
    let back = shell.undo_of(id).unwrap();
    let back = shell.submit("t", back);
    shell.run(60);
    assert_eq!((shell.state(back), &shell.target.note("a-1")["items"]), (State::Landed, &json!([])));
}

#[test]
fn what_was_not_applied_at_all_has_changed_nothing() {
    let mut shell = bounded(Verify::Answer);
    shell.target.score_max = Some(80);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(60);
    assert_eq!(shell.code(id), "review/silent_refusal");
    settle(&mut shell, id, DecisionAction::Discard, "local");
    assert_eq!(shell.undo_of(id), Err(UndoError::NotLanded(State::Discarded)));
}

#[test]
fn an_answer_is_believed_until_a_read_contradicts_it() {
    let mut shell = bounded(Verify::Answer);
    shell.target.answers_as_sent = true;
    let first = sets(&mut shell, "a-1", 95);
    shell.run(60);
    assert_eq!(shell.state(first), State::Landed, "nothing tells otherwise");
    shell.idle(300);
    let second = shell.submit("t", patch("a-1", json!({"tags": ["x"]})));
    shell.run(60);
    assert_eq!((shell.state(second), alarms(&shell, "answer_doubted")), (State::Landed, 1));
    // In the next life, too.
    shell.crash();
    let third = sets(&mut shell, "a-2", 99);
    shell.run(60);
    assert_eq!((shell.code(third), shell.target.count(Method::Put)), ("review/silent_refusal", 3));
}

#[test]
fn a_verified_write_waits_for_a_read_of_its_version() {
    let mut shell = bounded(Verify::Always);
    let id = sets(&mut shell, "a-1", 85);
    shell.serve_until(Method::Put);
    shell.target.lag_until = Some(shell.now + SignedDuration::from_secs(20));
    shell.serve();
    shell.idle(5);
    assert_eq!((shell.state(id), shell.code(id)), (State::Tracking, "tracking/verifying"));
    shell.run(60);
    assert_eq!((shell.state(id), shell.target.count(Method::Put)), (State::Landed, 1));
    assert_eq!(alarms(&shell, "silent_refusal") + alarms(&shell, "answer_doubted"), 0);
}

#[test]
fn a_crash_before_the_read_forgets_nothing() {
    let mut shell = bounded(Verify::Always);
    shell.target.answers_as_sent = true;
    let (applied, dropped) = (sets(&mut shell, "a-1", 85), sets(&mut shell, "b-1", 95));
    while shell.target.count(Method::Put) < 2 {
        shell.serve_one();
    }
    shell.crash();
    shell.run(60);
    assert_eq!((shell.state(applied), shell.code(dropped)), (State::Landed, "review/silent_refusal"));
    assert_eq!(shell.target.count(Method::Put), 2, "nothing is sent again");
}

#[test]
fn who_edits_before_the_read_is_not_blamed_on_the_target() {
    let edited = |verify: Verify, score: Value| {
        let mut shell = bounded(verify);
        let id = sets(&mut shell, "a-1", 85);
        let write = shell.serve_until(Method::Put);
        let response = shell.target.answer(shell.now, &write.request);
        shell.target.edit(shell.now, "a-1", "eve", &json!({"score": score}));
        shell.answer(write.attempt, response);
        shell.run(60);
        assert_eq!(alarms(&shell, "silent_refusal") + alarms(&shell, "answer_doubted"), 0);
        assert_eq!((&shell.target.note("a-1")["score"], shell.target.count(Method::Put)), (&score, 1));
        (shell.state(id), shell.code(id).to_owned())
    };
    assert_eq!(edited(Verify::Answer, json!(70)), (State::Landed, String::new()));
    // Who reads every write back does not go by the answer; and what stood there before may never have gone away.
    for score in [70, 80] {
        assert_eq!(edited(Verify::Always, json!(score)), (State::Review, "review/undecided".to_owned()));
    }
}

#[test]
fn three_in_a_row_hold_the_kind_until_somebody_resumes_it() {
    let mut shell = bounded(Verify::Answer);
    for note in ["a-1", "a-2", "a-3"] {
        sets(&mut shell, note, 95);
        shell.run(5);
    }
    assert_eq!((alarms(&shell, "silent_refusal"), alarms(&shell, "silent_stop")), (1, 1));
    let held = sets(&mut shell, "c-1", 85);
    shell.crash();
    shell.run(60);
    assert_eq!((shell.code(held), shell.target.count(Method::Put)), ("deferred/brake", 3));
    shell.brake(Scope::Kind("note".to_owned()), false);
    shell.run(60);
    assert_eq!((shell.state(held), shell.target.count(Method::Put)), (State::Landed, 4));
}

#[test]
fn one_that_is_applied_begins_the_count_anew() {
    let mut shell = bounded(Verify::Answer);
    for (note, score) in [("a-1", 95), ("a-2", 95), ("b-1", 85), ("a-3", 95), ("c-1", 95)] {
        sets(&mut shell, note, score);
        shell.run(5);
    }
    assert_eq!((alarms(&shell, "silent_stop"), shell.target.count(Method::Put)), (0, 5));
}

#[test]
fn what_is_made_otherwise_is_told_as_well() {
    let mut shell = bounded(Verify::Answer);
    let made = json!({"resource": {"org": "acme", "kind": "note", "key": {"owner": "new"}},
        "change": {"create": {"owner": "new", "score": 95, "comments": "made"}}});
    let id = shell.submit("s", serde_json::from_value(made).unwrap());
    shell.run(60);
    assert_eq!((shell.code(id), shell.target.count(Method::Post)), ("review/silent_refusal", 1));
    assert_eq!(shell.status(id).conflict[0].remote, Some(json!(90)));
}
