//! Checks an intent as it comes in.

use super::description::FieldType;
use super::kind::Kind;
use super::{Rest, spelling};
use crate::checks;
use crate::instants::{self, NoInstant};
use ifmatch_core::{Change, Intent, IntentError, Name, Resource};
use serde_json::Value;

/// Checks an intent.
///
/// # Errors
/// The field at fault and why.
pub(super) fn check(rest: &Rest, intent: &Intent) -> Result<(), IntentError> {
    let Some(kind) = rest.described(&intent.resource) else {
        let reason = format!("the configuration describes the kinds {}", rest.kinds_named().join(", "));
        return Err(IntentError::new("unknown_kind", "/resource/kind", reason));
    };
    named(kind, &intent.resource)?;
    match &intent.change {
        Change::MergePatch(value) => members(kind, value, "/change/merge_patch"),
        Change::Desired(value) => members(kind, value, "/change/desired"),
        Change::Create(value) => create(kind, value),
        Change::JsonPatch(ops) => json_patch(kind, ops),
        Change::Delete(_) => Err(unsupported("/change/delete", kind, "removed")),
        Change::Verb(verb) => {
            let reason = format!("a {} has no verbs: say the fields", kind.spec.name);
            Err(IntentError::new("unknown_verb", "/change/verb/name", format!("{:?}: {reason}", verb.name)))
        }
        Change::Operation(_) => {
            let reason = format!("a {} has no operations", kind.spec.name);
            Err(IntentError::new("unknown_operation", "/change/operation/name", reason))
        }
        Change::Undo(undo) => checks::undo(&kind.spec, undo),
    }
}

fn unsupported(field: &str, kind: &Kind, what: &str) -> IntentError {
    IntentError::new("unsupported_change", field, format!("a {} cannot be {what}", kind.spec.name))
}

fn named(kind: &Kind, resource: &Resource) -> Result<(), IntentError> {
    let invalid = |reason: &str| Err(IntentError::new("invalid_id", "/resource/id", reason));
    match &resource.name {
        Name::Id(id) if id.trim().is_empty() || id.contains('/') => invalid("must be one id, without '/'"),
        Name::Id(_) => Ok(()),
        Name::Key(_) | Name::External { .. } if kind.spec.natural_key.is_empty() => {
            invalid("this kind is named by its id only: no `key` is described")
        }
        Name::Key(key) => checks::natural_key(&kind.spec, key),
        Name::External { .. } => Ok(()),
    }
}

/// Every field has a value of its type. What is not described is let through: a client that sends back what it read means no
/// change by it, and it is never written.
fn members(kind: &Kind, value: &Value, at: &str) -> Result<(), IntentError> {
    let mut known = false;
    for (name, value) in value.as_object().into_iter().flatten() {
        known |= kind.spec.writable.contains(name);
        if kind.spec.writable.contains(name) {
            fits(kind, name, value, &format!("{at}/{name}"))?;
        }
    }
    if known {
        return Ok(());
    }
    let reason = format!("says none of the fields of a {}: {}", kind.spec.name, kind.spec.writable.join(", "));
    Err(IntentError::new("unknown_field", at, reason))
}

fn fits(kind: &Kind, name: &str, value: &Value, at: &str) -> Result<(), IntentError> {
    let Some(field) = kind.fields.get(name) else { return Ok(()) };
    // The target may leave the offset out, since it has but one. What a source says by a clock on a wall is not known here.
    let text = value.as_str().filter(|text| *field == FieldType::Instant && !text.is_empty());
    if text.is_some_and(|text| instants::instant(text) == Err(NoInstant::Naive)) {
        return Err(IntentError::new("naive_time", at, "an instant needs its offset, as in 2026-10-25T02:30:00+01:00"));
    }
    let checked = spelling::canonical(kind.spelling, *field, value);
    checked.map(drop).map_err(|misfit| IntentError::new("invalid_field", at, misfit.0))
}

fn create(kind: &Kind, value: &Value) -> Result<(), IntentError> {
    if kind.create.is_none() {
        return Err(unsupported("/change/create", kind, "created: no `create` is described"));
    }
    members(kind, value, "/change/create")
}

fn json_patch(kind: &Kind, ops: &Value) -> Result<(), IntentError> {
    for (index, op) in ops.as_array().into_iter().flatten().enumerate() {
        let path = op["path"].as_str().unwrap_or_default();
        let mut parts = path.split('/').skip(1);
        let field = parts.next().unwrap_or_default();
        if op["op"] == "test" {
            continue;
        }
        if !kind.spec.writable.contains(field) {
            let list = kind.spec.writable.join(", ");
            let reason = format!("{path:?} is no writable field; a {} has {list}", kind.spec.name);
            return Err(IntentError::new("unknown_field", format!("/change/json_patch/{index}/path"), reason));
        }
        if let (None, Some(value)) = (parts.next(), op.get("value")) {
            fits(kind, field, value, &format!("/change/json_patch/{index}/value"))?;
        }
    }
    Ok(())
}
