//! Why an intent waits, told from a running engine and its store.

use super::shell::{Shell, note, patch};
use crate::config::Limits;
use crate::dialect::Guard;
use crate::input::{Brake, Input, Scope};
use crate::states::State;
use crate::wire::{Failure, Method};
use jiff::SignedDuration;
use serde_json::json;

fn lock(shell: &mut Shell, shelf: &str, seconds: i64) {
    let until = shell.now + SignedDuration::from_secs(seconds);
    shell.target.locked.insert(shelf.to_owned(), until);
}

#[test]
fn a_lock_names_its_domain_its_probe_and_its_end() {
    let mut shell = Shell::new();
    lock(&mut shell, "a", 3600);
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.submit("s", patch("a-2", json!({"score": 85})));
    shell.run(20);
    let why = shell.why(first);
    for part in
        ["the target refused it", "taken as a lock on shelf/a", "for all 2 records that wait", "it gives up at 08:30:0"]
    {
        assert!(why.contains(part), "{part} is missing: {why}");
    }
}

#[test]
fn a_lock_that_calls_itself_stale_names_the_version_that_reads_show() {
    let mut shell = Shell::new();
    shell.target.contended_until = Some(shell.now + SignedDuration::from_secs(300));
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(60);
    assert_eq!(shell.code(id), "parked/contended");
    let why = shell.why(id);
    assert!(why.contains("while reads still show version 1, so it is taken as a lock on shelf/a"), "{why}");
}

#[test]
fn the_evidence_outlives_a_restart() {
    let mut shell = Shell::new();
    lock(&mut shell, "a", 3600);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(20);
    let said = shell.status(id).heard.clone().expect("a refusal was heard");
    shell.crash();
    assert!(shell.why(id).contains(&said.message), "{}", shell.why(id));
}

#[test]
fn a_brake_is_told() {
    let mut shell = Shell::new();
    shell.feed(Input::Braked(Brake { scope: Scope::Resource(note("a-1")), on: true, by: "Mara Lind".to_owned() }));
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(5);
    assert_eq!(shell.state(id), State::Deferred);
    assert!(shell.why(id).ends_with("the brake holds it until `ifmatch resume`."), "{}", shell.why(id));
}

#[test]
fn what_needed_no_write_says_what_it_rests_on() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": shell.target.note("a-1")["score"]})));
    shell.run(5);
    assert_eq!(shell.state(id), State::Satisfied);
    assert!(shell.why(id).contains("that rests on version 1 as read at 08:00:00"), "{}", shell.why(id));
}

#[test]
fn a_write_on_the_wire_says_until_when_its_answer_is_waited_for() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    assert_eq!(shell.state(id), State::Sent);
    assert!(shell.why(id).ends_with("its answer is waited for until 08:00:30."), "{}", shell.why(id));
}

#[test]
fn an_ambiguous_write_is_told_by_what_is_really_done() {
    let unclear = |mut shell: Shell, wish: crate::Intent, method: Method| {
        let id = shell.submit("s", wish);
        let write = shell.serve_until(method);
        shell.fail(write.attempt, Failure::NoAnswer);
        shell.idle(1);
        assert_eq!(shell.state(id), State::Ambiguous);
        (shell.why(id), shell)
    };
    let set = || patch("a-1", json!({"score": 85}));
    let (guarded, _) = unclear(Shell::new(), set(), Method::Put);
    assert!(guarded.contains("the same conditional write is sent again"), "{guarded}");
    let (made, _) = unclear(
        Shell::new(),
        serde_json::from_value(json!({"resource": {"org": "acme", "kind": "note", "key": {"owner": "new"}},
            "change": {"create": {"owner": "new", "score": 5}}}))
        .unwrap(),
        Method::Post,
    );
    assert!(
        made.contains("is looked for, and made again only where it is not found") && !made.contains("conditional"),
        "{made}"
    );
    let (unguarded, mut shell) = unclear(Shell::with(Guard::Unguarded, Limits::default()), set(), Method::Put);
    assert!(unguarded.contains("the target checks no versions there, so nothing is sent"), "{unguarded}");
    assert!(!unguarded.contains("sent again"), "{unguarded}");
    // Who comes later waits for that.
    let behind = shell.submit("t", patch("a-1", json!({"comments": "late"})));
    shell.idle(5);
    let why = shell.why(behind);
    assert!(why.contains("it is stored, and waits behind a write for the same record"), "{why}");
    assert!(why.contains("first it must be told whether another write of 08:00:00 took effect; after"), "{why}");
    assert!(!why.contains("nothing was decided"), "{why}");
}
