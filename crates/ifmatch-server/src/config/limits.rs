//! Section `[limits]`: the engine's bounds.

use super::ConfigError;
use super::layers::Layers;
use ifmatch_core::{Limits, SignedDuration};
use serde::Deserialize;

/// The engine's bounds. Names that end in `_s` are seconds of scenario time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    /// Exchanges with the target of one org on the wire at once.
    pub in_flight_max: usize,
    /// How long an answer is waited for; after that the attempt is ambiguous.
    pub answer_wait_s: f64,
    /// Merges after a stale answer, per intent; after that it goes to review.
    pub merges_max: u32,
    /// How long a lock is waited for, per intent; after that it goes to review.
    pub lock_wait_s: f64,
    /// How long something that must be settled first, such as a pending trade, is waited for, per intent.
    pub dependency_wait_s: f64,
    /// First pause between two probes of a lock.
    pub lock_probe_min_s: f64,
    /// Longest pause between two probes of a lock.
    pub lock_probe_max_s: f64,
    /// How long reads may lag behind a version already seen.
    pub lag_wait_s: f64,
    /// Attempts at telling what an ambiguous attempt did; after that it goes to review.
    pub ambiguity_max: u32,
    /// Repairs in a row of a record whose repairs overwrite somebody else's value, too; after that it goes to review.
    pub repairs_max: u32,
    /// Writes of one kind in a row that were accepted and not applied; after that the kind is held.
    pub silent_max: u32,
    /// How long after it was sent a write may still take effect.
    pub zombie_horizon_s: f64,
    /// A record read less than this ago may be written without reading it again.
    pub shadow_fresh_s: f64,
    /// First pause when the target is out of order.
    pub outage_pause_min_s: f64,
    /// Longest pause when the target is out of order.
    pub outage_pause_max_s: f64,
    /// Pause after a 429 without `Retry-After`, doubled each time.
    pub throttle_pause_s: f64,
    /// The longest that a change waits for others of its envelope, when one was written just before.
    pub linger_max_s: f64,
    /// Longest pause between two looks at a running operation of unknown length, and around the
    /// expected end of one whose length is known.
    pub operation_poll_max_s: f64,
    /// How long a write may be processed after the target has taken it with a 202; after that it is taken for refused.
    pub processing_wait_s: f64,
    /// The largest file that is taken, in bytes.
    pub file_bytes_max: u64,
    /// The longest row of a file, in bytes.
    pub file_row_bytes_max: usize,
    /// The most rows of a whole state, whose records are kept in mind while it is compared.
    pub file_rows_max: u64,
    /// Rows of files wait while so many intents of their org are open.
    pub files_open_max: u64,
    /// The largest body that observe mode looks at, in bytes; a larger one is forwarded and counted.
    pub observe_body_bytes_max: usize,
    /// Records of one org of which observe mode knows something.
    pub observe_records_max: usize,
    /// Findings of observe mode that are kept of one source in one week.
    pub observe_findings_max: usize,
    /// Weeks of one source that observe mode keeps.
    pub observe_weeks_max: usize,
}

impl LimitsSection {
    pub(super) fn check(&self, layers: &Layers) -> Result<(), ConfigError> {
        let field = |name: &str| format!("limits.{name}");
        if !(1..=1024).contains(&self.in_flight_max) {
            return Err(layers.error(field("in_flight_max"), "must be from 1 to 1024"));
        }
        if !(1_024..=64 << 20).contains(&self.file_row_bytes_max) {
            return Err(layers.error(field("file_row_bytes_max"), "must be from 1 KiB to 64 MiB"));
        }
        if self.file_bytes_max == 0 || self.file_rows_max == 0 || self.files_open_max == 0 {
            let name = [("file_bytes_max", self.file_bytes_max), ("file_rows_max", self.file_rows_max)];
            let name = name.iter().find(|(_, bound)| *bound == 0).map_or("files_open_max", |(name, _)| name);
            return Err(layers.error(field(name), "must be above 0"));
        }
        for (name, seconds) in self.spans() {
            if !(0.0..=31_536_000.0).contains(&seconds) {
                return Err(layers.error(field(name), "must be from 0 seconds to a year"));
            }
        }
        for (name, value) in [
            ("observe_body_bytes_max", self.observe_body_bytes_max),
            ("observe_records_max", self.observe_records_max),
            ("observe_findings_max", self.observe_findings_max),
            ("observe_weeks_max", self.observe_weeks_max),
        ] {
            if value == 0 {
                return Err(layers.error(field(name), "must be above 0"));
            }
        }
        if self.linger_max_s > 60.0 {
            return Err(layers.error(field("linger_max_s"), "must be at most 60 seconds"));
        }
        for (name, min, max) in [
            ("lock_probe_min_s", self.lock_probe_min_s, self.lock_probe_max_s),
            ("outage_pause_min_s", self.outage_pause_min_s, self.outage_pause_max_s),
        ] {
            if min <= 0.0 || min > max {
                return Err(layers.error(field(name), "must be above 0 and not above its longest"));
            }
        }
        Ok(())
    }

    fn spans(&self) -> [(&'static str, f64); 14] {
        [
            ("answer_wait_s", self.answer_wait_s),
            ("lock_wait_s", self.lock_wait_s),
            ("dependency_wait_s", self.dependency_wait_s),
            ("lock_probe_min_s", self.lock_probe_min_s),
            ("lock_probe_max_s", self.lock_probe_max_s),
            ("lag_wait_s", self.lag_wait_s),
            ("zombie_horizon_s", self.zombie_horizon_s),
            ("shadow_fresh_s", self.shadow_fresh_s),
            ("outage_pause_min_s", self.outage_pause_min_s),
            ("outage_pause_max_s", self.outage_pause_max_s),
            ("throttle_pause_s", self.throttle_pause_s),
            ("linger_max_s", self.linger_max_s),
            ("operation_poll_max_s", self.operation_poll_max_s),
            ("processing_wait_s", self.processing_wait_s),
        ]
    }

    /// The bounds as the engine takes them.
    #[must_use]
    pub fn to_limits(&self) -> Limits {
        let span = SignedDuration::from_secs_f64;
        Limits {
            in_flight_max: self.in_flight_max,
            answer_wait: span(self.answer_wait_s),
            merges_max: self.merges_max,
            lock_wait: span(self.lock_wait_s),
            dependency_wait: span(self.dependency_wait_s),
            lock_probe: (span(self.lock_probe_min_s), span(self.lock_probe_max_s)),
            lag_wait: span(self.lag_wait_s),
            ambiguity_max: self.ambiguity_max,
            repairs_max: self.repairs_max,
            silent_max: self.silent_max,
            zombie_horizon: span(self.zombie_horizon_s),
            shadow_fresh: span(self.shadow_fresh_s),
            outage_pause: (span(self.outage_pause_min_s), span(self.outage_pause_max_s)),
            throttle_pause: span(self.throttle_pause_s),
            linger_max: span(self.linger_max_s),
            operation_poll_max: span(self.operation_poll_max_s),
            processing_wait: span(self.processing_wait_s),
        }
    }
}
