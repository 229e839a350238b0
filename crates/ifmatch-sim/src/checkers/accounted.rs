//! P1 and P6: nothing that was promised is lost, and everything ends once faults stop; what a newer intent supersedes
//! is all said by that one; and the engine never asks its store for something that does not fit what is stored.
//!
//! A withdrawal is a promise, too: from when it was told as taken, the intent ends, and nothing of it leaves but what
//! resolves an earlier attempt.

use super::Violation;
use super::evidence::Evidence;
use super::lost_edit::is_kept;
use crate::records::path_of;
use crate::world::{INPUTS_MAX, World};
use ifmatch_core::{Change, IntentId, IntentRecord, State, Timestamp};
use ifmatch_sandbox::Change as LedgerChange;
use ifmatch_store::StoredAttempt;
use serde_json::Value;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    out.extend(world.broken.iter().filter(|violation| violation.promise == "P1").cloned());
    if !world.broken.is_empty() {
        // The run ended there: what is open says nothing.
        return;
    }
    if world.inputs > INPUTS_MAX {
        out.push(Violation::new("P6", format!("it spins: {} inputs until {}", world.inputs, world.now)));
    }
    for id in &world.promised {
        match evidence.intents.get(id) {
            None => out.push(Violation::new("P1", format!("{id} was accepted and is not in the store"))),
            Some(record) if waits_with_partner(evidence, record) => {}
            Some(record) if !record.status.state.is_terminal() && record.status.state != State::Review => {
                let code = record.status.code.as_deref().unwrap_or("");
                let what = format!("{id} is {} {code} long after faults stopped", record.status.state);
                out.push(Violation::new("P6", what));
            }
            Some(_) => {}
        }
    }
    for (id, at) in &world.truth.withdrawn {
        if let Some(what) = goes_on(world, evidence, *id, *at) {
            out.push(Violation::new("P1", what));
        }
    }
    for record in evidence.intents.values() {
        let state = record.status.state;
        if state.is_terminal() != record.status.settled_at.is_some() {
            out.push(Violation::new("P1", format!("{} is {state} and its settled_at says otherwise", record.id)));
        }
        if let Some(field) = unsaid(world, evidence, record) {
            let winner = record.status.winner.map(|id| id.to_string()).unwrap_or_default();
            let what = format!("{} was superseded by {winner}, which says nothing of {field}", record.id);
            out.push(Violation::new("P1", what));
        }
        if record.status.attempts > attempts_max(world, record) {
            out.push(Violation::new("P6", format!("{} made {} attempts", record.id, record.status.attempts)));
        }
    }
}

/// The most attempts that an intent may make: what stands in its way for long may be tried for once in ten seconds.
fn attempts_max(world: &World, record: &IntentRecord) -> u32 {
    let until = record.status.settled_at.map_or(world.now, |at| world.then(at));
    let seconds = until.duration_since(world.then(record.accepted_at)).as_secs();
    200 + u32::try_from(seconds / 10).unwrap_or(0)
}

/// Half of a pair that is not written because the other half waits for a person, or a newer word of its source about the same:
/// it is told which one.
fn waits_with_partner(evidence: &Evidence, record: &IntentRecord) -> bool {
    let reason = record.status.reason.as_deref().unwrap_or_default();
    let halves = evidence.intents.values().filter(|other| other.id != record.id);
    let mut asked = halves.filter(|other| other.intent.pair.is_some() && other.status.state == State::Review);
    record.status.code.as_deref() == Some("queued/pair") && asked.any(|other| reason.contains(&other.id.to_string()))
}

/// What still happened to an intent after its withdrawal was told as taken, if anything did.
fn goes_on(world: &World, evidence: &Evidence, id: IntentId, since: Timestamp) -> Option<String> {
    let record = evidence.intents.get(&id)?;
    if !record.status.state.is_terminal() {
        return Some(format!("{id} was withdrawn at {since} and is {}", record.status.state));
    }
    let attempts = world.store.borrow_mut().attempts_of(&world.org(), id).expect("the memory store can be read");
    // A write that only puts back what an earlier one took names it, and carries nothing of it.
    let carries = |attempt: &&StoredAttempt| attempt.record.shares.iter().any(|share| share.intent == id);
    let first = attempts.iter().filter(carries).filter(|attempt| attempt.record.resends == 0);
    let mut late = first.filter(|attempt| world.truth.left.get(&attempt.record.id).is_some_and(|at| *at > since));
    late.next().map(|attempt| format!("{id} was withdrawn at {since}, and {:?} left with it later", attempt.record.id))
}

/// A field that a superseded intent sets, that no person gave up, and neither a newer word of its source sets nor the target ever
/// had so. Only patches are looked at: what a whole document means depends on what it started from.
fn unsaid<'e>(world: &World, evidence: &'e Evidence, record: &'e IntentRecord) -> Option<&'e str> {
    let newer = record.status.state == State::Superseded
        && record.status.code.as_deref() == Some("superseded/newer_intent")
        && !record.whole;
    let Change::MergePatch(wanted) = &record.intent.change else { return None };
    let path = path_of(&record.resource)?;
    let mut fields = wanted.as_object().filter(|_| newer)?.iter();
    let given_up = |field: &str| world.truth.given_up.contains(&(record.id, format!("/{field}")));
    // A policy may have added it to what stood there.
    let added = |field: &str, value: &Value| {
        let holds = |change: &LedgerChange| {
            change.path.strip_prefix('/') == Some(field) && is_kept(Some(value), change.after.as_ref())
        };
        evidence.of_record(&path).any(|(_, entry)| entry.changes.iter().any(holds))
    };
    let lost = |(field, value): &(&'e String, &'e Value)| {
        let gone = given_up(field) && evidence.is_decided(record);
        let stood = evidence.stood(world, &path, field, value) || added(field, value);
        !gone && !stood && !evidence.said_since(record, field)
    };
    fields.find(lost).map(|(field, _)| field.as_str())
}
