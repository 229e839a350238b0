//! Times in a paragraph: the first in full, those of the same day by the clock alone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Spells times that come after one that was spelt in full.
pub(super) struct Times {
    day: jiff::civil::Date,
}

impl Times {
    /// After this instant was spelt in full.
    pub(super) fn after(first: Timestamp) -> Self {
        Self { day: first.to_zoned(TimeZone::UTC).date() }
    }

    /// `06:04:31`, or `2026-03-30T05:00:00Z` on another day.
    pub(super) fn of(&self, at: Timestamp) -> String {
        let there = at.to_zoned(TimeZone::UTC);
        if there.date() == self.day { there.strftime("%H:%M:%S").to_string() } else { full(at) }
    }
}

/// `2026-03-29T06:02:10Z`: to the second.
pub(super) fn full(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
