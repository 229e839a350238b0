//! The gravest outcome decides.

use super::*;
use serde_json::json;

fn check(states: &[&str], waited: Waited, expected: Exit) {
    let standings: Vec<Standing> = states.iter().map(|state| Standing::of(&json!({ "state": state }))).collect();
    assert_eq!(exit_of(&standings, waited), expected, "{states:?} {waited:?}");
}

#[test]
fn the_gravest_outcome_decides() {
    check(&[], Waited::Yes, Exit::Done);
    check(&["landed", "satisfied", "discarded"], Waited::Yes, Exit::Done);
    check(&["landed", "parked"], Waited::Yes, Exit::Deferred);
    check(&["landed", "expired"], Waited::No, Exit::Deferred);
    check(&["queued", "review", "landed"], Waited::Yes, Exit::Review);
    check(&["review", "rejected", "queued"], Waited::Yes, Exit::Usage);
}

#[test]
fn what_could_not_be_taken_goes_before_all() {
    let standings = [Standing::Refused, Standing::PutOff, Standing::Review];
    assert_eq!(exit_of(&standings, Waited::No), Exit::Unreachable);
}

#[test]
fn what_nobody_waited_for_is_no_fault() {
    for state in ["accepted", "queued", "planned", "sent", "tracking", "ambiguous", "parked", "deferred"] {
        check(&[state], Waited::No, Exit::Done);
        check(&[state], Waited::Yes, Exit::Deferred);
    }
}

#[test]
fn a_refused_line_is_refused_and_a_repeated_one_changes_nothing() {
    assert_eq!(Standing::of(&json!({"error": {"code": "unknown_org", "status": 422}})), Standing::Refused);
    assert_eq!(Standing::of(&json!({"error": {"code": "overloaded", "status": 503}})), Standing::PutOff);
    assert_eq!(Standing::of(&json!({"error": null, "state": "landed"})), Standing::Done);
    assert_eq!(Standing::of(&json!({"state": "landed", "duplicate": true})), Standing::Unchanged);
}

#[test]
fn the_summary_counts_by_state() {
    let answers = [json!({"state": "landed"}), json!({"error": {}}), json!({"state": "landed"})];
    assert_eq!(summary(&answers), "3 intents: 2 landed, 1 refused");
    assert_eq!(summary(&answers[..1]), "1 intent: 1 landed");
}
