//! Writes that are uploaded first and processed later.

use super::fake::refusal;
use super::shelf::Shelves;
use super::shell::{Shell, patch};
use crate::config::Limits;
use crate::ids::{IntentId, Ticket};
use crate::input::{Input, SocketEvent};
use crate::states::State;
use crate::wire::{Failure, Method, Request};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// A shell on a target that takes so long with what it was given.
fn shell(seconds: i64) -> Shell {
    let mut shell = Shell::on(Arc::new(Shelves::uploading(10)), Limits::default());
    shell.target.takes = SignedDuration::from_secs(seconds);
    shell
}

/// Wishes for two notes of one shelf that go together.
fn two(shell: &mut Shell) -> [IntentId; 2] {
    shell.token_rests = true;
    let ids = ["a-1", "a-2"].map(|id| shell.submit("s", patch(id, json!({"score": 85}))));
    shell.grant();
    ids
}

/// How many requests the target saw of those that a test names.
fn seen(shell: &Shell, named: impl Fn(&Request) -> bool) -> usize {
    shell.target.seen.iter().filter(|(_, request, _)| named(request)).count()
}

fn uploads(shell: &Shell) -> usize {
    seen(shell, |request| request.path == "/uploads")
}

#[test]
fn what_is_processed_later_is_tracked_until_a_read_shows_it() {
    let mut shell = shell(30);
    let ids = two(&mut shell);
    shell.run(1);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Tracking; 2]);
    assert_eq!(shell.code(ids[0]), "tracking/processing");
    shell.run(60);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed; 2]);
    assert_eq!((shell.target.accepted.len(), uploads(&shell)), (2, 1), "one upload carries both");
    assert_eq!(seen(&shell, |request| request.path.starts_with("/places/")), 1, "a place is asked for once");
    assert!(shell.store.open.is_empty(), "no attempt is left open");
}

#[test]
fn one_that_became_stale_meanwhile_fails_and_all_of_it_is_merged_again() {
    for tells in [true, false] {
        let mut shell = Shell::on(Arc::new(Shelves::telling(10)), Limits::default());
        shell.target.takes = SignedDuration::from_secs(30);
        let ids = two(&mut shell);
        shell.run(5);
        let now = shell.now;
        shell.target.edit(now, "a-1", "eve", &json!({"comments": "mine"}));
        shell.run(26);
        shell.target.process(shell.now);
        assert_eq!(shell.target.told, [("op-0".to_owned(), true)]);
        if tells {
            shell.socket(SocketEvent::Opened);
            shell.says_what_ended();
        }
        shell.run(1200);
        assert_eq!(ids.map(|id| shell.state(id)), [State::Landed; 2], "tells: {tells}");
        assert_eq!(shell.target.note("a-1")["comments"], "mine", "what somebody else wrote stands");
        assert_eq!(shell.target.accepted.len(), 2, "each landed once");
    }
}

#[test]
fn what_is_taken_and_never_done_is_written_again_after_its_horizon() {
    let mut shell = shell(30);
    shell.target.forgets = true;
    let ids = two(&mut shell);
    shell.run(800);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Tracking; 2], "it may still come");
    assert_eq!(uploads(&shell), 1, "no copy is sent before that");
    shell.target.forgets = false;
    shell.run(900);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed; 2]);
    assert_eq!(shell.target.accepted.len(), 2);
}

#[test]
fn a_crash_while_it_is_processed_makes_no_second_one() {
    let mut shell = shell(60);
    let ids = two(&mut shell);
    shell.run(5);
    shell.crash();
    shell.run(600);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed; 2]);
    assert_eq!((shell.target.accepted.len(), uploads(&shell)), (2, 1));
}

#[test]
fn an_errand_without_an_answer_leaves_nothing_open() {
    let mut shell = shell(5);
    let ids = two(&mut shell);
    let upload = shell.serve_until(Method::Post);
    shell.fail(upload.attempt, Failure::NoAnswer);
    assert!(ids.iter().all(|id| !shell.state(*id).is_unresolved()), "nothing was written");
    assert!(shell.store.attempts.is_empty());
    shell.run(120);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed; 2]);
    assert_eq!(shell.target.accepted.len(), 2);
}

#[test]
fn a_write_of_the_same_document_waits_until_it_is_processed() {
    let mut shell = shell(30);
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(5);
    let second = shell.submit_as("s", patch("a-2", json!({"score": 86})), |submission| {
        submission.intent.class = crate::Urgency::Interactive;
    });
    shell.run(20);
    assert_eq!((shell.state(first), uploads(&shell)), (State::Tracking, 1));
    shell.run(100);
    assert_eq!([first, second].map(|id| shell.state(id)), [State::Landed; 2]);
    assert_eq!((shell.target.accepted.len(), uploads(&shell)), (2, 2));
}

#[test]
fn what_is_withdrawn_during_an_errand_is_not_written() {
    let mut shell = shell(5);
    let ids = two(&mut shell);
    shell.serve_until(Method::Post);
    shell.feed(Input::Cancelled { ticket: Ticket(900), intent: ids[0], by: "s".to_owned() });
    shell.run(60);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Cancelled, State::Landed]);
    assert_eq!(shell.target.accepted, [("a-2".to_owned(), 2)]);
}

#[test]
fn a_token_that_ends_while_all_is_processed_is_got_anew() {
    let mut shell = shell(60);
    let ids = two(&mut shell);
    shell.run(5);
    let asked = shell.asked;
    shell.target.script.push_back(refusal(401, "expired"));
    shell.run(300);
    assert!(shell.asked > asked, "nothing else would ask for one");
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed; 2]);
}
