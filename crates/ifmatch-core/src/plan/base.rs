//! Whose base? Which value a source started from, path by path.
//!
//! A version that a client names is a hint, not a proof: the trouble that this product exists for
//! is a client that reads the fresh version and pastes it on an old payload.

use super::Ground;
use crate::dialect::{KindSpec, alike};
use crate::ids::SourceName;
use crate::intent::Change as Wish;
use crate::record::{IntentRecord, KeptEdit};
use crate::shadow::{Snapshot, SourceShadow};
use ifmatch_merge::{Change, IntervalNames, Pointer, Schema, diff_member, get, json_equal, same};
use serde_json::Value;
use std::borrow::Cow;

/// What a source started from at one path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Base {
    /// This value, or its absence.
    Known(Option<Value>),
    /// Nobody can tell.
    Unknown,
}

impl Base {
    /// The value, where it is known and there was one.
    pub(super) fn known(&self) -> Option<&Value> {
        match self {
            Self::Known(value) => value.as_ref(),
            Self::Unknown => None,
        }
    }

    /// What an intent in review started from.
    pub(super) fn of(edit: &KeptEdit) -> Self {
        if edit.baseless { Self::Unknown } else { Self::Known(edit.base.clone()) }
    }
}

/// One representation that a source can have started from.
pub(crate) struct Candidate<'v> {
    value: &'v Value,
    /// Fields that the source has spoken of since, with its words.
    spoken: Vec<(Cow<'v, str>, &'v Value)>,
    /// Whether it is a whole representation, with the server-managed fields that tell snapshots
    /// apart, such as `date_modified`.
    stamped: bool,
    /// Whether it is what the source said in intents that are still open.
    pub(super) open: bool,
}

impl<'v> Candidate<'v> {
    /// A representation that was shown.
    pub(crate) fn shown(value: &'v Value) -> Self {
        Self { value, spoken: Vec::new(), stamped: true, open: false }
    }

    /// What was said, and never stood in the target.
    pub(crate) fn said(value: &'v Value) -> Self {
        Self { stamped: false, ..Self::shown(value) }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let word = self.spoken.iter().find(|(spoken, _)| spoken == name).map(|(_, word)| *word);
        word.or_else(|| self.value.get(name))
    }
}

/// The representations that a source can have started from, oldest first: what it said itself,
/// and what it was shown through us.
///
/// `own` is its word as far as it stands, and `pending` with what it has in review as well. A
/// document that names no version was not made from a representation that has one: where the
/// source has a word of its own, that is what it goes on from. And one that sends its state goes on
/// from all that it said since it was shown a representation, whose stamps it still carries.
pub(super) fn candidates<'v>(
    ground: &Ground<'v>,
    record: &IntentRecord,
    doc: &Value,
    own: Option<&'v Value>,
    pending: Option<&'v Value>,
) -> Vec<Candidate<'v>> {
    let shadow = ground.row.sources.get(&record.source);
    let own = own.or(shadow.map(|shadow| &*shadow.value)).filter(|value| value.is_object());
    let of_its_own = own.is_some() && !names_version(ground, record, doc);
    // What it was shown after it spoke is not what it spoke of.
    let shown = ground.row.history.iter().filter(|_| !of_its_own).filter_map(|snapshot| {
        let after = snapshot.shown_to.get(&record.source).filter(|after| **after < record.order)?;
        let words = shadow.filter(|_| ground.sends_state(&record.source)).zip(own);
        let spoken = words.map(|(shadow, own)| said_since(*after, shadow, own)).unwrap_or_default();
        Some(Candidate { value: &snapshot.value, spoken, stamped: true, open: false })
    });
    let spoken = |value: &'v Value, open| Candidate { value, spoken: Vec::new(), stamped: false, open };
    let own = own.map(|own| spoken(own, false));
    own.into_iter().chain(shown).chain(pending.map(|pending| spoken(pending, true))).collect()
}

/// The fields that a source has spoken of since it was shown a representation, as it says them.
fn said_since<'v>(after: u64, shadow: &'v SourceShadow, own: &'v Value) -> Vec<(Cow<'v, str>, &'v Value)> {
    let since = shadow.settled.iter().filter(|(_, word)| word.order > after);
    let field = |path: &'v Pointer| {
        let top = path.segments().next()?;
        let word = own.get(&*top)?;
        Some((top, word))
    };
    since.filter_map(|(path, _)| field(path)).collect()
}

/// Whether a document, or its intent, says in any way which representation it was made from.
fn names_version(ground: &Ground<'_>, record: &IntentRecord, doc: &Value) -> bool {
    let named = |name: &String| ground.spec.version_fields.contains(name) || is_stamp(ground.spec, name);
    record.intent.base.is_some() || doc.as_object().is_some_and(|members| members.keys().any(named))
}

/// The candidates with the fewest paths that differ from a whole document, oldest first.
///
/// Fields that name the version are left out, since a pasted one proves nothing. The other
/// server-managed fields are proof where the document has them: it still carries the time and the
/// author of the representation that it was made from.
pub(crate) fn nearest<'c, 'v>(spec: &KindSpec, doc: &Value, candidates: &'c [Candidate<'v>]) -> Vec<&'c Candidate<'v>> {
    let possible: Vec<(&Candidate<'_>, usize)> = candidates
        .iter()
        .filter(|candidate| carries_stamps(spec, doc, candidate))
        .map(|candidate| (candidate, differing(spec, doc, candidate)))
        .collect();
    let least = possible.iter().map(|(_, distance)| *distance).min();
    let mut nearest: Vec<&Candidate<'_>> =
        possible.into_iter().filter(|(_, distance)| Some(*distance) == least).map(|(candidate, _)| candidate).collect();
    // Stamps that agree are proof of where the document comes from.
    if spec.stamps.is_empty() {
        let proven = doc.as_object().into_iter().flatten().any(|(name, _)| is_stamp(spec, name));
        if proven && nearest.iter().any(|candidate| candidate.stamped) {
            nearest.retain(|candidate| candidate.stamped);
        }
    } else if nearest.iter().any(|candidate| bears_stamps(spec, doc, candidate)) {
        nearest.retain(|candidate| bears_stamps(spec, doc, candidate));
    }
    nearest
}

/// Whether a document bears the stamps of a representation beside its version.
fn bears_stamps(spec: &KindSpec, doc: &Value, candidate: &Candidate<'_>) -> bool {
    let stamp = |at: &str| doc.pointer(at).is_some_and(|stamp| candidate.value.pointer(at) == Some(stamp));
    let stamps = &spec.stamps;
    candidate.stamped && !stamps.is_empty() && stamps.iter().all(stamp)
}

/// Whether a field is server-managed and does not name the version.
fn is_stamp(spec: &KindSpec, name: &str) -> bool {
    !spec.writable.contains(name) && !spec.identity.contains(name) && !spec.version_fields.contains(name)
}

/// Whether a document can have been made from a representation that was shown: where it still
/// carries a server-managed field other than the version, that field must agree.
fn carries_stamps(spec: &KindSpec, doc: &Value, candidate: &Candidate<'_>) -> bool {
    let Some(members) = doc.as_object().filter(|_| candidate.stamped) else { return true };
    members
        .iter()
        .all(|(name, value)| !is_stamp(spec, name) || candidate.get(name).is_none_or(|stamp| json_equal(stamp, value)))
}

fn differing(spec: &KindSpec, doc: &Value, candidate: &Candidate<'_>) -> usize {
    let ours = |name: &str| spec.writable.contains(name) || spec.identity.contains(name);
    let spoken = doc.as_object().into_iter().flatten().filter(|(name, _)| ours(name));
    spoken.map(|(name, value)| field_diff(spec, name, candidate.get(name), value).len()).sum()
}

/// The changes that lead from one value of a field to another one.
fn field_diff(spec: &KindSpec, name: &str, from: Option<&Value>, to: &Value) -> Vec<Change> {
    diff_member(&spec.schema, name, from, Some(to))
}

/// The edit of a whole document: where it differs from the nearest candidates. Where equally near
/// candidates disagree on a value, nobody can tell which one the source saw; the oldest counts, so
/// that the doubt ends in a conflict and never in a lost edit.
pub(super) fn whole_edit(ground: &Ground<'_>, spoken: &Value, nearest: &[&Candidate<'_>]) -> Vec<(Change, Base)> {
    let mut edits: Vec<(Change, Base)> = Vec::new();
    for candidate in nearest {
        let fields = spoken.as_object().into_iter().flatten();
        for change in fields.flat_map(|(name, value)| field_diff(ground.spec, name, candidate.get(name), value)) {
            if !edits.iter().any(|(known, _)| known.path == change.path) {
                // Of a field of which the source has said nothing so far nobody knows what it saw.
                let top = change.path.segments().next().unwrap_or_default();
                let holds = ground.remote.is_some_and(|remote| remote.value.get(&*top).is_some());
                let silent = !candidate.stamped && candidate.get(&top).is_none() && holds;
                let base = if silent { Base::Unknown } else { Base::Known(change.before.clone()) };
                edits.push((change, base));
            }
        }
    }
    edits.sort_by(|a, b| a.0.path.cmp(&b.0.path));
    edits
}

/// The base of one path of an edit: what the intent says, what the version that it names held,
/// what the source said before, or the record as it stood when the intent was accepted.
pub(super) fn edit_base(ground: &Ground<'_>, record: &IntentRecord, path: &Pointer) -> Base {
    let schema = &ground.spec.schema;
    let hint = record.intent.base.as_ref();
    if let Some(word) = hint.and_then(|base| newer_word(ground, record, base.version?, path)) {
        return Base::Known(Some(word.clone()));
    }
    if let Some(value) = hint.and_then(|base| base.value.as_ref())
        && let Some(top) = path.segments().next()
        && value.get(&*top).is_some()
    {
        return Base::Known(get(schema, value, path).cloned());
    }
    if let Some(version) = hint.and_then(|base| base.version)
        && let Some(base) = named_version(ground, record, version, path)
    {
        return base;
    }
    if let Some(value) = ground.row.sources.get(&record.source).and_then(|shadow| get(schema, &shadow.value, path)) {
        return Base::Known(Some(value.clone()));
    }
    at_acceptance(ground, record, path)
}

/// The source's own last word at an interval set, where it is newer than the version that an intent names: merged with
/// what others did to it, it does not stand in any version as it was said.
fn newer_word<'a>(ground: &Ground<'a>, record: &IntentRecord, named: u64, path: &Pointer) -> Option<&'a Value> {
    let names = interval_set(&ground.spec.schema, path)?;
    let shadow = ground.row.sources.get(&record.source)?;
    let here = shadow.settled.iter().filter(|(at, word)| at.overlaps(path) && word.order < record.order);
    let (_, last) = here.max_by_key(|(_, word)| word.order)?;
    let newer = !last.deed && last.version > Some(named);
    get(&ground.spec.schema, &shadow.value, path).filter(|word| newer && names.reads(word))
}

/// Whether an intent shows this value, or its absence, as the one that it was made from at a path.
pub(super) fn shows(schema: &Schema, record: &IntentRecord, path: &Pointer, value: Option<&Value>) -> bool {
    let shown = record.intent.base.as_ref().and_then(|base| base.value.as_ref());
    shown.is_some_and(|shown| same(get(schema, shown, path), value))
}

/// The members of the interval set that a path names, if it names one.
pub(super) fn interval_set<'s>(schema: &'s Schema, path: &Pointer) -> Option<&'s IntervalNames> {
    schema.interval_set_around(path).filter(|(at, _)| at == path).map(|(_, names)| names)
}

/// What a named version held at a path, from the history. An older and the current representation
/// that agree prove nothing: in between somebody may have written another value, which the source
/// saw, and somebody else the first one again.
fn named_version(ground: &Ground<'_>, record: &IntentRecord, version: u64, path: &Pointer) -> Option<Base> {
    let schema = &ground.spec.schema;
    // A source that was shown an answer that nobody believes did start from it.
    let told =
        |snapshot: &&Snapshot| snapshot.shown_to.contains_key(&record.source) || !ground.row.is_untold(version, path);
    if let Some(snapshot) = ground.row.at_version(version).filter(told) {
        // Who asks for the target's bare semantics answers for the version that it names.
        let believed = !record.proxied || record.strict || snapshot.shown_to.contains_key(&record.source);
        return believed.then(|| Base::Known(get(schema, &snapshot.value, path).cloned()));
    }
    ground.remote?;
    // The source's own last word there is the next best witness.
    let own = ground.row.sources.get(&record.source).and_then(|shadow| get(schema, &shadow.value, path));
    own.is_none().then_some(Base::Unknown)
}

/// Without any hint a wish stands against the record as it is when the wish is expressed. What was
/// written after that is somebody else's newer word.
fn at_acceptance(ground: &Ground<'_>, record: &IntentRecord, path: &Pointer) -> Base {
    let Some(remote) = ground.remote else { return Base::Known(None) };
    let schema = &ground.spec.schema;
    let current = get(schema, &remote.value, path);
    let accepted_at = record.accepted_there.unwrap_or(record.accepted_at);
    if remote.modified_at.is_none() {
        return at_acceptance_unstamped(ground, record, path, remote);
    }
    if remote.was_written_before(accepted_at) {
        return Base::Known(current.cloned());
    }
    let before = ground
        .row
        .history
        .iter()
        .rev()
        .find(|snapshot| snapshot.is_seen_before(record.order) || snapshot.was_written_before(accepted_at));
    match before {
        Some(before) if get(schema, &before.value, path) == current => Base::Known(current.cloned()),
        _ => Base::Unknown,
    }
}

/// The same where the target does not say when a record changed: every representation since the one that was known
/// when the wish came must agree, and there must be one.
fn at_acceptance_unstamped(ground: &Ground<'_>, record: &IntentRecord, path: &Pointer, remote: &Snapshot) -> Base {
    let schema = &ground.spec.schema;
    let current = get(schema, &remote.value, path);
    let mut stood = remote.is_seen_before(record.order);
    for older in ground.row.history.iter().rev().filter(|snapshot| snapshot.version < remote.version) {
        if stood {
            break;
        }
        if get(schema, &older.value, path) != current {
            return Base::Unknown;
        }
        stood = older.is_seen_before(record.order);
    }
    if stood { Base::Known(current.cloned()) } else { Base::Unknown }
}

/// Whether a value must be a conflict whatever version is named: it goes back to a value of an
/// older representation that somebody else has changed since, or it is the same value that the
/// remote one refused before. Of an interval set any stretch can go back, where the edit changes it.
pub(super) fn is_forced(
    ground: &Ground<'_>,
    source: &SourceName,
    (change, base): (&Change, &Base),
    (current, pending): (Option<&Value>, Option<&Value>),
) -> bool {
    // What is gone differs from any base by itself; without a base nothing would.
    if current.is_none() || same(change.after.as_ref(), current) {
        return false;
    }
    let schema = &ground.spec.schema;
    let shadow = ground.row.sources.get(source);
    let refused_before = shadow.is_some_and(|shadow| {
        shadow
            .refused
            .iter()
            .any(|refused| refused.path == change.path && same(refused.local.as_ref(), change.after.as_ref()))
    });
    if refused_before {
        return true;
    }
    let Some(remote) = ground.remote else { return false };
    let older = |snapshot: &&Snapshot| snapshot.version < remote.version;
    if let (Some(names), Base::Known(Some(base)), Some(wish), Some(current)) =
        (interval_set(schema, &change.path), base, &change.after, current)
    {
        let own = pending.or_else(|| shadow.and_then(|shadow| get(schema, &shadow.value, &change.path)));
        let Some(overriding) = names.overriding(wish, base, current, own) else { return false };
        let back = |snapshot: &Snapshot| {
            get(schema, &snapshot.value, &change.path).is_some_and(|older| overriding.goes_back_to(older))
        };
        return ground.row.history.iter().filter(older).any(back);
    }
    let held = |snapshot: &Snapshot| {
        change.after.is_some() && same(get(schema, &snapshot.value, &change.path), change.after.as_ref())
    };
    ground.row.history.iter().filter(older).any(held)
}

/// Whether a path that an undo goes back on held another value after the undone intent had landed: somebody has changed
/// it since, also where the value was put back.
pub(super) fn moved_since(ground: &Ground<'_>, record: &IntentRecord, path: &Pointer, written: Option<&Value>) -> bool {
    let schema = &ground.spec.schema;
    let own = match &record.intent.change {
        Wish::Undo(undo) => undo.since.get(path).copied(),
        _ => None,
    };
    let landed = own.or_else(|| record.intent.base.as_ref().and_then(|base| base.version));
    let Some(landed) = landed else { return false };
    let later = ground.row.history.iter().filter(|snapshot| snapshot.version > Some(landed));
    later.into_iter().any(|snapshot| !alike(ground.dialect, get(schema, &snapshot.value, path), written))
}

/// Whether the value that stands at a path is the source's own last word there.
pub(super) fn is_own_word(ground: &Ground<'_>, source: &SourceName, path: &Pointer, current: Option<&Value>) -> bool {
    let schema = &ground.spec.schema;
    let Some(shadow) = ground.row.sources.get(source) else { return false };
    let word = get(schema, &shadow.value, path);
    let since = shadow.settled.iter().filter(|(at, _)| at.overlaps(path)).filter_map(|(_, word)| word.version).max();
    // Somebody may have changed it and changed it back: then it is their word.
    let kept = |snapshot: &Snapshot| same(get(schema, &snapshot.value, path), current);
    let later = ground.row.history.iter().filter(|snapshot| snapshot.version > since);
    word.is_some() && same(word, current) && later.into_iter().all(kept)
}
