//! The barrier of an operation: a publish carries what was accepted before it.
//!
//! When the last start of a publish leaves, no earlier intent for a record of its schedule is still on its
//! way. Conceded: one that was held back, by a lock, an instant, a person or an unknown outcome, since a
//! publish does not wait for those, and one behind such an intent of the same record; half of a pair whose other half was,
//! came later or comes after such a half itself, and what comes after that half.

use super::evidence::{Evidence, OURS, touches};
use super::{Violation, pairs};
use crate::records::path_of;
use crate::world::World;
use ifmatch_core::{Call, Change, IntentId, IntentRecord, State, Timestamp};
use std::collections::BTreeSet;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    let held = evidence.trail.held_until();
    let landed = || evidence.intents.values().filter(|record| record.status.state == State::Landed);
    for publish in landed().filter(|record| matches!(record.intent.change, Change::Operation(_))) {
        let (Some(start), Some(schedule)) = (started(world, publish), path_of(&publish.resource)) else { continue };
        let below = format!("{schedule}/agents/");
        let stuck = |other: &IntentRecord| {
            let same = |id: &IntentId| evidence.intents.get(id).is_some_and(|held| held.resource == other.resource);
            let still = |until: &Timestamp| world.then(*until) > start;
            held.contains_key(&other.id) || held.iter().any(|(id, until)| still(until) && same(id))
        };
        let line = Line { world, evidence, publish, stuck: &stuck };
        let waits = |other: &IntentRecord| stuck(other) || line.comes_after(other, &mut BTreeSet::new());
        for earlier in landed().filter(|other| other.order < publish.order && !waits(other)) {
            let inside = path_of(&earlier.resource).is_some_and(|path| path.starts_with(&below));
            if inside && effect(evidence, earlier).is_some_and(|at| at > start.as_millisecond()) {
                let what = format!("{} was started without {}, which was accepted before it", publish.id, earlier.id);
                out.push(Violation::new("barrier", what));
            }
        }
    }
}

/// What holds up intents that a publish does not wait for.
struct Line<'a> {
    world: &'a World,
    evidence: &'a Evidence,
    publish: &'a IntentRecord,
    stuck: &'a dyn Fn(&IntentRecord) -> bool,
}

impl Line<'_> {
    /// Whether an intent is, or comes after, half of a pair whose other half was held back, came later or never, or comes
    /// itself after such a half.
    fn comes_after(&self, other: &IntentRecord, seen: &mut BTreeSet<IntentId>) -> bool {
        let of_record = self.evidence.intents.values().filter(|older| older.resource == other.resource);
        let mut halves = of_record.filter(|older| older.order <= other.order && older.intent.pair.is_some());
        halves.any(|half| {
            seen.insert(half.id)
                && pairs::partner(self.world, self.evidence, half).is_none_or(|partner| {
                    (self.stuck)(partner) || partner.order > self.publish.order || self.comes_after(partner, seen)
                })
        })
    }
}

/// When the last start of an operation left, by the target's clock, if it was started for this intent.
fn started(world: &World, publish: &IntentRecord) -> Option<Timestamp> {
    let attempts =
        world.store.borrow_mut().attempts_of(&world.org(), publish.id).expect("the memory store can be read");
    let starts = attempts.into_iter().filter(|attempt| matches!(attempt.record.call, Call::Start(_)));
    starts.filter_map(|attempt| world.truth.left.get(&attempt.record.id).copied()).max()
}

/// When an intent took effect in the target, in milliseconds since the Unix epoch.
fn effect(evidence: &Evidence, record: &IntentRecord) -> Option<i64> {
    let mut ours = evidence.ours().filter(|(entry, _)| entry.actor == OURS);
    let shows = |entry: &ifmatch_sandbox::LedgerEntry, share: &ifmatch_core::Share| {
        share.intent == record.id && entry.changes.iter().any(|change| touches(share, &change.path))
    };
    ours.find(|(entry, shares)| shares.iter().any(|share| shows(entry, share))).map(|(entry, _)| entry.at)
}
