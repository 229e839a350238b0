//! Equal contents have equal digests, others do not.

use super::*;
use serde_json::json;

#[test]
fn order_and_number_form_do_not_matter() {
    let a = json!({"b": 1, "a": [1.0, {"y": null, "x": "é"}]});
    let b: Value = serde_json::from_str(r#"{"a":[1,{"x":"é","y":null}],"b":1.0}"#).unwrap();
    assert_eq!(content_digest(&a), content_digest(&b));
    assert_ne!(content_digest(&a), content_digest(&json!({"b": 1})));
    assert_eq!(canonical_json(&b), r#"{"a":[1,{"x":"é","y":null}],"b":1}"#);
}

#[test]
fn absence_differs_from_null() {
    assert_ne!(value_digest(None), value_digest(Some(&Value::Null)));
}

#[test]
fn a_digest_survives_print_and_parse() {
    let digest = Digest::of(b"x");
    let text = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
    assert!(serde_json::from_str::<Digest>("\"sha256:00\"").is_err());
}
