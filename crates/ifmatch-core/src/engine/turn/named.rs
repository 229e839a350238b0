//! Wishes made from a version that reads do not show yet.
//!
//! Who names a version has seen it, so a read below it lags behind. What merges with such a read is sent all the same: where
//! the record has moved on, the target refuses it. But nobody goes to a person, and nobody is refused, for what it shows.
//! Anybody can name a version that never was; so this waits no longer than reads may lag, and others do not wait for it.

use super::super::lane::LaneKey;
use super::{Engine, Material};
use crate::ids::SourceName;
use crate::plan::{MemberFate, Plan};
use crate::record::IntentRecord;
use crate::shadow::{ResourceRow, Snapshot, SourceShadow};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Who is ahead of a read: sources with a conflict that may be none, since they name a newer version than it shows.
pub(super) struct Ahead {
    sources: BTreeSet<SourceName>,
    /// When the first of them waits no more.
    until: Timestamp,
}

impl Ahead {
    /// Whether a member stays as it is for now. What its source says in one go stays together, in its order.
    pub(super) fn holds(&self, record: &IntentRecord, fate: &MemberFate) -> bool {
        let goes = matches!(fate, MemberFate::Carried { .. } | MemberFate::Expired);
        !goes && self.sources.contains(&record.source)
    }

    /// Takes back what a plan has noted of those who stay as they are: that their values stand, or were refused.
    pub(super) fn forget(&self, planned: &mut ResourceRow, before: &ResourceRow) {
        for (name, shadow) in planned.sources.iter_mut().filter(|(name, _)| self.sources.contains(*name)) {
            let taken = std::mem::take(&mut shadow.taken);
            *shadow = SourceShadow { taken, ..before.sources.get(name).cloned().unwrap_or_default() };
        }
    }
}

impl Engine {
    /// The sources of members that a plan would send to a person, or refuse, for what a read shows that lags behind them.
    /// None where the target ignores versions: there nothing would refuse what was made from such a read.
    pub(super) fn ahead(&self, key: &LaneKey, material: &Material, remote: &Snapshot, plan: &Plan) -> Option<Ahead> {
        let shown = remote.version.filter(|_| !self.guard(&key.resource.kind).lets_through())?;
        let mut ahead = Ahead { sources: BTreeSet::new(), until: Timestamp::MAX };
        for (id, _) in plan.fates.iter().filter(|(_, fate)| is_conflict(fate)) {
            let record = material.intents.iter().find(|record| record.id == *id)?;
            let named = record.intent.base.as_ref().and_then(|base| base.version);
            let until = record.accepted_at + self.config.limits.lag_wait;
            if named > Some(shown) && self.now < until {
                ahead.sources.insert(record.source.clone());
                ahead.until = ahead.until.min(until);
            }
        }
        (!ahead.sources.is_empty()).then_some(ahead)
    }

    /// Has the record read again for them: after half of what has been waited so far, so that the overshoot stays in
    /// proportion.
    pub(super) fn reads_again_for(&mut self, key: &LaneKey, ahead: &Ahead) {
        let limits = &self.config.limits;
        let waited = limits.lag_wait - ahead.until.duration_since(self.now);
        let (first, longest) = limits.lock_probe;
        let pause = (waited / 2).clamp(first / 2, longest);
        let at = (self.now + self.jittered(pause)).min(ahead.until);
        self.lane(key).must_read = true;
        self.wake_at(key, at);
    }
}

fn is_conflict(fate: &MemberFate) -> bool {
    match fate {
        MemberFate::Review { conflict, .. } | MemberFate::Rejected { conflict, .. } => !conflict.is_empty(),
        MemberFate::Carried { .. }
        | MemberFate::Satisfied { .. }
        | MemberFate::Superseded { .. }
        | MemberFate::Expired => false,
    }
}
