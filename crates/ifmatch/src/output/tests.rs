//! What people see of answers.

use super::*;

#[test]
fn members_become_words() {
    let value = json!({"a": "x", "b": 7, "c": null, "d": {"e": [1]}});
    for (pointer, expected) in [("/a", "x"), ("/b", "7"), ("/c", ""), ("/d/e", "[1]"), ("/none", "")] {
        assert_eq!(field(&value, pointer), expected, "{pointer}");
    }
}

#[test]
fn a_resource_is_named_by_what_names_it() {
    let check = |value: Value, expected: &str| assert_eq!(resource(&value), expected);
    check(json!({"org": "acme", "kind": "schedule", "id": "s-1"}), "schedule s-1");
    check(json!({"kind": "schedule", "external": {"id": "9", "system": "x"}}), r#"schedule {"id":"9","system":"x"}"#);
    check(json!({"kind": "schedule"}), "schedule");
}

#[test]
fn a_column_stays_one_line() {
    for (text, expected) in
        [("a\n b", "a b"), ("abcdef", "abcdef"), ("abcdefg", "abcde…"), ("abcd fgh", "abcd…"), ("éééééé", "éééééé")]
    {
        assert_eq!(one_line(text, 6), expected, "{text}");
    }
}

#[test]
fn a_table_has_its_headings_and_no_frame() {
    let rows = vec![vec!["int_1".to_owned(), "landed".to_owned()], vec!["int_22".to_owned(), "review".to_owned()]];
    assert_eq!(table(&["id", "state"], rows), "id      state\nint_1   landed\nint_22  review");
}
