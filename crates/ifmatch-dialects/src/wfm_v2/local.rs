//! Local times in a wish: which members hold a time, whose clock they go by, and what that makes of
//! them.
//!
//! A time without an offset goes by the zone that its own text names, else by the `time_zone` beside it
//! in the same body, else by that of the record: a score's and a trade's own, a schedule's for its
//! agents. A time with an offset is an instant and stays as it is, whatever the zone says.

use super::kinds::TIMES;
use crate::instants::{self, Local, NoInstant};
use ifmatch_core::merge::Pointer;
use ifmatch_core::{Doubt, DoubtCase, IntentError, Localised, Timestamp};
use jiff::tz::TimeZone;
use serde_json::Value;

#[cfg(test)]
mod composed;
#[cfg(test)]
mod tests;

/// Reads the local times of a wish. `None` when there are none.
///
/// # Errors
/// `naive_time` for the first one whose zone nobody knows.
pub(crate) fn localise(wish: &Value, record: &Value) -> Result<Option<Localised>, IntentError> {
    if !is_local("", wish) {
        return Ok(None);
    }
    let zone = zone_of(wish).or_else(|| zone_of(record));
    let mut localised = Localised { value: wish.clone(), doubts: Vec::new() };
    let Localised { value, doubts } = &mut localised;
    read("", value, &Pointer::root(), &mut |text, at| {
        let zone = instants::zone_in(text).unwrap_or_else(|| zone.clone());
        let unknown = || naive(at.as_str(), "and neither the wish nor the record has a time_zone");
        let meant = local(text, &zone.ok_or_else(unknown)?);
        match meant {
            Some(Meant::Instant(text)) => Ok(Some(text)),
            Some(Meant::Doubt(case, candidates)) => {
                doubts.push(Doubt { path: at.clone(), text: text.to_owned(), case, candidates });
                Ok(None)
            }
            None => Ok(None),
        }
    })?;
    Ok(Some(localised))
}

/// The refusal of a local time without a zone; `why` ends the sentence.
pub(crate) fn naive(at: &str, why: &str) -> IntentError {
    let reason =
        format!("a local time needs an offset, such as 2026-10-25T02:30:00+01:00, or a time_zone beside it {why}");
    IntentError::new("naive_time", at, reason.trim_end())
}

/// The zone of a body or a record, where it names a known one.
pub(crate) fn zone_of(value: &Value) -> Option<TimeZone> {
    instants::zone(value.get("time_zone")?.as_str()?)
}

/// The instant that a text means by a zone, where it means one only.
pub(crate) fn single(text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    match instants::instant(text) {
        Ok(at) => Some(at),
        Err(NoInstant::Malformed) => None,
        Err(NoInstant::Naive) => {
            let zone = instants::zone_in(text).unwrap_or_else(|| zone.cloned())?;
            match instants::local(&zone, instants::wall(text)?)? {
                Local::One(at) => Some(at),
                Local::Twice(..) | Local::Never(..) => None,
            }
        }
    }
}

/// What a local time means by the clock of a zone.
enum Meant {
    Instant(String),
    Doubt(DoubtCase, [String; 2]),
}

/// `None` outside the calendar: the target judges what it makes of that.
fn local(text: &str, zone: &TimeZone) -> Option<Meant> {
    let Some(at) = instants::wall(text) else {
        // It has an offset, and the zone beside that says nothing more.
        return text.split_once('[').map(|(instant, _)| Meant::Instant(instant.to_owned()));
    };
    let meant = instants::local(zone, at)?;
    let case = match meant {
        Local::One(at) => return Some(Meant::Instant(instants::in_zone(zone, at))),
        Local::Twice(..) => DoubtCase::Repeated,
        Local::Never(..) => DoubtCase::Missing,
    };
    let (earlier, later) = meant.candidates();
    Some(Meant::Doubt(case, [earlier, later?].map(|at| instants::in_zone(zone, at))))
}

/// Whether a value holds a time that the target does not read as an instant.
fn is_local(name: &str, value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| is_local(name, value)),
        Value::Array(items) => items.iter().any(|item| is_local("", item)),
        Value::String(text) => TIMES.contains(&name) && (text.contains('[') || instants::wall(text).is_some()),
        _ => false,
    }
}

/// Hands every local time in a value to `tell`, which may put another text in its place.
fn read(
    name: &str,
    value: &mut Value,
    at: &Pointer,
    tell: &mut impl FnMut(&str, &Pointer) -> Result<Option<String>, IntentError>,
) -> Result<(), IntentError> {
    match value {
        Value::Object(members) => {
            members.iter_mut().try_for_each(|(name, value)| read(name, value, &at.join(name), tell))
        }
        Value::Array(items) => items.iter_mut().enumerate().try_for_each(|(index, item)| {
            let place = at.join(&key(item, index));
            read("", item, &place, tell)
        }),
        Value::String(text) if is_local(name, &Value::String(text.clone())) => {
            if let Some(told) = tell(text, at)? {
                *text = told;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The segment of an element: its id where it has one, as in all our pointers.
pub(crate) fn key(item: &Value, index: usize) -> String {
    item["id"].as_str().map_or_else(|| index.to_string(), str::to_owned)
}
