//! What the store knows, at the start and after a failed commit.

use super::doubts::Doubts;
use super::lane::LaneKey;
use super::submit::lane_of;
use super::{Engine, Phase};
use crate::commit::{AttemptOutcome, AttemptRecord, Op, Recovery, Share};
use crate::dialect::Call;
use crate::errand::Notes;
use crate::input::Scope;
use crate::intent::Resource;
use crate::shared::Shared;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Under this prefix the store keeps until when a bucket is closed.
pub(super) const GATE: &str = "gate/";
/// Under this prefix the store keeps who withdrew an intent that has not ended yet.
pub(super) const WITHDRAWN: &str = "withdrawn/";
/// Under this prefix the store keeps which kinds were found to be unguarded.
pub(super) const UNGUARDED: &str = "unguarded/";
/// Under this prefix the store keeps of which kinds an answer showed what does not stand.
pub(super) const DOUBTED: &str = "doubted/";
/// Under this prefix the store keeps the records to which something is to be put back.
pub(super) const OWED: &str = "owed/";
/// Under this key the store keeps the pulled brakes.
pub(super) const BRAKES: &str = "brakes";

/// How long a gate was closed for. It is closed anew for as long: the instants are those of another life's clock.
fn closed_for(kept: &Value) -> Option<SignedDuration> {
    let instant = |name: &str| kept.get(name)?.as_str()?.parse::<Timestamp>().ok();
    Some(instant("until")?.duration_since(instant("closed_at")?))
}

impl Engine {
    pub(super) fn on_recovered(&mut self, recovery: Recovery) {
        if self.phase != Phase::Recovering {
            return;
        }
        self.phase = Phase::Running;
        self.last_order = recovery.last_order;
        self.recovered_order = recovery.last_order;
        // Attempt numbers given to reads were never stored: leave room for them.
        self.last_attempt = self.last_attempt.max(recovery.last_attempt);
        for (source, key, content, id) in recovery.keys {
            self.keys.keep(&source, key, content, id);
        }
        self.aliases = recovery.aliases.into_iter().collect();
        for (key, value) in &recovery.kept {
            if let Some(bucket) = key.strip_prefix(GATE)
                && let Some(span) = closed_for(value)
            {
                self.gates.restore(bucket, self.now + span);
            }
            if key == BRAKES {
                self.brakes =
                    serde_json::from_value::<Vec<Scope>>(value.clone()).unwrap_or_default().into_iter().collect();
            }
        }
        self.restore_pairs(&recovery.kept);
        self.doubts = Doubts::restored(&recovery.kept);
        let unguarded = recovery.kept.iter().filter_map(|(key, _)| key.strip_prefix(UNGUARDED));
        self.unguarded.extend(unguarded.map(str::to_owned));
        let doubted = recovery.kept.iter().filter_map(|(key, _)| key.strip_prefix(DOUBTED));
        self.doubted.extend(doubted.map(str::to_owned));
        for attempt in recovery.attempts {
            self.adopt(&attempt);
        }
        for (_, resource) in recovery.kept.iter().filter(|(key, _)| key.starts_with(OWED)) {
            if let Ok(resource) = serde_json::from_value::<Resource>(resource.clone()) {
                let key = value_lane(&resource);
                // What the row says of it is seen when it is loaded.
                self.lane(&key).owes = true;
                self.make_ready(&key);
            }
        }
        for head in recovery.open {
            let key = lane_of(&head);
            self.join(&key, head);
        }
        for (key, by) in recovery.kept.iter().filter(|(key, _)| key.starts_with(WITHDRAWN)) {
            self.restore_withdrawal(key, by);
        }
        self.watch_pairs();
    }

    /// An attempt without an outcome may have taken effect: each of its resources resolves its part.
    fn adopt(&mut self, attempt: &AttemptRecord) {
        let parts = self.split(attempt);
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome: AttemptOutcome::Split, at: self.now });
        for (key, mut part) in parts {
            // A copy has its own time to come, whenever the first one left, and by a clock that may have been set since.
            let span = part.horizon.duration_since(part.at).max(self.config.limits.zombie_horizon);
            part.horizon = part.horizon.max(self.now + span);
            let part = Shared::new(part);
            self.commits.op(Op::Attempt(part.clone()));
            let lane = self.lane(&key);
            lane.must_read = true;
            lane.unresolved = Some(part);
            lane.failed_as = Some("restart".to_owned());
            self.make_ready(&key);
        }
    }

    /// An attempt as one record for each resource that it carries.
    pub(super) fn split(&mut self, attempt: &AttemptRecord) -> Vec<(LaneKey, AttemptRecord)> {
        let calls = calls_of(&attempt.call);
        if let [(key, _)] = calls.as_slice() {
            return vec![(key.clone(), AttemptRecord { id: self.next_attempt(), ..attempt.clone() })];
        }
        let mut shares: BTreeMap<&Resource, Vec<Share>> = BTreeMap::new();
        for share in attempt.shares.iter() {
            shares.entry(&share.resource).or_default().push(share.clone());
        }
        let part = |(key, call): (LaneKey, Call)| {
            let shares = shares.remove(&key.resource).unwrap_or_default();
            let part = AttemptRecord {
                id: self.next_attempt(),
                request: self.dialect.request(&call, &Notes::default()).into(),
                call,
                intents: shares.iter().map(|share| share.intent).collect(),
                shares: shares.into(),
                at: attempt.at,
                horizon: attempt.horizon,
                resends: attempt.resends,
                refused: attempt.refused,
                taken: attempt.taken,
            };
            (key, part)
        };
        calls.into_iter().map(part).collect()
    }
}

/// What an attempt asks of each lane, by lane.
fn calls_of(call: &Call) -> Vec<(LaneKey, Call)> {
    match call {
        Call::Write(items) => {
            items.iter().map(|item| (value_lane(&item.resource), Call::Write(vec![item.clone()]))).collect()
        }
        Call::Create(creation) => vec![(value_lane(&creation.resource), call.clone())],
        Call::Start(operation) => {
            let key = LaneKey { resource: operation.resource.clone(), operation: Some(operation.name.clone()) };
            vec![(key, call.clone())]
        }
        Call::Read(_) | Call::ReadStamps { .. } | Call::Lookup(_) | Call::Status(_) | Call::Past { .. } => Vec::new(),
    }
}

/// The lane of a resource's values.
pub(super) fn value_lane(resource: &Resource) -> LaneKey {
    LaneKey { resource: resource.clone(), operation: None }
}
