//! Differences, row by row.

use serde_json::json;

use super::*;

fn schema() -> Schema {
    let keyed = |key: &str| Strategy::KeyedList { keys: vec![key.to_owned()] };
    Schema::new().rule("/k", keyed("id")).rule("/k/*/k", keyed("id")).rule("/atom", Strategy::Atomic)
}

fn check(from: Value, to: Value, expected: Value) {
    let changes = diff(&schema(), &from, &to);
    assert_eq!(serde_json::to_value(&changes).unwrap(), expected, "{from} → {to}");
    let read: Vec<Change> = serde_json::from_value(expected).unwrap();
    assert_eq!(read, changes, "{from} → {to}");
}

#[test]
fn members() {
    check(json!({"a": 1}), json!({"a": 1.0}), json!([]));
    check(json!({"a": 1}), json!({"a": 2}), json!([{"path": "/a", "before": 1, "after": 2}]));
    check(json!({"a": 1}), json!({"a": null}), json!([{"path": "/a", "before": 1, "after": null}]));
    check(json!({"a": null}), json!({}), json!([{"path": "/a", "before": null}]));
    check(
        json!({}),
        json!({"a": {"y": {}, "b": {"x": 1}}}),
        json!([{"path": "/a/b/x", "after": 1}, {"path": "/a/y", "after": {}}]),
    );
    check(json!({"a": {"b": 1}}), json!({}), json!([{"path": "/a", "before": {"b": 1}}]));
    check(json!({"a": 1}), json!({"a": {"b": 1}}), json!([{"path": "/a", "before": 1, "after": {"b": 1}}]));
    check(json!({"a": [1]}), json!({"a": [1, 2]}), json!([{"path": "/a", "before": [1], "after": [1, 2]}]));
    check(json!(1), json!(2), json!([{"path": "", "before": 1, "after": 2}]));
    check(
        json!({"atom": {"a": 1}}),
        json!({"atom": {"a": 2}}),
        json!([{"path": "/atom", "before": {"a": 1}, "after": {"a": 2}}]),
    );
}

#[test]
fn elements() {
    check(
        json!({"k": [{"id": "a", "n": 1}, {"id": "b"}]}),
        json!({"k": [{"id": "c", "o": {"x": 1}}, {"id": "a", "n": 2}]}),
        json!([
            {"path": "/k/a/n", "before": 1, "after": 2},
            {"path": "/k/b", "before": {"id": "b"}},
            {"path": "/k/c", "after": {"id": "c", "o": {"x": 1}}},
        ]),
    );
    check(json!({"k": [{"id": "a"}, {"id": "b"}]}), json!({"k": [{"id": "b"}, {"id": "a"}]}), json!([]));
    check(json!({}), json!({"k": [{"id": "a"}]}), json!([{"path": "/k/a", "after": {"id": "a"}}]));
    check(json!({}), json!({"k": []}), json!([{"path": "/k", "after": []}]));
    check(json!({"k": [{"id": "a"}]}), json!({}), json!([{"path": "/k", "before": [{"id": "a"}]}]));
    check(
        json!({"k": [{"id": "a", "k": [{"id": 1, "n": 1}]}]}),
        json!({"k": [{"id": "a", "k": [{"id": 1, "n": 2}]}]}),
        json!([{"path": "/k/a/k/1/n", "before": 1, "after": 2}]),
    );
    check(
        json!({"k": [{"id": "a"}]}),
        json!({"k": [{"id": "a"}, {"id": "a"}]}),
        json!([{"path": "/k", "before": [{"id": "a"}], "after": [{"id": "a"}, {"id": "a"}]}]),
    );
    check(
        json!({"k": null}),
        json!({"k": [{"id": "a/b"}]}),
        json!([{"path": "/k", "before": null, "after": [{"id": "a/b"}]}]),
    );
}

#[test]
fn some_members_alone() {
    let from = json!({"a": 1, "b": {"x": 1}, "k": [{"id": "a", "n": 1}], "gone": 1});
    let to = json!({"a": 2, "b": {"x": 2}, "k": [{"id": "a", "n": 2}], "made": {"y": 1}});
    let paths = |changes: Vec<Change>| changes.iter().map(|change| change.path.to_string()).collect::<Vec<_>>();
    let wanted = |name: &str| name != "a";
    assert_eq!(paths(diff_members(&schema(), &from, &to, wanted)), ["/b/x", "/gone", "/k/a/n", "/made/y"]);
    assert_eq!(diff_members(&schema(), &from, &to, |_| true), diff(&schema(), &from, &to));
    assert_eq!(diff_members(&schema(), &json!(1), &to, |_| true), diff(&schema(), &json!({}), &to));
    assert_eq!(paths(diff_member(&schema(), "k", from.get("k"), to.get("k"))), ["/k/a/n"]);
    assert_eq!(paths(diff_member(&schema(), "gone", from.get("gone"), None)), ["/gone"]);
    assert_eq!(diff_member(&schema(), "b", from.get("b"), from.get("b")), []);
}
