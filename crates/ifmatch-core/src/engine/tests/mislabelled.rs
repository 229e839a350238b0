//! Labels that evidence speaks against: a lock that is none, an outage that is one write's.

use super::shell::{Shell, note, patch};
use crate::input::Input;
use crate::states::State;
use crate::wire::Method;
use jiff::SignedDuration;
use serde_json::json;

const HOUR: i64 = 3600;

fn refuse(shell: &mut Shell, note: &str, status: u16, code: &'static str, seconds: i64) {
    let until = shell.now + SignedDuration::from_secs(seconds);
    shell.target.refusing.insert(note.to_owned(), (status, code, until));
}

#[test]
fn a_record_that_others_write_is_not_locked() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 423, "locked", 10 * HOUR);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(20);
    assert_eq!((shell.state(id), shell.code(id)), (State::Parked, "parked/lock"));
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "one"}));
    shell.run(100);
    assert_eq!(shell.state(id), State::Parked, "one change may come between two locks");
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "two"}));
    shell.run(100);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/rule"));
    let status = shell.status(id);
    assert!(status.reason.as_ref().unwrap().contains("labelled a lock"));
    assert_eq!(status.heard.as_ref().unwrap().label, "423 locked", "the target's own label is kept");
    assert_eq!(status.conflict.len(), 1);
    assert!(shell.target.count(Method::Put) < 20, "{}", shell.target.count(Method::Put));
}

#[test]
fn a_record_that_is_announced_as_free_again_and_again_is_not_locked() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 423, "locked", 10 * HOUR);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    for told in 0..4 {
        shell.run(40);
        assert_eq!(shell.state(id), State::Parked, "after {told} announcements");
        let resource = note("a-1");
        shell.feed(Input::Observed { resource, snapshot: None, version: None, unlocked: true, shown_to: None });
        shell.serve();
    }
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/rule"));
}

#[test]
fn the_same_500_for_one_record_while_others_land_refuses_that_one() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 500, "internal", 10 * HOUR);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let other = shell.submit("s", patch("b-1", json!({"score": 85})));
    shell.run(400);
    assert_eq!((shell.state(id), shell.code(id)), (State::Rejected, "rejected/invalid"), "{:?}", shell.status(id));
    assert!(shell.status(id).reason.as_ref().unwrap().starts_with("/score: "), "it names the field");
    assert_eq!(shell.state(other), State::Landed);
    let alone = shell
        .target
        .seen
        .iter()
        .filter(|(_, request, _)| request.method == Method::Put && request.path.ends_with("a-1"));
    assert_eq!(alone.count(), 4);
    let next = shell.submit("s", patch("a-1", json!({"comments": "next"})));
    shell.target.refusing.clear();
    shell.run(10);
    assert_eq!(shell.state(next), State::Landed, "it holds up nothing");
}

#[test]
fn of_several_intents_only_the_one_that_makes_it_fail_is_refused() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 500, "internal", 290);
    shell.token_rests = true;
    let ids = [json!({"score": 85}), json!({"comments": "mine"})].map(|set| shell.submit("s", patch("a-1", set)));
    shell.submit("s", patch("b-1", json!({"score": 85})));
    shell.grant();
    shell.run(HOUR);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed, State::Landed], "each was tried alone");
}

#[test]
fn where_nobody_lands_it_is_an_outage() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 500, "internal", 200);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(600);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
}
