//! Shifts minute by minute: what each entry of the ledger did to them, whose a minute is, and whether two wishes for one
//! shift overlap.
//!
//! A path is too coarse here: two people may change different hours of one shift, and neither edit is lost.

use super::evidence::{Evidence, OURS, touches};
use super::followed;
use super::lost_edit::wrote;
use crate::hours::{Line, instants, shift_in};
use crate::records::schema;
use crate::truth::Told;
use crate::world::World;
use ifmatch_core::merge::{Change, apply_to};
use ifmatch_core::{Change as Wish, ConflictNote, IntentRecord, Share, State};
use ifmatch_sandbox::LedgerEntry;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The id of the shift that an address of the ledger, or of a conflict, lies in.
pub(super) fn shift_of(path: &str) -> Option<&str> {
    path.strip_prefix("/shifts/")?.split('/').next()
}

/// The courses that were asked for, by the path of the record and the id of the shift; and the records as they were at the
/// start.
#[derive(Debug, Default)]
pub(crate) struct Courses {
    known: RefCell<BTreeMap<(String, String), Rc<Course>>>,
    first: RefCell<BTreeMap<String, Value>>,
}

/// A shift before and after each entry of its record, oldest first.
#[derive(Debug)]
struct Course {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    /// Where in the ledger the entry stands.
    at: usize,
    before: Option<Rc<Line>>,
    after: Option<Rc<Line>>,
}

impl Course {
    fn of(world: &World, evidence: &Evidence, path: &str, shift: &str) -> Rc<Self> {
        let mut known = evidence.courses.known.borrow_mut();
        let course = known.entry((path.to_owned(), shift.to_owned()));
        Rc::clone(course.or_insert_with(|| Rc::new(Self::read(world, evidence, path, shift))))
    }

    fn read(world: &World, evidence: &Evidence, path: &str, shift: &str) -> Self {
        let mut first = evidence.courses.first.borrow_mut();
        let first = first.entry(path.to_owned()).or_insert_with(|| world.first().record(path).unwrap_or_default());
        let there: Vec<&Value> = shift_in(first, shift).into_iter().collect();
        let mut alone = json!({ "shifts": there });
        let mut line = Line::in_record(&alone, shift).map(Rc::new);
        let mut steps = Vec::new();
        for (at, entry) in evidence.of_record(path) {
            let before = line.clone();
            let of_shift = |path: &str| shift_of(path).is_none_or(|other| other == shift);
            let mut changes = entry.changes.iter().filter(|change| of_shift(&change.path)).peekable();
            if changes.peek().is_some() {
                let parsed = changes.filter_map(|change| {
                    Some(Change { path: change.path.parse().ok()?, before: None, after: change.after.clone() })
                });
                apply_to(schema("agent-schedule"), &mut alone, &parsed.collect::<Vec<_>>());
                line = Line::in_record(&alone, shift).map(Rc::new);
            }
            steps.push(Step { at, before, after: line.clone() });
        }
        Self { steps }
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.steps.iter().flat_map(|step| step.before.iter().chain(&step.after)).map(|line| &**line)
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
    fn of(self, line: Option<&Line>) -> Option<Held<'_>> {
        let line = line?;
        match self {
            Self::Start => Some(Held::Instant(line.start)),
            Self::End => Some(Held::Instant(line.end)),
            Self::At(instant) => line.at(instant).map(Held::What),
        }
    }
}

/// What a piece is in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Held<'l> {
    Instant(i64),
    What(&'l Value),
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
    let place = course.steps.iter().position(|step| evidence.ledger[step.at].seq == entry.seq);
    let Some(place) = place else { return Vec::new() };
    let Step { before: Some(before), after: Some(after), .. } = &course.steps[place] else { return Vec::new() };
    let address = format!("/shifts/{shift}");
    let mine: Vec<&Share> = shares.iter().filter(|share| touches(share, &address)).collect();
    let mut lost = Vec::new();
    for piece in Piece::all(course.lines()) {
        let (was, is) = (piece.of(Some(before)), piece.of(Some(after)));
        if was == is {
            continue;
        }
        let writes = |step: &&Step| piece.of(step.before.as_deref()) != piece.of(step.after.as_deref());
        let Some(step) = course.steps[..place].iter().rev().find(writes) else { continue };
        let writer = &evidence.ledger[step.at];
        let allowed =
            |share: &&&Share| is_allowed(world, evidence, share, (entry, writer), shift, (piece, was, before));
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
    (piece, was, stood): (Piece, Option<Held<'_>>, &Line),
) -> bool {
    let Some(told) = world.truth.told.get(&share.intent) else { return false };
    let Some(record) = evidence.intents.get(&share.intent) else { return true };
    if told.policy || matches!(record.intent.change, Wish::Verb(_)) {
        return true;
    }
    let address = format!("/shifts/{shift}");
    let called = followed::called(world, entry, share, shift);
    let previous = || writer.actor == OURS && evidence.sources(writer, &address).contains(&told.source);
    // What it takes back is what it names, also where another one of the same write had turned it before.
    let undone = || match &record.intent.change {
        Wish::Undo(undo) => {
            let mut named = undo.changes.iter().filter(|change| change.path.as_str() == address);
            let names = |change: &Change| piece.of(change.before.as_ref().and_then(Line::of).as_ref()) == was;
            wrote(evidence, writer, undo.intent, &address) || named.any(names)
        }
        _ => false,
    };
    let replaced = evidence.replaced(share.intent);
    let knows = |mind: &Value| piece.of(Line::in_record(mind, called).as_ref()) == was;
    let saw = || {
        let mut minds = replaced.iter().filter_map(|other| world.truth.told.get(&other.id)).chain([told]);
        minds.any(|told| knows(&told.saw) || knows(&told.believed))
    };
    // What a person decided holds for the shift that the person saw, or for what of it was in question.
    let seen = |record: &&IntentRecord| {
        let seen = world.truth.decided.get(&record.id).into_iter().flatten();
        let mut lines = seen.filter_map(|(at, remote)| {
            let remote = remote.as_ref()?;
            match at.strip_prefix(&address) {
                Some("") => Line::of(remote),
                Some(rest) => stood.with(rest.strip_prefix('/')?, remote),
                None if at == "/shifts" => Line::in_record(&json!({ "shifts": remote }), shift),
                None => None,
            }
        });
        lines.any(|line| piece.of(Some(&line)) == was)
    };
    let decided = || replaced.iter().copied().chain([record]).any(|record| seen(&record));
    // It goes on from its own last word, also where somebody else wrote the same.
    let own = || {
        let mut said = evidence.of_source(record).filter(|other| other.order < record.order);
        let lines = |other: &IntentRecord| [said_line(world, other, shift), said_line(world, other, called)];
        said.any(|other| lines(other).iter().flatten().any(|line| piece.of(Some(line)) == was))
    };
    undone() || previous() || saw() || decided() || own()
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
    // What it withdrew is no word of its own any more.
    let older = evidence.of_source(record).filter(|other| other.order < record.order);
    let withdrew = older.map(|other| other.status.state).any(|state| state == State::Cancelled);
    let saw = told.iter().any(|told| overlap(&told.saw) && (withdrew || overlap(&told.believed)));
    // What it said before is where it goes on from, if it shows nothing newer; also of a shift that goes by another id by now.
    let named = shifts_named(&record.intent.change);
    let called = if named.contains(&shift) { vec![shift] } else { named };
    let own = evidence.of_source(record).filter(|other| other.order < record.order);
    let mut own = own.flat_map(|other| called.iter().filter_map(|called| said_line(world, other, called)));
    let path = crate::records::path_of(&record.resource)?;
    let course = Course::of(world, evidence, &path, shift);
    let pieces = Piece::all(course.lines().chain([&local, &remote]));
    let edits = |piece: &Piece| told.iter().any(|told| piece.of(knew(&told.saw).as_ref()) != piece.of(Some(&local)));
    let goes_back = pieces.iter().filter(|piece| edits(piece)).any(|piece| {
        let wanted = piece.of(Some(&local));
        wanted != piece.of(Some(&remote)) && course.lines().any(|line| piece.of(Some(line)) == wanted)
    });
    let moved = moved_by_own_verb(evidence, record, &path, shift);
    Some(saw || own.any(|own| overlaps(&own, &local, &remote)) || goes_back || moved)
}

/// Whether a verb of an intent's own source moved a shift on from where somebody else had put it: that its source saw what the
/// verb came to is more than anybody can know, also where that is what it had said before.
fn moved_by_own_verb(evidence: &Evidence, record: &IntentRecord, path: &str, shift: &str) -> bool {
    let at = format!("/shifts/{shift}");
    let mut touching = evidence.of_record(path).map(|(_, entry)| entry);
    let mine = |share: &&Share| {
        let told = evidence.intents.get(&share.intent).filter(|told| touches(share, &at) && told.order < record.order);
        told.is_some_and(|told| told.source == record.source && matches!(told.intent.change, Wish::Verb(_)))
    };
    let changes = |entry: &&LedgerEntry| entry.changes.iter().any(|change| shift_of(&change.path) == Some(shift));
    let own = |entry: &LedgerEntry| evidence.sources(entry, &at).contains(&record.source.to_string());
    touching.any(|entry| changes(&entry) && !own(entry))
        && touching.any(|entry| evidence.shares(entry).iter().any(|share| mine(&share)))
}

/// The shifts that a wish names: a patch among its shifts, a verb by its arguments.
pub(super) fn shifts_named(change: &Wish) -> Vec<&str> {
    match change {
        Wish::MergePatch(wanted) => {
            let shifts = wanted["shifts"].as_array().into_iter().flatten();
            shifts.filter_map(|shift| shift["id"].as_str()).collect()
        }
        Wish::Verb(verb) => ["shift_id", "with_shift_id"].iter().filter_map(|name| verb.args[*name].as_str()).collect(),
        _ => Vec::new(),
    }
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
        let line = Line::in_record(&crate::records::patched("agent-schedule", &believed, wanted), called);
        // It spoke while the shift was away: it says the members that it names, of the shift as it stands by now.
        let named = || {
            let mut members = shift_in(wanted, called)?.as_object()?.iter().filter(|(name, _)| *name != "id");
            members.try_fold(before.clone(), |line, (member, value)| line.with(member, value))
        };
        line.or_else(|| named().filter(|_| shift_in(&believed, called).is_none()))
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
