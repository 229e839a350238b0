//! A write that may have taken effect: told by evidence before anything else happens to the record.
//!
//! Where versions only grow, copies of one conditional write land at most once: the first landing,
//! ours or a foreign one, uses up the version. So an unchanged version is answered by sending the
//! same write again, and a changed one by looking at who wrote what.

use super::super::doubts::Doubt;
use super::super::lane::LaneKey;
use super::super::recovered::value_lane;
use super::super::refusal::written_at;
use super::super::settle::Step;
use super::Engine;
use super::failing::Blame;
use super::silent::Borne;
use super::tracked::without_effect;
use crate::commit::{AttemptOutcome, AttemptRecord, Op, Share};
use crate::dialect::{Call, Fact, Guard, OperationCall, Reply};
use crate::evidence::{Class, Evidence};
use crate::ids::{IntentId, SourceName, TurnId};
use crate::record::{ConflictNote, IntentRecord};
use crate::shadow::Snapshot;
use crate::silent::{item_of, touches};
use crate::slip::Slip;
use crate::states::State;
use ifmatch_merge::{Conflict, get};
use std::collections::BTreeMap;

/// What evidence says of one share of an unresolved write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    TookEffect,
    NoEffect,
    /// It was accepted, and not applied as it says.
    Silent,
    Undecided,
}

impl Engine {
    pub(super) fn resolve(&mut self, turn: TurnId, key: &LaneKey) {
        self.claim(turn, key);
        let attempt = self.lane(key).unresolved.clone().expect("the lane has an unresolved write");
        let guarded = self.guard(&key.resource.kind) == Guard::Monotonic;
        if !guarded && self.now < attempt.horizon && matches!(attempt.call, Call::Write(_)) {
            // A copy of it could still overwrite a newer write of ours: nothing happens until none can.
            self.wake_at(key, attempt.horizon);
            return self.free(turn, key);
        }
        match &attempt.call {
            Call::Create(creation) => self.ask(turn, Call::Lookup(creation.clone())),
            Call::Start(operation) => {
                self.ask(turn, Call::Status(OperationCall { job: None, ..operation.clone() }));
            }
            _ if guarded
                && !attempt.taken
                && self.blame(turn, key) == Blame::None
                && self.is_likely_lost(key, &attempt) =>
            {
                self.send_again(turn, key, &attempt)
            }
            _ => self.ask(turn, Call::Read(vec![key.resource.clone()])),
        }
    }

    /// Whether the first answer to what a write did is asked for with the same conditional write: it has more likely been lost
    /// than not, and no copy of it was sent so far.
    fn is_likely_lost(&self, key: &LaneKey, attempt: &AttemptRecord) -> bool {
        let lane = self.lanes.look(key).filter(|lane| !lane.copied && written_at(attempt, key).is_some());
        let failed_as = lane.and_then(|lane| lane.failed_as.as_deref());
        failed_as.is_some_and(|failed_as| self.doubts.is_likely_lost(failed_as))
    }

    /// Counts what a write turned out to have done. Once copies of it were sent, nobody can say which one took effect.
    pub(super) fn told(&mut self, key: &LaneKey, attempt: &AttemptRecord, outcome: &AttemptOutcome) {
        let Some(failed_as) = self.lane(key).failed_as.take() else { return };
        let add = |doubt: &mut Doubt| match outcome {
            AttemptOutcome::Undecided => doubt.undecided += 1,
            AttemptOutcome::TookEffect if attempt.resends == 0 => doubt.took_effect += 1,
            AttemptOutcome::NoEffect if attempt.resends == 0 => doubt.no_effect += 1,
            _ => {}
        };
        let (key, counts) = self.doubts.count(&failed_as, add);
        self.commits.op(Op::Keep { key, value: Some(counts) });
    }

    /// A copy of an unresolved write was the first of them to take effect.
    pub(super) fn told_by_copy(&mut self, key: &LaneKey, attempt: &AttemptRecord) {
        let first = AttemptRecord { resends: attempt.resends.saturating_sub(1), ..attempt.clone() };
        self.told(key, &first, &AttemptOutcome::NoEffect);
    }

    /// After a crash the carried intents still stand at `sent`: a crash in `sent` is ambiguous.
    fn claim(&mut self, turn: TurnId, key: &LaneKey) {
        let attempt = self.lane(key).unresolved.clone().expect("the lane has an unresolved write");
        self.each_of(turn, key, &attempt, |engine, record| {
            if matches!(record.status.state, State::Sent | State::Tracking) && matches!(attempt.call, Call::Write(_)) {
                let step =
                    Step::why("ambiguous/restart", "it was on the wire when the process ended").attempt(attempt.id);
                engine.transit(key, record, State::Ambiguous, step);
            }
        });
    }

    /// The record as it stands, read to tell what an unresolved write did.
    pub(in crate::engine) fn on_resolving_read(&mut self, turn: TurnId, reply: Reply) {
        let Some((resource, fact)) = reply.facts.into_iter().next() else { return };
        let key = value_lane(&resource);
        let attempt = self.lane(&key).unresolved.clone().expect("the lane has an unresolved write");
        match fact {
            Fact::Observed(snapshot) => self.weigh(turn, &key, &attempt, *snapshot),
            Fact::Absent if self.asked_at(turn) > attempt.horizon => {
                self.give_up(turn, &key, &attempt, "the record is gone, and nobody can tell what the write did");
            }
            Fact::Absent | Fact::Written(_) | Fact::Found(_) | Fact::Operation(_) | Fact::Processing(_) => {
                self.back_off(&key);
                self.free(turn, &key);
            }
            Fact::Refused(evidence) => self.read_refused(turn, &key, &evidence),
        }
    }

    fn weigh(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, snapshot: Snapshot) {
        let mut material = self.take_material(turn, key);
        let (from, now) = (written_at(attempt, key), snapshot.version);
        let lags = now.is_some_and(|version| version < material.row.floor);
        if !lags {
            material.row.confirm(snapshot.clone(), self.last_order);
            material.row_changed = true;
        }
        self.put_material(turn, key, material);
        if lags {
            return self.wait_for_lag(turn, key);
        }
        self.confirmed(turn, key);
        let guarded = self.guard(&key.resource.kind) == Guard::Monotonic && from.is_some();
        if guarded && now == from && attempt.taken {
            return self.weigh_taken(turn, key, attempt);
        }
        if guarded && now == from {
            match self.blame(turn, key) {
                Blame::None => return self.send_again(turn, key, attempt),
                Blame::Write => return self.blame_write(turn, key, attempt),
                Blame::Pause(until) => {
                    self.wake_at(key, until);
                    return self.free(turn, key);
                }
            }
        }
        let _seen = self.judge(turn, key, attempt, &snapshot);
    }

    /// The version stands, and the target has taken the write: it may still come, or never did.
    fn weigh_taken(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        if self.asked_at(turn) <= attempt.horizon {
            self.back_off(key);
            return self.free(turn, key);
        }
        self.took_no_effect(turn, key, attempt, &without_effect());
    }

    /// The version stands: the same write again, with the same precondition.
    fn send_again(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        if attempt.resends >= self.config.limits.ambiguity_max {
            return self.give_up(turn, key, attempt, "the same write was sent again and again without an answer");
        }
        self.copy(turn, attempt);
    }

    /// The version moved: each share is told by what the record holds. Returns whether the write was seen to have taken effect.
    pub(super) fn judge(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, snapshot: &Snapshot) -> bool {
        let schema = self.kind(&key.resource.kind).schema.clone();
        let from = written_at(attempt, key);
        let guarded = self.guard(&key.resource.kind) == Guard::Monotonic;
        let one_write = match (from, snapshot.version) {
            (Some(from), Some(now)) if guarded => now == from + 1,
            // A version that counts tells also where nobody checks it.
            (Some(from), Some(now)) => now <= from + 1,
            // Past the horizon nothing of it can come any more: what does not stand was not written.
            _ => !guarded,
        };
        // Where one write used up the version and the target names its writer, that settles it: what stands there as this
        // write would have left it was written by somebody else.
        let another = one_write && guarded && self.wrote_another(snapshot);
        // Past the horizon a version that stands says that nobody wrote at all, whatever the record holds.
        let untouched = !guarded && from.is_some() && snapshot.version == from;
        // Where it was this one, what it says and the record does not hold was not applied.
        let lost = match item_of(attempt, &key.resource) {
            Some(item) if one_write && guarded && snapshot.version > from && self.wrote_ourselves(snapshot) => {
                self.dropped(key, item, snapshot)
            }
            _ => Vec::new(),
        };
        let verdict = |share: &Share| {
            if another || untouched {
                Verdict::NoEffect
            } else if share.is_in(&*self.dialect, &schema, attempt.written(&key.resource), &snapshot.value)
                || self.pairs.has_exchanged(share, &schema, &snapshot.value)
            {
                Verdict::TookEffect
            } else if lost.iter().any(|lost| touches(share, &lost.path)) {
                Verdict::Silent
            } else if one_write {
                // Exactly one write used up the version, and it is not ours.
                Verdict::NoEffect
            } else {
                Verdict::Undecided
            }
        };
        let verdicts: Vec<(Share, Verdict)> =
            attempt.shares.iter().map(|share| (share.clone(), verdict(share))).collect();
        // Where the whole write leaves the paths of a share as they were, or others of it take them away, the record cannot bear
        // that one out; another share of the same write can.
        let unseen = |share: &Share| attempt.leaves(share, &schema) || attempt.hides(share, &schema);
        let seen = verdicts.iter().any(|(share, verdict)| *verdict == Verdict::TookEffect && !unseen(share));
        let mut material = self.take_material(turn, key);
        let took = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::TookEffect);
        let took: Vec<Share> = took.map(|(share, _)| share.clone()).collect();
        let slip = self.slip_of(key, &material, attempt, snapshot, false);
        let over = slip.as_ref().map(Slip::untold);
        // A write that only put something back is told by what it put there.
        let bare =
            |slip: &Slip| attempt.shares.is_empty() && slip.stands_in(&*self.dialect, &schema, &snapshot.value).0;
        let took_effect = !took.is_empty() || slip.as_ref().is_some_and(bare);
        let slip = slip.filter(|slip| took_effect && self.is_looked_into(slip, &took, &material.intents));
        if took_effect {
            self.note_stamp(key, snapshot);
            self.forget_owed(key, &mut material);
        }
        let stood = from.and_then(|from| material.row.at_version(from)).map(|stood| stood.value.clone());
        let sources = sources_of(&material.intents);
        for (share, verdict) in &verdicts {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            match verdict {
                Verdict::TookEffect if slip.is_some() => {
                    self.track_slip(key, record, slip.as_ref().expect("it was just looked at"));
                }
                Verdict::TookEffect => {
                    record.status.overwrote = over.clone().or(record.status.overwrote.take());
                    share.confirm(&mut material.row, record, from.map(|from| from + 1), &schema);
                    let own = if seen || !unseen(share) { share.clone() } else { share.without_changes() };
                    self.land_one(key, record, &own, snapshot, attempt.id);
                }
                Verdict::Silent => {
                    self.review_silent(key, &mut material.row, record, share, &lost, (attempt.id, snapshot.version));
                }
                Verdict::NoEffect => {
                    let step = Step::why("queued/no_effect", "the write did not take effect: merged again")
                        .attempt(attempt.id);
                    self.transit(key, record, State::Queued, step);
                }
                Verdict::Undecided => {
                    let conflict = sides(share, snapshot, &schema);
                    // What its source says next goes on from a value that may or may not have stood there.
                    let own = |id: IntentId| sources.get(&id) == Some(&record.source);
                    record.status.edits = share.doubted(&schema, stood.as_deref(), &attempt.shares, own);
                    record.status.overwrote = over.clone().or(record.status.overwrote.take());
                    self.note_untold(record, share, attempt.id);
                    let why = "others wrote meanwhile, and nobody can tell whether this took effect";
                    let step = Step { conflict, ..Step::why("review/undecided", why) };
                    self.transit(key, record, State::Review, step.attempt(attempt.id));
                }
            }
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        material.row_changed = true;
        if let Some(slip) = slip {
            self.keep_slip(key, &mut material, Slip { shares: took, ..slip });
        }
        self.put_material(turn, key, material);
        let all = |wanted: Verdict| verdicts.iter().all(|(_, verdict)| *verdict == wanted);
        let accepted = verdicts.iter().any(|(_, verdict)| *verdict == Verdict::Silent);
        if accepted {
            self.count_silent(key, &lost);
        }
        let outcome = if untouched {
            AttemptOutcome::NoEffect
        } else if accepted || all(Verdict::TookEffect) {
            AttemptOutcome::TookEffect
        } else if all(Verdict::NoEffect) {
            AttemptOutcome::NoEffect
        } else {
            AttemptOutcome::Undecided
        };
        self.told(key, attempt, &outcome);
        self.resolved(turn, key, attempt, outcome);
        took_effect
    }

    /// Whether a representation has another writer than the one as whom our writes were seen to land.
    pub(super) fn wrote_another(&self, snapshot: &Snapshot) -> bool {
        self.own_writer.is_some() && snapshot.writer.is_some() && snapshot.writer != self.own_writer
    }

    /// Whether a representation has the writer as whom our writes were seen to land.
    fn wrote_ourselves(&self, snapshot: &Snapshot) -> bool {
        self.own_writer.is_some() && snapshot.writer == self.own_writer
    }

    /// Nothing of the write took effect or will: its intents are merged again.
    fn took_no_effect(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        self.each_of(turn, key, attempt, |engine, record| {
            let step = Step::why("queued/no_effect", "the write did not take effect: merged again");
            engine.transit(key, record, State::Queued, step.attempt(attempt.id).evidence(evidence));
        });
        self.told(key, attempt, &AttemptOutcome::NoEffect);
        self.resolved(turn, key, attempt, AttemptOutcome::NoEffect);
        self.lane(key).must_read = true;
    }

    fn give_up(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, why: &str) {
        self.each_of(turn, key, attempt, |engine, record| {
            engine.note_undecided(record, attempt);
            let step = Step::why("review/ambiguity_exhausted", why).attempt(attempt.id);
            engine.transit(key, record, State::Review, step);
        });
        self.told(key, attempt, &AttemptOutcome::Undecided);
        self.resolved(turn, key, attempt, AttemptOutcome::Undecided);
    }

    /// The attempt is open no more; the lane goes on.
    pub(super) fn resolved(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, outcome: AttemptOutcome) {
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
        let lane = self.lane(key);
        lane.unresolved = None;
        lane.calm();
        lane.wake = super::super::lane::Wake::Ready;
        self.free(turn, key);
    }

    /// The answer to a write that was sent again.
    pub(in crate::engine) fn on_resent(&mut self, turn: TurnId, attempt: &AttemptRecord, fact: Option<Fact>) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        match fact {
            Some(Fact::Written(written)) => {
                // The version stood, so what was sent first had no effect.
                self.told_by_copy(&key, attempt);
                // Where a read must show it, that is the lane's next question.
                let _: Borne = self.bear_out(turn, &key, attempt, &written);
                self.resolved(turn, &key, attempt, AttemptOutcome::TookEffect);
            }
            Some(Fact::Refused(evidence)) => {
                // Stale: the version was used up meanwhile, perhaps by ourselves. A lock: it may
                // still be free to land later. Either way the next read tells.
                let version = evidence.version;
                self.note_failing(&key, &evidence, false);
                let horizon = attempt.at + self.config.limits.zombie_horizon;
                if let Some(open) = &mut self.lane(&key).unresolved {
                    if evidence.class == Class::Ambiguous {
                        open.horizon = horizon;
                    } else {
                        // This copy was answered: it spends nothing of the budget for telling.
                        open.resends = open.resends.saturating_sub(1);
                    }
                }
                // Refused for what it says, after the version was found to stand or in any case: no copy
                // has taken effect, and once the last one has had its time none will.
                let content = matches!(evidence.class, Class::Rule | Class::Overlap | Class::Invalid);
                // Whatever a refusal is for: where the version stands in reads that can lag no more, no copy
                // has taken effect either.
                let says_nothing = matches!(
                    evidence.class,
                    Class::Ambiguous | Class::Throttled | Class::Unauthorised | Class::AlreadyDone
                );
                let stands = !says_nothing && version.is_none_or(|now| Some(now) <= written_at(attempt, &key));
                let seen = attempt.horizon + self.config.limits.lag_wait;
                let asked_at = self.asked_at(turn);
                if (content && asked_at > attempt.horizon) || (stands && asked_at > seen) {
                    return self.took_no_effect(turn, &key, attempt, &evidence);
                }
                let mut material = self.take_material(turn, &key);
                material.row.floor = material.row.floor.max(version.unwrap_or(0));
                material.row_changed |= version.is_some();
                self.put_material(turn, &key, material);
                self.back_off(&key);
                self.free(turn, &key);
            }
            Some(Fact::Processing(_)) => {
                let (old, mut record) = self.renumbered(attempt);
                record.taken = true;
                record.horizon = self.now + self.config.limits.processing_wait;
                self.commits.op(Op::AttemptDone { id: old, outcome: AttemptOutcome::Split, at: self.now });
                self.commits.op(Op::Attempt(record.clone()));
                self.lane(&key).unresolved = Some(record);
                self.back_off(&key);
                self.free(turn, &key);
            }
            _ => {
                self.back_off(&key);
                self.free(turn, &key);
            }
        }
    }
}

/// Whose each intent is.
pub(super) fn sources_of(intents: &[IntentRecord]) -> BTreeMap<IntentId, SourceName> {
    intents.iter().map(|record| (record.id, record.source.clone())).collect()
}

/// What a share wants of a record, with what it started from and what stands there.
pub(in crate::engine) fn sides(
    share: &Share,
    snapshot: &Snapshot,
    schema: &ifmatch_merge::Schema,
) -> Vec<ConflictNote> {
    let conflict = |change: &ifmatch_merge::Change| Conflict {
        path: change.path.clone(),
        base: change.before.clone(),
        local: change.after.clone(),
        remote: get(schema, &snapshot.value, &change.path).cloned(),
        remote_writer: snapshot.writer.clone(),
        stretches: Vec::new(),
    };
    share.changes.iter().map(conflict).map(ConflictNote::from).collect()
}
