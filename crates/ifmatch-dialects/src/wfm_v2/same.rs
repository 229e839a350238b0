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
        Some(("swap_request_id", _)) if found["swap_request_id"].is_null() => is_one_swap(&creation.value, found),
        Some((name, mark)) => found[name] == mark,
        None if creation.resource.kind == TRADE => is_one_swap(&creation.value, found),
        None => gives(kinds, creation, found),
    }
}

/// Whether two trades are one swap, whatever their ids are: the same shift, of the same agent, for the same one. A trade that
/// was settled otherwise is done with, and where both name a request, that tells them apart.
pub(crate) fn is_one_swap(wanted: &Value, found: &Value) -> bool {
    let of = |trade: &Value, at: &str| trade.pointer(at).filter(|value| !value.is_null() && *value != "").cloned();
    let both = |at: &str| of(wanted, at).zip(of(found, at));
    let named = |at: &str| both(at).is_some_and(|(wanted, found)| wanted == found);
    let apart = |at: &str| both(at).is_some_and(|(wanted, found)| !crate::same::alike(TIMES, &wanted, &found));
    let receiving = "/receiving/agent_id";
    let to_nobody = of(wanted, receiving).is_some() && of(found, receiving).is_none();
    let is_open = matches!(found["status"].as_str(), Some("pending" | "matched"));
    named("/initiating/agent_id")
        && named("/initiating/shift_id")
        && (is_open || named("/status"))
        && !to_nobody
        && ![receiving, "/initiating/start", "/swap_request_id"].into_iter().any(apart)
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
