//! Plain JSON: what it means is said by the map, or it is an intent of ours.

use super::{Event, KEY_BYTES_MAX, Message, Part, Sender};
use ifmatch_core::IntentError;
use serde_json::Value;

/// The key that the message names: in a header, quoted or bare; under a signature the id that is signed, if any.
pub(super) fn key(message: Message<'_>) -> Result<Option<String>, IntentError> {
    let named = match message.sender {
        Sender::Signature { id } => return Ok(id.map(str::to_owned)),
        Sender::Credentials => message.headers.value("idempotency-key"),
    };
    let Some(named) = named.map(str::trim) else { return Ok(None) };
    let bare = named.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(named);
    match bare.len() {
        1..=KEY_BYTES_MAX => Ok(Some(bare.to_owned())),
        _ => Err(IntentError::new("invalid_event", "Idempotency-Key", "must have 1 to 255 bytes")),
    }
}

pub(super) fn event(value: Value, part: Part<'_>, named: Option<&str>) -> Result<Event, IntentError> {
    let key = match (named, part) {
        (Some(named), Part::Whole(_)) => named.to_owned(),
        (Some(named), Part::Item(at)) => super::key(format!("{named}:{at}")),
        (None, part) => part.digest(&value).to_string(),
    };
    Ok(Event { key, record: None, sequence: None, system: "plain", payload: "", value })
}
