//! Traces that the model of the send protocol found, played against the engine.
//!
//! The model is in `crates/ifmatch-sim/tests/it/model.rs`, what it says in
//! `docs/design/008-send-protocol-model.md`.

use super::shell::{Shell, patch, wish};
use crate::config::Limits;
use crate::dialect::Guard;
use crate::effect::Notice;
use crate::ids::IntentId;
use crate::states::State;
use crate::wire::{Failure, Method};
use jiff::SignedDuration;
use serde_json::json;

const HOUR: i64 = 3600;

fn unguarded() -> Shell {
    let mut shell = Shell::with(Guard::Unguarded, Limits::default());
    shell.target.keeps_versions = true;
    shell
}

/// The score goes up by five, whatever it is.
fn raise(shell: &mut Shell) -> IntentId {
    shell.submit("s", wish("a-1", json!({"change": {"verb": {"name": "raise", "args": {"by": 5}}}})))
}

/// A write was recorded and became durable an hour later, as when the machine slept between the two.
fn late() -> (Shell, IntentId) {
    let mut shell = unguarded();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.only(Method::Get);
    shell.store_rests = true;
    shell.serve();
    shell.idle(HOUR);
    shell.wake_store();
    (shell, id)
}

#[test]
fn a_write_that_became_durable_after_its_time_does_not_leave() {
    let (mut shell, id) = late();
    assert!(shell.writes().is_empty(), "its horizon has passed already");
    assert_eq!(shell.state(id), State::Queued);
    shell.run(60);
    assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 1));
}

#[test]
fn a_write_sent_again_that_became_durable_after_its_time_stays_unresolved() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.fail(write.attempt, Failure::NoAnswer);
    shell.idle(5);
    shell.only(Method::Get);
    shell.store_rests = true;
    shell.serve();
    shell.idle(HOUR);
    shell.wake_store();
    assert_eq!((shell.state(id), shell.writes().len()), (State::Ambiguous, 1));
    shell.run(HOUR);
    assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 1));
}

#[test]
fn the_horizon_counts_from_the_last_moment_at_which_a_write_may_leave() {
    let mut shell = unguarded();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let horizon = shell.store.attempts[&write.attempt].horizon;
    assert_eq!(horizon, write.give_up_at + Limits::default().zombie_horizon);
}

#[test]
fn a_write_that_somebody_undid_is_not_made_again_where_versions_count_and_do_not_guard() {
    let mut shell = unguarded();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.target.answer(shell.now, &write.request);
    shell.fail(write.attempt, Failure::NoAnswer);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 80}));
    shell.run(HOUR);
    assert_eq!(shell.target.accepted.len(), 1, "{:?}", shell.status(id));
    assert_eq!((shell.code(id), &shell.target.note("a-1")["score"]), ("review/undecided", &json!(80)));
}

fn overwritten(shell: &Shell) -> usize {
    let told = |notice: &&Notice| matches!(notice, Notice::Alarm { code: "overwritten", .. });
    shell.notices.iter().filter(told).count()
}

#[test]
fn a_value_overwritten_where_no_version_guards_is_reported() {
    for answered in [true, false] {
        let mut shell = unguarded();
        // What lands tells under which name our writes do.
        shell.submit("s", patch("a-2", json!({"score": 70})));
        shell.run(60);
        let id = shell.submit("s", patch("a-1", json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
        let response = shell.target.answer(shell.now, &write.request);
        if answered {
            shell.answer(write.attempt, response);
        } else {
            shell.fail(write.attempt, Failure::NoAnswer);
        }
        shell.run(HOUR);
        assert_eq!(shell.state(id), State::Landed);
        assert_eq!(overwritten(&shell), 1, "answered: {answered}");
    }
}

#[test]
fn nothing_is_reported_where_nobody_else_wrote() {
    for answered in [true, false] {
        let mut shell = unguarded();
        let id = shell.submit("s", patch("a-1", json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        let response = shell.target.answer(shell.now, &write.request);
        if answered {
            shell.answer(write.attempt, response);
        } else {
            shell.fail(write.attempt, Failure::NoAnswer);
        }
        shell.run(HOUR);
        assert_eq!((shell.state(id), overwritten(&shell)), (State::Landed, 0), "answered: {answered}");
    }
}

// What follows shows limits that the model names. The engine is wrong there, and the tests say how.

/// Something between us and the target delivers the request twice, and the second answer arrives.
/// A relative wish is then counted twice: a stale answer to a first write is believed.
#[test]
fn limit_a_relative_wish_whose_request_is_delivered_twice_counts_twice() {
    let mut shell = Shell::new();
    let id = raise(&mut shell);
    let write = shell.serve_until(Method::Put);
    shell.target.answer(shell.now, &write.request);
    let second = shell.target.answer(shell.now, &write.request);
    assert_eq!(second.status, 409);
    shell.answer(write.attempt, second);
    shell.run(HOUR);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(90)));
}

/// A wish for a value is not: what stands already is not written again.
#[test]
fn a_value_whose_request_is_delivered_twice_is_written_once() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.target.answer(shell.now, &write.request);
    let second = shell.target.answer(shell.now, &write.request);
    shell.answer(write.attempt, second);
    shell.run(HOUR);
    assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Satisfied, 1));
}

/// A relative wish is lost, and somebody makes the very change that it would have made.
fn lost_raise(shell: &mut Shell) -> IntentId {
    let id = raise(shell);
    let write = shell.serve_until(Method::Put);
    shell.fail(write.attempt, Failure::NoAnswer);
    shell.target.edit(shell.now + SignedDuration::from_secs(1), "a-1", "eve", &json!({"score": 85}));
    shell.run(HOUR);
    id
}

/// Where the target names the writer of a version, that is not taken for our own write.
#[test]
fn a_lost_relative_wish_is_made_after_the_same_change_by_somebody_else() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"comments": "ours"})));
    shell.run(60);
    let id = lost_raise(&mut shell);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(90)));
}

/// As long as no write of ours was seen to land, nobody knows as whom the target shows them: it passes for ours.
#[test]
fn limit_a_lost_relative_wish_takes_the_same_change_by_somebody_else_for_its_own() {
    let mut shell = Shell::new();
    let id = lost_raise(&mut shell);
    assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 0));
}
