//! Snapshots: a record in canonical form, with its version wherever that is.

use super::description::VersionPlace;
use super::kind::Kind;
use super::spelling;
use ifmatch_core::{Precondition, Response, Snapshot, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// A snapshot of a record as the target spells it, from an answer with this tag.
pub(super) fn of(kind: &Kind, wire: &Value, tag: Option<&str>, now: Timestamp) -> Snapshot {
    let (version, etag) = version(kind, wire, tag);
    let text = |at: &Option<String>| wire.pointer(at.as_deref()?).and_then(told);
    let text_spelling = kind.spelling == super::description::Spelling::Text;
    Snapshot {
        version,
        etag,
        writer: text(&kind.modified_by),
        modified_at: text(&kind.modified_at).and_then(|at| spelling::moment(text_spelling, &at)),
        read_at: now,
        seen_after: None,
        shown_to: BTreeMap::new(),
        value: spelling::record(kind, wire).into(),
    }
}

/// What was written, where the answer does not show it: no version is claimed but one that the answer's tag tells.
pub(super) fn written(kind: &Kind, to: &Value, tag: Option<&str>, now: Timestamp) -> Snapshot {
    let (version, etag) = match kind.version {
        VersionPlace::Etag | VersionPlace::EtagCount => version(kind, &Value::Null, tag),
        VersionPlace::Count(_) | VersionPlace::Stamp(_) => (None, None),
    };
    let mut value = to.clone();
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !kind.spec.version_fields.contains(name));
    }
    let empty = of(kind, &Value::Null, None, now);
    Snapshot { version, etag, value: value.into(), ..empty }
}

/// The version, and what names it byte for byte: the tag, or the time of the last change as the record spells it.
fn version(kind: &Kind, wire: &Value, tag: Option<&str>) -> (Option<u64>, Option<String>) {
    let tagged = || tag.map(str::to_owned);
    match &kind.version {
        VersionPlace::Etag => (None, tagged()),
        VersionPlace::EtagCount => (tag.and_then(tag_count), tagged()),
        VersionPlace::Count(at) => (wire.pointer(at).and_then(count), tagged()),
        VersionPlace::Stamp(at) => {
            let stamp = wire.pointer(at).and_then(Value::as_str);
            (stamp.and_then(stamp_version), stamp.map(str::to_owned))
        }
    }
}

/// The version that a body or a header of a client names.
pub(super) fn named(kind: &Kind, body: &Value, wrapped: &Value, tag: Option<&str>) -> Option<u64> {
    let at_precondition = match &kind.precondition {
        super::description::PreconditionPlace::Body { at, .. } => body.pointer(at),
        _ => None,
    };
    match &kind.version {
        VersionPlace::Etag => None,
        VersionPlace::EtagCount => tag.and_then(tag_count),
        VersionPlace::Count(at) => at_precondition.or_else(|| wrapped.pointer(at)).and_then(count),
        VersionPlace::Stamp(at) => {
            at_precondition.or_else(|| wrapped.pointer(at)).and_then(Value::as_str).and_then(stamp_version)
        }
    }
}

/// How a write spells what it was made from in a body.
pub(super) fn spelt(kind: &Kind, precondition: &Precondition) -> Option<Value> {
    match kind.version {
        VersionPlace::Stamp(_) => precondition.etag.clone().map(Value::from),
        _ => precondition.version.map(|version| spelling::wire(kind.spelling, NUMBER, Some(&version.into()))),
    }
}

const NUMBER: super::description::FieldType = super::description::FieldType::Number;

/// The tag of an answer.
pub(super) fn tag(response: &Response) -> Option<&str> {
    response.header("etag").map(str::trim).filter(|tag| !tag.is_empty())
}

/// Milliseconds since 1970: what a stamp is worth as a version.
fn stamp_version(text: &str) -> Option<u64> {
    u64::try_from(spelling::moment(true, text)?.as_millisecond()).ok()
}

/// A whole number, also where it is written as text.
fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The number between the quotes of a tag, strong or weak. A long one may be a hash in digits.
fn tag_count(tag: &str) -> Option<u64> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if digits.len() > 12 { None } else { digits.parse().ok() }
}

/// A text, or a number as text.
pub(super) fn told(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(members) => members.get("value").and_then(told),
        _ => None,
    }
}
