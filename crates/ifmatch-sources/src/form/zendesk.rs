//! Zendesk: the body that a trigger's author wrote, or the envelope of an event subscription.

use super::{Event, Part, key, text};
use crate::readers::zendesk::SYSTEM;
use ifmatch_core::IntentError;
use serde_json::Value;

/// What the types of event subscriptions begin with.
const TYPE: &str = "zen:event-type:";

/// An envelope is known by its id, which is signed. In a trigger's body a member `id` may be anything, mostly the ticket's number.
pub(super) fn event(value: Value, part: Part<'_>) -> Result<Event, IntentError> {
    let subscribed = value.get("type").and_then(Value::as_str).is_some_and(|name| name.starts_with(TYPE));
    let name = match subscribed {
        true => text(&value, "/id")?,
        false => part.digest(&value).to_string(),
    };
    Ok(Event { key: key(format!("{SYSTEM}:{name}")), record: None, sequence: None, system: SYSTEM, payload: "", value })
}
