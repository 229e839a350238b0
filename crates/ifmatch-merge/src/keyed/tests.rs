//! Reading keys out of elements and back.

use serde_json::{Value, json};

use super::*;

fn keys(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn check_segment(names: &[&str], element: Value, expected: Option<&str>) {
    assert_eq!(segment_of(&keys(names), &element).as_deref(), expected, "{names:?} of {element}");
}

#[test]
fn segments() {
    check_segment(&["id"], json!({"id": "a"}), Some("a"));
    check_segment(&["id"], json!({"id": ""}), Some(""));
    check_segment(&["id"], json!({"id": 7}), Some("7"));
    check_segment(&["id"], json!({"id": 7.0}), Some("7"));
    check_segment(&["id"], json!({"id": 7.5}), Some("7.5"));
    check_segment(&["id"], json!({"id": true}), Some("true"));
    check_segment(&["a", "b"], json!({"a": "x", "b": 2, "c": 3}), Some("x,2"));
    check_segment(&["a", "b"], json!({"a": "x"}), None);
    check_segment(&["id"], json!({"id": null}), None);
    check_segment(&["id"], json!({"id": ["a"]}), None);
    check_segment(&["id"], json!("id"), None);
    check_segment(&[], json!({"id": "a"}), None);
}

#[test]
fn lists() {
    let id = keys(&["id"]);
    let items = [json!({"id": "b", "n": 1}), json!({"id": "a", "n": 2}), json!({"id": "c", "n": 3})];
    let list = Keyed::new(&id, &items).unwrap();
    assert_eq!(list.iter().map(|(segment, _)| segment).collect::<Vec<_>>(), ["b", "a", "c"]);
    for hint in 0..5 {
        assert_eq!(list.find("a", hint), Some(&items[1]));
        assert_eq!(list.find("d", hint), None);
    }
    assert!(Keyed::new(&id, &[json!({"id": 1}), json!({"id": "1"})]).is_none());
    assert!(Keyed::new(&id, &[json!({"n": 1})]).is_none());
    assert!(Keyed::new(&[], &items).is_none());
    assert!(Keyed::read(&id, None).is_some());
    assert!(Keyed::read(&id, Some(&json!({}))).is_none());
}

fn check_members(names: &[&str], segment: &str, sibling: Option<Value>, expected: Value) {
    assert_eq!(Value::Object(members_of(&keys(names), segment, sibling.as_ref())), expected, "{segment}");
}

#[test]
fn new_elements() {
    check_members(&["id"], "7", None, json!({"id": "7"}));
    check_members(&["id"], "7", Some(json!({"id": 3})), json!({"id": 7}));
    check_members(&["id"], "x", Some(json!({"id": 3})), json!({"id": "x"}));
    check_members(&["id"], "a,b", None, json!({"id": "a,b"}));
    check_members(&["a", "b"], "x,true", Some(json!({"a": "y", "b": false})), json!({"a": "x", "b": true}));
}
