//! One writer per resource, everything pending in the next write, and no waiting for others.

use super::shell::{Shell, patch, wish};
use crate::states::State;
use crate::wire::Method;
use serde_json::json;

#[test]
fn what_arrives_during_a_write_is_composed_into_the_next() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let second = shell.submit("t", patch("a-1", json!({"comments": "t"})));
    let third = shell.submit("u", patch("a-1", json!({"tags": ["u"]})));
    assert_eq!(shell.only(Method::Put).attempt, write.attempt, "one attempt in flight");
    shell.serve_one();
    assert_eq!(shell.state(first), State::Landed);
    let next = shell.serve_until(Method::Put);
    assert_eq!(shell.store.attempts[&next.attempt].intents, vec![second, third]);
    shell.serve();
    assert_eq!((shell.state(second), shell.state(third)), (State::Landed, State::Landed));
    assert_eq!(shell.target.accepted.len(), 2);
}

#[test]
fn a_burst_is_one_write() {
    let mut shell = Shell::new();
    shell.store_rests = true;
    let sent = [("s", json!({"score": 85})), ("t", json!({"comments": "t"})), ("u", json!({"tags": ["u"]}))];
    let ids: Vec<_> = sent.into_iter().map(|(source, fields)| shell.submit(source, patch("a-1", fields))).collect();
    shell.wake_store();
    shell.serve();
    assert!(ids.iter().all(|id| shell.state(*id) == State::Landed));
    assert!(shell.target.accepted.len() <= 2, "{:?}", shell.target.accepted);
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"], &record["tags"]), (&json!(85), &json!("t"), &json!(["u"])));
}

#[test]
fn the_second_source_of_a_burst_does_not_win_silently() {
    let mut shell = Shell::new();
    shell.store_rests = true;
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    let second = shell.submit("t", patch("a-1", json!({"score": 90})));
    shell.wake_store();
    shell.run(10);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Review));
    assert_eq!(shell.target.note("a-1")["score"], 85);
}

#[test]
fn the_second_source_does_not_win_silently_over_a_write_under_way() {
    for pause in [0, 1] {
        let mut shell = Shell::new();
        let first = shell.submit("s", patch("a-1", json!({"score": 85})));
        shell.serve_until(Method::Put);
        let second = shell.submit("t", patch("a-1", json!({"score": 90})));
        shell.idle(pause);
        shell.run(10);
        assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Review), "after {pause} s");
        assert_eq!(shell.target.note("a-1")["score"], 85);
    }
}

#[test]
fn the_source_whose_value_stands_is_named_as_its_writer() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    let second = shell.submit("t", patch("a-1", json!({"score": 90})));
    shell.idle(1);
    shell.run(10);
    assert_eq!(shell.state(second), State::Review);
    assert_eq!(shell.status(second).conflict[0].remote_writer.as_deref(), Some("s"));
}

#[test]
fn a_newer_intent_supersedes_and_is_named() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"comments": "first"})));
    shell.serve_until(Method::Put);
    let older = shell.submit("s", patch("a-1", json!({"score": 85})));
    let newer = shell.submit("s", patch("a-1", json!({"score": 86})));
    shell.run(10);
    assert_eq!((shell.state(older), shell.status(older).winner), (State::Superseded, Some(newer)));
    assert_eq!((shell.state(newer), &shell.target.note("a-1")["score"]), (State::Landed, &json!(86)));
}

#[test]
fn an_intent_under_way_is_not_superseded() {
    let mut shell = Shell::new();
    let older = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    let newer = shell.submit("s", patch("a-1", json!({"score": 86})));
    assert_eq!(shell.state(older), State::Sent);
    shell.run(10);
    assert_eq!((shell.state(older), shell.state(newer)), (State::Landed, State::Landed));
}

#[test]
fn work_for_other_resources_does_not_wait() {
    let mut shell = Shell::new();
    let slow = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let other = shell.submit("s", patch("b-1", json!({"score": 85})));
    for _ in 0..2 {
        let exchange = shell.flying.iter().find(|exchange| exchange.attempt != write.attempt).unwrap().clone();
        let response = shell.target.answer(shell.now, &exchange.request);
        shell.answer(exchange.attempt, response);
    }
    assert_eq!((shell.state(slow), shell.state(other)), (State::Sent, State::Landed));
}

#[test]
fn nothing_is_sent_before_its_time() {
    let mut shell = Shell::new();
    let at = shell.now + jiff::SignedDuration::from_secs(600);
    let body = json!({"change": {"merge_patch": {"score": 85}}, "not_before": at.to_string()});
    let id = shell.submit("s", wish("a-1", body));
    shell.run(590);
    assert!(shell.writes().is_empty());
    shell.run(30);
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn what_waits_for_its_time_is_shown_as_deferred() {
    let mut shell = Shell::new();
    let at = shell.now + jiff::SignedDuration::from_secs(600);
    let body = json!({"change": {"merge_patch": {"score": 85}}, "not_before": at.to_string()});
    let id = shell.submit("s", wish("a-1", body));
    shell.run(60);
    assert_eq!(shell.state(id), State::Deferred);
    shell.run(600);
    let status = shell.status(id);
    assert_eq!((status.state, status.waited.budget), (State::Landed, 0.0), "a time of its own is no budget");
}

/// A day with a bit of everything; gives back every effect.
fn day() -> String {
    let mut shell = Shell::new();
    shell.target.racing = 2;
    shell.target.locked.insert("b".to_owned(), shell.now + jiff::SignedDuration::from_secs(45));
    for (at, id) in ["a-1", "b-1", "c-1", "a-2", "a-1", "b-1"].into_iter().enumerate() {
        shell.submit(["s", "t", "u"][at % 3], patch(id, json!({"score": 80 + at, "tags": [format!("{at}")]})));
        shell.run(3);
    }
    let write = {
        shell.submit("s", patch("c-1", json!({"comments": "lost"})));
        shell.serve_until(Method::Put)
    };
    shell.fail(write.attempt, crate::Failure::NoAnswer);
    shell.run(30);
    shell.crash();
    shell.run(1800);
    shell.log
}

#[test]
fn the_same_inputs_give_the_same_effects_byte_for_byte() {
    let log = day();
    assert!(log.len() > 10_000);
    assert!(log == day(), "two runs differ");
}
