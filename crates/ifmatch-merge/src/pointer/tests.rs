//! Spelling, order and nesting of pointers.

use super::*;

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn check_segments(text: &str, expected: &[&str]) {
    let parsed = pointer(text);
    assert_eq!(parsed.segments().collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(Pointer::from_segments(expected), parsed, "{text}");
    assert_eq!(parsed.to_string(), text);
    assert_eq!(text.parse(), Ok(parsed));
}

#[test]
fn segments() {
    check_segments("", &[]);
    check_segments("/", &[""]);
    check_segments("/a//b", &["a", "", "b"]);
    check_segments("/shifts/185f26b2/start", &["shifts", "185f26b2", "start"]);
    check_segments("/a~1b/c~0d/~01", &["a/b", "c~d", "~1"]);
    check_segments("/x,y/ü", &["x,y", "ü"]);
}

#[test]
fn refused() {
    assert_eq!(Pointer::parse("a"), Err(PointerError::NoLeadingSlash("a".to_owned())));
    for text in ["/~", "/~2", "/a~", "/~~0"] {
        assert_eq!(Pointer::parse(text), Err(PointerError::BadEscape(text.to_owned())), "{text}");
        assert!(serde_json::from_value::<Pointer>(text.into()).is_err(), "{text}");
    }
}

fn check_prefix(above: &str, below: &str, expected: bool) {
    assert_eq!(pointer(above).is_prefix_of(&pointer(below)), expected, "{above} {below}");
    let either = expected || pointer(below).is_prefix_of(&pointer(above));
    assert_eq!(pointer(above).overlaps(&pointer(below)), either, "{above} {below}");
    assert_eq!(pointer(below).overlaps(&pointer(above)), either, "{above} {below}");
}

#[test]
fn prefixes() {
    check_prefix("", "", true);
    check_prefix("", "/a", true);
    check_prefix("/a", "/a", true);
    check_prefix("/a", "/a/b", true);
    check_prefix("/a", "/ab", false);
    check_prefix("/a/b", "/a", false);
    check_prefix("/a/b", "/a/c", false);
}

#[test]
fn order_keeps_subtrees_together() {
    let ordered = ["", "/", "/a", "/a/b", "/a/b/c", "/a!", "/a-b", "/ab", "/b"];
    for pair in ordered.windows(2) {
        assert!(pointer(pair[0]) < pointer(pair[1]), "{pair:?}");
    }
}

#[test]
fn steps() {
    let mut at = pointer("/a");
    at.push("b/c");
    assert_eq!(at.as_str(), "/a/b~1c");
    assert_eq!(at.parent(), Some(pointer("/a")));
    assert_eq!(pointer("/a").parent(), Some(Pointer::root()));
    assert_eq!(Pointer::root().parent(), None);
    assert_eq!(Pointer::root().join("x"), pointer("/x"));
    assert!(Pointer::root().is_root() && !at.is_root());
}

#[test]
fn json_form() {
    let written = serde_json::to_string(&pointer("/a~1b")).unwrap();
    assert_eq!(written, "\"/a~1b\"");
    assert_eq!(serde_json::from_str::<Pointer>(&written).unwrap(), pointer("/a~1b"));
}
