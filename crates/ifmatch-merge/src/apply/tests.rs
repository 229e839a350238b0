//! Reading and writing by keyed address, row by row.

use serde_json::{Value, json};

use super::*;

fn schema() -> Schema {
    Schema::new()
        .rule("/k", Strategy::KeyedList { keys: vec!["id".to_owned()] })
        .rule("/k/*/k", Strategy::KeyedList { keys: vec!["a".to_owned(), "b".to_owned()] })
}

fn check(doc: Value, path: &str, after: Option<Value>, expected: Value) {
    let path = Pointer::parse(path).unwrap();
    let change = Change { path: path.clone(), before: None, after: after.clone() };
    assert_eq!(apply(&schema(), &doc, &[change]), expected, "{doc} at {path} → {after:?}");
}

#[test]
fn set_members() {
    check(json!({"a": 1}), "/a", Some(json!(2)), json!({"a": 2}));
    check(json!({}), "/a/b/c", Some(json!(null)), json!({"a": {"b": {"c": null}}}));
    check(json!({"a": 1}), "/a/b", Some(json!(2)), json!({"a": {"b": 2}}));
    check(json!(1), "", Some(json!({"a": 1})), json!({"a": 1}));
    check(json!(null), "/a~1b", Some(json!(1)), json!({"a/b": 1}));
}

#[test]
fn set_elements() {
    let doc = || json!({"k": [{"id": "a", "n": 1}]});
    check(doc(), "/k/a/n", Some(json!(2)), json!({"k": [{"id": "a", "n": 2}]}));
    check(doc(), "/k/b", Some(json!({"id": "b"})), json!({"k": [{"id": "a", "n": 1}, {"id": "b"}]}));
    check(doc(), "/k/b/n", Some(json!(3)), json!({"k": [{"id": "a", "n": 1}, {"id": "b", "n": 3}]}));
    check(json!({}), "/k/b/n", Some(json!(3)), json!({"k": [{"id": "b", "n": 3}]}));
    check(json!({"k": [{"id": 1}]}), "/k/2/n", Some(json!(3)), json!({"k": [{"id": 1}, {"id": 2, "n": 3}]}));
    check(json!({}), "/k/x/k/p,q/n", Some(json!(1)), json!({"k": [{"id": "x", "k": [{"a": "p", "b": "q", "n": 1}]}]}));
}

#[test]
fn remove_places() {
    check(json!({"a": 1, "b": 2}), "/a", None, json!({"b": 2}));
    check(json!({"a": {"b": 2}}), "/a/b", None, json!({"a": {}}));
    check(json!({"k": [{"id": "a"}, {"id": "b"}]}), "/k/a", None, json!({"k": [{"id": "b"}]}));
    check(json!({"k": [{"id": "a", "n": 1}]}), "/k/a/n", None, json!({"k": [{"id": "a"}]}));
    check(json!({"a": 1}), "", None, json!(null));
    for nothing in ["/b", "/a/b", "/k", "/k/x", "/b/c/d"] {
        check(json!({"a": 1}), nothing, None, json!({"a": 1}));
    }
}

#[test]
fn plain_arrays_go_by_position() {
    check(json!({"p": [1, 2]}), "/p/1", Some(json!(3)), json!({"p": [1, 3]}));
    check(json!({"p": [1, 2]}), "/p/2", Some(json!(3)), json!({"p": [1, 2, 3]}));
    check(json!({"p": [1, 2]}), "/p/-", Some(json!(3)), json!({"p": [1, 2, 3]}));
    check(json!({"p": [1, 2]}), "/p/0", None, json!({"p": [2]}));
    for nowhere in ["/p/9", "/p/01", "/p/x", "/p/+1", "/p/99999999999999999999999"] {
        check(json!({"p": [1, 2]}), nowhere, Some(json!(3)), json!({"p": [1, 2]}));
        check(json!({"p": [1, 2]}), nowhere, None, json!({"p": [1, 2]}));
    }
}

fn check_get(path: &str, expected: Option<Value>) {
    let doc = json!({"a": {"b": null}, "p": [7], "k": [{"id": "x", "k": [{"a": 1, "b": 2, "n": 3}]}]});
    assert_eq!(get(&schema(), &doc, &Pointer::parse(path).unwrap()), expected.as_ref(), "{path}");
}

#[test]
fn reads() {
    check_get("/a/b", Some(json!(null)));
    check_get("/a/c", None);
    check_get("/a/b/c", None);
    check_get("/p/0", Some(json!(7)));
    check_get("/p/1", None);
    check_get("/k/0", None);
    check_get("/k/x/k/1,2/n", Some(json!(3)));
    check_get("/k/x/k/1,3", None);
}
