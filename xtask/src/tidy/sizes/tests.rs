//! Lengths are counted right.

use super::*;

#[test]
fn functions_are_measured_from_their_name_to_their_brace() {
    let rust = Rust::read("fn a() { }\n\npub fn b(x: [u8; 3])\n-> u8 {\n  if x { \"}\" }\n}\ntrait T { fn c(&self); }");
    assert_eq!(lengths(&rust), [(1, 1, "a".to_owned()), (4, 3, "b".to_owned())]);
}

#[test]
fn the_longest_come_first_and_only_ten() {
    let all = (1..20).map(|lines| (lines, format!("f{lines}"))).collect();
    let shown = longest(all);
    assert_eq!(shown.len(), SHOWN);
    assert_eq!(shown[0], "   19  f19");
}

#[test]
fn a_file_that_does_not_say_its_purpose_is_listed() {
    let tree = Tree::sample(&[("a.rs", "//! A.\n"), ("b.rs", "fn b() {}")]);
    assert_eq!(without_purpose(&tree), ["b.rs"]);
}
