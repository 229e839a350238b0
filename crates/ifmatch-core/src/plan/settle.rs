//! The end of a member that merged: onto the canvas where the rules allow it, or nothing to do.

use super::Canvas;
use super::base;
use super::fate::MemberFate;
use super::outcome::Outcome;
use crate::dialect::Breach;
use crate::record::{ConflictNote, IntentRecord};
use ifmatch_merge::{Change, Conflict, Pointer, Resolved, apply, get, same};
use serde_json::{Value, json};
use std::sync::Arc;

/// How a policy settled a true conflict at a path.
pub(super) struct Settled {
    path: Pointer,
    side: Side,
}

/// Whose value stands after a policy settled a conflict.
#[derive(PartialEq, Eq)]
enum Side {
    Local,
    Remote,
    Both,
}

impl Settled {
    pub(super) fn of(resolved: &Resolved, stands: Option<&Value>) -> Self {
        let side = if same(resolved.remote.as_ref(), stands) {
            Side::Remote
        } else if same(resolved.local.as_ref(), stands) {
            Side::Local
        } else {
            Side::Both
        };
        Self { path: resolved.path.clone(), side }
    }

    /// Whether the remote side stands at a path, or at some of it.
    pub(super) fn keeps_remote_at(&self, path: &Pointer) -> bool {
        self.side == Side::Remote && self.path.overlaps(path)
    }
}

impl Canvas<'_> {
    /// Puts the record as a member leaves it on the canvas, where the rules allow it; `changes` lead there.
    pub(super) fn settle_edit(
        &mut self,
        record: &IntentRecord,
        value: Value,
        changes: Vec<Change>,
        settled: &[Settled],
        outcome: &mut Outcome,
    ) {
        outcome.changes = changes;
        if let Some(fate) = self.breach(&value, &outcome.changes) {
            outcome.fate = fate;
            outcome.changes.clear();
            return;
        }
        if outcome.changes.is_empty() {
            let waits = outcome.paths.iter().any(|path| self.pending.keys().any(|at| at.overlaps(path)));
            if !waits {
                let lost: Vec<&Pointer> =
                    settled.iter().filter(|by| by.side == Side::Remote).map(|by| &by.path).collect();
                outcome.fate = nothing_to_do(self.restates(record, outcome), &lost);
            }
            return;
        }
        let mixed: Vec<&Pointer> = settled.iter().filter(|by| by.side == Side::Both).map(|by| &by.path).collect();
        for change in &outcome.changes {
            let pure = outcome.said.iter().any(|said| said.path.is_prefix_of(&change.path))
                && !mixed.iter().any(|path| path.overlaps(&change.path))
                && self.is_all_its_own(&outcome.said, change);
            self.pending.insert(change.path.clone(), pure.then(|| record.source.clone()));
            if change.after.is_none() {
                self.removed.insert(change.path.clone(), record.id);
            }
        }
        let named = record.intent.base.as_ref().and_then(|base| base.version);
        let moved = self.ground.remote.filter(|remote| named.is_some() && remote.version > named);
        let merged_with = moved.and_then(|remote| remote.writer.clone());
        outcome.fate = MemberFate::Carried { merged_with, goes_on: Vec::new() };
        self.value = Arc::new(value);
    }

    /// Whether all that becomes of an interval set is what a member says of it; of other places it is.
    fn is_all_its_own(&self, said: &[Change], change: &Change) -> bool {
        let schema = &self.ground.spec.schema;
        schema.interval_set_around(&change.path).is_none()
            || same(get(schema, &apply(schema, &json!({}), said), &change.path), change.after.as_ref())
    }

    /// Whether a member says nothing but what its source said before, or what it shows as the value that it was made from, and
    /// the target may hold something else: what became of that word was decided then.
    fn restates(&self, record: &IntentRecord, outcome: &Outcome) -> bool {
        let schema = &self.ground.spec.schema;
        let shadow = self.row.sources.get(&record.source).map(|shadow| &shadow.value);
        let is = |value: Option<&Value>, change: &Change| same(value, change.after.as_ref());
        let said = |change: &Change| {
            is(shadow.and_then(|shadow| get(schema, shadow, &change.path)), change)
                || base::shows(schema, record, &change.path, change.after.as_ref())
        };
        let stands = |change: &Change| is(get(schema, &self.value, &change.path), change);
        let restated = || outcome.said.iter().all(said) && !outcome.said.iter().all(stands);
        outcome.paths.is_empty() || (outcome.whole.is_none() && restated())
    }

    /// A rule that the record kept before and would not keep after, or a step that its states do not allow. It is shown with
    /// the elements that do not go together, each as the target holds it and as it would be; else with what changes.
    fn breach(&self, value: &Value, changes: &[Change]) -> Option<MemberFate> {
        let kind = &*self.ground.spec.name;
        let mut after = self.ground.dialect.breaches(kind, value);
        if !after.is_empty() {
            let before = self.ground.dialect.breaches(kind, &self.value);
            after.retain(|breach| !before.contains(breach));
        }
        if self.ground.remote.is_some() {
            after.extend(self.ground.dialect.missteps(kind, &self.value, value));
        }
        let Breach { reason, elements } = after.into_iter().next()?;
        let schema = &self.ground.spec.schema;
        let note = |path: &Pointer| {
            let side = |value: &Value| get(schema, value, path).cloned();
            let (local, remote, remote_writer) = (side(value), side(&self.value), self.writer_of(path));
            let (path, stretches) = (path.clone(), Vec::new());
            ConflictNote::from(Conflict { path, base: None, local, remote, remote_writer, stretches })
        };
        let conflict = match elements.is_empty() {
            true => changes.iter().map(|change| note(&change.path)).collect(),
            false => elements.iter().map(note).collect(),
        };
        Some(MemberFate::Review { code: "review/invariant", reason, conflict, edits: Vec::new() })
    }
}

fn nothing_to_do(restates: bool, lost: &[&Pointer]) -> MemberFate {
    if lost.is_empty() {
        let (code, reason) = if restates {
            ("satisfied/unchanged", "it changes nothing of what its source said before")
        } else {
            ("satisfied/equal", "the target holds these values already")
        };
        return MemberFate::Satisfied { code, reason: reason.to_owned() };
    }
    let paths: Vec<String> = lost.iter().map(ToString::to_string).collect();
    MemberFate::rejected("rejected/remote_wins", format!("the policy keeps the target's value at {}", paths.join(", ")))
}
