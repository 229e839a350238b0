//! How an engine stands, for pages and gauges.

use super::Engine;
use super::doubts::Doubt;
use super::listening::Ear;
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
    /// What ambiguous writes turned out to have done, by the way in which they failed: `503`, `no answer`, `restart`. Creations
    /// and starts of operations are counted as well, and a restart forgets nothing.
    pub ambiguous: Vec<(String, Doubt)>,
    /// Writes that a target let through over others', since the engine started.
    pub overwrites: u64,
    /// Resources to which something is to be put back, or where what was overwritten is looked for.
    pub repairs: usize,
    /// How it listens to what the target tells by itself; `None` where it does not.
    pub ear: Option<Ear>,
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
            overwrites: self.overwrites,
            repairs: self.lanes.iter().filter(|(_, lane)| lane.has_debt()).count(),
            closed: self.gates.closed(self.now).map(|(name, until)| (name.to_owned(), until)).collect(),
            locks: self.trains.iter().map(|(domain, waiting, next)| (domain.to_owned(), waiting, next)).collect(),
            ear: self.ear(),
            ambiguous: self.doubts.iter().map(|(failed_as, doubt)| (failed_as.to_owned(), doubt)).collect(),
        }
    }
}
