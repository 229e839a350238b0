//! A review for which there was no need: no true overlap, no undecidable doubt, no rule or policy.
//!
//! What lets a review pass, and why, is named one by one; everything else is a violation.

use super::evidence::{Evidence, OURS, touches, word};
use super::{Violation, local_time, shifts};
use crate::records::{alike, path_of};
use crate::truth::Told;
use crate::world::World;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{Change, ConflictNote, IntentRecord, Limits, State};
use ifmatch_sandbox::LedgerEntry;
use serde_json::Value;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    for record in evidence.intents.values() {
        let notes = &record.status.conflict;
        let needed = match claim(record) {
            Some(Claim::Conflict) => notes.iter().any(|note| is_needed(world, evidence, record, note)),
            Some(Claim::Joined) => record.status.edits.iter().any(|edit| stuck_before(evidence, record, &edit.path)),
            Some(Claim::Worn) => {
                // A new life has forgotten which version it was refused at, and counts that move once more.
                let lives = world.process.crashes as usize;
                moves(world, evidence, record) + lives >= Limits::default().merges_max as usize
            }
            Some(Claim::UnknownBase) => {
                // Whatever it is called, an overlap is one.
                let overlaps = |note: &ConflictNote| is_needed(world, evidence, record, note);
                !notes.iter().all(|note| shows_what_stood(world, evidence, record, note)) || notes.iter().any(overlaps)
            }
            None => true,
        };
        if !needed {
            let code = record.status.code.as_deref().unwrap_or("");
            out.push(Violation::new("needless", format!("{} in {code}: {notes:?}", record.id)));
        }
    }
}

/// What a review or a refusal claims. Codes besides these name a rule, or a doubt that stays one.
enum Claim {
    Conflict,
    Joined,
    UnknownBase,
    /// The record changed again and again.
    Worn,
}

fn claim(record: &IntentRecord) -> Option<Claim> {
    // A decision that came too late opens the review again, whatever stands there by then.
    let reopened = record.status.reason.as_deref().is_some_and(|reason| reason.contains("since a person saw it"));
    if reopened || !matches!(record.status.state, State::Review | State::Rejected) {
        return None;
    }
    match record.status.code.as_deref()?.split_once('/')?.1 {
        "true_conflict" => Some(Claim::Conflict),
        "joined" => Some(Claim::Joined),
        "unknown_base" | "no_base" => Some(Claim::UnknownBase),
        "merges_exhausted" => Some(Claim::Worn),
        _ => None,
    }
}

/// How often the record of an intent moved since it was accepted, or where reads lag: could be seen to move.
pub(super) fn moves(world: &World, evidence: &Evidence, record: &IntentRecord) -> usize {
    let path = path_of(&record.resource).unwrap_or_default();
    let since = world.then(record.accepted_at).as_millisecond() - world.setup.scenario.options.replica_lag_ms;
    evidence.entries().filter(|entry| path.starts_with(&entry.path) && entry.at >= since).count()
}

/// Needed when the value that stands there is neither what the source saw nor what it said, or not
/// what the intent shows; when the wish goes back to an older value; or when it hangs on an earlier
/// word of its source.
fn is_needed(world: &World, evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let Some(told) = world.truth.told.get(&record.id) else { return true };
    if let Some(needed) = shifts::is_needed(world, evidence, record, note) {
        return needed || stuck_before(evidence, record, &note.path) || was_sent(world, record);
    }
    let field = note.path.segments().next().map(|field| field.into_owned()).unwrap_or_default();
    let other = |mind: &Value| mind.get(&field) != note.remote.as_ref();
    // An intent that it superseded was open: this one goes on from that one's word and base.
    let replaced = evidence.replaced(record.id);
    let mut minds = replaced.iter().filter_map(|older| world.truth.told.get(&older.id)).chain([told]);
    minds.any(|told| other(&told.saw) && other(&told.believed))
        || shown(record, note).is_some_and(|value| Some(value) != note.remote.as_ref())
        || (other(&told.saw) && is_anothers(evidence, told, record, note))
        || goes_back(evidence, record, note)
        || stuck_before(evidence, record, &note.path)
        || own_word_moved(world, evidence, record, note)
        || is_gone_for_undo(record, note)
        || is_doubted(world, evidence, record, note)
        || is_near_another(world, record, told, note)
}

/// A whole body is as near to an older representation that its source was shown, with the value that the review names as its
/// base, as to what the source really saw: nobody can know which one it was made from.
fn is_near_another(world: &World, record: &IntentRecord, told: &Told, note: &ConflictNote) -> bool {
    let (Change::MergePatch(doc) | Change::Desired(doc)) = &record.intent.change else { return false };
    let field = note.path.segments().next().unwrap_or_default();
    let row = world.store.borrow_mut().row(&world.org(), &record.resource).ok().flatten();
    let differs = |mind: &Value| {
        let members = doc.as_object().into_iter().flatten().filter(|(name, _)| *name != "metadata");
        members.filter(|(name, value)| !alike(Some(*value), mind.get(name.as_str()))).count()
    };
    let shown = row.iter().flat_map(|row| &row.history).filter(|seen| seen.shown_to.contains_key(&record.source));
    let mut based = shown.filter(|seen| seen.value.get(&*field) == note.base.as_ref());
    record.proxied && based.any(|seen| differs(&seen.value) <= differs(&told.saw))
}

/// Nobody could know what its source had seen.
pub(super) fn is_doubted(world: &World, evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    was_sent(world, record) || keeps_lagging_base(world, evidence, record, note) || last_saw_base(world, record, note)
}

/// All that the source ever saw last is the value that the review names as its base. A wish that was refused for the moment
/// is sent once more after such a sight, and then it was made from it for all that anybody can know.
fn last_saw_base(world: &World, record: &IntentRecord, note: &ConflictNote) -> bool {
    let path = path_of(&record.resource).unwrap_or_default();
    let field = note.path.segments().next().unwrap_or_default();
    let seen = world.truth.seen.get(&(record.source.to_string(), path));
    let saw = seen.and_then(|seen| seen.get(&*field));
    saw.is_some() && saw == note.base.as_ref() && saw != note.remote.as_ref()
}

/// Somebody else wrote the value that stands there, or another source is about to, and the source never saw it: that it
/// had said the same value itself is chance, and whose word it is depends on who was first.
fn is_anothers(evidence: &Evidence, told: &Told, record: &IntentRecord, note: &ConflictNote) -> bool {
    let path = path_of(&record.resource).unwrap_or_default();
    let at = note.path.as_str();
    let others = |entry: &&LedgerEntry| entry.actor != OURS || !evidence.sources(entry, at).contains(&told.source);
    let theirs = evidence.entries().filter(|entry| entry.path == path).filter(others);
    let mut written = theirs.flat_map(|entry| &entry.changes);
    let field = note.path.segments().next().unwrap_or_default();
    let writer = |other: &&IntentRecord| {
        other.resource == record.resource && note.remote_writer.as_deref() == Some(other.source.as_str())
    };
    let mut wished = evidence.intents.values().filter(writer).filter(|other| other.source != record.source);
    written.any(|change| change.path == at && change.after == note.remote)
        || wished.any(|other| alike(word(other, &field).as_deref(), note.remote.as_ref()))
}

/// The reversion rule: the wish is a value that stood there before somebody else changed it.
pub(super) fn goes_back(evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let path = path_of(&record.resource).unwrap_or_default();
    let at = note.path.as_str();
    let of_record = evidence.entries().filter(|entry| entry.path == path);
    let changes = of_record.flat_map(|entry| entry.changes.iter().map(move |change| (entry, change)));
    let mut since =
        changes.filter(|(_, change)| change.path == at).skip_while(|(_, change)| change.before != note.local);
    // What a person had go on stands for that person.
    let decided = |entry: &LedgerEntry| {
        evidence.shares(entry).iter().any(|share| touches(share, at) && evidence.decided.contains(&share.intent))
    };
    since.any(|(entry, _)| {
        entry.actor != OURS
            || decided(entry)
            || !evidence.sources(entry, at).iter().any(|by| by == record.source.as_str())
    })
}

/// The record was sent to the source, and a crash kept the answer from it: nobody can know that.
fn was_sent(world: &World, record: &IntentRecord) -> bool {
    let path = path_of(&record.resource).unwrap_or_default();
    world.undelivered.contains(&(record.source.to_string(), path))
}

/// A wish without a base that a person had go on keeps, where they chose no value, the base of the review: the record as
/// it was read then, which may have lagged behind.
fn keeps_lagging_base(world: &World, evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let lags = world.setup.scenario.options.replica_lag_ms > 0;
    lags && shown(record, note).is_none() && evidence.decided.contains(&record.id)
}

/// An earlier wish of the same source was stuck at the same path: this one goes on from it.
fn stuck_before(evidence: &Evidence, record: &IntentRecord, path: &Pointer) -> bool {
    let earlier = |other: &&IntentRecord| other.order < record.order;
    evidence.of_source(record).filter(earlier).any(|other| {
        let edits = other.status.edits.iter().map(|edit| &edit.path);
        edits.chain(other.status.conflict.iter().map(|known| &known.path)).any(|known| known.overlaps(path))
    })
}

/// A source that shows no base, or names a version that nobody holds, speaks from its own last word
/// there, which somebody changed since.
fn own_word_moved(world: &World, evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let said = |other: &IntentRecord| match &other.intent.change {
        Change::MergePatch(wanted) | Change::Desired(wanted) => wanted.pointer(note.path.as_str()).cloned(),
        _ => None,
    };
    let path = path_of(&record.resource).unwrap_or_default();
    let means =
        |said: &Value| local_time::meanings(world, &path, said).iter().any(|at| alike(Some(at), note.base.as_ref()));
    let before = |other: &&IntentRecord| other.order < record.order;
    let own = evidence.of_source(record).filter(before).any(|other| said(other).is_some_and(|said| means(&said)));
    shown(record, note).is_none() && own && note.base != note.remote
}

/// An undo names what it takes back, and something else stands there by now.
fn is_gone_for_undo(record: &IntentRecord, note: &ConflictNote) -> bool {
    let Change::Undo(undo) = &record.intent.change else { return false };
    undo.changes.iter().any(|change| change.path == note.path && change.before != note.remote)
}

/// Who shows the very values that it overwrites leaves no doubt about its base; who shows what an open intent of its own
/// says, or a word of its own that never stood, goes on from that one, and from the doubt about its base.
pub(super) fn shows_what_stood(world: &World, evidence: &Evidence, record: &IntentRecord, note: &ConflictNote) -> bool {
    let field = note.path.segments().next().unwrap_or_default();
    let path = path_of(&record.resource).unwrap_or_default();
    let replaces = |value: &Value| {
        evidence.replaced(record.id).into_iter().any(|older| alike(word(older, &field).as_deref(), Some(value)))
    };
    let dreamt =
        |value: &Value| evidence.said_before(record, &field, value) && !evidence.stood(world, &path, &field, value);
    shown(record, note).is_some_and(|value| !replaces(value) && !dreamt(value))
}

/// What an intent shows as the value that it started from. A source whose last word was lost before
/// anybody took it shows what it believes, and that never stood there.
fn shown<'a>(record: &'a IntentRecord, note: &ConflictNote) -> Option<&'a Value> {
    let base = record.intent.base.as_ref()?.value.as_ref()?;
    base.get(&*note.path.segments().next()?)
}
