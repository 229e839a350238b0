//! Drives the loops against the sandbox in virtual time: one machine an item, workers one after the other.

use super::course::{Course, End, Ended, Told};
use super::strategy::{Do, Heard, Strategy, Wanted};
use super::wire;
use super::workload::{Item, Workload};
use crate::rng::Rng;
use crate::script::Op;
use crate::truth::Truth;
use base64::Engine as _;
use ifmatch_core::Timestamp;
use ifmatch_sandbox::{Delivery, Request, Sandbox};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// How long a loop waits for an answer.
const PATIENCE_MS: i64 = 15_000;
/// How soon it notices a broken connection.
const BREAK_MS: i64 = 20;
/// How long a token is used before a new one is fetched.
const TOKEN_MS: i64 = 30 * 60_000;

/// Runs a loop over a workload. `name` names its own random numbers.
#[must_use]
pub(super) fn drive(workload: &Workload, name: &str, make: fn(Wanted) -> Box<dyn Strategy>) -> Course {
    let mut drive = Drive::new(workload, name, make);
    drive.run();
    drive.course()
}

/// One item under way.
#[derive(Debug)]
struct Work {
    machine: Box<dyn Strategy>,
    rng: Rng,
    last_was_write: bool,
}

/// What comes, and when.
#[derive(Debug)]
enum Coming {
    Op(usize),
    Heard(usize, Heard),
}

struct Drive<'a> {
    workload: &'a Workload,
    name: &'a str,
    make: fn(Wanted) -> Box<dyn Strategy>,
    sandbox: Sandbox,
    start_ms: i64,
    now: i64,
    coming: BTreeMap<(i64, u64), Coming>,
    sequence: u64,
    token: String,
    token_at: i64,
    spoken: usize,
    truth: Truth,
    told: Vec<Told>,
    works: BTreeMap<usize, Work>,
    /// Items under way and waiting, by source.
    desks: BTreeMap<&'a str, (usize, VecDeque<usize>)>,
    ended: BTreeMap<usize, Ended>,
    tried: BTreeMap<usize, bool>,
    made: BTreeMap<u64, Vec<usize>>,
    /// The last item that sent a body, by the body's fingerprint.
    hashes: BTreeMap<String, usize>,
    edits: usize,
}

impl<'a> Drive<'a> {
    fn new(workload: &'a Workload, name: &'a str, make: fn(Wanted) -> Box<dyn Strategy>) -> Self {
        let setup = &workload.setup;
        let start: Timestamp = setup.start.parse().expect("a workload starts at an instant");
        let start_ms = start.as_millisecond();
        let coming = setup.ops.iter().enumerate();
        let coming = coming.map(|(place, (at, _))| ((start_ms + at, place as u64), Coming::Op(place))).collect();
        Self {
            workload,
            name,
            make,
            sandbox: Sandbox::new(setup.scenario.clone(), setup.seed, start_ms),
            start_ms,
            now: start_ms,
            coming,
            sequence: setup.ops.len() as u64,
            token: String::new(),
            token_at: i64::MIN,
            spoken: 0,
            truth: Truth::default(),
            told: Vec::new(),
            works: BTreeMap::new(),
            desks: BTreeMap::new(),
            ended: BTreeMap::new(),
            tried: BTreeMap::new(),
            made: BTreeMap::new(),
            hashes: BTreeMap::new(),
            edits: 0,
        }
    }

    fn run(&mut self) {
        let calm_at = self.start_ms + self.workload.setup.calm_at;
        let end_at = self.start_ms + self.workload.setup.end_at;
        let mut calm = false;
        while let Some(((at, _), coming)) = self.coming.pop_first() {
            if at > end_at {
                break;
            }
            self.now = self.now.max(at);
            if !calm && at >= calm_at {
                calm = true;
                self.sandbox.calm_down();
            }
            match coming {
                Coming::Op(place) => self.act(place),
                Coming::Heard(item, heard) => self.hear(item, heard),
            }
        }
        // What goes on by itself, such as a publish, is seen to its end.
        self.sandbox.advance(end_at);
    }

    fn later(&mut self, after_ms: i64, item: usize, heard: Heard) {
        self.sequence += 1;
        self.coming.insert((self.now + after_ms, self.sequence), Coming::Heard(item, heard));
    }

    fn act(&mut self, place: usize) {
        let workload = self.workload;
        match &workload.setup.ops[place].1 {
            Op::Look { source, path } => {
                self.sandbox.advance(self.now);
                if let Some(record) = self.sandbox.record(path) {
                    self.truth.sees(source.clone(), path.clone(), record);
                }
            }
            Op::Edit { path, patch, by } => {
                self.edits += usize::from(self.sandbox.edit(self.now, path, patch, by).is_ok());
            }
            Op::Lock { path, seconds } => {
                // A record that is gone cannot be locked.
                drop(self.sandbox.lock(self.now, path, *seconds));
            }
            Op::Wish(_) | Op::Submit { .. } => self.takes(),
            Op::Show { .. }
            | Op::Again { .. }
            | Op::Crash(_)
            | Op::Pause { .. }
            | Op::SetBack { .. }
            | Op::FailCommits(_)
            | Op::Decide(_) => {}
        }
    }

    /// The next item is sent.
    fn takes(&mut self) {
        let number = self.spoken;
        self.spoken += 1;
        let item = &self.workload.items[number];
        let wanted = self.wanted(item);
        let rng = Rng::named(self.workload.setup.seed, &format!("{} {number}", self.name));
        self.works.insert(number, Work { machine: (self.make)(wanted), rng, last_was_write: false });
        let (busy, queue) = self.desks.entry(&item.source).or_default();
        if item.workers == 0 || *busy < item.workers {
            *busy += 1;
            self.hear(number, Heard::Begin);
        } else {
            queue.push_back(number);
        }
    }

    /// What the source wants, from what it has in mind.
    fn wanted(&mut self, item: &Item) -> Wanted {
        let key = (item.source.clone(), item.path.clone());
        let mind = self.truth.minds.get(&key).cloned().unwrap_or(Value::Null);
        let saw = self.truth.seen.get(&key).cloned().unwrap_or(Value::Null);
        let is_new = item.is_new();
        let mine = if is_new { item.set.clone() } else { wire::patched(&item.kind, &mind, &item.set) };
        self.told.push(Told { saw, believed: mind });
        if !is_new && !item.is_publish() {
            self.truth.minds.insert(key, mine.clone());
        }
        Wanted { kind: item.kind.clone(), mine, set: item.set.clone(), is_new }
    }

    fn hear(&mut self, number: usize, heard: Heard) {
        let Some(work) = self.works.get_mut(&number) else { return };
        if work.last_was_write {
            let refused = matches!(&heard, Heard::Refused(refusal) if refusal.is_conflict);
            self.tried.entry(number).or_insert(refused);
        }
        work.last_was_write = false;
        match work.machine.next(heard, &mut work.rng) {
            Do::Read => self.sends(number, &wire::read(&self.workload.items[number]), false),
            Do::Write(record, stamp) => {
                work.last_was_write = true;
                self.sends(number, &wire::write(&self.workload.items[number], &record, stamp), true);
            }
            Do::Sleep(ms) => self.later(ms, number, Heard::Woken),
            Do::End(end) => self.ends(number, end),
        }
    }

    fn ends(&mut self, number: usize, end: End) {
        self.works.remove(&number);
        // A write that the target took without a change is one that it held already.
        let wrote = self.made.values().any(|items| items.contains(&number));
        let end = if end == End::Landed && !wrote { End::Satisfied } else { end };
        self.ended.insert(number, self.account(number, end, self.now - self.start_ms));
        let source = self.workload.items[number].source.as_str();
        let Some((busy, queue)) = self.desks.get_mut(source) else { return };
        match queue.pop_front() {
            Some(next) => self.hear(next, Heard::Begin),
            None => *busy = busy.saturating_sub(1),
        }
    }

    fn account(&self, number: usize, end: End, at_ms: i64) -> Ended {
        let tried = self.tried.get(&number).copied();
        Ended { end, at_ms, was_tried: tried.is_some(), first_refused: tried.unwrap_or(false) }
    }

    fn sends(&mut self, number: usize, request: &Request, is_write: bool) {
        let mut request = request.clone();
        request.headers.push(("authorization".to_owned(), format!("Bearer {}", self.token())));
        let before = self.sandbox.ledger().len();
        let delivery = self.sandbox.handle(self.now, &request);
        if is_write {
            let hash = wire::fingerprint(&request.body);
            let new = self.sandbox.ledger()[before..].iter();
            let mine = new.filter(|entry| entry.at == self.now && entry.request_hash.as_ref() == Some(&hash));
            self.made.extend(mine.map(|entry| (entry.seq, vec![number])));
            self.hashes.insert(hash, number);
        }
        match delivery {
            Delivery::Answer { response, after_ms } if after_ms < PATIENCE_MS => {
                let heard = wire::heard(&self.workload.items[number], is_write, &response);
                self.later(after_ms, number, heard);
            }
            Delivery::Answer { .. } | Delivery::Lost { .. } => self.later(PATIENCE_MS, number, Heard::Nothing),
            Delivery::Reset { .. } => self.later(BREAK_MS, number, Heard::Nothing),
        }
    }

    /// A token that holds; fetching one counts for nobody.
    fn token(&mut self) -> String {
        if self.token_at == i64::MIN || self.now - self.token_at > TOKEN_MS {
            let credentials = self.sandbox.credentials();
            let pair = format!("{}:{}", credentials.client_id, credentials.client_secret);
            let basic = base64::engine::general_purpose::STANDARD.encode(pair);
            let request = Request {
                method: "POST".to_owned(),
                path: "/oauth/token".to_owned(),
                headers: vec![("authorization".to_owned(), format!("Basic {basic}"))],
                body: b"grant_type=client_credentials".to_vec(),
            };
            if let Delivery::Answer { response, .. } = self.sandbox.handle(self.now, &request) {
                let body = response.json().unwrap_or_default();
                self.token = body["access_token"].as_str().unwrap_or_default().to_owned();
            }
            self.token_at = self.now;
        }
        self.token.clone()
    }

    fn course(mut self) -> Course {
        // Writes that took effect long after they were sent.
        for entry in self.sandbox.ledger().iter().filter(|entry| entry.client_id.is_some()) {
            let sender = entry.request_hash.as_ref().and_then(|hash| self.hashes.get(hash));
            if let Some(number) = sender {
                self.made.entry(entry.seq).or_insert_with(|| vec![*number]);
            }
        }
        let end_ms = self.workload.setup.end_at;
        let items = 0..self.workload.items.len();
        let ended = items.map(|number| {
            self.ended.get(&number).copied().unwrap_or_else(|| self.account(number, End::Pending, end_ms))
        });
        Course {
            ended: ended.collect(),
            ledger: self.sandbox.ledger().to_vec(),
            stats: self.sandbox.stats(),
            start_ms: self.start_ms,
            told: self.told,
            made: self.made,
            edits: self.edits,
            needless_reviews: 0,
            violations: Vec::new(),
        }
    }
}
