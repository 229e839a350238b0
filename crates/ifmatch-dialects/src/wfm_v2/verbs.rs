//! The verbs of the API.
//!
//! Minutes are elapsed minutes: a shift moved by 60 over a change of the clocks starts 60 minutes later, not at
//! the next hour that the clocks show, and a length stays what it is. Instants written with the offset of the
//! record's zone keep to that zone; with any other they keep the offset. Either way the instant is the same.

use super::kinds::{AGENT, SHIFTS, TRADE};
use crate::shifts;
use crate::verbs::{self, ACTIVITY, Entry, MINUTES, SHIFT_ID, SWAP, WITH_AGENT, WITH_SHIFT};
use ifmatch_core::{IntentError, Resource, Verb, VerbError};
use serde_json::{Value, json};

pub(crate) use crate::verbs::check_swap;

#[cfg(test)]
mod tests;

const TABLE: &[Entry] = &[
    Entry { kind: AGENT, name: "move-shift", args: &[SHIFT_ID, MINUTES], run: |v, args| SHIFTS.shifted(v, args) },
    Entry { kind: AGENT, name: "extend-shift", args: &[SHIFT_ID, MINUTES], run: |v, args| SHIFTS.extended(v, args) },
    Entry {
        kind: AGENT,
        name: "add-activity",
        args: &[SHIFT_ID, ACTIVITY],
        run: |v, args| SHIFTS.with_activity(v, args),
    },
    Entry { kind: AGENT, name: "remove-shift", args: &[SHIFT_ID], run: shifts::without },
    Entry {
        kind: AGENT,
        name: SWAP,
        args: &[SHIFT_ID, WITH_AGENT, WITH_SHIFT],
        run: |v, args| SHIFTS.exchanged(v, args),
    },
    Entry { kind: TRADE, name: "approve", args: &[], run: approve },
    Entry { kind: TRADE, name: "deny", args: &[], run: deny },
];

/// Checks the name of a verb and its arguments.
///
/// # Errors
/// As of [`verbs::check`].
pub(crate) fn check(kind: &str, verb: &Verb) -> Result<(), IntentError> {
    verbs::check(TABLE, kind, verb)
}

/// The other half of a swap.
pub(crate) fn exchange(resource: &Resource, verb: &Verb) -> Option<(Resource, Verb)> {
    verbs::exchange(resource, verb).filter(|_| resource.kind == AGENT)
}

/// Carries out a verb on a record.
///
/// # Errors
/// Why it cannot be.
pub(crate) fn run(kind: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError> {
    verbs::run(TABLE, kind, verb, value)
}

fn approve(trade: &Value, _: &Value) -> Result<Value, VerbError> {
    settle(trade, "approved", &["matched"])
}

fn deny(trade: &Value, _: &Value) -> Result<Value, VerbError> {
    settle(trade, "denied", &["matched"])
}

/// A trade in the wanted status stays as it is; one in another status settles only from where the
/// state machine allows it.
fn settle(trade: &Value, wanted: &str, from: &[&str]) -> Result<Value, VerbError> {
    let status = trade["status"].as_str().unwrap_or("unknown");
    if status == wanted {
        return Ok(trade.clone());
    }
    if !from.contains(&status) {
        let reason = format!("the trade is {status}, and only a {} one can become {wanted}", from.join(" or "));
        return Err(verbs::misstep(reason, "status", wanted));
    }
    let mut settled = trade.clone();
    settled["status"] = json!(wanted);
    Ok(settled)
}
