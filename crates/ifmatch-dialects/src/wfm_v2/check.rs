//! Checks an intent as it comes in: what is wrong here is the sender's to mend, and no request is
//! spent on it. Codes are stable: `unknown_kind`, `invalid_id`, `invalid_key`, `unknown_field`,
//! `invalid_field`, `invalid_interval`, `missing_field`, `naive_time`, `unsupported_change`, `unknown_operation`, and
//! those of verbs.

use super::fields::{self, Clock, Exists};
use super::kinds::{AGENT, Kinds, MANAGED, SCHEDULE, SCORE, TRADE, agent_parts};
use super::{reply, verbs};
use crate::{checks, instants};
use ifmatch_core::{Change, Intent, IntentError, KindSpec, Name, Operation, Resource};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Checks an intent.
///
/// # Errors
/// The field at fault and why.
pub(crate) fn check(kinds: &Kinds, intent: &Intent) -> Result<(), IntentError> {
    let kind = intent.resource.kind.as_str();
    let Some(spec) = kinds.get(kind) else {
        let reason = format!("wfm-v2 has the kinds {}", kinds.names().join(", "));
        return Err(IntentError::new("unknown_kind", "/resource/kind", reason));
    };
    name(spec, &intent.resource)?;
    match &intent.change {
        Change::MergePatch(value) => members(spec, value, "/change/merge_patch", Exists::Perhaps),
        Change::Desired(value) => members(spec, value, "/change/desired", Exists::Perhaps),
        Change::Create(value) => create(spec, &intent.resource, value),
        Change::JsonPatch(ops) => json_patch(spec, ops),
        Change::Delete(_) => Err(unsupported("/change/delete", "removed", kind)),
        Change::Verb(verb) => verbs::check(kind, verb).and_then(|()| verbs::check_swap(&intent.resource, verb)),
        Change::Operation(wanted) => operation(spec, wanted),
        Change::Undo(undo) => checks::undo(spec, undo),
    }
}

fn unsupported(field: &str, what: &str, kind: &str) -> IntentError {
    IntentError::new("unsupported_change", field, format!("a {kind} cannot be {what} in this API"))
}

fn name(spec: &KindSpec, resource: &Resource) -> Result<(), IntentError> {
    let invalid = |reason: &str| Err(IntentError::new("invalid_id", "/resource/id", reason));
    match &resource.name {
        Name::Id(id) if spec.name == AGENT && agent_parts(id).is_none() => invalid("must be <schedule_id>/<agent_id>"),
        Name::Id(id) if spec.name != AGENT && (id.trim().is_empty() || id.contains('/')) => {
            invalid("must be one id, without '/'")
        }
        Name::Id(_) => Ok(()),
        Name::External { .. } if spec.name == SCHEDULE => Ok(()),
        Name::Key(_) | Name::External { .. } if spec.natural_key.is_empty() => {
            invalid("this kind is named by its id only")
        }
        Name::Key(key) => checks::natural_key(spec, key),
        Name::External { .. } => Ok(()),
    }
}

/// Every member is known and has a value of its form. Managed fields are let through: a client that
/// sends back what it read means no change by them.
fn members(spec: &KindSpec, value: &Value, at: &str, exists: Exists) -> Result<(), IntentError> {
    let clock = Clock::of(value, exists);
    for (name, value) in value.as_object().into_iter().flatten() {
        known(spec, name, at)?;
        if spec.writable.contains(name) {
            fields::check(&spec.name, name, value, at, &clock)?;
        }
    }
    Ok(())
}

fn known(spec: &KindSpec, name: &str, at: &str) -> Result<(), IntentError> {
    if spec.writable.contains(name) || spec.identity.contains(name) || MANAGED.contains(&name) {
        return Ok(());
    }
    let reason = format!("a {} has the fields {}", spec.name, spec.writable.join(", "));
    Err(IntentError::new("unknown_field", format!("{at}/{name}"), reason))
}

fn create(spec: &KindSpec, resource: &Resource, value: &Value) -> Result<(), IntentError> {
    const AT: &str = "/change/create";
    if spec.name == AGENT {
        return Err(unsupported(AT, "created", &spec.name));
    }
    members(spec, value, AT, Exists::NotYet)?;
    if spec.name == SCHEDULE {
        return draft(resource, value);
    }
    let key: Value = match &resource.name {
        Name::Key(key) => serde_json::from_str(key).unwrap_or_default(),
        Name::Id(_) | Name::External { .. } => Value::Null,
    };
    let text = |name: &str| value.get(name).or_else(|| key.get(name)).and_then(Value::as_str);
    let has = |name: &str| text(name).is_some_and(|text| !text.is_empty());
    let missing = |name: &str, reason: &str| Err(IntentError::new("missing_field", format!("{AT}/{name}"), reason));
    let side = |name: &str| value["initiating"][name].as_str().is_some_and(|text| !text.is_empty());
    let shift = || side("agent_id") && side("shift_id");
    if spec.name == TRADE && !has("swap_request_id") && !has("trade_id") && resource.id().is_none() && !shift() {
        let reason =
            "a trade needs a swap_request_id, a trade_id, or the agent and the shift it begins with, to be found again";
        return missing("swap_request_id", reason);
    }
    if spec.name == SCORE {
        if let Some(name) = ["agent_email", "evaluation_form"].into_iter().find(|name| !has(name)) {
            return missing(name, "a score needs the fields of its natural key");
        }
        let reviewed = value["reviewed_at"].as_str().is_some_and(|text| instants::wall(text).is_some());
        if !has("review_date") && !reviewed && reply::review_date(value).is_none() {
            return missing("review_date", "a score needs a review_date, or reviewed_at and time_zone to compute it");
        }
    }
    Ok(())
}

/// A draft is found again by its mark, which is made from the name under which its source knows it. Its agents come after it.
fn draft(resource: &Resource, value: &Value) -> Result<(), IntentError> {
    let wrong = |code, field: &str, reason: &str| Err(IntentError::new(code, field, reason));
    if !matches!(resource.name, Name::External { .. }) {
        let reason =
            "a schedule that is to be made is named by `external`, the system and the id under which it is known there";
        return wrong("invalid_id", "/resource", reason);
    }
    if value.get("agent_ids").is_some() {
        let reason = "a schedule is made without agents; each agent-schedule is set once its id is known";
        return wrong("unknown_field", "/change/create/agent_ids", reason);
    }
    if value["business_unit_id"].as_str().is_none_or(str::is_empty) {
        return wrong("missing_field", "/change/create/business_unit_id", "a schedule needs its business unit");
    }
    if value["week"].as_str().is_none_or(|week| week.parse::<jiff::civil::Date>().is_err()) {
        return wrong(
            "missing_field",
            "/change/create/week",
            "a schedule needs its week, as the date of its first day",
        );
    }
    Ok(())
}

fn json_patch(spec: &KindSpec, ops: &Value) -> Result<(), IntentError> {
    for (index, op) in ops.as_array().into_iter().flatten().enumerate() {
        let at = format!("/change/json_patch/{index}");
        let path = op["path"].as_str().unwrap_or_default();
        let field = path.split('/').nth(1).unwrap_or_default();
        if op["op"] == "test" {
            continue;
        }
        if !spec.writable.contains(field) {
            let reason = format!("{path:?} is no writable field; a {} has {}", spec.name, spec.writable.join(", "));
            return Err(IntentError::new("unknown_field", format!("{at}/path"), reason));
        }
        let Some(value) = op.get("value") else {
            continue;
        };
        match path.split('/').nth(2) {
            None => {
                fields::check(&spec.name, field, value, &at, &Clock::Record).map_err(|error| at_value(error, &at))?
            }
            Some(_) => {
                let name = path.rsplit('/').next().unwrap_or_default();
                fields::times(name, value, &format!("{at}/value"), &Clock::Record)?;
            }
        }
    }
    Ok(())
}

/// The value of an operation stands under `value`, not under the name of the field.
fn at_value(error: IntentError, at: &str) -> IntentError {
    let rest = error.field.strip_prefix(at).unwrap_or_default();
    let below = rest.splitn(3, '/').nth(2).map(|rest| format!("/{rest}")).unwrap_or_default();
    IntentError { field: format!("{at}/value{below}"), ..error }
}

fn operation(spec: &KindSpec, wanted: &Operation) -> Result<(), IntentError> {
    if spec.operations.contains(&wanted.name) {
        return Ok(());
    }
    let reason = format!("the only operation is publish, on a schedule; a {} has none of that name", spec.name);
    Err(IntentError::new("unknown_operation", "/change/operation/name", reason))
}
