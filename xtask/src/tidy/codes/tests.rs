//! A code without a page is found once, where it stands first.

use super::*;

fn check_files(files: &[(&str, &str)], expected: &[&str]) {
    let found: Vec<String> = check(&Tree::sample(files)).iter().map(Finding::short).collect();
    assert_eq!(found, expected);
}

const CORE: &str = "crates/ifmatch-core/src/a.rs";

#[test]
fn a_code_without_a_page_is_found_once() {
    check_files(
        &[(CORE, "f();\ng(\"review/no_base\");\ng(\"review/no_base\");")],
        &["crates/ifmatch-core/src/a.rs:2 the code `review/no_base` has no page"],
    );
    check_files(&[(CORE, "g(\"review/no_base\");"), ("docs/errors/review-no_base.md", "")], &[]);
}

#[test]
fn every_state_counts_and_every_place() {
    for (place, code) in [
        ("crates/ifmatch-dialects/src/a.rs", "rejected/unmapped_status"),
        ("crates/ifmatch-server/src/a.rs", "parked/lock"),
        (CORE, "superseded/late"),
    ] {
        let source = format!("\"{code}\"");
        check_files(&[(place, &source)], &[&format!("{place}:1 the code `{code}` has no page")]);
    }
}

#[test]
fn other_texts_tests_and_other_crates_are_no_codes() {
    for text in ["review/", "review/a b", "other/thing", "/review/x", "review/A", "review"] {
        check_files(&[(CORE, &format!("\"{text}\""))], &[]);
    }
    check_files(&[(CORE, "// \"review/in_a_comment\"")], &[]);
    check_files(&[("crates/ifmatch-sandbox/src/a.rs", "\"review/thing\"")], &[]);
    check_files(
        &[
            ("crates/ifmatch-core/src/lib.rs", "#[cfg(test)]\nmod tests;"),
            ("crates/ifmatch-core/src/tests.rs", "\"review/thing\""),
        ],
        &[],
    );
}

#[test]
fn a_page_that_nobody_can_read_is_found() {
    let page = ("docs/errors/review-no_base.md", "");
    let check = |source: &str| check_listed(&Tree::sample(&[(LIST, source), page])).len();
    assert_eq!(check("pages! { \"review-no_base\" }"), 0);
    assert_eq!(check("pages! { \"internal\" }"), 1);
    assert_eq!(check_listed(&Tree::sample(&[page])).len(), 1);
}
