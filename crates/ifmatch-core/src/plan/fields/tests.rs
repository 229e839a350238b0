//! Which fields go out, and how they come back.

use super::*;
use serde_json::json;

fn check(record: &Value, paths: &[&str], fields: &Value, after: Value, whole: &Value) {
    let paths: Vec<Pointer> = paths.iter().map(|path| path.parse().unwrap()).collect();
    let found = fields_of(record, &paths.iter().collect::<Vec<_>>());
    assert_eq!(*found, *fields);
    assert_eq!(with_fields(record, &found, after), *whole);
}

#[test]
fn fields_go_out_and_come_back() {
    let record = json!({"a": 1, "b": {"c": 2}, "d": 3});
    check(&record, &["/a", "/b/c"], &json!({"a": 1, "b": {"c": 2}}), json!({"b": {}}), &json!({"b": {}, "d": 3}));
    check(&record, &["/new"], &json!({}), json!({"new": 4}), &json!({"a": 1, "b": {"c": 2}, "d": 3, "new": 4}));
    check(&record, &["", "/a"], &record, json!({"a": 5}), &json!({"a": 5}));
    check(&json!(7), &["/a"], &json!(7), json!(8), &json!(8));
}
