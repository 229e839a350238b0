//! Instants and local times as texts: reading them, moving them without losing their offset, and
//! finding the instants that a local time can mean.
//!
//! Nothing here guesses: a text without an offset is no instant, and a local time that a clock
//! change repeats or leaves out yields its candidates instead of one of them.

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

#[cfg(test)]
mod tests;

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoInstant {
    /// It is a date and a time without an offset.
    Naive,
    /// It is no date and time at all.
    Malformed,
}

/// The instant that a text with an offset names.
pub(crate) fn instant(text: &str) -> Result<Timestamp, NoInstant> {
    let pieces = Pieces::parse(text).map_err(|_| NoInstant::Malformed)?;
    match (pieces.time(), pieces.to_numeric_offset()) {
        (None, _) => Err(NoInstant::Malformed),
        (Some(_), None) => Err(NoInstant::Naive),
        (Some(time), Some(offset)) => {
            offset.to_timestamp(pieces.date().to_datetime(time)).map_err(|_| NoInstant::Malformed)
        }
    }
}

/// The text some minutes later, with the offset that it has. `None` for a text that is no instant,
/// or a result outside the calendar.
pub(crate) fn shifted(text: &str, minutes: i64) -> Option<String> {
    let at = instant(text).ok()?;
    let moved = at.checked_add(SignedDuration::from_secs(minutes.checked_mul(60)?)).ok()?;
    if text.ends_with(['Z', 'z']) {
        return Some(moved.to_string());
    }
    Some(moved.display_with_offset(offset(text)?).to_string())
}

fn offset(text: &str) -> Option<Offset> {
    Pieces::parse(text).ok()?.to_numeric_offset()
}

/// Whole minutes from one instant to another, rounded down.
pub(crate) fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().div_euclid(60)
}

/// The zone of an IANA name. Abbreviations such as `CET` are refused although the database knows
/// some: they name a fixed offset in one system and a zone with clock changes in another.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    let named = name == "UTC" || name.contains('/');
    if !named {
        return None;
    }
    TimeZone::get(name).ok()
}

/// What a local time means in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Local {
    /// One instant.
    One(Timestamp),
    /// The clock shows it twice: the earlier and the later instant.
    Twice(Timestamp, Timestamp),
    /// The clock never shows it: the instants by the offset before and after the change.
    Never(Timestamp, Timestamp),
}

/// The instants that a local time can mean. `None` outside the calendar.
pub(crate) fn local(zone: &TimeZone, at: DateTime) -> Option<Local> {
    let with = |offset: Offset| offset.to_timestamp(at).ok();
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => Some(Local::One(with(offset)?)),
        AmbiguousOffset::Fold { before, after } => Some(Local::Twice(with(before)?, with(after)?)),
        AmbiguousOffset::Gap { before, after } => Some(Local::Never(with(before)?, with(after)?)),
    }
}

/// The first instant of a week that begins on this date in a zone, and the one after its end.
pub(crate) fn week_bounds(zone: &TimeZone, week: Date) -> Option<(Timestamp, Timestamp)> {
    let end = week.checked_add(7.days()).ok()?;
    let day = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
    Some((day(week)?, day(end)?))
}

/// The Monday of the week in which a date lies.
pub(crate) fn monday(date: Date) -> Option<Date> {
    let days = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(days.days()).ok()
}

/// The instant of an HTTP date, for example `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}
