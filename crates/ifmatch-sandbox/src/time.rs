//! Instants, local dates and HTTP dates. All arithmetic is in milliseconds since the Unix epoch, UTC.

use jiff::{
    Timestamp, ToSpan, civil,
    fmt::rfc2822::DateTimePrinter,
    tz::{Offset, TimeZone},
};

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The instant of an RFC 3339 text; `None` without an offset or when it is no instant at all.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    if text.contains('[') {
        return None;
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// The RFC 3339 text of an instant, in UTC.
pub(crate) fn format_instant(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// The RFC 3339 text of an instant with the offset that holds in the zone at that instant, whole seconds.
pub(crate) fn format_in_zone(ms: i64, zone: &str) -> String {
    find_zone(zone).map_or_else(|| format_instant(ms), |zone| format_in(ms, &zone))
}

/// The same in a zone that was looked up.
pub(crate) fn format_in(ms: i64, zone: &TimeZone) -> String {
    let instant = Timestamp::from_second(ms.div_euclid(SECOND)).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.display_with_offset(zone.to_offset(instant)).to_string()
}

/// A zone that is asked for many instants between the same two transitions.
#[derive(Debug)]
pub(crate) struct Clock<'z> {
    pub(crate) zone: &'z TimeZone,
    /// An offset, from when on and until when it holds.
    known: Option<(Offset, Timestamp, Timestamp)>,
}

impl<'z> Clock<'z> {
    pub(crate) fn of(zone: &'z TimeZone) -> Self {
        Self { zone, known: None }
    }

    /// As [`format_in`].
    pub(crate) fn format(&mut self, ms: i64) -> String {
        let instant = Timestamp::from_second(ms.div_euclid(SECOND)).unwrap_or(Timestamp::UNIX_EPOCH);
        instant.display_with_offset(self.offset(instant)).to_string()
    }

    fn offset(&mut self, at: Timestamp) -> Offset {
        if let Some((offset, since, until)) = self.known
            && (since..until).contains(&at)
        {
            return offset;
        }
        // A transition at that very second has been.
        let past = at.checked_add(1.seconds()).unwrap_or(at);
        let since = self.zone.preceding(past).next().map_or(at, |before| before.timestamp());
        let until = self.zone.following(at).next().map_or(Timestamp::MAX, |after| after.timestamp());
        let offset = self.zone.to_offset(at);
        self.known = Some((offset, since, until));
        offset
    }
}

/// The local date of an instant in an IANA zone, `YYYY-MM-DD`; `None` for an unknown zone.
pub(crate) fn local_date(ms: i64, zone: &str) -> Option<String> {
    day_of(ms, zone).map(|date| date.to_string())
}

/// The same as a date.
pub(crate) fn day_of(ms: i64, zone: &str) -> Option<civil::Date> {
    zoned(ms, zone).map(|z| z.date())
}

/// The Monday of the week in which an instant lies, in the zone.
pub(crate) fn monday_of(ms: i64, zone: &str) -> Option<civil::Date> {
    let date = day_of(ms, zone)?;
    let back = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(back.days()).ok()
}

/// The date some days later.
pub(crate) fn date_plus(date: civil::Date, days: i64) -> civil::Date {
    date.checked_add(days.days()).unwrap_or(date)
}

/// The zone of an IANA name; `None` for an unknown one.
pub(crate) fn find_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Whether the zone is known.
pub(crate) fn zone_exists(zone: &str) -> bool {
    find_zone(zone).is_some()
}

/// A date text.
pub(crate) fn parse_date(text: &str) -> Option<civil::Date> {
    if text.len() != 10 {
        return None;
    }
    text.parse().ok()
}

/// The instants of the first moment of a week and of the moment after its end, in the zone.
pub(crate) fn week_bounds(week: &str, zone: &str) -> Option<(i64, i64)> {
    let first = parse_date(week)?;
    let tz = find_zone(zone)?;
    let start = first.to_zoned(tz.clone()).ok()?;
    let end = date_plus(first, 7).to_zoned(tz).ok()?;
    Some((start.timestamp().as_millisecond(), end.timestamp().as_millisecond()))
}

/// The instant of a local wall time, `YYYY-MM-DD HH:MM` with an optional offset. A repeated hour means its first pass, a
/// missing one the time after the gap; whoever needs better must send the offset.
pub(crate) fn local_instant(text: &str, zone: &str) -> Option<i64> {
    if let Some(instant) = parse_instant(text) {
        return Some(instant);
    }
    let wall: civil::DateTime = text.parse().ok()?;
    let tz = find_zone(zone)?;
    Some(wall.to_zoned(tz).ok()?.timestamp().as_millisecond())
}

/// The instant of a wall time on a date in the zone.
pub(crate) fn at_wall(date: civil::Date, hour: i8, minute: i8, zone: &TimeZone) -> Option<i64> {
    zone.to_timestamp(date.at(hour, minute, 0, 0)).ok().map(Timestamp::as_millisecond)
}

/// The date of an HTTP header field (RFC 9110 §5.6.7), whole seconds.
pub(crate) fn http_date(ms: i64) -> String {
    let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    DateTimePrinter::new().timestamp_to_rfc9110_string(&instant).unwrap_or_default()
}

fn zoned(ms: i64, zone: &str) -> Option<jiff::Zoned> {
    let tz = find_zone(zone)?;
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(tz))
}
