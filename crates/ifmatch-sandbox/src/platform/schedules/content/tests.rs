//! An activity is kept without what is taken for granted, and a shift keeps what an entry does not name.

use super::*;
use crate::time::week_bounds;

fn schedule() -> Schedule {
    let writer = crate::record::Writer::system();
    Schedule {
        id: "s".to_owned(),
        business_unit_id: "b".to_owned(),
        week: "2026-03-09".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        bounds: week_bounds("2026-03-09", "Europe/Paris").unwrap(),
        description: String::new(),
        draft_revision: 1,
        published_revision: 0,
        job: None,
        state: crate::record::PublishState::Draft,
        since: 0,
        agents: std::collections::BTreeMap::new(),
        meta: crate::record::Meta::new(1, 0, &writer),
    }
}

fn put(base: &Week, entry: &Value) -> Checked<Week> {
    let (options, schedule) = (Options::default(), schedule());
    let content = Content { options: &options, schedule: &schedule, codes: None };
    content.week(base, entry.as_object().unwrap(), &mut || "new".to_owned())
}

fn shift() -> Value {
    json!({"startDate": "2026-03-09T08:00:00Z", "lengthMinutes": 480, "activities": [{
        "startDate": "2026-03-09T12:00:00.000000+00:00", "lengthMinutes": 60, "description": "", "activityCodeId": "meal",
        "paid": false, "payableMinutes": 0, "timeOffRequestId": null,
    }]})
}

#[test]
fn what_is_taken_for_granted_is_not_kept() {
    let week = put(&Week::default(), &json!({"shifts": [shift()]})).unwrap();
    let own = &week.shifts[0];
    assert_eq!((own.id.as_str(), own.start.as_str()), ("new", "2026-03-09T09:00:00+01:00"));
    assert_eq!(own.activities[0].start, "2026-03-09T13:00:00+01:00");
    assert!(own.more.is_empty() && own.activities[0].more.is_empty());
}

#[test]
fn what_is_said_is_kept() {
    let mut sent = shift();
    sent["activities"][0]["paid"] = json!(true);
    sent["activities"][0]["payableMinutes"] = json!(60);
    sent["manuallyEdited"] = json!(true);
    sent["workPlanId"] = json!({"value": "plan"});
    let week = put(&Week::default(), &json!({"shifts": [sent]})).unwrap();
    assert_eq!(Value::Object(week.shifts[0].activities[0].more.clone()), json!({"paid": true}));
    assert_eq!(Value::Object(week.shifts[0].more.clone()), json!({"manuallyEdited": true, "workPlanId": "plan"}));
    let cleared = json!({"shifts": [{"id": "new", "workPlanId": {"value": null}}]});
    let week = put(&week, &cleared).unwrap();
    assert_eq!(Value::Object(week.shifts[0].more.clone()), json!({"manuallyEdited": true}));
    assert_eq!(week.shifts[0].length_minutes, 480);
}

#[test]
fn an_instant_that_does_not_move_keeps_its_text() {
    let mut base = put(&Week::default(), &json!({"shifts": [shift()]})).unwrap();
    base.shifts[0].start = "2026-03-09T08:00:00.000Z".to_owned();
    let mut again = shift();
    again["id"] = json!("new");
    assert!(put(&base, &json!({"shifts": [again]})).unwrap().same(&base));
}

#[test]
fn markers_are_kept_by_their_date() {
    let marker = |date: &str, more: Value| {
        let mut marker = json!({"businessUnitDate": date, "lengthMinutes": 480});
        marker.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        marker
    };
    let entry = |markers: Value| json!({"fullDayTimeOffMarkers": markers});
    let two = entry(json!([marker("2026-03-11", json!({})), marker("2026-03-10", json!({}))]));
    let week = put(&Week::default(), &two).unwrap();
    let change =
        entry(json!([marker("2026-03-10", json!({"delete": true})), marker("2026-03-11", json!({"paid": true})),]));
    let week = put(&week, &change).unwrap();
    assert_eq!(week.more["fullDayTimeOffMarkers"], json!([marker("2026-03-11", json!({"paid": true}))]));
    let none = put(&week, &entry(json!([marker("2026-03-11", json!({"delete": true}))]))).unwrap();
    assert!(none.more.is_empty());
}

#[test]
fn what_cannot_be_read_is_refused() {
    let with = |name: &str, value: Value| {
        let mut sent = shift();
        sent[name] = value;
        json!({"shifts": [sent]})
    };
    for entry in [
        json!({"shifts": {}}),
        json!({"shifts": ["x"]}),
        with("startDate", json!("2026-03-09")),
        with("startDate", json!("2026-03-17T08:00:00Z")),
        with("lengthMinutes", json!(-5)),
        with("activities", json!([{"startDate": "2026-03-09T09:00:00Z", "lengthMinutes": 5}])),
        json!({"workPlanId": {"value": "a"}, "workPlanIdsPerWeek": {"values": ["b"]}}),
    ] {
        assert_eq!(put(&Week::default(), &entry).unwrap_err().status, 400, "{entry}");
    }
}
