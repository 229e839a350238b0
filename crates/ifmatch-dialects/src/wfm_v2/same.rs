//! Sameness: whether a found record is the one that a creation means, and whether two spellings of
//! a record say the same.

use super::kinds::{Kinds, SCHEDULE, SCORE, TIMES, TRADE};
use crate::same::canonical;
use ifmatch_core::{Creation, Name};
use ifmatch_merge::json_equal;
use serde_json::Value;

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
    if creation.resource.kind == SCHEDULE {
        // Only what has its mark is found at all.
        return true;
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
    let (wanted, found) = (canonical(TIMES, &creation.value), canonical(TIMES, found));
    let agrees = |name: &str| match (wanted.get(name), found.get(name)) {
        (None, _) => true,
        (Some(wanted), Some(found)) => json_equal(wanted, found),
        (Some(wanted), None) => wanted.is_null(),
    };
    spec.writable.iter().all(agrees)
}

/// Whether two values mean the same: equal, or the same instants in other offsets.
pub(crate) fn alike(a: &Value, b: &Value) -> bool {
    crate::same::alike(TIMES, a, b)
}
