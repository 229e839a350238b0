//! What is written member by member is what a value gives.

use super::*;
use serde_json::json;

#[test]
fn members_are_written_as_a_value_is() {
    let awkward = "quote \" slash \\ line \n bell \u{7} é";
    let written = Body::object(|members| {
        members.text("a", awkward);
        members.plain("b", "int_01");
        members.number("c", u64::MAX);
        members.object("d", |inner| {
            inner.text("x", "");
            inner.value("y", &json!({"b": [1, 2.5, null], "a": awkward}));
        });
        members.object("e", |_| {});
    });
    let value = json!({
        "e": {}, "d": {"y": {"a": awkward, "b": [1, 2.5, null]}, "x": ""}, "c": u64::MAX, "b": "int_01", "a": awkward,
    });
    assert_eq!(serde_json::from_str::<Value>(&written.0).unwrap(), value);
    assert_eq!(written, Body::from(value));
}

#[test]
#[should_panic(expected = "a is added behind \"b\"")]
fn members_out_of_order_are_a_fault_of_the_code() {
    let _body = Body::object(|members| {
        members.number("b", 1);
        members.number("a", 1);
    });
}
