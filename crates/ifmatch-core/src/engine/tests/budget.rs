//! Rate limits and tokens: nothing early, one refresh for all, the window used and not exceeded.

use super::fake::{refusal, retry_after};
use super::shell::{Shell, note, patch};
use super::target::Notes;
use crate::config::Limits;
use crate::dialect::Guard;
use crate::effect::Notice;
use crate::ids::{SourceName, Ticket};
use crate::input::{Input, Pass};
use crate::intent::{Intent, Urgency};
use crate::states::State;
use crate::wire::{Method, Request};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// The harness itself refuses every request that leaves before `Retry-After` ends.
#[test]
fn nothing_is_sent_before_retry_after_ends() {
    for status in [429, 503] {
        let mut shell = Shell::new();
        let id = shell.submit("s", patch("a-1", json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        shell.answer(write.attempt, retry_after(status, 30));
        assert_eq!(shell.state(id), State::Deferred, "{status}");
        let other = shell.submit("t", patch("b-1", json!({"score": 85})));
        shell.run(29);
        assert!(shell.flying.is_empty());
        shell.run(60);
        assert_eq!((shell.state(id), shell.state(other)), (State::Landed, State::Landed), "{status}");
        assert_eq!(shell.target.accepted.len(), 2);
    }
}

#[test]
fn a_throttled_read_closes_the_gate_too() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let read = shell.only(Method::Get);
    shell.answer(read.attempt, retry_after(429, 30));
    shell.submit("t", patch("b-1", json!({"score": 85})));
    shell.run(29);
    assert_eq!(shell.sends.len(), 1);
    shell.run(60);
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn a_write_that_becomes_durable_while_the_gate_closes_does_not_leave() {
    let mut shell = Shell::new();
    shell.target.put("c-1");
    shell.submit("s", patch("c-1", json!({"score": 85})));
    shell.run(5);
    let ids = ["a-1", "b-1"].map(|name| shell.submit("s", patch(name, json!({"score": 85}))));
    assert_eq!(shell.flying.len(), 2, "{:?}", shell.flying);
    let refused = shell.flying[1].attempt;
    shell.store_rests = true;
    shell.serve_one();
    shell.answer(refused, retry_after(429, 30));
    // The shell itself refuses what leaves too early.
    shell.wake_store();
    assert_eq!(shell.state(ids[0]), State::Deferred, "{:?}", shell.status(ids[0]));
    shell.run(60);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed, State::Landed]);
    assert_eq!(shell.target.accepted.len(), 3);
    assert!(shell.store.transitions.iter().all(|t| t.to != State::Ambiguous));
}

#[test]
fn a_closed_gate_outlives_a_restart() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.answer(write.attempt, retry_after(429, 300));
    shell.run(10);
    let before = shell.sends.len();
    shell.crash();
    shell.submit("t", patch("b-1", json!({"score": 85})));
    shell.run(280);
    assert_eq!(shell.sends.len(), before);
    shell.run(120);
    assert_eq!(shell.state(id), State::Landed);
}

/// The instants that were stored are those of another clock.
#[test]
fn a_closed_gate_stays_closed_for_its_span_when_the_clock_was_set_forward_between_two_lives() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.answer(write.attempt, retry_after(429, 300));
    let before = shell.sends.len();
    let hour = SignedDuration::from_hours(1);
    shell.now += hour;
    shell.closed_until = shell.closed_until.map(|until| until + hour);
    shell.crash();
    shell.run(295);
    assert_eq!(shell.sends.len(), before);
    shell.run(120);
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn a_throttle_without_a_time_is_answered_with_growing_pauses() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    for _ in 0..500 {
        shell.target.script.push_back(refusal(429, "slow down"));
    }
    shell.run(300);
    assert!(shell.target.seen.len() < 40, "{}", shell.target.seen.len());
    shell.target.script.clear();
    shell.run(300);
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn the_order_is_kept_while_the_gate_is_closed() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.answer(write.attempt, retry_after(429, 30));
    let second = shell.submit("t", patch("a-1", json!({"score": 90})));
    shell.run(120);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Review));
}

#[test]
fn a_token_is_renewed_once_for_all() {
    let mut shell = Shell::new();
    let ids: Vec<_> = ["a-1", "b-1", "c-1"].map(|id| shell.submit("s", patch(id, json!({"score": 85})))).into();
    shell.token_rests = true;
    // The first answer opens the way for the rest; then every exchange on the wire is refused.
    shell.serve_one();
    assert!(shell.flying.len() > 1, "{:?}", shell.flying);
    let before = shell.asked;
    while let Some(exchange) = shell.flying.first().cloned() {
        shell.answer(exchange.attempt, refusal(401, "token"));
    }
    shell.idle(20);
    assert_eq!(shell.asked, before + 1);
    assert!(shell.flying.is_empty(), "nothing leaves without a token");
    shell.token_rests = false;
    shell.feed(Input::Authorised { granted: true, message: String::new() });
    shell.run(60);
    assert!(ids.iter().all(|id| shell.state(*id) == State::Landed));
    assert_eq!(shell.target.accepted.len(), 3);
}

#[test]
fn a_clients_own_request_goes_again_when_our_token_is_refused() {
    for reads in [None, Some(note("a-1"))] {
        let mut shell = Shell::new();
        let request = Request::bare(Method::Get, "/notes/a-1");
        let pass = |number| {
            let source = SourceName::from("portal");
            let (request, reads) = (request.clone(), reads.clone());
            Input::Pass(Pass { ticket: Ticket(number), source, request, reads, class: Urgency::Normal })
        };
        let passed = |shell: &Shell| {
            let result = |notice: &Notice| match notice {
                Notice::Passed { ticket, result } => Some((ticket.0, result.as_ref().map(|answer| answer.status).ok())),
                _ => None,
            };
            shell.notices.iter().filter_map(result).collect::<Vec<_>>()
        };
        shell.feed(pass(1));
        let before = shell.asked;
        shell.answer(shell.only(Method::Get).attempt, refusal(401, "token"));
        assert_eq!((passed(&shell), shell.asked), (Vec::new(), before + 1), "{reads:?}");
        shell.serve_one();
        assert_eq!(passed(&shell), [(1, Some(200))], "{reads:?}");
        // A target that refuses the new one as well has said what it thinks.
        shell.feed(pass(2));
        for _ in 0..2 {
            shell.answer(shell.only(Method::Get).attempt, refusal(401, "token"));
        }
        assert_eq!(passed(&shell)[1..], [(2, Some(401))], "{reads:?}");
    }
}

#[test]
fn a_write_refused_for_its_token_is_no_ambiguity() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let before = shell.asked;
    shell.answer(write.attempt, refusal(401, "token"));
    shell.run(60);
    assert_eq!((shell.state(id), shell.asked), (State::Landed, before + 1));
    assert!(shell.store.transitions.iter().all(|t| t.to != State::Ambiguous));
}

#[test]
fn an_announced_window_is_used_and_not_exceeded() {
    let mut shell = Shell::new();
    shell.target.limit = Some(100);
    let start = shell.now;
    let ids: Vec<_> = (0..150)
        .map(|at| {
            let name = format!("p{at}-1");
            shell.target.put(&name);
            shell.submit("s", patch(&name, json!({"score": 85})))
        })
        .collect();
    shell.run(600);
    assert!(ids.iter().all(|id| shell.state(*id) == State::Landed));
    let throttled = shell.target.seen.iter().filter(|(_, _, status)| *status == 429).count();
    assert_eq!(throttled, 0, "429s");
    let first = shell.target.seen.iter().filter(|(at, _, _)| *at < start + SignedDuration::from_secs(60)).count();
    assert!(first >= 97, "{first} of 100 used");
    let last = shell.target.seen.last().unwrap().0;
    assert!(last < start + SignedDuration::from_secs(60 * 4), "300 requests need four windows at most: {last}");
}

/// A thousand rows of an import use the window up long before its end.
#[test]
fn what_a_person_waits_for_goes_while_bulk_has_used_its_part_of_the_window() {
    let mut shell = Shell::new();
    shell.target.limit = Some(100);
    for at in 0..1000 {
        let name = format!("p{at}-1");
        shell.target.put(&name);
        shell.submit("import", Intent { class: Urgency::Bulk, ..patch(&name, json!({"score": 85})) });
    }
    shell.run(5);
    let seen = shell.target.seen.len();
    assert!((80..=90).contains(&seen), "bulk used {seen} of 100");
    shell.target.put("a-1");
    let urgent = shell.submit("desk", patch("a-1", json!({"score": 85})));
    shell.run(1);
    assert_eq!(shell.state(urgent), State::Landed, "{}", shell.why(urgent));
    shell.run(53);
    let seen = shell.target.seen.len();
    assert!(seen >= 97, "{seen} of 100 used in the end");
}

/// A write was refused for a bucket that no read passes. What leaves until that opens, and when it landed.
fn throttled_apart(write_buckets: &'static [&'static str]) -> (usize, i64) {
    let dialect = Notes { writes_apart: true, write_buckets, ..Notes::guarded_by(Guard::Monotonic) };
    let mut shell = Shell::on(Arc::new(dialect), Limits::default());
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let start = shell.now;
    shell.answer(write.attempt, retry_after(429, 30));
    // Reads may leave all the time.
    shell.closed_until = None;
    let before = shell.sends.len();
    shell.run(29);
    let meanwhile = &shell.sends[before..];
    assert!(meanwhile.iter().all(|(_, exchange)| exchange.request.method == Method::Get));
    let asked = meanwhile.len();
    shell.run(5);
    assert_eq!(shell.state(id), State::Landed, "{}", shell.why(id));
    let (at, _) = shell.sends.last().expect("it was written");
    (asked, at.duration_since(start).as_secs())
}

#[test]
fn a_turn_waits_for_the_bucket_that_only_its_write_passes() {
    assert_eq!(throttled_apart(&["writes"]), (0, 30));
}

#[test]
fn a_write_that_meets_a_closed_bucket_waits_for_it_and_does_not_begin_again_at_once() {
    let (asked, seconds) = throttled_apart(&[]);
    assert!(asked <= 1, "{asked} reads");
    assert_eq!(seconds, 30);
}
