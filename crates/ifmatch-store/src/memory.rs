//! A store in memory, for tests and the simulator, with faults to order.
//!
//! It holds committed state only, so a clone taken at any time is what a crash would leave.

mod shelf;

use crate::contract::{Direction, ListFilter, Loaded, Store, StoredAttempt};
use crate::error::StoreError;
use ifmatch_audit::{Chain, Checkpoint, Record};
use ifmatch_core::{Commit, IntentId, IntentRecord, OrgName, Recovery, Resource, ResourceRow, Shared, State};
use shelf::Shelf;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Keeps everything in ordered maps.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shelves: BTreeMap<OrgName, Shelf>,
    faults: Faults,
}

/// How often the next calls fail, before the store works again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// Commits that fail and store nothing.
    pub commits: u32,
    /// Commits that are stored, and reported as failed: the acknowledgement is lost. Counted after
    /// the commits that store nothing.
    pub acknowledgements: u32,
    /// Reads that fail.
    pub reads: u32,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next `n` commits fail with `Unavailable` and store nothing.
    pub fn fail_next_commits(&mut self, n: u32) {
        self.faults.commits = n;
    }

    /// Lets the next `n` commits be stored and yet report `Unavailable`.
    pub fn lose_next_acknowledgements(&mut self, n: u32) {
        self.faults.acknowledgements = n;
    }

    /// Lets the next `n` reads fail with `Unavailable`.
    pub fn fail_next_reads(&mut self, n: u32) {
        self.faults.reads = n;
    }

    /// The faults still to come.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults
    }

    fn read(&mut self, org: &OrgName) -> Result<Option<&Shelf>, StoreError> {
        if spend(&mut self.faults.reads) {
            return Err(StoreError::unavailable("a read was told to fail"));
        }
        Ok(self.shelves.get(org))
    }
}

fn spend(faults: &mut u32) -> bool {
    let due = *faults > 0;
    *faults = faults.saturating_sub(1);
    due
}

impl Store for MemoryStore {
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        if spend(&mut self.faults.commits) {
            return Err(StoreError::unavailable("a commit was told to fail"));
        }
        let shelf = self.shelves.entry(org.clone()).or_insert_with(|| Shelf::new(org));
        shelf.apply(org, commits)?;
        if spend(&mut self.faults.acknowledgements) {
            return Err(StoreError::unavailable("an acknowledgement was told to be lost"));
        }
        Ok(())
    }

    fn load(&mut self, org: &OrgName, resources: &[Resource], intents: &[IntentId]) -> Result<Loaded, StoreError> {
        let shelf = self.read(org)?;
        let rows = resources.iter().map(|resource| shelf?.rows.get(resource).cloned()).collect();
        let intents = intents
            .iter()
            .map(|id| shelf.and_then(|shelf| shelf.intent(*id)).cloned().ok_or_else(|| StoreError::no_intent(*id)))
            .collect::<Result<_, _>>()?;
        Ok(Loaded { rows, intents })
    }

    fn recover(&mut self, org: &OrgName) -> Result<Recovery, StoreError> {
        Ok(self.read(org)?.map(Shelf::recovery).unwrap_or_default())
    }

    fn intent(&mut self, org: &OrgName, id: IntentId) -> Result<Option<IntentRecord>, StoreError> {
        Ok(self.read(org)?.and_then(|shelf| shelf.intent(id)).cloned())
    }

    fn list(&mut self, org: &OrgName, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError> {
        let Some(shelf) = self.read(org)? else {
            return Ok(Vec::new());
        };
        let wanted = |record: &&IntentRecord| filter.lets_through(record);
        let records = shelf.intents.values();
        Ok(match filter.direction {
            Direction::OldestFirst => records.filter(wanted).take(filter.limit).cloned().collect(),
            Direction::NewestFirst => records.rev().filter(wanted).take(filter.limit).cloned().collect(),
        })
    }

    fn attempts_of(&mut self, org: &OrgName, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError> {
        let Some(shelf) = self.read(org)? else {
            return Ok(Vec::new());
        };
        let carries = |attempt: &&StoredAttempt| attempt.record.intents.contains(&id);
        Ok(shelf.attempts.values().filter(carries).cloned().collect())
    }

    fn row(&mut self, org: &OrgName, resource: &Resource) -> Result<Option<Shared<ResourceRow>>, StoreError> {
        Ok(self.read(org)?.and_then(|shelf| shelf.rows.get(resource)).cloned())
    }

    fn counts(&mut self, org: &OrgName) -> Result<BTreeMap<State, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for record in self.read(org)?.into_iter().flat_map(|shelf| shelf.intents.values()) {
            *counts.entry(record.status.state).or_insert(0) += 1;
        }
        Ok(counts)
    }

    fn kept(&mut self, org: &OrgName, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        Ok(self.read(org)?.and_then(|shelf| shelf.kept.get(key).cloned()))
    }

    fn kept_below(
        &mut self,
        org: &OrgName,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        let Some(shelf) = self.read(org)? else { return Ok(Vec::new()) };
        let from = if after > prefix { Bound::Excluded(after) } else { Bound::Included(prefix) };
        let facts = shelf.kept.range::<str, _>((from, Bound::Unbounded));
        let below = facts.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
        Ok(below.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn audit(&mut self, org: &OrgName, from_index: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let Some(shelf) = self.read(org)? else {
            return Ok(Vec::new());
        };
        let from = usize::try_from(from_index).unwrap_or(usize::MAX);
        Ok(shelf.log.iter().skip(from).take(limit).cloned().collect())
    }

    fn checkpoint(&mut self, org: &OrgName) -> Result<Checkpoint, StoreError> {
        let shelf = self.read(org)?;
        Ok(shelf.map_or_else(|| Chain::new(org.as_str()).checkpoint(), |shelf| shelf.chain.checkpoint()))
    }
}

#[cfg(test)]
mod tests;
