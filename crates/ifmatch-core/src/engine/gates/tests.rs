//! What a gate lets through, and when.

use super::*;

const PAUSE: SignedDuration = SignedDuration::from_secs(2);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_438_400 + seconds).unwrap()
}

fn tenant() -> Vec<String> {
    vec!["tenant".to_owned()]
}

fn hint(limit: u64, remaining: u64, reset: i64) -> BudgetHint {
    BudgetHint { bucket: "tenant".to_owned(), limit, remaining, reset_at: at(reset) }
}

/// A gate whose first exchange was answered at second 0 with these figures.
fn announced(limit: u64, remaining: u64) -> Gates {
    let mut gates = Gates::default();
    gates.sent(&tenant());
    gates.ended(&tenant(), false);
    gates.hear(at(0), &hint(limit, remaining, 60));
    gates
}

/// How many requests pass one after the other at an instant, before the gate says no.
fn passing(gates: &mut Gates, now: Timestamp) -> (u64, Passage) {
    let mut passed = 0;
    loop {
        match gates.passage(now, &tenant(), 1) {
            Passage::Open if passed < 10_000 => {
                gates.sent(&tenant());
                passed += 1;
            }
            other => return (passed, other),
        }
    }
}

#[test]
fn an_unknown_window_lets_one_through_until_it_is_told() {
    let mut gates = Gates::default();
    assert_eq!(passing(&mut gates, at(0)), (1, Passage::AfterAnswer));
    gates.ended(&tenant(), false);
    assert_eq!(gates.passage(at(1), &tenant(), 1), Passage::Open);
}

#[test]
fn a_target_that_announces_nothing_is_not_throttled() {
    let mut gates = Gates::default();
    gates.sent(&tenant());
    gates.ended(&tenant(), false);
    assert_eq!(passing(&mut gates, at(1)).0, 10_000);
}

#[test]
fn a_window_is_used_up_to_ninety_nine_percent() {
    let (passed, then) = passing(&mut announced(300, 299), at(1));
    assert!((294..=297).contains(&passed), "{passed} of 300 besides the first");
    assert_ne!(then, Passage::Open);
}

#[test]
fn a_used_up_window_opens_when_it_ends() {
    let mut gates = announced(300, 1);
    assert_eq!(gates.passage(at(1), &tenant(), 1), Passage::ClosedUntil(at(60)));
    assert_eq!(gates.passage(at(59), &tenant(), 1), Passage::ClosedUntil(at(60)));
    assert_eq!(gates.passage(at(60), &tenant(), 1), Passage::Open);
}

#[test]
fn within_a_window_the_least_that_was_heard_counts() {
    let mut gates = announced(300, 2);
    gates.hear(at(1), &hint(300, 200, 60));
    assert_ne!(gates.passage(at(2), &tenant(), 1), Passage::Open);
}

#[test]
fn what_others_use_of_the_window_counts() {
    let mut gates = announced(300, 200);
    gates.hear(at(1), &hint(300, 10, 60));
    let (passed, _) = passing(&mut gates, at(2));
    assert!(passed <= 10, "{passed}");
}

#[test]
fn a_read_and_its_write_pass_together_or_not_at_all() {
    let mut gates = announced(100, 2);
    assert_ne!(gates.passage(at(1), &tenant(), 2), Passage::Open);
}

#[test]
fn a_closed_gate_stays_closed_until_the_time_that_was_asked() {
    let mut gates = announced(300, 299);
    let until = gates.close(at(1), "tenant", Some(SignedDuration::from_secs(30)), PAUSE);
    assert!(until >= at(31));
    assert_eq!(gates.passage(at(30), &tenant(), 1), Passage::ClosedUntil(until));
    assert_eq!(gates.passage(until, &tenant(), 1), Passage::Open);
}

#[test]
fn a_shorter_time_does_not_open_a_closed_gate() {
    let mut gates = announced(300, 299);
    let until = gates.close(at(1), "tenant", Some(SignedDuration::from_secs(30)), PAUSE);
    gates.close(at(2), "tenant", Some(SignedDuration::from_secs(1)), PAUSE);
    gates.close(at(3), "tenant", None, PAUSE);
    assert_eq!(gates.passage(until - SignedDuration::from_secs(1), &tenant(), 1), Passage::ClosedUntil(until));
}

#[test]
fn a_refusal_without_a_time_pauses_longer_each_time() {
    let mut gates = announced(300, 299);
    let mut now = at(1);
    let mut pauses = Vec::new();
    for _ in 0..4 {
        gates.sent(&tenant());
        gates.ended(&tenant(), true);
        let until = gates.close(now, "tenant", None, PAUSE);
        pauses.push(until.duration_since(now));
        now = until;
    }
    assert!(pauses[0] >= PAUSE, "{pauses:?}");
    assert!(pauses.is_sorted() && pauses[3] > pauses[0], "{pauses:?}");
}

#[test]
fn after_a_closure_one_goes_first() {
    let mut gates = announced(300, 299);
    gates.sent(&tenant());
    gates.ended(&tenant(), true);
    let until = gates.close(at(1), "tenant", Some(SignedDuration::from_secs(30)), PAUSE);
    assert_eq!(passing(&mut gates, until), (1, Passage::AfterAnswer));
    gates.ended(&tenant(), false);
    assert_eq!(gates.passage(until, &tenant(), 1), Passage::Open);
}

#[test]
fn the_narrowest_of_several_buckets_decides() {
    let mut gates = announced(300, 299);
    let until = gates.close(at(1), "notes", Some(SignedDuration::from_secs(30)), PAUSE);
    let both = vec!["tenant".to_owned(), "notes".to_owned()];
    assert_eq!(gates.passage(at(2), &both, 1), Passage::ClosedUntil(until));
    assert_eq!(gates.passage(at(2), &tenant(), 1), Passage::Open);
}

#[test]
fn a_restored_gate_is_closed() {
    let mut gates = Gates::default();
    gates.restore("tenant", at(30));
    assert_eq!(gates.passage(at(29), &tenant(), 1), Passage::ClosedUntil(at(30)));
    assert_eq!(gates.closed(at(29)).collect::<Vec<_>>(), vec![("tenant", at(30))]);
    assert_eq!(gates.closed(at(30)).count(), 0);
    assert_eq!(gates.passage(at(30), &tenant(), 1), Passage::Open);
}

#[test]
fn what_was_on_the_wire_is_forgotten_with_memory() {
    let mut gates = Gates::default();
    gates.sent(&tenant());
    assert_eq!(gates.passage(at(0), &tenant(), 1), Passage::AfterAnswer);
    gates.forget_flights();
    assert_eq!(gates.passage(at(0), &tenant(), 1), Passage::Open);
}

#[test]
fn what_is_forgotten_on_the_wire_is_spent() {
    let mut gates = announced(300, 299);
    for _ in 0..290 {
        gates.sent(&tenant());
    }
    gates.forget_flights();
    let (passed, then) = passing(&mut gates, at(1));
    assert!(passed <= 9, "{passed} of the 9 that are left");
    assert_eq!(then, Passage::AfterAnswer);
}

#[test]
fn bulk_leaves_one_in_ten_to_live_work_and_at_the_end_nothing() {
    let mut gates = announced(300, 299);
    let mut bulk = |now: Timestamp| {
        let mut passed = 0;
        while gates.kept_from_bulk(now, &tenant(), 2).is_none() && gates.passage(now, &tenant(), 2) == Passage::Open {
            gates.sent(&tenant());
            gates.sent(&tenant());
            gates.ended(&tenant(), false);
            gates.ended(&tenant(), false);
            passed += 2;
        }
        passed
    };
    let first = bulk(at(1));
    assert_eq!(first, 266, "three are the reserve, and thirty are left");
    assert_eq!(bulk(at(30)), 16, "half of them are given back at half time");
    assert_eq!(bulk(at(59)), 14, "all but the reserve, in the end");
    let mut gates = announced(300, 30);
    let until = gates.kept_from_bulk(at(1), &tenant(), 2).expect("bulk waits");
    assert!(at(1) < until && until < at(60), "and is told when its turn comes: {until}");
    assert_eq!(gates.passage(at(1), &tenant(), 2), Passage::Open, "live work goes");
}

#[test]
fn bulk_goes_on_where_the_window_has_room_for_little_or_none_is_told() {
    assert_eq!(announced(5, 4).kept_from_bulk(at(1), &tenant(), 2), None);
    assert_eq!(announced(2, 1).kept_from_bulk(at(1), &tenant(), 2), None);
    assert_eq!(Gates::default().kept_from_bulk(at(1), &tenant(), 2), None);
}

#[test]
fn a_window_that_is_told_after_a_turn_was_admitted_counts_for_it() {
    assert_eq!(announced(62, 0).used_up(at(1), &tenant()), Some(at(60)));
    assert_eq!(announced(62, 0).used_up(at(60), &tenant()), None);
    assert_eq!(announced(62, 1).used_up(at(1), &tenant()), None);
}
