//! Sameness: whether two spellings of a value say the same.

use super::kinds::TIMES;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Members of an activity that the target fills in by its code where nobody says them.
const FILLED_IN: &[&str] = &["paid", "payableMinutes", "description"];

/// Whether two values mean the same: equal, the same instants in other offsets, or activities of which one leaves to the
/// target what the other one shows.
pub(crate) fn alike(a: &Value, b: &Value) -> bool {
    crate::same::alike(TIMES, a, b)
        || has_activities(a) && has_activities(b) && {
            let (mut a, mut b) = (a.clone(), b.clone());
            level(&mut a, &mut b);
            crate::same::alike(TIMES, &a, &b)
        }
}

/// Whether there is an activity in a value.
fn has_activities(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.contains_key("activityCodeId") || members.values().any(has_activities),
        Value::Array(list) => list.iter().any(has_activities),
        _ => false,
    }
}

/// Leaves out of both what only one of them says of an activity.
fn level(a: &mut Value, b: &mut Value) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            if a.contains_key("activityCodeId") && b.contains_key("activityCodeId") {
                for name in FILLED_IN
                    .iter()
                    .filter(|name| a.contains_key(**name) != b.contains_key(**name))
                    .copied()
                    .collect::<Vec<&str>>()
                {
                    a.remove(name);
                    b.remove(name);
                }
            }
            for (name, a) in a.iter_mut() {
                if let Some(b) = b.get_mut(name) {
                    level(a, b);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => a.iter_mut().zip(b).for_each(|(a, b)| level(a, b)),
        _ => {}
    }
}
