//! Instants and local times as texts: reading them, moving them without losing their offset, and
//! finding the instants that a local time can mean.
//!
//! Nothing here guesses: a text without an offset is no instant, and a local time that a clock
//! change repeats or leaves out yields its candidates instead of one of them.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod transitions;

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInstant {
    /// It is a date and a time without an offset.
    Naive,
    /// It is no date and time at all.
    Malformed,
}

/// The instant that a text with an offset names.
pub fn instant(text: &str) -> Result<Timestamp, NoInstant> {
    if let Some(at) = plain(text) {
        return Ok(at);
    }
    let pieces = Pieces::parse(text).map_err(|_| NoInstant::Malformed)?;
    match (pieces.time(), pieces.to_numeric_offset()) {
        (None, _) => Err(NoInstant::Malformed),
        (Some(_), None) => Err(NoInstant::Naive),
        (Some(time), Some(offset)) => {
            offset.to_timestamp(pieces.date().to_datetime(time)).map_err(|_| NoInstant::Malformed)
        }
    }
}

/// The instant of a text as most are written, `2026-10-25T02:30:00Z` or `2026-10-25T02:30:00+02:00`, by its places. The
/// general way takes ten times as long, and every plan looks at every shift of a week.
fn plain(text: &str) -> Option<Timestamp> {
    let (at, zone) = text.as_bytes().split_at_checked(19)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2] = at else {
        return None;
    };
    let year = i16::from(pair(y1, y2)?) * 100 + i16::from(pair(y3, y4)?);
    let date = Date::new(year, pair(m1, m2)?, pair(d1, d2)?).ok()?;
    let time = Time::new(pair(h1, h2)?, pair(i1, i2)?, pair(s1, s2)?, 0).ok()?;
    let offset = match *zone {
        [b'Z'] => Offset::UTC,
        [sign @ (b'+' | b'-'), h1, h2, b':', i1, i2] => {
            let minutes = Some(i32::from(pair(i1, i2)?)).filter(|minutes| *minutes < 60)?;
            let seconds = (i32::from(pair(h1, h2)?) * 60 + minutes) * 60;
            Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()?
        }
        _ => return None,
    };
    offset.to_timestamp(date.to_datetime(time)).ok()
}

/// The number of two digits.
fn pair(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| (byte - b'0').cast_signed());
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// The text so many elapsed minutes later. Whatever its offset, the instant is exact. A text in UTC
/// stays in UTC; one with the offset that the zone has then gets the one that the zone has afterwards,
/// so that a shift that is moved over a change of the clocks shows what the clocks there show; any
/// other offset is kept, and so is every one where no zone is known. `None` for a text that is no
/// instant, or a result outside the calendar.
pub fn shifted(text: &str, minutes: i64, zone: Option<&TimeZone>) -> Option<String> {
    let at = instant(text).ok()?;
    let moved = at.checked_add(SignedDuration::from_secs(minutes.checked_mul(60)?)).ok()?;
    if text.ends_with(['Z', 'z']) {
        return Some(moved.to_string());
    }
    let written = Pieces::parse(text).ok()?.to_numeric_offset()?;
    let of_zone = zone.filter(|zone| zone.to_offset(at) == written);
    Some(moved.display_with_offset(of_zone.map_or(written, |zone| zone.to_offset(moved))).to_string())
}

/// An instant with the offset that a zone has then: `2026-10-25T02:30:00+01:00`.
pub fn in_zone(zone: &TimeZone, at: Timestamp) -> String {
    at.display_with_offset(zone.to_offset(at)).to_string()
}

/// The date and the time of a text without an offset, such as `2026-10-25T02:30` or
/// `2026-10-25 02:30:00[Europe/Paris]`. `None` where it has an offset, or is no date and time.
pub fn wall(text: &str) -> Option<DateTime> {
    let pieces = Pieces::parse(text).ok().filter(|pieces| pieces.offset().is_none())?;
    Some(pieces.date().to_datetime(pieces.time()?))
}

/// The zone that a text names behind its time (RFC 9557), as in `2026-10-25T02:30[Europe/Paris]`.
/// `None` where it names none; the inner `None` where it names one that is no IANA zone.
pub fn zone_in(text: &str) -> Option<Option<TimeZone>> {
    let (_, name) = text.split_once('[')?;
    Some(zone(name.trim_start_matches('!').trim_end_matches(']')))
}

/// Whole minutes from one instant to another, rounded down.
pub fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().div_euclid(60)
}

/// The zone of an IANA name. Abbreviations such as `CET` are refused although the database knows
/// some: they name a fixed offset in one system and a zone with clock changes in another.
pub fn zone(name: &str) -> Option<TimeZone> {
    let named = name == "UTC" || name.contains('/');
    if !named {
        return None;
    }
    TimeZone::get(name).ok()
}

/// What a local time means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// One instant.
    One(Timestamp),
    /// The clock shows it twice: the earlier and the later instant.
    Twice(Timestamp, Timestamp),
    /// The clock never shows it: the instants by the offset before and after the change.
    Never(Timestamp, Timestamp),
}

/// The instants that a local time can mean. `None` outside the calendar.
pub fn local(zone: &TimeZone, at: DateTime) -> Option<Local> {
    let with = |offset: Offset| offset.to_timestamp(at).ok();
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => Some(Local::One(with(offset)?)),
        AmbiguousOffset::Fold { before, after } => Some(Local::Twice(with(before)?, with(after)?)),
        AmbiguousOffset::Gap { before, after } => Some(Local::Never(with(before)?, with(after)?)),
    }
}

impl Local {
    /// The instants in order: one, or the earlier and the later of two.
    pub fn candidates(&self) -> (Timestamp, Option<Timestamp>) {
        match *self {
            Self::One(at) => (at, None),
            Self::Twice(one, other) | Self::Never(one, other) => (one.min(other), Some(one.max(other))),
        }
    }
}

/// The first instant of a week that begins on this date in a zone, and the one after its end. A shift
/// belongs to the week in which it starts.
pub fn week_bounds(zone: &TimeZone, week: Date) -> Option<(Timestamp, Timestamp)> {
    let end = week.checked_add(7.days()).ok()?;
    let day = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
    Some((day(week)?, day(end)?))
}

/// The first day of the week in which a date lies, where weeks begin on this day. A schedule tells that
/// day by the date of its week, which is its first.
pub fn week_of(date: Date, first: Weekday) -> Option<Date> {
    date.checked_sub(i64::from(date.weekday().since(first)).days()).ok()
}

/// The instant of an HTTP date, for example `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
pub fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}
