//! Two intents that land both or not at all.

use super::shell::{Shell, wish};
use crate::effect::Refusal;
use crate::ids::{IntentId, Ticket};
use crate::input::Input;
use crate::intent::Intent;
use crate::states::State;
use crate::wire::Method;
use serde_json::{Value, json};

fn half(id: &str, fields: Value) -> Intent {
    wish(id, json!({"change": {"merge_patch": fields}, "pair": "swap-1"}))
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
    assert_eq!((shell.state(first), shell.state(second)), (State::Accepted, State::Review));
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
