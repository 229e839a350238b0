//! A refusal that says lock where there is none: what the record and the target's own events show speaks against the label.
//!
//! A record that is held changes for nobody. Where it moves between two refusals, where it is announced as free and refused
//! alike, or where another intent on it lands meanwhile, the label is doubted. One such sight may be a second lock, and an
//! announcement may be wrong, so two changes or four announcements are taken for a rule of the business. Both labels are
//! kept: the target's in the evidence, ours in the code.

use super::Engine;
use super::lane::LaneKey;
use super::refusal::written_at;
use super::settle::Step;
use crate::commit::AttemptRecord;
use crate::evidence::Evidence;
use crate::ids::TurnId;
use crate::states::State;
use jiff::SignedDuration;

/// So much that speaks against a lock makes it a rule: a change of the record counts twice, an announcement once.
const DOUBT_MAX: u32 = 4;

/// Two announcements nearer to each other than this are one: events come twice.
const SAME_EVENT: SignedDuration = SignedDuration::from_secs(30);

impl Engine {
    /// Refused in the words of a lock: waited for, unless what is seen meanwhile says that it is none.
    pub(super) fn refused_locked(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord, evidence: &Evidence) {
        if self.halve(turn, key, attempt, evidence) {
            return;
        }
        let (now, at) = (self.now, written_at(attempt, key));
        let lane = self.lane(key);
        lane.bare = None;
        let known = lane.lock_label.take().filter(|label| label.refused.iter().any(|id| attempt.intents.contains(id)));
        let mut label = known.unwrap_or_default();
        if label.freed && label.counted.is_none_or(|last| now.duration_since(last) > SAME_EVENT) {
            label.frees += 1;
            label.counted = Some(now);
        }
        label.freed = false;
        label.at = at;
        label.refused = attempt.intents.iter().copied().collect();
        let (moves, frees) = (label.moves, label.frees);
        lane.lock_label = Some(label);
        if 2 * moves + frees < DOUBT_MAX {
            self.sent_to(turn, key, attempt, State::Parked, "parked/lock", evidence);
            return self.wait_for_lock(turn, key);
        }
        self.call_it_a_rule(turn, key, attempt, evidence, (moves, frees));
    }

    fn call_it_a_rule(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        evidence: &Evidence,
        (moves, frees): (u32, u32),
    ) {
        let reason = format!(
            "labelled a lock (\"{}\"), yet meanwhile the record changed {moves} times and was announced as free {frees} times: \
             taken for a rule",
            evidence.message
        );
        let mut sides = self.sides_of(turn, key, attempt);
        self.each_of(turn, key, attempt, |engine, record| {
            let step = Step::why("review/rule", reason.clone()).attempt(attempt.id).evidence(evidence);
            engine.ask_person(key, record, attempt, sides.remove(&record.id), step);
        });
        let lane = self.lane(key);
        lane.lock_label = None;
        lane.locked_since = None;
        lane.must_read = true;
        self.make_ready(key);
    }

    /// A read of a record that was refused as locked: where somebody wrote it since, it was not.
    pub(super) fn doubt_lock(&mut self, key: &LaneKey, version: Option<u64>) {
        let Some(label) = &mut self.lane(key).lock_label else { return };
        if label.at.is_some() && version > label.at {
            label.at = version;
            label.moves += 1;
        }
    }

    /// The record was announced as free: what is refused as locked after that speaks against the label.
    pub(super) fn announced_free(&mut self, key: &LaneKey) {
        if self.lanes.look(key).is_some()
            && let Some(label) = &mut self.lane(key).lock_label
        {
            label.freed = true;
        }
    }

    /// A write landed on a record that others of its intents were refused on as locked.
    pub(super) fn landed_beside_lock(&mut self, key: &LaneKey, attempt: &AttemptRecord, version: Option<u64>) {
        let Some(label) = &mut self.lane(key).lock_label else { return };
        if label.refused.iter().any(|id| attempt.intents.contains(id)) {
            self.lane(key).lock_label = None;
        } else {
            label.at = version;
            label.moves += 1;
        }
    }
}
