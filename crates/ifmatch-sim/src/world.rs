//! One run: the engine and everything around it, one thread, virtual time.

mod effects;
mod events;
mod notices;
mod people;
mod process;
mod sources;
mod stored;

use crate::checkers::{Opened, Violation};
use crate::disk::Disk;
use crate::log::EventLog;
use crate::rng::Rng;
use crate::script::{Body, CrashPoint, Op, Setup};
use crate::truth::{Export, Truth};
use ifmatch_core::{
    AttemptId, Effect, Engine, EngineConfig, Input, IntentId, IntentStatus, Limits, OrgName, Shared, SignedDuration,
    SourceConfig, SourceName, Ticket, Timestamp,
};
use ifmatch_sandbox::{LedgerEntry, Sandbox, Socket, Versions};
use ifmatch_store::MemoryStore;
use process::Process;
use sources::Asked;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The org that a run is about, unless it names another.
pub(crate) const ORG: &str = "sim";

/// The most inputs of one run: who takes more spins, and the run ends there. Drawn worlds need a few thousand.
pub(crate) const INPUTS_MAX: u64 = 100_000;

/// One run.
pub struct World {
    pub(crate) setup: Setup,
    org: OrgName,
    pub(crate) start: Timestamp,
    pub(crate) now: Timestamp,
    engine: Engine,
    /// What it remembers, shared with the other org of the same process.
    pub(crate) store: Rc<RefCell<dyn Disk>>,
    pub(crate) process: Process,
    /// When each life of the process began, by the target's clock, and how far its own clock was behind.
    lives: Vec<(Timestamp, SignedDuration)>,
    /// Chance that is neither the sandbox's nor the engine's.
    chance: Rng,
    calm: bool,
    ended: bool,
    pub(crate) sandbox: Sandbox,
    /// When faults and people stop, and when everything must be settled.
    calm_at: Timestamp,
    end_at: Timestamp,
    /// The target as it was at the start, once somebody asked for it.
    first: OnceCell<Sandbox>,
    pub(crate) truth: Truth,
    pub(crate) log: EventLog,
    /// What comes to the engine, and when. Lost in a crash.
    coming: BTreeMap<(Timestamp, u64), Input>,
    /// What sources do while the process stands still: it waits at the door, and when it is taken.
    waiting: BTreeMap<(Timestamp, u64), Op>,
    /// Submissions that were refused for the moment and arrive once more, and when.
    resends: BTreeMap<(Timestamp, u64), Body>,
    sequence: u64,
    next_op: usize,
    token: Option<String>,
    /// The socket in which the target tells things by itself, with its number.
    socket: Option<(u64, Socket)>,
    armed: Option<CrashPoint>,
    /// A commit failed: the store takes none of the later ones until it was read again.
    failing: bool,
    tickets: u64,
    ids: u128,
    bodies: BTreeMap<Ticket, Body>,
    last_body: BTreeMap<String, Body>,
    shows: BTreeMap<Ticket, Asked>,
    /// Intents that a caller was told are accepted.
    pub(crate) promised: BTreeSet<IntentId>,
    /// The last status that was told of each intent.
    pub(crate) told: BTreeMap<IntentId, Shared<IntentStatus>>,
    /// Every review that was opened.
    pub(crate) opened: Vec<Opened>,
    /// Alarms of the engine: code and message.
    pub(crate) alarms: Vec<(&'static str, String)>,
    /// Withdrawals that were not answered yet.
    withdrawals: BTreeMap<Ticket, IntentId>,
    /// Writes on the wire, by the record's path.
    flying: BTreeMap<AttemptId, String>,
    /// Records with a write whose connection was cut, and when: the target may be at it still.
    cut: BTreeMap<String, Timestamp>,
    /// Records with a write on the wire when the engine began anew, after a crash or a failed commit: its copy may still
    /// be under way.
    pub(crate) orphaned: BTreeSet<String>,
    /// Sources to which a record was on its way when the process crashed, and its path.
    pub(crate) undelivered: BTreeSet<(String, String)>,
    pub(crate) refused: u32,
    pub(crate) inputs: u64,
    /// Promises that were seen broken while the world went on.
    pub(crate) broken: Vec<Violation>,
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
        Self::over(setup, Rc::new(RefCell::new(MemoryStore::new())))
    }

    /// A world at its start whose process has a store already.
    pub(crate) fn over(setup: Setup, store: Rc<RefCell<dyn Disk>>) -> Self {
        let start: Timestamp = setup.start.parse().expect("a setup starts at an instant");
        let sandbox = Sandbox::new(setup.scenario.clone(), setup.seed, start.as_millisecond());
        let engine = engine(&setup, start, 0);
        Self {
            org: OrgName::from(setup.org.as_str()),
            log: EventLog::from(start),
            start,
            now: start,
            engine,
            store,
            process: Process::starting(start),
            lives: vec![(start, SignedDuration::ZERO)],
            chance: Rng::named(setup.seed, "world"),
            calm: false,
            ended: false,
            sandbox,
            calm_at: start + SignedDuration::from_millis(setup.calm_at),
            end_at: start + SignedDuration::from_millis(setup.end_at),
            first: OnceCell::new(),
            truth: Truth::default(),
            coming: BTreeMap::new(),
            waiting: BTreeMap::new(),
            resends: BTreeMap::new(),
            sequence: 0,
            next_op: 0,
            token: None,
            socket: None,
            armed: None,
            failing: false,
            tickets: 0,
            ids: u128::from(setup.seed) << 64,
            bodies: BTreeMap::new(),
            last_body: BTreeMap::new(),
            shows: BTreeMap::new(),
            promised: BTreeSet::new(),
            told: BTreeMap::new(),
            opened: Vec::new(),
            alarms: Vec::new(),
            withdrawals: BTreeMap::new(),
            flying: BTreeMap::new(),
            cut: BTreeMap::new(),
            orphaned: BTreeSet::new(),
            undelivered: BTreeSet::new(),
            refused: 0,
            inputs: 0,
            broken: Vec::new(),
            edits: 0,
            noted: 0,
            setup,
        }
    }

    /// The target as it was at the start.
    pub(crate) fn first(&self) -> &Sandbox {
        let start = self.start.as_millisecond();
        self.first.get_or_init(|| Sandbox::new(self.setup.scenario.clone(), self.setup.seed, start))
    }

    /// The org.
    pub(crate) fn org(&self) -> OrgName {
        self.org.clone()
    }

    /// Runs to the end of the setup, or until nothing is left to do.
    pub fn run(&mut self) {
        self.begin();
        while let Some(next) = self.due() {
            self.turn(next);
        }
        self.end();
    }

    pub(crate) fn begin(&mut self) {
        self.log.note(self.start, "world", || self.setup.drawn().to_string());
        self.drain();
    }

    /// When it does something next; `None` at its end.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        if self.ended {
            return None;
        }
        let next = self.next_instant()?;
        if !self.calm && next >= self.calm_at {
            return Some(self.calm_at.max(self.now));
        }
        Some(next)
    }

    /// Does what is due next, at the instant that [`World::due`] says.
    pub(crate) fn turn(&mut self, next: Timestamp) {
        if !self.calm && next >= self.calm_at {
            self.calm = true;
            self.now = next;
            self.sandbox.calm_down();
            self.log.note(self.now, "world", || "faults and people stop");
        } else if self.inputs > INPUTS_MAX
            || next > self.end_at
            || (self.calm && self.next_op >= self.setup.ops.len() && self.is_settled())
        {
            self.ended = true;
        } else {
            self.now = next;
            self.step();
        }
    }

    pub(crate) fn end(&mut self) {
        self.sandbox.advance(self.now.as_millisecond());
        self.note_target();
    }

    /// What happened to the process happened to this org as well.
    pub(crate) fn share_fate(&mut self, process: Process, now: Timestamp) {
        if self.process.crashes < process.crashes && !self.ended {
            self.now = self.now.max(now);
            self.crash("with its neighbour");
        }
        self.process = process;
    }

    /// When the process showed an instant, by the target's clock. Where two lives did, the later one.
    pub(crate) fn then(&self, shown: Timestamp) -> Timestamp {
        let mut until = Timestamp::MAX;
        for (since, behind) in self.lives.iter().rev() {
            let at = shown + *behind;
            if (*since..=until).contains(&at) {
                return at;
            }
            until = *since;
        }
        shown
    }

    fn at(&self, ms: i64) -> Timestamp {
        self.start + SignedDuration::from_millis(ms)
    }

    /// Whether nothing is open but what waits for a person, and no copy of a request is on its way to the target.
    fn is_settled(&self) -> bool {
        let standing = self.engine.standing();
        self.coming.is_empty()
            && self.sandbox.next_late().is_none()
            && self.resends.is_empty()
            && self.waiting.is_empty()
            && !self.truth.exports.values().any(|export| *export == Export::Open)
            && standing.open.keys().all(|state| *state == ifmatch_core::State::Review)
            && standing.in_flight == 0
            && standing.repairs == 0
    }

    fn next_instant(&self) -> Option<Timestamp> {
        let op = self.setup.ops.get(self.next_op).map(|(ms, _)| self.at(*ms));
        let input = self.coming.keys().next().map(|(at, _)| *at);
        let timeout = self.engine.poll_timeout().map(|at| self.process.when(at).max(self.process.still_until));
        let resend = self.resends.keys().next().map(|(at, _)| *at);
        let waiting = self.waiting.keys().next().map(|(at, _)| *at);
        let notice = self.socket.as_ref().and_then(|(_, socket)| self.sandbox.next_notice(socket));
        let [notice, late] = [notice, self.sandbox.next_late()].map(|ms| Timestamp::from_millisecond(ms?).ok());
        [op, input, resend, waiting, timeout, notice, late].into_iter().flatten().min().map(|at| at.max(self.now))
    }

    /// Does what is due now: one op, or one input, or a tick.
    fn step(&mut self) {
        if let Some((ms, op)) = self.setup.ops.get(self.next_op)
            && self.at(*ms) <= self.now
        {
            let op = op.clone();
            self.next_op += 1;
            self.act_or_wait(op);
        } else if let Some(entry) = self.waiting.first_entry()
            && entry.key().0 <= self.now
        {
            let op = entry.remove();
            self.act_or_wait(op);
        } else if let Some(entry) = self.resends.first_entry()
            && entry.key().0 <= self.now
        {
            let ((_, turn), body) = entry.remove_entry();
            if self.now < self.process.still_until {
                self.resends.insert((self.process.still_until, turn), body);
            } else {
                self.sends_again(body);
            }
        } else if let Some(entry) = self.coming.first_entry()
            && entry.key().0 <= self.now
        {
            let input = entry.remove();
            self.feed(input);
        } else {
            // What comes late to the target comes although nobody asks it anything.
            self.sandbox.advance(self.now.as_millisecond());
            self.feed(Input::Tick);
        }
        self.listen();
        self.note_target();
    }

    /// Who calls a process that stands still waits until it goes on.
    fn act_or_wait(&mut self, op: Op) {
        if op.calls_gateway() && self.now < self.process.still_until {
            self.sequence += 1;
            self.waiting.insert((self.process.still_until, self.sequence), op);
        } else {
            self.act(op);
        }
    }

    /// Notes what changed in the target since the last step, and announces it.
    fn note_target(&mut self) {
        let ledger = self.sandbox.ledger();
        let fresh = self.noted.min(ledger.len())..ledger.len();
        self.noted = ledger.len();
        for entry in &ledger[fresh.clone()] {
            self.log.note(self.now, "target", || told(entry));
        }
        if self.setup.events.offered {
            for at in fresh {
                let entry = &self.sandbox.ledger()[at];
                let (path, version) = (entry.path.clone(), entry.to_version);
                self.announce(&path, version);
            }
        }
    }

    fn feed(&mut self, input: Input) {
        if self.now < self.process.still_until {
            return self.comes(self.process.still_until, input);
        }
        self.inputs += 1;
        match &input {
            Input::Answered { attempt, .. } => drop(self.flying.remove(attempt)),
            Input::Failed { attempt, .. } => {
                let path = self.flying.remove(attempt);
                self.cut.extend(path.map(|path| (path, self.now)));
            }
            _ => {}
        }
        let now = self.process.reads(self.now);
        self.engine.handle(now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            if !self.ended {
                self.carry_out(effect);
            }
        }
    }

    /// Something comes to the engine after a while.
    fn later(&mut self, after_ms: i64, input: Input) {
        self.comes(self.now + SignedDuration::from_millis(after_ms), input);
    }

    fn comes(&mut self, at: Timestamp, input: Input) {
        self.sequence += 1;
        self.coming.insert((at, self.sequence), input);
    }

    /// The process ends: memory and everything on its way to it is lost. Then it starts again.
    fn crash(&mut self, why: &str) {
        self.process.restart(self.now);
        self.lives.push((self.now, self.process.behind()));
        self.store.borrow_mut().restart();
        self.armed = None;
        self.failing = false;
        self.log.note(self.now, "world", || format!("crash {why}"));
        self.coming.clear();
        self.orphaned.extend(std::mem::take(&mut self.flying).into_values());
        let latency = SignedDuration::from_millis(self.setup.scenario.options.latency_ms_max);
        let cut = std::mem::take(&mut self.cut).into_iter();
        self.orphaned.extend(cut.filter(|(_, at)| *at + latency >= self.now).map(|(path, _)| path));
        self.bodies.clear();
        let asked = std::mem::take(&mut self.shows).into_values();
        self.undelivered.extend(asked.map(|asked| (asked.source, asked.path)));
        self.truth
            .exports
            .values_mut()
            .filter(|export| **export == Export::Open)
            .for_each(|export| *export = Export::Cut);
        self.token = None;
        self.close_socket();
        // What was sent stays on its way to the target; the sandbox took it when it left. Its answers
        // have nobody to arrive at.
        self.sandbox.hang_up(self.now.as_millisecond());
        let now = self.process.reads(self.now);
        self.engine = engine(&self.setup, now, u64::from(self.process.crashes));
        while let Some(effect) = self.engine.poll_effect() {
            if let Effect::Recover = effect {
                let recovery = self.recovery();
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
        let config = SourceConfig {
            sends: spec.sends,
            on_conflict: spec.on_conflict.clone(),
            answer: spec.answer,
            local_times: spec.local_times,
            on_overwrite: spec.on_overwrite,
        };
        (SourceName::from(spec.name.as_str()), config)
    };
    let ignored = setup.scenario.options.versions == Versions::Ignored && setup.told_unguarded;
    let dialect = setup.api.dialect();
    let unguarded = dialect.kinds().into_iter().filter(|_| ignored).map(str::to_owned).collect();
    let config = EngineConfig {
        unguarded,
        verify: setup.verify,
        notices: true,
        org: OrgName::from(setup.org.as_str()),
        sources: setup.sources.iter().map(source).collect(),
        limits: Limits::default(),
        seed: setup.seed.wrapping_add(life),
    };
    Engine::new(dialect, config, now)
}
