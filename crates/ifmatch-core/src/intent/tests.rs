//! The shape of an intent, and what is refused.

use super::*;
use serde_json::json;

fn check(change: Value, resource: Value) -> Result<Intent, String> {
    let text = json!({"resource": resource, "change": change}).to_string();
    let intent: Intent = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    intent.check().map_err(|error| error.to_string())?;
    Ok(intent)
}

fn score() -> Value {
    json!({"org": "acme", "kind": "quality-score", "id": "qs-118"})
}

#[test]
fn the_documented_example_is_taken_and_printed_again() {
    let text = json!({
        "idempotency_key": "servicenow:9f1c:7", "resource": score(),
        "change": {"merge_patch": {"score": 85}}, "base": {"version": 12},
        "on_conflict": {"/score": "review", "/comments": "append"},
        "class": "normal", "not_before": null, "deadline": "2026-03-30T05:00:00Z",
        "origin": {"system": "servicenow", "record": "9f1c", "sequence": 7}
    });
    let intent: Intent = serde_json::from_value(text.clone()).unwrap();
    let mut printed = serde_json::to_value(&intent).unwrap();
    printed["not_before"] = Value::Null;
    assert_eq!(printed, text);
}

#[test]
fn two_names_or_none_are_refused() {
    let two = json!({"org": "acme", "kind": "quality-score", "id": "a", "external": {"system": "s", "id": "b"}});
    assert!(check(json!({"delete": true}), two).unwrap_err().contains("exactly one"));
    assert!(check(json!({"delete": true}), json!({"org": "acme", "kind": "x"})).unwrap_err().contains("exactly one"));
}

#[test]
fn two_changes_unknown_fields_and_wrong_shapes_are_refused() {
    assert!(check(json!({"merge_patch": {}, "delete": true}), score()).is_err());
    assert!(check(json!({"set": {}}), score()).unwrap_err().contains("unknown variant"));
    assert!(check(json!({"merge_patch": [1]}), score()).unwrap_err().contains("must be an object"));
    assert!(check(json!({"delete": false}), score()).unwrap_err().contains("must be true"));
}

#[test]
fn the_key_is_no_part_of_the_content() {
    let mut a = check(json!({"merge_patch": {"score": 1}}), score()).unwrap();
    let digest = a.content();
    a.idempotency_key = Some("k".to_owned());
    assert_eq!(a.content(), digest);
    a.class = Urgency::Bulk;
    assert_ne!(a.content(), digest);
}
