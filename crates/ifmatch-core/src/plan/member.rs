//! One member of a composition: what it edits, and whether that merges.

use super::base::{Base, interval_set};
use super::edit::{Edit, kept};
use super::fate::MemberFate;
use super::fields::{fields_of, with_fields};
use super::outcome::Outcome;
use super::settle::Settled;
use super::{Canvas, is_held};
use crate::dialect::alike;
use crate::intent::Change as Wish;
use crate::record::{ConflictNote, IntentRecord, KeptEdit};
use ifmatch_merge::{Change, Pointer, Sides, apply, diff, get, merge};
use serde_json::{Value, json};

impl Canvas<'_> {
    /// Takes one member onto the canvas.
    pub(super) fn take(&mut self, record: &IntentRecord) -> Outcome {
        if record.intent.deadline.is_some_and(|deadline| deadline <= self.ground.now) && !is_held(record) {
            return Outcome::ended(MemberFate::Expired);
        }
        if is_held(record) {
            return self.hold(record);
        }
        if let Some(fate) = self.parent_gone(record).or_else(|| self.late(record)).or_else(|| self.stale(record)) {
            return Outcome::ended(fate);
        }
        if let Wish::Verb(verb) = &record.intent.change {
            return self.take_verb(record, verb);
        }
        let mut edit = match self.edit(record) {
            Ok(edit) => edit,
            Err(fate) => return Outcome::ended(self.answered(record, fate)),
        };
        if let Err(fate) = self.follow(record, &mut edit) {
            return Outcome::ended(fate);
        }
        let spoke = !edit.changes.is_empty();
        let newer = self.newer_word(record, &edit);
        self.reduce(record, &mut edit);
        if let Some(fate) = self.identity_change(record, &edit) {
            return Outcome::ended(fate);
        }
        if spoke && edit.changes.is_empty() {
            return Outcome::ended(MemberFate::Superseded {
                by: newer,
                code: "superseded/late",
                reason: "newer intents of the same source settled at every path".to_owned(),
            });
        }
        if let Some(outcome) = self.doubtful(record, &edit) {
            return outcome;
        }
        self.take_edit(record, edit)
    }

    /// What names a record never changes: a body that says otherwise is refused, and a whole record
    /// of a source that says otherwise is a person's matter.
    fn identity_change(&self, record: &IntentRecord, edit: &Edit) -> Option<MemberFate> {
        let remote = self.ground.remote?;
        let same = |wanted: &Value, found: &Value| match (wanted.as_str(), found.as_str()) {
            (Some(wanted), Some(found)) => wanted.eq_ignore_ascii_case(found),
            _ => self.ground.dialect.alike(wanted, found),
        };
        let other = edit.changes.iter().find(|(change, _)| {
            let name = change.path.segments().next().unwrap_or_default();
            let found = remote.value.get(&*name).filter(|_| self.ground.spec.identity.contains(&name));
            let wanted = change.after.as_ref().unwrap_or(&Value::Null);
            found.is_some_and(|found| !same(wanted, found))
        });
        let path = &other?.0.path;
        let reason = format!("{path} names the record and cannot be changed");
        if self.is_whole(record) && !record.proxied {
            return Some(MemberFate::review("review/identity", reason));
        }
        Some(MemberFate::rejected("rejected/immutable_field", reason))
    }

    /// A member in review stays as it is: it only holds its paths.
    fn hold(&mut self, record: &IntentRecord) -> Outcome {
        let edits = &record.status.edits;
        let (dialect, schema) = (self.ground.dialect, &self.ground.spec.schema);
        let stands = |edit: &KeptEdit| alike(dialect, edit.local.as_ref(), get(schema, &self.value, &edit.path));
        let doubted = record.status.code.as_deref() == Some(crate::slip::REVIEW);
        if !edits.is_empty() && !doubted && self.pending.is_empty() && edits.iter().all(stands) {
            let reason = "the target came to hold these values".to_owned();
            return Outcome::ended(MemberFate::Satisfied { code: "satisfied/equal", reason });
        }
        let outcome = Outcome {
            fate: MemberFate::review("", ""),
            changes: Vec::new(),
            said: edits.iter().map(KeptEdit::said).collect(),
            paths: edits.iter().map(|edit| edit.path.clone()).collect(),
            based: edits.clone(),
            is_value: !matches!(record.intent.change, Wish::Verb(_)),
            whole: None,
        };
        let based: Vec<(Change, Base)> = edits.iter().map(|edit| (edit.said(), Base::of(edit))).collect();
        self.hear(record, &outcome, &based);
        outcome
    }

    fn take_edit(&mut self, record: &IntentRecord, edit: Edit) -> Outcome {
        let schema = &self.ground.spec.schema;
        let (mut base_side, mut local_side) = (Vec::new(), Vec::new());
        let aligned: Vec<(Change, Base)> =
            edit.changes.iter().map(|(change, base)| self.aligned(change, base)).collect();
        for (change, base) in &aligned {
            let current = get(schema, &self.value, &change.path);
            let (forced, own) = self.claims(record, change, base, current);
            let base = match base {
                // Nobody else wrote there since the source's own last word.
                _ if own => current.cloned(),
                Base::Known(value) if !forced => value.clone(),
                // An unknown base conflicts with everything but an equal value.
                // Where nothing stands, nobody is overwritten, unless somebody took away what stood there.
                Base::Known(_) | Base::Unknown => {
                    let minutes =
                        *base == Base::Unknown && current.is_some() && interval_set(schema, &change.path).is_some();
                    let doubted = change.after.is_none() || minutes || self.is_taken_away(&change.path);
                    doubted.then(|| json!({ "unknown": record.id }))
                }
            };
            base_side.push(Change { path: change.path.clone(), before: None, after: base });
            local_side.push(Change { path: change.path.clone(), before: None, after: change.after.clone() });
        }
        // What no change names, and nobody decided, is the same on all sides.
        let named = local_side.iter().map(|change| &change.path).chain(record.status.decided.keys());
        let part = fields_of(&self.value, &named.collect::<Vec<_>>());
        let base_doc = apply(schema, &part, &base_side);
        let local_doc = apply(schema, &part, &local_side);
        let policies = self.decided_policies(record, &local_doc);
        let writer = |path: &Pointer| self.writer_of(path);
        let sides = Sides { base: &base_doc, local: &local_doc, remote: &part };
        let merged = merge(schema, &policies, record.source.as_str(), &writer, sides);
        let paths: Vec<Pointer> = edit.changes.iter().map(|(change, _)| change.path.clone()).collect();
        let (value, mut open) = self.decide(record, merged.value, merged.conflicts);
        for conflict in &mut open {
            // A base that is known is shown, also where it does not count.
            let known = aligned.iter().find(|(change, _)| change.path == conflict.path);
            if let Some((_, Base::Known(base))) = known {
                conflict.base.clone_from(base);
            }
        }
        let held = self.held_overlap(record, &paths, edit.whole.as_ref());
        let mut outcome = Outcome {
            fate: MemberFate::carried(),
            changes: Vec::new(),
            said: edit.said,
            paths,
            based: if self.is_alone() { Vec::new() } else { kept(&self.alone(record, &edit.changes)) },
            is_value: true,
            whole: edit.whole,
        };
        if let Some((older, path)) = held {
            outcome.fate = MemberFate::Review {
                code: "review/joined",
                reason: format!("{older} of the same source waits for a person at {path}"),
                conflict: open.into_iter().map(ConflictNote::from).collect(),
                edits: Vec::new(),
            };
        } else if let Some(fate) = self.ping_pong(record, &aligned) {
            outcome.fate = fate;
        } else if open.is_empty() {
            let settled: Vec<Settled> =
                merged.resolved.iter().map(|r| Settled::of(r, get(schema, &value, &r.path))).collect();
            outcome.said.retain(|change| !settled.iter().any(|by| by.keeps_remote_at(&change.path)));
            let changes = diff(schema, &part, &value);
            let whole = with_fields(&self.value, &part, value);
            self.settle_edit(record, whole, changes, &settled, &mut outcome);
        } else {
            let doubted = |path: &Pointer| {
                aligned.iter().any(|(change, base)| *base == Base::Unknown && change.path.overlaps(path))
            };
            let conflict = self.true_conflict(record, open, &doubted);
            outcome.fate = self.answered(record, conflict);
        }
        self.hear(record, &outcome, &edit.changes);
        if let MemberFate::Review { edits, .. } = &mut outcome.fate {
            *edits = kept(&edit.changes);
        }
        outcome
    }
}
