//! Equality and order of JSON values by value, not by spelling.

use std::cmp::Ordering;

use serde_json::{Number, Value};

#[cfg(test)]
mod tests;

/// Whether two JSON values are the same: numbers by value (`1` equals `1.0`), objects without regard to order,
/// arrays element by element.
///
/// Integers are compared exactly, also beyond 2^53.
pub fn json_equal(a: &Value, b: &Value) -> bool {
    if std::ptr::eq(a, b) {
        return true;
    }
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b || compare_numbers(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| json_equal(a, b)),
        (Value::Object(a), Value::Object(b)) => objects_equal(a, b),
        _ => false,
    }
}

fn objects_equal(a: &serde_json::Map<String, Value>, b: &serde_json::Map<String, Value>) -> bool {
    // Walks both in step while the names agree, which is always so for equal sorted maps; a lookup covers the rest.
    a.len() == b.len()
        && a.iter().zip(b).all(|((name, left), (other, right))| {
            if name == other {
                json_equal(left, right)
            } else {
                b.get(name).is_some_and(|right| json_equal(left, right))
            }
        })
}

/// [`json_equal`] where a side may be absent; absence equals only absence.
#[must_use]
pub fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => json_equal(a, b),
        _ => false,
    }
}

/// The order of two numbers by value; `None` only for numbers that JSON cannot hold.
pub(crate) fn compare_numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(a), None) => integer_to_float(a, b.as_f64()?),
        (None, Some(b)) => integer_to_float(b, a.as_f64()?).map(Ordering::reverse),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// The number as an integer if it is spelled as one.
pub(crate) fn integer(number: &Number) -> Option<i128> {
    match number.as_i64() {
        Some(value) => Some(i128::from(value)),
        None => number.as_u64().map(i128::from),
    }
}

/// Compares without rounding the integer to a float.
fn integer_to_float(integer: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // The cast saturates for what no 64-bit integer reaches, which keeps the order right.
    let whole = float.trunc() as i128;
    Some(match integer.cmp(&whole) {
        Ordering::Equal => 0.0.partial_cmp(&float.fract())?,
        unequal => unequal,
    })
}
