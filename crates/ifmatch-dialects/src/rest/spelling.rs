//! Between values as the target spells them and as they are told here.
//!
//! Told here, a number is a number and an instant has its offset, whatever the target writes; a text field of a target that
//! writes everything as text is never absent, since it has no other word for nothing than the empty text.
//!
//! Laws: what was read, written and read again is the same; a value in its canonical form stays as it is.

use super::description::{FieldType, Spelling};
use super::kind::Kind;
use crate::instants;
use ifmatch_core::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Number, Value, json};

/// A value that fits no field of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit(pub(super) &'static str);

/// A record as it is told here. Fields that nothing was said of stay as they are.
pub(super) fn record(kind: &Kind, wire: &Value) -> Value {
    let Value::Object(members) = wire else { return wire.clone() };
    let read = |(name, value): (&String, &Value)| match kind.fields.get(name) {
        // What does not fit is kept as it is: it shows in a merge, and is never written.
        Some(field) => {
            canonical(kind.spelling, *field, value).unwrap_or_else(|_| Some(value.clone())).map(|v| (name.clone(), v))
        }
        None => Some((name.clone(), value.clone())),
    };
    Value::Object(members.iter().filter_map(read).collect())
}

/// What a sender says of a record, in canonical form: it may spell values as the target does. `null` stays where the target has
/// it; a cleared text of a target that writes text is the empty one.
pub(super) fn wish(kind: &Kind, said: &Value) -> Value {
    let Value::Object(members) = said else { return said.clone() };
    let one = |(name, value): (&String, &Value)| {
        let value = match kind.fields.get(name) {
            Some(field) => {
                canonical(kind.spelling, *field, value).map_or_else(|_| value.clone(), Option::unwrap_or_default)
            }
            None => value.clone(),
        };
        (name.clone(), value)
    };
    Value::Object(members.iter().map(one).collect())
}

/// A value in canonical form; `None` for nothing.
///
/// # Errors
/// It fits no field of that type.
pub(super) fn canonical(spelling: Spelling, field: FieldType, value: &Value) -> Result<Option<Value>, Misfit> {
    let text = spelling == Spelling::Text;
    let value = match (field, value) {
        (FieldType::Text, Value::Null) if text => return Ok(Some(json!(""))),
        (FieldType::Json, _) => return Ok(Some(value.clone())),
        (_, Value::Null) => return Ok(if text { None } else { Some(Value::Null) }),
        (FieldType::Reference, Value::Object(members)) if text => members.get("value").unwrap_or(&Value::Null),
        (_, value) => value,
    };
    match (field, value) {
        (FieldType::Text, Value::String(_)) => Ok(Some(value.clone())),
        (_, Value::String(empty)) if text && empty.is_empty() => Ok(None),
        (FieldType::Number, Value::Number(number)) => Ok(Some(Value::Number(whole(number)))),
        (FieldType::Number, Value::String(digits)) if text => number(digits),
        (FieldType::Boolean, Value::Bool(_)) => Ok(Some(value.clone())),
        (FieldType::Boolean, Value::String(word)) if text => match word.as_str() {
            "true" | "1" => Ok(Some(json!(true))),
            "false" | "0" => Ok(Some(json!(false))),
            _ => Err(Misfit("must be true or false")),
        },
        (FieldType::Instant, Value::String(at)) => instant(text, at),
        (FieldType::Reference, Value::String(_)) => Ok(Some(value.clone())),
        (FieldType::Reference, Value::Number(_)) if !text => Ok(Some(value.clone())),
        (FieldType::Number, _) => Err(Misfit("must be a number")),
        (FieldType::Boolean, _) => Err(Misfit("must be true or false")),
        (FieldType::Text, _) => Err(Misfit("must be text")),
        (FieldType::Instant, _) => Err(Misfit("must be an instant with its offset")),
        (FieldType::Reference | FieldType::Json, _) => Err(Misfit("must be the id of a record")),
    }
}

/// A value as the target wants it; `None` clears a field.
pub(super) fn wire(spelling: Spelling, field: FieldType, value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::Null);
    if spelling == Spelling::Plain || field == FieldType::Json {
        return value.clone();
    }
    match (field, value) {
        (_, Value::Null) => json!(""),
        (FieldType::Instant, Value::String(at)) => match instants::instant(at) {
            Ok(at) => json!(at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()),
            Err(_) => value.clone(),
        },
        (_, Value::Number(number)) => json!(number.to_string()),
        (_, Value::Bool(word)) => json!(word.to_string()),
        _ => value.clone(),
    }
}

/// The fields of a record as the target wants them.
pub(super) fn fields(kind: &Kind, members: &Map<String, Value>) -> Map<String, Value> {
    let one = |(name, value): (&String, &Value)| {
        let value = match kind.fields.get(name) {
            Some(field) => wire(kind.spelling, *field, Some(value)),
            None => value.clone(),
        };
        (name.clone(), value)
    };
    members.iter().map(one).collect()
}

/// The instant that a text tells; in text spelling also one without a mark, which is UTC there.
pub(super) fn moment(text: bool, at: &str) -> Option<Timestamp> {
    let local = || instants::wall(at).filter(|_| text)?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    instants::instant(at).ok().or_else(local)
}

fn instant(text: bool, at: &str) -> Result<Option<Value>, Misfit> {
    match moment(text, at) {
        // The target keeps no more than seconds, so no more is wished.
        Some(at) if text => Ok(Some(json!(Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()))),
        Some(_) => Ok(Some(json!(at))),
        None => Err(Misfit("must be an instant with its offset")),
    }
}

fn number(digits: &str) -> Result<Option<Value>, Misfit> {
    // A thousands' comma is not taken for a decimal one, nor left out.
    let read = digits.trim().parse::<Number>().map_err(|_| Misfit("must be a number"))?;
    Ok(Some(Value::Number(whole(&read))))
}

/// 85.0 is 85.
fn whole(number: &Number) -> Number {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9.0e15 => Number::from(float as i64),
        _ => number.clone(),
    }
}

#[cfg(test)]
mod tests;
