//! Publishing: idle, running, running and dirty; never more runs than needed.

use super::fake::{answer, refusal};
use super::shell::{Shell, patch, publish};
use crate::config::Limits;
use crate::effect::Exchange;
use crate::ids::IntentId;
use crate::states::State;
use crate::wire::{Failure, Method};
use jiff::SignedDuration;
use serde_json::json;

fn starts(shell: &Shell) -> usize {
    shell.sends.iter().filter(|(_, exchange)| exchange.request.method == Method::Post).count()
}

#[test]
fn an_idle_operation_is_started_tracked_and_landed() {
    let mut shell = Shell::new();
    let id = shell.submit("s", publish("a-1"));
    shell.run(5);
    assert_eq!((shell.state(id), shell.target.started), (State::Tracking, 1));
    shell.run(120);
    assert_eq!((shell.state(id), shell.target.started), (State::Landed, 1));
    assert_eq!(shell.status(id).result.as_ref().unwrap().revision, Some(1), "which publish carried it");
}

#[test]
fn nothing_is_sent_when_nothing_publishable_changed() {
    let mut shell = Shell::new();
    shell.target.published("a-1", 1);
    let id = shell.submit("s", publish("a-1"));
    shell.run(60);
    assert_eq!((shell.state(id), starts(&shell)), (State::Satisfied, 0));
}

#[test]
fn a_foreign_run_that_carries_our_revision_is_joined() {
    let mut shell = Shell::new();
    let ends_at = shell.now + SignedDuration::from_secs(45);
    shell.target.foreign_run("a-1", 1, ends_at);
    let id = shell.submit("s", publish("a-1"));
    shell.run(10);
    assert!(!shell.state(id).is_terminal());
    shell.run(120);
    assert!(matches!(shell.state(id), State::Landed | State::Satisfied), "{:?}", shell.status(id));
    assert_eq!(shell.target.started, 0);
}

#[test]
fn a_foreign_run_without_our_revision_is_waited_for_and_one_more_run_follows() {
    let mut shell = Shell::new();
    let ends_at = shell.now + SignedDuration::from_secs(45);
    shell.target.foreign_run("a-1", 1, ends_at);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    let id = shell.submit("s", publish("a-1"));
    shell.run(300);
    assert_eq!((shell.state(id), shell.target.started), (State::Landed, 1), "{:?}", shell.status(id));
    let early = shell.sends.iter().any(|(at, e)| e.request.method == Method::Post && *at < ends_at);
    assert!(!early, "no start while a run goes on");
}

/// A start that is on the wire.
fn started() -> (Shell, IntentId, Exchange) {
    let mut shell = Shell::new();
    let id = shell.submit("s", publish("a-1"));
    let start = shell.serve_until(Method::Post);
    (shell, id, start)
}

#[test]
fn a_start_without_an_answer_is_not_repeated_while_it_may_still_come() {
    let (mut shell, id, start) = started();
    let horizon = shell.now + Limits::default().zombie_horizon;
    shell.fail(start.attempt, Failure::NoAnswer);
    shell.run(600);
    assert_eq!((shell.state(id), starts(&shell)), (State::Ambiguous, 1));
    // It comes after all: the run that it starts is joined.
    shell.target.answer(shell.now, &start.request);
    shell.run(300);
    assert_eq!((shell.state(id), shell.target.started, starts(&shell)), (State::Landed, 1, 1));
    let (mut shell, id, start) = started();
    shell.fail(start.attempt, Failure::NoAnswer);
    shell.run(1800);
    assert_eq!((shell.state(id), shell.target.started, starts(&shell)), (State::Landed, 1, 2), "it never came");
    let again = shell.sends.iter().rfind(|(_, exchange)| exchange.request.method == Method::Post).unwrap();
    assert!(again.0 > horizon, "{again:?}");
}

#[test]
fn a_start_that_was_answered_with_an_error_is_soon_repeated() {
    let (mut shell, id, start) = started();
    shell.answer(start.attempt, refusal(503, "oops"));
    assert_eq!(shell.state(id), State::Ambiguous);
    shell.run(300);
    assert_eq!((shell.state(id), shell.target.started, starts(&shell)), (State::Landed, 1, 2));
}

#[test]
fn a_burst_during_a_run_costs_at_most_one_more_run() {
    let mut shell = Shell::new();
    let first = shell.submit("s", publish("a-1"));
    shell.run(5);
    let mut ids = vec![first];
    for at in 0..6 {
        shell.submit("s", patch("a-1", json!({"score": 81 + at})));
        shell.run(1);
        ids.push(shell.submit(["s", "t", "u"][at % 3], publish("a-1")));
        shell.run(1);
    }
    shell.run(600);
    for id in ids {
        assert!(
            matches!(shell.state(id), State::Landed | State::Satisfied | State::Superseded),
            "{:?}",
            shell.status(id)
        );
    }
    assert_eq!((shell.target.started, starts(&shell)), (2, 2));
    assert_eq!(shell.target.note("a-1")["score"], 86);
}

#[test]
fn a_burst_without_changes_costs_no_more_run() {
    let mut shell = Shell::new();
    let ids: Vec<_> = (0..5)
        .map(|at| {
            let id = shell.submit(["s", "t", "u"][at % 3], publish("a-1"));
            shell.run(2);
            id
        })
        .collect();
    shell.run(300);
    assert!(ids.iter().all(|id| shell.state(*id).is_terminal()));
    assert_eq!(starts(&shell), 1);
}

#[test]
fn a_publish_waits_for_the_changes_accepted_before_it() {
    let mut shell = Shell::new();
    let change = shell.submit("s", patch("a-1", json!({"score": 85})));
    let id = shell.submit("s", publish("a-1"));
    shell.serve_until(Method::Put);
    assert_eq!(starts(&shell), 0);
    shell.run(120);
    assert_eq!((shell.state(change), shell.state(id)), (State::Landed, State::Landed));
    let at = |method: Method| shell.sends.iter().position(|(_, e)| e.request.method == method).unwrap();
    assert!(at(Method::Put) < at(Method::Post));
    assert_eq!((shell.status(id).result.as_ref().unwrap().revision, shell.target.started), (Some(2), 1));
}

#[test]
fn a_publish_does_not_wait_for_other_schedules() {
    let mut shell = Shell::new();
    shell.target.locked.insert("b".to_owned(), shell.now + SignedDuration::from_secs(3600));
    shell.submit("s", patch("b-1", json!({"score": 85})));
    let id = shell.submit("s", publish("a-1"));
    shell.run(120);
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn a_start_whose_answer_is_lost_is_not_started_again_blindly() {
    for takes_effect in [true, false] {
        let mut shell = Shell::new();
        let id = shell.submit("s", publish("a-1"));
        let start = shell.serve_until(Method::Post);
        if takes_effect {
            shell.target.answer(shell.now, &start.request);
        }
        shell.fail(start.attempt, Failure::NoAnswer);
        assert_eq!(shell.state(id), State::Ambiguous);
        shell.run(3600);
        assert_eq!((shell.state(id), shell.target.started), (State::Landed, 1), "{:?}", shell.status(id));
        let (how, doubt) = shell.standing().ambiguous.remove(0);
        let counted = (doubt.took_effect, doubt.no_effect, doubt.undecided);
        let expected = if takes_effect { (1, 0, 0) } else { (0, 1, 0) };
        assert_eq!((how.as_str(), counted), ("no answer", expected), "a start is counted like a write");
    }
}

#[test]
fn a_crash_while_tracking_follows_the_run_that_goes_on() {
    let mut shell = Shell::new();
    let id = shell.submit("s", publish("a-1"));
    shell.run(5);
    assert_eq!(shell.state(id), State::Tracking);
    shell.crash();
    shell.run(3600);
    assert_eq!((shell.state(id), shell.target.started), (State::Landed, 1), "{:?}", shell.status(id));
}

#[test]
fn an_earlier_run_that_a_lagging_status_shows_after_a_crash_starts_nothing() {
    let mut shell = Shell::new();
    let id = shell.submit("s", publish("a-1"));
    shell.run(5);
    shell.crash();
    let starts_before = starts(&shell);
    for running in [true, false, false] {
        let look = shell.serve_until(Method::Get);
        let earlier = json!({ "running": running, "failed": false, "wanted": 1, "carried": 0, "job": "earlier" });
        shell.answer(look.attempt, answer(200, &earlier));
        assert_eq!((shell.state(id), starts(&shell)), (State::Tracking, starts_before));
    }
    shell.run(3600);
    assert_eq!((shell.state(id), shell.target.started), (State::Landed, 1), "{:?}", shell.status(id));
}

#[test]
fn a_refusal_because_a_run_goes_on_joins_it() {
    let mut shell = Shell::new();
    let id = shell.submit("s", publish("a-1"));
    let start = shell.serve_until(Method::Post);
    shell.target.foreign_run("a-1", 1, shell.now + SignedDuration::from_secs(20));
    shell.answer(start.attempt, refusal(409, "running"));
    shell.run(300);
    assert!(matches!(shell.state(id), State::Landed | State::Satisfied), "{:?}", shell.status(id));
    assert_eq!(shell.target.started, 0);
}

#[test]
fn a_run_of_known_length_is_looked_at_where_it_may_end() {
    let mut shell = Shell::new();
    let mut of = |score: u64| {
        shell.submit("s", patch("a-1", json!({ "score": score })));
        shell.run(5);
        let (looks, before) = (shell.target.count(Method::Get), shell.now);
        let id = shell.submit("s", publish("a-1"));
        shell.run(120);
        assert_eq!(shell.state(id), State::Landed);
        let took = shell.status(id).settled_at.unwrap().duration_since(before);
        (shell.target.count(Method::Get) - looks, took)
    };
    let (blind, _) = of(81);
    assert!(blind > 10, "{blind} looks");
    for score in 82..90 {
        let (looks, took) = of(score);
        assert!(looks <= 5, "{looks} looks, one of them before the start");
        assert!(took <= SignedDuration::from_secs(34), "{took:?}");
    }
}

#[test]
fn who_asks_during_a_run_of_known_length_wants_what_is_current_then() {
    let mut shell = Shell::new();
    shell.submit("s", publish("a-1"));
    shell.run(60);
    shell.submit("s", patch("a-1", json!({"score": 81})));
    shell.run(5);
    let first = shell.submit("s", publish("a-1"));
    shell.run(2);
    let second = shell.submit("t", publish("a-1"));
    shell.run(5);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "later"}));
    shell.run(60);
    let revision = |id| shell.status(id).result.as_ref().and_then(|result| result.revision);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Landed));
    assert_eq!((revision(first), revision(second), shell.target.started), (Some(2), Some(2), 2));
}
