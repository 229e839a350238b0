//! The resource in a leaf is the resource as JSON, however it is named. The rest is the suite's.

use super::*;
use serde_json::json;

fn check(name: Value) {
    let mut shape = json!({"org": "acme \"north\"", "kind": "quality-score"});
    shape.as_object_mut().unwrap().extend(name.as_object().unwrap().clone());
    let resource: Resource = serde_json::from_value(shape.clone()).unwrap();
    let body = Body::object(|body| add_resource(body, &resource));
    assert_eq!(body, Body::from(json!({ "resource": shape })));
}

#[test]
fn a_resource_is_written_as_json() {
    check(json!({"id": "qs \\ 118"}));
    check(json!({"key": {"form": "voice", "agent_email": "a@example.com"}}));
    check(json!({"external": {"system": "servicenow", "id": "9f1c"}}));
}
