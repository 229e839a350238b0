//! JSON Patch: each operation, each failure.

use serde_json::{Value, json};

use super::*;

fn check(doc: Value, ops: Value, expected: Value) {
    assert_eq!(json_patch(&doc, &ops), Ok(expected), "{doc} with {ops}");
}

#[test]
fn operations() {
    check(json!({"a": 1}), json!([]), json!({"a": 1}));
    check(json!({"a": 1}), json!([{"op": "add", "path": "/b", "value": null}]), json!({"a": 1, "b": null}));
    check(json!({"a": 1}), json!([{"op": "add", "path": "/a", "value": 2}]), json!({"a": 2}));
    check(json!([1, 3]), json!([{"op": "add", "path": "/1", "value": 2}]), json!([1, 2, 3]));
    check(json!([1]), json!([{"op": "add", "path": "/1", "value": 2}]), json!([1, 2]));
    check(json!([1]), json!([{"op": "add", "path": "/-", "value": 2}]), json!([1, 2]));
    check(json!(1), json!([{"op": "add", "path": "", "value": {}}]), json!({}));
    check(json!({"a": 1, "b": 2}), json!([{"op": "remove", "path": "/a"}]), json!({"b": 2}));
    check(json!([1, 2]), json!([{"op": "remove", "path": "/0"}]), json!([2]));
    check(json!({"a": [1, 2]}), json!([{"op": "replace", "path": "/a/1", "value": 3}]), json!({"a": [1, 3]}));
    check(json!({"a": {"b": 1}}), json!([{"op": "move", "from": "/a/b", "path": "/c"}]), json!({"a": {}, "c": 1}));
    check(json!([1, 2, 3]), json!([{"op": "move", "from": "/0", "path": "/2"}]), json!([2, 3, 1]));
    check(json!({"a": 1}), json!([{"op": "move", "from": "/a", "path": "/a"}]), json!({"a": 1}));
    check(
        json!({"a": {"b": 1}}),
        json!([{"op": "copy", "from": "/a", "path": "/a/c"}]),
        json!({"a": {"b": 1, "c": {"b": 1}}}),
    );
    check(json!({"a": 1}), json!([{"op": "test", "path": "/a", "value": 1.0}]), json!({"a": 1}));
    check(
        json!({"a/b": 1, "~": 2}),
        json!([{"op": "remove", "path": "/a~1b"}, {"op": "remove", "path": "/~0"}]),
        json!({}),
    );
    check(json!({}), json!([{"op": "add", "path": "/a", "value": 1, "note": "ignored"}]), json!({"a": 1}));
}

fn check_error(doc: Value, ops: Value, expected: PatchError) {
    assert_eq!(json_patch(&doc, &ops), Err(expected), "{doc} with {ops}");
}

#[test]
fn failures() {
    let at = |path: &str| Pointer::parse(path).unwrap();
    let missing = |path: &str| PatchError::Missing { index: 0, path: at(path) };
    check_error(json!({}), json!({}), PatchError::NotAnArray);
    check_error(json!({}), json!([{"op": "remove", "path": "/a"}]), missing("/a"));
    check_error(json!({}), json!([{"op": "replace", "path": "/a", "value": 1}]), missing("/a"));
    check_error(json!({}), json!([{"op": "add", "path": "/a/b", "value": 1}]), missing("/a/b"));
    check_error(json!([1]), json!([{"op": "add", "path": "/2", "value": 1}]), missing("/2"));
    check_error(json!([1]), json!([{"op": "add", "path": "/00", "value": 1}]), missing("/00"));
    check_error(json!([1]), json!([{"op": "remove", "path": "/-"}]), missing("/-"));
    check_error(json!({}), json!([{"op": "copy", "from": "/a", "path": "/b"}]), missing("/a"));
    check_error(
        json!({"a": 1}),
        json!([{"op": "remove", "path": "/a"}, {"op": "test", "path": "/a", "value": 1}]),
        PatchError::Missing { index: 1, path: at("/a") },
    );
    check_error(
        json!({"a": 1}),
        json!([{"op": "test", "path": "/a", "value": 2}]),
        PatchError::TestFailed { index: 0, path: at("/a") },
    );
    check_error(
        json!({"a": {}}),
        json!([{"op": "move", "from": "/a", "path": "/a/b"}]),
        PatchError::IntoItself { index: 0, path: at("/a/b") },
    );
}

#[test]
fn malformed() {
    let odd = [
        json!(1),
        json!({"path": "/a"}),
        json!({"op": "frobnicate", "path": "/a"}),
        json!({"op": "add", "path": "/a"}),
        json!({"op": "remove", "path": "a"}),
        json!({"op": "remove", "path": "/~"}),
        json!({"op": "move", "path": "/a"}),
        json!({"op": "remove"}),
    ];
    for op in odd {
        let result = json_patch(&json!({"a": 1}), &json!([op]));
        assert!(matches!(result, Err(PatchError::Malformed { index: 0, .. })), "{op}: {result:?}");
    }
}

#[test]
fn errors_read_well() {
    let error = json_patch(&json!({}), &json!([{"op": "remove", "path": "/a"}])).unwrap_err();
    assert_eq!(error.to_string(), "operation 0: nothing at \"/a\"");
}
