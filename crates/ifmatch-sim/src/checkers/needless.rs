//! A review for which there was no need: no true overlap, no undecidable doubt, no rule or policy.

use super::Violation;
use super::evidence::{Evidence, path_of};
use crate::world::World;
use ifmatch_core::{Change, ConflictNote, IntentRecord, State};

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    for record in evidence.intents.values().filter(|record| is_conflict(record)) {
        let needed = record.status.conflict.iter().any(|note| is_needed(world, evidence, record, note));
        if !needed {
            let code = record.status.code.as_deref().unwrap_or("");
            out.push(Violation::new("needless", format!("{} in {code}: {:?}", record.id, record.status.conflict)));
        }
    }
}

/// Reviews and refusals that claim a true conflict. The other codes name a rule or a doubt.
fn is_conflict(record: &IntentRecord) -> bool {
    let code = record.status.code.as_deref().unwrap_or("");
    // A decision that came too late opens the review again, whatever stands there by then.
    let reopened = record.status.reason.as_deref().is_some_and(|reason| reason.contains("since a person saw it"));
    matches!(record.status.state, State::Review | State::Rejected) && code.ends_with("/true_conflict") && !reopened
}

/// Needed when the value that stands there is not the one that the source saw, when somebody else
/// wrote the path since the intent was accepted, or when the wish goes back to an older value.
fn is_needed(world: &World, evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let Some(told) = world.truth.told.get(&record.id) else { return true };
    let field = note.path.segments().next().map(|field| field.into_owned()).unwrap_or_default();
    let other = |mind: &serde_json::Value| mind.get(&field) != note.remote.as_ref();
    // An intent that it superseded was open: this one goes on from that one's word and base.
    let replaced = evidence.replaced(record.id);
    let minds = replaced.iter().filter_map(|older| world.truth.told.get(&older.id)).chain([told]);
    let saw_other = minds.into_iter().any(|told| other(&told.saw) || other(&told.believed));
    let path = path_of(&record.resource).unwrap_or_default();
    let at = note.path.as_str();
    let mut older = evidence.ledger.iter().filter(|entry| entry.path == path).flat_map(|entry| &entry.changes);
    let goes_back = older.any(|change| change.path == at && change.before == note.local);
    saw_other
        || goes_back
        || stuck_before(evidence, record, note)
        || own_word_moved(evidence, record, note)
        || was_sent(world, record)
}

/// The record was sent to the source, and a crash kept the answer from it: nobody can know that.
fn was_sent(world: &World, record: &IntentRecord) -> bool {
    let path = path_of(&record.resource).unwrap_or_default();
    world.undelivered.contains(&(record.source.to_string(), path))
}

/// Another wish of the same source is stuck at the same path: this one goes on from it.
fn stuck_before(evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let same = |other: &&IntentRecord| {
        other.id != record.id && other.source == record.source && other.resource == record.resource
    };
    evidence.intents.values().filter(same).any(|other| {
        let edits = other.status.edits.iter().map(|edit| &edit.path);
        edits.chain(other.status.conflict.iter().map(|known| &known.path)).any(|path| *path == note.path)
    })
}

/// A source that names no base, or a version that nobody holds any more, speaks from its own last
/// word there, which somebody changed since.
fn own_word_moved(evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let shown = record.intent.base.as_ref().is_some_and(|base| base.value.is_some());
    let said = |other: &IntentRecord| match &other.intent.change {
        Change::MergePatch(wanted) | Change::Desired(wanted) => {
            wanted.pointer(note.path.as_str()).cloned() == note.base
        }
        _ => false,
    };
    let before = |other: &IntentRecord| other.order < record.order && other.resource == record.resource;
    let own = evidence.intents.values().any(|other| other.source == record.source && before(other) && said(other));
    !shown && own && note.base != note.remote
}
