//! Fairness: while an intent could be sent, another source's later ones do not keep passing it by.
//!
//! Judged once faults stop, over intents that nothing holds back but the budget: none that waits for a
//! lock, a person, an instant or an outcome. While one waits, the later ones of another source on other
//! records that land are at most [`FACTOR`] times those of its own source, itself included, besides those
//! that are on the wire at once. An order of acceptance over all sources keeps this, and so does a share
//! for each source. What is not judged is how long a source waits behind *earlier* ones of another.

use super::Violation;
use super::evidence::Evidence;
use crate::world::World;
use ifmatch_core::{IntentRecord, Limits, SourceName, State, Timestamp};
use std::collections::BTreeSet;

/// The longest wait against a fair one, by the reference.
const FACTOR: usize = 2;

/// From when on each intent was free, until it ended.
type Waits<'e> = Vec<(&'e IntentRecord, Timestamp, Timestamp)>;

/// Returns how many intents waited while a later one of another source landed.
pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) -> usize {
    let held = evidence.trail.held_until();
    let calm = world.start + ifmatch_core::SignedDuration::from_millis(world.setup.calm_at);
    let waits: Waits<'_> = evidence
        .intents
        .values()
        .filter(|record| matches!(record.status.state, State::Landed | State::Satisfied))
        .filter_map(|record| {
            let held = held.get(&record.id).map_or(calm, |until| world.then(*until));
            let free = calm.max(world.then(record.accepted_at)).max(held);
            record.status.settled_at.map(|end| world.then(end)).filter(|end| *end > free).map(|end| (record, free, end))
        })
        .collect();
    let sources: BTreeSet<&SourceName> = waits.iter().map(|(record, ..)| &record.source).collect();
    let mut passed_by = 0;
    for (record, free, end) in &waits {
        let meanwhile = |(other, _, at): &&(&IntentRecord, Timestamp, Timestamp)| {
            free < at && at < end && other.resource != record.resource
        };
        let landed: Vec<&&IntentRecord> = waits.iter().filter(meanwhile).map(|(other, ..)| other).collect();
        let own = landed.iter().filter(|other| other.source == record.source).count();
        for source in sources.iter().filter(|source| ***source != record.source) {
            let later = |other: &&&&IntentRecord| other.source == **source && place(evidence, other) > record.order;
            let later = landed.iter().filter(later).count();
            passed_by += usize::from(later > 0);
            if later > FACTOR * (own + 1) + 2 * Limits::default().in_flight_max {
                let what = format!(
                    "{} of {} waits since {free} while {own} of its source and {later} later ones of {source} land",
                    record.id, record.source
                );
                out.push(Violation::new("fairness", what));
            }
        }
    }
    passed_by
}

/// The place in the order of acceptance from which an intent waits: it takes that of an older one that it superseded.
fn place(evidence: &Evidence, record: &IntentRecord) -> u64 {
    let replaced = evidence.replaced(record.id);
    replaced.into_iter().map(|older| older.order).fold(record.order, u64::min)
}

#[cfg(test)]
mod tests;
