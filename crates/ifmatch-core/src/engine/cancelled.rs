//! An intent is withdrawn.

use super::lane::LaneKey;
use super::recovered::WITHDRAWN;
use super::settle::Step;
use super::submit::lane_of;
use super::{Engine, Phase};
use crate::commit::Op;
use crate::effect::{Effect, Notice, Refusal};
use crate::ids::{IntentId, Ticket};
use crate::record::IntentRecord;
use crate::states::State;
use serde_json::Value;

impl Engine {
    /// Ends it without a request, unless an attempt of it is unresolved: then that comes first, and the
    /// withdrawal is kept until it does.
    pub(super) fn on_cancelled(&mut self, ticket: Ticket, intent: IntentId, by: String) {
        if self.phase != Phase::Running {
            let refusal = Refusal::Unavailable;
            return self.commits.now(Effect::Notify(Notice::Refused { ticket, refusal }));
        }
        if self.heads.contains_key(&intent) {
            let value = Some(Value::String(by.clone()));
            self.commits.op(Op::Keep { key: kept(intent), value });
            self.withdraw(intent, by);
        }
        self.commits.after(Effect::Notify(Notice::WithdrawalTaken { ticket }));
    }

    /// A withdrawal that the store kept; it goes when there is nothing left to withdraw.
    pub(super) fn restore_withdrawal(&mut self, key: &str, by: &Value) {
        let intent = key.strip_prefix(WITHDRAWN).and_then(|id| id.parse().ok());
        match (intent.filter(|intent| self.heads.contains_key(intent)), by.as_str()) {
            (Some(intent), Some(by)) => self.withdraw(intent, by.to_owned()),
            _ => self.commits.op(Op::Keep { key: key.to_owned(), value: None }),
        }
    }

    fn withdraw(&mut self, intent: IntentId, by: String) {
        let key = lane_of(&self.heads[&intent]);
        self.withdrawn.insert(intent, by);
        self.lanes.add_chore(&key);
    }

    /// Ends what is withdrawn, and has no attempt that may still take effect.
    pub(super) fn end_as_withdrawn(&mut self, key: &LaneKey, record: &mut IntentRecord, by: &str) {
        let undecided = record.status.code.as_deref() == Some("review/undecided");
        let doubt = if undecided { "; nobody can tell whether its write took effect" } else { "" };
        let step = Step::why("cancelled/withdrawn", format!("withdrawn by {by}{doubt}")).by(by);
        self.transit(key, record, State::Cancelled, step);
    }

    /// Nothing of what is withdrawn is planned any more.
    pub(super) fn is_withdrawn(&self, record: &IntentRecord) -> bool {
        self.withdrawn.contains_key(&record.id)
    }
}

/// The key under which the store keeps a withdrawal.
pub(super) fn kept(intent: IntentId) -> String {
    format!("{WITHDRAWN}{intent}")
}
