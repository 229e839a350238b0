//! One member of a composition: what it edits, and whether that merges.

use super::base::{self, Base};
use super::edit::{Edit, covers, kept, not_found};
use super::fate::MemberFate;
use super::fields::{fields_of, with_fields};
use super::ping_pong::partner;
use super::words::{spoken, take_place};
use super::{Canvas, is_held};
use crate::dialect::VerbError;
use crate::ids::{IntentId, SourceName};
use crate::intent::{Change as Wish, Verb};
use crate::record::{ConflictNote, Decided, IntentRecord, KeptEdit};
use ifmatch_merge::{Change, Conflict, Pointer, Policies, Policy, Resolved, Sides, apply, apply_to, diff, get, merge};
use serde_json::{Value, json};
use std::sync::Arc;

/// What one member of a source said, for those after it.
pub(super) struct Said {
    intent: IntentId,
    pub(super) source: SourceName,
    /// The source's whole view after it, as far as it speaks.
    pub(super) view: Value,
    /// The same without what it has in review.
    pub(super) stood: Value,
    /// The bases of its paths, where it is held in review.
    pub(super) held: Vec<(Pointer, Base)>,
    /// Where its values stand, or will.
    words: Vec<Pointer>,
    /// Whether it says values, so that a newer value can say it all.
    is_value: bool,
}

impl Said {
    /// Whether it says what a path holds, and that stands.
    pub(super) fn has_word_at(&self, path: &Pointer) -> bool {
        self.is_value && self.words.iter().any(|at| at.is_prefix_of(path))
    }
}

/// What a member comes to.
pub(super) struct Outcome {
    pub(super) fate: MemberFate,
    /// The changes that it makes to the record.
    pub(super) changes: Vec<Change>,
    /// What its source's shadow becomes when it settles.
    pub(super) said: Vec<Change>,
    /// The paths that it edits.
    pub(super) paths: Vec<Pointer>,
    /// Whether it says values, so that a newer value can say it all.
    pub(super) is_value: bool,
    /// Whether it speaks of the whole record.
    pub(super) whole: Option<Value>,
}

impl Outcome {
    pub(super) fn ended(fate: MemberFate) -> Self {
        Self { fate, changes: Vec::new(), said: Vec::new(), paths: Vec::new(), is_value: false, whole: None }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.fate, MemberFate::Carried { .. } | MemberFate::Review { .. })
    }

    /// Whether it is the word of its source, so that it can supersede an older one.
    pub(super) fn speaks(&self) -> bool {
        self.is_value
            && matches!(
                self.fate,
                MemberFate::Carried { .. } | MemberFate::Satisfied { .. } | MemberFate::Review { .. }
            )
    }

    /// Whether its values are what the record will hold.
    pub(super) fn stands(&self) -> bool {
        matches!(self.fate, MemberFate::Carried { .. } | MemberFate::Satisfied { .. })
    }

    /// Takes over what an older one that it supersedes has put on the canvas.
    pub(super) fn inherit(&mut self, older: &mut Self) {
        if !self.stands() {
            return;
        }
        if !older.changes.is_empty() {
            // What it stands on is still to be written.
            self.fate = MemberFate::Carried { merged_with: None };
        }
        for change in std::mem::take(&mut older.changes) {
            match self.changes.iter_mut().find(|mine| mine.path == change.path) {
                Some(mine) => mine.before = change.before,
                None => self.changes.push(change),
            }
        }
    }

    pub(super) fn covers(&self, path: &Pointer) -> bool {
        covers(self.whole.as_ref(), &self.paths, path)
    }
}

/// How a policy settled a true conflict at a path.
struct Settled {
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
    fn of(resolved: &Resolved, stands: Option<&Value>) -> Self {
        let side = if same_value(resolved.remote.as_ref(), stands) {
            Side::Remote
        } else if same_value(resolved.local.as_ref(), stands) {
            Side::Local
        } else {
            Side::Both
        };
        Self { path: resolved.path.clone(), side }
    }
}

impl Canvas<'_> {
    /// Takes one member onto the canvas.
    pub(super) fn take(&mut self, record: &IntentRecord) -> Outcome {
        if record.intent.deadline.is_some_and(|deadline| deadline <= self.ground.now) && !is_held(record) {
            return Outcome::ended(MemberFate::Expired);
        }
        if is_held(record) {
            return self.hold(record);
        }
        if let Some(fate) = self.parent_gone(record).or_else(|| self.late(record)) {
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
            let found = remote.value.get(&*name).filter(|_| self.ground.spec.identity.contains(&&*name));
            let wanted = change.after.as_ref().unwrap_or(&Value::Null);
            found.is_some_and(|found| !same(wanted, found))
        });
        let path = &other?.0.path;
        let reason = format!("{path} names the record and cannot be changed");
        if self.is_whole(record) && !record.proxied {
            return Some(MemberFate::Review {
                code: "review/identity",
                reason,
                conflict: Vec::new(),
                edits: Vec::new(),
            });
        }
        Some(MemberFate::Rejected { code: "rejected/immutable_field", reason, winner: None, conflict: Vec::new() })
    }

    /// A member in review stays as it is: it only holds its paths.
    fn hold(&mut self, record: &IntentRecord) -> Outcome {
        let edits = &record.status.edits;
        let stands = |edit: &KeptEdit| match (&edit.local, get(&self.ground.spec.schema, &self.value, &edit.path)) {
            (None, None) => true,
            (Some(wanted), Some(found)) => self.ground.dialect.alike(wanted, found),
            _ => false,
        };
        let doubted = record.status.code.as_deref() == Some(crate::slip::REVIEW);
        if !edits.is_empty() && !doubted && self.pending.is_empty() && edits.iter().all(stands) {
            let reason = "the target came to hold these values".to_owned();
            return Outcome::ended(MemberFate::Satisfied { code: "satisfied/equal", reason });
        }
        let outcome = Outcome {
            fate: MemberFate::Review { code: "", reason: String::new(), conflict: Vec::new(), edits: Vec::new() },
            changes: Vec::new(),
            said: edits.iter().map(KeptEdit::said).collect(),
            paths: edits.iter().map(|edit| edit.path.clone()).collect(),
            is_value: !matches!(record.intent.change, Wish::Verb(_)),
            whole: None,
        };
        let based: Vec<(Change, Base)> = edits.iter().map(|edit| (edit.said(), Base::of(edit))).collect();
        self.hear(record, &outcome, &based);
        outcome
    }

    /// A true conflict in the way that the source wants it answered.
    fn answered(&self, record: &IntentRecord, fate: MemberFate) -> MemberFate {
        match fate {
            MemberFate::Review { code, reason, conflict, .. } if self.refuses(record) && !conflict.is_empty() => {
                let code = match code {
                    _ if record.strict => "rejected/stale",
                    "review/no_base" => "rejected/no_base",
                    "review/unknown_base" => "rejected/unknown_base",
                    _ => "rejected/true_conflict",
                };
                MemberFate::Rejected { code, reason, winner: None, conflict }
            }
            fate => fate,
        }
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
                    let doubted = change.after.is_none() || self.is_taken_away(&change.path);
                    doubted.then(|| json!({ "unknown": record.id }))
                }
            };
            base_side.push(Change { path: change.path.clone(), before: None, after: base });
            local_side.push(Change { path: change.path.clone(), before: None, after: change.after.clone() });
        }
        // What no change names is the same on all sides.
        let part = fields_of(&self.value, &local_side);
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
            fate: MemberFate::Carried { merged_with: None },
            changes: Vec::new(),
            said: edit.said,
            paths,
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
            let lost = |path: &Pointer| settled.iter().any(|by| by.side == Side::Remote && by.path.overlaps(path));
            outcome.said.retain(|change| !lost(&change.path));
            let changes = diff(schema, &part, &value);
            let whole = with_fields(&self.value, &part, value);
            self.settle_edit(record, whole, changes, &settled, &mut outcome);
        } else {
            let doubted = |path: &Pointer| {
                aligned.iter().any(|(change, base)| *base == Base::Unknown && change.path.overlaps(path))
            };
            let code = if open.iter().all(|conflict| doubted(&conflict.path)) {
                "review/unknown_base"
            } else {
                "review/true_conflict"
            };
            outcome.fate = self.answered(record, true_conflict(code, open));
        }
        self.hear(record, &outcome, &edit.changes);
        if let MemberFate::Review { edits, .. } = &mut outcome.fate {
            *edits = kept(&edit.changes);
        }
        outcome
    }

    /// Where it would go on with a loop of two sources, a person must stop one of them.
    fn ping_pong(&self, record: &IntentRecord, aligned: &[(Change, Base)]) -> Option<MemberFate> {
        // Who takes back what landed goes back on purpose.
        if !record.status.decided.is_empty() || matches!(record.intent.change, Wish::Undo(_)) {
            return None;
        }
        let (change, other) =
            aligned.iter().find_map(|(change, _)| Some((change, partner(&self.ground, &record.source, change)?)))?;
        let stands = get(&self.ground.spec.schema, &self.value, &change.path);
        let conflict = Conflict {
            path: change.path.clone(),
            base: None,
            local: change.after.clone(),
            remote: stands.cloned(),
            remote_writer: Some(other.to_string()),
            stretches: Vec::new(),
        };
        Some(MemberFate::Review {
            code: "review/ping_pong",
            reason: format!("{other} and {} set {} back and forth", record.source, change.path),
            conflict: vec![conflict.into()],
            edits: Vec::new(),
        })
    }

    /// Whether a change must be a conflict whatever its base, and whether it goes on from its source's own last word. An
    /// undo goes on from nothing but what it takes back.
    fn claims(&self, record: &IntentRecord, change: &Change, base: &Base, current: Option<&Value>) -> (bool, bool) {
        if let (Wish::Undo(_), Base::Known(written)) = (&record.intent.change, base) {
            // What is gone differs from what was written there by itself.
            let stands = current.is_some() && !same_value(change.after.as_ref(), current);
            return (stands && base::moved_since(&self.ground, record, &change.path, written.as_ref()), false);
        }
        let forced = !is_kept(record, change, base)
            && base::is_forced(
                &self.ground,
                &record.source,
                (change, base),
                (current, self.pending_word(record, &change.path)),
            )
            && !self.proves_sight(record, change, current);
        let own = base::is_own_word(&self.ground, &record.source, &change.path, current)
            || self.is_own_pending(record, &change.path);
        (forced, own)
    }

    /// An older member of the same source in review that this one overlaps and does not cover: it
    /// waits with it.
    fn held_overlap(
        &self,
        record: &IntentRecord,
        paths: &[Pointer],
        whole: Option<&Value>,
    ) -> Option<(IntentId, Pointer)> {
        if !record.status.decided.is_empty() {
            return None;
        }
        self.said.iter().filter(|said| said.source == record.source && !said.held.is_empty()).find_map(|said| {
            let covered = said.is_value && said.held.iter().all(|(at, _)| covers(whole, paths, at));
            let shared = said.held.iter().find(|(at, _)| paths.iter().any(|path| path.overlaps(at)));
            shared.filter(|_| !covered).map(|(at, _)| (said.intent, at.clone()))
        })
    }

    /// The policies of a member. Where a person decided that its side of an interval set stands, it wins in the
    /// stretches in question, and what others changed elsewhere in it stays.
    fn decided_policies(&self, record: &IntentRecord, local: &Value) -> Policies {
        let schema = &self.ground.spec.schema;
        let holds = |(path, decided): &(&Pointer, &Decided)| {
            base::interval_set(schema, path).is_some()
                && same_value(decided.value.as_ref(), get(schema, local, path))
                && same_value(decided.remote.as_ref(), get(schema, &self.value, path))
        };
        let decided = record.status.decided.iter().filter(holds);
        decided.fold(self.policies(record), |policies, (path, _)| policies.with(path.clone(), Policy::LocalWins))
    }

    /// Uses what a person decided, where the remote value is still the one that the person saw.
    fn decide(&self, record: &IntentRecord, mut value: Value, conflicts: Vec<Conflict>) -> (Value, Vec<Conflict>) {
        let mut chosen = Vec::new();
        let mut open = Vec::new();
        for conflict in conflicts {
            match record.status.decided.get(&conflict.path) {
                Some(decided) if same_value(decided.remote.as_ref(), conflict.remote.as_ref()) => {
                    chosen.push(Change { path: conflict.path, before: None, after: decided.value.clone() });
                }
                _ => open.push(conflict),
            }
        }
        apply_to(&self.ground.spec.schema, &mut value, &chosen);
        (value, open)
    }

    /// Puts the record as a member leaves it on the canvas, where the rules allow it; `changes` lead there.
    fn settle_edit(
        &mut self,
        record: &IntentRecord,
        value: Value,
        changes: Vec<Change>,
        settled: &[Settled],
        outcome: &mut Outcome,
    ) {
        outcome.changes = changes;
        if let Some(fate) = self.breach(&value) {
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
        let others = self.ground.remote.filter(|_| record.intent.base.as_ref().and_then(|base| base.version).is_some());
        let moved = others.filter(|remote| remote.version > record.intent.base.as_ref().and_then(|base| base.version));
        outcome.fate = MemberFate::Carried { merged_with: moved.and_then(|remote| remote.writer.clone()) };
        self.value = Arc::new(value);
    }

    /// Whether all that becomes of an interval set is what a member says of it; of other places it is.
    fn is_all_its_own(&self, said: &[Change], change: &Change) -> bool {
        let schema = &self.ground.spec.schema;
        schema.interval_set_around(&change.path).is_none()
            || same_value(get(schema, &apply(schema, &json!({}), said), &change.path), change.after.as_ref())
    }

    fn take_verb(&mut self, record: &IntentRecord, verb: &Verb) -> Outcome {
        if self.ground.remote.is_none() {
            return Outcome::ended(not_found(record));
        }
        let schema = &self.ground.spec.schema;
        match self.ground.dialect.verb(self.ground.spec.name, verb, &self.value) {
            Ok(value) => {
                let said = diff(schema, &self.value, &value);
                let mut outcome = Outcome {
                    fate: MemberFate::Carried { merged_with: None },
                    changes: Vec::new(),
                    paths: said.iter().map(|change| change.path.clone()).collect(),
                    said: said.clone(),
                    is_value: false,
                    whole: None,
                };
                self.settle_edit(record, value, said, &[], &mut outcome);
                outcome
            }
            Err(VerbError::Invalid(error)) => Outcome::ended(MemberFate::Rejected {
                code: "rejected/invalid",
                reason: error.to_string(),
                winner: None,
                conflict: Vec::new(),
            }),
            Err(VerbError::Missing(path)) => match self.follow_verb(record, verb, &path) {
                Ok(Some(verb)) => self.take_verb(record, &verb),
                Ok(None) => Outcome::ended(self.missing(&path)),
                Err(fate) => Outcome::ended(fate),
            },
            Err(VerbError::Refused(reason)) => Outcome::ended(MemberFate::Review {
                code: "review/rule",
                reason,
                conflict: Vec::new(),
                edits: Vec::new(),
            }),
        }
    }

    /// An element that is not there: removed by an intent of ours, which is a final answer, or by
    /// somebody else, which is a person's matter.
    fn missing(&self, path: &Pointer) -> MemberFate {
        if let Some(culprit) = self.removed.get(path) {
            return MemberFate::Rejected {
                code: "rejected/removed",
                reason: format!("{path} was removed by {culprit}"),
                winner: Some(*culprit),
                conflict: Vec::new(),
            };
        }
        let conflict = Conflict {
            path: path.clone(),
            base: None,
            local: None,
            remote: None,
            remote_writer: self.ground.remote.and_then(|remote| remote.writer.clone()),
            stretches: Vec::new(),
        };
        MemberFate::Review {
            code: "review/missing",
            reason: format!("{path} is not in the record any more"),
            conflict: vec![conflict.into()],
            edits: Vec::new(),
        }
    }

    /// A rule that the record kept before and would not keep after, or a step that its states do not allow.
    fn breach(&self, value: &Value) -> Option<MemberFate> {
        let kind = self.ground.spec.name;
        let mut after = self.ground.dialect.breaches(kind, value);
        if !after.is_empty() {
            let before = self.ground.dialect.breaches(kind, &self.value);
            after.retain(|breach| !before.contains(breach));
        }
        if self.ground.remote.is_some() {
            after.extend(self.ground.dialect.missteps(kind, &self.value, value));
        }
        let reason = after.into_iter().next()?;
        Some(MemberFate::Review { code: "review/invariant", reason, conflict: Vec::new(), edits: Vec::new() })
    }

    /// Whether the intent shows the very value that it overwrites.
    fn proves_sight(&self, record: &IntentRecord, change: &Change, current: Option<&Value>) -> bool {
        let Some(value) = record.intent.base.as_ref().and_then(|base| base.value.as_ref()) else { return false };
        let schema = &self.ground.spec.schema;
        let whole = change.path.segments().nth(1).is_none() || base::interval_set(schema, &change.path).is_some();
        whole && same_value(get(schema, value, &change.path), current)
    }

    fn policies(&self, record: &IntentRecord) -> Policies {
        let none = Policies::new();
        if let Wish::Undo(_) = record.intent.change {
            // What somebody wrote since is a person's matter, whatever the source that asks would have otherwise.
            return none;
        }
        let source = self.ground.config.sources.get(&record.source).map_or(&none, |source| &source.on_conflict);
        record.intent.policies(source)
    }

    pub(super) fn refuses(&self, record: &IntentRecord) -> bool {
        let source = self.ground.config.sources.get(&record.source);
        record.strict || (record.proxied && source.is_some_and(|s| s.answer == crate::AnswerPolicy::Refuse))
    }

    pub(super) fn writer_of(&self, path: &Pointer) -> Option<String> {
        let pending = self.pending.iter().find(|(at, _)| at.overlaps(path));
        if matches!(pending, Some((at, None)) if self.ground.spec.schema.interval_set_around(at).is_some()) {
            // Several had a part in it, and nobody can tell whose the stretch in question is.
            return None;
        }
        let pending =
            pending.map(|(_, by)| by.as_ref().map_or_else(|| "several sources".to_owned(), ToString::to_string));
        pending.or_else(|| self.source_that_stands(path)).or_else(|| self.ground.remote.and_then(|r| r.writer.clone()))
    }

    /// The source of ours whose value stands at a path.
    fn source_that_stands(&self, path: &Pointer) -> Option<String> {
        let row = self.ground.row;
        let (_, source) = row.written.iter().find(|(at, _)| at.overlaps(path))?;
        let current = get(&self.ground.spec.schema, &self.value, path);
        base::is_own_word(&self.ground, source, path, current).then(|| source.to_string())
    }

    /// Whether a member says nothing but what its source said before, and the target may hold something else: what became
    /// of that word was decided then.
    fn restates(&self, record: &IntentRecord, outcome: &Outcome) -> bool {
        let schema = &self.ground.spec.schema;
        let shadow = self.row.sources.get(&record.source).map(|shadow| &shadow.value);
        let is = |value: Option<&Value>, change: &Change| same_value(value, change.after.as_ref());
        let said = |change: &Change| is(shadow.and_then(|shadow| get(schema, shadow, &change.path)), change);
        let stands = |change: &Change| is(get(schema, &self.value, &change.path), change);
        let restated = || outcome.said.iter().all(said) && !outcome.said.iter().all(stands);
        outcome.paths.is_empty() || (outcome.whole.is_none() && restated())
    }

    /// Keeps what a member said for those of its source that follow.
    pub(super) fn hear(&mut self, record: &IntentRecord, outcome: &Outcome, changes: &[(Change, Base)]) {
        if self.has_more {
            let said = self.said_by(record, outcome, changes);
            self.said.push(said);
        }
        take_place(&mut self.row, record, outcome);
    }

    fn said_by(&mut self, record: &IntentRecord, outcome: &Outcome, changes: &[(Change, Base)]) -> Said {
        let schema = &self.ground.spec.schema;
        let before = self.said.iter().rev().find(|said| said.source == record.source);
        let before = before.map(|said| (said.view.clone(), said.stood.clone()));
        let settled = || {
            let shadow = self.row.sources.get(&record.source).map(|shadow| Value::clone(&shadow.value))?;
            Some((shadow.clone(), shadow))
        };
        let (mut view, mut stood) = before.or_else(settled).unwrap_or_default();
        let spoken = spoken(schema, &outcome.said, !outcome.is_value);
        let add = |value: &mut Value| {
            if !value.is_object() {
                *value = json!({});
            }
            apply_to(schema, value, &spoken);
        };
        add(&mut view);
        if outcome.stands() {
            add(&mut stood);
        }
        let held = match outcome.fate {
            MemberFate::Review { .. } => {
                changes.iter().map(|(change, base)| (change.path.clone(), base.clone())).collect()
            }
            _ => Vec::new(),
        };
        if outcome.speaks() {
            // What it says in full waits under its name from here on.
            for said in self.said.iter_mut().filter(|said| said.source == record.source && said.is_value) {
                if said.held.iter().all(|(at, _)| outcome.covers(at)) {
                    said.held.clear();
                }
            }
        }
        Said {
            intent: record.id,
            source: record.source.clone(),
            view,
            stood,
            held,
            words: if outcome.stands() { outcome.paths.clone() } else { Vec::new() },
            is_value: outcome.is_value,
        }
    }
}

/// Whether the intent shows that it leaves a path as its source found it: no edit there, whatever stood since.
fn is_kept(record: &IntentRecord, change: &Change, base: &Base) -> bool {
    let shown = record.intent.base.as_ref().and_then(|base| base.value.as_ref());
    let top = change.path.segments().next();
    let names = shown.zip(top).is_some_and(|(value, top)| value.get(&*top).is_some());
    names && matches!(base, Base::Known(value) if same_value(value.as_ref(), change.after.as_ref()))
}

fn same_value(a: Option<&Value>, b: Option<&Value>) -> bool {
    base::same(a, b)
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
    MemberFate::Rejected {
        code: "rejected/remote_wins",
        reason: format!("the policy keeps the target's value at {}", paths.join(", ")),
        winner: None,
        conflict: Vec::new(),
    }
}

fn true_conflict(code: &'static str, conflicts: Vec<Conflict>) -> MemberFate {
    let paths: Vec<String> = conflicts.iter().map(|conflict| conflict.path.to_string()).collect();
    let writer = conflicts.iter().find_map(|conflict| conflict.remote_writer.clone());
    let by = writer.unwrap_or_else(|| "somebody else".to_owned());
    let reason = format!("{by} changed {} meanwhile", paths.join(", "));
    let conflict: Vec<ConflictNote> = conflicts.into_iter().map(ConflictNote::from).collect();
    MemberFate::Review { code, reason, conflict, edits: Vec::new() }
}
