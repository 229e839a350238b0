//! Checks an intent as it comes in: what is wrong here is the sender's to mend, and no request is spent on it.

use super::kinds::{AGENT, EVALUATION, Kind, Kinds, METADATA, TIME_OFF, TIMES, TRADE};
use super::{creations, verbs};
use crate::checks;
use crate::instants::{self, NoInstant};
use ifmatch_core::{Change, Intent, IntentError, Name, Operation, Resource};
use serde_json::Value;
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// Checks an intent.
///
/// # Errors
/// The field at fault and why.
pub(crate) fn check(kinds: &Kinds, intent: &Intent) -> Result<(), IntentError> {
    let name = intent.resource.kind.as_str();
    let Some(kind) = kinds.get(name) else {
        let reason = format!("genesys-cloud has the kinds {}", kinds.names().join(", "));
        return Err(IntentError::new("unknown_kind", "/resource/kind", reason));
    };
    named(kind, &intent.resource)?;
    match &intent.change {
        Change::MergePatch(value) => members(kind, value, "/change/merge_patch"),
        Change::Desired(value) => members(kind, value, "/change/desired"),
        Change::Create(value) => create(kind, &intent.resource, value),
        Change::JsonPatch(ops) => json_patch(kind, ops),
        Change::Delete(_) => {
            let reason = format!("a {name} cannot be removed: the API removes records whatever their version is");
            Err(IntentError::new("unsupported_change", "/change/delete", reason))
        }
        Change::Verb(verb) => verbs::check(&intent.resource, verb),
        Change::Operation(wanted) => operation(kind, wanted),
        Change::Undo(undo) => checks::undo(&kind.spec, undo),
    }
}

fn named(kind: &Kind, resource: &Resource) -> Result<(), IntentError> {
    let invalid = |reason: String| Err(IntentError::new("invalid_id", "/resource/id", reason));
    match &resource.name {
        Name::Id(id) if kind.parts(id).is_none() => invalid(format!("must be {}", kind.id_form())),
        Name::Id(_) => Ok(()),
        Name::Key(_) | Name::External { .. } if !creations::can(kind.spec.name) => {
            invalid("this kind is named by its id only".to_owned())
        }
        Name::External { .. } => Ok(()),
        Name::Key(key) => checks::natural_key(&kind.spec, key),
    }
}

/// Every member is known, and its times are instants. What the target sets is let through: a client that sends back what it
/// read means no change by it.
fn members(kind: &Kind, value: &Value, at: &str) -> Result<(), IntentError> {
    for (name, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        known(kind, name, &at)?;
        if kind.spec.writable.contains(&name.as_str()) && !value.is_null() {
            field(kind, name, value, &at)?;
        }
    }
    Ok(())
}

/// Fields of records that no client writes.
const MANAGED: &[&str] = &[
    METADATA,
    "selfUri",
    "agentCount",
    "valid",
    "active",
    "defaultCode",
    "isFullDayRequest",
    "markedAsRead",
    "substatus",
    "submittedBy",
    "submittedDate",
    "reviewedBy",
    "reviewedDate",
    "modifiedBy",
    "modifiedDate",
    "syncVersion",
    "businessUnitTimeZone",
    "published",
    "weekCount",
    "window",
    "changedDate",
    "createdDate",
    "version",
];

/// The same of one kind: whoever sends a record back as it was read sends them too.
fn managed_of(kind: &str) -> &'static [&'static str] {
    match kind {
        EVALUATION => &[
            "agentTeam",
            "aiScoring",
            "assigned",
            "assignedDate",
            "assigneeApplicable",
            "authorizedActions",
            "calibration",
            "conversationDate",
            "conversationEndDate",
            "dateAssigneeChanged",
            "declinedReview",
            "disputeCount",
            "divisionIds",
            "evaluationContextId",
            "evaluationSource",
            "hasAssistanceFailed",
            "isScoringIndex",
            "mediaType",
            "name",
            "queue",
            "redacted",
            "resourceId",
            "resourceType",
            "retractedEvaluation",
            "revisionCreatedDate",
            "versionHistory",
        ],
        _ => &[],
    }
}

fn known(kind: &Kind, name: &str, at: &str) -> Result<(), IntentError> {
    let listed = |names: &[&str]| names.contains(&name);
    let managed = listed(MANAGED) || listed(managed_of(kind.spec.name));
    if managed || listed(kind.spec.writable) || listed(kind.spec.identity) || listed(kind.owners()) {
        return Ok(());
    }
    let reason = format!("a {} has the fields {}", kind.spec.name, kind.spec.writable.join(", "));
    Err(IntentError::new("unknown_field", at, reason))
}

fn field(kind: &Kind, name: &str, value: &Value, at: &str) -> Result<(), IntentError> {
    let invalid = |reason: &str| Err(IntentError::new("invalid_field", at, reason));
    let one_of = |known: &[&str]| value.as_str().is_some_and(|text| known.contains(&text));
    match (kind.spec.name, name) {
        (TRADE, "state") if !one_of(&["Approved", "Denied"]) => {
            return invalid("must be Approved or Denied: everything else is the agents' to decide");
        }
        (TIME_OFF, "status") if !one_of(&["PENDING", "APPROVED", "DENIED"]) => {
            return invalid("must be PENDING, APPROVED or DENIED");
        }
        (AGENT, "shifts") => shifts(value, at)?,
        _ => {}
    }
    times(name, value, at)
}

/// Shifts are told apart by id.
fn shifts(value: &Value, at: &str) -> Result<(), IntentError> {
    let Some(list) = value.as_array() else {
        return Err(IntentError::new("invalid_field", at, "must be a list of shifts"));
    };
    let mut seen = BTreeSet::new();
    for (index, shift) in list.iter().enumerate() {
        let Some(id) = shift["id"].as_str().filter(|id| !id.is_empty()) else {
            return Err(IntentError::new("invalid_field", format!("{at}/{index}/id"), "a shift has an id"));
        };
        if !seen.insert(id) {
            return Err(IntentError::new("invalid_field", format!("{at}/{id}"), "the shift is given twice"));
        }
        let length = shift.get("lengthMinutes");
        if length.is_some_and(|length| !length.as_i64().is_some_and(|n| (1..=7 * 24 * 60).contains(&n))) {
            let reason = "must be a whole number of minutes, at least 1";
            return Err(IntentError::new("invalid_field", format!("{at}/{id}/lengthMinutes"), reason));
        }
    }
    Ok(())
}

/// Every time in a value, at whatever depth, is an instant. A date alone is none, and is meant where one stands.
fn times(name: &str, value: &Value, at: &str) -> Result<(), IntentError> {
    match value {
        Value::Object(members) => {
            members.iter().try_for_each(|(name, value)| times(name, value, &format!("{at}/{name}")))
        }
        Value::Array(list) => list.iter().enumerate().try_for_each(|(index, item)| {
            let key = item["id"].as_str().map_or_else(|| index.to_string(), str::to_owned);
            times(name, item, &format!("{at}/{key}"))
        }),
        Value::String(text) if TIMES.contains(&name) && text.contains(['T', ' ']) => match instants::instant(text) {
            Ok(_) => Ok(()),
            Err(NoInstant::Naive) => {
                let reason = "a local time needs an offset, such as 2026-10-25T02:30:00+01:00";
                Err(IntentError::new("naive_time", at, reason))
            }
            Err(NoInstant::Malformed) => {
                Err(IntentError::new("invalid_field", at, "must be an instant such as 2026-10-25T02:30:00+01:00"))
            }
        },
        _ => Ok(()),
    }
}

fn create(kind: &Kind, resource: &Resource, value: &Value) -> Result<(), IntentError> {
    const AT: &str = "/change/create";
    let name = kind.spec.name;
    if !creations::can(name) || resource.id().is_some() {
        let reason = match creations::can(name) {
            true => format!("a {name} that shall be created has no id yet: name it by `key` or `external`"),
            false => format!("a {name} cannot be created in this API"),
        };
        return Err(IntentError::new("unsupported_change", AT, reason));
    }
    members(kind, value, AT)?;
    let key: Value = match &resource.name {
        Name::Key(key) => serde_json::from_str(key).unwrap_or_default(),
        Name::Id(_) | Name::External { .. } => Value::Null,
    };
    let has = |name: &str| value.get(name).or_else(|| key.get(name)).is_some_and(|value| !value.is_null());
    let missing = kind.owners().iter().chain(creations::required(name)).find(|name| !has(name));
    missing.map_or(Ok(()), |field| {
        let reason = format!("a {name} cannot be created without it");
        Err(IntentError::new("missing_field", format!("{AT}/{field}"), reason))
    })
}

fn json_patch(kind: &Kind, ops: &Value) -> Result<(), IntentError> {
    for (index, op) in ops.as_array().into_iter().flatten().enumerate() {
        let path = op["path"].as_str().unwrap_or_default();
        let name = path.split('/').nth(1).unwrap_or_default();
        let at = format!("/change/json_patch/{index}");
        if op["op"] != "test" && !kind.spec.writable.contains(&name) {
            let list = kind.spec.writable.join(", ");
            let reason = format!("{path:?} is no writable field; a {} has {list}", kind.spec.name);
            return Err(IntentError::new("unknown_field", format!("{at}/path"), reason));
        }
        if let Some(value) = op.get("value").filter(|value| !value.is_null()) {
            let last = path.rsplit('/').next().unwrap_or_default();
            match path.split('/').count() {
                0..=2 => field(kind, name, value, &format!("{at}/value"))?,
                _ => times(last, value, &format!("{at}/value"))?,
            }
        }
    }
    Ok(())
}

fn operation(kind: &Kind, wanted: &Operation) -> Result<(), IntentError> {
    if kind.spec.operations.contains(&wanted.name.as_str()) {
        return Ok(());
    }
    let reason =
        format!("the only operation is publish, on a week-schedule; a {} has none of that name", kind.spec.name);
    Err(IntentError::new("unknown_operation", "/change/operation/name", reason))
}
