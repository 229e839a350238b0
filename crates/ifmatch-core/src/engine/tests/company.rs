//! Envelopes wait a moment for company, and only then.

use super::shelf::Shelves;
use super::shell::{Shell, patch, publish, wish};
use crate::config::Limits;
use crate::ids::IntentId;
use crate::states::State;
use crate::wire::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

fn ms(millis: i64) -> SignedDuration {
    SignedDuration::from_millis(millis)
}

/// A shell with twenty notes of shelf `a` and one of shelf `b`, on which something landed already,
/// long ago: nothing waits for a token or for the first announcement of a window.
fn shell(limits: Limits) -> Shell {
    let mut shell = Shell::on(Arc::new(Shelves::of(10)), limits);
    for at in 0..20 {
        shell.target.put(&format!("a-{at}"));
    }
    shell.submit("s", patch("c-1", json!({"score": 90})));
    shell.run(10);
    shell.sends.clear();
    shell
}

fn score(shell: &mut Shell, at: usize) -> IntentId {
    shell.submit("s", patch(&format!("a-{at}"), json!({"score": 85})))
}

/// The notes that each request of a method carried.
fn carried(shell: &Shell, method: Method) -> Vec<usize> {
    let of = |request: &crate::Request| request.path.split_once("?ids=").map_or(0, |(_, ids)| ids.split(',').count());
    let sends = shell.sends.iter().filter(|(_, exchange)| exchange.request.method == method);
    sends.map(|(_, exchange)| of(&exchange.request)).collect()
}

/// A turn for `a-0` is under way, and so much time passed between its two requests.
fn under_way(shell: &mut Shell, between_ms: i64) {
    score(shell, 0);
    shell.only(Method::Get);
    shell.idle_ms(between_ms);
    shell.serve_one();
    shell.only(Method::Put);
}

#[test]
fn the_first_change_after_a_quiet_time_starts_at_once() {
    let mut shell = shell(Limits::default());
    for at in 0..3 {
        let before = shell.now;
        score(&mut shell, at);
        assert_eq!(shell.sends.last().map(|(sent, _)| *sent), Some(before));
        shell.run(30);
    }
}

#[test]
fn what_comes_while_a_turn_is_under_way_goes_together_after_it() {
    let mut shell = shell(Limits::default());
    let began = shell.now;
    under_way(&mut shell, 300);
    let ids: Vec<_> = (1..6).map(|at| score(&mut shell, at)).collect();
    assert_eq!(shell.flying.len(), 1, "one writer");
    shell.serve_one();
    let ended = shell.now;
    let more = score(&mut shell, 6);
    assert!(shell.flying.is_empty(), "company may still come");
    shell.run(2);
    assert_eq!((carried(&shell, Method::Get), carried(&shell, Method::Put)), (vec![1, 6], vec![1, 6]));
    let second = shell.sends[2].0;
    assert_eq!(second.duration_since(ended), ended.duration_since(began), "as long as the turn took");
    assert!(ids.iter().chain([&more]).all(|id| shell.state(*id) == State::Landed));
}

#[test]
fn one_change_after_the_other_waits_for_nobody() {
    let mut shell = shell(Limits::default());
    for at in 0..5 {
        let before = shell.now;
        score(&mut shell, at);
        assert_eq!(shell.sends.last().map(|(sent, _)| *sent), Some(before), "change {at}");
        shell.serve();
        assert!(shell.flying.is_empty());
    }
}

#[test]
fn another_envelope_waits_for_nobody() {
    let mut shell = shell(Limits::default());
    under_way(&mut shell, 0);
    let before = shell.now;
    shell.submit("s", patch("b-1", json!({"score": 85})));
    assert_eq!((shell.flying.len(), shell.sends.last().map(|(sent, _)| *sent)), (2, Some(before)));
}

#[test]
fn nobody_waits_longer_than_the_bound() {
    let mut shell = shell(Limits::default());
    let began = shell.now;
    under_way(&mut shell, 0);
    let id = score(&mut shell, 1);
    shell.idle_ms(1900);
    assert_eq!(shell.flying.len(), 1);
    shell.idle_ms(200);
    assert_eq!(shell.flying.len(), 2, "the turn before it hangs");
    assert_eq!(shell.sends.last().map(|(sent, _)| sent.duration_since(began)), Some(Limits::default().linger_max));
    shell.run(60);
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn the_wait_can_be_switched_off() {
    let mut shell = shell(Limits { linger_max: SignedDuration::ZERO, ..Limits::default() });
    under_way(&mut shell, 0);
    score(&mut shell, 1);
    assert_eq!(shell.flying.len(), 2);
}

#[test]
fn who_is_pressed_does_not_wait_and_takes_the_others_along() {
    let near = |shell: &Shell| (shell.now + SignedDuration::from_secs(15)).to_string();
    let far = |shell: &Shell| (shell.now + SignedDuration::from_secs(300)).to_string();
    let check = |members: &dyn Fn(&Shell) -> Value, goes: bool| {
        let mut shell = shell(Limits::default());
        under_way(&mut shell, 0);
        score(&mut shell, 1);
        let mut wanted = members(&shell);
        wanted["change"] = json!({"merge_patch": {"score": 85}});
        shell.submit("s", wish("a-2", wanted));
        assert_eq!(shell.flying.len(), 1 + usize::from(goes));
        assert_eq!(carried(&shell, Method::Get), if goes { vec![1, 2] } else { vec![1] });
    };
    check(&|_| json!({"class": "interactive"}), true);
    check(&|shell| json!({"class": "bulk", "deadline": near(shell)}), true);
    check(&|shell| json!({"deadline": far(shell)}), false);
    check(&|_| json!({"class": "bulk"}), false);
}

#[test]
fn a_full_envelope_does_not_wait() {
    let mut shell = shell(Limits::default());
    under_way(&mut shell, 0);
    for at in 1..10 {
        score(&mut shell, at);
    }
    assert_eq!(shell.flying.len(), 1);
    score(&mut shell, 10);
    assert_eq!((shell.flying.len(), carried(&shell, Method::Get)), (2, vec![1, 10]));
}

#[test]
fn a_trickle_shares_its_requests() {
    let mut shell = shell(Limits::default());
    let mut ids = Vec::new();
    let start = shell.now;
    // A change every 12 ms, each exchange takes 50 ms: alone they would need 400 requests.
    for at in 0..200 {
        ids.push(shell.submit("s", patch(&format!("a-{}", at % 20), json!({"comments": format!("c{at}")}))));
        shell.idle_ms(12);
        let due = |(at, _): &&(jiff::Timestamp, _)| shell.now.duration_since(*at) >= ms(50);
        if shell.flying.iter().any(|flight| shell.sends.iter().filter(due).any(|(_, sent)| sent == flight)) {
            shell.serve_one();
        }
    }
    shell.run(60);
    assert!(ids.iter().all(|id| shell.state(*id).is_terminal() || shell.state(*id) == State::Review));
    assert!(shell.sends.len() <= 50, "{} requests", shell.sends.len());
    let last = ids.iter().filter_map(|id| shell.status(*id).settled_at).max().unwrap();
    assert!(last.duration_since(start) < SignedDuration::from_secs(8), "{last}");
}

#[test]
fn a_publish_that_waits_for_changes_does_not_have_them_wait() {
    let mut shell = shell(Limits::default());
    shell.target.put("a");
    under_way(&mut shell, 0);
    score(&mut shell, 1);
    assert_eq!(shell.flying.len(), 1);
    let id = shell.submit("s", publish("a"));
    assert_eq!((shell.flying.len(), carried(&shell, Method::Get)), (2, vec![1, 1]));
    let asked = |shell: &Shell| shell.sends.iter().any(|(_, sent)| sent.request.path.ends_with("/publish"));
    while !asked(&shell) {
        shell.serve_one();
    }
    let landed = ["a-0", "a-1"].iter().filter(|id| shell.target.version(id) == 2).count();
    assert_eq!(landed, 2, "the publish is looked at when both changes are in");
    shell.run(120);
    assert_eq!((shell.state(id), shell.target.started), (State::Landed, 1));
}
