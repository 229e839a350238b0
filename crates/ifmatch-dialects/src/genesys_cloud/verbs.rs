//! The verbs of the API: on the shifts of an agent, and on trades.

use super::kinds::{AGENT, SHIFTS, TRADE};
use crate::shifts;
use crate::verbs::{self, ACTIVITY, Entry, MINUTES, SHIFT_ID, SWAP, WITH_AGENT, WITH_SHIFT};
use ifmatch_core::{IntentError, Resource, Verb, VerbError};
use serde_json::{Value, json};

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
    Entry { kind: TRADE, name: "approve", args: &[], run: |trade, _| settle(trade, "Approved") },
    Entry { kind: TRADE, name: "deny", args: &[], run: |trade, _| settle(trade, "Denied") },
];

/// Checks the name of a verb, its arguments, and what a swap says of its two records.
///
/// # Errors
/// As of [`verbs::check`] and [`verbs::check_swap`].
pub(crate) fn check(resource: &Resource, verb: &Verb) -> Result<(), IntentError> {
    verbs::check(TABLE, &resource.kind, verb)?;
    verbs::check_swap(resource, verb)
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

/// A trade in the wanted state stays as it is; another one settles only where both sides have agreed.
fn settle(trade: &Value, wanted: &str) -> Result<Value, VerbError> {
    let state = trade["state"].as_str().unwrap_or("unknown");
    if state == wanted {
        return Ok(trade.clone());
    }
    if state != "Matched" {
        let reason = format!("the trade is {state}, and only a Matched one can become {wanted}");
        return Err(verbs::misstep(reason, "state", wanted));
    }
    let mut settled = trade.clone();
    settled["state"] = json!(wanted);
    Ok(settled)
}
