//! Standard Webhooks: `{"type", "timestamp", "data"}`, known by `webhook-id`.

use super::{Event, Message, Sender, json, key, object};
use ifmatch_core::{Digest, IntentError};

pub(super) fn event(message: Message<'_>) -> Result<Event, IntentError> {
    let value = object(json(message.body)?)?;
    let id = match message.sender {
        Sender::Signature { id } => id,
        Sender::Credentials => message.headers.value("webhook-id").filter(|id| !id.is_empty()),
    };
    let key = match id {
        Some(id) => key(id.to_owned()),
        None => Digest::of(message.body).to_string(),
    };
    Ok(Event { key, record: None, sequence: None, system: "webhook", payload: "/data", value })
}
