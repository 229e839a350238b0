//! Shifts minute by minute: what each entry of the ledger did to them, whose a minute is, and whether two wishes for one
//! shift overlap.
//!
//! A path is too coarse here: two people may change different hours of one shift, and neither edit is lost.

use super::evidence::{Evidence, OURS, touches};
use super::followed;
use super::lost_edit::wrote;
use crate::hours::{Line, instants};
use crate::records::schema;
use crate::truth::Told;
use crate::world::World;
use ifmatch_core::merge::{Change, apply};
use ifmatch_core::{Change as Wish, ConflictNote, IntentRecord, Share};
use ifmatch_sandbox::{LedgerEntry, Sandbox};
use serde_json::Value;

/// The id of the shift that an address of the ledger, or of a conflict, lies in.
pub(super) fn shift_of(path: &str) -> Option<&str> {
    path.strip_prefix("/shifts/")?.split('/').next()
}

/// A shift before and after each entry of its record, oldest first.
struct Course<'e> {
    steps: Vec<(&'e LedgerEntry, Option<Line>, Option<Line>)>,
}

impl<'e> Course<'e> {
    fn of(world: &World, evidence: &'e Evidence, path: &str, shift: &str) -> Self {
        let first = Sandbox::new(world.setup.scenario.clone(), world.setup.seed, world.start.as_millisecond());
        let mut record = first.record(path).unwrap_or_default();
        let mut line = Line::in_record(&record, shift);
        let mut steps = Vec::new();
        for entry in evidence.ledger.iter().filter(|entry| entry.path == path) {
            let parsed = entry.changes.iter().filter_map(|change| {
                Some(Change { path: change.path.parse().ok()?, before: None, after: change.after.clone() })
            });
            record = apply(schema("agent-schedule"), &record, &parsed.collect::<Vec<_>>());
            let before = std::mem::replace(&mut line, Line::in_record(&record, shift));
            steps.push((entry, before, line.clone()));
        }
        Self { steps }
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.steps.iter().flat_map(|(_, before, after)| before.iter().chain(after))
    }
}

/// One thing about a shift that one entry can change and another one leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Start,
    End,
    /// What is there from an instant on.
    At(i64),
}

impl Piece {
    fn all<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<Self> {
        [Self::Start, Self::End].into_iter().chain(instants(lines).into_iter().map(Self::At)).collect()
    }

    /// What it is in a line; nothing where there is no shift.
    fn of(self, line: Option<&Line>) -> Option<Value> {
        let line = line?;
        match self {
            Self::Start => Some(line.start.into()),
            Self::End => Some(line.end.into()),
            Self::At(instant) => line.at(instant).cloned(),
        }
    }
}

/// The pieces of a shift that an entry of ours changed although somebody else had written them, and no intent that it
/// carries had seen that. In words.
pub(super) fn lost(
    world: &World,
    evidence: &Evidence,
    entry: &LedgerEntry,
    shares: &[Share],
    shift: &str,
) -> Vec<String> {
    let course = Course::of(world, evidence, &entry.path, shift);
    let Some(place) = course.steps.iter().position(|(other, _, _)| other.seq == entry.seq) else { return Vec::new() };
    let (_, before, after) = &course.steps[place];
    if before.is_none() || after.is_none() {
        return Vec::new();
    }
    let address = format!("/shifts/{shift}");
    let mine: Vec<&Share> = shares.iter().filter(|share| touches(share, &address)).collect();
    let mut lost = Vec::new();
    for piece in Piece::all(course.lines()) {
        let (was, is) = (piece.of(before.as_ref()), piece.of(after.as_ref()));
        if was == is {
            continue;
        }
        let writes = |(_, before, after): &&(&LedgerEntry, Option<Line>, Option<Line>)| {
            piece.of(before.as_ref()) != piece.of(after.as_ref())
        };
        let Some((writer, _, _)) = course.steps[..place].iter().rev().find(writes) else { continue };
        let allowed = |share: &&&Share| {
            is_allowed(world, evidence, share, (entry, writer), shift, (piece, &was, before.as_ref()))
        };
        if !mine.is_empty() && mine.iter().find(allowed).is_none() {
            lost.push(format!("{piece:?} of {address}, which entry {} had set to {was:?}, with {is:?}", writer.seq));
        }
    }
    lost
}

/// Whether the intent of a share may change a piece: it has seen or written what stood there, or a person or a policy said so.
fn is_allowed(
    world: &World,
    evidence: &Evidence,
    share: &Share,
    (entry, writer): (&LedgerEntry, &LedgerEntry),
    shift: &str,
    (piece, was, stood): (Piece, &Option<Value>, Option<&Line>),
) -> bool {
    let Some(told) = world.truth.told.get(&share.intent) else { return false };
    let Some(record) = evidence.intents.get(&share.intent) else { return true };
    let address = format!("/shifts/{shift}");
    let called = followed::called(world, entry, share, shift);
    let previous = if writer.actor == OURS { evidence.sources(writer, &address) } else { Vec::new() };
    // What it takes back is what it names, also where another one of the same write had turned it before.
    let undone = match &record.intent.change {
        Wish::Undo(undo) => {
            let mut named = undo.changes.iter().filter(|change| change.path.as_str() == address);
            let names = |change: &Change| piece.of(change.before.as_ref().and_then(Line::of).as_ref()) == *was;
            wrote(evidence, writer, undo.intent, &address) || named.any(names)
        }
        _ => false,
    };
    let replaced = evidence.replaced(share.intent);
    let minds = replaced.iter().filter_map(|other| world.truth.told.get(&other.id)).chain([told]);
    let knows = |mind: &Value| piece.of(Line::in_record(mind, called).as_ref()) == *was;
    let saw = minds.into_iter().any(|told| knows(&told.saw) || knows(&told.believed));
    // What a person decided holds for the shift that the person saw, or for what of it was in question.
    let seen = |record: &&IntentRecord| {
        let seen = world.truth.decided.get(&record.id).into_iter().flatten();
        let mut lines = seen.filter(|(at, _)| shift_of(at) == Some(shift)).filter_map(|(at, remote)| {
            let remote = remote.as_ref()?;
            match at.strip_prefix(&address).and_then(|rest| rest.strip_prefix('/')) {
                Some(member) => stood?.with(member, remote),
                None => Line::of(remote),
            }
        });
        lines.any(|line| piece.of(Some(&line)) == *was)
    };
    let decided = replaced.iter().copied().chain([record]).any(|record| seen(&record));
    // It goes on from its own last word, also where somebody else wrote the same.
    let mut said = evidence.of_source(record).filter(|other| other.order < record.order);
    let own = said.any(|other| {
        let lines = [said_line(world, other, shift), said_line(world, other, called)];
        lines.iter().flatten().any(|line| piece.of(Some(line)) == *was)
    });
    own || undone
        || matches!(record.intent.change, Wish::Verb(_))
        || previous.contains(&told.source)
        || saw
        || decided
        || told.policy
}

/// Whether a conflict about a shift was one: a piece that its source wants otherwise than it knew it, and that is otherwise
/// by now; or the wish goes back to what somebody has replaced. `None` where the conflict is about something else.
pub(super) fn is_needed(
    world: &World,
    evidence: &Evidence,
    record: &IntentRecord,
    note: &ConflictNote,
) -> Option<bool> {
    let shift = shift_of(note.path.as_str())?;
    let (local, remote) = (Line::of(note.local.as_ref()?)?, Line::of(note.remote.as_ref()?)?);
    let told = world.truth.told.get(&record.id)?;
    let replaced = evidence.replaced(record.id);
    let told: Vec<&Told> = replaced.iter().filter_map(|older| world.truth.told.get(&older.id)).chain([told]).collect();
    let knew = |mind: &Value| Line::in_record(mind, shift);
    let overlap = |mind: &Value| knew(mind).is_none_or(|knew| overlaps(&knew, &local, &remote));
    let saw = told.iter().any(|told| overlap(&told.saw) && overlap(&told.believed));
    // What it said before is where it goes on from, if it shows nothing newer.
    let own = evidence.of_source(record).filter(|other| other.order < record.order);
    let mut own = own.filter_map(|other| said_line(world, other, shift));
    let path = crate::records::path_of(&record.resource)?;
    let course = Course::of(world, evidence, &path, shift);
    let pieces = Piece::all(course.lines().chain([&local, &remote]));
    let edits = |piece: &Piece| told.iter().any(|told| piece.of(knew(&told.saw).as_ref()) != piece.of(Some(&local)));
    let goes_back = pieces.iter().filter(|piece| edits(piece)).any(|piece| {
        let wanted = piece.of(Some(&local));
        wanted != piece.of(Some(&remote)) && course.lines().any(|line| piece.of(Some(line)) == wanted)
    });
    Some(saw || own.any(|own| overlaps(&own, &local, &remote)) || goes_back)
}

/// A shift as an intent says that it is to be.
fn said_line(world: &World, record: &IntentRecord, shift: &str) -> Option<Line> {
    let Wish::MergePatch(wanted) = &record.intent.change else { return None };
    let believed = &world.truth.told.get(&record.id)?.believed;
    Line::in_record(&crate::records::patched("agent-schedule", believed, wanted), shift)
}

/// Whether each piece of a shift that a change makes is said by one of these, who may call it by another id. `None` where it
/// changes no shift into another.
pub(super) fn says(told: &[(&Told, &str)], change: &Change) -> Option<bool> {
    let shift = shift_of(change.path.as_str())?;
    let (before, after) = (Line::of(change.before.as_ref()?)?, Line::of(change.after.as_ref()?)?);
    let wanted = |(told, called): &(&Told, &str)| {
        let Wish::MergePatch(wanted) = &told.change else { return None };
        let believed = renamed(&told.believed, shift, called);
        Line::in_record(&crate::records::patched("agent-schedule", &believed, wanted), called)
    };
    let verb = told.iter().any(|(told, _)| matches!(told.change, Wish::Verb(_)));
    let wanted: Vec<Line> = told.iter().filter_map(wanted).collect();
    let said = |piece: &Piece| {
        let is = piece.of(Some(&after));
        piece.of(Some(&before)) == is || wanted.iter().any(|line| piece.of(Some(line)) == is)
    };
    Some(verb || Piece::all([&before, &after].into_iter().chain(&wanted)).iter().all(said))
}

/// A record in which a shift goes by another id, unless one does already.
fn renamed(record: &Value, shift: &str, called: &str) -> Value {
    let mut record = record.clone();
    let knows = Line::in_record(&record, called).is_some();
    let shifts = record.get_mut("shifts").and_then(Value::as_array_mut).into_iter().flatten();
    shifts.filter(|known| !knows && known["id"] == shift).for_each(|known| known["id"] = called.into());
    record
}

/// Whether two lines that go on from one cannot both have their way.
fn overlaps(from: &Line, one: &Line, other: &Line) -> bool {
    let differ = |piece: &Piece| {
        let (from, one, other) = (piece.of(Some(from)), piece.of(Some(one)), piece.of(Some(other)));
        one != from && other != from && one != other
    };
    // Filled by one and cut off by the other one.
    let outside = |instant: i64, line: &Line| instant < line.start || instant >= line.end;
    let filled = |piece: &Piece| match *piece {
        Piece::At(at) => {
            let new = |line: &Line| line.at(at).is_some() && line.at(at) != from.at(at);
            (new(one) && outside(at, other)) || (new(other) && outside(at, one))
        }
        Piece::Start | Piece::End => false,
    };
    let pieces = Piece::all([from, one, other]);
    pieces.iter().any(|piece| differ(piece) || filled(piece)) || one.start.max(other.start) >= one.end.min(other.end)
}

#[cfg(test)]
mod tests;
