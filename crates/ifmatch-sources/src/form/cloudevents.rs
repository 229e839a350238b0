//! CloudEvents 1.0 over HTTP, in its three modes. Whatever the mode, an event has one shape here: the attributes and `data`.
//!
//! The mode is told by the beginning of the media type; that of a batch begins like that of a single event, so it is looked at first.

use super::{Event, Events, Message, Sender, json, key, object, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ifmatch_core::IntentError;
use serde_json::{Map, Value};

/// The prefix of headers that are attributes.
const PREFIX: &str = "ce-";

pub(super) fn events(message: Message<'_>) -> Result<Events, IntentError> {
    let media = message.headers.media_type();
    let other = || Err(invalid("content-type", "of the formats of events only JSON is understood"));
    if let Some(format) = media.strip_prefix("application/cloudevents-batch") {
        if !is_json(format) {
            return other();
        }
        let Value::Array(items) = json(message.body)? else { return Err(invalid("", "a batch is a JSON array")) };
        return Ok(Events::Many(items.into_iter().map(structured).collect()));
    }
    if let Some(format) = media.strip_prefix("application/cloudevents") {
        return if is_json(format) { structured(json(message.body)?).map(Events::One) } else { other() };
    }
    binary(message, &media).map(Events::One)
}

/// Whether the rest of a media type names JSON.
fn is_json(format: &str) -> bool {
    matches!(format, "" | "+json")
}

fn structured(value: Value) -> Result<Event, IntentError> {
    let Value::Object(mut members) = object(value)? else { return Err(invalid("", "an event is a JSON object")) };
    if let Some(encoded) = members.remove("data_base64") {
        let bytes = encoded.as_str().and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.ok_or_else(|| invalid("/data_base64", "must be base64"))?;
        let media = members.get("datacontenttype").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        members.insert("data".to_owned(), data(&media, &bytes, "/data_base64")?);
    }
    event(members)
}

/// Attributes in headers, the data in the body.
fn binary(message: Message<'_>, media: &str) -> Result<Event, IntentError> {
    if let Sender::Signature { .. } = message.sender {
        return Err(invalid("", "the attributes stand in headers, which are not signed: send it structured"));
    }
    let mut members = Map::new();
    for (name, value) in message.headers.beginning(PREFIX).filter(|(name, _)| *name != "datacontenttype") {
        let value = decoded(value).ok_or_else(|| invalid(&format!("{PREFIX}{name}"), "is no UTF-8 once decoded"))?;
        members.insert(name.to_owned(), Value::String(value));
    }
    if !message.body.is_empty() {
        members.insert("datacontenttype".to_owned(), Value::String(media.to_owned()));
        members.insert("data".to_owned(), data(media, message.body, "")?);
    }
    event(members)
}

/// The data by its media type: JSON, else text.
fn data(media: &str, bytes: &[u8], place: &str) -> Result<Value, IntentError> {
    if media.is_empty() || media == "application/json" || media.ends_with("+json") || media == "text/json" {
        return json(bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| invalid(place, "data that is neither JSON nor text"))?;
    Ok(Value::String(text.to_owned()))
}

fn event(members: Map<String, Value>) -> Result<Event, IntentError> {
    let value = Value::Object(members);
    let spec = text(&value, "/specversion")?;
    if !spec.starts_with("1.") {
        return Err(invalid("/specversion", "only CloudEvents 1.0 is understood"));
    }
    let (source, id) = (text(&value, "/source")?, text(&value, "/id")?);
    text(&value, "/type")?;
    let sequence = value.get("sequence").and_then(|sequence| match sequence {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    });
    // A blank parts the two: one within the source would make two pairs look alike.
    let source = source.replace(' ', "%20");
    let record = match value.get("subject").and_then(Value::as_str) {
        Some(subject) => format!("{source} {subject}"),
        None => source.clone(),
    };
    Ok(Event {
        key: key(format!("{source} {id}")),
        record: Some(record),
        sequence,
        system: "cloudevents",
        payload: "/data",
        value,
    })
}

/// The value of a header, decoded once. Quotes around it are taken off, and a percent sign that begins no code is left alone: some
/// senders do the one, some forget the other.
fn decoded(value: &str) -> Option<String> {
    let value = value.trim();
    let quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    let bare = match quoted {
        true => value[1..value.len() - 1].replace("\\\"", "\"").replace("\\\\", "\\"),
        false => value.to_owned(),
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (mut rest, mut bytes) = (bare.as_bytes(), Vec::with_capacity(bare.len()));
    while let Some((first, others)) = rest.split_first() {
        rest = match (first, others) {
            (b'%', [high, low, after @ ..]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).expect("two digits of 16 are a byte"));
                    after
                }
                _ => {
                    bytes.push(b'%');
                    others
                }
            },
            (other, others) => {
                bytes.push(*other);
                others
            }
        };
    }
    String::from_utf8(bytes).ok()
}

fn invalid(field: &str, reason: &str) -> IntentError {
    IntentError::new("invalid_event", field, reason)
}
