//! One run: the engine and everything around it, one thread, virtual time.

mod effects;
mod people;
mod sources;

use crate::log::EventLog;
use crate::script::{Body, CrashPoint, Setup};
use crate::truth::Truth;
use ifmatch_core::{
    AttemptId, Effect, Engine, EngineConfig, Input, IntentId, IntentStatus, Limits, OrgName, SourceConfig, SourceName,
    Ticket, Timestamp,
};
use ifmatch_dialects::WfmV2;
use ifmatch_sandbox::{LedgerEntry, Sandbox};
use ifmatch_store::{MemoryStore, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The org of every run.
pub(crate) const ORG: &str = "sim";

/// One run.
pub struct World {
    pub(crate) setup: Setup,
    pub(crate) start: Timestamp,
    pub(crate) now: Timestamp,
    engine: Engine,
    pub(crate) store: MemoryStore,
    pub(crate) sandbox: Sandbox,
    pub(crate) truth: Truth,
    pub(crate) log: EventLog,
    /// What comes to the engine, and when. Lost in a crash.
    coming: BTreeMap<(Timestamp, u64), Input>,
    /// Submissions that were refused for the moment and arrive once more, and when.
    resends: BTreeMap<(Timestamp, u64), Body>,
    sequence: u64,
    next_op: usize,
    token: Option<String>,
    armed: Option<CrashPoint>,
    /// A commit failed: the store takes none of the later ones until it was read again.
    failing: bool,
    tickets: u64,
    ids: u128,
    bodies: BTreeMap<Ticket, Body>,
    last_body: BTreeMap<String, Body>,
    shows: BTreeMap<Ticket, (String, String)>,
    /// Intents that a caller was told are accepted.
    pub(crate) promised: BTreeSet<IntentId>,
    /// The last status that was told of each intent.
    pub(crate) told: BTreeMap<IntentId, IntentStatus>,
    /// Writes on the wire, by the record's path.
    flying: BTreeMap<AttemptId, String>,
    /// Records with a write on the wire when the process crashed: its copy may still be under way.
    pub(crate) orphaned: BTreeSet<String>,
    /// Sources to which a record was on its way when the process crashed, and its path.
    pub(crate) undelivered: BTreeSet<(String, String)>,
    pub(crate) crashes: u32,
    pub(crate) refused: u32,
    pub(crate) inputs: u64,
    /// Edits of people that the target took.
    pub(crate) edits: usize,
    /// Entries of the target's ledger that the log has.
    noted: usize,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("name", &self.setup.name).field("now", &self.now).finish_non_exhaustive()
    }
}

impl World {
    /// A world at its start.
    ///
    /// # Panics
    /// When the start of the setup is no instant: setups are made by this crate.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let start: Timestamp = setup.start.parse().expect("a setup starts at an instant");
        let sandbox = Sandbox::new(setup.scenario.clone(), setup.seed, start.as_millisecond());
        let engine = engine(&setup, start, 0);
        let mut log = EventLog::from(start);
        log.note(start, "world", setup.drawn().to_string());
        Self {
            log,
            start,
            now: start,
            engine,
            store: MemoryStore::new(),
            sandbox,
            truth: Truth::default(),
            coming: BTreeMap::new(),
            resends: BTreeMap::new(),
            sequence: 0,
            next_op: 0,
            token: None,
            armed: None,
            failing: false,
            tickets: 0,
            ids: u128::from(setup.seed) << 64,
            bodies: BTreeMap::new(),
            last_body: BTreeMap::new(),
            shows: BTreeMap::new(),
            promised: BTreeSet::new(),
            told: BTreeMap::new(),
            flying: BTreeMap::new(),
            orphaned: BTreeSet::new(),
            undelivered: BTreeSet::new(),
            crashes: 0,
            refused: 0,
            inputs: 0,
            edits: 0,
            noted: 0,
            setup,
        }
    }

    /// Runs to the end of the setup, or until nothing is left to do.
    pub fn run(&mut self) {
        self.drain();
        let calm_at = self.at(self.setup.calm_at);
        let end_at = self.at(self.setup.end_at);
        let mut calm = false;
        while let Some(next) = self.next_instant() {
            if !calm && next >= calm_at {
                calm = true;
                self.now = self.now.max(calm_at);
                self.sandbox.calm_down();
                self.log.note(self.now, "world", "faults and people stop");
                continue;
            }
            if next > end_at || (calm && self.next_op >= self.setup.ops.len() && self.is_settled()) {
                break;
            }
            self.now = next;
            self.step();
        }
        self.sandbox.advance(self.now.as_millisecond());
        self.note_target();
    }

    fn at(&self, ms: i64) -> Timestamp {
        self.start + ifmatch_core::SignedDuration::from_millis(ms)
    }

    /// Whether nothing is open but what waits for a person.
    fn is_settled(&self) -> bool {
        self.coming.is_empty()
            && self.resends.is_empty()
            && self.engine.standing().open.keys().all(|state| *state == ifmatch_core::State::Review)
            && self.engine.standing().in_flight == 0
    }

    fn next_instant(&self) -> Option<Timestamp> {
        let op = self.setup.ops.get(self.next_op).map(|(ms, _)| self.at(*ms));
        let input = self.coming.keys().next().map(|(at, _)| *at);
        let timeout = self.engine.poll_timeout();
        let resend = self.resends.keys().next().map(|(at, _)| *at);
        [op, input, resend, timeout].into_iter().flatten().min().map(|at| at.max(self.now))
    }

    /// Does what is due now: one op, or one input, or a tick.
    fn step(&mut self) {
        if let Some((ms, op)) = self.setup.ops.get(self.next_op)
            && self.at(*ms) <= self.now
        {
            let op = op.clone();
            self.next_op += 1;
            self.act(op);
        } else if let Some(entry) = self.resends.first_entry()
            && entry.key().0 <= self.now
        {
            let body = entry.remove();
            self.sends_refused(body);
        } else if let Some(entry) = self.coming.first_entry()
            && entry.key().0 <= self.now
        {
            let input = entry.remove();
            self.feed(input);
        } else {
            self.feed(Input::Tick);
        }
        self.note_target();
    }

    /// Notes what changed in the target since the last step.
    fn note_target(&mut self) {
        let ledger = self.sandbox.ledger();
        for entry in &ledger[self.noted.min(ledger.len())..] {
            self.log.note(self.now, "target", told(entry));
        }
        self.noted = ledger.len();
    }

    fn feed(&mut self, input: Input) {
        self.inputs += 1;
        if let Input::Answered { attempt, .. } | Input::Failed { attempt, .. } = &input {
            self.flying.remove(attempt);
        }
        self.engine.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            self.carry_out(effect);
        }
    }

    /// Something comes to the engine after a while.
    fn later(&mut self, after_ms: i64, input: Input) {
        self.sequence += 1;
        let at = self.now + ifmatch_core::SignedDuration::from_millis(after_ms);
        self.coming.insert((at, self.sequence), input);
    }

    /// The process ends: memory and everything on its way to it is lost. Then it starts again.
    fn crash(&mut self, why: &str) {
        self.crashes += 1;
        self.armed = None;
        self.failing = false;
        self.log.note(self.now, "world", format!("crash {why}"));
        self.coming.clear();
        self.orphaned.extend(std::mem::take(&mut self.flying).into_values());
        self.bodies.clear();
        self.undelivered.extend(std::mem::take(&mut self.shows).into_values());
        self.token = None;
        // What was sent stays on its way to the target; the sandbox took it when it left. Its answers
        // have nobody to arrive at.
        self.sandbox.hang_up(self.now.as_millisecond());
        self.engine = engine(&self.setup, self.now, u64::from(self.crashes));
        while let Some(effect) = self.engine.poll_effect() {
            if let Effect::Recover = effect {
                let recovery = self.store.recover(&OrgName::from(ORG)).expect("the memory store can be read");
                self.later(50, Input::Recovered(Box::new(recovery)));
            }
        }
    }
}

/// What changed in a record, with the values before and after.
fn told(entry: &LedgerEntry) -> String {
    let value = |value: &Option<serde_json::Value>| value.as_ref().map_or("nothing".to_owned(), ToString::to_string);
    let change = |change: &ifmatch_sandbox::Change| {
        format!("{} {} → {}", change.path, value(&change.before), value(&change.after))
    };
    let changes: Vec<String> = entry.changes.iter().map(change).collect();
    let from = entry.from_version.map_or("new".to_owned(), |version| version.to_string());
    format!("{} {} {from} → {}: {}", entry.actor, entry.path, entry.to_version, changes.join(", "))
}

fn engine(setup: &Setup, now: Timestamp, life: u64) -> Engine {
    let source = |spec: &crate::script::SourceSpec| {
        let config = SourceConfig { sends: spec.sends, on_conflict: spec.on_conflict.clone(), answer: spec.answer };
        (SourceName::from(spec.name.as_str()), config)
    };
    let config = EngineConfig {
        org: OrgName::from(ORG),
        sources: setup.sources.iter().map(source).collect(),
        limits: Limits::default(),
        seed: setup.seed.wrapping_add(life),
    };
    Engine::new(Arc::new(WfmV2::default()), config, now)
}
