//! Which envelope a message has: the events in it, each with its identity and order in the sender's own terms.
//!
//! | form | what a body is | key | record and sequence |
//! |---|---|---|---|
//! | [`Form::Servicenow`] | the fields of a record | `servicenow:<sys_id>:<sys_mod_count>` | `sys_id`, `sys_mod_count` |
//! | [`Form::Zendesk`] | a trigger's body, or an event subscription's envelope | the envelope's `id`, else the body's digest | none |
//! | [`Form::Cloudevents`] | a CloudEvent: binary, structured, or a batch | `source` and `id` | `source` and `subject`, `sequence` |
//! | [`Form::Webhook`] | the payload of Standard Webhooks | `webhook-id` | none |
//! | [`Form::Plain`] | an object | `Idempotency-Key`, else the body's digest | none |
//!
//! But for CloudEvents and Standard Webhooks a body may be a list as well, or NDJSON where its media type says so.

mod cloudevents;
mod plain;
mod servicenow;
#[cfg(test)]
mod tests;
mod webhook;
mod zendesk;

use crate::Headers;
use ifmatch_core::{Digest, IntentError};
use serde::Deserialize;
use serde_json::Value;

/// The longest key that an intent may have, in bytes.
const KEY_BYTES_MAX: usize = 255;

/// An envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The fields of a ServiceNow record.
    Servicenow,
    /// A body of a Zendesk webhook.
    Zendesk,
    /// CloudEvents 1.0 over HTTP.
    Cloudevents,
    /// The payload of Standard Webhooks: `{"type", "timestamp", "data"}`.
    Webhook,
    /// JSON that means what the map says.
    Plain,
}

/// What came, as far as the form looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its headers.
    pub headers: &'a Headers,
    /// Its body, byte for byte.
    pub body: &'a [u8],
    /// How its sender is known.
    pub sender: Sender<'a>,
}

/// How the sender of a message is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender<'a> {
    /// By credentials that came with it: headers are the sender's as well.
    Credentials,
    /// By a signature: only what is signed is the sender's.
    Signature {
        /// The id that is signed together with the body, where there is one.
        id: Option<&'a str>,
    },
}

/// Something that happened at the sender.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What pointers of a map point into.
    pub value: Value,
    /// Where in it an intent of ours would be, for sources without a map.
    pub payload: &'static str,
    /// The system's name.
    pub system: &'static str,
    /// The foreign record that it is about.
    pub record: Option<String>,
    /// Its place among the events about that record.
    pub sequence: Option<u64>,
    /// The key under which a repetition of it is known.
    pub key: String,
}

/// The events of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Events {
    /// The message is one.
    One(Event),
    /// The message is a list, each with its own fault.
    Many(Vec<Result<Event, IntentError>>),
}

impl Form {
    /// The name in configurations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Servicenow => "servicenow",
            Self::Zendesk => "zendesk",
            Self::Cloudevents => "cloudevents",
            Self::Webhook => "webhook",
            Self::Plain => "plain",
        }
    }

    /// Reads the events of a message.
    ///
    /// # Errors
    /// The message as a whole cannot be read, or its only event: `invalid_json`, `invalid_event`, `missing_field` or
    /// `invalid_number`, with the place.
    pub fn read(self, message: Message<'_>) -> Result<Events, IntentError> {
        match self {
            Self::Servicenow => each(message, |value, _| servicenow::event(value)),
            Self::Zendesk => each(message, zendesk::event),
            Self::Plain => {
                let key = plain::key(message)?;
                each(message, |value, part| plain::event(value, part, key.as_deref()))
            }
            Self::Webhook => webhook::event(message).map(Events::One),
            Self::Cloudevents => cloudevents::events(message),
        }
    }
}

/// Which part of a message a value is.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    /// All of it: these bytes.
    Whole(&'a [u8]),
    /// One of many, by its place from 0.
    Item(usize),
}

impl Part<'_> {
    /// The digest of a part, which names it where nothing else does.
    fn digest(self, value: &Value) -> Digest {
        match self {
            Self::Whole(bytes) => Digest::of(bytes),
            Self::Item(_) => ifmatch_core::value_digest(Some(value)),
        }
    }
}

/// One object, a list of them, or one a line.
fn each(
    message: Message<'_>,
    read: impl Fn(Value, Part<'_>) -> Result<Event, IntentError>,
) -> Result<Events, IntentError> {
    let item = |(at, value): (usize, Value)| read(object(value)?, Part::Item(at));
    if ["application/x-ndjson", "application/ndjson", "application/jsonl"]
        .contains(&message.headers.media_type().as_str())
    {
        let lines = message.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        return Ok(Events::Many(
            lines.enumerate().map(|(at, line)| json(line).and_then(|value| item((at, value)))).collect(),
        ));
    }
    match json(message.body)? {
        Value::Array(items) => Ok(Events::Many(items.into_iter().enumerate().map(item).collect())),
        value => read(object(value)?, Part::Whole(message.body)).map(Events::One),
    }
}

fn json(bytes: &[u8]) -> Result<Value, IntentError> {
    serde_json::from_slice(bytes).map_err(|error| IntentError::new("invalid_json", "", format!("no JSON: {error}")))
}

fn object(value: Value) -> Result<Value, IntentError> {
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(IntentError::new("invalid_event", "", "an event is a JSON object")),
    }
}

/// A key, or a digest in place of one that is too long.
fn key(text: String) -> String {
    match text.len() {
        1..=KEY_BYTES_MAX => text,
        _ => Digest::of(text.as_bytes()).to_string(),
    }
}

/// A text that is there and not empty, also where it is written as a number.
fn text(value: &Value, pointer: &str) -> Result<String, IntentError> {
    match value.pointer(pointer) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(IntentError::new("missing_field", pointer, "text is needed here")),
    }
}

/// A whole number from 0, also where it is written as text.
fn count(value: &Value, pointer: &str) -> Result<u64, IntentError> {
    let number = match value.pointer(pointer) {
        None | Some(Value::Null) => return Err(IntentError::new("missing_field", pointer, "a number is needed here")),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_u64(),
    };
    number.ok_or_else(|| IntentError::new("invalid_number", pointer, "a whole number is needed here"))
}
