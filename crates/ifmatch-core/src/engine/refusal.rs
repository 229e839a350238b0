//! Class and action: what follows from a refusal. Status alone decides nothing; a label is checked
//! against a read and the lane's own history before it counts.

use super::Engine;
use super::doubts::failed_as;
use super::lane::LaneKey;
use super::settle::Step;
use super::turn::sides;
use crate::commit::{AttemptRecord, Op};
use crate::dialect::Call;
use crate::effect::{Effect, Notice, Refusal};
use crate::evidence::{About, Class, Evidence};
use crate::ids::{IntentId, TurnId};
use crate::plan::seconds;
use crate::record::{ConflictNote, IntentRecord, KeptEdit};
use crate::shared::Shared;
use crate::states::State;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// So many reads in a row without an answer to go on with, and none with one between, are told.
const UNANSWERED_MAX: u32 = 5;

impl Engine {
    /// A read was refused or brought nothing. No budget of the intents is spent: the lane waits.
    pub(super) fn read_refused(&mut self, turn: TurnId, key: &LaneKey, evidence: &Evidence) {
        self.lane(key).put_off = evidence.class != Class::Forbidden;
        match evidence.class {
            Class::Throttled | Class::Unauthorised => {}
            Class::Forbidden if self.lane(key).unresolved.is_some() => {
                self.alert_forbidden(key, &format!("the target refuses reads: {}", evidence.message));
                self.back_off(key);
            }
            Class::Forbidden => {
                self.settle_unread(turn, key);
                let reason = format!("the target refuses reads: {}", evidence.message);
                self.alert_forbidden(key, &reason);
                self.each_active(turn, key, |engine, record| {
                    let step = Step::why("review/forbidden", reason.clone()).evidence(evidence);
                    engine.transit(key, record, State::Review, step);
                });
                for decision in std::mem::take(&mut self.lane(key).decisions) {
                    self.answer(&decision, Some(Refusal::Unavailable));
                }
            }
            _ => {
                self.note_trouble(key, evidence);
                self.back_off(key);
            }
        }
        self.free(turn, key);
    }

    /// Keeps why nothing can be decided for a lane. Where request after request of all lanes goes like this, somebody is told, once.
    fn note_trouble(&mut self, key: &LaneKey, evidence: &Evidence) {
        let words = format!("{}: {}", evidence.label, evidence.words());
        self.unanswered += 1;
        if self.unanswered == UNANSWERED_MAX {
            let message = format!("the last {UNANSWERED_MAX} requests brought no answer to go on with: {words}");
            self.alarm("target_down", &message);
        }
        self.lane(key).trouble = Some(words);
    }

    /// An answer to a read that makes no sense.
    pub(super) fn unreadable(&mut self, turn: TurnId, key: &LaneKey) {
        self.alarm("unclassified", "the target answered a read with something unknown");
        self.back_off(key);
        self.free(turn, key);
    }

    /// A growing pause after exchanges without a usable answer.
    pub(super) fn back_off(&mut self, key: &LaneKey) {
        let (first, longest) = self.config.limits.outage_pause;
        let lane = self.lane(key);
        let pause = (first * (1 << lane.failures.min(10))).min(longest);
        lane.failures += 1;
        let at = self.now + self.jittered(pause);
        self.wake_at(key, at);
    }

    /// A write was refused: the class says what follows.
    pub(super) fn write_refused(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        self.take_evidence(turn, key, evidence);
        let evidence = &self.in_words(key, attempt, evidence);
        if evidence.about == About::Another {
            let at = evidence.field.as_deref().unwrap_or("another record");
            self.again(turn, key, attempt, evidence, &format!("refused together with {at}: again without it"));
            return self.free(turn, key);
        }
        if evidence.class != Class::Forbidden {
            // The right is there, or something else is met first.
            self.leave_right(key);
        }
        match evidence.class {
            // A creation is made from no version, so it cannot be stale: something holds what it touches.
            Class::Stale | Class::Bare if matches!(attempt.call, Call::Create(_)) => {
                self.sent_to(turn, key, attempt, State::Parked, "parked/contended", evidence);
                self.wait_for_lock(turn, key);
            }
            Class::Stale => self.refused_stale(turn, key, attempt, evidence),
            Class::Bare | Class::BareShape => self.refused_bare(turn, key, attempt, evidence),
            Class::Lock => self.refused_locked(turn, key, attempt, evidence),
            Class::InProgress | Class::Dependency if self.halve(turn, key, attempt, evidence) => {}
            Class::InProgress => {
                self.sent_to(turn, key, attempt, State::Parked, "parked/lock", evidence);
                self.wait_for_lock(turn, key);
            }
            Class::Dependency => {
                self.sent_to(turn, key, attempt, State::Parked, "parked/dependency", evidence);
                // That is slow work of people, so its bound is another one.
                let most = self.config.limits.dependency_wait;
                self.park_within(turn, key, most, "review/dependency_wait_exhausted", |waited| {
                    format!("what it depends on was not settled in {waited:.0} s: {}", evidence.message)
                });
            }
            Class::Throttled => {
                self.sent_to(turn, key, attempt, State::Deferred, "deferred/throttled", evidence);
                self.lane(key).put_off = true;
                self.make_ready(key);
            }
            Class::Unauthorised => {
                self.sent_to(turn, key, attempt, State::Deferred, "deferred/unauthorised", evidence);
                self.lane(key).put_off = true;
                self.make_ready(key);
            }
            Class::Ambiguous => return self.make_ambiguous(turn, attempt, vec![(key.clone(), evidence.clone())]),
            Class::AlreadyDone | Class::Absent | Class::Duplicate => {
                self.refused_once(turn, key, attempt, evidence, "review/contradicts");
            }
            Class::Invalid => self.find_culprit(turn, key, attempt, evidence, State::Rejected, "rejected/invalid"),
            Class::Time => self.find_culprit(turn, key, attempt, evidence, State::Review, "review/time"),
            Class::Overlap => self.find_culprit(turn, key, attempt, evidence, State::Review, "review/overlap"),
            Class::Rule => self.find_culprit(turn, key, attempt, evidence, State::Review, "review/rule"),
            Class::Forbidden => self.forbidden(turn, key, attempt, evidence),
            Class::Precondition => self.refused_unconditional(turn, key, attempt, evidence),
            Class::Unclassified => {
                self.alarm_unclassified(evidence);
                self.refused_once(turn, key, attempt, evidence, "review/unclassified");
            }
        }
        self.free(turn, key);
    }

    /// Refused as forbidden. Where others of its kind land with the same credentials, the label hides something else, such as a
    /// pending trade: the record is held like one that is locked, and keeps both labels. Where none does, a right is missing:
    /// the kind stops.
    fn forbidden(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        let landed = self.others_land(key);
        // Once for an envelope of which nothing is known: one half may land.
        let halves = landed || self.lane(key).share_max.is_none();
        if halves && self.halve(turn, key, attempt, evidence) {
            return;
        }
        self.sent_to(turn, key, attempt, State::Parked, "parked/forbidden", evidence);
        if !landed {
            self.alert_forbidden(key, &evidence.message);
            return self.wait_for_right(turn, key, evidence);
        }
        let most = self.config.limits.lock_wait;
        self.park_within(turn, key, most, "review/forbidden", |waited| {
            format!("refused as forbidden for {waited:.0} s while others land: {}", evidence.message)
        });
    }

    /// One alert for a right that is missing, however many records of the kind meet it, until one of them lands.
    fn alert_forbidden(&mut self, key: &LaneKey, message: &str) {
        if self.alerted.insert(key.resource.kind.clone()) {
            self.alarm("forbidden", message);
        }
    }

    /// What a refusal tells of the record itself.
    fn take_evidence(&mut self, turn: TurnId, key: &LaneKey, evidence: &Evidence) {
        if evidence.version.is_none() && evidence.current.is_none() {
            return;
        }
        let mut material = self.take_material(turn, key);
        let floor = material.row.floor;
        if let Some(current) = &evidence.current {
            material.row.confirm((**current).clone(), self.last_order);
        }
        if let Some(version) = evidence.version {
            material.row.floor = material.row.floor.max(version);
        }
        material.row_changed |= material.row.floor != floor || evidence.current.is_some();
        self.put_material(turn, key, material);
    }

    /// Refused as stale: read and merge again; where reads show nothing newer it will be seen as
    /// contended.
    fn refused_stale(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        let at = written_at(attempt, key);
        let lane = self.lane(key);
        lane.bare = None;
        if !(lane.contended && lane.stale_at == at) {
            return self.merge_again(
                turn,
                key,
                attempt,
                evidence,
                ("queued/stale", "the record changed: merged again"),
            );
        }
        if !self.halve(turn, key, attempt, evidence) {
            self.sent_to(turn, key, attempt, State::Parked, "parked/contended", evidence);
            self.wait_for_lock(turn, key);
        }
    }

    /// Back in line to be read and merged again, within the budget for merges.
    pub(super) fn merge_again(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        evidence: &Evidence,
        (code, reason): (&'static str, &str),
    ) {
        let most = self.config.limits.merges_max;
        let strict = self.refuse_strict(turn, key, attempt, evidence);
        let mut sides = self.sides_of(turn, key, attempt);
        self.each_of(turn, key, attempt, |engine, record| {
            if strict && record.status.state.is_terminal() {
                return;
            }
            record.status.spent.merges += 1;
            if record.status.spent.merges > most {
                let reason = format!("merged {most} times and still refused as stale: {}", evidence.message);
                let step = Step::why("review/merges_exhausted", reason).attempt(attempt.id).evidence(evidence);
                engine.ask_person(key, record, attempt, sides.remove(&record.id), step);
            } else {
                let step = Step::why(code, reason).attempt(attempt.id).evidence(evidence);
                engine.transit(key, record, State::Queued, step);
            }
        });
        let lane = self.lane(key);
        lane.stale_at = written_at(attempt, key);
        lane.contended = false;
        lane.must_read = true;
        self.make_ready(key);
    }

    /// Who asked for the target's bare semantics gets its refusal.
    fn refuse_strict(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) -> bool {
        let mut any = false;
        self.each_of(turn, key, attempt, |engine, record| {
            if record.strict {
                any = true;
                let step = Step::why("rejected/stale", evidence.message.clone()).attempt(attempt.id).evidence(evidence);
                engine.transit(key, record, State::Rejected, step);
            }
        });
        any
    }

    /// Where a write that several intents share is refused for its content: fewer at a time until
    /// the one at fault is alone.
    pub(super) fn find_culprit(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        evidence: &Evidence,
        to: State,
        code: &str,
    ) {
        if self.halve(turn, key, attempt, evidence) {
            self.lane(key).must_read = true;
            return;
        }
        let mine = attempt.shares.iter().filter(|share| share.resource == key.resource).count();
        if mine > 1 {
            self.lane(key).take = Some(mine / 2);
            self.lane(key).must_read = true;
            return self.again(turn, key, attempt, evidence, "one of several is at fault: fewer at a time");
        }
        // A lost race looks like a breach: once more from fresh state, then the answer is final.
        if to == State::Review {
            return self.refused_once(turn, key, attempt, evidence, code);
        }
        self.lane(key).take = None;
        self.each_of(turn, key, attempt, |engine, record| {
            let field = evidence.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
            let step = Step::why(code, format!("{field}{}", evidence.words())).attempt(attempt.id).evidence(evidence);
            engine.transit(key, record, to, step);
        });
        self.make_ready(key);
    }

    /// Once more after a read; the second time a person must look.
    pub(super) fn refused_once(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        evidence: &Evidence,
        code: &str,
    ) {
        let mut sides = self.sides_of(turn, key, attempt);
        self.each_of(turn, key, attempt, |engine, record| {
            record.status.spent.unknown += 1;
            if record.status.spent.unknown > 1 {
                let step = Step::why(code, evidence.words()).attempt(attempt.id).evidence(evidence);
                engine.ask_person(key, record, attempt, sides.remove(&record.id), step);
            } else {
                let step = Step::why("queued/probe", format!("read again after {}", evidence.label));
                engine.transit(key, record, State::Queued, step.attempt(attempt.id).evidence(evidence));
            }
        });
        let lane = self.lane(key);
        lane.must_read = true;
        lane.take = None;
        self.make_ready(key);
    }

    /// The three sides of what an attempt writes of a record, for each intent: what a person needs who decides about a refusal.
    pub(super) fn sides_of(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
    ) -> BTreeMap<IntentId, Vec<ConflictNote>> {
        let material = self.take_material(turn, key);
        let schema = &self.kind(&key.resource.kind).schema;
        let found = material.row.shadow().map(|shadow| {
            let mine = attempt.shares.iter().filter(|share| share.resource == key.resource);
            mine.map(|share| (share.intent, sides(share, shadow, schema))).collect()
        });
        self.put_material(turn, key, material);
        found.unwrap_or_default()
    }

    /// Hands an intent that the target refuses to a person, with what it edits and the three sides of that.
    pub(super) fn ask_person(
        &mut self,
        key: &LaneKey,
        record: &mut IntentRecord,
        attempt: &AttemptRecord,
        sides: Option<Vec<ConflictNote>>,
        step: Step,
    ) {
        if let Some(share) = attempt.shares.iter().find(|share| share.intent == record.id) {
            record.status.edits = share.changes.iter().map(KeptEdit::of).collect();
        }
        let step = Step { conflict: sides.unwrap_or_default(), ..step };
        self.transit(key, record, State::Review, step);
    }

    /// Where an envelope was refused as one and nobody is named: fewer records at a time, until the one that it is about
    /// is alone. The others do not wait for it.
    pub(super) fn halve(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) -> bool {
        let (now, most) = (self.now, self.config.limits.lock_wait);
        let lane = self.lane(key);
        let Some(together) = lane.refused_together.take() else { return false };
        if lane.locked_since.is_some_and(|since| now.duration_since(since) > most) {
            return false;
        }
        lane.share_max = Some(together / 2);
        self.again(turn, key, attempt, evidence, "one of several records is meant: fewer at a time");
        true
    }

    /// Back in line at once.
    fn again(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence, reason: &str) {
        self.each_of(turn, key, attempt, |engine, record| {
            let step = Step::why("queued/bisect", reason).attempt(attempt.id).evidence(evidence);
            engine.transit(key, record, State::Queued, step);
        });
        self.make_ready(key);
    }

    pub(super) fn sent_to(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        to: State,
        code: &str,
        evidence: &Evidence,
    ) {
        self.each_of(turn, key, attempt, |engine, record| {
            let step = Step::why(code, evidence.words()).attempt(attempt.id).evidence(evidence);
            engine.transit(key, record, to, step);
        });
    }

    /// Nothing of the write left.
    pub(super) fn not_sent(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        let evidence = Evidence::bare(Class::Ambiguous, "not sent", "the target could not be reached");
        if self.lane(key).unresolved.is_none() {
            self.each_of(turn, key, attempt, |engine, record| {
                let step = Step::why("queued/not_sent", "the target could not be reached")
                    .attempt(attempt.id)
                    .evidence(&evidence);
                engine.transit(key, record, State::Queued, step);
            });
        }
        self.back_off(key);
        self.free(turn, key);
    }

    /// The lane waits for its lock domain; who has waited longer than the budget goes to a person.
    pub(super) fn wait_for_lock(&mut self, turn: TurnId, key: &LaneKey) {
        let most = self.config.limits.lock_wait;
        self.park_within(turn, key, most, "review/lock_wait_exhausted", |waited| {
            format!("its record was locked for {waited:.0} s")
        });
    }

    /// The lane waits with the probe train of its lock domain, for at most so long; then a person must look.
    pub(super) fn park_within(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        most: SignedDuration,
        code: &'static str,
        reason: impl FnOnce(f64) -> String,
    ) {
        let now = self.now;
        let since = *self.lane(key).locked_since.get_or_insert(now);
        let waited = now.duration_since(since);
        if waited <= most {
            return self.park(key);
        }
        let reason = reason(seconds(waited));
        self.each_active(turn, key, |engine, record| {
            engine.transit(key, record, State::Review, Step::why(code, reason.clone()));
        });
        self.give_up_above(key);
        self.leave_right(key);
        self.lane(key).locked_since = None;
        self.make_ready(key);
    }

    /// Members wait for the lane's lock domain, without an attempt of theirs being refused just now.
    pub(super) fn park_members(&mut self, turn: TurnId, key: &LaneKey, code: &str, reason: &str) {
        self.each_active(turn, key, |engine, record| {
            if record.status.state != State::Parked {
                engine.transit(key, record, State::Parked, Step::why(code, reason));
            }
        });
        self.wait_for_lock(turn, key);
        self.free(turn, key);
    }

    /// A read lags behind what was seen or implied: again, until the budget for it is spent.
    pub(super) fn wait_for_lag(&mut self, turn: TurnId, key: &LaneKey) {
        let now = self.now;
        let lane = self.lane(key);
        let since = *lane.lags_since.get_or_insert(now);
        lane.must_read = true;
        let waited = now.duration_since(since);
        let unresolved = self.lane(key).unresolved.is_some();
        if !unresolved && waited > self.config.limits.lag_wait + self.config.limits.lock_wait {
            let reason = format!("reads have lagged behind a known version for {:.0} s", seconds(waited));
            self.each_active(turn, key, |engine, record| {
                engine.transit(key, record, State::Review, Step::why("review/lag_exhausted", reason.clone()));
            });
            self.lane(key).lags_since = None;
        }
        // Half of what has been waited so far, so that the overshoot stays in proportion.
        let (first, longest) = self.config.limits.lock_probe;
        let pause = (waited / 2).clamp(first / 2, longest);
        let at = self.now + self.jittered(pause);
        self.wake_at(key, at);
        self.free(turn, key);
    }

    /// Does something to each member of a lane that an attempt carries.
    pub(super) fn each_of(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        mut act: impl FnMut(&mut Self, &mut IntentRecord),
    ) {
        let mut material = self.take_material(turn, key);
        for record in &mut material.intents {
            // One in review is named where the write only puts back what an earlier one of it took.
            let rests = record.status.state.is_terminal() || record.status.state == State::Review;
            if attempt.intents.contains(&record.id) && !rests {
                act(self, record);
            }
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.put_material(turn, key, material);
    }

    /// Does something to each member of a lane that does not wait for a person.
    pub(super) fn each_active(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        mut act: impl FnMut(&mut Self, &mut IntentRecord),
    ) {
        let mut material = self.take_material(turn, key);
        for record in &mut material.intents {
            if record.status.state != State::Review && !record.status.state.is_terminal() {
                act(self, record);
            }
        }
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.put_material(turn, key, material);
    }

    pub(super) fn alarm(&mut self, code: &'static str, message: &str) {
        self.commits.now(Effect::Notify(Notice::Alarm { code, message: message.to_owned() }));
    }

    /// Keeps a write that may have taken effect, to be resolved before anything else: each of these
    /// lanes its own part of it.
    pub(super) fn make_ambiguous(&mut self, turn: TurnId, attempt: &AttemptRecord, unclear: Vec<(LaneKey, Evidence)>) {
        if unclear.is_empty() {
            return;
        }
        // Once for all lanes: an envelope may carry hundreds.
        let mut parts: BTreeMap<LaneKey, AttemptRecord> = self.split(attempt).into_iter().collect();
        for (key, evidence) in unclear {
            let part = parts.remove(&key).expect("an attempt has a part for each lane that it holds");
            self.take_evidence(turn, &key, &evidence);
            self.keep_unresolved(turn, &key, part, &evidence);
        }
    }

    fn keep_unresolved(&mut self, turn: TurnId, key: &LaneKey, part: AttemptRecord, evidence: &Evidence) {
        let part = Shared::new(part);
        self.commits.op(Op::Attempt(part.clone()));
        self.each_of(turn, key, &part, |engine, record| {
            if record.status.state != State::Ambiguous {
                let step =
                    Step::why("ambiguous/no_answer", evidence.message.clone()).attempt(part.id).evidence(evidence);
                engine.transit(key, record, State::Ambiguous, step);
            }
        });
        let failed_as = failed_as(&evidence.label).to_owned();
        let first = self.lane(key).unresolved.is_none();
        self.note_failing(key, evidence, first);
        let lane = self.lane(key);
        if lane.unresolved.replace(part).is_none() {
            lane.failed_as = Some(failed_as);
            lane.copied = false;
        }
        lane.must_read = true;
        self.back_off(key);
        self.free(turn, key);
    }
}

/// The version that an attempt was made from, for one lane.
pub(super) fn written_at(attempt: &AttemptRecord, key: &LaneKey) -> Option<u64> {
    match &attempt.call {
        Call::Write(items) => {
            items.iter().find(|item| item.resource == key.resource).and_then(|item| item.precondition.version)
        }
        _ => None,
    }
}
