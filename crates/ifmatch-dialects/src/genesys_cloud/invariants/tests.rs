//! What no merge may make of a record.

use super::*;
use crate::genesys_cloud::kinds::Kinds;
use serde_json::json;

fn steps(kind: &str, from: Value, to: Value) -> usize {
    missteps(Kinds::new().get(kind).unwrap(), &from, &to).len()
}

#[test]
fn shifts_of_an_agent_do_not_overlap() {
    let shift = |id: &str, start: &str| json!({"id": id, "startDate": start, "lengthMinutes": 480, "activities": []});
    let week = |second: &str| json!({"shifts": [shift("a", "2026-11-16T08:00:00Z"), shift("b", second)]});
    let count = |second: &str| breaches(&Rules::default(), AGENT, &week(second)).len();
    assert_eq!((count("2026-11-16T16:00:00Z"), count("2026-11-16T15:59:00Z")), (0, 1));
}

#[test]
fn each_date_has_its_minutes() {
    let count = |value: Value| breaches(&Rules::default(), TIME_OFF, &value).len();
    assert_eq!(count(json!({"fullDayManagementUnitDates": ["a", "b"], "durationMinutes": [1, 2]})), 0);
    assert_eq!(count(json!({"fullDayManagementUnitDates": ["a", "b"], "durationMinutes": [1]})), 1);
    assert_eq!(count(json!({"fullDayManagementUnitDates": ["a"], "partialDayStartDateTimes": ["b"]})), 1);
}

#[test]
fn states_go_one_way() {
    let state = |name: &str| json!({"state": name});
    assert_eq!(steps(TRADE, state("Matched"), state("Approved")), 0);
    assert_eq!(steps(TRADE, state("Unmatched"), state("Approved")), 1);
    assert_eq!(steps(TRADE, state("Denied"), state("Approved")), 1);
    let status = |name: &str| json!({"status": name});
    assert_eq!(steps(TIME_OFF, status("PENDING"), status("APPROVED")), 0);
    assert_eq!(steps(TIME_OFF, status("CANCELED"), status("APPROVED")), 1);
    assert_eq!(steps(EVALUATION, status("FINISHED"), status("PENDING")), 1);
}

#[test]
fn what_no_request_can_clear_is_not_cleared() {
    assert_eq!(steps("activity-code", json!({"style": {"color": "red"}}), json!({})), 0);
    assert_eq!(steps("activity-code", json!({"lengthInMinutes": 30}), json!({})), 1);
}
