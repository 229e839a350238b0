//! Suggestions for codes that do not exist.

use super::*;

const CODES: [&str; 5] =
    ["review/true_conflict", "rejected/true_conflict", "parked/lock", "unknown_org", "review/no_base"];

fn check(wanted: &str, expected: &[&str]) {
    assert_eq!(nearest(wanted, CODES.map(str::to_owned)), expected, "{wanted}");
}

#[test]
fn the_nearest_codes_are_suggested_the_nearest_first() {
    check("review/true_conflct", &["review/true_conflict", "rejected/true_conflict"]);
    check("unknown-org", &["unknown_org"]);
    check("lock", &["parked/lock"]);
    check("reveiw/lock", &["parked/lock"]);
    check("LOKC", &["parked/lock"]);
    check("true_conflict", &["rejected/true_conflict", "review/true_conflict"]);
}

#[test]
fn nothing_is_suggested_when_nothing_is_near() {
    check("zzzzzz", &[]);
    check("", &[]);
    assert_eq!(unknown("zz", &[]).hint.unwrap(), "`ifmatch explain` lists all codes");
}

#[test]
fn distances_are_counted_right() {
    for (from, to, expected) in
        [("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
    {
        assert_eq!(distance(from, to), expected, "{from} {to}");
        assert_eq!(distance(to, from), expected, "{to} {from}");
    }
}

#[test]
fn every_code_has_a_page_that_is_not_empty() {
    let mut codes = 0;
    for code in errors::codes() {
        codes += 1;
        assert!(errors::page(&code).is_some_and(|page| page.len() > 50), "{code}");
    }
    assert!(codes > 20, "{codes}");
}
