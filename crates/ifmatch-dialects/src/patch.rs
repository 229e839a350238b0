//! The merge patch (RFC 7396) that leads from one record to another.
//!
//! Laws: a patch between equal records names no field; a patch carried out on `from` gives the writable part of `to`.

use ifmatch_core::KindSpec;
use ifmatch_merge::json_equal;
use serde_json::{Map, Value};

/// The merge patch (RFC 7396) over the writable fields that leads from one record to the other.
pub(crate) fn changed(spec: &KindSpec, from: &Value, to: &Value) -> Map<String, Value> {
    let mut patch = Map::new();
    for name in spec.writable.iter() {
        let (before, after) = (from.get(name), to.get(name));
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) if json_equal(before, after) => {}
            (_, Some(after)) => {
                patch.insert(name.to_owned(), patch_of(before, after));
            }
            (Some(_), None) => {
                patch.insert(name.to_owned(), Value::Null);
            }
        }
    }
    patch
}

/// The patch that turns a value into another one; members that go are named with `null`.
fn patch_of(before: Option<&Value>, after: &Value) -> Value {
    let (Some(Value::Object(before)), Value::Object(after)) = (before, after) else {
        return after.clone();
    };
    let mut patch = Map::new();
    for (name, value) in after {
        let old = before.get(name);
        if !old.is_some_and(|old| json_equal(old, value)) {
            patch.insert(name.clone(), patch_of(old, value));
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    Value::Object(patch)
}
