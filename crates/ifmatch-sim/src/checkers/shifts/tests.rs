//! Which wishes for one shift overlap.

use super::*;
use serde_json::json;

fn line(start: i64, hours: i64, parts: &[(i64, i64, &str)]) -> Line {
    let text = |hour: i64| format!("2026-03-02T{hour:02}:00:00Z");
    let part = |(from, hours, code): &(i64, i64, &str)| json!({"start": text(*from), "length_minutes": hours * 60, "code": code});
    let parts: Vec<Value> = parts.iter().map(part).collect();
    Line::of(&json!({"start": text(start), "length_minutes": hours * 60, "activities": parts})).unwrap()
}

#[test]
fn hours_overlap_and_shifts_do_not() {
    let from = line(8, 8, &[(8, 8, "on")]);
    let check = |overlap: bool, one: &Line, other: &Line| {
        assert_eq!(overlaps(&from, one, other), overlap, "{one:?} {other:?}");
        assert_eq!(overlaps(&from, other, one), overlap, "{other:?} {one:?}");
    };
    let morning = line(8, 8, &[(8, 1, "on"), (9, 2, "training"), (11, 5, "on")]);
    let noon = line(8, 8, &[(8, 2, "on"), (10, 2, "meeting"), (12, 4, "on")]);
    let evening = line(8, 8, &[(8, 7, "on"), (15, 1, "break")]);
    let shorter = line(8, 6, &[(8, 6, "on")]);
    let later = line(9, 7, &[(9, 7, "on")]);
    check(true, &morning, &noon);
    check(false, &morning, &evening);
    check(false, &morning, &morning);
    check(false, &shorter, &later);
    check(true, &shorter, &evening);
    check(false, &shorter, &morning);
    check(true, &shorter, &line(8, 7, &[(8, 7, "on")]));
    check(false, &from, &shorter);
}

#[test]
fn a_path_names_its_shift() {
    assert_eq!(shift_of("/shifts/a/activities"), Some("a"));
    assert_eq!(shift_of("/shifts/a"), Some("a"));
    assert_eq!(shift_of("/availability/status"), None);
}
