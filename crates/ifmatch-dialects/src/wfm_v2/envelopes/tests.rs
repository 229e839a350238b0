//! Codes, words, fields and current records out of every shape.

use super::*;
use serde_json::json;

#[test]
fn fields_and_agents_are_found() {
    let check = |body: Value, field: Option<&str>, agent: Option<&str>| {
        let told = told(Some(&body));
        assert_eq!((told.field.as_deref(), told.agent.as_deref()), (field, agent), "{body}");
    };
    check(json!({"errors": [{"field": "score", "message": "x"}]}), Some("score"), None);
    check(json!({"details": {"field": "agents/a1", "error": "x"}}), Some("agents/a1"), Some("a1"));
    check(json!({"details": {"field": "agents/a1/version"}}), Some("agents/a1/version"), Some("a1"));
    check(json!({"details": "agent a1"}), None, Some("a1"));
    check(json!({"details": "field score"}), Some("score"), None);
    check(json!({"errors": [{"agent_id": "a1"}]}), None, Some("a1"));
    check(json!({"message": "nothing"}), None, None);
}

#[test]
fn current_versions_and_records_are_found() {
    let check = |body: Value, version: Option<u64>, current: bool| {
        let told = told(Some(&body));
        assert_eq!((told.version, told.current.is_some()), (version, current), "{body}");
    };
    check(json!({"code": "conflict", "current_version": 14}), Some(14), false);
    check(json!({"code": "conflict", "current_version": "14"}), Some(14), false);
    check(json!({"code": "conflict", "current": {"resource_version": 14, "score": 3}}), Some(14), true);
    check(json!({"entities": [{"id": "q", "status": 409, "current_version": 3}]}), Some(3), false);
    check(json!({"code": "conflict", "current": null}), None, false);
}

#[test]
fn words_are_said_once_and_kept_short() {
    let body = json!({"message": "stale", "errors": [{"message": "stale", "type": "conflict"}, {"message": "twice"}]});
    let told_body = told(Some(&body));
    assert_eq!(told_body.message, "stale; twice");
    assert_eq!(told_body.codes, ["conflict"]);
    let long = told(Some(&json!({"message": "é".repeat(400)})));
    assert_eq!(long.message.chars().count(), 300);
}

#[test]
fn statuses_are_no_codes() {
    let told_body = told(Some(&json!({"code": "409", "errors": [{"code": 409, "message": "x"}]})));
    assert_eq!(told_body.codes, Vec::<String>::new());
    for body in [None, Some(&json!({})), Some(&json!([1]))] {
        assert_eq!(told(body), Told::default());
    }
}
