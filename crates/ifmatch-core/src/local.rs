//! Local times: what a wish says by a clock on a wall, and what of it names no single instant.

use ifmatch_merge::Pointer;
use serde_json::Value;

/// A value whose local times were read by the clock of a zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Localised {
    /// The value: each local time that the zone's clock shows once is an instant with the offset that
    /// the zone has then. One in doubt stands as it was sent.
    pub value: Value,
    /// The local times in doubt, in the order of the value.
    pub doubts: Vec<Doubt>,
}

/// A local time that the zone's clock shows twice, or never.
///
/// Shape: `{"path": "/reviewed_at", "text": "2026-10-25T02:30", "case": Repeated, "candidates":
/// ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Where it stands.
    pub path: Pointer,
    /// The local time as it was sent.
    pub text: String,
    /// Why it is in doubt.
    pub case: DoubtCase,
    /// The instants that it can mean, the earlier first, each with the offset that the zone has then.
    /// Of a local time that is left out: by the offset after the change, and by that before it.
    pub candidates: [String; 2],
}

/// Why a local time is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubtCase {
    /// The clock goes back, and shows it twice.
    Repeated,
    /// The clock goes forward, and never shows it.
    Missing,
}
