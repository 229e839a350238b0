//! The sample files as the worlds of the incidents see them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::time::{MINUTE, local_instant};

/// The export of shift trades (I02).
pub const SHIFT_TRADES_CSV: &str = include_str!("../../../samples/zendesk-shift-trades.csv");
/// The quality reviews in order of arrival (I01).
pub const QUALITY_REVIEWS_NDJSON: &str = include_str!("../../../samples/servicenow-quality-reviews.ndjson");
/// The desired week of 300 agents (I04).
pub const SCHEDULER_WEEK_NDJSON: &str = include_str!("../../../samples/scheduler-week-singapore.ndjson");
/// Small edits to that week, as verbs (I04).
pub const SCHEDULER_CHANGES_NDJSON: &str = include_str!("../../../samples/scheduler-changes-singapore.ndjson");

/// Zone of the agents in the export of shift trades.
pub(crate) const TRADES_ZONE: &str = "Europe/Paris";
/// Weeks that the shifts of the export touch.
pub(crate) const TRADES_WEEKS: [&str; 3] = ["2026-10-19", "2026-10-26", "2026-11-02"];
/// Zone and week of the scheduler's file.
pub(crate) const SCHEDULER_ZONE: &str = "Asia/Singapore";
/// See [`SCHEDULER_ZONE`].
pub(crate) const SCHEDULER_WEEK: &str = "2026-11-23";

/// Length of a shift whose row has its end before its start.
const FALLBACK_MINUTES: i64 = 480;

/// A shift named by the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedShift {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) start_ms: i64,
    pub(crate) length_minutes: i64,
}

/// The agent's id in the worlds built from e-mail addresses.
#[must_use]
pub fn agent_id(email: &str) -> String {
    crate::rng::uuid_of(&email.to_lowercase())
}

/// The id of the schedule of a week (its Monday, `YYYY-MM-DD`) in every world that is built at the start.
#[must_use]
pub fn schedule_id(time_zone: &str, week: &str) -> String {
    crate::rng::uuid_of(&format!("schedule/{time_zone}/{week}"))
}

/// The lines of an NDJSON file that are JSON.
fn lines(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines().filter_map(|line| serde_json::from_str(line.trim_start_matches('\u{feff}')).ok())
}

/// The agents of the quality reviews.
pub(crate) fn review_emails() -> BTreeSet<String> {
    lines(QUALITY_REVIEWS_NDJSON).filter_map(|line| Some(line["agent"]["email"].as_str()?.to_lowercase())).collect()
}

/// The agents of the week, in the order of the file, each with its entry.
pub(crate) fn scheduler_week() -> Vec<Value> {
    lines(SCHEDULER_WEEK_NDJSON).collect()
}

/// The agents and shifts of the export. An address that belongs to nobody (`unknown.…`) has neither.
pub(crate) fn trade_shifts() -> (BTreeSet<String>, Vec<NamedShift>) {
    let mut reader = csv::Reader::from_reader(SHIFT_TRADES_CSV.trim_start_matches('\u{feff}').as_bytes());
    let (mut emails, mut shifts) = (BTreeSet::new(), BTreeMap::new());
    for row in reader.deserialize::<BTreeMap<String, String>>().flatten() {
        for side in ["from", "to"] {
            let field = |name: &str| row.get(&format!("{side}_{name}")).map(String::as_str).unwrap_or_default();
            let email = field("agent_email").to_lowercase();
            if email.is_empty() || email.starts_with("unknown.") {
                continue;
            }
            emails.insert(email.clone());
            let Some(start_ms) = local_instant(field("start"), TRADES_ZONE) else {
                continue;
            };
            let minutes = local_instant(field("end"), TRADES_ZONE).map_or(0, |end| (end - start_ms) / MINUTE);
            let length_minutes = if minutes > 0 { minutes } else { FALLBACK_MINUTES };
            let id = field("shift_id").to_owned();
            shifts.entry(id.clone()).or_insert(NamedShift { id, email, start_ms, length_minutes });
        }
    }
    (emails, shifts.into_values().collect())
}
