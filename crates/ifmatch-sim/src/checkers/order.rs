//! Order per lane: what one source says of one record lands in the order in which it was accepted.
//!
//! At one path, no entry of ours carries a wish of a source after an entry that carried a newer one of
//! it. What is newer: the number in the source's own sequence where both have one, else the place in the
//! order of acceptance. Conceded: a wish that a person decided, which takes effect when they decide; and two
//! that call the record by different names, which are in two lanes until both names are known to be of one; and what takes back
//! half of a pair, which is no word of its source; and two pairs that cross, one half of each before one half of the other: no order
//! of their four halves keeps all words in order, nor what lies between two of them at one record.

use super::evidence::Evidence;
use super::overwritten::is_taken_back;
use super::{Violation, pairs};
use crate::world::World;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{IntentRecord, Share};
use ifmatch_sandbox::LedgerEntry;
use std::collections::BTreeMap;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    let mut landed: BTreeMap<&str, Vec<(&IntentRecord, &Pointer)>> = BTreeMap::new();
    for (entry, shares) in evidence.ours() {
        let before = landed.entry(&entry.path).or_default();
        let here: Vec<_> = effects(evidence, entry, shares).collect();
        for (record, path) in here.iter().copied() {
            // One that the same entry carries once more has the last word there, or the one that took its place.
            let again = |other: &IntentRecord| {
                let is = |here: &IntentRecord| {
                    here.id == other.id || evidence.replaced(here.id).iter().any(|older| older.id == other.id)
                };
                here.iter().any(|(here, at)| at.overlaps(path) && is(here))
            };
            let conceded = |other: &IntentRecord| {
                crosses(world, evidence, record, other) || lies_between(world, evidence, (record, path), other)
            };
            // One that is conceded hides no other one.
            let newer = before
                .iter()
                .find(|(other, at)| is_newer(other, record) && at.overlaps(path) && !again(other) && !conceded(other));
            if let Some((other, at)) = newer.filter(|_| !is_decided(evidence, record)) {
                let what = format!(
                    "entry {} of {} carries {} at {path} after {}, a newer word of {} at {at}",
                    entry.seq, entry.path, record.id, other.id, record.source
                );
                out.push(Violation::new("order", what));
            }
        }
        before.extend(here);
    }
}

/// What an entry shows of the intents that made it: each with the paths that it changed there.
fn effects<'a>(
    evidence: &'a Evidence,
    entry: &'a LedgerEntry,
    shares: &'a [Share],
) -> impl Iterator<Item = (&'a IntentRecord, &'a Pointer)> {
    let shown = |path: &Pointer| entry.changes.iter().any(|change| overlaps(path, &change.path));
    let changes = shares.iter().flat_map(|share| share.changes.iter().map(move |change| (share, &change.path)));
    changes
        .filter(move |(_, path)| shown(path))
        .filter_map(|(share, path)| Some((evidence.intents.get(&share.intent)?, path)))
        .filter(|(record, _)| !record.intent.takes_back_half())
        // What slipped over somebody else's value is put back: it is a word only where it is written again.
        .filter(move |(record, _)| !is_taken_back(evidence, entry, record.id))
}

fn overlaps(path: &Pointer, ledger: &str) -> bool {
    ledger.parse().is_ok_and(|other: Pointer| path.overlaps(&other))
}

/// Whether one is a newer word of the same source.
fn is_newer(one: &IntentRecord, than: &IntentRecord) -> bool {
    let sequence = |record: &IntentRecord| record.intent.origin.as_ref().and_then(|origin| origin.sequence);
    let newer = match (sequence(one), sequence(than)) {
        (Some(one), Some(than)) => one > than,
        _ => one.order > than.order,
    };
    one.source == than.source && one.intent.resource == than.intent.resource && newer
}

/// Whether an older word and a newer one are halves of pairs that cross: the newer one's partner came before the older one's, of
/// which the record is the same, so that the older pair comes after the newer one there.
fn crosses(world: &World, evidence: &Evidence, older: &IntentRecord, newer: &IntentRecord) -> bool {
    let halves = [older, newer].map(|half| pairs::partner(world, evidence, half));
    let [Some(of_older), Some(of_newer)] = halves else { return false };
    of_newer.order < of_older.order && of_newer.intent.resource == of_older.intent.resource
}

/// Whether an older word comes after half of a pair, of the same element, that let a newer one go first since their pairs cross,
/// and that had not ended when the newer one was written: it lies between the two, and no place keeps it in order with both.
fn lies_between(
    world: &World,
    evidence: &Evidence,
    (older, path): (&IntentRecord, &Pointer),
    newer: &IntentRecord,
) -> bool {
    let Some(written) = pairs::effect(evidence, newer.id).map(|entry| entry.at) else { return false };
    let open = |half: &IntentRecord| half.status.settled_at.is_none_or(|at| world.then(at).as_millisecond() >= written);
    let element = path.segments().nth(1).unwrap_or_default();
    let names = |half: &IntentRecord| {
        serde_json::to_string(&half.intent.change).is_ok_and(|text| text.contains(&format!("\"{element}\"")))
    };
    let mut halves = evidence.of_source(older).filter(|half| is_newer(older, half) && open(half) && names(half));
    halves.any(|half| crosses(world, evidence, half, newer))
}

/// Whether a person decided it, or one that went into it.
fn is_decided(evidence: &Evidence, record: &IntentRecord) -> bool {
    let replaced = evidence.replaced(record.id);
    replaced.into_iter().chain([record]).any(|record| evidence.is_decided(record))
}

#[cfg(test)]
mod tests;
