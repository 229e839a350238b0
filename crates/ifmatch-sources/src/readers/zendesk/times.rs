//! The times of a row: two shifts, each a local start and end, with or without an offset.

use crate::readers::LocalTimes;
use ifmatch_dialects::instants::{self, Local};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

/// Why a row's times are no two shifts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeFault {
    pub(crate) kind: TimeFaultKind,
    /// The column.
    pub(crate) field: &'static str,
    /// The instants that it can mean.
    pub(crate) candidates: Vec<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeFaultKind {
    Malformed,
    /// The clock shows it twice.
    Ambiguous,
    /// The clock never shows it.
    Missing,
    /// The end is not after the start.
    Backwards,
}

/// One shift as instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shift {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

impl Shift {
    /// Resolves a shift by its two columns.
    pub(crate) fn read(
        zone: &TimeZone,
        policy: LocalTimes,
        start: (&'static str, &str),
        end: (&'static str, &str),
    ) -> Result<Self, TimeFault> {
        let shift = Self { start: instant(zone, policy, start)?, end: instant(zone, policy, end)? };
        if shift.end <= shift.start {
            return Err(TimeFault { kind: TimeFaultKind::Backwards, field: end.0, candidates: Vec::new() });
        }
        Ok(shift)
    }

    pub(crate) fn minutes(&self) -> i64 {
        instants::minutes_between(self.start, self.end)
    }

    /// The weeks in which it lies, by their first days; an end at midnight belongs to the day before.
    pub(crate) fn weeks(&self, zone: &TimeZone, first: Weekday) -> Vec<Date> {
        let last = self.end.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(self.end);
        let week = |at: Timestamp| instants::week_of(at.to_zoned(zone.clone()).date(), first);
        [week(self.start), week(last)].into_iter().flatten().collect()
    }
}

fn instant(zone: &TimeZone, policy: LocalTimes, (field, text): (&'static str, &str)) -> Result<Timestamp, TimeFault> {
    if let Ok(at) = instants::instant(text) {
        return Ok(at);
    }
    let fault = |kind, candidates| TimeFault { kind, field, candidates };
    let read = text.parse::<DateTime>().ok().filter(|_| text.contains(':'));
    let meant = read.and_then(|at| instants::local(zone, at));
    let meant = meant.map(|meant| policy.settle(meant));
    match meant.ok_or_else(|| fault(TimeFaultKind::Malformed, Vec::new()))? {
        Local::One(at) => Ok(at),
        Local::Twice(first, second) => Err(fault(TimeFaultKind::Ambiguous, vec![first, second])),
        Local::Never(one, other) => Err(fault(TimeFaultKind::Missing, vec![one.min(other), one.max(other)])),
    }
}
