//! Conversions: what a sender spells, as the target's records spell it.

use super::As;
use super::condition::written;
use ifmatch_core::Timestamp;
use ifmatch_dialects::instants;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// A stable code and what would be right.
type Fault = (&'static str, &'static str);

const TEXT: Fault = ("invalid_field", "must be a text, a number or a boolean");
const INTEGER: Fault = ("invalid_number", "must be a whole number");
const NUMBER: Fault = ("invalid_number", "must be a number");
const BOOLEAN: Fault = ("invalid_field", "must be true or false");
const INSTANT: Fault = ("invalid_time", "must be a time with an offset such as 2026-10-24T22:30:00Z");
const UTC: Fault = ("invalid_time", "must be a time in UTC such as 2026-10-24 22:30:00");
const UNIX: Fault = ("invalid_time", "must be seconds since 1970, a whole number");
const LOCAL: Fault = ("invalid_time", "must be a local time such as 2026-10-25T02:30");
const DATE: Fault = ("invalid_time", "must be a date, or an instant");
const ZONE: Fault = ("unknown_time_zone", "its zone is no IANA zone such as Europe/Paris");

/// The value that a found one becomes.
pub(super) fn convert(to: As, found: &Value, zone: Option<&str>) -> Result<Value, Fault> {
    let text = written(found).ok_or(TEXT)?;
    let text = match to {
        As::Text => return Ok(json!(text)),
        As::Lower => return Ok(json!(text.to_lowercase())),
        _ => text.trim(),
    };
    Ok(match to {
        As::Text | As::Lower => json!(text),
        As::Integer => json!(text.parse::<i64>().map_err(|_| INTEGER)?),
        As::Number => number(text).ok_or(NUMBER)?,
        As::Boolean => json!(boolean(text).ok_or(BOOLEAN)?),
        As::Instant => json!(instants::instant(text).map_err(|_| INSTANT)?.to_string()),
        As::Utc => json!(utc(text).ok_or(UTC)?.to_string()),
        As::Unix => json!(unix(text).ok_or(UNIX)?.to_string()),
        As::Local => json!(local(text, zone)?),
        As::LocalDate => json!(local_date(text, zone)?),
    })
}

/// A number as it is written, so that whole ones stay whole.
fn number(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok().filter(Value::is_number)
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn utc(text: &str) -> Option<Timestamp> {
    if let Ok(at) = instants::instant(text) {
        return Some(at);
    }
    let at = text.parse::<DateTime>().ok().filter(|_| text.contains(':'))?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn unix(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.parse().ok()?).ok()
}

/// With its zone, unless it names one itself or is an instant already.
fn local(text: &str, zone: Option<&str>) -> Result<String, Fault> {
    if instants::instant(text).is_ok() {
        return Ok(text.to_owned());
    }
    let at = instants::wall(text).ok_or(LOCAL)?;
    match zone {
        _ if text.contains('[') => Ok(text.to_owned()),
        None => Ok(at.to_string()),
        Some(zone) if instants::zone(zone).is_some() => Ok(format!("{at}[{zone}]")),
        Some(_) => Err(ZONE),
    }
}

/// A date is one already; an instant has one by the zone's calendar.
fn local_date(text: &str, zone: Option<&str>) -> Result<String, Fault> {
    if !text.contains(':') && text.contains('-') {
        return text.parse::<Date>().map(|date| date.to_string()).map_err(|_| DATE);
    }
    let at = utc(text).or_else(|| unix(text)).ok_or(DATE)?;
    let zone = zone.and_then(instants::zone).ok_or(ZONE)?;
    Ok(at.to_zoned(zone).date().to_string())
}
