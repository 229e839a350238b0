//! Which policy holds at which place.

use serde_json::json;

use super::*;

fn policies(text: serde_json::Value) -> Policies {
    serde_json::from_value(text).unwrap()
}

fn check(named: serde_json::Value, path: &str, expected: Policy) {
    let path = Pointer::parse(path).unwrap();
    assert_eq!(policies(named.clone()).policy_for(&path), &expected, "{named} at {path}");
}

#[test]
fn the_longest_prefix_holds() {
    check(json!({}), "/a", Policy::Review);
    check(json!({"": "max"}), "", Policy::Max);
    check(json!({"": "max"}), "/a/b", Policy::Max);
    check(json!({"": "max", "/a": "min"}), "/a/b", Policy::Min);
    check(json!({"": "max", "/a": "min", "/a/b": "append"}), "/a/b", Policy::Append);
    check(json!({"": "max", "/a": "min", "/a/b": "append"}), "/a", Policy::Min);
    check(json!({"/a": "min"}), "/ab", Policy::Review);
}

#[test]
fn json_form() {
    let text = json!({"": "review", "/a": "remote-wins", "/b": "local-wins", "/c": "append", "/d": "max", "/e": "min",
        "/f": {"priority": ["hr", "planner"]}});
    assert_eq!(serde_json::to_value(policies(text.clone())).unwrap(), text);
    for wrong in [json!({"a": "max"}), json!({"/a": "mine"}), json!({"/a": "priority"}), json!(["max"])] {
        assert!(serde_json::from_value::<Policies>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn an_intent_speaks_over_its_source() {
    let source = policies(json!({"": "remote-wins", "/a": "max", "/b/c": "min", "/d": "append"}));
    let intent = policies(json!({"/a": "review", "/b": "local-wins"}));
    let both = policies(json!({"": "remote-wins", "/a": "review", "/b": "local-wins", "/d": "append"}));
    assert_eq!(intent.over(&source), both);
    assert_eq!(Policies::new().over(&source), source);
    assert_eq!(Policies::all(Policy::Min).over(&source), Policies::all(Policy::Min));
    assert!(Policies::new().is_empty() && !source.is_empty());
}
