//! Tables: one row per case of a strategy, a policy, or the default rules.

use serde_json::{Value, json};

use super::*;
use crate::change::diff;
use crate::policy::Policy;

fn keyed(keys: &[&str]) -> Strategy {
    Strategy::KeyedList { keys: keys.iter().map(|key| (*key).to_owned()).collect() }
}

/// Merges with a known remote writer and checks what holds for every merge.
fn merge_as(schema: &Schema, policies: &Policies, base: &Value, local: &Value, remote: &Value) -> Merged {
    let sides = Sides { base, local, remote };
    let merged = merge(schema, policies, "servicenow", &|_| Some("reviewer".to_owned()), sides);
    assert_eq!(merged.applied, diff(schema, remote, &merged.value), "applied is the difference from the remote");
    merged
}

/// A side of a row: `json!("absent")` stands for a member that is not there.
fn doc(member: &Value) -> Value {
    if member == "absent" { json!({}) } else { json!({ "v": member }) }
}

/// Merges one member under a strategy; the expected outcome is its value, or `None` for a conflict at it.
fn check(strategy: Option<Strategy>, base: Value, local: Value, remote: Value, expected: Option<Value>) {
    let row = format!("{strategy:?}: {base} / {local} / {remote}");
    let schema = match strategy {
        Some(strategy) => Schema::new().rule("/v", strategy),
        None => Schema::new(),
    };
    let merged = merge_as(&schema, &Policies::new(), &doc(&base), &doc(&local), &doc(&remote));
    assert_eq!(merged.resolved, [], "{row}");
    match expected {
        Some(expected) => {
            assert_eq!(merged.conflicts, [], "{row}");
            assert_eq!(merged.value, doc(&expected), "{row}");
        }
        None => {
            let path = Pointer::parse("/v").unwrap();
            let side = |member: &Value| doc(member).get("v").cloned();
            let (base, local, remote_side) = (side(&base), side(&local), side(&remote));
            let remote_writer = Some("reviewer".to_owned());
            let conflict = Conflict { path, base, local, remote: remote_side, remote_writer, stretches: Vec::new() };
            assert_eq!(merged.conflicts, [conflict], "{row}");
            assert_eq!(merged.value, doc(&remote), "{row}");
        }
    }
}

/// Merges a member that both sides changed under a policy; the expected outcome is as in [`check`].
fn check_policy(policy: Policy, base: Value, local: Value, remote: Value, expected: Option<Value>) {
    let row = format!("{policy:?}: {base} / {local} / {remote}");
    let policies = Policies::all(policy.clone());
    let merged = merge_as(&Schema::new(), &policies, &doc(&base), &doc(&local), &doc(&remote));
    match expected {
        Some(expected) => {
            assert_eq!(merged.conflicts, [], "{row}");
            assert_eq!(merged.value, doc(&expected), "{row}");
            let [resolved] = &merged.resolved[..] else { panic!("{row}: {:?}", merged.resolved) };
            assert_eq!((resolved.path.as_str(), &resolved.policy), ("/v", &policy), "{row}");
            assert_eq!(resolved.local, doc(&local).get("v").cloned(), "{row}");
            assert_eq!(resolved.remote, doc(&remote).get("v").cloned(), "{row}");
        }
        None => {
            assert_eq!(merged.resolved, [], "{row}");
            assert_eq!(merged.conflicts.len(), 1, "{row}");
            assert_eq!(merged.value, doc(&remote), "{row}");
        }
    }
}

#[test]
fn scalars() {
    let absent = || json!("absent");
    check(None, json!(1), json!(1), json!(2), Some(json!(2)));
    check(None, json!(1), json!(2), json!(1), Some(json!(2)));
    check(None, json!(1), json!(2), json!(2), Some(json!(2)));
    check(None, json!(1), json!(2), json!(3), None);
    check(None, json!(1), json!(1.0), json!(3), Some(json!(3)));
    check(None, json!(1), json!(2), json!(2.0), Some(json!(2.0)));
    check(None, json!("a"), json!(null), json!("a"), Some(json!(null)));
    check(None, json!("a"), json!(null), absent(), None);
    check(None, json!("a"), absent(), json!("a"), Some(absent()));
    check(None, json!("a"), absent(), absent(), Some(absent()));
    check(None, json!("a"), absent(), json!("b"), None);
    check(None, json!("a"), json!("b"), absent(), None);
    check(None, absent(), json!("b"), absent(), Some(json!("b")));
    check(None, absent(), json!("b"), json!("c"), None);
    check(None, absent(), json!(null), absent(), Some(json!(null)));
    check(None, json!(true), json!("true"), json!(1), None);
}

#[test]
fn objects_and_arrays() {
    check(None, json!({"a": 1}), json!({"a": 1, "b": 2}), json!({"c": 3}), Some(json!({"b": 2, "c": 3})));
    check(None, json!("absent"), json!({"a": 1}), json!({"b": 2}), Some(json!({"a": 1, "b": 2})));
    check(None, json!("absent"), json!({}), json!({}), Some(json!({})));
    check(None, json!(5), json!({"a": 1}), json!({"b": 2}), None);
    check(None, json!({"a": 1}), json!("absent"), json!({"a": 2}), None);
    check(None, json!({"a": 1}), json!({"a": 2}), json!("absent"), None);
    check(None, json!({"a": 1}), json!({"a": 2}), json!(7), None);
    check(None, json!([1]), json!([1, 2]), json!([1]), Some(json!([1, 2])));
    check(None, json!([1]), json!([1, 2]), json!([1, 3]), None);
    let atomic = || Some(Strategy::Atomic);
    check(atomic(), json!({"a": 1}), json!({"a": 1, "b": 2}), json!({"c": 3}), None);
    check(atomic(), json!({"a": 1}), json!({"b": 2}), json!({"a": 1}), Some(json!({"b": 2})));
}

#[test]
fn append_strategy() {
    let append = || Some(Strategy::Append);
    check(append(), json!("x"), json!("x+l"), json!("x+r"), Some(json!("x+r+l")));
    check(append(), json!("x"), json!("x+l"), json!("x+r+l"), Some(json!("x+r+l")));
    check(append(), json!("x"), json!("l"), json!("r"), Some(json!("r\nl")));
    check(append(), json!("x"), json!("l"), json!("r l r"), Some(json!("r l r")));
    check(append(), json!("x"), json!("l r l"), json!("r"), Some(json!("l r l")));
    check(append(), json!("x"), json!("note 603"), json!("note 6"), Some(json!("note 6\nnote 603")));
    check(append(), json!("x"), json!("note 6"), json!("a note 6, b"), Some(json!("a note 6, b")));
    check(append(), json!(""), json!("l"), json!("r"), Some(json!("r\nl")));
    check(append(), json!("absent"), json!("l"), json!("r"), Some(json!("r\nl")));
    // The suffix must come from what the remote added, not from the base.
    check(append(), json!("ab"), json!("abab"), json!("abc"), Some(json!("abcab")));
    check(append(), json!([1]), json!([1, 2]), json!([1, 3]), Some(json!([1, 3, 2])));
    check(append(), json!([1]), json!([1, 2, 3]), json!([1, 3.0]), Some(json!([1, 3.0, 2])));
    check(append(), json!([1, 2]), json!([2, 4]), json!([1]), Some(json!([1, 4])));
    check(append(), json!("absent"), json!([1]), json!([2]), Some(json!([2, 1])));
    check(append(), json!(1), json!(2), json!(3), None);
    check(append(), json!("x"), json!("absent"), json!("y"), None);
}

#[test]
fn max_min_and_sum_strategies() {
    let (max, min, sum) = (|| Some(Strategy::Max), || Some(Strategy::Min), || Some(Strategy::Sum));
    check(max(), json!(1), json!(5), json!(3), Some(json!(5)));
    check(max(), json!(9), json!(5), json!(3.5), Some(json!(5)));
    check(max(), json!("2026-01-01"), json!("2026-01-03"), json!("2026-01-02"), Some(json!("2026-01-03")));
    check(max(), json!(9), json!(9), json!(3), Some(json!(3)));
    check(max(), json!(1), json!("5"), json!(3), None);
    check(max(), json!(1), json!("absent"), json!(3), None);
    check(min(), json!(9), json!(5), json!(3), Some(json!(3)));
    check(min(), json!("c"), json!("a"), json!("b"), Some(json!("a")));
    check(sum(), json!(10), json!(12), json!(15), Some(json!(17)));
    check(sum(), json!(10), json!(7), json!(15), Some(json!(12)));
    check(sum(), json!("absent"), json!(2), json!(3), Some(json!(5)));
    check(sum(), json!(1), json!(1.5), json!(2), Some(json!(2.5)));
    check(sum(), json!(0), json!(u64::MAX), json!(1), None);
    check(sum(), json!(i64::MIN), json!(0), json!(1), Some(json!(1_u64 + (1 << 63))));
    check(sum(), json!(0), json!(f64::MAX), json!(1e308), None);
    check(sum(), json!("1"), json!(2), json!(3), None);
}

#[test]
fn policies() {
    let priority = |writers: &[&str]| Policy::Priority(writers.iter().map(|writer| (*writer).to_owned()).collect());
    check_policy(Policy::Review, json!(1), json!(2), json!(3), None);
    check_policy(Policy::RemoteWins, json!(1), json!(2), json!(3), Some(json!(3)));
    check_policy(Policy::LocalWins, json!(1), json!(2), json!(3), Some(json!(2)));
    check_policy(Policy::LocalWins, json!(1), json!("absent"), json!(3), Some(json!("absent")));
    check_policy(Policy::RemoteWins, json!(1), json!(2), json!("absent"), Some(json!("absent")));
    check_policy(Policy::LocalWins, json!(1), json!({"a": {}}), json!("absent"), Some(json!({"a": {}})));
    check_policy(Policy::Append, json!("x"), json!("xl"), json!("xr"), Some(json!("xrl")));
    check_policy(Policy::Append, json!(1), json!(2), json!(3), None);
    check_policy(Policy::Max, json!(1), json!(2), json!(3), Some(json!(3)));
    check_policy(Policy::Min, json!(1), json!(2), json!(3), Some(json!(2)));
    check_policy(Policy::Max, json!(1), json!([2]), json!([3]), None);
    check_policy(priority(&["servicenow", "reviewer"]), json!(1), json!(2), json!(3), Some(json!(2)));
    check_policy(priority(&["reviewer", "servicenow"]), json!(1), json!(2), json!(3), Some(json!(3)));
    check_policy(priority(&["hr", "servicenow"]), json!(1), json!(2), json!(3), Some(json!(2)));
    check_policy(priority(&["hr", "reviewer"]), json!(1), json!(2), json!(3), Some(json!(3)));
    check_policy(priority(&["hr"]), json!(1), json!(2), json!(3), None);
}

#[test]
fn priority_never_beats_an_unknown_writer() {
    let policies = Policies::all(Policy::Priority(vec!["servicenow".to_owned()]));
    let (base, local, remote) = (json!({"v": 1}), json!({"v": 2}), json!({"v": 3}));
    for writer in [None, Some("servicenow".to_owned())] {
        let sides = Sides { base: &base, local: &local, remote: &remote };
        let merged = merge(&Schema::new(), &policies, "servicenow", &|_| writer.clone(), sides);
        assert_eq!(merged.conflicts.len(), 1);
        assert_eq!(merged.conflicts[0].remote_writer, writer);
        assert_eq!(merged.value, remote);
    }
}

/// Merges documents whose `/shifts` are keyed by id; the expected conflicts are their paths.
fn check_shifts(base: Value, local: Value, remote: Value, expected: Value, conflicts: &[&str]) {
    let schema = Schema::new().rule("/shifts", keyed(&["id"])).rule("/shifts/*/activities", keyed(&["start"]));
    let wrap = |shifts: &Value| json!({ "shifts": shifts });
    let merged = merge_as(&schema, &Policies::new(), &wrap(&base), &wrap(&local), &wrap(&remote));
    assert_eq!(merged.value, wrap(&expected), "{base} / {local} / {remote}");
    let paths: Vec<_> = merged.conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
    assert_eq!(paths, conflicts, "{base} / {local} / {remote}");
}

#[test]
fn keyed_lists() {
    // Different members of one element.
    check_shifts(
        json!([{"id": "a", "s": 1, "n": 1}]),
        json!([{"id": "a", "s": 2, "n": 1}]),
        json!([{"id": "a", "s": 1, "n": 3}]),
        json!([{"id": "a", "s": 2, "n": 3}]),
        &[],
    );
    // The remote's order, then the local side's new elements in local order.
    check_shifts(
        json!([{"id": "a"}, {"id": "b"}]),
        json!([{"id": "z"}, {"id": "a"}, {"id": "b"}, {"id": "y"}]),
        json!([{"id": "c"}, {"id": "b"}, {"id": "a"}]),
        json!([{"id": "c"}, {"id": "b"}, {"id": "a"}, {"id": "z"}, {"id": "y"}]),
        &[],
    );
    // A local order of its own holds where nobody else touched the list.
    let (ab, ba) = (json!([{"id": "a"}, {"id": "b"}]), json!([{"id": "b"}, {"id": "a"}]));
    check_shifts(ab.clone(), ba.clone(), ab.clone(), ba.clone(), &[]);
    check_shifts(ab.clone(), ab, ba.clone(), ba, &[]);
    // Another order is no edit that stands against a removal.
    let nested = |list: &Value| json!([{"id": "s", "activities": list}]);
    let (xy, yx) = (json!([{"start": 0}, {"start": 9}]), json!([{"start": 9}, {"start": 0}]));
    check_shifts(nested(&xy), nested(&yx), json!([]), json!([]), &[]);
    check_shifts(nested(&xy), json!([]), nested(&yx), json!([]), &[]);
    // Removed by either side, untouched by the other.
    check_shifts(
        json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]),
        json!([{"id": "b"}, {"id": "c"}]),
        json!([{"id": "a"}, {"id": "c"}]),
        json!([{"id": "c"}]),
        &[],
    );
    // Removed here, changed there: one conflict at the element, the rest merges.
    check_shifts(
        json!([{"id": "a", "s": 1}, {"id": "b", "s": 1}, {"id": "c", "s": 1}]),
        json!([{"id": "b", "s": 2}, {"id": "c", "s": 9}]),
        json!([{"id": "a", "s": 3}, {"id": "c", "s": 1}]),
        json!([{"id": "a", "s": 3}, {"id": "c", "s": 9}]),
        &["/shifts/a", "/shifts/b"],
    );
    // One member of one element.
    check_shifts(
        json!([{"id": "a", "s": 1, "n": 1}]),
        json!([{"id": "a", "s": 2, "n": 2}]),
        json!([{"id": "a", "s": 3, "n": 1}]),
        json!([{"id": "a", "s": 3, "n": 2}]),
        &["/shifts/a/s"],
    );
    // A list below a list.
    check_shifts(
        json!([{"id": "a", "activities": [{"start": 0, "code": "work"}]}]),
        json!([{"id": "a", "activities": [{"start": 0, "code": "work"}, {"start": 60, "code": "break"}]}]),
        json!([{"id": "a", "activities": [{"start": 0, "code": "meal"}]}]),
        json!([{"id": "a", "activities": [{"start": 0, "code": "meal"}, {"start": 60, "code": "break"}]}]),
        &[],
    );
    // Both add the same element: its members merge.
    check_shifts(
        json!([]),
        json!([{"id": "a", "l": 1, "x": 1}]),
        json!([{"id": "a", "r": 1, "x": 2}]),
        json!([{"id": "a", "r": 1, "x": 2, "l": 1}]),
        &["/shifts/a/x"],
    );
}

#[test]
fn lists_that_are_not_keyed_are_atomic() {
    let a = json!([{"id": "a", "s": 1}]);
    for odd in
        [json!([{"id": "a"}, {"id": "a"}]), json!([{"s": 1}]), json!([1]), json!([{"id": null}]), json!({"id": "a"})]
    {
        check_shifts(a.clone(), odd.clone(), json!([{"id": "b"}]), json!([{"id": "b"}]), &["/shifts"]);
        check_shifts(a.clone(), json!([{"id": "b"}]), odd.clone(), odd.clone(), &["/shifts"]);
        check_shifts(odd.clone(), json!([]), a.clone(), a.clone(), &["/shifts"]);
        check_shifts(a.clone(), odd.clone(), a.clone(), odd.clone(), &[]);
        check_shifts(a.clone(), a.clone(), odd.clone(), odd, &[]);
    }
}

#[test]
fn the_longest_policy_settles_each_conflict() {
    let schema = Schema::new().rule("/shifts", keyed(&["id"]));
    let policies: Policies =
        serde_json::from_value(json!({"": "remote-wins", "/shifts/b": "local-wins", "/note": "review"})).unwrap();
    let of =
        |value: i64| json!({"note": value, "x": value, "shifts": [{"id": "a", "s": value}, {"id": "b", "s": value}]});
    let merged = merge_as(&schema, &policies, &of(1), &of(2), &of(3));
    assert_eq!(merged.value, json!({"note": 3, "x": 3, "shifts": [{"id": "a", "s": 3}, {"id": "b", "s": 2}]}));
    let conflicts: Vec<_> = merged.conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
    assert_eq!(conflicts, ["/note"]);
    let resolved: Vec<_> = merged.resolved.iter().map(|resolved| resolved.path.as_str()).collect();
    assert_eq!(resolved, ["/shifts/a/s", "/shifts/b/s", "/x"]);
    let applied: Vec<_> = merged.applied.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(applied, ["/shifts/b/s"]);
}

#[test]
fn the_remote_writer_is_asked_for_the_conflicting_path() {
    let (base, local, remote) = (json!({"a": 1, "b": 1}), json!({"a": 2, "b": 2}), json!({"a": 3, "b": 3}));
    let sides = Sides { base: &base, local: &local, remote: &remote };
    let writer = |path: &Pointer| (path.as_str() == "/b").then(|| "planner".to_owned());
    let merged = merge(&Schema::new(), &Policies::new(), "servicenow", &writer, sides);
    let writers: Vec<_> = merged.conflicts.iter().map(|conflict| conflict.remote_writer.as_deref()).collect();
    assert_eq!(writers, [None, Some("planner")]);
}

#[test]
fn absent_and_null_sides_survive_json() {
    let (base, local, remote) = (json!({"v": 1}), json!({"v": null}), json!({}));
    let merged = merge_as(&Schema::new(), &Policies::new(), &base, &local, &remote);
    let written = serde_json::to_value(&merged.conflicts).unwrap();
    assert_eq!(written, json!([{"path": "/v", "base": 1, "local": null, "remote_writer": "reviewer"}]));
    let read: Vec<Conflict> = serde_json::from_value(written).unwrap();
    assert_eq!(read, merged.conflicts);
}

#[test]
fn documents_that_are_no_objects() {
    let schema = Schema::new().rule("", keyed(&["id"]));
    let merged = merge_as(
        &schema,
        &Policies::new(),
        &json!([{"id": 1, "a": 1}]),
        &json!([{"id": 1, "a": 2}]),
        &json!([{"id": 1.0, "a": 1}, {"id": 2}]),
    );
    assert_eq!(merged.value, json!([{"id": 1.0, "a": 2}, {"id": 2}]));
    let merged = merge_as(&Schema::new(), &Policies::new(), &json!(1), &json!(2), &json!(3));
    assert_eq!(merged.conflicts[0].path, Pointer::root());
}
