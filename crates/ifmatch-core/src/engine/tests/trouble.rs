//! Lost answers, crashes and a failing store: nothing twice, nothing lost.

use super::fake::refusal;
use super::shell::{Shell, patch, wish};
use crate::config::Limits;
use crate::dialect::Guard;
use crate::effect::{Exchange, Notice, Refusal};
use crate::ids::{IntentId, Ticket};
use crate::input::Input;
use crate::states::State;
use crate::undo::UndoError;
use crate::wire::{Failure, Method};
use serde_json::json;

const HOUR: i64 = 3600;

/// A write of score 85 is on the wire.
fn sent() -> (Shell, IntentId, Exchange) {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    (shell, id, write)
}

/// The same, and its answer is lost; the target took it or not.
fn lost(takes_effect: bool) -> (Shell, IntentId, Exchange) {
    let (mut shell, id, write) = sent();
    if takes_effect {
        shell.target.answer(shell.now, &write.request);
    }
    shell.fail(write.attempt, Failure::NoAnswer);
    assert_eq!(shell.state(id), State::Ambiguous);
    (shell, id, write)
}

fn landed_once(shell: &Shell, id: IntentId) {
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
    assert_eq!((shell.target.accepted.len(), &shell.target.note("a-1")["score"]), (1, &json!(85)));
}

/// Every write is the first one again, with its precondition.
fn only_identical_writes(shell: &Shell, first: &Exchange) {
    assert!(first.request.header("if-match").is_some());
    for write in shell.writes() {
        assert_eq!(write.request, first.request);
    }
}

#[test]
fn a_lost_answer_of_a_write_that_took_effect() {
    let (mut shell, id, write) = lost(true);
    shell.run(HOUR);
    landed_once(&shell, id);
    only_identical_writes(&shell, &write);
}

#[test]
fn a_lost_answer_of_a_write_that_did_not_take_effect() {
    let (mut shell, id, write) = lost(false);
    shell.run(HOUR);
    landed_once(&shell, id);
    only_identical_writes(&shell, &write);
}

#[test]
fn a_write_that_took_effect_is_known_although_somebody_else_wrote_another_field_since() {
    let (mut shell, id, _) = lost(true);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.run(HOUR);
    landed_once(&shell, id);
    assert_eq!(shell.target.note("a-1")["comments"], "hers");
}

#[test]
fn a_value_written_after_a_lost_write_is_not_erased() {
    for takes_effect in [true, false] {
        let (mut shell, id, _) = lost(takes_effect);
        shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 99}));
        shell.run(HOUR);
        assert_eq!(shell.target.note("a-1")["score"], 99);
        assert!(matches!(shell.state(id), State::Landed | State::Review), "{:?}", shell.status(id));
        if !takes_effect {
            assert_eq!(shell.state(id), State::Review, "it never took effect");
        }
    }
}

#[test]
fn a_lost_write_overtaken_by_another_field_is_merged_again() {
    let (mut shell, id, _) = lost(false);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.run(HOUR);
    landed_once(&shell, id);
    assert_eq!(shell.target.note("a-1")["comments"], "hers");
}

#[test]
fn timeouts_and_server_errors_are_ambiguous() {
    for status in [408, 500, 502, 504] {
        let (mut shell, id, write) = sent();
        shell.target.answer(shell.now, &write.request);
        shell.answer(write.attempt, refusal(status, "oops"));
        assert_eq!(shell.state(id), State::Ambiguous, "{status}");
        shell.run(HOUR);
        landed_once(&shell, id);
    }
}

#[test]
fn a_write_that_never_left_is_not_ambiguous() {
    for failure in [Failure::NotSent, Failure::CutBeforeEnd] {
        let (mut shell, id, write) = sent();
        shell.fail(write.attempt, failure);
        assert_ne!(shell.state(id), State::Ambiguous);
        shell.run(600);
        landed_once(&shell, id);
        assert!(shell.store.transitions.iter().all(|t| t.to != State::Ambiguous));
    }
}

#[test]
fn a_read_that_fails_is_only_read_again() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let read = shell.only(Method::Get);
    shell.fail(read.attempt, Failure::NoAnswer);
    assert_ne!(shell.state(id), State::Ambiguous);
    shell.run(600);
    landed_once(&shell, id);
}

#[test]
fn an_outage_is_waited_for_with_pauses() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    for _ in 0..200 {
        shell.target.script.push_back(refusal(500, "down"));
    }
    shell.run(600);
    let asked = shell.target.seen.len();
    assert!(asked < 60, "{asked} requests in ten minutes of outage");
    assert!(!shell.state(id).is_terminal());
    shell.target.script.clear();
    shell.run(600);
    landed_once(&shell, id);
}

#[test]
fn telling_has_a_budget_and_ends_in_review_with_a_reason() {
    let mut shell = Shell::with(Guard::Monotonic, Limits { ambiguity_max: 3, ..Limits::default() });
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let first = shell.serve_until(Method::Put);
    for _ in 0..5000 {
        match shell.flying.first().cloned() {
            _ if shell.state(id) == State::Review => break,
            Some(exchange) if exchange.request.method == Method::Put => shell.fail(exchange.attempt, Failure::NoAnswer),
            Some(_) => shell.serve_one(),
            None => shell.idle(30),
        }
    }
    assert_eq!(shell.state(id), State::Review, "{:?}", shell.status(id));
    assert!(shell.status(id).reason.is_some());
    only_identical_writes(&shell, &first);
}

#[test]
fn a_crash_after_a_write_left_is_ambiguous_and_never_a_blind_second_write() {
    for takes_effect in [true, false] {
        let (mut shell, id, write) = sent();
        if takes_effect {
            shell.target.answer(shell.now, &write.request);
        }
        shell.crash();
        assert_eq!(shell.state(id), State::Ambiguous);
        shell.run(HOUR);
        landed_once(&shell, id);
        only_identical_writes(&shell, &write);
    }
}

#[test]
fn a_crash_before_the_attempt_was_durable_leaves_the_intent_untouched() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.only(Method::Get);
    shell.store_rests = true;
    shell.serve();
    shell.store_rests = false;
    shell.crash();
    assert!(shell.store.attempts.is_empty());
    shell.run(600);
    landed_once(&shell, id);
    assert!(shell.store.transitions.iter().all(|t| t.to != State::Ambiguous));
}

#[test]
fn a_crash_at_any_moment_loses_and_doubles_nothing() {
    for steps in 0..12 {
        let mut shell = Shell::new();
        let first = shell.submit("s", patch("a-1", json!({"score": 85})));
        let second = shell.submit("t", patch("a-1", json!({"comments": "t"})));
        for _ in 0..steps {
            if !shell.flying.is_empty() {
                shell.serve_one();
            }
        }
        shell.crash();
        shell.run(HOUR);
        assert_eq!((shell.state(first), shell.state(second)), (State::Landed, State::Landed), "after {steps} steps");
        let record = shell.target.note("a-1");
        assert_eq!((&record["score"], &record["comments"]), (&json!(85), &json!("t")));
        assert!(shell.target.accepted.len() <= 2);
    }
}

#[test]
fn an_intake_that_cannot_be_stored_is_told_so() {
    let mut shell = Shell::new();
    shell.store_rests = true;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.fail_store();
    assert_eq!(shell.told(id), Err(Refusal::Unavailable));
    assert!(shell.store.intents.is_empty());
    shell.run(600);
    assert!(shell.writes().is_empty());
    let again = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(60);
    landed_once(&shell, again);
}

#[test]
fn an_attempt_that_cannot_be_stored_is_not_sent() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.only(Method::Get);
    shell.store_rests = true;
    shell.serve();
    shell.fail_store();
    assert!(shell.store.attempts.is_empty() && shell.writes().is_empty());
    shell.run(600);
    landed_once(&shell, id);
}

#[test]
fn an_outcome_that_cannot_be_stored_makes_the_attempt_ambiguous() {
    let (mut shell, id, write) = sent();
    shell.store_rests = true;
    shell.serve_one();
    shell.fail_store();
    shell.run(HOUR);
    landed_once(&shell, id);
    only_identical_writes(&shell, &write);
}

#[test]
fn a_deadline_does_not_end_what_may_have_taken_effect() {
    let mut shell = Shell::new();
    let deadline = shell.now + jiff::SignedDuration::from_secs(60);
    let body = json!({"change": {"merge_patch": {"score": 85}}, "deadline": deadline.to_string()});
    let id = shell.submit("s", wish("a-1", body));
    let write = shell.serve_until(Method::Put);
    shell.target.answer(shell.now, &write.request);
    shell.fail(write.attempt, Failure::NoAnswer);
    shell.idle(120);
    assert_eq!(shell.state(id), State::Ambiguous);
    shell.run(HOUR);
    landed_once(&shell, id);
}

#[test]
fn a_withdrawal_does_not_end_what_may_have_taken_effect() {
    let (mut shell, id, write) = sent();
    shell.feed(Input::Cancelled { ticket: Ticket(0), intent: id, by: "s".to_owned() });
    assert_eq!(shell.state(id), State::Sent);
    shell.target.answer(shell.now, &write.request);
    shell.fail(write.attempt, Failure::NoAnswer);
    assert_eq!(shell.state(id), State::Ambiguous);
    shell.run(HOUR);
    landed_once(&shell, id);
}

#[test]
fn an_unguarded_resource_rests_until_no_copy_can_take_effect() {
    let mut shell = Shell::with(Guard::Unguarded, Limits::default());
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let horizon = shell.store.attempts[&write.attempt].horizon;
    shell.fail(write.attempt, Failure::NoAnswer);
    let other = shell.submit("t", patch("a-1", json!({"comments": "t"})));
    shell.run(HOUR);
    let early: Vec<_> = shell.sends.iter().filter(|(at, e)| *at < horizon && !e.request.method.is_safe()).collect();
    assert_eq!(early.len(), 1, "{early:?}");
    assert_eq!((shell.state(id), shell.state(other)), (State::Landed, State::Landed));
}

#[test]
fn another_owner_of_the_org_ends_the_sending() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.only(Method::Get);
    shell.feed(Input::LeaseLost);
    shell.serve();
    shell.submit("s", patch("b-1", json!({"score": 85})));
    assert!(shell.writes().is_empty() && shell.flying.is_empty(), "{:?}", shell.flying);
}

#[test]
fn a_copy_that_a_rule_refuses_is_not_repeated_for_ever() {
    let (mut shell, id, write) = lost(false);
    // The version stands, and every copy is refused for what it says.
    shell.target.rule = true;
    shell.run(600);
    assert_eq!(shell.state(id), State::Ambiguous, "a copy may still come");
    only_identical_writes(&shell, &write);
    shell.run(HOUR);
    assert_eq!(shell.state(id), State::Review, "{:?}", shell.status(id));
    assert!(shell.target.accepted.is_empty());
}

#[test]
fn what_a_lost_write_undoes_itself_is_not_claimed_of_the_record() {
    let mut shell = Shell::new();
    shell.submit("v", patch("a-1", json!({"tags": ["first"]})));
    shell.serve_until(Method::Put);
    let up = shell.submit("s", patch("a-1", json!({"score": 85})));
    let down = wish("a-1", json!({"change": {"merge_patch": {"score": 80}}, "base": {"value": {"score": 85}}}));
    let down = shell.submit("t", down);
    let other = shell.submit("u", patch("a-1", json!({"comments": "u"})));
    shell.serve_one();
    let write = shell.serve_until(Method::Put);
    assert_eq!(shell.store.attempts[&write.attempt].intents, vec![up, down, other]);
    shell.fail(write.attempt, Failure::NoAnswer);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"tags": ["hers"]}));
    shell.target.edit(shell.now, "a-1", "eve", &json!({"tags": ["hers", "too"]}));
    shell.run(HOUR);
    for id in [up, down] {
        let reason = shell.status(id).reason.as_deref().unwrap_or_default();
        assert!(reason.starts_with("nothing of its own"), "{:?}", shell.status(id));
    }
}

#[test]
fn what_nobody_can_tell_keeps_its_doubt() {
    let (mut shell, id, _) = lost(false);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers again"}));
    shell.run(HOUR);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/undecided"));
    let edits = &shell.status(id).edits;
    assert!(edits.len() == 1 && edits[0].baseless, "{edits:?}");
    // Whatever becomes of it, nobody says that it changed nothing.
    shell.feed(Input::Cancelled { ticket: Ticket(7), intent: id, by: "s".to_owned() });
    shell.run(60);
    assert_eq!(shell.undo_of(id), Err(UndoError::Untold(State::Cancelled)));
}

/// What writes that failed without an answer turned out to have done: took effect, did not, nobody can tell.
fn doubts(shell: &Shell) -> (u64, u64, u64) {
    let all = shell.standing().ambiguous;
    let doubt = all.iter().find(|(failed_as, _)| failed_as == "no answer").map(|(_, doubt)| *doubt).unwrap_or_default();
    (doubt.took_effect, doubt.no_effect, doubt.undecided)
}

#[test]
fn what_ambiguous_writes_did_is_counted() {
    for (takes_effect, expected) in [(true, (1, 0, 0)), (false, (0, 1, 0))] {
        let (mut shell, _, _) = lost(takes_effect);
        shell.run(HOUR);
        assert_eq!(doubts(&shell), expected);
    }
    let (mut shell, id, _) = lost(true);
    for score in [98, 99] {
        shell.target.edit(shell.now, "a-1", "eve", &json!({ "score": score }));
    }
    shell.run(HOUR);
    assert_eq!((shell.code(id), doubts(&shell)), ("review/undecided", (0, 0, 1)));
}

#[test]
fn where_writes_are_lost_more_often_than_not_the_copy_goes_before_the_read() {
    let (mut shell, _, _) = lost(false);
    shell.run(HOUR);
    for id in ["a-2", "a-3"] {
        shell.submit("s", patch(id, json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        shell.fail(write.attempt, Failure::NoAnswer);
        shell.run(HOUR);
    }
    let id = shell.submit("s", patch("b-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.fail(write.attempt, Failure::NoAnswer);
    let copy = shell.serve_until(Method::Put);
    assert_eq!(copy.request, write.request);
    assert_eq!(shell.sends.iter().rev().take(2).filter(|(_, sent)| sent.request.method == Method::Put).count(), 2);
    shell.run(5);
    assert_eq!((shell.state(id), doubts(&shell)), (State::Landed, (0, 4, 0)));
}

#[test]
fn a_right_that_is_missing_is_told_once() {
    let mut shell = Shell::new();
    let alarms = |shell: &Shell| {
        let told = |notice: &&Notice| matches!(notice, Notice::Alarm { code: "forbidden", .. });
        shell.notices.iter().filter(told).count()
    };
    for id in ["a-1", "a-2"] {
        shell.submit("s", patch(id, json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        shell.answer(write.attempt, refusal(403, "forbidden"));
    }
    assert_eq!(alarms(&shell), 1);
    // Somebody gave the right back, and it is gone once more.
    shell.submit("s", patch("a-3", json!({"score": 85})));
    shell.run(5);
    shell.submit("s", patch("a-3", json!({"score": 86})));
    let write = shell.serve_until(Method::Put);
    shell.answer(write.attempt, refusal(403, "forbidden"));
    assert_eq!(alarms(&shell), 1, "what lands beside it says that no right is missing");
}

#[test]
fn a_target_that_is_down_is_told_once_and_why_says_so() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let downs = |shell: &Shell| {
        let down = |notice: &&Notice| matches!(notice, Notice::Alarm { code: "target_down", .. });
        shell.notices.iter().filter(down).count()
    };
    for round in 0..8 {
        for _ in 0..200 {
            if !shell.flying.is_empty() {
                break;
            }
            shell.idle(1);
        }
        let read = shell.only(Method::Get).attempt;
        shell.fail(read, Failure::NoAnswer);
        assert_eq!(downs(&shell), usize::from(round >= 4), "after {} reads", round + 1);
    }
    let why = shell.why(id);
    assert!(why.contains("its record cannot be read (no answer: the target did not answer)"), "{why}");
    shell.run(300);
    assert_eq!((shell.state(id), downs(&shell)), (State::Landed, 1));
}
