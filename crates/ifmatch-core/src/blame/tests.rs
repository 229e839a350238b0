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
    let mut dialect = target::Notes::guarded_by(Guard::Monotonic);
    let [start, length, parts] = ["start", "length_minutes", "activities"].map(str::to_owned);
    dialect.spec.writable = crate::Names::of(&["score", "comments", "items", "shifts"]);
    let schema = dialect.spec.schema.rule("/shifts", Strategy::KeyedList { keys: vec!["id".to_owned()] });
    dialect.spec.schema = schema.rule("/shifts/*", Strategy::IntervalSet(IntervalNames { start, length, parts }));
    let text = |line: &Blame| {
        let by = match (line.by, &line.intent, &line.writer) {
            (By::Source, Some(intent), _) => format!("{} {}", line.source.as_ref().unwrap(), intent.0),
            (By::Other, _, writer) => writer.clone().unwrap_or_else(|| "somebody".to_owned()),
            _ => "unknown".to_owned(),
        };
        let stretch = line.stretch.as_ref();
        let times = stretch.map(|s| format!(" {} to {}", &s.from[11..16], &s.until[11..16])).unwrap_or_default();
        let after = line.after.map(|after| format!("{after} to ")).unwrap_or_default();
        format!("{}{times}={} {by} at {after}{}", line.path, line.value, line.version.unwrap())
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

/// A shift from 08:00 with these activities, each as its first hour, its hours and its code.
fn shift(hours: u64, activities: &[(u64, u64, &str)]) -> Value {
    let at = |hour: u64| format!("2026-03-02T{hour:02}:00:00Z");
    let part = |&(from, hours, code): &(u64, u64, &str)| json!({"start": at(from), "length_minutes": 60 * hours, "code": code});
    let activities: Vec<Value> = activities.iter().map(part).collect();
    json!({"id": "s", "start": at(8), "length_minutes": 60 * hours, "activities": activities})
}

fn shifts(shift: &Value) -> Value {
    json!({"shifts": [shift]})
}

#[test]
fn each_stretch_of_a_shift_has_its_own_writer() {
    let first = shift(8, &[(8, 8, "phone")]);
    let ada = shift(8, &[(8, 1, "phone"), (9, 1, "training"), (10, 6, "phone")]);
    let both = shift(8, &[(8, 1, "phone"), (9, 1, "training"), (10, 5, "phone"), (15, 1, "meeting")]);
    let row = row(&[(1, "eve", shifts(&first)), (2, "ada", shifts(&ada)), (3, "gateway", shifts(&both))]);
    let ours = wrote(1, 3, json!([{"path": "/shifts/s", "before": ada, "after": both}]));
    let phone = r#"={"code":"phone"} unknown at 1"#;
    check(
        &row,
        &[ours],
        &[
            &format!("/shifts/s/activities 08:00 to 09:00{phone}"),
            r#"/shifts/s/activities 09:00 to 10:00={"code":"training"} ada at 2"#,
            &format!("/shifts/s/activities 10:00 to 15:00{phone}"),
            r#"/shifts/s/activities 15:00 to 16:00={"code":"meeting"} servicenow 1 at 3"#,
            r#"/shifts/s/id="s" unknown at 1"#,
            "/shifts/s/length_minutes=480 unknown at 1",
            r#"/shifts/s/start="2026-03-02T08:00:00Z" unknown at 1"#,
        ],
    );
}

#[test]
fn a_part_that_two_wrote_is_two_stretches_and_an_emptied_hour_has_its_writer() {
    let first = shift(4, &[(8, 1, "phone"), (9, 3, "phone")]);
    let ours_now = shift(5, &[(8, 1, "phone"), (10, 3, "phone")]);
    let row = row(&[(1, "eve", shifts(&first)), (2, "gateway", shifts(&ours_now))]);
    let ours = wrote(1, 2, json!([{"path": "/shifts/s", "before": first, "after": ours_now}]));
    check(
        &row,
        &[ours],
        &[
            r#"/shifts/s/activities 08:00 to 09:00={"code":"phone"} unknown at 1"#,
            "/shifts/s/activities 09:00 to 10:00=null servicenow 1 at 2",
            r#"/shifts/s/activities 10:00 to 12:00={"code":"phone"} unknown at 1"#,
            r#"/shifts/s/activities 12:00 to 13:00={"code":"phone"} servicenow 1 at 2"#,
            r#"/shifts/s/id="s" unknown at 1"#,
            "/shifts/s/length_minutes=300 servicenow 1 at 2",
            r#"/shifts/s/start="2026-03-02T08:00:00Z" unknown at 1"#,
        ],
    );
}

#[test]
fn all_of_a_shift_that_we_added_is_ours() {
    let added = shift(1, &[(8, 1, "phone")]);
    let row = row(&[(1, "eve", json!({"shifts": []})), (2, "gateway", shifts(&added))]);
    let ours = wrote(1, 2, json!([{"path": "/shifts/s", "after": added}]));
    check(
        &row,
        &[ours],
        &[
            r#"/shifts/s/activities 08:00 to 09:00={"code":"phone"} servicenow 1 at 2"#,
            r#"/shifts/s/id="s" servicenow 1 at 2"#,
            "/shifts/s/length_minutes=60 servicenow 1 at 2",
            r#"/shifts/s/start="2026-03-02T08:00:00Z" servicenow 1 at 2"#,
        ],
    );
}

#[test]
fn a_list_of_parts_written_as_a_whole_is_told_by_stretches_as_well() {
    let first = shift(2, &[(8, 2, "phone")]);
    let ours_now = shift(2, &[(8, 1, "phone"), (9, 1, "training")]);
    let row = row(&[(1, "eve", shifts(&first)), (2, "gateway", shifts(&ours_now))]);
    let list =
        json!([{"path": "/shifts/s/activities", "before": first["activities"], "after": ours_now["activities"]}]);
    let found = r#"/shifts/s/activities 09:00 to 10:00={"code":"training"} servicenow 1 at 2"#;
    check(
        &row,
        &[wrote(1, 2, list)],
        &[
            r#"/shifts/s/activities 08:00 to 09:00={"code":"phone"} unknown at 1"#,
            found,
            r#"/shifts/s/id="s" unknown at 1"#,
            "/shifts/s/length_minutes=120 unknown at 1",
            r#"/shifts/s/start="2026-03-02T08:00:00Z" unknown at 1"#,
        ],
    );
}
