//! Between whole records and the bodies that the target wants: what a write sends of a change, and
//! what a creation sends of a record.
//!
//! Laws: a body made from equal records names no field; a body carried out on `from` gives the
//! writable part of `to`.

use super::kinds::{MANAGED, VERSIONS};
pub(crate) use crate::patch::changed;
use ifmatch_core::KindSpec;
use ifmatch_merge::json_equal;
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// The body of a creation: everything that a client may give, nothing that the target sets. Parts
/// of the record's name are filled in where the value lacks them.
pub(crate) fn creation(spec: &KindSpec, value: &Value, named: &Map<String, Value>) -> Value {
    let mut body = match spec.writable_part(value) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    body.retain(|name, _| !MANAGED.contains(&name.as_str()));
    for (name, value) in named {
        body.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Value::Object(body)
}

/// The list of shifts as a PATCH wants it: the shifts that differ, whole, and a mark for each that
/// goes. A list in which a shift has no id cannot be told apart and is given whole.
pub(crate) fn shifts_patch(from: &Value, to: &Value) -> Value {
    let empty = Vec::new();
    let before = from.as_array().unwrap_or(&empty);
    let Some(after) = to.as_array() else {
        return to.clone();
    };
    let id = |shift: &Value| shift.get("id").and_then(Value::as_str).map(str::to_owned);
    let find = |list: &[Value], wanted: &str| list.iter().find(|shift| id(shift).as_deref() == Some(wanted)).cloned();
    let mut patch = Vec::new();
    for shift in after {
        let old = id(shift).and_then(|id| find(before, &id));
        if !old.is_some_and(|old| json_equal(&old, shift)) {
            patch.push(shift.clone());
        }
    }
    for gone in before.iter().filter_map(id).filter(|id| find(after, id).is_none()) {
        patch.push(json!({"id": gone, "deleted": true}));
    }
    Value::Array(patch)
}

/// The version that a record or a body names, in whatever spelling. Two spellings that differ are
/// an error with both.
pub(crate) fn version(body: &Value) -> Result<Option<u64>, (u64, u64)> {
    let mut found = None;
    for value in VERSIONS.iter().filter_map(|name| body.get(name)) {
        let Some(version) = whole(value) else {
            continue;
        };
        match found {
            Some(other) if other != version => return Err((other, version)),
            _ => found = Some(version),
        }
    }
    Ok(found)
}

/// A whole number, also where it is written as text.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
