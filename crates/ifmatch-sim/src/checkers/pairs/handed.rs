//! What two agents hand over to each other in a swap, and back where the swap is taken back.

use super::{effect, undoes};
use crate::checkers::Violation;
use crate::checkers::evidence::{Evidence, OURS, touches};
use crate::records::{alike, path_of};
use crate::world::World;
use ifmatch_core::{Change, IntentId, IntentRecord, Share, State};
use ifmatch_sandbox::{Change as LedgerChange, LedgerEntry};
use serde_json::Value;
use std::collections::BTreeSet;

/// Judges the two halves of a pair where they are a swap.
pub(super) fn judge(world: &World, evidence: &Evidence, halves: [&IntentRecord; 2], out: &mut Vec<Violation>) {
    let [one, other] = halves;
    let (Some(mine), Some(_)) = (swapped(one), swapped(other)) else { return };
    let entries = [one, other].map(|half| effect(evidence, half.id));
    if let [Some(first), Some(second)] = entries {
        let (first, second) = if first.seq < second.seq { (first, second) } else { (second, first) };
        for shift in &mine {
            out.extend(differs(evidence, (first, second), shift));
        }
    }
    for (half, entry) in [one, other].into_iter().zip(entries) {
        let Some(entry) = entry else { continue };
        // Where somebody changed what was handed over, a person who takes it back all the same has seen that.
        let undecided = undoes(evidence, half.id).filter(|undo| !evidence.is_decided(undo));
        for back in undecided.filter_map(|undo| effect(evidence, undo.id)) {
            for shift in &mine {
                out.extend(differs(evidence, (entry, back), shift));
            }
        }
    }
    let involved = involved(evidence, halves);
    let records: Vec<&IntentRecord> = involved.iter().filter_map(|id| evidence.intents.get(id)).collect();
    // A person who was shown that half a swap stands, and cannot be taken back unseen, let it stand.
    let left = |record: &&IntentRecord| {
        let kept = record.status.state == State::Satisfied && evidence.is_decided(record);
        record.intent.takes_back_half() && (kept || record.status.state == State::Discarded)
    };
    if records.iter().any(|record| !is_over(record) || left(record)) {
        return;
    }
    for shift in &mine {
        out.extend(is_lost_or_twice(world, evidence, &involved, (one, shift)));
    }
}

/// The two shifts of a swap.
fn swapped(half: &IntentRecord) -> Option<[String; 2]> {
    let Change::Verb(verb) = &half.intent.change else { return None };
    let id = |name: &str| verb.args[name].as_str().map(str::to_owned);
    Some([id("shift_id")?, id("with_shift_id")?]).filter(|_| verb.name == "swap")
}

fn is_over(record: &IntentRecord) -> bool {
    record.status.state.is_terminal() && record.status.state != State::Review
}

/// The halves, what takes them back, and what takes that back.
fn involved(evidence: &Evidence, halves: [&IntentRecord; 2]) -> BTreeSet<IntentId> {
    let mut found = BTreeSet::new();
    let mut open: Vec<IntentId> = halves.iter().map(|half| half.id).collect();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(undoes(evidence, id).map(|undo| undo.id));
        }
    }
    found
}

/// A shift that arrived otherwise than it was given: each entry that adds or removes it, held against the other one.
fn differs(evidence: &Evidence, (first, second): (&LedgerEntry, &LedgerEntry), shift: &str) -> Option<Violation> {
    let (Some(was), Some(is)) = (whole(first, shift), whole(second, shift)) else { return None };
    // Another intent of the same write has a part in it.
    let alone = |entry: &LedgerEntry| {
        let path = format!("/shifts/{shift}");
        evidence.shares(entry).iter().filter(|share| touches(share, &path)).count() < 2
    };
    (alone(first) && alone(second) && !alike(Some(was), Some(is))).then(|| {
        let what = format!("entry {} of {} has shift {shift} as {is}", second.seq, second.path);
        Violation::new("P2", format!("{what}, and it was handed over in entry {} as {was}", first.seq))
    })
}

/// What an entry makes of a shift as a whole.
fn change_of<'e>(entry: &'e LedgerEntry, shift: &str) -> Option<&'e LedgerChange> {
    entry.changes.iter().find(|change| change.path == format!("/shifts/{shift}"))
}

/// The agents of a schedule who have a shift.
fn having<'r>(schedule: &'r Value, shift: &str) -> impl Iterator<Item = &'r Value> {
    let agents = schedule["agents"].as_array().into_iter().flatten();
    agents.filter(move |agent| agent["shifts"].as_array().into_iter().flatten().any(|it| it["id"] == shift))
}

/// The shift that an entry adds or removes as a whole.
fn whole<'e>(entry: &'e LedgerEntry, shift: &str) -> Option<&'e Value> {
    let change = change_of(entry, shift)?;
    match (&change.before, &change.after) {
        (Some(value), None) | (None, Some(value)) => Some(value),
        _ => None,
    }
}

/// A shift that none of the agents has in the end, or more than one, and the swap left it so.
fn is_lost_or_twice(
    world: &World,
    evidence: &Evidence,
    involved: &BTreeSet<IntentId>,
    (half, shift): (&IntentRecord, &str),
) -> Option<Violation> {
    let path = path_of(&half.resource)?;
    let (schedule, _) = path.split_once("/agents/")?;
    let record = world.sandbox.record(schedule)?;
    let count = having(&record, shift).count();
    if count == 1 {
        return None;
    }
    let at = format!("/shifts/{shift}");
    // Who else takes it away or adds it has a part in it.
    let moves = |share: &Share| {
        let mut whole = share.changes.iter().filter(|change| change.before.is_none() || change.after.is_none());
        !involved.contains(&share.intent) && whole.any(|change| change.path.as_str() == at)
    };
    let anothers = |entry: &LedgerEntry| match entry.actor.as_str() {
        OURS => evidence.shares(entry).iter().any(moves),
        _ => whole(entry, shift).is_some(),
    };
    let ours = |entry: &&LedgerEntry| evidence.shares(entry).iter().any(|share| involved.contains(&share.intent));
    let below = format!("{schedule}/agents/");
    let here = evidence.entries().filter(|entry| entry.path.starts_with(&below));
    let begun = here.clone().find(ours)?.seq;
    // What was not with one agent when the swap began was not made so by it.
    let stood = holders(world, schedule, shift, here.clone().take_while(|entry| entry.seq < begun));
    let swap_alone = stood == 1 && !here.skip_while(|entry| entry.seq < begun).any(anothers);
    swap_alone.then(|| {
        let how = if count == 0 { "with nobody".to_owned() } else { format!("with {count} agents") };
        Violation::new("P3", format!("shift {shift} of the swap {} is {how} in the end", half.id))
    })
}

/// How many agents had a shift after these entries, the first of all.
fn holders<'e>(world: &World, schedule: &str, shift: &str, entries: impl Iterator<Item = &'e LedgerEntry>) -> usize {
    let first = world.first().record(schedule).unwrap_or_default();
    let path = |agent: &Value| format!("{schedule}/agents/{}", agent["agent_id"].as_str().unwrap_or_default());
    let mut found: BTreeSet<String> = having(&first, shift).map(path).collect();
    for entry in entries {
        match change_of(entry, shift).map(|change| (&change.before, &change.after)) {
            Some((None, Some(_))) => drop(found.insert(entry.path.clone())),
            Some((Some(_), None)) => drop(found.remove(&entry.path)),
            _ => {}
        }
    }
    found.len()
}
