//! Sameness: whether a found record is the one that a creation means, and whether two spellings of
//! a record say the same.

use super::kinds::{Kinds, SCORE, TIMES, TRADE};
use crate::instants;
use ifmatch_core::{Creation, Name};
use ifmatch_merge::json_equal;
use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

/// Whether a found record is the one that a creation means: its mark agrees. Where the creation
/// has no mark, every field that it gives must agree.
pub(crate) fn is_same(kinds: &Kinds, creation: &Creation, found: &Value) -> bool {
    let marks: &[&str] = match creation.resource.kind.as_str() {
        SCORE => &["correlation_id"],
        TRADE => &["trade_id", "swap_request_id"],
        _ => &[],
    };
    if let (TRADE, Name::Id(id)) = (creation.resource.kind.as_str(), &creation.resource.name) {
        return found["trade_id"].as_str() == Some(id);
    }
    let text = |name: &&&str| creation.value[**name].as_str().filter(|text| !text.is_empty());
    match marks.iter().find_map(|name| text(&name).map(|mark| (*name, mark))) {
        Some((name, mark)) => found[name] == mark,
        None => gives(kinds, creation, found),
    }
}

fn gives(kinds: &Kinds, creation: &Creation, found: &Value) -> bool {
    let Some(spec) = kinds.get(&creation.resource.kind) else {
        return false;
    };
    let (wanted, found) = (canonical(&creation.value), canonical(found));
    let agrees = |name: &&str| match (wanted.get(*name), found.get(*name)) {
        (None, _) => true,
        (Some(wanted), Some(found)) => json_equal(wanted, found),
        (Some(wanted), None) => wanted.is_null(),
    };
    spec.writable.iter().all(agrees)
}

/// Whether two values mean the same: equal, or the same instants in other offsets. A value of its
/// own has no name that says whether it is a time, so two texts that are instants compare as such.
pub(crate) fn alike(a: &Value, b: &Value) -> bool {
    means(a, b, Texts::Times)
}

/// Whether texts that are instants compare as such.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Times,
    Plain,
}

fn means(a: &Value, b: &Value, texts: Texts) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let member = |(name, a): (&String, &Value)| {
                let texts = if TIMES.contains(&name.as_str()) { Texts::Times } else { Texts::Plain };
                b.get(name).is_some_and(|b| means(a, b, texts))
            };
            a.len() == b.len() && a.iter().all(member)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| means(a, b, Texts::Plain))
        }
        (Value::String(a), Value::String(b)) if texts == Texts::Times && a != b => {
            instants::instant(a).is_ok_and(|a| instants::instant(b) == Ok(a))
        }
        _ => json_equal(a, b),
    }
}

/// The value with every text that is an instant with an offset written in UTC.
pub(crate) fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), member(name, value));
            Value::Object(members.iter().map(member).collect::<Map<String, Value>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        other => other.clone(),
    }
}

fn member(name: &str, value: &Value) -> Value {
    let instant = value.as_str().filter(|_| TIMES.contains(&name)).and_then(|text| instants::instant(text).ok());
    instant.map_or_else(|| canonical(value), |at| Value::String(at.to_string()))
}
