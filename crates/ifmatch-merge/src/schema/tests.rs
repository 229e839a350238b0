//! Which rule holds at which place.

use super::*;

fn check(rules: &[(&str, Strategy)], path: &str, expected: Option<Strategy>) {
    let forward =
        rules.iter().fold(Schema::new(), |schema, (pattern, strategy)| schema.rule(pattern, strategy.clone()));
    let path = Pointer::parse(path).unwrap();
    assert_eq!(forward.strategy_at(&path), expected.as_ref(), "{rules:?} at {path}");
}

#[test]
fn places() {
    use Strategy::{Append, Atomic, Max, Min};
    let rules = [("/a", Atomic), ("/a/*/b", Max), ("/a/x/b", Min), ("/*/y", Append)];
    check(&rules, "", None);
    check(&rules, "/a", Some(Atomic));
    check(&rules, "/a/b", None);
    check(&rules, "/a/z/b", Some(Max));
    check(&rules, "/a/x/b", Some(Min));
    check(&rules, "/a/y", Some(Append));
    check(&rules, "/q/y", Some(Append));
    check(&rules, "/a/y/b", Some(Max));
    check(&rules, "/a/z/b/c", None);
    check(&[("", Append)], "", Some(Append));
    check(&[("/a~1b", Max)], "/a~1b", Some(Max));
    check(&[], "/a", None);
}

#[test]
fn the_more_specific_rule_wins_whatever_the_order() {
    use Strategy::{Max, Min};
    for rules in [[("/a/*", Min), ("/*/b", Max)], [("/*/b", Max), ("/a/*", Min)]] {
        check(&rules, "/a/b", Some(Min));
        check(&rules, "/c/b", Some(Max));
        check(&rules, "/a/c", Some(Min));
    }
    check(&[("/a", Min), ("/a", Max)], "/a", Some(Max));
}

#[test]
fn json_form() {
    let keyed = Strategy::KeyedList { keys: vec!["id".to_owned()] };
    let written = serde_json::to_value(&keyed).unwrap();
    assert_eq!(written, serde_json::json!({"keyed-list": {"keys": ["id"]}}));
    assert_eq!(serde_json::to_value(Strategy::Atomic).unwrap(), "atomic");
}
