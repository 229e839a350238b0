//! The trait that every store implements, and the shapes that it takes and gives.

use crate::error::StoreError;
use ifmatch_audit::{Checkpoint, Record};
use ifmatch_core::{
    AttemptOutcome, AttemptRecord, Commit, IntentId, IntentRecord, OrgName, Recovery, Resource, ResourceRow, Shared,
    SourceName, State, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Facts whose keys begin so are not the engine's, and may be many: [`Store::recover`] leaves them out.
pub const APART: &str = "apart/";

/// Keeps what must survive a crash.
///
/// One command, [`Store::commit`]; everything else reads. An org that was never written to is
/// empty, not an error.
pub trait Store: Send {
    /// Makes commits durable: together, in order, or none of them.
    ///
    /// # Errors
    /// Any of the three. Nothing of the group is stored, except that with `Unavailable` the
    /// acknowledgement may have been lost: read [`Store::recover`] before going on.
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError>;

    /// Loads rows and intents, each in the order asked for. A row is looked up by exactly the name
    /// given: aliases are not followed.
    ///
    /// # Errors
    /// `Inconsistent` for an intent that is not stored.
    fn load(&mut self, org: &OrgName, resources: &[Resource], intents: &[IntentId]) -> Result<Loaded, StoreError>;

    /// Everything that an engine needs to start: open intents in order of acceptance, open attempts
    /// by number, keys in order of acceptance, aliases and kept facts by name, but for those [`APART`].
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn recover(&mut self, org: &OrgName) -> Result<Recovery, StoreError>;

    /// One intent.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn intent(&mut self, org: &OrgName, id: IntentId) -> Result<Option<IntentRecord>, StoreError>;

    /// The intents that a filter lets through.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn list(&mut self, org: &OrgName, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError>;

    /// The write attempts that carried an intent, by number.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn attempts_of(&mut self, org: &OrgName, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError>;

    /// What is known of a resource, by exactly this name.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn row(&mut self, org: &OrgName, resource: &Resource) -> Result<Option<Shared<ResourceRow>>, StoreError>;

    /// How many intents stand in each state; states without any are left out.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn counts(&mut self, org: &OrgName) -> Result<BTreeMap<State, u64>, StoreError>;

    /// A small fact that is kept under this key; `None` where there is none.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn kept(&mut self, org: &OrgName, key: &str) -> Result<Option<serde_json::Value>, StoreError>;

    /// At most `limit` small facts whose keys begin with `prefix` and come behind `after`, by key. An empty `after` begins at
    /// the first.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn kept_below(
        &mut self,
        org: &OrgName,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError>;

    /// At most `limit` records of the audit log, from an index on.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn audit(&mut self, org: &OrgName, from_index: u64, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Length and last hash of the audit log.
    ///
    /// # Errors
    /// `Unavailable` or `Inconsistent`.
    fn checkpoint(&mut self, org: &OrgName) -> Result<Checkpoint, StoreError>;
}

/// What [`Store::load`] gives back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// A row for each resource asked for; `None` where nothing is known.
    pub rows: Vec<Option<Shared<ResourceRow>>>,
    /// The intents asked for.
    pub intents: Vec<IntentRecord>,
}

/// A write attempt with its end.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAttempt {
    /// The attempt as recorded before it left.
    pub record: Shared<AttemptRecord>,
    /// How it ended; `None` while it is open.
    pub outcome: Option<AttemptOutcome>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl StoredAttempt {
    /// The attempt and how it ended, as those ask for it who tell what an intent wrote.
    #[must_use]
    pub fn with_end(&self) -> (&AttemptRecord, Option<&AttemptOutcome>) {
        (&self.record, self.outcome.as_ref())
    }
}

/// Which intents a listing is about. Every condition given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// Only these states; all when empty.
    pub states: BTreeSet<State>,
    /// Only this source.
    pub source: Option<SourceName>,
    /// Only resources of this kind.
    pub kind: Option<String>,
    /// Only this resource, by the name that the intent goes by at present.
    pub resource: Option<Resource>,
    /// Only this code, for example `review/true_conflict`.
    pub code: Option<String>,
    /// At most so many; 100 by default.
    pub limit: usize,
    /// Only intents behind this place in the order of acceptance, in the direction of the listing:
    /// the place of the last intent of the page before.
    pub after: Option<u64>,
    /// By which end it begins.
    pub direction: Direction,
}

/// By which end of the order of acceptance a listing begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Oldest first.
    #[default]
    OldestFirst,
    /// Newest first.
    NewestFirst,
}

impl Default for ListFilter {
    fn default() -> Self {
        Self {
            states: BTreeSet::new(),
            source: None,
            kind: None,
            resource: None,
            code: None,
            limit: 100,
            after: None,
            direction: Direction::OldestFirst,
        }
    }
}

impl ListFilter {
    /// Whether a record meets the conditions; limit and direction are the listing's business.
    #[must_use]
    pub fn lets_through(&self, record: &IntentRecord) -> bool {
        let behind = |after: u64| match self.direction {
            Direction::OldestFirst => record.order > after,
            Direction::NewestFirst => record.order < after,
        };
        (self.states.is_empty() || self.states.contains(&record.status.state))
            && self.source.as_ref().is_none_or(|source| *source == record.source)
            && self.kind.as_ref().is_none_or(|kind| *kind == record.resource.kind)
            && self.resource.as_ref().is_none_or(|resource| *resource == record.resource)
            && self.code.as_ref().is_none_or(|code| Some(code) == record.status.code.as_ref())
            && self.after.is_none_or(behind)
    }
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        (**self).commit(org, commits)
    }

    fn load(&mut self, org: &OrgName, resources: &[Resource], intents: &[IntentId]) -> Result<Loaded, StoreError> {
        (**self).load(org, resources, intents)
    }

    fn recover(&mut self, org: &OrgName) -> Result<Recovery, StoreError> {
        (**self).recover(org)
    }

    fn intent(&mut self, org: &OrgName, id: IntentId) -> Result<Option<IntentRecord>, StoreError> {
        (**self).intent(org, id)
    }

    fn list(&mut self, org: &OrgName, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError> {
        (**self).list(org, filter)
    }

    fn attempts_of(&mut self, org: &OrgName, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError> {
        (**self).attempts_of(org, id)
    }

    fn row(&mut self, org: &OrgName, resource: &Resource) -> Result<Option<Shared<ResourceRow>>, StoreError> {
        (**self).row(org, resource)
    }

    fn counts(&mut self, org: &OrgName) -> Result<BTreeMap<State, u64>, StoreError> {
        (**self).counts(org)
    }

    fn kept(&mut self, org: &OrgName, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        (**self).kept(org, key)
    }

    fn kept_below(
        &mut self,
        org: &OrgName,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        (**self).kept_below(org, prefix, after, limit)
    }

    fn audit(&mut self, org: &OrgName, from_index: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        (**self).audit(org, from_index, limit)
    }

    fn checkpoint(&mut self, org: &OrgName) -> Result<Checkpoint, StoreError> {
        (**self).checkpoint(org)
    }
}
