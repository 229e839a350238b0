//! Reading and writing by keyed address.

use serde_json::{Map, Value};

use crate::change::Change;
use crate::keyed::{members_of, segment_of};
use crate::pointer::Pointer;
use crate::schema::{Node, Schema, Strategy, child, strategy};

#[cfg(test)]
mod tests;

/// The value at an address, if there is one.
///
/// A segment below a keyed list names the element by key; below any other array it is a position (RFC 6901).
pub fn get<'a>(schema: &Schema, doc: &'a Value, path: &Pointer) -> Option<&'a Value> {
    let mut at = schema.root();
    let mut value = doc;
    for segment in path.segments() {
        value = match value {
            Value::Object(members) => members.get(&*segment)?,
            Value::Array(items) => items.get(position(at, items, &segment)?)?,
            _ => return None,
        };
        at = child(at, &segment);
    }
    Some(value)
}

/// The document with every change carried out in turn: `after` set at its path, or the place removed.
///
/// Total: missing parents are created as objects (as lists where the schema says keyed list), an element that a keyed
/// list lacks is added at its end, a scalar in the way of a value is replaced. Removing what is not there does nothing,
/// and neither does an address that no document can have (a name below a plain array). `before` is not looked at.
pub fn apply(schema: &Schema, doc: &Value, changes: &[Change]) -> Value {
    let mut result = doc.clone();
    apply_to(schema, &mut result, changes);
    result
}

/// The same in place.
pub fn apply_to(schema: &Schema, doc: &mut Value, changes: &[Change]) {
    for change in changes {
        let segments: Vec<_> = change.path.segments().collect();
        match &change.after {
            Some(after) => set(schema.root(), doc, &segments, after),
            None => remove(schema.root(), doc, &segments),
        }
    }
}

type Segment<'a> = std::borrow::Cow<'a, str>;

fn set(at: Option<&Node>, value: &mut Value, segments: &[Segment<'_>], after: &Value) {
    let Some((segment, deeper)) = segments.split_first() else {
        value.clone_from(after);
        return;
    };
    if !value.is_object() && !value.is_array() {
        *value = empty_container(at);
    }
    let below = child(at, segment);
    match value {
        Value::Object(members) => set(below, members.entry(&**segment).or_insert(Value::Null), deeper, after),
        Value::Array(items) => {
            if let Some(slot) = element_slot(at, items, segment) {
                set(below, slot, deeper, after);
            }
        }
        _ => {}
    }
}

fn remove(at: Option<&Node>, value: &mut Value, segments: &[Segment<'_>]) {
    let Some((segment, deeper)) = segments.split_first() else {
        *value = Value::Null;
        return;
    };
    let below = child(at, segment);
    match value {
        Value::Object(members) if deeper.is_empty() => {
            members.remove(&**segment);
        }
        Value::Object(members) => {
            if let Some(value) = members.get_mut(&**segment) {
                remove(below, value, deeper);
            }
        }
        Value::Array(items) => match position(at, items, segment) {
            Some(index) if deeper.is_empty() => {
                items.remove(index);
            }
            Some(index) => remove(below, &mut items[index], deeper),
            None => {}
        },
        _ => {}
    }
}

/// What a missing parent becomes.
fn empty_container(at: Option<&Node>) -> Value {
    match strategy(at) {
        Some(Strategy::KeyedList { .. }) => Value::Array(Vec::new()),
        _ => Value::Object(Map::new()),
    }
}

/// The element that a segment names, added if the list lacks it; `None` if it can name none.
fn element_slot<'v>(at: Option<&Node>, items: &'v mut Vec<Value>, segment: &str) -> Option<&'v mut Value> {
    let index = match (position(at, items, segment), strategy(at)) {
        (Some(index), _) => index,
        (None, Some(Strategy::KeyedList { keys })) => {
            let element = members_of(keys, segment, items.first());
            items.push(Value::Object(element));
            items.len() - 1
        }
        (None, _) if segment == "-" || segment.parse() == Ok(items.len()) => {
            items.push(Value::Null);
            items.len() - 1
        }
        (None, _) => return None,
    };
    items.get_mut(index)
}

/// Where in the array the element is that a segment names.
fn position(at: Option<&Node>, items: &[Value], segment: &str) -> Option<usize> {
    match strategy(at) {
        Some(Strategy::KeyedList { keys }) => {
            items.iter().position(|item| segment_of(keys, item).is_some_and(|found| found == segment))
        }
        _ => array_index(segment).filter(|index| *index < items.len()),
    }
}

/// A position as RFC 6901 spells it: digits without a leading zero.
pub(crate) fn array_index(segment: &str) -> Option<usize> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (segment == "0" || !segment.starts_with('0'));
    if canonical { segment.parse().ok() } else { None }
}
