//! Verbs: what shall be done with a record as it is then. Each is re-executed on every new base. A dialect has a table of
//! its verbs; what is said of one is checked by it here.

use ifmatch_core::merge::Pointer;
use ifmatch_core::{GIVEN, IntentError, Resource, TAKEN, Verb, VerbError};
use serde_json::{Value, json};

/// The verb that exchanges two shifts between two agents of one schedule.
pub(crate) const SWAP: &str = "swap";

/// One verb of an API.
pub(crate) struct Entry {
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) args: &'static [Arg],
    pub(crate) run: fn(&Value, &Value) -> Result<Value, VerbError>,
}

/// One argument: its name and what it must be.
pub(crate) struct Arg {
    name: &'static str,
    is: fn(&Value) -> bool,
    wants: &'static str,
}

pub(crate) const SHIFT_ID: Arg = Arg { name: "shift_id", is: is_text, wants: "must be the id of a shift" };
pub(crate) const MINUTES: Arg =
    Arg { name: "minutes", is: is_minutes, wants: "must be a whole number of minutes, not 0" };
pub(crate) const ACTIVITY: Arg = Arg {
    name: "activity",
    is: is_activity,
    wants: "must be {offset_minutes, length_minutes, code}, whole minutes, the length at least 1",
};
pub(crate) const WITH_AGENT: Arg = Arg { name: "with_agent_id", is: is_text, wants: "must be the id of an agent" };
pub(crate) const WITH_SHIFT: Arg = Arg { name: "with_shift_id", is: is_text, wants: "must be the id of a shift" };

/// Checks the name of a verb and its arguments; returns them with their defaults.
///
/// # Errors
/// `unknown_verb` with the verbs that the kind has, `unknown_field` or `invalid_argument` with the
/// argument at fault.
pub(crate) fn check(table: &[Entry], kind: &str, verb: &Verb) -> Result<(), IntentError> {
    let entry = entry(table, kind, &verb.name)?;
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
    Ok(())
}

/// Checks what a swap says of its two records: another agent, another shift.
///
/// # Errors
/// `invalid_argument` with the argument at fault.
pub(crate) fn check_swap(resource: &Resource, verb: &Verb) -> Result<(), IntentError> {
    if verb.name != SWAP {
        return Ok(());
    }
    let fail = |name: &str, reason: &str| {
        Err(IntentError::new("invalid_argument", format!("/change/verb/args/{name}"), reason))
    };
    let own = resource.id().and_then(|id| id.split_once('/')).map(|(_, agent)| agent);
    let with = verb.args["with_agent_id"].as_str().unwrap_or_default();
    if own == Some(with) {
        return fail("with_agent_id", "must be another agent");
    }
    if with.contains('/') {
        return fail("with_agent_id", "must be the id of an agent in the same schedule");
    }
    if verb.args["shift_id"] == verb.args["with_shift_id"] {
        return fail("with_shift_id", "must be another shift");
    }
    Ok(())
}

/// The other half of a swap: the same as the other agent would say it.
pub(crate) fn exchange(resource: &Resource, verb: &Verb) -> Option<(Resource, Verb)> {
    let (schedule, agent) = resource.id().and_then(|id| id.split_once('/')).filter(|_| verb.name == SWAP)?;
    let args = &verb.args;
    let partner = format!("{schedule}/{}", args["with_agent_id"].as_str()?);
    let args = json!({"shift_id": args["with_shift_id"], "with_agent_id": agent, "with_shift_id": args["shift_id"]});
    Some((Resource::by_id(&resource.org, &resource.kind, &partner), Verb { name: SWAP.to_owned(), args }))
}

fn entry<'t>(table: &'t [Entry], kind: &str, name: &str) -> Result<&'t Entry, IntentError> {
    let mine = || table.iter().filter(|entry| entry.kind == kind);
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
pub(crate) fn run(table: &[Entry], kind: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError> {
    let mut said = verb.clone();
    if let Some(args) = said.args.as_object_mut().filter(|_| verb.name == SWAP) {
        for name in [GIVEN, TAKEN] {
            args.remove(name);
        }
    }
    check(table, kind, &said).map_err(VerbError::Invalid)?;
    let entry = entry(table, kind, &verb.name).map_err(VerbError::Invalid)?;
    (entry.run)(value, &verb.args)
}

/// A step to a state, in a field of the record, that its states do not allow.
pub(crate) fn misstep(reason: String, field: &str, wanted: &str) -> VerbError {
    VerbError::Misstep { reason, path: Pointer::from_segments([field]), wanted: wanted.into() }
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
