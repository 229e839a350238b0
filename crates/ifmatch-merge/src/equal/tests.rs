//! Equality and order by value.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{compare_numbers, json_equal, same};

fn check(a: Value, b: Value, expected: bool) {
    assert_eq!(json_equal(&a, &b), expected, "{a} {b}");
    assert_eq!(json_equal(&b, &a), expected, "{b} {a}");
}

#[test]
fn values() {
    check(json!(1), json!(1.0), true);
    check(json!(0), json!(-0.0), true);
    check(json!(1e3), json!(1000), true);
    check(json!(1), json!(1.5), false);
    check(json!(1), json!("1"), false);
    check(json!(null), json!(false), false);
    check(json!({"a": [1, {"b": 2.0}]}), json!({"a": [1.0, {"b": 2}]}), true);
    check(json!({"a": 1}), json!({"b": 1}), false);
    check(json!({"a": 1}), json!({"a": 1, "b": null}), false);
    check(json!([1, 2]), json!([2, 1]), false);
    check(json!([]), json!({}), false);
}

#[test]
fn large_integers_are_exact() {
    check(json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), false);
    check(json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), false);
    check(json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_992.0), true);
    check(json!(u64::MAX), json!(-1), false);
}

fn check_order(a: Value, b: Value, expected: Ordering) {
    let (Value::Number(left), Value::Number(right)) = (&a, &b) else { panic!("{a} {b}") };
    assert_eq!(compare_numbers(left, right), Some(expected), "{a} {b}");
    assert_eq!(compare_numbers(right, left), Some(expected.reverse()), "{b} {a}");
}

#[test]
fn order() {
    check_order(json!(1), json!(1.5), Ordering::Less);
    check_order(json!(-1), json!(-1.5), Ordering::Greater);
    check_order(json!(2), json!(1.5), Ordering::Greater);
    check_order(json!(u64::MAX), json!(1e300), Ordering::Less);
    check_order(json!(i64::MIN), json!(-1e300), Ordering::Greater);
    check_order(json!(0.1), json!(0.2), Ordering::Less);
    check_order(json!(u64::MAX), json!(i64::MAX), Ordering::Greater);
}

#[test]
fn absence_is_not_null() {
    assert!(same(None, None));
    assert!(!same(None, Some(&Value::Null)));
    assert!(same(Some(&Value::Null), Some(&Value::Null)));
}
