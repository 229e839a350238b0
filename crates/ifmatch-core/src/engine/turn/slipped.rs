//! Writes that were let through over others': found by the versions, looked into, and repaired or told.

use super::super::lane::LaneKey;
use super::super::recovered::{OWED, UNGUARDED, value_lane};
use super::super::refusal::written_at;
use super::super::settle::Step;
use super::{Engine, Material};
use crate::applied::{Applied, Sure};
use crate::commit::{AttemptRecord, Op, Share};
use crate::config::OnOverwrite;
use crate::dialect::{Call, Fact, Guard, Reply};
use crate::evidence::Class;
use crate::hash::value_digest;
use crate::ids::{IntentId, TurnId};
use crate::input::Decision;
use crate::record::{ConflictNote, IntentRecord, KeptEdit};
use crate::shadow::Snapshot;
use crate::slip::{Overwritten, Overwrote, Owed, REVIEW, Slip};
use crate::states::State;
use ifmatch_merge::{Change, get};
use serde_json::{Value, json};
use std::borrow::Borrow;
use std::collections::BTreeSet;

/// How far back a write is looked for whose own version no answer told.
const LOOKS_MAX: u64 = 8;

/// Whether something is left to do on account of a write that was let through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Open,
    Settled,
}

/// What becomes of one intent whose write was let through.
enum Verdict {
    Lands,
    MergedAgain,
    Review,
}

/// What was found of a slip.
struct Found<'s> {
    slip: &'s Slip,
    /// The representation just before our write.
    foreign: Option<&'s Snapshot>,
    /// What our write overwrote of it.
    lost: Vec<Change>,
    /// Whether the version that was looked at came of our write, and not of somebody else's who wrote the same.
    is_ours: bool,
}

impl Found<'_> {
    /// The representation just before our write, where it can be put back.
    fn restorable(&self) -> Option<&Snapshot> {
        self.foreign.filter(|_| self.is_ours)
    }
}

impl Engine {
    /// The slip of a write that led to what the target shows, if it is one: alarmed in any case. `exact` where the answer to
    /// the write told that version: what a later read shows may have come after it, and proves nothing of the guard.
    pub(in crate::engine) fn slip_of(
        &mut self,
        key: &LaneKey,
        material: &Material,
        attempt: &AttemptRecord,
        shown: &Snapshot,
        exact: bool,
    ) -> Option<Slip> {
        let (Some(from), Some(to)) = (written_at(attempt, key), shown.version) else { return None };
        if to <= from + 1 {
            return None;
        }
        let known = self.known_between(key, material, from, to);
        if exact && known > 0 {
            self.learn_guard(key, from, to);
        }
        let between = match self.guard(&key.resource.kind) {
            Guard::Monotonic => return None,
            Guard::Dated if known == 0 => return None,
            Guard::Dated => Some(known),
            Guard::ContentHash | Guard::Unguarded => None,
        };
        let message = format!(
            "{}: a write made from version {from} led to version {to}; what others wrote between may be gone",
            key.resource
        );
        self.alarm("overwritten", &message);
        self.overwrites += 1;
        let Call::Write(items) = &attempt.call else { return None };
        let item = items.iter().find(|item| item.resource == key.resource)?;
        let spec = self.kind(&key.resource.kind);
        let wrote = spec.writable_diff(&item.from, &item.to);
        let owed = material.row.owed.as_deref();
        Some(Slip {
            attempt: attempt.id,
            from,
            to,
            exact,
            between,
            base: item.from.clone(),
            result: shown.clone(),
            wrote,
            shares: Vec::new(),
            intents: owed.map(|owed| owed.intents.clone()).unwrap_or_default(),
            repairs: owed.map_or(0, |owed| owed.repairs),
        })
    }

    /// What is told of a write of which nobody can say whether it was applied, where the target let it through.
    pub(super) fn untold_of(&self, key: &LaneKey, attempt: &AttemptRecord, shown: &Snapshot) -> Option<Overwrote> {
        let (from, version) = (written_at(attempt, key)?, shown.version?);
        let others = version.saturating_sub(from + 1);
        let slipped = others > 0 && !matches!(self.guard(&key.resource.kind), Guard::Monotonic | Guard::Dated);
        slipped.then_some(Overwrote { from, version, others, known: false, paths: Vec::new() })
    }

    /// How many versions between the one that a write named and the one that it led to were seen or announced.
    fn known_between(&self, key: &LaneKey, material: &Material, from: u64, to: u64) -> u64 {
        let lane = self.lanes.look(key);
        let announced = lane.into_iter().flat_map(|lane| &lane.announced).copied();
        let observed = lane.into_iter().flat_map(|lane| &lane.observed).chain(&material.row.history);
        let known = announced.chain(observed.filter_map(|snapshot| snapshot.version));
        let known: BTreeSet<u64> = known.filter(|version| from < *version && *version < to).collect();
        known.len() as u64
    }

    /// A version between was known: the write was not made from what stood there, and the target let it through.
    fn learn_guard(&mut self, key: &LaneKey, from: u64, to: u64) {
        let kind = &key.resource.kind;
        if self.guard(kind) == Guard::Monotonic {
            let message = format!(
                "{}: version {from} was named and {to} came of it, and a version between was known: the target ignores the \
                 versions of {kind}",
                key.resource
            );
            self.alarm("unguarded", &message);
            self.commits.op(Op::Keep { key: format!("{UNGUARDED}{kind}"), value: Some(json!(true)) });
            self.unguarded.insert(kind.clone());
        }
    }

    /// Whether anybody wants a slip looked into.
    pub(in crate::engine) fn is_looked_into(
        &self,
        slip: &Slip,
        shares: &[impl Borrow<Share>],
        intents: &[IntentRecord],
    ) -> bool {
        let wants = |share: &Share| {
            let record = intents.iter().find(|record| record.id == share.intent);
            record.is_some_and(|record| self.on_overwrite(record) != OnOverwrite::Report)
        };
        shares.iter().map(Borrow::borrow).any(wants) || !slip.intents.is_empty()
    }

    fn on_overwrite(&self, record: &IntentRecord) -> OnOverwrite {
        self.config.sources.get(&record.source).map_or_else(OnOverwrite::default, |source| source.on_overwrite)
    }

    /// The write of an intent stands in the target; what it was let through over is looked for.
    pub(in crate::engine) fn track_slip(&mut self, key: &LaneKey, record: &mut IntentRecord, slip: &Slip) {
        let reason = format!(
            "others wrote up to {} times between version {} and {}, and the target let the write through: what they \
             wrote is looked for",
            slip.others(),
            slip.from,
            slip.to
        );
        record.status.overwrote = Some(told(slip, None, &[]));
        let step = Step::why("tracking/overwritten", reason).attempt(slip.attempt);
        self.transit(key, record, State::Tracking, step.by("target"));
    }

    /// Keeps a slip in the row, to be looked into before anything else is written.
    pub(in crate::engine) fn keep_slip(&mut self, key: &LaneKey, material: &mut Material, slip: Slip) {
        material.row.floor = material.row.floor.max(slip.to);
        material.row.slip = Some(Box::new(slip));
        material.row_changed = true;
        self.lane(key).slipped = true;
        self.note_owed(key, Noted::Open);
    }

    /// Nothing is owed any more: it was put back, or stands there no longer.
    pub(in crate::engine) fn forget_owed(&mut self, key: &LaneKey, material: &mut Material) {
        if material.row.owed.take().is_some() {
            material.row_changed = true;
            self.lane(key).owes = false;
            self.note_owed(key, Noted::Settled);
        }
    }

    /// Has the lane looked at in the next life, too, when no intent of it is open any more.
    fn note_owed(&mut self, key: &LaneKey, noted: Noted) {
        let resource = || serde_json::to_value(&key.resource).expect("a resource is JSON");
        let value = (noted == Noted::Open).then(resource);
        self.commits.op(Op::Keep { key: format!("{OWED}{}", key.resource.key()), value });
    }

    /// Looks for the representation just before the write.
    pub(in crate::engine) fn look_back(&mut self, turn: TurnId, key: &LaneKey) {
        let row = &self.turns[&turn].materials[key].row;
        let slip = row.slip.as_deref().expect("a slip is looked into");
        let version = slip.to - 1;
        let known = match slip.between {
            None => row.at_version(version).cloned(),
            Some(_) => row.last_between(slip.from, slip.to).cloned(),
        };
        let kind = &key.resource.kind;
        let worn = self.lanes.look(key).is_some_and(|lane| lane.failures > self.config.limits.ambiguity_max);
        let asks =
            slip.between.is_none() && self.dialect.keeps_versions(kind) && !self.forgetful.contains(kind) && !worn;
        match known {
            None if asks => self.ask(turn, Call::Past { resource: key.resource.clone(), version }),
            known => self.settle_slip(turn, key, known.as_ref()),
        }
    }

    pub(in crate::engine) fn on_past(&mut self, turn: TurnId, reply: Reply) {
        let Some((resource, fact)) = reply.facts.into_iter().next() else { return };
        let key = value_lane(&resource);
        let Some(wanted) = self.turns[&turn].materials[&key].row.slip.as_ref().map(|slip| slip.to - 1) else { return };
        match fact {
            Fact::Observed(snapshot) if snapshot.version == Some(wanted) => {
                self.settle_slip(turn, &key, Some(&snapshot));
            }
            Fact::Observed(snapshot) if snapshot.version < Some(wanted) => {
                // The read came from a copy that lags; whether the target keeps that version shows later.
                self.back_off(&key);
                self.free(turn, &key);
            }
            Fact::Observed(_) => {
                self.forgetful.insert(key.resource.kind.clone());
                self.settle_slip(turn, &key, None);
            }
            Fact::Refused(evidence)
                if !matches!(
                    evidence.class,
                    Class::Invalid | Class::Forbidden | Class::Unclassified | Class::Absent
                ) =>
            {
                self.back_off(&key);
                self.free(turn, &key);
            }
            Fact::Refused(_)
            | Fact::Absent
            | Fact::Written(_)
            | Fact::Found(_)
            | Fact::Operation(_)
            | Fact::Processing(_) => {
                self.settle_slip(turn, &key, None);
            }
        }
    }

    fn settle_slip(&mut self, turn: TurnId, key: &LaneKey, foreign: Option<&Snapshot>) {
        let mut material = self.take_material(turn, key);
        let mut slip = *material.row.slip.take().expect("a slip is looked into");
        material.row_changed = true;
        if let Some(foreign) = foreign {
            material.row.confirm(foreign.clone(), self.last_order);
            if self.is_earlier(key, &slip, foreign) {
                // Ours stood there before: what came later is on top of it, and is no matter of this write.
                let to = foreign.version.unwrap_or(slip.to - 1);
                let between = slip.between.map(|between| between - 1);
                slip = Slip { to, between, result: foreign.clone(), ..slip };
                if slip.others() > 0 {
                    self.keep_slip(key, &mut material, slip);
                    self.put_material(turn, key, material);
                    return self.free(turn, key);
                }
            }
        }
        let spec = self.kind(&key.resource.kind);
        // Where somebody else wrote the last version, and the one before holds nothing of ours, there is no write of ours.
        let absent = foreign.is_some() && !slip.exact && self.wrote_another(&slip.result);
        let nothing = slip.others() == 0 || absent;
        let foreign = foreign.filter(|_| !nothing);
        let lost = foreign.map(|foreign| slip.overwritten(&*self.dialect, spec, &foreign.value)).unwrap_or_default();
        // A value that stands there may be anybody's: only a version that is surely ours is taken back.
        let is_ours = slip.exact || (self.own_writer.is_some() && slip.result.writer == self.own_writer);
        let found = Found { slip: &slip, foreign, lost, is_ours };
        let again = self.settle_members(key, &mut material, &found, nothing);
        self.owe(key, &mut material, &found, again);
        if material.row.owed.is_none() {
            self.note_owed(key, Noted::Settled);
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.put_material(turn, key, material);
        let lane = self.lane(key);
        lane.slipped = false;
        lane.failures = 0;
        lane.must_read = true;
        lane.wake = super::super::lane::Wake::Ready;
        self.free(turn, key);
    }

    /// Whether the representation before the one that a read showed holds all of our write already; any of it, where
    /// somebody else wrote the later one.
    fn is_earlier(&self, key: &LaneKey, slip: &Slip, foreign: &Snapshot) -> bool {
        let schema = &self.kind(&key.resource.kind).schema;
        let looked = slip.result.version.map_or(0, |version| version.saturating_sub(slip.to));
        let (any, all) = slip.stands_in(&*self.dialect, schema, &foreign.value);
        !slip.exact && looked < LOOKS_MAX && (all || (any && self.wrote_another(&slip.result)))
    }

    /// Gives each intent of the write its fate; those that are merged again.
    fn settle_members(
        &mut self,
        key: &LaneKey,
        material: &mut Material,
        found: &Found<'_>,
        nothing: bool,
    ) -> Vec<IntentId> {
        let slip = found.slip;
        let mut again = Vec::new();
        for share in &slip.shares {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            let mine: Vec<&Change> = found.lost.iter().filter(|change| is_of(share, slip, change)).collect();
            let harmless = nothing || share.changes.is_empty() || (found.foreign.is_some() && mine.is_empty());
            let verdict = match self.on_overwrite(record) {
                _ if harmless => Verdict::Lands,
                OnOverwrite::Report => Verdict::Lands,
                OnOverwrite::Repair
                    if found.restorable().is_some() && slip.repairs < self.config.limits.repairs_max =>
                {
                    Verdict::MergedAgain
                }
                OnOverwrite::Repair | OnOverwrite::Review => Verdict::Review,
            };
            if !nothing {
                record.status.overwrote = Some(told(slip, found.foreign, &mine));
            }
            match verdict {
                Verdict::Lands => {
                    let schema = self.kind(&key.resource.kind).schema.clone();
                    share.confirm(&mut material.row, record, Some(slip.to), &schema);
                    self.land_one(key, record, share, &slip.result, slip.attempt);
                }
                Verdict::MergedAgain => {
                    again.push(record.id);
                    let reason = format!("it overwrote {}: that is put back and merged with", paths(&mine));
                    self.transit(
                        key,
                        record,
                        State::Queued,
                        Step::why("queued/overwritten", reason).attempt(slip.attempt),
                    );
                }
                Verdict::Review => self.review_slip(key, record, share, found, &mine),
            }
        }
        if again.is_empty() {
            material.row.confirm(slip.result.clone(), self.last_order);
        }
        again
    }

    /// A person decides what shall stand where the write of an intent stands over somebody else's.
    fn review_slip(
        &mut self,
        key: &LaneKey,
        record: &mut IntentRecord,
        share: &Share,
        found: &Found<'_>,
        mine: &[&Change],
    ) {
        let slip = found.slip;
        let schema = self.kind(&key.resource.kind).schema.clone();
        let note = |path: &ifmatch_merge::Pointer, remote: Option<Value>| {
            let now = get(&schema, &slip.result.value, path);
            ConflictNote {
                path: path.clone(),
                base: get(&schema, &slip.base, path).cloned(),
                local: now.cloned(),
                remote,
                remote_writer: found.foreign.and_then(|foreign| foreign.writer.clone()),
                seen: value_digest(now),
                candidates: Vec::new(),
                stretches: Vec::new(),
            }
        };
        let (conflict, reason): (Vec<ConflictNote>, String) = match found.foreign {
            Some(_) => (
                mine.iter().map(|change| note(&change.path, change.before.clone())).collect(),
                format!("the target let it through over what others wrote at {}", paths(mine)),
            ),
            None => (
                share.changes.iter().map(|change| note(&change.path, change.after.clone())).collect(),
                format!(
                    "others wrote up to {} times between version {} and {}, the target let the write through and does not \
                     tell what they wrote: whether anything is overwritten cannot be known",
                    slip.others(),
                    slip.from,
                    slip.to
                ),
            ),
        };
        // What its source says next goes on from a value that may or may not stand.
        record.status.edits = share.changes.iter().map(KeptEdit::baseless).collect();
        record.status.decided.clear();
        let replaced = |change: &Change| match found.foreign {
            Some(foreign) => Change { before: get(&schema, &foreign.value, &change.path).cloned(), ..change.clone() },
            None => change.clone(),
        };
        record.status.applied.push(Applied {
            attempt: slip.attempt,
            version: Some(slip.to),
            at: self.now,
            sure: if found.foreign.is_some() { Sure::Known } else { Sure::Over },
            changes: share.changes.iter().map(replaced).collect(),
        });
        let step = Step { conflict, ..Step::why(REVIEW, reason) };
        self.transit(key, record, State::Review, step.attempt(slip.attempt));
    }

    /// Notes what is to be put back: all that the write changed on account of those that are merged again.
    fn owe(&mut self, key: &LaneKey, material: &mut Material, found: &Found<'_>, again: Vec<IntentId>) {
        let slip = found.slip;
        let Some(foreign) = found.restorable() else {
            if !slip.intents.is_empty() && slip.others() > 0 {
                let message = format!(
                    "{}: what was put back overwrote up to {} writes of others between version {} and {}, and the target \
                     does not tell what they wrote",
                    key.resource,
                    slip.others(),
                    slip.from,
                    slip.to
                );
                self.alarm("repair_failed", &message);
            }
            return;
        };
        // What was only put back has no share; what that overwrote itself is put back like anything.
        let shared = |change: &Change| slip.shares.iter().any(|share| touches(share, change));
        let bare_lost: Vec<&Change> = found.lost.iter().filter(|change| !shared(change)).collect();
        let mut bare = !slip.intents.is_empty() && !bare_lost.is_empty();
        if bare && slip.repairs >= self.config.limits.repairs_max {
            let gone = paths(&bare_lost);
            self.alarm("repair_failed", &format!("{}: {gone} was overwritten again by each repair", key.resource));
            bare = false;
        }
        if again.is_empty() && !bare {
            return;
        }
        let spec = self.kind(&key.resource.kind);
        // Of several intents at one path the value of the last one stands there. At a path of none of them only what was
        // overwritten is put back: the rest is a repair, or a wish that a person was asked about.
        let mine = |change: &Change| {
            let last = slip.shares.iter().rev().find(|share| touches(share, change));
            let lost = || found.lost.iter().any(|lost| lost.path.overlaps(&change.path));
            last.map_or_else(lost, |share| again.contains(&share.intent))
        };
        let mut changes = slip.taken_back(&*self.dialect, spec, &foreign.value);
        changes.retain(mine);
        let earlier = slip.intents.iter().filter(|id| bare && !again.contains(id));
        let intents = again.iter().chain(earlier).copied().collect();
        let (by, repairs) = (foreign.writer.clone(), slip.repairs + 1);
        material.row.owed = Some(Box::new(Owed { changes, by, intents, repairs, tries: 0 }));
        self.lane(key).owes = true;
    }

    /// The record as it would be had the target refused what overwrote it; as it is where nothing is owed.
    pub(in crate::engine) fn restored(&mut self, key: &LaneKey, material: &mut Material, found: &Snapshot) -> Snapshot {
        let Some(owed) = &material.row.owed else { return found.clone() };
        let spec = self.kind(&key.resource.kind);
        match owed.restored(&*self.dialect, &spec.schema, found) {
            Some(_) if owed.tries > TRIES_MAX => {
                let gone = paths(&owed.changes.iter().collect::<Vec<_>>());
                self.alarm("repair_failed", &format!("{}: {gone} could not be put back", key.resource));
                self.forget_owed(key, material);
                found.clone()
            }
            Some(restored) => restored,
            None => {
                self.forget_owed(key, material);
                found.clone()
            }
        }
    }

    /// A plan that puts something back was made: the write is counted, and where there is none nothing is left to do.
    pub(in crate::engine) fn count_repair(&mut self, key: &LaneKey, material: &mut Material, writes: bool) {
        match (&mut material.row.owed, writes) {
            (Some(owed), true) => {
                owed.tries += 1;
                material.row_changed = true;
            }
            (Some(_), false) => self.forget_owed(key, material),
            (None, _) => {}
        }
    }

    /// The intents on whose account a write puts something back, as far as it does not carry them.
    pub(in crate::engine) fn repaired_for(&self, turn: TurnId) -> Vec<IntentId> {
        let materials = self.turns.get(&turn).into_iter().flat_map(|turn| turn.materials.values());
        let named = |material: &Material| {
            let owed = material.row.owed.as_deref();
            let waits = |id: &IntentId| {
                let record = material.intents.iter().find(|record| record.id == *id);
                record.is_none_or(|record| record.status.state == State::Review)
            };
            owed.map(|owed| owed.intents.iter().copied().filter(waits).collect::<Vec<_>>()).unwrap_or_default()
        };
        materials.flat_map(named).collect()
    }
}

/// How often a write that puts something back is tried.
const TRIES_MAX: u32 = 32;

/// What is told of a slip with an intent.
fn told(slip: &Slip, foreign: Option<&Snapshot>, lost: &[&Change]) -> Overwrote {
    let by = foreign.and_then(|foreign| foreign.writer.clone());
    let path =
        |change: &&Change| Overwritten { path: change.path.clone(), value: change.before.clone(), by: by.clone() };
    Overwrote {
        from: slip.from,
        version: slip.to,
        others: slip.others(),
        known: foreign.is_some(),
        paths: lost.iter().map(path).collect(),
    }
}

fn touches(share: &Share, change: &Change) -> bool {
    share.changes.iter().any(|mine| mine.path.overlaps(&change.path))
}

/// Whether an overwritten value is the matter of a share: it is its path, or nobody's, as where a write carries the whole
/// record. What a repair put back is the matter of that.
fn is_of(share: &Share, slip: &Slip, change: &Change) -> bool {
    let nobodys = || slip.intents.is_empty() && !slip.shares.iter().any(|other| touches(other, change));
    touches(share, change) || nobodys()
}

fn paths(changes: &[&Change]) -> String {
    changes.iter().map(|change| change.path.to_string()).collect::<Vec<_>>().join(", ")
}

/// The value that a person chose for a path that our write stands at: the other side is what others had written.
pub(in crate::engine) fn chosen(decision: &Decision, note: &ConflictNote) -> Option<Value> {
    match decision.choose.get(&note.path) {
        Some(Value::String(side)) if side == "remote" => note.remote.clone(),
        Some(Value::Object(given)) => given.get("value").cloned(),
        _ => note.local.clone(),
    }
}

/// What a decided intent edits: the chosen values, from what stands there.
pub(in crate::engine) fn decided_edits(record: &IntentRecord, notes: &[ConflictNote]) -> Vec<KeptEdit> {
    let edit = |note: &ConflictNote| {
        let decided = record.status.decided.get(&note.path)?;
        let (base, local) = (decided.remote.clone(), decided.value.clone());
        Some(KeptEdit { path: note.path.clone(), base, local, baseless: false })
    };
    notes.iter().filter_map(edit).collect()
}

/// Whether an intent waits for a person because its write stands over somebody else's.
pub(in crate::engine) fn is_doubted(record: &IntentRecord) -> bool {
    record.status.code.as_deref() == Some(REVIEW)
}
