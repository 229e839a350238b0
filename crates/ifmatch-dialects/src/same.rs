//! Whether two spellings of a value say the same: instants in other offsets do.

use crate::instants;
use ifmatch_merge::json_equal;
use serde_json::{Map, Value};

/// Whether two values mean the same: equal, or the same instants in other offsets. A value of its
/// own has no name that says whether it is a time, so two texts that are instants compare as such.
/// So do those in a list: a list is what its member's name says.
pub(crate) fn alike(times: &[&str], a: &Value, b: &Value) -> bool {
    means(times, a, b, Texts::Times)
}

/// Whether texts that are instants compare as such.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Times,
    Plain,
}

fn means(times: &[&str], a: &Value, b: &Value, texts: Texts) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            // Sorted maps of the same names are walked in step; a look-up covers the rest.
            let member = |((name, a), (beside, other)): ((&String, &Value), (&String, &Value))| {
                let texts = if times.contains(&name.as_str()) { Texts::Times } else { Texts::Plain };
                let b = if name == beside { Some(other) } else { b.get(name) };
                b.is_some_and(|b| means(times, a, b, texts))
            };
            a.len() == b.len() && a.iter().zip(b).all(member)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| means(times, a, b, texts))
        }
        (Value::String(a), Value::String(b)) if texts == Texts::Times && a != b => {
            instants::instant(a).is_ok_and(|a| instants::instant(b) == Ok(a))
        }
        _ => json_equal(a, b),
    }
}

/// The value with every text that is an instant with an offset written in UTC.
pub(crate) fn canonical(times: &[&str], value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), member(times, name, value));
            Value::Object(members.iter().map(member).collect::<Map<String, Value>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| canonical(times, item)).collect()),
        other => other.clone(),
    }
}

fn member(times: &[&str], name: &str, value: &Value) -> Value {
    let instant = value.as_str().filter(|_| times.contains(&name)).and_then(|text| instants::instant(text).ok());
    match (instant, value) {
        (Some(at), _) => Value::String(at.to_string()),
        (None, Value::Array(items)) => Value::Array(items.iter().map(|item| member(times, name, item)).collect()),
        (None, value) => canonical(times, value),
    }
}
