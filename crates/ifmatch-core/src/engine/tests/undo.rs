//! What landed is taken back, once, and never over what somebody wrote since.

use super::shell::{Shell, patch, publish};
use crate::states::State;
use crate::undo::UndoError;
use crate::wire::{Failure, Method};
use serde_json::json;

#[test]
fn what_landed_is_taken_back_and_that_is_taken_back_again() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(5);
    let back = shell.undo_of(first).unwrap();
    let back = shell.submit("t", back);
    shell.run(5);
    assert_eq!((shell.state(back), &shell.target.note("a-1")["score"]), (State::Landed, &json!(80)));
    let again = shell.undo_of(back).unwrap();
    let again = shell.submit("t", again);
    shell.run(5);
    assert_eq!((shell.state(again), &shell.target.note("a-1")["score"]), (State::Landed, &json!(85)));
    assert_eq!(shell.target.accepted.len(), 3);
}

#[test]
fn an_undo_that_is_asked_for_twice_is_made_once() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(5);
    let back = shell.undo_of(first).unwrap();
    let undone = shell.submit("t", back.clone());
    shell.run(5);
    let again = shell.submit("t", back);
    shell.run(5);
    assert_eq!((shell.state(undone), shell.state(again)), (State::Landed, State::Satisfied));
    assert_eq!(shell.target.accepted.len(), 2);
}

#[test]
fn a_value_that_a_person_wrote_since_stands() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85, "comments": "ours"})));
    shell.run(5);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    let back = shell.undo_of(first).unwrap();
    let back = shell.submit("t", back);
    shell.run(120);
    assert_eq!((shell.state(back), shell.code(back)), (State::Review, "review/true_conflict"));
    let note = &shell.status(back).conflict[0];
    assert_eq!((&note.base, &note.local, &note.remote), (&Some(json!(85)), &Some(json!(80)), &Some(json!(90))));
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"]), (&json!(90), &json!("ours")));
}

#[test]
fn what_was_written_together_with_another_is_taken_back_alone() {
    let mut shell = Shell::new();
    let score = shell.submit("s", patch("a-1", json!({"score": 85})));
    let comments = shell.submit("t", patch("a-1", json!({"comments": "theirs"})));
    shell.run(5);
    assert_eq!((shell.state(score), shell.state(comments)), (State::Landed, State::Landed));
    let back = shell.undo_of(score).unwrap();
    shell.submit("s", back);
    shell.run(5);
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"]), (&json!(80), &json!("theirs")));
}

#[test]
fn what_landed_after_doubt_is_taken_back() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.fail(write.attempt, Failure::NoAnswer);
    shell.run(1200);
    assert_eq!(shell.state(first), State::Landed);
    let back = shell.undo_of(first).unwrap();
    shell.submit("s", back);
    shell.run(5);
    assert_eq!(shell.target.note("a-1")["score"], json!(80));
}

#[test]
fn what_changed_no_value_has_no_undo() {
    let mut shell = Shell::new();
    let idle = shell.submit("s", patch("a-1", json!({"score": 80})));
    let run = shell.submit("s", publish("b-1"));
    shell.run(120);
    assert_eq!(shell.undo_of(idle), Err(UndoError::NotLanded(State::Satisfied)));
    assert_eq!((shell.state(run), shell.undo_of(run)), (State::Landed, Err(UndoError::Operation)));
    let open = shell.submit("s", patch("c-1", json!({"score": 85})));
    assert_eq!(shell.undo_of(open), Err(UndoError::Open(shell.state(open))));
}

#[test]
fn what_made_a_record_has_no_undo() {
    let mut shell = Shell::new();
    let key = json!({"owner": "o-9"});
    let made = json!({"resource": {"org": "acme", "kind": "note", "key": key}, "change": {"create": {"owner": "o-9", "score": 5}}});
    let made = shell.submit("s", serde_json::from_value(made).unwrap());
    shell.run(60);
    assert_eq!((shell.state(made), shell.undo_of(made)), (State::Landed, Err(UndoError::Creation)));
}
