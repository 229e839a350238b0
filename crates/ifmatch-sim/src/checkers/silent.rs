//! P1: an intent is told as landed on account of a write that the target accepted and did not apply. And no false alarm: who is
//! told that a write of it was not applied, had one that was not, and nobody else is alarmed.
//!
//! Where answers do not tell what stands and the configuration does not say to read back, what was written before that came
//! out counts as landed: answers lie, or are about agents, of whom some show a version alone. Where somebody else wrote
//! before any read could show what stood, nobody can tell.

use super::Violation;
use super::evidence::{Evidence, OURS, touches};
use crate::records::{alike, path_of_record, value_at};
use crate::world::World;
use ifmatch_core::{Call, IntentRecord, State, Verify};
use ifmatch_sandbox::{LedgerEntry, Silence, SilentAnswer, Versions};

/// The code of an intent whose write was not applied.
const CODE: &str = "review/silent_refusal";

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    let silences = world.sandbox.silences();
    let options = &world.setup.scenario.options;
    let lies = options.silent_answer == SilentAnswer::AsSent;
    for record in evidence.intents.values() {
        let Some(path) = path_of_record(record) else { continue };
        let mine = || silences.iter().filter(|silence| silence.path == path);
        if record.status.code.as_deref() == Some(CODE) && !mine().any(|silence| names(record, silence)) {
            let what = format!("{} is told as not applied, and every write of it was", record.id);
            out.push(Violation::new("needless", what));
        }
        let untold = lies || path.contains("/agents/");
        // What others of the same write undid has nothing of its own to apply.
        let claims = record.status.reason.as_deref().is_some_and(|reason| !reason.starts_with("nothing of its own"));
        if record.status.state != State::Landed || !claims || (untold && world.setup.verify != Verify::Always) {
            continue;
        }
        let unapplied = |silence: &&Silence| {
            is_of(world, record, silence)
                && !came_later(evidence, record, silence)
                && !(untold && hidden(evidence, silence))
        };
        if let Some(silence) = mine().find(unapplied) {
            let Silence { field, sent, stands, .. } = silence;
            let what = format!("{} is landed, and {path}/{field} was sent {sent} and kept at {stands}", record.id);
            out.push(Violation::new("P1", what));
        }
    }
    let told = |(code, _): &&(&str, String)| matches!(*code, "silent_refusal" | "silent_stop" | "answer_doubted");
    if silences.is_empty()
        && let Some((code, message)) = world.alarms.iter().find(told)
    {
        out.push(Violation::new("needless", format!("alarm {code}, and every write was applied: {message}")));
    }
}

/// Whether what an intent is told about is the field that was not applied.
fn names(record: &IntentRecord, silence: &Silence) -> bool {
    let paths = record.status.conflict.iter().map(|note| &note.path);
    let mut fields = paths.filter_map(|path| path.segments().next());
    fields.any(|field| *field == *silence.field)
}

/// Whether a write of an intent is the one whose field was not applied.
fn is_of(world: &World, record: &IntentRecord, silence: &Silence) -> bool {
    let attempts = world.store.borrow_mut().attempts_of(&world.org(), record.id).expect("the memory store can be read");
    let at = format!("/{}", silence.field);
    let guarded = world.setup.scenario.options.versions == Versions::Checked;
    attempts.iter().map(|stored| &stored.record).any(|attempt| {
        let mut shares = attempt.shares.iter().filter(|share| share.intent == record.id);
        let contributes = shares.any(|share| touches(share, &at));
        let wrote = match &attempt.call {
            Call::Write(items) => items.iter().any(|item| {
                let kind = &item.resource.kind;
                let same = alike(value_at(kind, &item.to, &at), Some(&silence.sent)) || silence.sent.is_array();
                item.resource == record.resource
                    && same
                    && (!guarded || item.precondition.version == silence.from_version)
            }),
            Call::Create(_) => silence.from_version.is_none(),
            _ => false,
        };
        contributes && wrote
    })
}

/// Whether the value came to stand there after all: by a later write of the intent, or because somebody set it.
fn came_later(evidence: &Evidence, record: &IntentRecord, silence: &Silence) -> bool {
    let at = format!("/{}", silence.field);
    let later = |entry: &&LedgerEntry| entry.path == silence.path && entry.at >= silence.at;
    evidence.entries().filter(later).any(|entry| {
        let shares = evidence.shares(entry).iter().filter(|share| share.intent == record.id);
        let carries = entry.at > silence.at && shares.clone().any(|share| touches(share, &at));
        let set =
            |change: &ifmatch_sandbox::Change| change.path == at && alike(change.after.as_ref(), Some(&silence.sent));
        carries || entry.changes.iter().any(set)
    })
}

/// Whether somebody else wrote the record since, before or after a read could show what stood there.
fn hidden(evidence: &Evidence, silence: &Silence) -> bool {
    evidence.entries().any(|entry| entry.path == silence.path && entry.at >= silence.at && entry.actor != OURS)
}
