//! Code, comments and literals are told apart.

use super::*;

fn check(source: &str, code: &str, literals: &[(usize, &str)]) {
    let rust = Rust::read(source);
    assert_eq!(rust.code, code, "{source}");
    let found: Vec<(usize, &str)> = rust.literals.iter().map(|literal| (literal.line, literal.text.as_str())).collect();
    assert_eq!(found, literals, "{source}");
    assert_eq!(rust.code.len(), source.len(), "{source}");
}

#[test]
fn comments_are_blanked_and_lines_stay() {
    check("a // b \"c\"\nd", "a         \nd", &[]);
    check("a /* b /* c */ d */ e", "a                   e", &[]);
    check("a /* open", "a        ", &[]);
}

#[test]
fn strings_are_taken_with_their_line() {
    check("x(\"a b\")", "x(\"   \")", &[(1, "a b")]);
    check("\n\"a\\\"b\";", "\n\"    \";", &[(2, "a\\\"b")]);
    check("\"// no\" y", "\"     \" y", &[(1, "// no")]);
    check("b\"x\"", "b\" \"", &[(1, "x")]);
    check("\"open", "\"    ", &[(1, "open")]);
    check("\"two\nlines\" z", "\"   \n     \" z", &[(1, "two\nlines")]);
}

#[test]
fn raw_strings_end_at_their_own_mark_only() {
    check("r#\"a \"b\" \\\"# z", "r#\"       \"# z", &[(1, "a \"b\" \\")]);
    check("br\"\\\" z", "br\" \" z", &[(1, "\\")]);
    check("var\"x\"", "var\" \"", &[(1, "x")]);
    check("r#type", "r#type", &[]);
}

#[test]
fn characters_are_no_lifetimes() {
    check("('\"', '\\'', 'é', 'a)", "(   ,     ,     , 'a)", &[]);
    check("'\\u{22}' \"x\"", "         \" \"", &[(1, "x")]);
    check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)", &[]);
}

#[test]
fn test_items_are_found() {
    let rust = Rust::read(
        "fn a() {}\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) fn b(x: [u8; 2]) {\n  {}\n}\nfn c() {}",
    );
    assert_eq!(rust.test_lines(), [(2, 3), (4, 7)]);
    assert_eq!(rust.test_modules(), ["tests"]);
}

#[test]
fn a_test_module_with_its_body_in_place_is_no_file() {
    let rust = Rust::read("#[cfg(test)]\nmod tests {\n  use super::*;\n}");
    assert!(rust.test_modules().is_empty());
    assert_eq!(rust.test_lines(), [(1, 4)]);
}
