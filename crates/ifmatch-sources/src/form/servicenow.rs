//! ServiceNow: the fields of a record, with its own count of changes.

use super::{Event, count, text};
use crate::readers::servicenow::SYSTEM;
use ifmatch_core::IntentError;
use serde_json::Value;

/// A record as it stood after a change. Its deletion repeats the count of the change before: it is the step after that, and has a
/// key of its own.
pub(super) fn event(value: Value) -> Result<Event, IntentError> {
    let (sys_id, changes) = (text(&value, "/sys_id")?, count(&value, "/sys_mod_count")?);
    let deleted = value.get("operation").and_then(Value::as_str) == Some("delete");
    let step = if deleted { ":delete" } else { "" };
    Ok(Event {
        key: super::key(format!("{SYSTEM}:{sys_id}:{changes}{step}")),
        sequence: Some(changes.saturating_add(u64::from(deleted))),
        record: Some(sys_id),
        system: SYSTEM,
        payload: "",
        value,
    })
}
