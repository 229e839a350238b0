//! Who wrote which value, from what was seen and what landed.

use super::*;
use crate::dialect::Guard;
use crate::intent::Resource;
use serde_json::json;
use std::collections::BTreeMap;

#[expect(clippy::duplicate_mod, reason = "the tests of the plan use the same dialect, and neither sees the other")]
#[path = "../plan/tests/target.rs"]
mod target;

fn hour(n: u64) -> Timestamp {
    let start: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    start + jiff::SignedDuration::from_hours(n.cast_signed())
}

/// A record with representations of these versions, each by its writer.
fn row(versions: &[(u64, &str, Value)]) -> ResourceRow {
    let mut row = ResourceRow::new(Resource::by_id(&"acme".into(), "note", "a-1"));
    for (version, writer, value) in versions {
        let snapshot = Snapshot {
            value: value.clone().into(),
            version: Some(*version),
            etag: None,
            writer: Some((*writer).to_owned()),
            modified_at: Some(hour(*version)),
            read_at: hour(*version),
            seen_after: None,
            shown_to: BTreeMap::new(),
        };
        row.confirm(snapshot, 0);
    }
    row
}

fn wrote(number: u8, version: u64, changes: Value) -> Wrote {
    Wrote {
        intent: format!("int_0000000000000000000000000{number}").parse().unwrap(),
        source: "servicenow".into(),
        version: Some(version),
        at: hour(version),
        changes: serde_json::from_value(changes).unwrap(),
    }
}

/// Each row as text: `/score=85 servicenow 1 at 2`.
#[track_caller]
fn check(row: &ResourceRow, wrote: &[Wrote], expected: &[&str]) {
    let dialect = target::Notes::guarded_by(Guard::Monotonic);
    let text = |line: &Blame| {
        let by = match (line.by, &line.intent, &line.writer) {
            (By::Source, Some(intent), _) => format!("{} {}", line.source.as_ref().unwrap(), intent.0),
            (By::Other, _, writer) => writer.clone().unwrap_or_else(|| "somebody".to_owned()),
            _ => "unknown".to_owned(),
        };
        let after = line.after.map(|after| format!("{after} to ")).unwrap_or_default();
        format!("{}={} {by} at {after}{}", line.path, line.value, line.version.unwrap())
    };
    let found: Vec<String> = blame(&dialect, row, wrote).iter().map(text).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_stood_there_at_first_sight_is_of_nobody_known() {
    check(&row(&[(3, "eve", json!({"score": 80}))]), &[], &["/score=80 unknown at 3"]);
}

#[test]
fn what_landed_is_ours_and_the_rest_is_not() {
    let row = row(&[
        (1, "eve", json!({"score": 80, "comments": "old"})),
        (2, "gateway", json!({"score": 85, "comments": "old"})),
    ]);
    let ours = wrote(1, 2, json!([{"path": "/score", "before": 80, "after": 85}]));
    check(&row, &[ours], &["/comments=\"old\" unknown at 1", "/score=85 servicenow 1 at 2"]);
}

#[test]
fn what_somebody_wrote_after_us_is_theirs_by_name() {
    let values = [(1, 80), (2, 85), (3, 90)];
    let row = row(&values
        .map(|(version, score)| (version, if version == 2 { "gateway" } else { "eve" }, json!({"score": score}))));
    let ours = wrote(1, 2, json!([{"path": "/score", "before": 80, "after": 85}]));
    check(&row, &[ours], &["/score=90 eve at 3"]);
}

#[test]
fn our_value_that_was_changed_and_put_back_is_theirs() {
    let values = [(1, 80), (2, 85), (3, 90), (4, 85)];
    let row = row(&values.map(|(version, score)| (version, "eve", json!({"score": score}))));
    let ours = wrote(1, 2, json!([{"path": "/score", "before": 80, "after": 85}]));
    check(&row, &[ours], &["/score=85 eve at 4"]);
}

#[test]
fn what_was_written_unseen_has_bounds_and_no_name() {
    let row = row(&[(1, "eve", json!({"score": 80})), (5, "bob", json!({"score": 90}))]);
    check(&row, &[], &["/score=90 somebody at 1 to 5"]);
}

#[test]
fn the_last_of_our_intents_counts() {
    let values = [(1, 80), (2, 85), (3, 86)];
    let row = row(&values.map(|(version, score)| (version, "gateway", json!({"score": score}))));
    let first = wrote(1, 2, json!([{"path": "/score", "before": 80, "after": 85}]));
    let second = wrote(2, 3, json!([{"path": "/score", "before": 85, "after": 86}]));
    check(&row, &[second, first], &["/score=86 servicenow 2 at 3"]);
}

#[test]
fn members_of_a_list_element_have_their_own_writers() {
    let items = |text: &str| json!({"items": [{"id": "i1", "text": text}]});
    let row = row(&[(1, "eve", items("one")), (2, "gateway", items("ONE"))]);
    let ours = wrote(1, 2, json!([{"path": "/items/i1/text", "before": "one", "after": "ONE"}]));
    check(&row, &[ours], &["/items/i1/id=\"i1\" unknown at 1", "/items/i1/text=\"ONE\" servicenow 1 at 2"]);
}

#[test]
fn a_record_never_seen_has_no_rows() {
    check(&row(&[]), &[], &[]);
}
