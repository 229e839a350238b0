//! P2 where the target ignores versions: what a write of ours overwrote is told with its intent, and repaired, or left to a
//! person, as the policy of its source says.
//!
//! That an alarm is raised is the matter of `lost_edit`. Here each value of somebody else that a write of ours was let
//! through over is followed from the ledger: it stands there again, or the intent was merged with it, or somebody wrote
//! there since, or a person was asked. Conceded: what the engine says it gave up to put back, with its alarm.

use super::Violation;
use super::evidence::{Evidence, OURS, touches};
use super::lost_edit::{is_kept, is_lost, is_lost_by_right, names};
use crate::world::World;
use ifmatch_core::{Change as Wish, IntentId, IntentRecord, OnOverwrite, Share, State};
use ifmatch_sandbox::{Change, LedgerEntry, Versions};

/// The case of an intent that is merged again with what its write overwrote.
const AGAIN: &str = "queued/overwritten";
/// The cases of one that waits for a person.
const ASKED: [&str; 3] = ["review/overwritten", "review/undecided", "review/silent_refusal"];

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    if world.setup.scenario.options.versions != Versions::Ignored || !world.setup.told_unguarded {
        return;
    }
    for (entry, shares) in evidence.ours() {
        let Some(named) = evidence.slipped_over(entry) else { continue };
        for change in &entry.changes {
            let touching: Vec<&Share> = shares.iter().filter(|share| touches(share, &change.path)).collect();
            if is_foreign(evidence, entry, &change.path, named)
                && !is_kept(change.before.as_ref(), change.after.as_ref())
            {
                follow(world, evidence, entry, change, &touching, out);
            }
        }
    }
}

/// Whether somebody else wrote a path last, after the version that our write names.
fn is_foreign(evidence: &Evidence, entry: &LedgerEntry, path: &str, named: u64) -> bool {
    let last = evidence.before(entry).find(|other| other.changes.iter().any(|change| change.path == path));
    last.is_some_and(|other| other.actor != OURS && other.to_version > named)
}

fn follow(
    world: &World,
    evidence: &Evidence,
    entry: &LedgerEntry,
    change: &Change,
    touching: &[&Share],
    out: &mut Vec<Violation>,
) {
    let records: Vec<&IntentRecord> = touching.iter().filter_map(|share| evidence.intents.get(&share.intent)).collect();
    let what = || format!("entry {} of {} overwrote {}", entry.seq, entry.path, change.path);
    for record in &records {
        if record.status.overwrote.is_none() {
            out.push(Violation::new("P2", format!("{}, and {} does not tell of it", what(), record.id)));
        }
    }
    let reports = |record: &&IntentRecord| policy(world, record) == OnOverwrite::Report;
    if !records.is_empty() && records.iter().all(reports) {
        return;
    }
    let right = !is_lost(world, evidence, entry, &change.path, change.before.as_ref());
    if !records.is_empty() && right {
        // Its source had seen the value, or a policy or a person named what stands.
        return;
    }
    let asked = records.iter().any(|record| ASKED.iter().any(|code| was(evidence, record.id, code)));
    // Where a newer word of its source took its place, or it went to a person after all, what was written next was merged
    // with what is put back.
    let left = |record: &IntentRecord| {
        matches!(record.status.state, State::Superseded | State::Review | State::Rejected)
            && evidence.ours().any(|(other, _)| other.seq > entry.seq && other.path == entry.path)
    };
    let merged = |record: &IntentRecord| left(record) || goes_on(world, evidence, entry, record);
    let again = records.iter().any(|record| was(evidence, record.id, AGAIN) && merged(record));
    // A value that the target does not take cannot be put back; of that there is an alarm, too.
    let refused = evidence.is_refused(&entry.path, &change.path, change.before.as_ref());
    let failed = |(code, text): &(&str, String)| *code == "repair_failed" && names(text, &entry.path);
    let gave_up = refused || world.alarms.iter().any(failed);
    if !asked && !again && !gave_up && !came_back(world, evidence, entry, change) && !was_named(evidence, entry, change)
    {
        out.push(Violation::new("P2", format!("{}, and nobody repaired it or was asked", what())));
    }
}

fn policy(world: &World, record: &IntentRecord) -> OnOverwrite {
    let spec = world.setup.sources.iter().find(|spec| spec.name == record.source.as_str());
    spec.map_or_else(OnOverwrite::default, |spec| spec.on_overwrite)
}

fn was(evidence: &Evidence, id: IntentId, code: &str) -> bool {
    evidence.trail.coded(code).contains(&id)
}

/// Whether an intent was merged with what its write overwrote under a policy that says which value stands, or carried out
/// again on it.
fn goes_on(world: &World, evidence: &Evidence, entry: &LedgerEntry, record: &IntentRecord) -> bool {
    let policy = world.truth.told.get(&record.id).is_none_or(|told| told.policy);
    let spec = world.setup.sources.iter().find(|spec| spec.name == record.source.as_str());
    let named = policy || spec.is_some_and(|spec| spec.on_conflict != Default::default());
    let verb = matches!(record.intent.change, Wish::Verb(_));
    let mut later = evidence.ours().filter(|(other, _)| other.seq > entry.seq && other.path == entry.path);
    named || (verb && later.any(|(_, shares)| shares.iter().any(|share| share.intent == record.id)))
}

/// Whether the value stood there again, or somebody else wrote there since, or one of ours did who was free to.
fn came_back(world: &World, evidence: &Evidence, entry: &LedgerEntry, change: &Change) -> bool {
    let later = evidence.entries().filter(|other| other.seq > entry.seq && other.path == entry.path);
    let mut there = later.flat_map(|other| other.changes.iter().map(move |change| (other, change)));
    there.any(|(other, later)| {
        let again = later.after == change.before || is_kept(change.before.as_ref(), later.after.as_ref());
        let free = || {
            let shares = evidence.shares(other);
            let speaks = shares.iter().any(|share| touches(share, &change.path));
            speaks && !is_lost_by_right(world, evidence, other, &change.path, later.before.as_ref())
        };
        later.path == change.path && (again || other.actor != OURS || free())
    })
}

/// Whether a write of ours that came later was merged with the value as if it stood there again: what it says in its place may be
/// what the record holds already.
fn was_named(evidence: &Evidence, entry: &LedgerEntry, change: &Change) -> bool {
    let names = |share: &Share| {
        share.changes.iter().any(|said| said.path.as_str() == change.path && said.before == change.before)
    };
    let mut later = evidence.ours().filter(|(other, _)| other.seq > entry.seq && other.path == entry.path);
    later.any(|(_, shares)| shares.iter().any(names))
}

/// Whether an intent took back what an entry says: it slipped over somebody else's value, and the intent was merged again.
/// What it came to in the end, its last entry, stands.
pub(super) fn is_taken_back(evidence: &Evidence, entry: &LedgerEntry, intent: IntentId) -> bool {
    let landed = || evidence.intents.get(&intent).is_some_and(|record| record.status.state == State::Landed);
    let carries = |shares: &[Share]| shares.iter().any(|share| share.intent == intent);
    let last = || !evidence.ours().any(|(other, shares)| other.seq > entry.seq && carries(shares));
    evidence.slipped_over(entry).is_some() && was(evidence, intent, AGAIN) && !(landed() && last())
}
