//! What is let in and what is not.

use super::*;
use crate::genesys_cloud::tests::org;
use serde_json::json;

fn checked(kind: &str, id: &str, change: &Value) -> Result<(), &'static str> {
    let name = if id.starts_with('{') { "key" } else { "id" };
    let id: Value = if name == "key" { serde_json::from_str(id).unwrap() } else { json!(id) };
    let intent = json!({"resource": {"org": org(), "kind": kind, name: id}, "change": change});
    let intent: Intent = serde_json::from_value(intent).unwrap();
    check(&Kinds::new(), &intent).map_err(|error| error.code)
}

#[test]
fn kinds_ids_and_fields_are_known() {
    let patch = |value: Value| json!({"merge_patch": value});
    assert_eq!(checked("work-plan", "mu/p", &patch(json!({"name": "n", "metadata": {"version": 1}}))), Ok(()));
    assert_eq!(checked("work-plan", "p", &patch(json!({"name": "n"}))), Err("invalid_id"));
    assert_eq!(checked("work-plan", "mu/p", &patch(json!({"colour": "n"}))), Err("unknown_field"));
    assert_eq!(checked("quality-score", "q", &patch(json!({}))), Err("unknown_kind"));
    assert_eq!(checked("shift-trade", "mu/2026-11-16/t", &patch(json!({"state": "Approved"}))), Ok(()));
    assert_eq!(checked("shift-trade", "mu/2026-11-16/t", &patch(json!({"state": "Canceled"}))), Err("invalid_field"));
    assert_eq!(checked("work-plan", "mu/p", &json!({"delete": true})), Err("unsupported_change"));
}

#[test]
fn times_have_an_offset() {
    let shifts = |start: &str| json!({"merge_patch": {"shifts": [{"id": "s", "startDate": start}]}});
    assert_eq!(checked("agent-schedule", "s/u", &shifts("2026-11-16T08:00:00Z")), Ok(()));
    assert_eq!(checked("agent-schedule", "s/u", &shifts("2026-11-16T08:00:00")), Err("naive_time"));
    // The first day of a range is a date.
    let value = json!({"merge_patch": {"values": [{"startDate": "2026-11-16", "limitMinutes": [1]}]}});
    assert_eq!(checked("time-off-limit", "bu/l", &value), Ok(()));
}

#[test]
fn a_creation_has_a_name_and_what_it_needs() {
    let key = r#"{"managementUnitId": "mu", "name": "Night"}"#;
    assert_eq!(checked("work-plan", key, &json!({"create": {"enabled": true}})), Ok(()));
    assert_eq!(checked("work-plan", "mu/p", &json!({"create": {"name": "n"}})), Err("unsupported_change"));
    assert_eq!(checked("work-plan-rotation", key, &json!({"create": {"enabled": true}})), Err("missing_field"));
    assert_eq!(checked("week-schedule", "s", &json!({"create": {}})), Err("unsupported_change"));
    assert_eq!(checked("work-plan-rotation", key, &json!({"create": {"enabled": false}})), Err("invalid_field"));
}

#[test]
fn verbs_and_operations_belong_to_kinds() {
    let verb = |name: &str| json!({"verb": {"name": name, "args": {}}});
    assert_eq!(checked("shift-trade", "mu/2026-11-16/t", &verb("approve")), Ok(()));
    assert_eq!(checked("work-plan", "mu/p", &verb("approve")), Err("unknown_verb"));
    let publish = json!({"operation": {"name": "publish"}});
    assert_eq!(checked("week-schedule", "s", &publish), Ok(()));
    assert_eq!(checked("agent-schedule", "s/u", &publish), Err("unknown_operation"));
}

#[test]
fn a_limit_has_dates_with_minutes() {
    let fault = |values: Value| {
        let intent = json!({
            "resource": {"org": org(), "kind": "time-off-limit", "id": "bu/l"}, "change": {"merge_patch": {"values": values}},
        });
        let intent: Intent = serde_json::from_value(intent).unwrap();
        check(&Kinds::new(), &intent).map_err(|error| (error.code, error.field))
    };
    let at = |field: &str| Err(("invalid_field", format!("/change/merge_patch/values{field}")));
    let day = |date: &str, minutes: Value| json!({"startDate": date, "limitMinutes": minutes});
    assert_eq!(fault(json!([day("2026-11-16", json!([60])), day("2026-11-17", json!([0]))])), Ok(()));
    assert_eq!(fault(json!({"2026-11-16": 60})), at(""));
    assert_eq!(fault(json!([day("16 November", json!([60]))])), at("/0/startDate"));
    assert_eq!(fault(json!([day("2026-11-16", json!(60))])), at("/2026-11-16/limitMinutes"));
    assert_eq!(fault(json!([day("2026-11-16", json!([-1]))])), at("/2026-11-16/limitMinutes"));
    assert_eq!(fault(json!([day("2026-11-16", json!([1])), day("2026-11-16", json!([2]))])), at("/2026-11-16"));
}

#[test]
fn lists_are_lists_and_references_ids() {
    let patch = |value: Value| checked("planning-group", "bu/g", &json!({"merge_patch": value}));
    assert_eq!(patch(json!({"routePaths": []})), Ok(()));
    assert_eq!(patch(json!({"routePaths": {"paths": []}})), Err("invalid_field"));
    assert_eq!(patch(json!({"serviceGoalTemplateId": 7})), Err("invalid_field"));
}
