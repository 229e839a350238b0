//! Everything open for one resource, and the order in which lanes become turns.

use crate::commit::AttemptRecord;
use crate::ids::{IntentId, SourceName, TurnId};
use crate::input::{Decision, Pass};
use crate::intent::{Resource, Urgency};
use crate::shadow::Snapshot;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Names a lane: a resource, or an operation on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneKey {
    pub(super) resource: Resource,
    pub(super) operation: Option<String>,
}

/// What a lane waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wake {
    /// Nothing to do.
    Idle,
    /// Its place in the budget.
    Ready,
    /// An instant.
    At(Timestamp),
    /// A lock domain.
    Lock(String),
    /// The release of a brake.
    Brake,
    /// Earlier intents that a publish must carry.
    Barrier,
}

/// Everything open for one resource.
#[derive(Debug)]
pub(super) struct Lane {
    /// Open intents in order of acceptance, those in review included.
    pub(super) members: BTreeMap<u64, IntentId>,
    pub(super) wake: Wake,
    /// What it waited for when a read or a decision came between; restored after that.
    pub(super) rest: Option<Wake>,
    /// The turn that holds it.
    pub(super) held_by: Option<TurnId>,
    /// A write that may have taken effect: to be resolved before anything else.
    pub(super) unresolved: Option<Box<AttemptRecord>>,
    /// The shadow is not to be trusted.
    pub(super) must_read: bool,
    /// The version at which a write was refused as stale.
    pub(super) stale_at: Option<u64>,
    /// Reads went on to show that version: a lagging read or a lock.
    pub(super) contended: bool,
    /// When reads began to lag.
    pub(super) lags_since: Option<Timestamp>,
    /// When a lock was met first.
    pub(super) locked_since: Option<Timestamp>,
    /// Exchanges in a row without a usable answer.
    pub(super) failures: u32,
    /// Answers in a row that there is no such record.
    pub(super) misses: u32,
    /// How many lanes the next envelope may carry, while a culprit is looked for.
    pub(super) share_max: Option<usize>,
    /// How many records were refused together just now, with one answer for all.
    pub(super) refused_together: Option<usize>,
    /// How many members the next write may carry, while a culprit is looked for.
    pub(super) take: Option<usize>,
    pub(super) decisions: Vec<Decision>,
    pub(super) cancels: BTreeMap<IntentId, String>,
    pub(super) reads: Vec<Pass>,
    pub(super) observed: Vec<(Snapshot, Option<SourceName>)>,
    /// Members past their deadline or withdrawn: to be ended without a request.
    pub(super) chores: bool,
    /// An operation under way.
    pub(super) run: Option<Run>,
    place: Option<(String, Rank)>,
}

/// An operation under way.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) job: Option<String>,
    pub(super) since: Timestamp,
    /// Jobs known to have ended before the run that goes on: a status that names one lags behind.
    pub(super) old_jobs: BTreeSet<String>,
    /// Until this instant a status that shows no run may lag behind one that is known.
    pub(super) assumed_until: Option<Timestamp>,
    /// The newest revision that a status showed: one that shows less lags behind.
    pub(super) newest: u64,
    /// The revision that each member wants covered.
    pub(super) wanted: BTreeMap<IntentId, u64>,
}

/// Order among ready lanes: urgency, deadline, acceptance.
pub(super) type Rank = (Urgency, Timestamp, u64);

impl Lane {
    fn new() -> Self {
        Self {
            members: BTreeMap::new(),
            wake: Wake::Idle,
            rest: None,
            held_by: None,
            unresolved: None,
            must_read: false,
            stale_at: None,
            contended: false,
            lags_since: None,
            locked_since: None,
            failures: 0,
            misses: 0,
            share_max: None,
            refused_together: None,
            take: None,
            decisions: Vec::new(),
            cancels: BTreeMap::new(),
            reads: Vec::new(),
            observed: Vec::new(),
            chores: false,
            run: None,
            place: None,
        }
    }

    /// Whether nothing is left to keep in memory.
    fn is_spent(&self) -> bool {
        self.members.is_empty()
            && self.held_by.is_none()
            && self.unresolved.is_none()
            && self.reads.is_empty()
            && self.decisions.is_empty()
            && self.observed.is_empty()
    }

    /// Whether it must have a turn of its own rather than share an envelope.
    pub(super) fn is_solo(&self, key: &LaneKey) -> bool {
        key.operation.is_some()
            || key.resource.id().is_none()
            || self.unresolved.is_some()
            || !self.reads.is_empty()
            || !self.decisions.is_empty()
    }

    /// What the target's answers showed of it is out of date: it was read or written well.
    pub(super) fn calm(&mut self) {
        self.must_read = false;
        self.stale_at = None;
        self.contended = false;
        self.lags_since = None;
        self.locked_since = None;
        self.failures = 0;
        self.misses = 0;
        self.share_max = None;
    }
}

/// All lanes of an org, and the ready ones by bucket family and rank.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    all: BTreeMap<LaneKey, Lane>,
    ready: BTreeMap<String, BTreeSet<(Rank, LaneKey)>>,
    chores: BTreeSet<LaneKey>,
}

impl Lanes {
    /// The lane, made if there is none.
    pub(super) fn lane(&mut self, key: &LaneKey) -> &mut Lane {
        self.all.entry(key.clone()).or_insert_with(Lane::new)
    }

    pub(super) fn look(&self, key: &LaneKey) -> Option<&Lane> {
        self.all.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&LaneKey, &Lane)> {
        self.all.iter()
    }

    /// Puts a lane among the ready ones of a family.
    pub(super) fn enqueue(&mut self, key: &LaneKey, family: String, rank: Rank) {
        self.dequeue(key);
        let lane = self.lane(key);
        lane.wake = Wake::Ready;
        lane.place = Some((family.clone(), rank));
        self.ready.entry(family).or_default().insert((rank, key.clone()));
    }

    /// Takes a lane out of the ready ones.
    pub(super) fn dequeue(&mut self, key: &LaneKey) {
        let Some(place) = self.all.get_mut(key).and_then(|lane| lane.place.take()) else { return };
        if let Some(set) = self.ready.get_mut(&place.0) {
            set.remove(&(place.1, key.clone()));
            if set.is_empty() {
                self.ready.remove(&place.0);
            }
        }
    }

    pub(super) fn families(&self) -> Vec<String> {
        self.ready.keys().cloned().collect()
    }

    /// The first ready lane of a family.
    pub(super) fn first(&self, family: &str) -> Option<&(Rank, LaneKey)> {
        self.ready.get(family)?.first()
    }

    /// The ready lanes of a family, in order.
    pub(super) fn ready(&self, family: &str) -> impl Iterator<Item = &LaneKey> {
        self.ready.get(family).into_iter().flatten().map(|(_, key)| key)
    }

    pub(super) fn add_chore(&mut self, key: &LaneKey) {
        self.lane(key).chores = true;
        self.chores.insert(key.clone());
    }

    /// The next lane with something to do that needs no request.
    pub(super) fn next_chore(&mut self) -> Option<LaneKey> {
        let free = self.chores.iter().find(|key| self.all.get(*key).is_none_or(|lane| lane.held_by.is_none()))?.clone();
        self.chores.remove(&free);
        Some(free)
    }

    /// Forgets a lane that has nothing left.
    pub(super) fn sweep(&mut self, key: &LaneKey) {
        if self.all.get(key).is_some_and(Lane::is_spent) {
            self.dequeue(key);
            self.chores.remove(key);
            self.all.remove(key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}
