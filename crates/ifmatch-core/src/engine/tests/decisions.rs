//! People: reviews and decisions, withdrawals, deadlines, and the brake.

use super::fake::retry_after;
use super::shell::{Shell, note, patch, wish};
use crate::effect::{Notice, Refusal};
use crate::hash::{Digest, value_digest};
use crate::ids::{IntentId, Ticket};
use crate::input::{Decision, DecisionAction, Input, Scope};
use crate::states::State;
use crate::wire::Method;
use ifmatch_merge::Pointer;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn score() -> Pointer {
    Pointer::parse("/score").unwrap()
}

/// An intent of source s wants 85 where eve wrote 90 meanwhile.
fn conflict() -> (Shell, IntentId) {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.run(10);
    assert_eq!(shell.state(id), State::Review);
    (shell, id)
}

fn decide(shell: &mut Shell, intent: IntentId, action: DecisionAction, choose: Option<Value>, seen: Option<Digest>) {
    shell.feed(Input::Decided(Decision {
        ticket: Ticket(999),
        intent,
        by: "olga".to_owned(),
        action,
        choose: choose.into_iter().map(|side| (score(), side)).collect::<BTreeMap<_, _>>(),
        seen: seen.into_iter().map(|digest| (score(), digest)).collect::<BTreeMap<_, _>>(),
        note: Some("as agreed".to_owned()),
    }));
}

/// What the person was told.
fn told(shell: &Shell) -> Option<&Refusal> {
    shell
        .notices
        .iter()
        .rev()
        .find_map(|notice| match notice {
            Notice::DecisionTaken { ticket: Ticket(999) } => Some(None),
            Notice::Refused { ticket: Ticket(999), refusal } => Some(Some(refusal)),
            _ => None,
        })
        .expect("the person was told something")
}

fn seen(shell: &Shell, id: IntentId) -> Option<Digest> {
    Some(shell.status(id).conflict[0].seen)
}

#[test]
fn a_decision_for_our_side_is_written() {
    let (mut shell, id) = conflict();
    let digest = seen(&shell, id);
    assert_eq!(digest, Some(value_digest(Some(&json!(90)))));
    decide(&mut shell, id, DecisionAction::Apply, Some(json!("local")), digest);
    shell.run(10);
    assert_eq!(told(&shell), None);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(85)));
    assert!(shell.store.transitions.iter().any(|t| t.intent == id && t.by.contains("olga")), "audited under a name");
}

#[test]
fn a_decision_for_a_third_value_is_written() {
    let (mut shell, id) = conflict();
    let digest = seen(&shell, id);
    decide(&mut shell, id, DecisionAction::Apply, Some(json!({"value": 88})), digest);
    shell.run(10);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(88)));
}

#[test]
fn a_decision_for_their_side_writes_nothing() {
    let (mut shell, id) = conflict();
    let digest = seen(&shell, id);
    let before = shell.writes().len();
    decide(&mut shell, id, DecisionAction::Apply, Some(json!("remote")), digest);
    shell.run(10);
    assert!(shell.state(id).is_terminal(), "{:?}", shell.status(id));
    assert_eq!(shell.writes().len(), before);
    assert_eq!(shell.target.note("a-1")["score"], 90);
}

#[test]
fn a_discarded_intent_is_gone_and_the_lane_goes_on() {
    let (mut shell, id) = conflict();
    decide(&mut shell, id, DecisionAction::Discard, None, None);
    shell.run(10);
    assert_eq!(shell.state(id), State::Discarded);
    let next = shell.submit("s", patch("a-1", json!({"comments": "next"})));
    shell.run(10);
    assert_eq!((shell.state(next), &shell.target.note("a-1")["score"]), (State::Landed, &json!(90)));
}

#[test]
fn a_decision_for_a_value_that_was_not_there_is_refused() {
    let (mut shell, id) = conflict();
    decide(&mut shell, id, DecisionAction::Apply, Some(json!("local")), Some(value_digest(Some(&json!(91)))));
    shell.run(10);
    assert_eq!(told(&shell), Some(&Refusal::ConflictMoved));
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Review, &json!(90)));
}

#[test]
fn a_value_that_moved_since_reopens_the_review() {
    let (mut shell, id) = conflict();
    let digest = seen(&shell, id);
    shell.run(600);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 95}));
    decide(&mut shell, id, DecisionAction::Apply, Some(json!("local")), digest);
    shell.run(60);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Review, &json!(95)));
    assert_eq!(shell.status(id).conflict[0].remote, Some(json!(95)));
}

#[test]
fn a_value_that_moves_while_the_decision_is_carried_out_reopens_the_review() {
    let (mut shell, id) = conflict();
    let digest = seen(&shell, id);
    decide(&mut shell, id, DecisionAction::Apply, Some(json!("local")), digest);
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 95}));
    shell.run(60);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Review, &json!(95)));
}

#[test]
fn a_decision_outlives_a_crash() {
    let (mut shell, id) = conflict();
    let digest = seen(&shell, id);
    decide(&mut shell, id, DecisionAction::Apply, Some(json!("local")), digest);
    shell.serve_until(Method::Put);
    assert_eq!(told(&shell), None);
    shell.crash();
    shell.run(3600);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(85)));
}

#[test]
fn only_what_is_in_review_can_be_decided() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(10);
    decide(&mut shell, id, DecisionAction::Discard, None, None);
    shell.run(1);
    assert_eq!(told(&shell), Some(&Refusal::NotInReview));
    assert_eq!(shell.state(id), State::Landed);
    decide(&mut shell, IntentId(12_345), DecisionAction::Discard, None, None);
    assert_eq!(told(&shell), Some(&Refusal::NotInReview));
}

#[test]
fn a_review_does_not_block_its_lane_and_keeps_its_sides() {
    let (mut shell, id) = conflict();
    let next = shell.submit("s", patch("a-1", json!({"comments": "next"})));
    shell.run(10);
    assert_eq!((shell.state(id), shell.state(next)), (State::Review, State::Landed));
    let conflict = &shell.status(id).conflict;
    assert_eq!((conflict[0].local.clone(), conflict[0].remote.clone()), (Some(json!(85)), Some(json!(90))));
}

#[test]
fn an_overlapping_intent_joins_the_review() {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85, "comments": "ours"})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.run(10);
    assert_eq!(shell.state(first), State::Review);
    let second = shell.submit("s", patch("a-1", json!({"comments": "again"})));
    shell.run(10);
    assert_eq!((shell.state(first), shell.state(second)), (State::Review, State::Review));
    assert_eq!(shell.target.note("a-1")["comments"], "old");
}

#[test]
fn what_waits_can_be_withdrawn() {
    let (mut shell, reviewed) = conflict();
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent: reviewed, by: "s".to_owned() });
    assert_eq!(shell.state(reviewed), State::Cancelled);
    let mut shell = Shell::new();
    shell.brake(Scope::Org, true);
    let waiting = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(10);
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent: waiting, by: "s".to_owned() });
    assert_eq!(shell.state(waiting), State::Cancelled);
    shell.brake(Scope::Org, false);
    shell.run(60);
    assert!(shell.writes().is_empty());
}

#[test]
fn a_withdrawal_of_what_is_sent_waits_for_the_answer() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent: id, by: "s".to_owned() });
    assert_eq!(shell.state(id), State::Sent);
    shell.serve();
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn a_withdrawal_of_what_is_sent_outlives_a_crash() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.feed(Input::Cancelled { ticket: Ticket(999), intent: id, by: "s".to_owned() });
    assert_eq!(shell.notices.last(), Some(&Notice::WithdrawalTaken { ticket: Ticket(999) }));
    // The write never arrived, and the record is another one by the time that anybody looks.
    shell.crash();
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.run(3_600);
    assert_eq!(shell.state(id), State::Cancelled, "{write:?} {:?}", shell.status(id));
    assert!(shell.target.accepted.is_empty());
}

#[test]
fn what_is_withdrawn_while_its_record_is_read_is_not_sent() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Get);
    shell.feed(Input::Cancelled { ticket: Ticket(999), intent: id, by: "s".to_owned() });
    shell.run(60);
    assert_eq!(shell.state(id), State::Cancelled);
    assert!(shell.writes().is_empty());
}

#[test]
fn a_withdrawal_during_a_refused_write_holds() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent: id, by: "s".to_owned() });
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.run(60);
    assert_eq!(shell.state(id), State::Cancelled, "{:?}", shell.status(id));
    assert!(shell.target.accepted.is_empty());
}

#[test]
fn a_deadline_ends_what_waits_with_a_code_and_its_age() {
    let mut shell = Shell::new();
    shell.submit("t", patch("b-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.answer(write.attempt, retry_after(429, 600));
    let deadline = shell.now + SignedDuration::from_secs(90);
    let body = json!({"change": {"merge_patch": {"score": 85}}, "deadline": deadline.to_string()});
    let id = shell.submit("s", wish("a-1", body));
    shell.run(80);
    assert!(!shell.state(id).is_terminal());
    shell.run(20);
    assert_eq!(shell.state(id), State::Expired);
    assert!(shell.code(id).starts_with("expired/"), "{:?}", shell.status(id));
    let reason = shell.status(id).reason.clone().unwrap();
    assert!(reason.contains("90"), "the reason tells how old it is: {reason}");
    shell.run(1200);
    assert_eq!(shell.target.accepted.len(), 1, "only the other one");
}

#[test]
fn a_deadline_ends_a_review() {
    let mut shell = Shell::new();
    let deadline = shell.now + SignedDuration::from_secs(90);
    let body = json!({"change": {"merge_patch": {"score": 85}}, "deadline": deadline.to_string()});
    let id = shell.submit("s", wish("a-1", body));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.run(10);
    assert_eq!(shell.state(id), State::Review);
    shell.run(120);
    assert_eq!(shell.state(id), State::Expired);
}

/// What each brake holds of an intent of s for a-1 and one of t for b-1.
fn brakes() -> [(Scope, bool, bool); 4] {
    [
        (Scope::Org, true, true),
        (Scope::Source("s".into()), true, false),
        (Scope::Kind("note".to_owned()), true, true),
        (Scope::Resource(note("a-1")), true, false),
    ]
}

#[test]
fn each_brake_holds_its_scope_and_nothing_else() {
    for (scope, one_held, other_held) in brakes() {
        let mut shell = Shell::new();
        shell.brake(scope.clone(), true);
        let one = shell.submit("s", patch("a-1", json!({"score": 85})));
        let other = shell.submit("t", patch("b-1", json!({"score": 85})));
        shell.run(600);
        let held = |shell: &Shell, id: IntentId| shell.state(id) != State::Landed;
        assert_eq!((held(&shell, one), held(&shell, other)), (one_held, other_held), "{scope:?}");
        shell.crash();
        shell.run(60);
        assert_eq!((held(&shell, one), held(&shell, other)), (one_held, other_held), "after a restart: {scope:?}");
        shell.brake(scope.clone(), false);
        shell.run(60);
        assert_eq!((shell.state(one), shell.state(other)), (State::Landed, State::Landed), "{scope:?}");
    }
}

#[test]
fn what_a_brake_holds_is_shown_as_deferred() {
    for (scope, _, _) in brakes() {
        let mut shell = Shell::new();
        shell.brake(scope.clone(), true);
        let held = shell.submit("s", patch("a-1", json!({"score": 85})));
        shell.run(600);
        assert_eq!(shell.state(held), State::Deferred, "{scope:?}");
        assert!(shell.code(held).starts_with("deferred/"), "{:?}", shell.status(held));
    }
}

#[test]
fn a_brake_on_a_source_does_not_hold_another_on_the_same_resource() {
    let mut shell = Shell::new();
    shell.brake(Scope::Source("s".into()), true);
    let held = shell.submit("s", patch("a-1", json!({"score": 85})));
    let other = shell.submit("t", patch("a-1", json!({"comments": "t"})));
    shell.run(60);
    assert!(!shell.state(held).is_terminal());
    assert_eq!(shell.state(other), State::Landed);
    assert_eq!(shell.target.note("a-1")["score"], 80);
}

#[test]
fn a_brake_lets_what_is_under_way_end() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.brake(Scope::Org, true);
    shell.serve();
    assert_eq!(shell.state(id), State::Landed);
}

#[test]
fn a_review_that_the_target_came_to_equal_is_satisfied() {
    let (mut shell, id) = conflict();
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 85}));
    shell.submit("t", patch("a-1", json!({"tags": ["t"]})));
    shell.run(120);
    assert_eq!(shell.state(id), State::Satisfied, "{:?}", shell.status(id));
}

/// A first intent waits for a person at `/score`, and a second one that shares its other path joined it.
fn joined() -> (Shell, IntentId, IntentId) {
    let mut shell = Shell::new();
    let first = shell.submit("s", patch("a-1", json!({"score": 85, "comments": "ours"})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.run(10);
    let second = shell.submit("s", patch("a-1", json!({"comments": "ours, again"})));
    shell.run(10);
    assert_eq!(shell.status(second).code.as_deref(), Some("review/joined"));
    (shell, first, second)
}

#[test]
fn what_joined_a_review_goes_on_after_its_decision() {
    let (mut shell, first, second) = joined();
    let digest = seen(&shell, first);
    decide(&mut shell, first, DecisionAction::Apply, Some(json!("local")), digest);
    shell.run(10);
    assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Landed));
    let note = shell.target.note("a-1");
    assert_eq!((&note["score"], &note["comments"]), (&json!(85), &json!("ours, again")));
}

#[test]
fn what_joined_a_review_goes_on_after_its_withdrawal() {
    let (mut shell, first, second) = joined();
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent: first, by: "olga".to_owned() });
    shell.run(10);
    assert_eq!((shell.state(first), shell.state(second)), (State::Cancelled, State::Landed));
    let note = shell.target.note("a-1");
    assert_eq!((&note["score"], &note["comments"]), (&json!(90), &json!("ours, again")));
}
