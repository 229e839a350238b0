//! P2: a value that somebody else wrote was overwritten by one of ours that had not seen it.

use super::Violation;
use super::evidence::{Evidence, OURS, touches};
use super::overwritten::is_taken_back;
use super::shifts::{self, shift_of};
use crate::records::{path_of, value_at};
use crate::world::World;
use ifmatch_core::{AT_ONCE, Change, IntentId, IntentRecord};
use ifmatch_merge::Policy;
use ifmatch_sandbox::{LedgerEntry, Versions};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    for (entry, shares) in evidence.ours() {
        let in_shifts: BTreeSet<&str> =
            entry.changes.iter().filter(|change| is_in_shift(&change.path)).filter_map(|c| shift_of(&c.path)).collect();
        for shift in in_shifts {
            for what in shifts::lost(world, evidence, entry, shares, shift) {
                out.push(Violation::new("P2", format!("entry {} of {} overwrote {what}", entry.seq, entry.path)));
            }
        }
        let others = entry.changes.iter().filter(|change| !is_in_shift(&change.path));
        for change in others.filter(|change| change.before.is_some()) {
            let kept = is_kept(change.before.as_ref(), change.after.as_ref());
            if !kept
                && !is_told(world, evidence, entry)
                && is_lost(world, evidence, entry, &change.path, change.before.as_ref())
            {
                let what = format!(
                    "entry {} of {} overwrote {} = {} with {}",
                    entry.seq,
                    entry.path,
                    change.path,
                    text(change.before.as_ref()),
                    text(change.after.as_ref())
                );
                out.push(Violation::new("P2", what));
            }
        }
    }
}

/// Whether a change is of a part of a shift: that is judged by its minutes.
fn is_in_shift(path: &str) -> bool {
    shift_of(path).is_some_and(|shift| path.len() > "/shifts/".len() + shift.len())
}

/// A target that ignores versions lets a write slip over what it was not made from. Nothing can prevent that; what is
/// asked is that somebody hears of it.
fn is_told(world: &World, evidence: &Evidence, entry: &LedgerEntry) -> bool {
    let Some(named) = evidence.slipped_over(entry) else { return false };
    let ignored = world.setup.scenario.options.versions == Versions::Ignored;
    let told = format!("made from version {named} led");
    let mut alarms = world.alarms.iter().filter(|(code, _)| *code == "overwritten");
    ignored && alarms.any(|(_, message)| message.contains(&told) && names(message, &entry.path))
}

/// Whether a message names the record of a path: by its id.
pub(super) fn names(message: &str, path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, id)| message.contains(id))
}

/// Whether a text stands whole in what replaced it, as `append` leaves it.
pub(super) fn is_kept(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before.and_then(Value::as_str), after.and_then(Value::as_str)) {
        (Some(before), Some(after)) => {
            // Not as a part of a longer word or number.
            let parts = |text: &str| text.split([' ', '\n']).map(str::to_owned).collect::<Vec<_>>();
            let (before, after) = (parts(before), parts(after));
            after.windows(before.len()).any(|window| *window == *before)
        }
        _ => false,
    }
}

/// Whether a value was overwritten by somebody who had neither seen it nor was allowed to by a policy or a person.
///
/// Several values may count as the one that stood there ([`stations`]): none of them was seen or allowed to go.
pub(super) fn is_lost(
    world: &World,
    evidence: &Evidence,
    entry: &LedgerEntry,
    path: &str,
    before: Option<&Value>,
) -> bool {
    let stood = stations(evidence, entry, path, before);
    stood.is_some_and(|stood| stood.into_iter().all(|at| is_lost_over(world, evidence, entry, path, at)))
}

/// As [`is_lost`], of the value alone that would stand there had each write of ours that gave up its place been refused.
pub(super) fn is_lost_by_right(
    world: &World,
    evidence: &Evidence,
    entry: &LedgerEntry,
    path: &str,
    before: Option<&Value>,
) -> bool {
    let stood = stations(evidence, entry, path, before).and_then(|mut stood| stood.pop());
    stood.is_some_and(|at| is_lost_over(world, evidence, entry, path, at))
}

fn is_lost_over(
    world: &World,
    evidence: &Evidence,
    entry: &LedgerEntry,
    path: &str,
    (writer, before): (&LedgerEntry, Option<&Value>),
) -> bool {
    if writer.from_version.is_none() && writer.actor != OURS {
        // The value of the world's start: nobody's edit.
        return false;
    }
    if evidence.is_made_of_another(writer, path) {
        // What the target made of a value that it does not take: the wish is told as refused.
        return false;
    }
    let after = entry.changes.iter().find(|change| change.path == path).and_then(|change| change.after.as_ref());
    if before == after || is_kept(before, after) {
        return false;
    }
    let previous = if writer.actor == OURS { evidence.sources(writer, path) } else { Vec::new() };
    let field = path.split('/').nth(1).unwrap_or_default();
    let mut touching = evidence.shares(entry).iter().filter(|share| touches(share, path)).peekable();
    if touching.peek().is_none() {
        // A field that the target writes by itself, or a write that no attempt explains; the
        // latter is found by the judge of P3.
        return false;
    }
    !touching.any(|share| {
        let Some(told) = world.truth.told.get(&share.intent) else { return true };
        let Some(record) = evidence.intents.get(&share.intent) else { return false };
        let verb = matches!(record.intent.change, Change::Verb(_));
        // What it takes back is what it names.
        let undone = matches!(&record.intent.change, Change::Undo(undo) if wrote(evidence, writer, undo.intent, path))
            || names_unmoved(world, record, path, before);
        let own = previous.contains(&told.source) || was_own(evidence, entry, path, before, &told.source);
        let kind = &record.resource.kind;
        let knows = |mind: &Value| mind.get(field) == before || value_at(kind, mind, path) == before;
        // What it superseded was its source's word as well, made from what that one saw, and what a
        // person decided of it holds for the value that the person saw.
        let replaced = evidence.replaced(share.intent);
        let minds = replaced.iter().filter_map(|other| world.truth.told.get(&other.id)).chain([told]);
        let saw = minds.into_iter().any(|told| knows(&told.saw) || knows(&told.believed));
        let decided = replaced.iter().chain([&record]).any(|record| decided(world, evidence, record, path, before));
        let added = begins(after, before) && appends(world, record);
        verb || undone
            || own
            || saw
            || decided
            || added
            || told.policy
            || came_back(evidence, entry, record, path)
            || came_at_once(world, record, writer)
    })
}

/// The value at a path before an entry, with the entry that wrote it. Where that was a write of ours that only put
/// something back, or gave up its place, and it was let through over others' writes, then what it stood over counts as
/// well, and so on: the last one stood there by right. `None` where that is nobody's edit.
fn stations<'e>(
    evidence: &'e Evidence,
    entry: &'e LedgerEntry,
    path: &str,
    before: Option<&'e Value>,
) -> Option<Vec<(&'e LedgerEntry, Option<&'e Value>)>> {
    let mut before = before;
    let mut stood = Vec::new();
    let mut earlier = evidence.before(entry);
    loop {
        let (writer, change) = earlier.find_map(|other| {
            let change = other.changes.iter().find(|change| change.path == path);
            change.map(|change| (other, change))
        })?;
        stood.push((writer, before));
        let mut touching = evidence.shares(writer).iter().filter(|share| touches(share, path));
        let gave_up = writer.actor == OURS
            && evidence.slipped_over(writer).is_some()
            && touching.all(|share| is_taken_back(evidence, writer, share.intent));
        if !gave_up {
            return Some(stood);
        }
        before = change.before.as_ref();
    }
}

/// Whether a text begins with another one, whatever it goes on with.
fn begins(text: Option<&Value>, with: Option<&Value>) -> bool {
    let [text, with] = [text, with].map(|value| value.and_then(Value::as_str));
    text.zip(with).is_some_and(|(text, with)| text.starts_with(with))
}

/// Whether a text of an intent is added to what stands there. Nothing can be seen of an empty one that it was added to, and what
/// goes on in the middle of a word is no part of it that stands alone.
fn appends(world: &World, record: &IntentRecord) -> bool {
    let spec = world.setup.sources.iter().find(|spec| spec.name == record.source.as_str());
    let policies = spec.map(|spec| &spec.on_conflict).into_iter().chain(&record.intent.on_conflict);
    policies.flat_map(|policies| policies.iter()).any(|(_, policy)| *policy == Policy::Append)
}

/// Whether an undo names the value that it takes back, and nothing that the target ever showed us since tells that
/// somebody changed it and set it back.
fn names_unmoved(world: &World, record: &IntentRecord, path: &str, before: Option<&Value>) -> bool {
    let Change::Undo(undo) = &record.intent.change else { return false };
    let Some(named) = undo.changes.iter().find(|change| change.path.as_str() == path) else { return false };
    let row = world.store.borrow_mut().row(&world.org(), &record.resource).ok().flatten();
    let landed = record.intent.base.as_ref().and_then(|base| base.version);
    let shown = row.iter().flat_map(|row| &row.history).filter(|snapshot| snapshot.version >= landed);
    let mut until =
        shown.take_while(|snapshot| snapshot.version < record.status.result.as_ref().and_then(|r| r.version));
    named.before.as_ref() == before
        && until.all(|snapshot| value_at(&record.resource.kind, &snapshot.value, path) == before)
}

/// Whether an entry carries what an intent of ours made of a path.
pub(super) fn wrote(evidence: &Evidence, entry: &LedgerEntry, intent: IntentId, path: &str) -> bool {
    entry.actor == OURS && evidence.shares(entry).iter().any(|share| share.intent == intent && touches(share, path))
}

/// A known limit: a wish without a base stands against the record as it could be read. A value that went away and came back
/// between two reads looks as if it had stood there all the time.
fn came_back(evidence: &Evidence, entry: &LedgerEntry, record: &IntentRecord, path: &str) -> bool {
    let mut at_path = evidence.before(entry).flat_map(|other| &other.changes).filter(|change| change.path == path);
    let Some(writer) = at_path.next().filter(|_| record.intent.base.is_none()) else { return false };
    at_path.any(|earlier| earlier.before == writer.after)
}

/// A known limit: where a read does not tell when the record was written, what it shows that leaves at once stood there when the
/// wish came.
fn came_at_once(world: &World, record: &IntentRecord, writer: &LedgerEntry) -> bool {
    let since = writer.at - world.then(record.accepted_at).as_millisecond();
    record.intent.base.is_none()
        && record.resource.kind == "agent-schedule"
        && (0..=AT_ONCE.as_millis() as i64).contains(&since)
}

/// Whether a person who saw the value decided that it gives way: what they saw is the world's own word, the engine
/// says where they decided.
fn decided(world: &World, evidence: &Evidence, record: &IntentRecord, path: &str, before: Option<&Value>) -> bool {
    let near = |at: &str| at == path || path.starts_with(&format!("{at}/")) || at.starts_with(&format!("{path}/"));
    let seen = world.truth.decided.get(&record.id).into_iter().flatten();
    let mut seen = seen.filter(|(at, remote)| if at == path { remote.as_ref() == before } else { near(at) });
    evidence.is_decided(record) && seen.next().is_some()
}

/// Whether the value is the last one that the source itself wrote there: somebody put it back, and
/// the source has seen it.
fn was_own(evidence: &Evidence, entry: &LedgerEntry, path: &str, before: Option<&Value>, source: &str) -> bool {
    let own = |other: &&LedgerEntry| other.actor == OURS && evidence.sources(other, path).iter().any(|by| by == source);
    let last =
        evidence.before(entry).filter(own).find_map(|other| other.changes.iter().find(|change| change.path == path));
    let order = order_of(evidence, entry, path);
    let said = |other: &&IntentRecord| {
        let same = other.source.as_str() == source && other.order < order;
        let (Change::MergePatch(wanted) | Change::Desired(wanted) | Change::Create(wanted)) = &other.intent.change
        else {
            return false;
        };
        same && path_of(&other.resource).as_deref() == Some(entry.path.as_str())
            && value_at(&other.resource.kind, wanted, path) == before
    };
    last.is_some_and(|change| change.after.as_ref() == before) || evidence.intents.values().any(|other| said(&other))
}

/// Place in the order of acceptance of the intent that made an entry at a path.
fn order_of(evidence: &Evidence, entry: &LedgerEntry, path: &str) -> u64 {
    let orders = evidence
        .shares(entry)
        .iter()
        .filter(|share| touches(share, path))
        .filter_map(|share| evidence.intents.get(&share.intent));
    orders.map(|record| record.order).max().unwrap_or(0)
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
