//! Pairs, P3 and P6: both halves stand in the end or neither, and no half waits for a person while the other one stands.
//! What is handed over in a swap, P2 and P3: each shift arrives as it was given, and in the end it is with one agent.
//!
//! By the ledger: a half stands where a write carried it and none took it back. Conceded: half a pair that nobody can take
//! back without overwriting somebody, or against the least rest that the target demands, of which a person is told
//! (`review/half_pair`), also where that person lets it stand; a half, or what takes it back, of which nobody can tell whether
//! it landed, so that a person is asked; and what somebody else took away or put there.

mod barred;
mod handed;

use super::Violation;
use super::evidence::{Evidence, OURS, touches};
use crate::records::path_of;
use crate::world::World;
use ifmatch_core::{Change, IntentId, IntentRecord, SourceName, State};
use ifmatch_sandbox::LedgerEntry;
use std::collections::BTreeMap;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    if !world.broken.is_empty() {
        // The run ended there: what is open says nothing.
        return;
    }
    for halves in pairs(evidence).values() {
        match halves.as_slice() {
            [lone] if effect(evidence, lone.id).is_some() => {
                let what = format!("{} is half a pair, the other half never came, and it was written", lone.id);
                out.push(Violation::new("P3", what));
            }
            [one, other] => {
                for (mine, partner) in [(one, other), (other, one)] {
                    if let Some((promise, what)) = stands_alone(world, evidence, mine, partner) {
                        out.push(Violation::new(promise, format!("{}, half of a pair, {what}", mine.id)));
                    }
                }
                handed::judge(world, evidence, [one, other], out);
            }
            _ => {}
        }
    }
}

/// The halves of each pair, in the order of acceptance. A name is free again once a pair has ended; worlds give each one once.
fn pairs(evidence: &Evidence) -> BTreeMap<(&SourceName, &str), Vec<&IntentRecord>> {
    let mut found: BTreeMap<_, Vec<&IntentRecord>> = BTreeMap::new();
    for record in evidence.intents.values() {
        if let Some(name) = record.intent.pair.as_deref() {
            found.entry((&record.source, name)).or_default().push(record);
        }
    }
    found
}

/// How half a pair stands without the other, if it does: the promise, and what happened.
fn stands_alone(
    world: &World,
    evidence: &Evidence,
    mine: &IntentRecord,
    partner: &IntentRecord,
) -> Option<(&'static str, String)> {
    if !stands(evidence, mine.id) || stands(evidence, partner.id) {
        return None;
    }
    let doubted = evidence.trail.doubted();
    if doubted.contains(&mine.id) && mine.status.state != State::Landed {
        // Nobody could tell that it stands, and a person was asked.
        return None;
    }
    let code = partner.status.code.as_deref().unwrap_or_default();
    match partner.status.state {
        // What it wants was there already, or somebody else wrote it.
        State::Satisfied => None,
        State::Landed => {
            let undo = undoes(evidence, partner.id).find(|undo| stands(evidence, undo.id))?;
            is_half_undone(world, evidence, mine, undo)
                .then(|| ("P3", format!("stands, and {} took back only the other half", undo.id)))
        }
        State::Review if doubted.contains(&partner.id) => None,
        State::Review => Some(("P6", format!("stands while {} waits for a person as {code}", partner.id))),
        state if state.is_terminal() => {
            let undo = undoes(evidence, mine.id).find(|undo| undo.intent.takes_back_half());
            let Some(undo) = undo else {
                return Some(("P3", format!("stands, {} ended {state}, and nothing takes it back", partner.id)));
            };
            let is_over = match undo.status.state {
                // A newer word of its source took its place, or what it takes back was gone by then.
                State::Superseded | State::Satisfied => true,
                // A person is asked, or was: there was something to ask.
                State::Review | State::Discarded => {
                    changed_since(evidence, mine, undo)
                        || barred::is_barred(world, evidence, undo)
                        || (doubted.contains(&undo.id) && others_wrote_since(world, evidence, undo))
                }
                _ => false,
            };
            let (now, code) = (undo.status.state, undo.status.code.as_deref().unwrap_or_default());
            let what = || {
                format!("stands, {} ended {state}, and {}, which takes it back, is {now} {code}", partner.id, undo.id)
            };
            (!is_over).then(|| ("P3", what()))
        }
        // It is open still: `accounted` says so.
        _ => None,
    }
}

/// Whether an undo took back one half where it could have taken back both: it is no half of a pair itself, or of one that is
/// no more.
fn is_half_undone(world: &World, evidence: &Evidence, other: &IntentRecord, undo: &IntentRecord) -> bool {
    if undo.intent.takes_back_half() {
        return true;
    }
    // A source that undoes a pair has its own pair judged as such; one that came before the other half had landed takes back
    // what there was.
    let landed =
        effect(evidence, other.id).is_some_and(|entry| entry.at < world.then(undo.accepted_at).as_millisecond());
    undo.intent.pair.is_none() && landed
}

/// The other half of the pair that an intent is half of. One that had ended before the other one was accepted is half of
/// another pair: the name was free again.
pub(super) fn partner<'e>(world: &World, evidence: &'e Evidence, record: &IntentRecord) -> Option<&'e IntentRecord> {
    let pair = record.intent.pair.as_ref()?;
    let over = |older: &IntentRecord, newer: &IntentRecord| {
        let settled = older.status.settled_at.map(|at| world.then(at));
        older.order < newer.order && settled.is_some_and(|at| at <= world.then(newer.accepted_at))
    };
    let mut all = evidence.intents.values().filter(|other| other.id != record.id && other.source == record.source);
    all.find(|other| other.intent.pair.as_ref() == Some(pair) && !over(other, record) && !over(record, other))
}

/// The intents that take an intent back.
fn undoes(evidence: &Evidence, id: IntentId) -> impl Iterator<Item = &IntentRecord> {
    let takes_back =
        move |record: &&IntentRecord| matches!(&record.intent.change, Change::Undo(undo) if undo.intent == id);
    evidence.intents.values().filter(takes_back)
}

/// The last entry that shows something of an intent.
pub(super) fn effect(evidence: &Evidence, id: IntentId) -> Option<&LedgerEntry> {
    let shows = |entry: &LedgerEntry| {
        let mut mine = evidence.shares(entry).iter().filter(|share| share.intent == id && !share.changes.is_empty());
        mine.any(|share| !evidence.is_silenced(entry, share))
    };
    evidence.ours().filter(|(entry, _)| shows(entry)).last().map(|(entry, _)| entry)
}

/// Whether what an intent wrote stands: nothing took it back, or that was itself taken back.
fn stands(evidence: &Evidence, id: IntentId) -> bool {
    effect(evidence, id).is_some() && !undoes(evidence, id).any(|undo| stands(evidence, undo.id))
}

/// Whether somebody else wrote where an intent did, after it or together with it; or anywhere in the record, where what takes
/// the intent back was kept from it by a rule of ours, or by what waits for a person already.
fn changed_since(evidence: &Evidence, record: &IntentRecord, undo: &IntentRecord) -> bool {
    let (Some(entry), Some(path)) = (effect(evidence, record.id), path_of(&record.resource)) else { return false };
    let mine: Vec<_> = evidence.shares(entry).iter().filter(|share| share.intent == record.id).collect();
    let by_rule = undo.status.conflict.iter().all(|note| note.path.as_str() == "/shifts" || note.base.is_none());
    let here = |path: &str| by_rule || mine.iter().any(|share| touches(share, path));
    let later = evidence.entries().filter(|other| other.seq >= entry.seq && other.path == path);
    later.into_iter().any(|other| match other.actor.as_str() {
        OURS => {
            let others = evidence.shares(other).iter().filter(|share| share.intent != record.id);
            others.flat_map(|share| &share.changes).any(|change| here(change.path.as_str()))
        }
        _ => other.changes.iter().any(|change| here(&change.path)),
    })
}

/// Whether somebody else wrote to the record of an intent after it was accepted.
fn others_wrote_since(world: &World, evidence: &Evidence, record: &IntentRecord) -> bool {
    let since = world.then(record.accepted_at).as_millisecond();
    let Some(path) = path_of(&record.resource) else { return false };
    let anothers = |entry: &LedgerEntry| {
        entry.actor != OURS || evidence.shares(entry).iter().any(|share| share.intent != record.id)
    };
    evidence.ledger.iter().any(|entry| entry.path == path && entry.at >= since && anothers(entry))
}

#[cfg(test)]
mod tests;
