//! What is an interval set, and what is none; and what goes back.

use serde_json::{Value, json};

use super::*;

fn names() -> IntervalNames {
    IntervalNames { start: "start".into(), length: "minutes".into(), parts: "parts".into() }
}

fn part(start: &str, minutes: i64, code: &str) -> Value {
    json!({"start": format!("2026-03-02T{start}"), "minutes": minutes, "code": code})
}

fn shift(minutes: i64, parts: Vec<Value>) -> Value {
    json!({"id": "a", "start": "2026-03-02T08:00:00Z", "minutes": minutes, "parts": parts})
}

#[test]
fn instants_with_an_offset_and_whole_minutes_make_one() {
    let check = |reads: bool, value: Value| assert_eq!(names().reads(&value), reads, "{value}");
    check(true, shift(60, vec![]));
    check(true, shift(60, vec![part("09:30:00+01:00", 30, "b"), part("08:00:00Z", 30, "a")]));
    check(true, shift(60, vec![part("08:00:30Z", 59, "a")]));
    check(false, shift(60, vec![part("08:00:00", 30, "naive")]));
    check(false, shift(60, vec![part("08:00:00Z", 30, "a"), part("08:29:00Z", 10, "overlaps")]));
    check(false, shift(60, vec![part("08:30:00Z", 31, "outside")]));
    check(false, shift(0, vec![]));
    check(false, json!({"start": "2026-03-02T08:00:00Z", "minutes": 60}));
    check(false, json!({"start": "2026-03-02T08:00:00Z", "minutes": 0.5, "parts": []}));
    check(false, json!({"start": "2026-03-02", "minutes": 60, "parts": []}));
    check(false, json!({"minutes": i64::MAX, "start": "2026-03-02T08:00:00Z", "parts": []}));
    check(false, json!("2026-03-02T08:00:00Z"));
}

#[test]
fn a_point_is_spelled_with_the_offset_of_another_text() {
    let at = instant("2026-03-02T08:00:30Z").unwrap();
    assert_eq!(spelled(at, "2026-03-02T23:00:00Z"), "2026-03-02T08:00:30Z");
    assert_eq!(spelled(at, "2026-03-02T23:00:00+01:00"), "2026-03-02T09:00:30+01:00");
    assert_eq!(minutes(at, instant("2026-03-02T09:00:30+00:00").unwrap()), Some(60));
    assert_eq!(minutes(at, instant("2026-03-02T09:00:00+00:00").unwrap()), None);
}

#[test]
fn going_back_is_an_edit_to_what_stood_before() {
    let one = |code: &str| shift(60, vec![part("08:00:00Z", 30, code)]);
    let check = |wish: &Value, started: &Value, stands: &Value, own: Option<&Value>, goes_back: bool| {
        let names = names();
        let overriding = names.overriding(wish, started, stands, own).expect("all are interval sets");
        assert_eq!(overriding.goes_back_to(&one("older")), goes_back);
    };
    let (older, newer) = (one("older"), one("newer"));
    check(&older, &newer, &newer, None, true);
    check(&older, &newer, &newer, Some(&newer), false);
    check(&older, &older, &newer, None, false);
    check(&one("other"), &newer, &newer, None, false);
    check(&older, &newer, &older, None, false);
    // In part: the first half goes back, the second one is new.
    let half = shift(60, vec![part("08:00:00Z", 30, "older"), part("08:30:00Z", 30, "new")]);
    check(&half, &newer, &newer, None, true);
    let longer = shift(90, vec![part("08:00:00Z", 30, "older")]);
    check(&older, &longer, &longer, None, true);
    let names = names();
    assert!(names.overriding(&json!(1), &newer, &newer, None).is_none());
    let overriding = names.overriding(&older, &newer, &newer, None).expect("all are interval sets");
    assert!(!overriding.goes_back_to(&json!(1)), "what is no interval set holds nothing to go back to");
}
