//! The brake is pulled or released.

use super::Engine;
use super::lane::{Lane, LaneKey, Wake};
use super::recovered::BRAKES;
use crate::commit::Op;
use crate::input::{Brake, Scope};

impl Engine {
    pub(super) fn on_braked(&mut self, brake: &Brake) {
        if self.phase != super::Phase::Running {
            return;
        }
        if brake.on {
            self.pull(brake.scope.clone());
            return;
        }
        if self.brakes.remove(&brake.scope) {
            self.keep_brakes();
            if let Scope::Kind(kind) = &brake.scope {
                // Who resumes a kind wants to see how it goes on.
                self.silent_row.remove(kind);
            }
            let held: Vec<LaneKey> = self
                .lanes
                .iter()
                .filter(|(_, lane)| lane.wake == Wake::Brake || lane.wake == Wake::Idle)
                .map(|(key, _)| key.clone())
                .collect();
            for key in held {
                self.make_ready(&key);
                self.show_what_members_wait_for(&key);
            }
        }
    }

    /// Pulls a brake. Whether it was not pulled before.
    pub(super) fn pull(&mut self, scope: Scope) -> bool {
        let pulled = self.brakes.insert(scope);
        if pulled {
            self.keep_brakes();
        }
        pulled
    }

    fn keep_brakes(&mut self) {
        let pulled: Vec<&Scope> = self.brakes.iter().collect();
        let value = serde_json::to_value(pulled).expect("scopes are JSON");
        self.commits.op(Op::Keep { key: BRAKES.to_owned(), value: Some(value) });
    }

    /// Whether a brake holds all of a lane. A brake on a source holds a lane when every member is
    /// of such a source.
    pub(super) fn is_braked(&self, key: &LaneKey, lane: &Lane) -> bool {
        if self.brakes.is_empty() {
            return false;
        }
        let scopes = [Scope::Org, Scope::Kind(key.resource.kind.clone()), Scope::Resource(key.resource.clone())];
        scopes.iter().any(|scope| self.brakes.contains(scope))
            || (!lane.members.is_empty()
                && lane
                    .members
                    .values()
                    .filter_map(|id| self.heads.get(id))
                    .all(|head| self.source_braked(&head.source)))
    }

    /// Whether a brake holds a source.
    pub(super) fn source_braked(&self, source: &crate::SourceName) -> bool {
        self.brakes.contains(&Scope::Source(source.clone()))
    }
}
