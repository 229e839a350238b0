//! What the target tells by itself, and how the engine gets to hear it.

use super::fake::retry_after;
use super::shelf::Shelves;
use super::shell::{Shell, patch};
use crate::config::Limits;
use crate::effect::{Notice, SocketDeed};
use crate::ids::IntentId;
use crate::input::{Input, Scope, SocketEvent};
use crate::states::State;
use crate::wire::Failure;
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// A shell on a target that takes so long with what it was given, and tells how it ended.
fn shell(seconds: i64) -> Shell {
    let mut shell = Shell::on(Arc::new(Shelves::telling(10)), Limits::default());
    shell.target.takes = SignedDuration::from_secs(seconds);
    shell
}

fn one(shell: &mut Shell) -> IntentId {
    shell.submit("s", patch("a-1", json!({"score": 85})))
}

/// How many requests were sent whose path begins so.
fn sent(shell: &Shell, path: &str) -> usize {
    shell.target.seen.iter().filter(|(_, request, _)| request.path.starts_with(path)).count()
}

/// How many requests asked for channels and their topics.
fn asked(shell: &Shell) -> usize {
    sent(shell, "/channels")
}

fn opens(shell: &Shell) -> usize {
    shell.sockets.iter().filter(|deed| matches!(deed, SocketDeed::Open { .. })).count()
}

/// An open socket, after the first upload has landed.
fn listening(shell: &mut Shell) {
    let id = one(shell);
    shell.run(1);
    shell.socket(SocketEvent::Opened);
    shell.run(120);
    assert_eq!(shell.state(id), State::Landed);
}

/// The socket does not come about, and is opened again.
fn opens_again(shell: &mut Shell) {
    let before = opens(shell);
    shell.socket(SocketEvent::Closed("refused".to_owned()));
    while opens(shell) == before {
        shell.run(1);
    }
}

#[test]
fn a_notice_ends_a_wait_that_a_pause_would_have_made_longer() {
    let mut shell = shell(31);
    let id = one(&mut shell);
    shell.run(1);
    assert_eq!(
        (shell.state(id), asked(&shell), opens(&shell)),
        (State::Tracking, 2, 1),
        "a channel, its topics, a socket"
    );
    shell.socket(SocketEvent::Opened);
    assert!(shell.why(id).contains("is told by a notice, or looked into at"), "{}", shell.why(id));
    shell.run(30);
    shell.idle_ms(900);
    let (before, reads) = (shell.now, sent(&shell, "/shelves/a?"));
    shell.says_what_ended();
    shell.serve();
    assert_eq!(shell.state(id), State::Landed);
    assert!(shell.now.duration_since(before) < SignedDuration::from_secs(1));
    assert_eq!(sent(&shell, "/shelves/a?") - reads, 1, "one read tells what it came to");
}

#[test]
fn who_writes_nothing_that_is_told_of_asks_for_no_channel() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(100);
    assert!(shell.sockets.is_empty());
    assert_eq!(shell.standing().ear, None);
}

#[test]
fn a_notice_that_overtakes_the_answer_is_remembered() {
    let mut shell = shell(0);
    listening(&mut shell);
    let id = shell.submit("s", patch("a-1", json!({"score": 70})));
    while !shell.flying.iter().any(|one| one.writes) {
        if shell.flying.is_empty() { shell.idle(1) } else { shell.serve_one() }
    }
    let write = shell.flying.remove(0);
    let answer = shell.target.answer(shell.now, &write.request);
    shell.says_what_ended();
    shell.feed(Input::Answered { attempt: write.attempt, response: answer });
    let before = shell.now;
    shell.serve();
    assert_eq!(shell.state(id), State::Landed);
    assert!(shell.now.duration_since(before) < SignedDuration::from_secs(1), "no pause was waited for");
}

#[test]
fn a_cut_socket_is_opened_again_and_its_topics_are_not_taken_for_granted() {
    let mut shell = shell(2);
    listening(&mut shell);
    assert_eq!((asked(&shell), opens(&shell)), (2, 1));
    shell.socket(SocketEvent::Closed("cut".to_owned()));
    assert_eq!(opens(&shell), 1, "not at once");
    shell.run(2);
    assert_eq!((shell.target.channels, asked(&shell), opens(&shell)), (1, 3, 2), "the same channel");
    shell.socket(SocketEvent::Opened);
    let ear = shell.standing().ear.unwrap();
    assert_eq!((ear.reconnects, ear.topics, ear.channels), (1, 1, 1));
    assert_eq!(ear.last_error.unwrap().1, "cut");
}

#[test]
fn a_channel_that_is_gone_is_replaced_and_one_that_does_not_open_is_not() {
    let mut shell = shell(2);
    listening(&mut shell);
    shell.target.channel_gone = true;
    shell.socket(SocketEvent::Closed("cut".to_owned()));
    shell.run(10);
    assert_eq!((shell.target.channels, opens(&shell)), (2, 2));
    // A way without websockets must not use up the channels of other programs.
    for _ in 0..40 {
        opens_again(&mut shell);
    }
    assert_eq!((shell.target.channels, opens(&shell)), (2, 42));
}

#[test]
fn pauses_grow_while_it_goes_wrong() {
    let mut shell = shell(2);
    one(&mut shell);
    shell.run(1);
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let closed_at = shell.now;
        opens_again(&mut shell);
        pauses.push(shell.now.duration_since(closed_at).as_secs());
    }
    assert!(pauses.windows(2).all(|two| two[0] <= two[1] + 75), "{pauses:?}");
    assert!(pauses[0] <= 2 && (300..=376).contains(&pauses[11]), "{pauses:?}");
}

#[test]
fn a_channel_is_left_before_its_told_end() {
    let mut shell = shell(2);
    shell.target.channel_life = Some(SignedDuration::from_hours(24));
    listening(&mut shell);
    for _ in 0..(24 * 60) {
        shell.says(&json!({"heartbeat": true}));
        let before = opens(&shell);
        shell.run(60);
        if opens(&shell) > before {
            shell.socket(SocketEvent::Opened);
        }
    }
    assert_eq!(shell.target.channels, 2);
    assert!(shell.sockets.contains(&SocketDeed::Close));
    assert_eq!(opens(&shell), 2);
}

#[test]
fn an_end_by_another_clock_is_not_gone_by() {
    let mut shell = shell(2);
    shell.target.channel_life = Some(SignedDuration::from_hours(-3));
    listening(&mut shell);
    assert_eq!((shell.target.channels, opens(&shell)), (1, 1));
}

#[test]
fn silence_is_looked_into_and_then_given_up() {
    let mut shell = shell(2);
    listening(&mut shell);
    shell.says(&json!({"heartbeat": true}));
    shell.run(76);
    assert_eq!(shell.sockets.last(), Some(&SocketDeed::Say { text: "ping".to_owned() }));
    shell.says(&json!({"heartbeat": true}));
    shell.run(80);
    shell.run(75);
    assert!(shell.sockets.contains(&SocketDeed::Close));
    shell.run(5);
    assert_eq!(opens(&shell), 2);
}

#[test]
fn what_makes_no_sense_is_counted_and_dropped() {
    let mut shell = shell(2);
    listening(&mut shell);
    for text in ["", "{", "[[[", "\u{0}", "null", "{\"operation\": 7}", "{\"shelf\": []}"] {
        shell.socket(SocketEvent::Said(text.to_owned()));
    }
    shell.socket(SocketEvent::Dropped);
    let ear = shell.standing().ear.unwrap();
    assert_eq!((ear.received, ear.dropped), (7, 5));
    shell.feed(Input::Socket { number: 77, event: SocketEvent::Said("{}".to_owned()) });
    assert_eq!(shell.standing().ear.unwrap().received, 7, "of a socket that nobody opened");
}

#[test]
fn what_somebody_else_wrote_is_read_before_it_is_written() {
    let mut shell = shell(2);
    listening(&mut shell);
    // Read a moment ago: without a notice the write would go at once, and fail.
    let id = shell.submit_as("s", patch("a-1", json!({"score": 60})), |one| {
        one.intent.not_before = Some("2026-03-02T08:02:20Z".parse().unwrap());
    });
    let now = shell.now;
    shell.target.edit(now, "a-1", "eve", &json!({"comments": "mine"}));
    shell.says(&json!({"operation": "theirs", "shelf": "a"}));
    shell.run(60);
    assert_eq!(shell.state(id), State::Landed);
    assert_eq!(shell.target.note("a-1")["comments"], "mine");
    assert_eq!(sent(&shell, "/uploads"), 2, "none of ours failed");
}

#[test]
fn its_requests_keep_to_the_budget_and_to_the_brake() {
    let mut shell = shell(600);
    shell.brake(Scope::Source("t".into()), true);
    one(&mut shell);
    shell.run(1);
    shell.target.script.push_back(retry_after(429, 30));
    shell.socket(SocketEvent::Closed("cut".to_owned()));
    // The shell fails the test if anything leaves before the gate opens.
    shell.run(40);
    assert_eq!(opens(&shell), 2);
    shell.brake(Scope::Org, true);
    shell.socket(SocketEvent::Closed("cut".to_owned()));
    let before = asked(&shell);
    shell.run(300);
    assert_eq!(asked(&shell), before);
    shell.brake(Scope::Org, false);
    shell.run(10);
    assert_eq!(opens(&shell), 3);
}

#[test]
fn a_topic_that_may_not_be_had_is_told_once_and_costs_no_socket() {
    let mut shell = shell(2);
    shell.target.untold = vec!["room of a"];
    let id = one(&mut shell);
    shell.run(600);
    assert_eq!(shell.state(id), State::Landed);
    let alarms = shell.notices.iter().filter(|one| matches!(one, Notice::Alarm { code: "notices_refused", .. }));
    assert_eq!((alarms.count(), opens(&shell), asked(&shell)), (1, 0, 2));
}

#[test]
fn requests_that_go_wrong_are_made_again_and_a_failed_store_forgets_nothing() {
    let mut shell = shell(2);
    let id = one(&mut shell);
    let failed = loop {
        if let Some(one) = shell.flying.iter().find(|one| one.request.path == "/channels") {
            break one.clone();
        }
        if shell.flying.is_empty() { shell.idle(1) } else { shell.serve_one() }
    };
    shell.fail(failed.attempt, Failure::NoAnswer);
    shell.run(30);
    assert_eq!((opens(&shell), shell.state(id)), (1, State::Landed));
    shell.socket(SocketEvent::Opened);
    shell.store_rests = true;
    shell.submit("s", patch("a-2", json!({"score": 60})));
    shell.fail_store();
    assert_eq!(shell.standing().ear.unwrap().connected_since, Some(shell.now));
    shell.run(160);
    assert!(shell.sockets.contains(&SocketDeed::Say { text: "ping".to_owned() }), "its timers are there again");
}

#[test]
fn a_lost_lease_closes_the_socket() {
    let mut shell = shell(2);
    listening(&mut shell);
    shell.feed(Input::LeaseLost);
    assert_eq!(shell.sockets.last(), Some(&SocketDeed::Close));
    shell.run(100);
    assert_eq!(opens(&shell), 1);
}
