//! How an engine stands, for pages and gauges, and why an intent waits.

use super::Engine;
use super::lane::Wake;
use super::submit::lane_of;
use crate::ids::IntentId;
use crate::states::State;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How an engine stands.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Open intents by state.
    pub open: BTreeMap<State, usize>,
    /// Resources with something open.
    pub lanes: usize,
    /// Exchanges on the wire.
    pub in_flight: usize,
    /// Closed buckets and until when.
    pub closed: Vec<(String, Timestamp)>,
    /// Lock domains, how many lanes wait for each, and when it is probed next.
    pub locks: Vec<(String, usize, Timestamp)>,
}

impl Engine {
    /// How the engine stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let mut open = BTreeMap::new();
        for head in self.heads.values() {
            *open.entry(head.state).or_default() += 1;
        }
        Standing {
            open,
            lanes: self.lanes.len(),
            in_flight: self.exchanges.len(),
            closed: self.gates.closed(self.now).map(|(name, until)| (name.to_owned(), until)).collect(),
            locks: self.trains.iter().map(|(domain, waiting, next)| (domain.to_owned(), waiting, next)).collect(),
        }
    }

    /// What an open intent waits for, in one sentence; `None` when it is not open.
    #[must_use]
    pub fn why(&self, id: IntentId) -> Option<String> {
        let head = self.heads.get(&id)?;
        let lane = self.lanes.look(&lane_of(head))?;
        let state = head.state;
        let waits = match &lane.wake {
            _ if state == State::Review => "waits for a person's decision".to_owned(),
            _ if lane.held_by.is_some() => "its turn is under way".to_owned(),
            _ if lane.unresolved.is_some() => "first it must be told whether an earlier write took effect".to_owned(),
            Wake::Lock(domain) => format!("waits for the lock of {domain}"),
            Wake::At(at) => format!("looked at again at {at}"),
            Wake::Brake => "the brake is on".to_owned(),
            Wake::Barrier => "earlier changes that it must carry are still on their way".to_owned(),
            Wake::Ready if self.lanes.rests(lane) => "waits a moment for others of its envelope".to_owned(),
            Wake::Ready => match self.gates.closed(self.now).next() {
                Some((bucket, until)) => format!("the budget {bucket} is closed until {until}"),
                None => "next in line".to_owned(),
            },
            Wake::Idle => match head.not_before {
                Some(at) if at > self.now => format!("not before {at}"),
                _ => "nothing to wait for".to_owned(),
            },
        };
        Some(format!("{id} is {state} since {}: {waits}.", head.since))
    }
}
