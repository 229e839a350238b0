//! Two intents that land both or not at all.

use super::shell::{Shell, wish};
use crate::effect::Refusal;
use crate::ids::{IntentId, Ticket};
use crate::input::{Input, Scope};
use crate::intent::Intent;
use crate::states::State;
use crate::wire::{Failure, Method};
use serde_json::{Value, json};

fn half(id: &str, fields: Value) -> Intent {
    wish(id, json!({"change": {"merge_patch": fields}, "pair": "swap-1"}))
}

fn half_of(pair: &str, id: &str, fields: Value) -> Intent {
    wish(id, json!({"change": {"merge_patch": fields}, "pair": pair}))
}

fn order(shell: &Shell) -> Vec<&str> {
    shell.target.accepted.iter().map(|(id, _)| id.as_str()).collect()
}

fn withdraw(shell: &mut Shell, intent: IntentId) {
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent, by: "s".to_owned() });
}

#[test]
fn the_halves_land_in_the_order_of_their_records() {
    let mut shell = Shell::new();
    let second = shell.submit("s", half("b-1", json!({"score": 85})));
    shell.run(5);
    assert_eq!(shell.writes().len(), 0);
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    shell.run(5);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Landed));
    assert_eq!(shell.target.accepted, [("a-1".to_owned(), 2), ("b-1".to_owned(), 2)]);
    // Its name is free again.
    let next = shell.submit("s", half("a-1", json!({"score": 87})));
    assert!(shell.told(next).is_ok());
}

#[test]
fn a_lone_half_ends_unwritten_also_after_a_crash() {
    let mut shell = Shell::new();
    let lone = shell.submit("s", half("a-1", json!({"score": 85})));
    shell.run(300);
    shell.crash();
    shell.grant();
    shell.run(599);
    assert_eq!(shell.state(lone), State::Accepted);
    shell.run(2);
    assert_eq!((shell.state(lone), shell.code(lone)), (State::Rejected, "rejected/pair"));
    assert!(shell.target.accepted.is_empty());
}

#[test]
fn a_conflict_that_stands_is_met_before_anything_is_written() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let based = json!({"change": {"merge_patch": {"score": 85}}, "pair": "swap-1", "base": {"value": {"score": 70}}});
    let second = shell.submit("s", wish("b-1", based));
    shell.run(30);
    assert_eq!((shell.code(first), shell.state(second)), ("queued/pair", State::Review));
    assert!(shell.target.accepted.is_empty());
    withdraw(&mut shell, second);
    shell.run(5);
    assert_eq!((shell.state(first), shell.code(first)), (State::Rejected, "rejected/pair"));
    assert!(shell.target.accepted.is_empty());
}

#[test]
fn the_first_is_taken_back_where_the_second_is_withdrawn_meanwhile() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let second = shell.submit("s", half("b-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    withdraw(&mut shell, second);
    shell.run(10);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Cancelled));
    assert_eq!((&shell.target.note("a-1")["score"], &shell.target.note("b-1")["score"]), (&json!(80), &json!(80)));
    assert_eq!(shell.target.accepted.len(), 2);
    let told = format!("it was taken back by {}, since its partner {second} did not land", crate::undo_of_half(first));
    assert!(shell.why(first).contains(&told), "{}", shell.why(first));
}

#[test]
fn what_cannot_be_half_of_a_pair_is_refused() {
    let mut shell = Shell::new();
    shell.submit("s", half("a-1", json!({"score": 86})));
    let mut refused = |intent: Intent| {
        let id = shell.submit("s", intent);
        let Err(Refusal::Intent(error)) = shell.told(id) else { panic!("it was not refused for what it says") };
        (error.code, error.field)
    };
    assert_eq!(refused(half("a-1", json!({"score": 85}))), ("invalid_pair", "/pair".to_owned()));
    let creates = wish("b-1", json!({"change": {"create": {"score": 85}}, "pair": "swap-2"}));
    assert_eq!(refused(creates), ("invalid_intent", "/pair".to_owned()));
    let nameless = wish("b-1", json!({"change": {"merge_patch": {"score": 85}}, "pair": ""}));
    assert_eq!(refused(nameless), ("invalid_intent", "/pair".to_owned()));
    let complete = shell.submit("s", half("b-1", json!({"score": 85})));
    assert!(shell.told(complete).is_ok());
    let third = shell.submit("s", half("c-1", json!({"score": 85})));
    assert!(matches!(shell.told(third), Err(Refusal::Intent(error)) if error.code == "invalid_pair"));
}

#[test]
fn what_is_only_looked_at_is_not_written_also_beside_another() {
    let mut shell = Shell::new();
    // Beside the other one, which says the same, the younger second half has nothing to write at first.
    let seconds = ["s", "t"].map(|source| shell.submit(source, half_of("p", "b-1", json!({"score": 85}))));
    let firsts =
        [("s", "a-1"), ("t", "a-2")].map(|(source, id)| shell.submit(source, half_of("p", id, json!({"score": 85}))));
    shell.run(10);
    assert!(seconds.iter().chain(&firsts).all(|id| shell.state(*id).is_terminal()));
    let order = order(&shell);
    assert_eq!((order[..2].contains(&"b-1"), order.len()), (false, 3), "{order:?}");
}

#[test]
fn a_newer_word_of_the_source_comes_after_the_half() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let newer = shell.submit("s", wish("a-1", json!({"change": {"merge_patch": {"score": 90}}})));
    let beside = shell.submit("s", wish("a-1", json!({"change": {"merge_patch": {"comments": "more"}}})));
    let anothers = shell.submit("t", wish("a-2", json!({"change": {"merge_patch": {"score": 70}}})));
    shell.run(5);
    assert_eq!((shell.state(beside), shell.state(anothers)), (State::Landed, State::Landed));
    assert_eq!((shell.state(first), shell.state(newer)), (State::Accepted, State::Accepted));
    let second = shell.submit("s", half("b-1", json!({"score": 85})));
    shell.run(10);
    // Once the half may go, the newer word goes with it, and takes its place: then the pair is off.
    assert!([first, second].iter().all(|id| shell.state(*id).is_terminal()));
    assert_eq!((shell.state(newer), &shell.target.note("a-1")["score"]), (State::Landed, &json!(90)));
}

#[test]
fn who_waits_with_a_partner_for_a_person_says_so() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let newer = shell.submit("s", wish("a-1", json!({"change": {"merge_patch": {"score": 90}}})));
    let based = json!({"change": {"merge_patch": {"score": 85}}, "pair": "swap-1", "base": {"value": {"score": 70}}});
    let second = shell.submit("s", wish("b-1", based));
    shell.run(30);
    assert_eq!(shell.state(second), State::Review);
    for id in [first, newer] {
        assert_eq!(shell.code(id), "queued/pair");
        assert!(shell.status(id).reason.as_deref().unwrap_or_default().contains(&second.to_string()));
    }
    withdraw(&mut shell, second);
    shell.run(10);
    assert_eq!((shell.code(first), shell.state(newer)), ("rejected/pair", State::Landed));
}

#[test]
fn what_the_brake_held_says_again_that_it_waits_for_a_person() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let based = json!({"change": {"merge_patch": {"score": 85}}, "pair": "swap-1", "base": {"value": {"score": 70}}});
    let second = shell.submit("s", wish("b-1", based));
    shell.run(30);
    assert_eq!((shell.code(first), shell.state(second)), ("queued/pair", State::Review));
    shell.brake(Scope::Org, true);
    shell.submit("t", wish("a-1", json!({"change": {"merge_patch": {"comments": "more"}}})));
    shell.run(5);
    assert_eq!(shell.code(first), "deferred/brake");
    shell.brake(Scope::Org, false);
    shell.run(5);
    assert_eq!(shell.code(first), "queued/pair");
}

#[test]
fn a_late_half_comes_after_what_its_source_said_before_it() {
    let mut shell = Shell::new();
    // The pair began before the older word, and its half for that record comes after it.
    shell.submit("s", half_of("p", "b-1", json!({"score": 85})));
    let older = shell.submit("s", half_of("q", "a-1", json!({"score": 70})));
    let newer = shell.submit("s", half_of("p", "a-1", json!({"score": 86})));
    shell.run(5);
    assert_eq!((shell.state(older), shell.target.accepted.len()), (State::Accepted, 0));
    shell.submit("s", half_of("q", "c-1", json!({"score": 85})));
    shell.run(20);
    assert_eq!((shell.state(newer), &shell.target.note("a-1")["score"]), (State::Landed, &json!(86)));
}

#[test]
fn pairs_that_come_after_each_other_do_not_wait_for_ever() {
    let mut shell = Shell::new();
    let of =
        [("p", "a-1", 86), ("q", "b-1", 70), ("r", "c-1", 71), ("q", "a-1", 72), ("r", "b-1", 73), ("p", "c-1", 74)];
    let all = of.map(|(pair, id, score)| shell.submit("s", half_of(pair, id, json!({"score": score}))));
    shell.run(60);
    assert!(all.iter().all(|id| shell.state(*id).is_terminal()), "{:?}", all.map(|id| shell.state(id)));
}

#[test]
fn half_a_pair_that_may_have_landed_stays_with_a_person_when_its_partner_ends() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let second = shell.submit("s", half("b-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.fail(write.attempt, Failure::NoAnswer);
    for comments in ["hers", "hers again"] {
        shell.target.edit(shell.now, "a-1", "eve", &json!({ "comments": comments }));
    }
    shell.run(3_600);
    assert_eq!((shell.code(first), shell.code(second)), ("review/undecided", "queued/pair"));
    shell.crash();
    shell.grant();
    withdraw(&mut shell, second);
    shell.run(10);
    assert_eq!((shell.state(second), shell.code(first)), (State::Cancelled, "review/undecided"));
}

#[test]
fn nobody_is_asked_about_one_half_while_the_other_one_may_have_landed() {
    let mut shell = Shell::new();
    let first = shell.submit("s", half("a-1", json!({"score": 86})));
    let based = json!({"change": {"merge_patch": {"score": 85}}, "pair": "swap-1", "base": {"value": {"score": 80}}});
    let second = shell.submit("s", wish("b-1", based));
    let write = shell.serve_until(Method::Put);
    shell.target.answer(shell.now, &write.request);
    shell.target.edit(shell.now, "b-1", "eve", &json!({"score": 90}));
    shell.crash();
    shell.grant();
    shell.idle(5);
    assert!(shell.flying.iter().all(|exchange| !exchange.request.path.contains("b-1")));
    shell.run(3_600);
    assert_eq!((shell.state(first), shell.code(second)), (State::Landed, "rejected/pair"));
    assert_eq!(&shell.target.note("a-1")["score"], &json!(80));
}

#[test]
fn the_undo_of_either_half_takes_back_both_or_neither() {
    let mut shell = Shell::new();
    let land = |shell: &mut Shell| {
        let halves = [("a-1", 86), ("b-1", 85)].map(|(id, score)| shell.submit("s", half(id, json!({"score": score}))));
        shell.run(10);
        assert!(halves.iter().all(|id| shell.state(*id) == State::Landed));
        halves
    };
    let scores = |shell: &Shell| [shell.target.note("a-1")["score"].clone(), shell.target.note("b-1")["score"].clone()];
    let [_, second] = land(&mut shell);
    let back = shell.undo_both_of(second).unwrap();
    let back = shell.submit("t", back);
    shell.run(10);
    assert_eq!((shell.state(back), scores(&shell)), (State::Landed, [json!(80), json!(80)]));
    // And that again.
    let again = shell.undo_both_of(back).unwrap();
    shell.submit("t", again);
    shell.run(10);
    assert_eq!(scores(&shell), [json!(86), json!(85)]);
}

#[test]
fn nothing_of_a_pair_is_taken_back_where_somebody_changed_one_half() {
    let mut shell = Shell::new();
    let [first, _] = [("a-1", 86), ("b-1", 85)].map(|(id, score)| shell.submit("s", half(id, json!({"score": score}))));
    shell.run(10);
    shell.target.edit(shell.now, "b-1", "eve", &json!({"score": 90}));
    let back = shell.undo_both_of(first).unwrap();
    let back = shell.submit("t", back);
    shell.run(30);
    assert_ne!(shell.state(back), State::Accepted);
    assert_eq!((&shell.target.note("a-1")["score"], &shell.target.note("b-1")["score"]), (&json!(86), &json!(90)));
}

#[test]
fn a_half_ends_when_no_partner_of_it_comes() {
    let mut shell = Shell::new();
    let alone = shell.submit("s", half("a-1", json!({"score": 85})));
    shell.run(590);
    assert!(!shell.state(alone).is_terminal());
    shell.run(20);
    assert_eq!((shell.state(alone), shell.code(alone)), (State::Rejected, "rejected/pair"));
    assert_eq!(shell.writes().len(), 0);
}
