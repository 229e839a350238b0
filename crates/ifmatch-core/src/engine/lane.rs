//! Everything open for one resource, and the order in which lanes become turns.

use super::ready::{Place, Queue, Unit};
use super::spans::Start;
use crate::commit::AttemptRecord;
use crate::dialect::Dialect;
use crate::evidence::Evidence;
use crate::ids::{IntentId, TurnId};
use crate::input::{Decision, Pass};
use crate::intent::{Resource, Urgency};
use crate::shadow::Snapshot;
use crate::shared::Shared;
use jiff::Timestamp;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many announced versions a lane keeps.
const ANNOUNCED_MAX: usize = 16;

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
    pub(super) unresolved: Option<Shared<AttemptRecord>>,
    /// How it failed first.
    pub(super) failed_as: Option<String>,
    /// How it fails again and again, where each copy was answered alike.
    pub(super) failing: Option<Failing>,
    /// Whether a copy of it was sent since.
    pub(super) copied: bool,
    /// The last intent, by the order of acceptance, for which the shadow was confirmed: it was asked for later than that
    /// one was accepted.
    pub(super) confirmed: u64,
    /// The shadow is not to be trusted.
    pub(super) must_read: bool,
    /// The newest version that was announced since it was read: an older shadow is not to be trusted.
    pub(super) must_know: Option<u64>,
    /// When a record like the one that it is to make was looked for last, and none was there.
    pub(super) sought: Option<Timestamp>,
    /// What the next question is about: when the record was written, which the usual read does not tell.
    pub(super) must_read_stamps: bool,
    /// The version at which that was asked already.
    pub(super) stamps_asked_at: Option<u64>,
    /// The version at which a write was refused as stale.
    pub(super) stale_at: Option<u64>,
    /// Reads went on to show that version: a lagging read or a lock.
    pub(super) contended: bool,
    /// What refusals said that have no words for why, since the version at which they came.
    pub(super) bare: Option<Bare>,
    /// What refusals said in the words of a lock.
    pub(super) lock_label: Option<LockLabel>,
    /// What the last refusal of it alone said in words, and the version at which it did.
    pub(super) told: Option<(Option<u64>, Box<Evidence>)>,
    /// When reads began to lag.
    pub(super) lags_since: Option<Timestamp>,
    /// When a lock was met first.
    pub(super) locked_since: Option<Timestamp>,
    /// The last exchange came to nothing for a reason that says nothing of the lock.
    pub(super) put_off: bool,
    /// Exchanges in a row without a usable answer.
    pub(super) failures: u32,
    /// What the last read that failed was answered.
    pub(super) trouble: Option<String>,
    /// Answers in a row that there is no such record.
    pub(super) misses: u32,
    /// How many lanes the next envelope may carry, while a culprit is looked for.
    pub(super) share_max: Option<usize>,
    /// How often it was refused together with others, while a culprit is looked for: who was less often goes first.
    pub(super) sifted: u32,
    /// It waits for what stands above all records of its envelope.
    pub(super) held_above: bool,
    /// It waits for a right that is missing for its kind.
    pub(super) lacks_right: bool,
    /// How many records were refused together just now, with one answer for all.
    pub(super) refused_together: Option<usize>,
    /// How many members the next write may carry, while a culprit is looked for.
    pub(super) take: Option<usize>,
    pub(super) decisions: Vec<Decision>,
    pub(super) reads: Vec<Pass>,
    pub(super) observed: Vec<Snapshot>,
    /// Members past their deadline or withdrawn: to be ended without a request.
    pub(super) chores: bool,
    /// Versions that were announced since its shadow was confirmed.
    pub(super) announced: Vec<u64>,
    /// What a write of ours was let through over is looked for.
    pub(super) slipped: bool,
    /// Something is to be put back, also where no intent is open.
    pub(super) owes: bool,
    /// An operation under way.
    pub(super) run: Option<Run>,
    /// The envelope that carries it, where one carries several resources.
    pub(super) envelope: Option<Arc<str>>,
    place: Option<Place>,
}

/// Refusals in a row that do not say why.
#[derive(Debug)]
pub(super) struct Bare {
    /// Whether a lock may be told so.
    pub(super) may_be_lock: bool,
    /// When the first one came.
    pub(super) since: Timestamp,
    /// How many there were.
    pub(super) times: u32,
    /// The last of them, and the write that it refused.
    pub(super) last: Box<(AttemptRecord, Evidence)>,
}

/// Refusals in the words of a lock, and what speaks against them.
#[derive(Debug, Default)]
pub(super) struct LockLabel {
    /// The version at which the last one came, or that was seen since.
    pub(super) at: Option<u64>,
    /// Whom it refused.
    pub(super) refused: BTreeSet<IntentId>,
    /// How often it was seen to have changed since.
    pub(super) moves: u32,
    /// How often it was announced as free and refused after that.
    pub(super) frees: u32,
    /// When an announcement was counted last.
    pub(super) counted: Option<Timestamp>,
    /// Whether the record was announced as free since.
    pub(super) freed: bool,
}

/// Answers in a row that a write failed inside the target.
#[derive(Debug)]
pub(super) struct Failing {
    /// How many there were.
    pub(super) times: u32,
    /// When the first one came.
    pub(super) first: Timestamp,
    /// When the last one came.
    pub(super) last: Timestamp,
    /// The last one.
    pub(super) evidence: Box<Evidence>,
}

/// An operation under way.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) job: Option<String>,
    pub(super) since: Timestamp,
    /// Our own start of it.
    pub(super) started: Option<Start>,
    /// When its status was asked last.
    pub(super) looked: Timestamp,
    /// Jobs known to have ended before the run that goes on: a status that names one lags behind.
    pub(super) old_jobs: BTreeSet<String>,
    /// Until this instant a status that shows no run may lag behind one that is known.
    pub(super) assumed_until: Option<Timestamp>,
    /// Until this instant no status is believed that shows a run ended: which run it was that the
    /// members follow is not known after a restart, and a status that lags may show an earlier one.
    pub(super) doubted_until: Option<Timestamp>,
    /// The newest revision that a status showed: one that shows less lags behind.
    pub(super) newest: u64,
    /// Starts in a row that were refused as if a run went on, without one being seen.
    pub(super) refusals: u32,
    /// The revision that each member wants covered.
    pub(super) wanted: BTreeMap<IntentId, u64>,
}

/// Order among ready lanes: urgency, deadline, acceptance.
pub(super) type Rank = (Urgency, Timestamp, u64);

impl Lane {
    fn new(envelope: Option<Arc<str>>) -> Self {
        Self {
            envelope,
            members: BTreeMap::new(),
            wake: Wake::Idle,
            rest: None,
            held_by: None,
            unresolved: None,
            failed_as: None,
            failing: None,
            copied: false,
            confirmed: 0,
            must_read: false,
            must_know: None,
            sought: None,
            must_read_stamps: false,
            stamps_asked_at: None,
            stale_at: None,
            contended: false,
            bare: None,
            lock_label: None,
            told: None,
            lags_since: None,
            locked_since: None,
            put_off: false,
            failures: 0,
            trouble: None,
            misses: 0,
            share_max: None,
            sifted: 0,
            held_above: false,
            lacks_right: false,
            refused_together: None,
            take: None,
            decisions: Vec::new(),
            reads: Vec::new(),
            observed: Vec::new(),
            chores: false,
            announced: Vec::new(),
            slipped: false,
            owes: false,
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
            && !self.has_debt()
    }

    /// Whether something is left to do on account of a write that was let through over others'.
    pub(super) fn has_debt(&self) -> bool {
        self.owes || self.slipped
    }

    /// Whether it must have a turn of its own rather than share an envelope.
    pub(super) fn is_solo(&self, key: &LaneKey) -> bool {
        key.operation.is_some()
            || key.resource.id().is_none()
            || self.unresolved.is_some()
            || self.has_debt()
            || !self.reads.is_empty()
            || !self.decisions.is_empty()
            || self.must_read_stamps
    }

    /// The buckets of its requests, while it is ready.
    pub(super) fn buckets(&self) -> impl Iterator<Item = &str> {
        self.place.iter().flat_map(|place| place.family.split(' '))
    }

    /// Keeps a version that was announced; of many the newest.
    pub(super) fn announce(&mut self, version: u64) {
        if self.announced.len() == ANNOUNCED_MAX {
            self.announced.remove(0);
        }
        self.announced.push(version);
    }

    /// What the target's answers showed of it is out of date: it was read or written well.
    pub(super) fn calm(&mut self) {
        self.must_read = false;
        self.stale_at = None;
        self.contended = false;
        self.bare = None;
        self.told = None;
        self.lags_since = None;
        self.locked_since = None;
        self.failures = 0;
        self.misses = 0;
        self.share_max = None;
        self.sifted = 0;
    }

    /// A write of it was accepted: nothing of that waits any more, and it may go on.
    pub(super) fn written(&mut self) {
        self.calm();
        self.take = None;
        self.unresolved = None;
        self.rest = None;
        self.wake = Wake::Ready;
    }
}

/// All lanes of an org, by envelope as well, and the ready ones.
#[derive(Debug)]
pub(super) struct Lanes {
    dialect: Arc<dyn Dialect>,
    all: BTreeMap<LaneKey, Lane>,
    envelopes: BTreeMap<Arc<str>, BTreeSet<LaneKey>>,
    ready: Queue,
    chores: BTreeSet<LaneKey>,
}

impl Lanes {
    /// No lanes; the dialect tells which of those to come share an envelope.
    pub(super) fn new(dialect: Arc<dyn Dialect>) -> Self {
        Self {
            dialect,
            all: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            ready: Queue::default(),
            chores: BTreeSet::new(),
        }
    }

    /// The lane, made if there is none.
    pub(super) fn lane(&mut self, key: &LaneKey) -> &mut Lane {
        match self.all.entry(key.clone()) {
            Entry::Occupied(lane) => lane.into_mut(),
            Entry::Vacant(place) => {
                let name = self.dialect.envelope(&key.resource).filter(|_| key.operation.is_none());
                place.insert(Lane::new(name.map(|name| join_envelope(&mut self.envelopes, name, key))))
            }
        }
    }

    pub(super) fn look(&self, key: &LaneKey) -> Option<&Lane> {
        self.all.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&LaneKey, &Lane)> {
        self.all.iter()
    }

    /// The lanes that an envelope carries.
    pub(super) fn of_envelope(&self, name: &str) -> impl Iterator<Item = &Lane> {
        self.envelopes.get(name).into_iter().flatten().filter_map(|key| self.all.get(key))
    }

    /// Their names.
    pub(super) fn keys_of_envelope(&self, name: &str) -> Vec<LaneKey> {
        self.envelopes.get(name).into_iter().flatten().cloned().collect()
    }

    /// The lanes of an envelope that are in line.
    pub(super) fn ready_of(&self, name: &str) -> impl Iterator<Item = &LaneKey> {
        let lanes = self.envelopes.get(name).into_iter().flatten();
        lanes.filter(|key| self.all.get(*key).is_some_and(|lane| lane.place.is_some() && !lane.is_solo(key)))
    }

    /// Puts a lane among the ready ones of a family; `presses` where it cannot wait for company.
    pub(super) fn enqueue(&mut self, key: &LaneKey, family: String, rank: Rank, presses: bool) {
        self.dequeue(key);
        let lane = self.lane(key);
        lane.wake = Wake::Ready;
        let envelope = lane.envelope.clone().filter(|_| !lane.is_solo(key));
        let place = Place { family, rank, envelope };
        lane.place = Some(place.clone());
        self.ready.put(key, &place);
        if let Some(envelope) = place.envelope.filter(|_| presses) {
            self.ready.press(&envelope);
        }
    }

    /// Takes a lane out of the ready ones.
    pub(super) fn dequeue(&mut self, key: &LaneKey) {
        let Some(place) = self.all.get_mut(key).and_then(|lane| lane.place.take()) else { return };
        self.ready.take(key, &place);
    }

    pub(super) fn families(&self) -> Vec<String> {
        self.ready.families()
    }

    /// Who is first in the line of a family.
    pub(super) fn first(&self, family: &str) -> Option<&(Rank, Unit)> {
        self.ready.first(family)
    }

    /// The ready lanes of an envelope, in order.
    pub(super) fn together(&self, family: &str, envelope: &Arc<str>) -> impl Iterator<Item = &LaneKey> {
        self.ready.together(family, envelope)
    }

    /// How many ready lanes of an envelope there are, and whether one of them cannot wait.
    pub(super) fn company(&self, family: &str, envelope: &Arc<str>) -> (usize, bool) {
        self.ready.company(family, envelope)
    }

    /// Has the ready lanes of an envelope wait for company.
    pub(super) fn rest(&mut self, family: &str, envelope: &Arc<str>) {
        self.ready.rest(family, envelope);
    }

    /// Whether a ready lane waits for company.
    pub(super) fn rests(&self, lane: &Lane) -> bool {
        lane.place.as_ref().is_some_and(|place| self.ready.rests(place))
    }

    /// Has an envelope that waited for company looked at again.
    pub(super) fn rouse(&mut self, envelope: &Arc<str>) {
        self.ready.rouse(envelope);
    }

    /// Somebody waits for what an envelope carries.
    pub(super) fn press(&mut self, envelope: &str) {
        if let Some((name, _)) = self.envelopes.get_key_value(envelope) {
            self.ready.press(name);
        }
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
            let envelope = self.all.remove(key).and_then(|lane| lane.envelope);
            self.leave_envelope(key, envelope.as_ref());
        }
    }

    fn leave_envelope(&mut self, key: &LaneKey, name: Option<&Arc<str>>) {
        let Some(name) = name else { return };
        let Some(lanes) = self.envelopes.get_mut(name) else { return };
        lanes.remove(key);
        if lanes.is_empty() {
            self.envelopes.remove(name);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

/// Adds a lane to those of its envelope; the name as they share it.
fn join_envelope(envelopes: &mut BTreeMap<Arc<str>, BTreeSet<LaneKey>>, name: String, key: &LaneKey) -> Arc<str> {
    let known = envelopes.get_key_value(name.as_str()).map(|(name, _)| Arc::clone(name));
    let name = known.unwrap_or_else(|| Arc::from(name));
    envelopes.entry(Arc::clone(&name)).or_default().insert(key.clone());
    name
}
