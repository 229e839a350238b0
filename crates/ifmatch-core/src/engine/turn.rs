//! A turn: one or several lanes held while they are loaded, read, planned and written.

mod create;
mod decided;
mod errands;
mod failing;
mod joined;
mod named;
mod operate;
mod plain;
mod resolve;
mod shown;
mod silent;
mod slipped;
mod stamps;
mod tracked;
mod written;

pub(super) use errands::Errand;
pub(super) use resolve::sides;

use super::lane::LaneKey;
use super::{Engine, Purpose};
use crate::commit::AttemptRecord;
use crate::dialect::{Call, Fact, Reply};
use crate::ids::{AttemptId, TurnId};
use crate::record::IntentRecord;
use crate::shadow::ResourceRow;
use crate::shared::Shared;
use jiff::Timestamp;
pub use stamps::AT_ONCE;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lanes held together.
#[derive(Debug)]
pub(super) struct Turn {
    /// The lanes still held.
    pub(super) keys: Vec<LaneKey>,
    pub(super) materials: BTreeMap<LaneKey, Material>,
    /// The envelope that it is a turn of.
    pub(super) envelope: Option<Arc<str>>,
    /// Whether it only ends what needs no request.
    pub(super) chore: bool,
    /// Requests admitted and not sent so far, and their buckets.
    pub(super) held: (u64, Vec<String>),
    /// When its last question left: an answer is no younger, however late it is looked at.
    pub(super) asked_at: Timestamp,
    /// The last intent that was accepted by then.
    pub(super) asked_after: u64,
    /// A record that was found to be the one meant: what is known of it is being loaded.
    pub(super) adoption: Option<create::Adoption>,
    /// A write that the target goes on with.
    tracked: Option<tracked::Tracked>,
}

/// What a held lane works with.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) row: Shared<ResourceRow>,
    /// Whether the row differs from the store's.
    pub(super) row_changed: bool,
    /// The members, in order of acceptance.
    pub(super) intents: Vec<IntentRecord>,
}

impl Turn {
    /// Whether it waits for what becomes of a write.
    pub(super) fn is_tracked(&self) -> bool {
        self.tracked.is_some()
    }

    pub(super) fn loading(
        keys: Vec<LaneKey>,
        envelope: Option<Arc<str>>,
        held: (u64, Vec<String>),
        now: Timestamp,
    ) -> Self {
        let chore = held.0 == 0;
        Self {
            keys,
            materials: BTreeMap::new(),
            envelope,
            chore,
            held,
            asked_at: now,
            asked_after: 0,
            adoption: None,
            tracked: None,
        }
    }
}

impl Engine {
    /// Goes on with a turn whose lanes are loaded.
    pub(super) fn proceed(&mut self, turn: TurnId) {
        let Some(keys) = self.turns.get(&turn).map(|turn| turn.keys.clone()) else { return };
        let [key] = keys.as_slice() else { return self.read_or_plan(turn) };
        let lane = self.lane(key);
        if !lane.reads.is_empty() {
            self.show(turn, &key.clone());
        } else if lane.unresolved.is_some() {
            self.resolve(turn, &key.clone());
        } else if key.operation.is_some() {
            self.operate(turn, &key.clone());
        } else if self.turns[&turn].materials[key].row.slip.is_some() {
            self.look_back(turn, &key.clone());
        } else if key.resource.id().is_none() {
            self.create(turn, &key.clone());
        } else {
            self.read_or_plan(turn);
        }
    }

    fn asks_now(&mut self, turn: TurnId) {
        if let Some(turn) = self.turns.get_mut(&turn) {
            turn.asked_at = self.now;
            turn.asked_after = self.last_order;
        }
    }

    /// When the question left that a turn has its answer to.
    pub(super) fn asked_at(&self, turn: TurnId) -> Timestamp {
        self.turns.get(&turn).map_or(self.now, |turn| turn.asked_at)
    }

    /// Sends a write whose record is part of this input's commit.
    pub(super) fn send(&mut self, turn: TurnId, record: Shared<AttemptRecord>) {
        self.use_up(turn);
        self.asks_now(turn);
        self.commits.op(crate::commit::Op::Attempt(record.clone()));
        let effect = self.exchange(record.id, record.request.clone(), Purpose::Write { turn, record });
        self.commits.after(effect);
    }

    /// Whether a gate closed since the turn was admitted.
    pub(super) fn is_shut(&self, request: &crate::Request) -> bool {
        self.gates.is_shut(self.now, &self.dialect.buckets(request))
    }

    /// One of the turn's admitted requests leaves.
    fn use_up(&mut self, turn: TurnId) {
        let Some(held) = self.turns.get_mut(&turn).map(|turn| &mut turn.held).filter(|held| held.0 > 0) else { return };
        held.0 -= 1;
        self.gates.unhold(&held.1, 1);
    }

    /// The lanes that a turn holds; none once it is over.
    pub(super) fn keys_of(&self, turn: TurnId) -> Vec<LaneKey> {
        self.turns.get(&turn).map(|turn| turn.keys.clone()).unwrap_or_default()
    }

    /// Gives every lane of a turn back.
    pub(super) fn free_all(&mut self, turn: TurnId) {
        for key in self.keys_of(turn) {
            self.free(turn, &key);
        }
    }

    /// The answer to a question of a turn.
    pub(super) fn on_reply(&mut self, turn: TurnId, call: &Call, reply: Reply) {
        if !self.turns.contains_key(&turn) {
            return;
        }
        match call {
            Call::Read(_) if self.is_tracked(turn) => self.on_tracked_read(turn, reply),
            Call::Read(_) => self.on_read(turn, reply),
            Call::ReadStamps { .. } => self.on_stamps(turn, reply),
            Call::Lookup(creation) => self.on_found(turn, creation, reply),
            Call::Status(_) => self.on_status(turn, reply),
            Call::Past { .. } => self.on_past(turn, reply),
            Call::Write(_) | Call::Create(_) | Call::Start(_) => unreachable!("a write is no question"),
        }
    }

    /// The answer to a write of a turn.
    pub(super) fn on_write_reply(&mut self, turn: TurnId, record: &AttemptRecord, reply: Reply) {
        if !self.turns.contains_key(&turn) {
            return;
        }
        match &record.call {
            Call::Write(_) => self.on_written(turn, record, reply),
            Call::Create(_) => self.on_created(turn, record, reply),
            Call::Start(_) => self.on_started(turn, record, reply),
            Call::Read(_) | Call::ReadStamps { .. } | Call::Lookup(_) | Call::Status(_) | Call::Past { .. } => {
                unreachable!("only what changes something has a record")
            }
        }
    }

    pub(super) fn take_material(&mut self, turn: TurnId, key: &LaneKey) -> Material {
        let held = self.turns.get_mut(&turn).and_then(|turn| turn.materials.remove(key));
        held.expect("a held lane is loaded")
    }

    pub(super) fn put_material(&mut self, turn: TurnId, key: &LaneKey, material: Material) {
        self.turns.get_mut(&turn).expect("the turn runs").materials.insert(key.clone(), material);
    }

    /// The next number for a copy of an attempt.
    fn renumbered(&mut self, record: &AttemptRecord) -> (AttemptId, Shared<AttemptRecord>) {
        let id = self.next_attempt();
        let copy = AttemptRecord { id, resends: record.resends + 1, at: self.now, ..record.clone() };
        (record.id, copy.into())
    }
}

/// The only fact of an answer about one resource.
fn only_fact(reply: Reply) -> Fact {
    reply.facts.into_iter().next().map_or(Fact::Absent, |(_, fact)| fact)
}
