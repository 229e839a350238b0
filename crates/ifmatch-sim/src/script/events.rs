//! What the target tells of its own accord, and how badly.

use serde::{Deserialize, Serialize};

/// How the target's events reach the engine: one for each change, in percent of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// Whether there are any.
    pub offered: bool,
    /// Percent that never arrive.
    pub lost: u64,
    /// Percent that arrive twice.
    pub repeated: u64,
    /// Most milliseconds until one arrives; each draws its own, so that they overtake one another.
    pub late_ms_max: i64,
    /// Percent that say, without ground, that a lock on the record was released.
    pub false_unlocks: u64,
}
