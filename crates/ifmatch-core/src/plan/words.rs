//! What a source said, and what of it settled: sequences, shadows, and the account of each write.

use super::base::interval_set;
use super::fate::MemberFate;
use super::outcome::Outcome;
use crate::commit::Share;
use crate::dialect::{Dialect, alike};
use crate::ids::{IntentId, SourceName};
use crate::intent::Change as Wish;
use crate::record::{IntentRecord, KeptEdit};
use crate::shadow::{Refused, ResourceRow, Taken, Word};
use ifmatch_merge::{Change, Pointer, Policies, Schema, Sides, apply, apply_to, get, merge};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The foreign record and the sequence that an intent names. A record without a name of its own
/// is the resource itself.
pub(super) fn place_in_sequence(record: &IntentRecord) -> Option<(&str, u64)> {
    let origin = record.intent.origin.as_ref()?;
    Some((origin.record.as_deref().unwrap_or_default(), origin.sequence?))
}

/// Notes the sequence that a member takes, when it is its source's word.
pub(super) fn take_place(row: &mut Cow<'_, ResourceRow>, record: &IntentRecord, outcome: &Outcome) {
    let Some((name, sequence)) = place_in_sequence(record) else { return };
    if !outcome.speaks() {
        return;
    }
    let shadow = row.to_mut().sources.entry(record.source.clone()).or_default();
    let taken = shadow.taken.entry(name.to_owned()).or_default();
    let paths: Vec<Pointer> = if outcome.whole.is_some() { vec![Pointer::root()] } else { outcome.paths.clone() };
    for path in paths {
        let newest = taken.entry(path).or_insert(Taken { sequence, intent: record.id });
        if sequence >= newest.sequence {
            *newest = Taken { sequence, intent: record.id };
        }
    }
}

/// Notes in the row what a member that needs no write has said, or what refused it.
pub(super) fn remember(row: &mut Cow<'_, ResourceRow>, schema: &Schema, record: &IntentRecord, outcome: &Outcome) {
    match &outcome.fate {
        MemberFate::Satisfied { .. } if !outcome.said.is_empty() => {
            let version = row.shadow().and_then(|shadow| shadow.version);
            settle_word(
                row.to_mut(),
                schema,
                &record.source,
                Word { order: record.order, intent: record.id, version, deed: is_deed(record) },
                &outcome.said,
            );
        }
        MemberFate::Rejected { conflict, .. } if !conflict.is_empty() => {
            let shadow = row.to_mut().sources.entry(record.source.clone()).or_default();
            for note in conflict {
                shadow.refused.retain(|refused| refused.path != note.path);
                shadow.refused.push(Refused {
                    path: note.path.clone(),
                    base: note.base.clone(),
                    local: note.local.clone(),
                    remote: note.remote.clone(),
                });
            }
        }
        _ => {}
    }
}

/// Whether an intent says a deed and no values.
fn is_deed(record: &IntentRecord) -> bool {
    matches!(record.intent.change, Wish::Verb(_))
}

/// What is known of a source's view by what it said. A deed on an interval set leaves there what others put into it,
/// and its source has seen none of that. Nor has it where it takes something back: its view goes back by as much, and not
/// at all where the last thing that it did there was a deed.
pub(super) fn spoken(
    schema: &Schema,
    said: &[Change],
    deed: bool,
    (view, settled): (&Value, Option<&BTreeMap<Pointer, Word>>),
) -> Vec<Change> {
    let spoken = |change: &Change| {
        let takes_back = change.before.is_some() && change.after.is_some();
        if !(deed || takes_back) || schema.interval_set_around(&change.path).is_none() {
            return Some(change.clone());
        }
        if deed {
            return None;
        }
        let here = settled.into_iter().flatten().filter(|(at, _)| at.overlaps(&change.path)).map(|(_, word)| word);
        let followed = here.max_by_key(|word| word.order).is_none_or(|last| !last.deed);
        gone_back(schema, view, change).filter(|_| followed)
    };
    said.iter().filter_map(spoken).collect()
}

/// A source's own word at an interval set after it took something back there; `None` where it has none.
fn gone_back(schema: &Schema, view: &Value, change: &Change) -> Option<Change> {
    get(schema, view, &change.path)?;
    let with = |value: &Option<Value>| {
        apply(schema, view, &[Change { path: change.path.clone(), before: None, after: value.clone() }])
    };
    let (base, local) = (with(&change.before), with(&change.after));
    let sides = Sides { base: &base, local: &local, remote: view };
    let merged = merge(schema, &Policies::default(), "", &|_| None, sides);
    Some(Change { path: change.path.clone(), before: None, after: get(schema, &merged.value, &change.path).cloned() })
}

/// Moves a source's shadow: it said these values, and they settled.
fn settle_word(row: &mut ResourceRow, schema: &Schema, source: &SourceName, word: Word, said: &[Change]) {
    if said.is_empty() {
        return;
    }
    let shadow = row.sources.entry(source.clone()).or_default();
    shadow.refused.retain(|refused| !said.iter().any(|change| change.path.overlaps(&refused.path)));
    let value = Arc::make_mut(&mut shadow.value);
    if !value.is_object() {
        *value = json!({});
    }
    let spoken = spoken(schema, said, word.deed, (value, Some(&shadow.settled)));
    apply_to(schema, value, &spoken);
    for change in said {
        let word = Word { deed: word.deed || !spoken.iter().any(|known| known.path == change.path), ..word };
        let newest = shadow.settled.entry(change.path.clone()).or_insert(word);
        if word.order >= newest.order {
            *newest = word;
        }
    }
}

impl Share {
    /// Moves the row by what the target confirmed of this share, at the version that first held it:
    /// the source's shadow, the writer of each path, and the elements that are gone.
    pub(crate) fn confirm(&self, row: &mut ResourceRow, record: &IntentRecord, version: Option<u64>, schema: &Schema) {
        let source = &record.source;
        let word = Word { order: record.order, intent: record.id, version, deed: is_deed(record) };
        settle_word(row, schema, source, word, &self.said);
        for change in &self.changes {
            row.written.insert(change.path.clone(), source.clone());
            if change.after.is_none() {
                row.removed.insert(change.path.clone(), self.intent);
            } else {
                row.removed.remove(&change.path);
            }
        }
    }

    /// What it edits where nobody knows whether the write stands. Into an interval set another source of the same write may
    /// have put something, which is in as much doubt, and is not this one's word: it is what `mine` made of what `stood`.
    pub(crate) fn doubted(
        &self,
        schema: &Schema,
        stood: Option<&Value>,
        all: &[Self],
        mine: impl Fn(IntentId) -> bool,
    ) -> Vec<KeptEdit> {
        let alone = |change: &Change| {
            interval_set(schema, &change.path)?;
            let up_to = all.iter().take_while(|other| other.intent != self.intent).chain([self]);
            let own = up_to.filter(|other| other.resource == self.resource && mine(other.intent));
            let mut own = own.flat_map(|other| &other.changes).filter(|other| other.path == change.path);
            let value = own.try_fold(stood?.clone(), |value, own| laid_on(schema, &value, own))?;
            get(schema, &value, &change.path).cloned()
        };
        let edit = |change: &Change| {
            let after = alone(change).or_else(|| change.after.clone());
            KeptEdit::baseless(&Change { after, ..change.clone() })
        };
        self.changes.iter().map(edit).collect()
    }

    /// Whether a record holds what this share contributes to a write: the written values at its
    /// paths, since a later share of the same write may have gone on from them.
    pub(crate) fn is_in(&self, dialect: &dyn Dialect, schema: &Schema, written: &Value, value: &Value) -> bool {
        let told = if self.changes.is_empty() { &self.said } else { &self.changes };
        told.iter().all(|change| alike(dialect, get(schema, written, &change.path), get(schema, value, &change.path)))
    }
}

/// A record with a change merged into it; `None` where the two do not go together.
pub(super) fn laid_on(schema: &Schema, value: &Value, change: &Change) -> Option<Value> {
    let with = |side: &Option<Value>| {
        apply(schema, value, &[Change { path: change.path.clone(), before: None, after: side.clone() }])
    };
    let (base, local) = (with(&change.before), with(&change.after));
    let sides = Sides { base: &base, local: &local, remote: value };
    let merged = merge(schema, &Policies::default(), "", &|_| None, sides);
    merged.conflicts.is_empty().then_some(merged.value)
}
