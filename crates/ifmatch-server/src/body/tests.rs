//! Behaviour of the limits and of error positions.

use super::*;
use ifmatch_core::Intent;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_stream::StreamExt;

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn depth_is_counted_outside_of_texts_only() {
    assert_eq!(check_depth(nested(64).as_bytes(), 64), Ok(()));
    assert_eq!(check_depth(nested(65).as_bytes(), 64), Err(Fault::TooDeep { max: 64 }));
    let text = format!(r#"{{"a": "\"{}"}}"#, nested(100));
    assert_eq!(check_depth(text.as_bytes(), 2), Ok(()));
    assert_eq!(check_depth(b"[{}, {}, [], {}]", 2), Ok(()), "siblings do not add up");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    assert_eq!(read(Body::from("12345"), 5).await, Ok(Bytes::from("12345")));
    assert_eq!(read(Body::from("123456"), 5).await, Err(Fault::TooLarge { max: 5 }));
}

/// A sender hears the answer only once it has written all that it had to say.
#[tokio::test]
async fn a_body_over_the_limit_is_taken_from_the_wire_up_to_a_bound() {
    // Of many: one that fits, one too much, eight to drain, and the one that shows that there is no end.
    for (pieces, expected) in [(7, 7), (1000, 11)] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&sent);
        let stream = tokio_stream::iter(0..pieces).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_static(b"12345"))
        });
        assert_eq!(read(Body::from_stream(stream), 5).await, Err(Fault::TooLarge { max: 5 }));
        assert_eq!(sent.load(Ordering::Relaxed), expected, "of {pieces} pieces");
    }
}

#[test]
fn what_is_no_json_is_told_so_wherever_its_shape_went_wrong_first() {
    for json in [r#"{"a": "#, r#"{"a": 1, "b"}"#, r#"[1, 2"#] {
        let error = parse::<Intent>(json.as_bytes(), 64);
        assert!(matches!(error, Err(ParseError::Broken(Fault::InvalidJson { line: 1, .. }))), "{json}: {error:?}");
    }
}

fn check(json: &str, expected_field: &str, expected_reason: &str) {
    match parse::<Intent>(json.as_bytes(), 64) {
        Err(ParseError::Shape { field, reason }) => {
            assert_eq!(field, expected_field, "{json}");
            assert!(reason.contains(expected_reason), "{reason}");
        }
        other => panic!("{json} gave {other:?}"),
    }
}

#[test]
fn a_wrong_shape_names_its_member() {
    let resource = r#""resource": {"org": "acme", "kind": "quality-score", "id": "qs-1"}"#;
    check(&format!("{{{resource}}}"), "/change", "missing field");
    check(&format!(r#"{{{resource}, "change": {{"delete": 7}}}}"#), "/change/delete", "invalid type");
    check(&format!(r#"{{{resource}, "change": {{"delete": true}}, "colour": 1}}"#), "/colour", "unknown field");
    check(
        &format!(r#"{{{resource}, "change": {{"delete": true}}, "deadline": "2026-03-29T02:30:00"}}"#),
        "/deadline",
        "",
    );
}

#[test]
fn text_that_is_no_json_names_line_and_column() {
    match parse::<Intent>(b"{\n  \"resource\": oops}", 64) {
        Err(ParseError::Broken(Fault::InvalidJson { line, column, .. })) => {
            assert_eq!((line, column), (2, 15));
        }
        other => panic!("{other:?}"),
    }
}
