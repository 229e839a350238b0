//! A right that is missing: one probe for all, and everybody goes on when it is there.

use super::fake::refusal;
use super::shell::{Shell, patch};
use crate::effect::{Exchange, Notice};
use crate::ids::IntentId;
use crate::states::State;
use crate::wire::Method;
use serde_json::json;

const HOUR: i64 = 3600;

fn score(shell: &mut Shell, id: &str) -> IntentId {
    shell.submit("s", patch(id, json!({"score": 85})))
}

/// Reads are answered; the write that comes is refused for a right.
fn refuse(shell: &mut Shell) -> Exchange {
    let write = shell.serve_until(Method::Put);
    shell.answer(write.attempt, refusal(403, "forbidden"));
    write
}

/// Two records that were refused.
fn stopped() -> (Shell, [IntentId; 2]) {
    let mut shell = Shell::new();
    let ids = ["a-1", "a-2"].map(|id| {
        let id = score(&mut shell, id);
        refuse(&mut shell);
        id
    });
    (shell, ids)
}

/// Time passes, reads are answered, and every write is refused for a right.
fn refuse_for(shell: &mut Shell, seconds: i64) {
    for _ in 0..seconds / 5 {
        shell.idle(5);
        while let Some(exchange) = shell.flying.first().cloned() {
            if exchange.request.method == Method::Put {
                shell.answer(exchange.attempt, refusal(403, "forbidden"));
            } else {
                shell.serve_one();
            }
        }
    }
}

#[test]
fn others_of_the_kind_are_held_without_a_request_and_go_on_by_themselves() {
    let (mut shell, first) = stopped();
    let writes = shell.writes().len();
    let held = ["b-1", "c-1"].map(|id| score(&mut shell, id));
    shell.idle(10);
    assert_eq!(shell.writes().len(), writes);
    for id in first.into_iter().chain(held) {
        assert_eq!((shell.state(id), shell.code(id)), (State::Parked, "parked/forbidden"));
        let reason = shell.status(id).reason.clone().unwrap_or_default();
        assert!(reason.contains("forbidden"), "{reason}");
    }
    shell.run(HOUR);
    for id in first.into_iter().chain(held) {
        assert_eq!(shell.state(id), State::Landed);
    }
}

#[test]
fn one_probe_for_all_at_growing_pauses() {
    let (mut shell, _) = stopped();
    for id in ["b-1", "c-1"] {
        score(&mut shell, id);
    }
    let before = shell.writes().len();
    refuse_for(&mut shell, HOUR);
    let probes = shell.writes().len() - before;
    assert!((6..=10).contains(&probes), "{probes} probes");
    let alarms = shell.notices.iter().filter(|notice| matches!(notice, Notice::Alarm { code: "forbidden", .. }));
    assert_eq!(alarms.count(), 1);
}

#[test]
fn whom_the_right_is_never_given_goes_to_a_person() {
    let (mut shell, first) = stopped();
    let held = score(&mut shell, "b-1");
    refuse_for(&mut shell, 13 * HOUR);
    for id in [first[0], first[1], held] {
        assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/forbidden"), "{:?}", shell.status(id));
    }
}

#[test]
fn a_right_that_is_taken_away_is_told_by_how_many_are_refused() {
    let mut shell = Shell::new();
    for number in 1..=8 {
        shell.target.put(&format!("a-{number}"));
    }
    let landed = score(&mut shell, "c-1");
    shell.run(5);
    assert_eq!(shell.state(landed), State::Landed);
    for number in 1..=8 {
        let id = format!("a-{number}");
        score(&mut shell, &id);
        refuse(&mut shell);
    }
    refuse_for(&mut shell, 60);
    let writes = shell.writes().len();
    let held = score(&mut shell, "b-1");
    shell.idle(1);
    assert_eq!((shell.code(held), shell.writes().len()), ("parked/forbidden", writes));
}
