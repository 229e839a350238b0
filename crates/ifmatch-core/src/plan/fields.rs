//! The fields of a record that an edit names. A merge looks at these alone: what no change names is the same on all sides.

use ifmatch_merge::Pointer;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The fields of a record that paths lie in; all of it where one is of the record itself.
pub(super) fn fields_of<'v>(record: &'v Value, paths: &[&Pointer]) -> Cow<'v, Value> {
    let Some(members) = record.as_object().filter(|_| paths.iter().all(|path| !path.is_root())) else {
        return Cow::Borrowed(record);
    };
    let mut fields = Map::new();
    for name in paths.iter().filter_map(|path| path.segments().next()) {
        if let Some(value) = members.get(&*name)
            && !fields.contains_key(&*name)
        {
            fields.insert(name.into_owned(), value.clone());
        }
    }
    Cow::Owned(Value::Object(fields))
}

/// The record with what became of these fields of it.
pub(super) fn with_fields(record: &Value, fields: &Value, mut after: Value) -> Value {
    if let (Value::Object(record), Value::Object(members)) = (record, &mut after) {
        let rest = record.iter().filter(|(name, _)| fields.get(name).is_none() && !members.contains_key(*name));
        let rest: Vec<(String, Value)> = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
        members.extend(rest);
    }
    after
}

#[cfg(test)]
mod tests;
