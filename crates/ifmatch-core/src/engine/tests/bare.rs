//! Refusals that do not say why, or in words that nobody knows: tried a bounded number of times, then a person's.

use super::shell::{Shell, patch};
use crate::effect::Notice;
use crate::ids::IntentId;
use crate::states::State;
use crate::wire::Method;
use jiff::SignedDuration;
use serde_json::json;

const HOUR: i64 = 3600;

fn refuse(shell: &mut Shell, note: &str, status: u16, code: &'static str, seconds: i64) {
    let until = shell.now + SignedDuration::from_secs(seconds);
    shell.target.refusing.insert(note.to_owned(), (status, code, until));
}

/// A score of a-1 while its writes are refused so, for so long; an hour later.
fn refused(status: u16, code: &'static str, seconds: i64) -> (Shell, IntentId) {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", status, code, seconds);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(HOUR);
    (shell, id)
}

fn alarms(shell: &Shell) -> usize {
    let unclassified = |notice: &&Notice| matches!(notice, Notice::Alarm { code: "unclassified", .. });
    shell.notices.iter().filter(unclassified).count()
}

/// A person sees what stands, what was there and what is wanted.
fn shows_three_sides(shell: &Shell, id: IntentId) {
    let conflict = &shell.status(id).conflict;
    let sides: Vec<_> =
        conflict.iter().map(|note| (note.path.as_str(), &note.base, &note.local, &note.remote)).collect();
    assert_eq!(sides, [("/score", &Some(json!(80)), &Some(json!(85)), &Some(json!(80)))]);
}

#[test]
fn a_bare_refusal_that_never_ends_costs_a_dozen_writes_and_an_alarm() {
    let (shell, id) = refused(409, "bare", 10 * HOUR);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/unclassified"));
    let writes = shell.target.count(Method::Put);
    assert!((8..=13).contains(&writes), "{writes} writes");
    assert_eq!(alarms(&shell), 1);
    shows_three_sides(&shell, id);
    assert!(shell.status(id).reason.as_ref().unwrap().contains("version 1"), "{:?}", shell.status(id).reason);
}

#[test]
fn a_lock_that_is_told_without_words_is_waited_out() {
    for held in [20, 100, 900, 1500] {
        let (shell, id) = refused(409, "bare", held);
        assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 1), "{:?}", shell.status(id));
        assert_eq!(alarms(&shell), 0);
    }
}

#[test]
fn a_hold_that_was_seen_to_be_told_so_gives_the_guess_grounds() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 409, "bare", 100);
    refuse(&mut shell, "b-1", 409, "bare", 450);
    let ids = ["a-1", "b-1"].map(|note| shell.submit("s", patch(note, json!({"score": 85}))));
    shell.run(480);
    assert_eq!(ids.map(|id| shell.state(id)), [State::Landed, State::Landed]);
    // Without the first one it is guessed, and looked at more and more seldom.
    let mut shell = Shell::new();
    refuse(&mut shell, "b-1", 409, "bare", 550);
    let id = shell.submit("s", patch("b-1", json!({"score": 85})));
    shell.run(580);
    assert_eq!(shell.state(id), State::Parked);
}

#[test]
fn a_status_that_no_lock_has_is_tried_twice_and_then_only_read() {
    let (shell, id) = refused(400, "bare", 10 * HOUR);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/unclassified"));
    assert_eq!((shell.target.count(Method::Put), alarms(&shell)), (2, 1));
    assert!(shell.status(id).waited.lock < 1.0, "it is no lock");
    shows_three_sides(&shell, id);
}

#[test]
fn a_stale_version_that_is_told_without_words_is_merged_once_reads_show_it() {
    for status in [400, 409] {
        let mut shell = Shell::new();
        let id = shell.submit("s", patch("a-1", json!({"score": 85})));
        shell.serve_until(Method::Put);
        shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
        refuse(&mut shell, "a-1", status, "bare", 40);
        shell.target.lag_until = Some(shell.now + SignedDuration::from_secs(40));
        shell.run(300);
        assert_eq!(shell.state(id), State::Landed, "{status} {:?}", shell.status(id));
        let record = shell.target.note("a-1");
        assert_eq!((&record["score"], &record["comments"]), (&json!(85), &json!("hers")));
    }
}

#[test]
fn words_that_nobody_knows_are_tried_once_more() {
    let (shell, id) = refused(409, "strange", 10 * HOUR);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/unclassified"));
    assert_eq!(shell.target.count(Method::Put), 2);
    assert!(alarms(&shell) > 0);
    shows_three_sides(&shell, id);
}

#[test]
fn a_rule_ends_in_review_with_three_sides() {
    let (shell, id) = refused(422, "rule", 10 * HOUR);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/rule"));
    shows_three_sides(&shell, id);
}

#[test]
fn a_refusal_without_words_means_what_the_one_before_it_said() {
    let mut shell = Shell::new();
    refuse(&mut shell, "a-1", 422, "rule", HOUR);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    while shell.target.count(Method::Put) == 0 {
        shell.serve_one();
    }
    refuse(&mut shell, "a-1", 409, "bare", 10 * HOUR);
    shell.run(60);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/rule"));
    assert_eq!(shell.target.count(Method::Put), 2);
}

#[test]
fn who_merged_too_often_asks_with_three_sides() {
    let mut shell = Shell::new();
    shell.target.racing = 1000;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(HOUR);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/merges_exhausted"));
    shows_three_sides(&shell, id);
}
