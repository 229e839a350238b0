//! Verbs: what shall be done with a record as it is then. Each is re-executed on every new base.
//!
//! Minutes are elapsed minutes: a shift moved by 60 over a change of the clocks starts 60 minutes later, not at
//! the next hour that the clocks show, and a length stays what it is. Instants written with the offset of the
//! record's zone keep to that zone; with any other they keep the offset. Either way the instant is the same.

use super::kinds::{AGENT, TRADE};
use ifmatch_core::{IntentError, Verb, VerbError};
use ifmatch_merge::Pointer;
use serde_json::{Value, json};

mod shift;
#[cfg(test)]
mod tests;

/// One verb of the API.
struct Entry {
    kind: &'static str,
    name: &'static str,
    args: &'static [Arg],
    run: fn(&Value, &Value) -> Result<Value, VerbError>,
}

/// One argument: its name and what it must be.
struct Arg {
    name: &'static str,
    is: fn(&Value) -> bool,
    wants: &'static str,
}

const SHIFT_ID: Arg = Arg { name: "shift_id", is: is_text, wants: "must be the id of a shift" };
const MINUTES: Arg = Arg { name: "minutes", is: is_minutes, wants: "must be a whole number of minutes, not 0" };
const ACTIVITY: Arg = Arg {
    name: "activity",
    is: is_activity,
    wants: "must be {offset_minutes, length_minutes, code}, whole minutes, the length at least 1",
};
const WITH_AGENT: Arg = Arg { name: "with_agent_id", is: is_text, wants: "must be the id of an agent" };
const WITH_SHIFT: Arg = Arg { name: "with_shift_id", is: is_text, wants: "must be the id of a shift" };

const TABLE: &[Entry] = &[
    Entry { kind: AGENT, name: "move-shift", args: &[SHIFT_ID, MINUTES], run: shift::shifted },
    Entry { kind: AGENT, name: "extend-shift", args: &[SHIFT_ID, MINUTES], run: shift::extended },
    Entry { kind: AGENT, name: "add-activity", args: &[SHIFT_ID, ACTIVITY], run: shift::with_activity },
    Entry { kind: AGENT, name: "remove-shift", args: &[SHIFT_ID], run: shift::without },
    Entry { kind: AGENT, name: "swap", args: &[SHIFT_ID, WITH_AGENT, WITH_SHIFT], run: swap },
    Entry { kind: TRADE, name: "approve", args: &[], run: approve },
    Entry { kind: TRADE, name: "deny", args: &[], run: deny },
];

/// Checks the name of a verb and its arguments; returns them with their defaults.
///
/// # Errors
/// `unknown_verb` with the verbs that the kind has, `unknown_field` or `invalid_argument` with the
/// argument at fault, `unsupported_verb` for what cannot be done on one record.
pub(crate) fn check(kind: &str, verb: &Verb) -> Result<(), IntentError> {
    let entry = entry(kind, &verb.name)?;
    let at = |name: &str| format!("/change/verb/args/{name}");
    for arg in entry.args {
        if !verb.args.get(arg.name).is_some_and(arg.is) {
            return Err(IntentError::new("invalid_argument", at(arg.name), arg.wants));
        }
    }
    let known = |name: &&String| entry.args.iter().any(|arg| arg.name == name.as_str());
    if let Some(name) = verb.args.as_object().and_then(|args| args.keys().find(|name| !known(name))) {
        return Err(IntentError::new("unknown_field", at(name), format!("{} has no such argument", verb.name)));
    }
    if verb.name == "swap" {
        return Err(unsupported_swap());
    }
    Ok(())
}

fn entry(kind: &str, name: &str) -> Result<&'static Entry, IntentError> {
    let mine = || TABLE.iter().filter(|entry| entry.kind == kind);
    mine().find(|entry| entry.name == name).ok_or_else(|| {
        let names: Vec<&str> = mine().map(|entry| entry.name).collect();
        let reason = match names.as_slice() {
            [] => format!("{kind} has no verbs"),
            names => format!("{kind} has the verbs {}", names.join(", ")),
        };
        IntentError::new("unknown_verb", "/change/verb/name", reason)
    })
}

/// Carries out a verb on a record.
///
/// # Errors
/// Why it cannot be.
pub(crate) fn run(kind: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError> {
    check(kind, verb).map_err(VerbError::Invalid)?;
    let entry = entry(kind, &verb.name).map_err(VerbError::Invalid)?;
    (entry.run)(value, &verb.args)
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// A year either way is more than any schedule holds.
fn is_minutes(value: &Value) -> bool {
    value.as_i64().is_some_and(|minutes| minutes != 0 && minutes.abs() <= 366 * 24 * 60)
}

fn is_activity(value: &Value) -> bool {
    let within =
        |name: &str, least: i64| value[name].as_i64().is_some_and(|minutes| (least..=7 * 24 * 60).contains(&minutes));
    let members = value.as_object().is_some_and(|members| members.len() == 3);
    members && within("offset_minutes", 0) && within("length_minutes", 1) && is_text(&value["code"])
}

/// The place of a shift in an agent schedule.
fn place(shift_id: &str) -> Pointer {
    Pointer::from_segments(["shifts", shift_id])
}

fn unsupported_swap() -> IntentError {
    let reason = "a swap changes the records of two agents: create a shift-trade, or move the shifts one by one";
    IntentError::new("unsupported_verb", "/change/verb/name", reason)
}

fn swap(_: &Value, _: &Value) -> Result<Value, VerbError> {
    Err(VerbError::Invalid(unsupported_swap()))
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
        return Err(VerbError::Refused(reason));
    }
    let mut settled = trade.clone();
    settled["status"] = json!(wanted);
    Ok(settled)
}
