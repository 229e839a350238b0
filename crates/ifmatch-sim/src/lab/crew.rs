//! The workers of all sources that run a loop: which item is under way, what its machine does next,
//! what came of it. Without I/O: the driver in virtual time and the one over HTTP carry out the same
//! [`Step`]s.

use super::course::{Course, End, Ended, Traces};
use super::senders::Senders;
use super::strategy::{Do, Heard, Strategy, Wanted};
use super::wire;
use super::workload::Workload;
use crate::rng::Rng;
use ifmatch_sandbox::{LedgerEntry, Request, fingerprint};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How long a loop waits for an answer, in milliseconds.
pub const PATIENCE_MS: i64 = 15_000;
/// How long a loop uses a token before it fetches a new one, in milliseconds; sooner after a 401.
pub const TOKEN_MS: i64 = 30 * 60_000;

/// What is to be done for an item; what comes of it is told to [`Crew::hears`].
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A request goes to the target, without a token as yet.
    Send {
        /// The item.
        item: usize,
        /// The request.
        request: Request,
        /// Whether it writes.
        is_write: bool,
    },
    /// So many milliseconds pass.
    Sleep {
        /// The item.
        item: usize,
        /// How many.
        ms: i64,
    },
}

/// One item under way.
#[derive(Debug)]
struct Work {
    machine: Box<dyn Strategy>,
    rng: Rng,
    last_was_write: bool,
}

/// The workers of all sources, each with one item at a time. Times are milliseconds since the start.
#[derive(Debug)]
pub struct Crew<'a> {
    workload: &'a Workload,
    /// Names its own random numbers.
    name: &'a str,
    make: fn(Wanted) -> Box<dyn Strategy>,
    senders: Senders<'a>,
    works: BTreeMap<usize, Work>,
    /// Items under way and waiting, by source.
    desks: BTreeMap<&'a str, (usize, VecDeque<usize>)>,
    ended: BTreeMap<usize, Ended>,
    tried: BTreeMap<usize, bool>,
    /// When which item sent a body, by the body's fingerprint.
    sent: BTreeMap<String, Vec<(i64, usize)>>,
}

impl<'a> Crew<'a> {
    /// A crew for a strategy's machines.
    #[must_use]
    pub fn new(workload: &'a Workload, name: &'a str, make: fn(Wanted) -> Box<dyn Strategy>) -> Self {
        Self {
            workload,
            name,
            make,
            senders: Senders::new(workload),
            works: BTreeMap::new(),
            desks: BTreeMap::new(),
            ended: BTreeMap::new(),
            tried: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    /// A source looks at a record.
    pub fn sees(&mut self, source: &str, path: &str, record: Value) {
        self.senders.sees(source, path, record);
    }

    /// How many items ended.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.ended.len()
    }

    /// The next item is spoken; its first step, unless all workers of its source are busy.
    pub fn speaks(&mut self, at_ms: i64) -> Option<Step> {
        let (number, wanted) = self.senders.wanted();
        let item = &self.workload.items[number];
        let rng = Rng::named(self.workload.setup.seed, &format!("{} {number}", self.name));
        self.works.insert(number, Work { machine: (self.make)(wanted), rng, last_was_write: false });
        let (busy, queue) = self.desks.entry(&item.source).or_default();
        if item.workers == 0 || *busy < item.workers {
            *busy += 1;
            return self.hears(number, Heard::Begin, at_ms);
        }
        queue.push_back(number);
        None
    }

    /// What came of an item's step, and its next one; when it ends, that of the item that waited
    /// for its worker.
    pub fn hears(&mut self, number: usize, heard: Heard, at_ms: i64) -> Option<Step> {
        let work = self.works.get_mut(&number)?;
        if work.last_was_write {
            let refused = matches!(&heard, Heard::Refused(refusal) if refusal.is_conflict);
            self.tried.entry(number).or_insert(refused);
        }
        work.last_was_write = false;
        let item = &self.workload.items[number];
        match work.machine.next(heard, &mut work.rng) {
            Do::Read => Some(Step::Send { item: number, request: wire::read(item), is_write: false }),
            Do::Write(record, stamp) => {
                work.last_was_write = true;
                let request = wire::write(item, &record, stamp);
                self.sent.entry(fingerprint(&request.body)).or_default().push((at_ms, number));
                Some(Step::Send { item: number, request, is_write: true })
            }
            Do::Sleep(ms) => Some(Step::Sleep { item: number, ms }),
            Do::End(end) => self.ends(number, end, at_ms),
        }
    }

    fn ends(&mut self, number: usize, end: End, at_ms: i64) -> Option<Step> {
        self.works.remove(&number);
        self.ended.insert(number, self.account(number, end, at_ms));
        let (busy, queue) = self.desks.get_mut(self.workload.items[number].source.as_str())?;
        match queue.pop_front() {
            Some(next) => self.hears(next, Heard::Begin, at_ms),
            None => {
                *busy = busy.saturating_sub(1);
                None
            }
        }
    }

    fn account(&self, number: usize, end: End, at_ms: i64) -> Ended {
        let tried = self.tried.get(&number).copied();
        Ended { end, at_ms, was_tried: tried.is_some(), first_refused: tried.unwrap_or(false) }
    }

    /// What came of all items; those that did not end are pending.
    #[must_use]
    pub fn course(self, traces: Traces) -> Course {
        let made: BTreeMap<u64, Vec<usize>> = traces
            .ledger
            .iter()
            .filter_map(|entry| Some((entry.seq, vec![self.sender(entry, traces.start_ms)?])))
            .collect();
        let wrote: BTreeSet<usize> = made.values().flatten().copied().collect();
        let end_ms = self.workload.setup.end_at;
        let ended = (0..self.workload.items.len()).map(|number| {
            let known = self.ended.get(&number).copied();
            let ended = known.unwrap_or_else(|| self.account(number, End::Pending, end_ms));
            // A write that the target took without a change is one that it held already.
            let idle = ended.end == End::Landed && !wrote.contains(&number);
            if idle { Ended { end: End::Satisfied, ..ended } } else { ended }
        });
        let ended = ended.collect();
        Course {
            ended,
            told: self.senders.told(),
            made,
            needless_reviews: 0,
            violations: Vec::new(),
            ledger: traces.ledger,
            stats: traces.stats,
            start_ms: traces.start_ms,
            edits: traces.edits,
        }
    }

    /// The item whose write is an entry: the last one that sent those bytes by then.
    fn sender(&self, entry: &LedgerEntry, start_ms: i64) -> Option<usize> {
        entry.client_id.as_ref()?;
        let sent = self.sent.get(entry.request_hash.as_ref()?)?;
        let latest = sent.iter().map(|(at, _)| *at).filter(|at| start_ms + at <= entry.at).max();
        let latest = latest.or_else(|| sent.first().map(|(at, _)| *at))?;
        // Of several in one instant the first one had its effect.
        sent.iter().find(|(at, _)| *at == latest).map(|(_, number)| *number)
    }
}
