//! Writes that were accepted: borne out by what the answer or a read shows, and told where they were not applied.

use super::super::lane::LaneKey;
use super::super::recovered::DOUBTED;
use super::super::refusal::written_at;
use super::super::settle::Step;
use super::resolve::sources_of;
use super::{Engine, Material};
use crate::applied::{Applied, Sure};
use crate::commit::{AttemptRecord, Op, Share};
use crate::config::Verify;
use crate::dialect::{Call, WriteItem, Written, alike};
use crate::errand::Notes;
use crate::ids::{AttemptId, IntentId, TurnId};
use crate::input::Scope;
use crate::record::{IntentRecord, KeptEdit};
use crate::shadow::{ResourceRow, Snapshot};
use crate::silent::{self, Check, Dropped, REVIEW, item_of, said, touches};
use crate::states::State;
use ifmatch_merge::{Change, Pointer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether an accepted write counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Borne {
    /// The answer bears it out, or shows that it was not applied.
    Settled,
    /// A read must show it.
    Unread,
}

impl Engine {
    /// The target accepted a write: it counts, or is told as not applied, or a read must tell.
    pub(in crate::engine) fn bear_out(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        written: &Written,
    ) -> Borne {
        let Some(item) = item_of(attempt, &key.resource) else { return Borne::Settled };
        let lost = if written.shown { self.dropped(key, item, &written.snapshot) } else { Vec::new() };
        let wishes = attempt.shares.iter().any(|share| share.resource == key.resource);
        if lost.is_empty() && wishes && self.must_read_back(key, item, written) {
            self.track_check(turn, key, attempt, item, written);
            return Borne::Unread;
        }
        self.land(turn, key, attempt, &written.snapshot, &lost);
        Borne::Settled
    }

    /// The paths that a representation does not hold as a write says.
    pub(in crate::engine) fn dropped(&self, key: &LaneKey, item: &WriteItem, shown: &Snapshot) -> Vec<Dropped> {
        let spec = self.kind(&key.resource.kind);
        silent::dropped(&*self.dialect, spec, &item.from, &item.to, &shown.value)
    }

    /// The same of a record that was made: what the answer shows otherwise, and whether a read must show it.
    pub(super) fn made_otherwise(&self, key: &LaneKey, item: &WriteItem, written: &Written) -> (Vec<Dropped>, Borne) {
        let lost = if written.shown { self.dropped(key, item, &written.snapshot) } else { Vec::new() };
        let unread = lost.is_empty() && self.must_read_back(key, item, written);
        (lost, if unread { Borne::Unread } else { Borne::Settled })
    }

    /// Whether the answer alone does not do: it shows neither the record nor a version that moved, or is not believed.
    fn must_read_back(&self, key: &LaneKey, item: &WriteItem, written: &Written) -> bool {
        let kind = &key.resource.kind;
        let moved = written.snapshot.version > item.precondition.version;
        (!written.shown && !moved) || !self.believes(kind, || silent::fields(self.kind(kind), item))
    }

    /// Keeps an accepted write until a read has shown what it made of the record.
    fn track_check(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        item: &WriteItem,
        written: &Written,
    ) {
        let call = Call::Write(vec![item.clone()]);
        let shares: Vec<Share> =
            attempt.shares.iter().filter(|share| share.resource == key.resource).cloned().collect();
        let part = AttemptRecord {
            request: self.dialect.request(&call, &Notes::default()).into(),
            call,
            intents: shares.iter().map(|share| share.intent).collect(),
            shares: shares.into(),
            ..attempt.clone()
        };
        self.each_of(turn, key, &part, |engine, record| engine.verify(key, record, part.id));
        let mut material = self.take_material(turn, key);
        material.row.floor = material.row.floor.max(written.snapshot.version.unwrap_or(0));
        let check = Check { attempt: part, told: written.snapshot.clone() };
        material.row.check = Some(Box::new(check));
        // With the state that it explains: the turn goes on to the read.
        self.commits.op(Op::Resource(material.row.clone()));
        material.row_changed = false;
        self.put_material(turn, key, material);
        self.lane(key).written();
    }

    /// A read must show that a write of an intent stands.
    pub(super) fn verify(&mut self, key: &LaneKey, record: &mut IntentRecord, attempt: AttemptId) {
        let reason = "the target accepted it, and a read must show that it stands";
        let step = Step::why("tracking/verifying", reason).attempt(attempt).by("target");
        self.transit(key, record, State::Tracking, step);
    }

    /// Whether a read is older than a write that it is to show: one of which no answer told the version is waited for as
    /// long as reads may lag.
    pub(super) fn precedes_check(&self, material: &Material, shown: &Snapshot) -> bool {
        let Some(check) = &material.row.check else { return false };
        let Some(item) = check.item(&material.row.resource) else { return false };
        let untold = check.told.version.is_none();
        let moved = shown.version > item.precondition.version;
        untold && !moved && self.now.duration_since(check.attempt.at) <= self.config.limits.lag_wait
    }

    /// A read shows the record at the version of an accepted write, or a later one.
    pub(super) fn settle_check(&mut self, turn: TurnId, key: &LaneKey, found: &Snapshot) {
        let mut material = self.take_material(turn, key);
        let Some(check) = material.row.check.take() else { return self.put_material(turn, key, material) };
        material.row_changed = true;
        // What others decided of one meanwhile holds.
        let waits = |record: &IntentRecord| check.carries(record.id) && record.status.state == State::Tracking;
        let open = material.intents.iter().any(waits);
        self.put_material(turn, key, material);
        let Some(item) = check.item(&key.resource).filter(|_| open) else { return };
        let lost = self.dropped(key, item, found);
        let later = check.precedes(found, item.precondition.version);
        if later && !lost.is_empty() {
            // Others wrote since: what stands there may be theirs.
            return self.settle_unseen(turn, key, &check, found, &lost);
        }
        let kind = &key.resource.kind;
        let fields = silent::fields(self.kind(kind), item);
        for field in fields {
            if lost.iter().any(|lost| lost.path.segments().next().is_some_and(|at| *at == *field)) {
                self.proven.remove(&(kind.clone(), field));
            } else {
                self.proven.insert((kind.clone(), field));
            }
        }
        if !lost.is_empty() {
            // No answer told it, so none of its kind is believed.
            self.doubt_answers(key, found.version, &said(lost.iter().map(|lost| &lost.path)));
        }
        self.land(turn, key, &check.attempt, check.stands(found), &lost);
    }

    /// Others wrote before a read could show what the write made of the record. Where a path holds a value of theirs, the
    /// answer counts; where it holds what stood there before the write, nobody can tell whether it was applied; and where
    /// answers are not believed, nobody can tell in any case.
    fn settle_unseen(&mut self, turn: TurnId, key: &LaneKey, check: &Check, found: &Snapshot, lost: &[Dropped]) {
        let field = |path: &Pointer| path.segments().next().map(|field| field.into_owned()).into_iter().collect();
        let believed = |lost: &Dropped| self.believes(&key.resource.kind, || field(&lost.path));
        let open: Vec<&Dropped> = lost.iter().filter(|lost| lost.stands == lost.before || !believed(lost)).collect();
        let (unsure, sure): (Vec<Share>, Vec<Share>) =
            check.attempt.shares.iter().cloned().partition(|share| open.iter().any(|lost| touches(share, &lost.path)));
        let over = self.untold_of(key, &check.attempt, check.stands(found));
        let mut material = self.take_material(turn, key);
        let schema = self.kind(&key.resource.kind).schema.clone();
        let from = written_at(&check.attempt, key);
        let stood = from.and_then(|from| material.row.at_version(from)).map(|stood| stood.value.clone());
        let sources = sources_of(&material.intents);
        for share in &unsure {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            let mine = open.iter().filter(|lost| touches(share, &lost.path));
            // What its source says next goes on from a value that may or may not have stood there.
            let own = |id: IntentId| sources.get(&id) == Some(&record.source);
            record.status.edits = share.doubted(&schema, stood.as_deref(), &check.attempt.shares, own);
            record.status.overwrote = over.clone().or(record.status.overwrote.take());
            self.note_untold(record, share, check.attempt.id);
            let why = "it was accepted, and others wrote before a read could show that it was applied";
            let conflict = mine.map(|lost| lost.note()).collect();
            let step = Step { conflict, ..Step::why("review/undecided", why) };
            self.transit(key, record, State::Review, step.attempt(check.attempt.id));
        }
        self.put_material(turn, key, material);
        let attempt = AttemptRecord { shares: sure.into(), ..check.attempt.clone() };
        self.land(turn, key, &attempt, check.stands(found), &[]);
        if let Some(version) = check.told.version.filter(|_| !open.is_empty()) {
            let mut material = self.take_material(turn, key);
            material.row.leave_untold(version, open.iter().map(|lost| lost.path.clone()).collect());
            material.row_changed = true;
            self.put_material(turn, key, material);
        }
    }

    /// Whether the answer to a write of these fields is believed without a read that bears it out.
    fn believes(&self, kind: &str, fields: impl FnOnce() -> BTreeSet<String>) -> bool {
        let proven = |field| self.proven.contains(&(kind.to_owned(), field));
        !self.doubted.contains(kind)
            && match self.config.verify {
                Verify::Always => false,
                Verify::First => fields().into_iter().all(proven),
                Verify::Answer => true,
            }
    }

    /// The record cannot be read any more, since it is gone or reads are refused: the answer counts.
    pub(in crate::engine) fn settle_unread(&mut self, turn: TurnId, key: &LaneKey) {
        let mut material = self.take_material(turn, key);
        let check = material.row.check.take();
        material.row_changed |= check.is_some();
        self.put_material(turn, key, material);
        if let Some(check) = check {
            self.land(turn, key, &check.attempt, &check.told, &[]);
        }
    }

    /// Two representations of one version must say the same; where the target's do not, its answers are not believed.
    pub(super) fn compare_versions(&mut self, key: &LaneKey, row: &ResourceRow, shown: &Snapshot) {
        let Some(known) = shown.version.and_then(|version| row.at_version(version)) else { return };
        if known.value == shown.value {
            return;
        }
        let spec = self.kind(&key.resource.kind);
        let paths = silent::contradictions(&*self.dialect, spec, &known.value, &shown.value);
        if !paths.is_empty() {
            self.doubt_answers(key, shown.version, &said(&paths));
        }
    }

    /// An answer did not tell what stands: from here on a read must bear out each write of the kind.
    fn doubt_answers(&mut self, key: &LaneKey, version: Option<u64>, paths: &str) {
        let kind = &key.resource.kind;
        if !self.doubted.insert(kind.clone()) {
            return;
        }
        self.commits.op(Op::Keep { key: format!("{DOUBTED}{kind}"), value: Some(json!(true)) });
        let version = version.map(|version| format!(" at version {version}")).unwrap_or_default();
        let message = format!(
            "{}: a read shows {paths} otherwise than an answer told{version}: each write of {kind} is read back from here on",
            key.resource
        );
        self.alarm("answer_doubted", &message);
    }

    /// A person decides what becomes of an intent that was accepted and not applied, as far as it was not.
    pub(in crate::engine) fn review_silent(
        &mut self,
        key: &LaneKey,
        row: &mut ResourceRow,
        record: &mut IntentRecord,
        share: &Share,
        lost: &[Dropped],
        at: (AttemptId, Option<u64>),
    ) {
        let mine: Vec<&Dropped> = lost.iter().filter(|lost| touches(share, &lost.path)).collect();
        let is_lost = |change: &Change| mine.iter().any(|lost| lost.path.overlaps(&change.path));
        let (attempt, version) = at;
        let rest = Share {
            changes: share.changes.iter().filter(|change| !is_lost(change)).cloned().collect(),
            said: share.said.iter().filter(|change| !is_lost(change)).cloned().collect(),
            ..share.clone()
        };
        let schema = self.kind(&key.resource.kind).schema.clone();
        rest.confirm(row, record, version, &schema);
        record.status.edits = share.changes.iter().filter(|change| is_lost(change)).map(KeptEdit::of).collect();
        // What the target made of a value came of this write as well.
        let made = mine.iter().filter(|lost| !self.same_value(lost.before.as_ref(), lost.stands.as_ref()));
        let made = made.map(|lost| lost.made());
        let changes: Vec<Change> = rest.changes.into_iter().chain(made).collect();
        if !changes.is_empty() {
            record.status.applied.push(Applied { attempt, version, at: self.now, sure: Sure::Known, changes });
        }
        let paths = said(mine.iter().map(|lost| &lost.path));
        let reason = format!("the target accepted the write and does not hold what it says at {paths}");
        let step = Step { conflict: mine.iter().map(|lost| lost.note()).collect(), ..Step::why(REVIEW, reason) };
        self.transit(key, record, State::Review, step.attempt(attempt).by("target"));
    }

    /// Keeps with an intent that nobody can tell whether a write of it took effect.
    pub(super) fn note_untold(&self, record: &mut IntentRecord, share: &Share, attempt: AttemptId) {
        let changes = share.changes.clone();
        record.status.applied.push(Applied { attempt, version: None, at: self.now, sure: Sure::Untold, changes });
    }

    /// The same of a whole attempt that carried it.
    pub(super) fn note_undecided(&self, record: &mut IntentRecord, attempt: &AttemptRecord) {
        if let Some(share) = attempt.shares.iter().find(|share| share.intent == record.id) {
            self.note_untold(record, share, attempt.id);
        }
    }

    fn same_value(&self, one: Option<&Value>, other: Option<&Value>) -> bool {
        alike(&*self.dialect, one, other)
    }

    /// Counts writes of a kind that were accepted and not applied; too many in a row, and the kind is held for a person.
    pub(in crate::engine) fn count_silent(&mut self, key: &LaneKey, lost: &[Dropped]) {
        let kind = &key.resource.kind;
        if lost.is_empty() {
            self.silent_row.remove(kind);
            return;
        }
        let row = self.silent_row.entry(kind.clone()).or_default();
        *row += 1;
        let row = *row;
        if row == 1 {
            let paths = said(lost.iter().map(|lost| &lost.path));
            let message = format!("{}: a write was accepted, and {paths} is not as it says", key.resource);
            self.alarm("silent_refusal", &message);
        }
        let most = self.config.limits.silent_max;
        if most > 0 && row >= most && self.pull(Scope::Kind(kind.clone())) {
            let message = format!(
                "{row} writes of {kind} in a row were accepted and not applied: the kind is held until somebody resumes it"
            );
            self.alarm("silent_stop", &message);
        }
    }
}
