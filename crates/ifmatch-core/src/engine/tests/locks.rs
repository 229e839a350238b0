//! Locks, lagging reads and the answer "stale" that is neither.

use super::fake::refusal;
use super::shell::{Shell, note, patch, wish};
use crate::config::Limits;
use crate::dialect::Guard;
use crate::ids::IntentId;
use crate::input::Input;
use crate::states::State;
use crate::wire::Method;
use jiff::SignedDuration;
use serde_json::json;

fn lock(shell: &mut Shell, shelf: &str, seconds: i64) {
    let until = shell.now + SignedDuration::from_secs(seconds);
    shell.target.locked.insert(shelf.to_owned(), until);
}

#[test]
fn a_lock_parks_and_is_waited_for() {
    let mut shell = Shell::new();
    lock(&mut shell, "a", 60);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve();
    assert_eq!((shell.state(id), shell.code(id)), (State::Parked, "parked/lock"));
    shell.run(120);
    assert_eq!(shell.state(id), State::Landed);
    assert_eq!(shell.target.accepted.len(), 1);
    assert!(shell.status(id).waited.lock >= 55.0, "{:?}", shell.status(id).waited);
}

#[test]
fn other_lock_domains_go_on() {
    let mut shell = Shell::new();
    lock(&mut shell, "a", 600);
    let parked = shell.submit("s", patch("a-1", json!({"score": 85})));
    let free = shell.submit("s", patch("b-1", json!({"score": 85})));
    shell.run(10);
    assert_eq!((shell.state(parked), shell.state(free)), (State::Parked, State::Landed));
}

/// Writes that the locked shelf refuses in five minutes while so many notes of it wait.
fn probes(waiting: usize) -> usize {
    let mut shell = Shell::new();
    lock(&mut shell, "p", 400);
    for at in 0..waiting {
        let name = format!("p-{at}");
        shell.target.put(&name);
        shell.submit("s", patch(&name, json!({"score": 85})));
    }
    shell.run(20);
    let before = shell.target.count(Method::Put);
    shell.run(300);
    let probes = shell.target.count(Method::Put) - before;
    shell.run(600);
    assert_eq!(shell.target.accepted.len(), waiting, "all land when the lock is gone");
    probes
}

#[test]
fn one_probe_train_however_many_wait() {
    let (one, many) = (probes(1), probes(12));
    assert!(one >= 5, "{one} probes in five minutes");
    assert!(many <= one + 3, "{many} probes for twelve, {one} for one");
}

#[test]
fn an_unlock_event_beats_a_probe() {
    let mut shell = Shell::new();
    lock(&mut shell, "a", 3600);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(200);
    assert_eq!(shell.state(id), State::Parked);
    shell.target.locked.clear();
    let now = shell.now;
    shell.feed(Input::Observed {
        resource: note("a-1"),
        snapshot: None,
        version: None,
        unlocked: true,
        shown_to: None,
    });
    shell.serve();
    assert_eq!(shell.state(id), State::Landed);
    assert!(shell.now < now + SignedDuration::from_secs(1));
}

#[test]
fn a_lock_that_outlasts_its_budget_ends_in_review_with_a_reason() {
    let limits = Limits { lock_wait: SignedDuration::from_mins(5), ..Limits::default() };
    let mut shell = Shell::with(Guard::Monotonic, limits);
    lock(&mut shell, "a", 36_000);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(280);
    assert_eq!(shell.state(id), State::Parked);
    shell.run(120);
    assert_eq!(shell.state(id), State::Review);
    assert!(shell.status(id).reason.is_some());
}

#[test]
fn a_token_that_runs_out_renews_no_wait_for_a_lock() {
    let limits = Limits { lock_wait: SignedDuration::from_mins(5), ..Limits::default() };
    let mut shell = Shell::with(Guard::Monotonic, limits);
    lock(&mut shell, "a", 36_000);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    for _ in 0..2 {
        shell.run(120);
        let probe = shell.serve_until(Method::Put);
        shell.answer(probe.attempt, refusal(401, "token"));
    }
    shell.run(150);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/lock_wait_exhausted"));
}

#[test]
fn a_lagging_read_is_waited_for_and_merged() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.target.lag_until = Some(shell.now + SignedDuration::from_secs(20));
    shell.run(300);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"]), (&json!(85), &json!("hers")));
}

#[test]
fn a_lagging_read_hides_no_conflict() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.target.lag_until = Some(shell.now + SignedDuration::from_secs(20));
    shell.run(300);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Review, &json!(90)));
}

/// A wish for what a person has just set to 90, by a source that names a version and the value that it saw.
fn made_from(shell: &mut Shell, version: u64, score: u64) -> IntentId {
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    let base = json!({"version": version, "value": {"score": score}});
    shell.submit("s", wish("a-1", json!({"change": {"merge_patch": {"score": 85}}, "base": base})))
}

#[test]
fn nobody_is_asked_for_what_a_read_below_the_named_version_shows() {
    let mut shell = Shell::new();
    shell.target.lag_until = Some(shell.now + SignedDuration::from_secs(30));
    let id = made_from(&mut shell, 2, 90);
    shell.run(29);
    assert_eq!(shell.state(id), State::Accepted, "{:?}", shell.status(id));
    shell.run(30);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(85)));
    assert!(shell.target.count(Method::Get) < 15, "{} reads", shell.target.count(Method::Get));
}

#[test]
fn a_named_version_that_never_comes_is_waited_for_a_while_and_by_nobody_else() {
    let mut shell = Shell::new();
    let id = made_from(&mut shell, 7, 70);
    shell.run(5);
    let other = shell.submit("t", patch("a-1", json!({"comments": "theirs"})));
    shell.run(114);
    assert_eq!((shell.state(id), shell.state(other)), (State::Accepted, State::Landed));
    shell.run(10);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/true_conflict"));
}

#[test]
fn a_read_below_what_we_wrote_is_not_believed() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(1);
    shell.target.lag_until = Some(shell.now + SignedDuration::from_secs(90));
    shell.run(60);
    let second = shell.submit("s", patch("a-1", json!({"comments": "ours"})));
    shell.run(120);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Landed));
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"], &record["version"]), (&json!(85), &json!("ours"), &json!(3)));
    assert_eq!(shell.target.count(Method::Put), 2, "no write is made from the old version");
}

#[test]
fn a_stale_answer_at_the_version_that_reads_show_may_be_a_lock() {
    let mut shell = Shell::new();
    shell.target.contended_until = Some(shell.now + SignedDuration::from_secs(300));
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(290);
    assert!(!shell.state(id).is_terminal() && shell.state(id) != State::Review, "{:?}", shell.status(id));
    let asked = shell.target.seen.len();
    assert!(asked < 80, "{asked} requests in five minutes");
    shell.run(120);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
    assert_eq!(shell.target.accepted.len(), 1);
}

#[test]
fn waiting_for_a_lock_uses_up_no_budget_for_merges() {
    let mut shell = Shell::with(Guard::Monotonic, Limits { merges_max: 2, ..Limits::default() });
    lock(&mut shell, "a", 300);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(400);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
}
