//! True conflicts: a policy settles them, or they are listed.

use serde_json::Value;

use crate::change::DiffWalk;
use crate::outcome::{Conflict, Resolved};
use crate::policy::Policy;
use crate::schema::Node;
use crate::sides::Spot;
use crate::timeline::Stretch;

use super::interval_set::Side;
use super::{Merger, Outcome, Unit, combine};

impl Merger<'_> {
    /// Decides a place that both sides changed differently.
    pub(super) fn settle(&mut self, at: Option<&Node>, spot: Spot<'_>, unit: Unit) -> Outcome {
        // A list that was only put in another order is no edit that could stand against one.
        if self.only_reordered(at, spot.base, spot.local) {
            return Outcome::Remote;
        }
        if self.only_reordered(at, spot.base, spot.remote) {
            self.contribute(at, spot.remote, spot.local, unit);
            return Outcome::Local;
        }
        match self.conflict(spot, Vec::new()) {
            Outcome::Remote => Outcome::Remote,
            Outcome::Local => {
                self.contribute(at, spot.remote, spot.local, unit);
                Outcome::Local
            }
            Outcome::Built(value) => self.built(at, spot, value),
        }
    }

    /// Decides stretches of an interval set that both sides changed differently.
    pub(super) fn contest(&mut self, spot: Spot<'_>, stretches: Vec<Stretch>) -> Side {
        match self.conflict(spot, stretches) {
            Outcome::Local => Side::Local,
            Outcome::Remote | Outcome::Built(_) => Side::Remote,
        }
    }

    /// What a policy makes of a true conflict, which is noted as settled; else the conflict is listed.
    fn conflict(&mut self, spot: Spot<'_>, stretches: Vec<Stretch>) -> Outcome {
        let remote_writer = (self.remote_writer)(&self.path);
        let policy = self.policies.policy_for(&self.path);
        let path = self.path.clone();
        let (base, local, remote) = (spot.base.cloned(), spot.local.cloned(), spot.remote.cloned());
        let Some(outcome) = decide(policy, self.local_writer, remote_writer.as_deref(), spot) else {
            self.conflicts.push(Conflict { path, base, local, remote, remote_writer, stretches });
            return Outcome::Remote;
        };
        let policy = policy.clone();
        self.resolved.push(Resolved { path, policy, base, local, remote, remote_writer });
        outcome
    }

    /// Whether the side differs from the base in the order of keyed lists only.
    fn only_reordered(&mut self, at: Option<&Node>, base: Option<&Value>, side: Option<&Value>) -> bool {
        let mut changes = Vec::new();
        let mut walk = DiffWalk { path: &mut self.path, out: &mut changes };
        walk.place(at, base, side);
        changes.is_empty()
    }
}

/// What the policy makes of the values; `None` if it leaves the conflict to a person.
fn decide(policy: &Policy, local_writer: &str, remote_writer: Option<&str>, spot: Spot<'_>) -> Option<Outcome> {
    match policy {
        Policy::Review => None,
        Policy::RemoteWins => Some(Outcome::Remote),
        Policy::LocalWins => Some(Outcome::Local),
        Policy::Append => combine::append(spot).map(Outcome::Built),
        Policy::Max => combine::max(spot).map(Outcome::Built),
        Policy::Min => combine::min(spot).map(Outcome::Built),
        Policy::Priority(writers) => by_priority(writers, local_writer, remote_writer?),
    }
}

fn by_priority(writers: &[String], local: &str, remote: &str) -> Option<Outcome> {
    if local == remote {
        return None;
    }
    let first = writers.iter().find(|writer| *writer == local || *writer == remote)?;
    Some(if first == local { Outcome::Local } else { Outcome::Remote })
}
