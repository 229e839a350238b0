//! P3: an intent's effect was applied twice, a write is explained by no attempt, or what a source named with one key
//! was taken for two intents. P1: an intent is called done, and the target never held what it wants.

use super::Violation;
use super::evidence::{Evidence, OURS, is_managed, touches};
use super::{local_time, overwritten};
use crate::records::{alike, path_of, schema};
use crate::truth::Export;
use crate::world::World;
use ifmatch_core::dialect::WriteItem;
use ifmatch_core::merge::{self, diff, patch_paths};
use ifmatch_core::{Call, Change, IntentId, IntentRecord, Share, SourceName, State};
use ifmatch_sandbox::{Change as LedgerChange, LedgerEntry};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    let mut carried: BTreeMap<IntentId, BTreeSet<u64>> = BTreeMap::new();
    for (entry, shares) in evidence.ours() {
        if !evidence.is_explained(entry) && !entry.changes.is_empty() && !is_document(evidence, &entry.path) {
            let what = format!("entry {} of {} is explained by no attempt", entry.seq, entry.path);
            out.push(Violation::new("P3", what));
        }
        // What slipped over somebody else's value is put back before it is merged again; what comes of that is judged by
        // `overwritten`.
        let taken_back = |share: &&Share| !overwritten::is_taken_back(evidence, entry, share.intent);
        let shown = |share: &&Share| !evidence.is_silenced(entry, share);
        for share in shares.iter().filter(|share| !share.changes.is_empty()).filter(taken_back).filter(shown) {
            carried.entry(share.intent).or_default().insert(entry.seq);
        }
    }
    for (intent, entries) in &carried {
        // A person who decides to apply what nobody can tell takes that on.
        let decided = evidence.intents.get(intent).is_some_and(|record| evidence.is_decided(record));
        if entries.len() > 1 && !decided {
            out.push(Violation::new("P3", format!("{intent} took effect in entries {entries:?}")));
        }
    }
    exports(world, out);
    twins(evidence, out);
    same_key(evidence, out);
    satisfied(world, evidence, out);
    for record in evidence.intents.values().filter(|record| record.status.state == State::Landed) {
        let operates = matches!(record.intent.change, Change::Operation(_));
        let claims = record.status.reason.as_deref().is_some_and(|reason| !reason.starts_with("nothing of its own"));
        let there = || {
            is_there(evidence, record.id)
                || is_cancelled_out(world, record)
                || is_anothers_word(world, evidence, record)
        };
        if !operates && claims && !carried.contains_key(&record.id) && !there() {
            out.push(Violation::new("P1", format!("{} is landed and the ledger has nothing of it", record.id)));
        }
    }
}

/// A request that is no intent: it leaves at most once, and whoever sent it is told what became of it.
fn exports(world: &World, out: &mut Vec<Violation>) {
    let asked = &world.truth.exports;
    let started = world.sandbox.stats().exports;
    // The network may deliver a request twice.
    if started > asked.len() as u64 && world.setup.scenario.faults.duplicate_delivery == 0.0 {
        out.push(Violation::new(
            "P3",
            format!("{started} recording exports were started, and {} asked for", asked.len()),
        ));
    }
    let told = asked.values().filter(|export| matches!(export, Export::Answered(200..300))).count();
    if told as u64 > started {
        out.push(Violation::new("P1", format!("{told} recording exports are told as started, and {started} were")));
    }
    let waiting: Vec<_> =
        asked.iter().filter(|(_, export)| **export == Export::Open).map(|(ticket, _)| ticket).collect();
    if !waiting.is_empty() {
        out.push(Violation::new("P6", format!("recording exports without an end: {waiting:?}")));
    }
}

/// Intents that are satisfied by a value which never stood in the target. Only fields that a patch sets are looked at,
/// where no newer word of the source, no policy and no person had a part in it.
fn satisfied(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    let equal = |record: &&IntentRecord| {
        let together = record.status.reason.as_deref().is_some_and(|reason| reason.starts_with("together with"));
        let policies = world.truth.told.get(&record.id).is_none_or(|told| told.policy)
            || world
                .setup
                .sources
                .iter()
                .any(|spec| spec.name == record.source.as_str() && spec.on_conflict != Default::default());
        record.status.state == State::Satisfied && record.status.decided.is_empty() && !together && !policies
    };
    for record in evidence.intents.values().filter(equal) {
        let Some(path) = path_of(&record.resource) else { continue };
        let Change::MergePatch(wanted) = &record.intent.change else { continue };
        // The ledger names the members of objects and lists one by one. What the target writes itself and a client sends back as
        // it was shown is no wish.
        let scalar = |(field, value): &(&String, &serde_json::Value)| {
            !value.is_object() && !value.is_array() && !is_managed(field)
        };
        for (field, value) in wanted.as_object().into_iter().flatten().filter(scalar) {
            // What says the same as an open word of its source is settled, and that word goes on.
            let repeats = record.status.code.as_deref() == Some("satisfied/unchanged")
                && evidence.said_before(record, field, value);
            let stood = || {
                local_time::meanings(world, &path, value).iter().any(|value| evidence.stood(world, &path, field, value))
            };
            if !repeats && !stood() && !evidence.said_since(record, field) {
                let what = format!("{} is satisfied, and {path}/{field} was never {value}", record.id);
                out.push(Violation::new("P1", what));
            }
        }
    }
}

/// Two intents under one idempotency key.
fn same_key(evidence: &Evidence, out: &mut Vec<Violation>) {
    let mut taken: BTreeMap<(&SourceName, &str), IntentId> = BTreeMap::new();
    for record in evidence.intents.values() {
        let Some(key) = record.intent.idempotency_key.as_deref() else { continue };
        if let Some(first) = taken.insert((&record.source, key), record.id) {
            out.push(Violation::new("P3", format!("{first} and {} have the key {key}", record.id)));
        }
    }
}

/// Two records that were made for one foreign record.
fn twins(evidence: &Evidence, out: &mut Vec<Violation>) {
    let mut made: BTreeMap<String, &str> = BTreeMap::new();
    for entry in evidence.entries().filter(|entry| entry.from_version.is_none()) {
        for change in
            entry.changes.iter().filter(|change| matches!(change.path.as_str(), "/correlation_id" | "/swap_request_id"))
        {
            let Some(mark) = change.after.as_ref().and_then(|mark| mark.as_str()).filter(|mark| !mark.is_empty())
            else {
                continue;
            };
            if let Some(first) = made.insert(mark.to_owned(), &entry.path) {
                out.push(Violation::new("P3", format!("{mark} was made twice: {first} and {}", entry.path)));
            }
        }
    }
}

/// Whether somebody wrote the very values that the intent wanted, so that it could be taken for
/// landed on their account.
fn is_there(evidence: &Evidence, intent: IntentId) -> bool {
    let Some(record) = evidence.intents.get(&intent) else { return false };
    let Some(path) = crate::records::path_of_record(record) else { return false };
    if let Some(status) = super::evidence::settles(&record.intent.change) {
        let others = evidence.entries().filter(|entry| entry.path == path);
        let mut others = others.flat_map(|entry| &entry.changes).filter(|change| change.path == "/status");
        return others.any(|change| change.after.as_ref().is_some_and(|after| after == status));
    }
    if let Change::Verb(verb) = &record.intent.change {
        let shift = format!("/shifts/{}", verb.args["shift_id"].as_str().unwrap_or_default());
        let others = evidence.entries().filter(|entry| entry.path == path && entry.actor != OURS);
        return others.flat_map(|entry| &entry.changes).any(|change| change.path.starts_with(&shift));
    }
    let wanted = match &record.intent.change {
        Change::MergePatch(wanted) | Change::Desired(wanted) | Change::Create(wanted) => {
            patch_paths(schema(&record.resource.kind), wanted)
        }
        Change::Undo(undo) => undo.changes.clone(),
        _ => return false,
    };
    let wrote = |wanted: &merge::Change| {
        let mut changes = evidence.entries().filter(|entry| entry.path == path).flat_map(|entry| &entry.changes);
        changes.any(|change| change.path == wanted.path.as_str() && change.after == wanted.after)
    };
    wanted.iter().any(wrote)
}

/// Whether a write carried an intent together with one that takes its effect back, so that the record stayed as it was: two
/// agents who swap and swap back.
fn is_cancelled_out(world: &World, record: &IntentRecord) -> bool {
    let attempts = world.store.borrow_mut().attempts_of(&world.org(), record.id).expect("the memory store can be read");
    attempts.iter().any(|attempt| {
        let Call::Write(items) = &attempt.record.call else { return false };
        let item = items.iter().find(|item| item.resource == record.resource);
        let mine = attempt.record.shares.iter().filter(|share| share.intent == record.id);
        let left = |item: &WriteItem| diff(schema(&record.resource.kind), &item.from, &item.to);
        let mut changed = mine.flat_map(|share| &share.changes);
        item.is_some_and(|item| {
            let left = left(item);
            changed.all(|change| !left.iter().any(|other| other.path.overlaps(&change.path)))
        })
    })
}

/// A known limit: where no answer told what became of a write, and nothing ever told as whom our writes land, somebody else who
/// writes the same meanwhile cannot be told from us.
fn is_anothers_word(world: &World, evidence: &Evidence, record: &IntentRecord) -> bool {
    let Some(path) = path_of(&record.resource) else { return false };
    let version = record.status.result.as_ref().and_then(|result| result.version);
    let was = |code: &str| evidence.trail.coded(code).contains(&record.id);
    // The vendor's words for a shift are others than the ledger's.
    let tracked = was("tracking/processing");
    let untold = tracked || was("ambiguous/no_answer") || was("ambiguous/restart");
    let attempts = world.store.borrow_mut().attempts_of(&world.org(), record.id).expect("the memory store can be read");
    let shares = attempts.iter().flat_map(|attempt| attempt.record.shares.iter());
    let mine: Vec<&Share> = shares.filter(|share| share.intent == record.id).collect();
    let says = |change: &LedgerChange| {
        mine.iter().flat_map(|share| &share.changes).any(|said| {
            let rest = change.path.strip_prefix(said.path.as_str());
            let said = rest.and_then(|rest| said.after.as_ref()?.pointer(rest));
            said.is_some() && alike(said, change.after.as_ref())
        })
    };
    let same = |change: &LedgerChange| {
        if tracked { mine.iter().any(|share| touches(share, &change.path)) } else { says(change) }
    };
    let there = |entry: &LedgerEntry| version >= Some(entry.to_version) && entry.changes.iter().any(same);
    untold && evidence.of_record(&path).any(|(_, entry)| entry.actor != OURS && there(entry))
}

/// The entry of a whole schedule beside those of its agents.
fn is_document(evidence: &Evidence, path: &str) -> bool {
    let beside = format!("{path}/agents/");
    evidence.entries().any(|entry| entry.path.starts_with(&beside))
}
