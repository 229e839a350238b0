//! Values made of both sides: append, largest, smallest, sum.
//!
//! Each returns `None` where the values at hand cannot be combined that way, which leaves a true conflict.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::equal::{compare_numbers, integer, json_equal};
use crate::sides::Spot;

/// Both sides' additions, of two strings or two arrays.
pub(super) fn append(spot: Spot<'_>) -> Option<Value> {
    match (spot.local?, spot.remote?) {
        (Value::String(local), Value::String(remote)) => {
            let base = spot.base.and_then(Value::as_str).unwrap_or("");
            Some(Value::String(append_text(base, local, remote)))
        }
        (Value::Array(local), Value::Array(remote)) => {
            let base = spot.base.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            Some(Value::Array(append_items(base, local, remote)))
        }
        _ => None,
    }
}

fn append_text(base: &str, local: &str, remote: &str) -> String {
    // From an empty base every text is an extension; two first texts are joined as lines instead of being run together.
    if !base.is_empty()
        && let Some(suffix) = local.strip_prefix(base)
        && remote.starts_with(base)
    {
        if remote[base.len()..].ends_with(suffix) {
            return remote.to_owned();
        }
        return format!("{remote}{suffix}");
    }
    if holds(remote, local) {
        remote.to_owned()
    } else if holds(local, remote) {
        local.to_owned()
    } else {
        format!("{remote}\n{local}")
    }
}

/// Whether a text holds another as words of its own: `"note 603"` holds `"note"`, and not `"note 6"`.
fn holds(text: &str, part: &str) -> bool {
    let word = |neighbour: Option<char>, edge: Option<char>| {
        neighbour.is_some_and(char::is_alphanumeric) && edge.is_some_and(char::is_alphanumeric)
    };
    text.match_indices(part).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + part.len()..]);
        !word(before.chars().next_back(), part.chars().next()) && !word(after.chars().next(), part.chars().next_back())
    })
}

fn append_items(base: &[Value], local: &[Value], remote: &[Value]) -> Vec<Value> {
    let mut result = remote.to_vec();
    for item in local {
        let known = |items: &[Value]| items.iter().any(|other| json_equal(other, item));
        if !known(base) && !known(&result) {
            result.push(item.clone());
        }
    }
    result
}

/// The larger of two numbers or two strings.
pub(super) fn max(spot: Spot<'_>) -> Option<Value> {
    extreme(spot, Ordering::Greater)
}

/// The smaller of two numbers or two strings.
pub(super) fn min(spot: Spot<'_>) -> Option<Value> {
    extreme(spot, Ordering::Less)
}

/// The local value if it compares to the remote one as `wanted`, else the remote one.
fn extreme(spot: Spot<'_>, wanted: Ordering) -> Option<Value> {
    let (local, remote) = (spot.local?, spot.remote?);
    let order = match (local, remote) {
        (Value::Number(local), Value::Number(remote)) => compare_numbers(local, remote)?,
        (Value::String(local), Value::String(remote)) => local.cmp(remote),
        _ => return None,
    };
    Some(if order == wanted { local.clone() } else { remote.clone() })
}

/// The remote number plus what the local side added to the base.
pub(super) fn sum(spot: Spot<'_>) -> Option<Value> {
    let zero = Number::from(0);
    let base = match spot.base {
        None => &zero,
        Some(Value::Number(base)) => base,
        Some(_) => return None,
    };
    let (Value::Number(local), Value::Number(remote)) = (spot.local?, spot.remote?) else {
        return None;
    };
    sum_numbers(base, local, remote).map(Value::Number)
}

fn sum_numbers(base: &Number, local: &Number, remote: &Number) -> Option<Number> {
    if let (Some(base), Some(local), Some(remote)) = (integer(base), integer(local), integer(remote)) {
        let total = remote + (local - base);
        // An integer that JSON numbers here cannot hold exactly is left to a person.
        return match i64::try_from(total) {
            Ok(total) => Some(Number::from(total)),
            Err(_) => u64::try_from(total).ok().map(Number::from),
        };
    }
    Number::from_f64(remote.as_f64()? + (local.as_f64()? - base.as_f64()?))
}
