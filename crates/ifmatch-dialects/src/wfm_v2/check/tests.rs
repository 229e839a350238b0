//! Intents at the door.

use super::*;
use crate::wfm_v2::tests::{agent_week, keyed, named, resource};
use serde_json::json;

fn intent(resource: Resource, change: Value) -> Intent {
    let value = json!({"resource": serde_json::to_value(&resource).unwrap(), "change": change});
    serde_json::from_value(value).unwrap()
}

fn found(resource: Resource, change: Value) -> Option<(&'static str, String)> {
    check(&Kinds::new(), &intent(resource, change)).err().map(|error| (error.code, error.field))
}

fn refused(resource: Resource, change: Value, code: &'static str, field: &str) {
    let text = change.to_string();
    assert_eq!(found(resource, change), Some((code, field.to_owned())), "{text}");
}

fn taken(resource: Resource, change: Value) {
    let text = change.to_string();
    assert_eq!(found(resource, change), None, "{text}");
}

#[test]
fn names() {
    let patch = || json!({"merge_patch": {}});
    refused(resource("work-plan", "x"), patch(), "unknown_kind", "/resource/kind");
    refused(resource(AGENT, "s1"), patch(), "invalid_id", "/resource/id");
    refused(resource(SCORE, "a/b"), patch(), "invalid_id", "/resource/id");
    refused(keyed(AGENT, &json!({"agent_id": "a"})), patch(), "invalid_id", "/resource/id");
    refused(keyed(SCORE, &json!({"agent_email": "a@x"})), patch(), "invalid_key", "/resource/key");
    taken(keyed(TRADE, &json!({"swap_request_id": "S"})), patch());
    taken(resource(AGENT, "s1/a1"), patch());
}

#[test]
fn scores() {
    let score = || resource(SCORE, "q1");
    let patch = |value: Value| json!({"merge_patch": value});
    taken(score(), patch(json!({"score": 85, "comments": null, "version": 3, "modified_by": {"name": "x"}})));
    refused(score(), patch(json!({"points": 3})), "unknown_field", "/change/merge_patch/points");
    refused(score(), patch(json!({"score": 101})), "invalid_field", "/change/merge_patch/score");
    refused(score(), patch(json!({"score": "85"})), "invalid_field", "/change/merge_patch/score");
    refused(score(), patch(json!({"time_zone": "CET"})), "invalid_field", "/change/merge_patch/time_zone");
    refused(score(), json!({"delete": true}), "unsupported_change", "/change/delete");
    let publish = json!({"operation": {"name": "publish"}});
    refused(score(), publish.clone(), "unknown_operation", "/change/operation/name");
    taken(resource(SCHEDULE, "s1"), publish);
}

#[test]
fn json_patches_name_the_operation() {
    let score = || resource(SCORE, "q1");
    let patch = |ops: Value| json!({"json_patch": ops});
    taken(
        score(),
        patch(json!([{"op": "test", "path": "/id", "value": 1}, {"op": "replace", "path": "/score", "value": 4}])),
    );
    let ops = json!([{"op": "replace", "path": "/version", "value": 4}]);
    refused(score(), patch(ops), "unknown_field", "/change/json_patch/0/path");
    let ops = json!([{"op": "replace", "path": "/score", "value": 400}]);
    refused(score(), patch(ops), "invalid_field", "/change/json_patch/0/value");
    let start = |value: &str| patch(json!([{"op": "replace", "path": "/shifts/0/start", "value": value}]));
    taken(resource(AGENT, "s1/a1"), start("2026-11-23T08:00:00"));
    refused(resource(AGENT, "s1/a1"), start("2026-11-23"), "invalid_field", "/change/json_patch/0/value");
}

#[test]
fn weeks() {
    let agent = || resource(AGENT, "s1/a1");
    taken(agent(), json!({"desired": agent_week()}));
    let wrong = |pointer: &str, value: Value, code: &'static str, field: &str| {
        let mut week = agent_week();
        *week.pointer_mut(pointer).unwrap() = value;
        refused(agent(), json!({"desired": week}), code, &format!("/change/desired{field}"));
    };
    wrong("/shifts/0/start", json!("soon"), "invalid_field", "/shifts/x/start");
    wrong("/shifts/0/start", json!("2026-11-23T08:00[CET]"), "invalid_field", "/shifts/x/start");
    wrong("/shifts/0/activities/1/start", json!("2026-11-23"), "invalid_field", "/shifts/x/activities/1/start");
    wrong("/shifts/0/length_minutes", json!(0), "invalid_field", "/shifts/x/length_minutes");
    wrong("/shifts/0/id", json!(""), "invalid_field", "/shifts//id");
    wrong("/availability/status", json!("asleep"), "invalid_field", "/availability/status");
    taken(
        agent(),
        json!({"merge_patch": {"shifts": [{"id": "x", "deleted": true}, {"id": "y", "length_minutes": 5}]}}),
    );
    refused(agent(), json!({"create": {"shifts": []}}), "unsupported_change", "/change/create");
}

#[test]
fn a_local_time_needs_somebodys_clock() {
    let wishes = |at: &str| [json!({"merge_patch": {"reviewed_at": at}}), json!({"desired": {"reviewed_at": at}})];
    for wish in wishes("2026-10-25T02:30:00") {
        // The record may have a zone.
        taken(resource(SCORE, "q1"), wish);
    }
    let mut week = agent_week();
    week["shifts"][0]["start"] = json!("2026-11-23T08:00:00");
    taken(resource(AGENT, "s1/a1"), json!({"desired": week}));
    let create = |mut value: Value| {
        value["swap_request_id"] = json!("S");
        json!({"create": value})
    };
    let trade = || resource(TRADE, "t1");
    let at = "2026-10-25T02:30";
    refused(trade(), create(json!({"expires_at": at})), "naive_time", "/change/create/expires_at");
    taken(trade(), create(json!({"expires_at": at, "time_zone": "Europe/Paris"})));
    taken(trade(), create(json!({"expires_at": format!("{at}[Europe/Paris]")})));
    let key = json!({"agent_email": "a@x", "evaluation_form": "f", "review_date": "2026-10-25"});
    let score = json!({"create": {"reviewed_at": at}});
    refused(keyed(SCORE, &key), score, "naive_time", "/change/create/reviewed_at");
    let outside = named(SCORE, Name::External { system: "x".into(), id: "1".into() });
    let dated = json!({"agent_email": "a@x", "evaluation_form": "f", "reviewed_at": at, "time_zone": "Europe/Paris"});
    taken(outside, json!({"create": dated}));
}

#[test]
fn a_span_ends_after_it_starts_as_far_as_both_are_known() {
    let side = |zone: &str, start: &str, end: &str| json!({"merge_patch": {"time_zone": zone, "initiating": {"agent_id": "a", "start": start, "end": end}}});
    let trade = || resource(TRADE, "t1");
    let (zone, at) = ("Europe/Paris", "/change/merge_patch/initiating/end");
    taken(trade(), side(zone, "2026-10-24T22:00", "2026-10-25T06:00"));
    refused(trade(), side(zone, "2026-10-24T22:00", "2026-10-24T06:00"), "invalid_interval", at);
    refused(trade(), side(zone, "2026-10-24T22:00", "2026-10-24T20:00Z"), "invalid_interval", at);
    // By the clocks it ends before it starts, and it lasts 45 minutes.
    taken(trade(), side(zone, "2026-10-25T02:30:00+02:00", "2026-10-25T02:15:00+01:00"));
    refused(trade(), side(zone, "2026-10-25T02:30:00+01:00", "2026-10-25T02:45:00+02:00"), "invalid_interval", at);
    // In doubt: judged when it is decided.
    taken(trade(), side(zone, "2026-10-25T02:30", "2026-10-25T02:15"));
    let patch = json!({"merge_patch": {"initiating": {"start": "2026-10-24T22:00", "end": "2026-10-24T06:00"}}});
    taken(trade(), patch);
    let from = json!({"availability": {"from": "2026-10-24T22:00:00Z", "until": "2026-10-24T22:00:00Z"}});
    let at = "/change/merge_patch/availability/until";
    refused(resource(AGENT, "s1/a1"), json!({"merge_patch": from}), "invalid_interval", at);
}

#[test]
fn creations_need_a_key() {
    let key = json!({"agent_email": "a@x", "evaluation_form": "f", "review_date": "2026-10-25"});
    taken(keyed(SCORE, &key), json!({"create": {"score": 3}}));
    let outside = || named(SCORE, Name::External { system: "x".into(), id: "1".into() });
    let create = |value: Value| json!({"create": value});
    refused(outside(), create(json!({"evaluation_form": "f"})), "missing_field", "/change/create/agent_email");
    let some = json!({"agent_email": "a@x", "evaluation_form": "f"});
    refused(outside(), create(some.clone()), "missing_field", "/change/create/review_date");
    let mut dated = some;
    dated["reviewed_at"] = json!("2026-10-24T22:30:00Z");
    taken(outside(), create(dated));
    let trade = |name: Name| named(TRADE, name);
    let foreign = || Name::External { system: "zendesk".into(), id: "1".into() };
    let missing = json!({"status": "pending"});
    refused(trade(foreign()), create(missing.clone()), "missing_field", "/change/create/swap_request_id");
    taken(trade(Name::Id("t1".into())), create(missing));
    refused(trade(foreign()), create(json!({"status": "open"})), "invalid_field", "/change/create/status");
}
