//! Records whose usual read does not tell when they were written, such as agents in a schedule document.
//!
//! A wish without a base stands against the record as it was when the wish came. Where the first read follows at once, what
//! it shows stood there. Where it comes late, somebody may have written in between, and the target must be asked.

use super::super::lane::LaneKey;
use super::{Engine, Material, only_fact};
use crate::dialect::{Call, Fact, Reply};
use crate::evidence::{Class, Evidence};
use crate::ids::{IntentId, TurnId};
use crate::plan::{MemberFate, Plan};
use crate::shadow::Snapshot;
use jiff::SignedDuration;

/// A question that leaves within this time shows what stood there when the intent was accepted: a source cannot tell either
/// which of the two came first.
pub const AT_ONCE: SignedDuration = SignedDuration::from_secs(1);

/// So many answers in a row that make no sense, and the plan goes on without the stamps.
const FAILURES_MAX: u32 = 3;

impl Engine {
    /// The last intent, by the order of acceptance, after which a representation is known to have stood there. The first
    /// sight of a record that does not tell when it was written also counts for what was accepted just before the
    /// question left, in this life: the clock of an earlier one may have been another.
    pub(super) fn stood_after(&self, turn: TurnId, material: &Material, snapshot: &Snapshot) -> u64 {
        if snapshot.modified_at.is_some() || !material.row.history.is_empty() {
            return self.last_order;
        }
        let asked_at = self.asked_at(turn);
        let just_before = material.intents.iter().filter(|record| {
            record.order > self.recovered_order && asked_at.duration_since(record.accepted_at) <= AT_ONCE
        });
        just_before.map(|record| record.order - 1).min().unwrap_or(self.last_order)
    }

    /// Whether a wish would go to a person for want of a base that the target's stamps may give.
    pub(super) fn lacks_stamps(&self, key: &LaneKey, material: &Material, remote: &Snapshot, plan: &Plan) -> bool {
        let asked = self.lanes.look(key).and_then(|lane| lane.stamps_asked_at);
        let doubtful = |fate: &MemberFate| match fate {
            MemberFate::Review { code, .. } => *code == "review/unknown_base",
            MemberFate::Rejected { code, .. } => *code == "rejected/unknown_base",
            _ => false,
        };
        let baseless =
            |id: &IntentId| material.intents.iter().any(|record| record.id == *id && record.intent.base.is_none());
        remote.modified_at.is_none()
            && remote.version.is_some_and(|version| asked != Some(version))
            && plan.fates.iter().any(|(id, fate)| doubtful(fate) && baseless(id))
            && self.dialect.read_stamps(&key.resource, &remote.value).is_some()
    }

    /// The question when the record was written, where that is to be asked.
    pub(super) fn stamps_call(&self, turn: TurnId, key: &LaneKey) -> Option<Call> {
        self.lanes.look(key).filter(|lane| lane.must_read_stamps)?;
        let shadow = self.turns[&turn].materials[key].row.shadow()?;
        self.dialect.read_stamps(&key.resource, &shadow.value)
    }

    /// The answer. Where it does not tell either, the plan goes on without.
    pub(super) fn on_stamps(&mut self, turn: TurnId, reply: Reply) {
        let [key] = <[LaneKey; 1]>::try_from(self.keys_of(turn)).expect("stamps are asked for one lane");
        match only_fact(reply) {
            Fact::Observed(snapshot) => {
                let version = snapshot.version;
                self.take_read(turn, &key, *snapshot);
                let lane = self.lane(&key);
                lane.must_read_stamps = false;
                lane.stamps_asked_at = version;
            }
            Fact::Refused(evidence) if self.may_pass(&key, &evidence) => {
                return self.read_refused(turn, &key, &evidence);
            }
            _ => {
                let version = self.turns[&turn].materials[&key].row.shadow().and_then(|shadow| shadow.version);
                let lane = self.lane(&key);
                lane.must_read_stamps = false;
                lane.stamps_asked_at = version;
            }
        }
        self.plan_turn(turn);
    }

    /// Whether a refusal of that question says nothing of the question itself.
    fn may_pass(&self, key: &LaneKey, evidence: &Evidence) -> bool {
        let failures = self.lanes.look(key).map_or(0, |lane| lane.failures);
        match evidence.class {
            Class::Throttled | Class::Unauthorised => true,
            Class::Absent | Class::Forbidden | Class::Invalid => false,
            _ => failures < FAILURES_MAX,
        }
    }
}
