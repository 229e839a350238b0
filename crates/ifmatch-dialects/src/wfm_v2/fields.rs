//! The form of single values: what a writable field may hold. A `null` clears a field and is let
//! through everywhere.

use super::invariants::is_score;
use super::kinds::{AGENT, TIMES, TRADE};
use super::local::{self, key};
use crate::instants::{self, NoInstant};
use ifmatch_core::IntentError;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// The statuses of a trade.
pub(crate) const TRADE_STATUSES: &[&str] = &["pending", "matched", "approved", "denied", "cancelled", "expired"];
const AVAILABILITIES: &[&str] = &["available", "unavailable", "training"];

/// Members that bound a span: it ends after it starts.
const BOUNDS: [(&str, &str); 2] = [("start", "end"), ("from", "until")];

/// Whose clock a local time goes by.
pub(crate) enum Clock {
    /// That of the zone in the same body.
    Body(TimeZone),
    /// That of the record's zone: known when the record is read.
    Record,
    /// Nobody's: there is neither.
    None,
}

impl Clock {
    /// The clock for a body; `exists` says whether it is about a record that may have a zone.
    pub(crate) fn of(body: &Value, exists: Exists) -> Self {
        match (local::zone_of(body), exists) {
            (Some(zone), _) => Self::Body(zone),
            (None, Exists::Perhaps) => Self::Record,
            (None, Exists::NotYet) => Self::None,
        }
    }

    fn zone(&self) -> Option<&TimeZone> {
        match self {
            Self::Body(zone) => Some(zone),
            Self::Record | Self::None => None,
        }
    }
}

/// Whether a body is about a record that exists.
#[derive(Clone, Copy)]
pub(crate) enum Exists {
    Perhaps,
    NotYet,
}

/// Checks the value of a writable field; `at` is the pointer of the object that holds it.
///
/// # Errors
/// `naive_time` for a local time that goes by nobody's clock, `invalid_interval` for a span that ends before it
/// starts, `invalid_field` for any other wrong form.
pub(crate) fn check(kind: &str, name: &str, value: &Value, at: &str, clock: &Clock) -> Result<(), IntentError> {
    if value.is_null() {
        return Ok(());
    }
    let at = format!("{at}/{name}");
    let invalid = |reason: &str| Err(IntentError::new("invalid_field", at.clone(), reason));
    match name {
        "score" if !is_score(value) => return invalid("must be a number from 0 to 100"),
        "time_zone" if value.as_str().and_then(instants::zone).is_none() => {
            return invalid("must be an IANA time zone such as Europe/Paris");
        }
        "status" if kind == TRADE && !one_of(value, TRADE_STATUSES) => {
            return invalid("must be pending, matched, approved, denied, cancelled or expired");
        }
        "comments" | "notes" | "evaluation_form" | "correlation_id" | "swap_request_id" | "description"
            if !value.is_string() =>
        {
            return invalid("must be text");
        }
        "initiating" | "receiving" | "availability" if !value.is_object() => {
            return invalid("must be an object");
        }
        "shifts" if kind == AGENT => shifts(value, &at)?,
        "availability" if value.get("status").is_some_and(|status| !one_of(status, AVAILABILITIES)) => {
            return Err(IntentError::new(
                "invalid_field",
                format!("{at}/status"),
                "must be available, unavailable or training",
            ));
        }
        _ => {}
    }
    times(name, value, &at, clock)
}

fn one_of(value: &Value, known: &[&str]) -> bool {
    value.as_str().is_some_and(|text| known.contains(&text))
}

/// Every time in a value, at whatever depth, is an instant or goes by somebody's clock, and every span whose bounds
/// are both known ends after it starts.
pub(crate) fn times(name: &str, value: &Value, at: &str, clock: &Clock) -> Result<(), IntentError> {
    match value {
        Value::Object(members) => {
            members.iter().try_for_each(|(name, value)| times(name, value, &format!("{at}/{name}"), clock))?;
            BOUNDS.iter().try_for_each(|bounds| span(members, *bounds, at, clock))
        }
        Value::Array(items) => {
            let item = |(index, item): (usize, &Value)| times("", item, &format!("{at}/{}", key(item, index)), clock);
            items.iter().enumerate().try_for_each(item)
        }
        Value::Null => Ok(()),
        _ if !TIMES.contains(&name) => Ok(()),
        Value::String(text) => match (instants::instant(text), instants::zone_in(text)) {
            (Err(NoInstant::Malformed), _) => Err(no_time(at)),
            (_, Some(None)) => Err(IntentError::new(
                "invalid_field",
                at,
                "must name an IANA time zone such as [Europe/Paris], or none",
            )),
            (Err(NoInstant::Naive), None) if matches!(clock, Clock::None) => Err(local::naive(at, "")),
            _ => Ok(()),
        },
        _ => Err(no_time(at)),
    }
}

/// A span whose bounds are known, local ones by their zone's clock, ends after it starts. One in doubt, or by the clock
/// of a record that is not read yet, is judged later.
fn span(members: &Map<String, Value>, bounds: (&str, &str), at: &str, clock: &Clock) -> Result<(), IntentError> {
    let known = |name: &str| local::single(members.get(name)?.as_str()?, clock.zone());
    match (known(bounds.0), known(bounds.1)) {
        (Some(start), Some(end)) if end <= start => {
            let reason = format!("must be after {}: these are the instants {start} and {end}", bounds.0);
            Err(IntentError::new("invalid_interval", format!("{at}/{}", bounds.1), reason))
        }
        _ => Ok(()),
    }
}

fn no_time(at: &str) -> IntentError {
    IntentError::new("invalid_field", at, "must be an instant such as 2026-10-25T02:30:00+01:00")
}

/// Shifts are told apart by id; each field that is given has its form.
fn shifts(value: &Value, at: &str) -> Result<(), IntentError> {
    let fail = |at: String, reason: &str| Err(IntentError::new("invalid_field", at, reason));
    let Some(list) = value.as_array() else {
        return fail(at.to_owned(), "must be a list of shifts");
    };
    let mut seen = std::collections::BTreeSet::new();
    for (index, shift) in list.iter().enumerate() {
        let at = format!("{at}/{}", key(shift, index));
        let id = shift["id"].as_str().filter(|id| !id.is_empty());
        let Some(id) = id else {
            return fail(format!("{at}/id"), "a shift has an id");
        };
        if !seen.insert(id) {
            return fail(at, "the shift is given twice");
        }
        if shift.get("length_minutes").is_some_and(|minutes| !is_length(minutes)) {
            return fail(format!("{at}/length_minutes"), "must be a whole number of minutes, at least 1");
        }
        match shift.get("activities") {
            None | Some(Value::Null) => {}
            Some(Value::Array(list)) => list.iter().try_for_each(|activity| activity_form(activity, &at))?,
            Some(_) => return fail(format!("{at}/activities"), "must be a list of activities"),
        }
    }
    Ok(())
}

fn activity_form(activity: &Value, at: &str) -> Result<(), IntentError> {
    let whole = activity["start"].is_string() && is_length(&activity["length_minutes"]) && activity["code"].is_string();
    if whole {
        return Ok(());
    }
    Err(IntentError::new("invalid_field", format!("{at}/activities"), "an activity has start, length_minutes and code"))
}

fn is_length(value: &Value) -> bool {
    value.as_i64().is_some_and(|minutes| (1..=7 * 24 * 60).contains(&minutes))
}
