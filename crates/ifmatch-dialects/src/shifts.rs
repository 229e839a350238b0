//! The shifts of one agent, as each API spells them: what the dialects that have agent schedules share.

use crate::instants;
use ifmatch_merge::IntervalNames;
use jiff::tz::TimeZone;
use serde_json::Value;

mod rules;
mod verbs;

pub(crate) use verbs::without;

/// How an API names the members of a shift and of its activities. Shifts stand in `shifts` and are told apart by `id`, the
/// activities of a shift in `activities`.
#[derive(Debug)]
pub(crate) struct Spelling {
    /// The first instant.
    pub(crate) start: &'static str,
    /// The length in minutes.
    pub(crate) length: &'static str,
    /// The code of an activity.
    pub(crate) code: &'static str,
    /// The first day of the week, in the record.
    pub(crate) week: &'static str,
    /// The zone by whose clocks the record is written, in the record.
    pub(crate) zone: &'static str,
    /// Members that hold an instant, wherever they stand.
    pub(crate) times: &'static [&'static str],
}

impl Spelling {
    /// A shift as a span of time with parts.
    pub(crate) fn interval(&self) -> IntervalNames {
        let owned = str::to_owned;
        IntervalNames { start: owned(self.start), length: owned(self.length), parts: owned("activities") }
    }

    /// The zone of a record, where it names a known one.
    pub(crate) fn zone_of(&self, record: &Value) -> Option<TimeZone> {
        instants::zone(record.get(self.zone)?.as_str()?)
    }
}
