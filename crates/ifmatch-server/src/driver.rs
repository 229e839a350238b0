//! Drives the engine of one org: hands it what happens, does what it asks for.
//!
//! ```text
//! handlers ──commands──▶ ┌────────┐ ──commits, loads──▶ store thread ─┐
//! socket ──messages────▶ │ driver │                                   │ events
//! timer ───────────────▶ │ engine │ ──exchanges──▶ target ────────────┤
//!                        └────────┘ ◀─────────────────────────────────┘
//! ```
//!
//! One task per org. Commands of clients come through a bounded queue, so that more work than the
//! engine takes is refused at the door; so do messages of the target, whose socket is not read meanwhile; what the engine itself asked for comes back unbounded, for
//! it is bounded by what it asked. Commits gather while the store is busy and are then made durable
//! as one group.

mod command;
mod deeds;
mod handle;

pub(crate) use handle::{OrgHandle, Submitting, submission, unnumbered};

use crate::clock::Clock;
use crate::dialects::ProxyDialect;
use crate::hub::Hub;
use crate::stop::stopped;
use crate::store_thread::StoreHandle;
use crate::upstream::{Heard, Socket, Upstream};
use command::Command;
use deeds::Group;
use ifmatch_core::{CommitId, Engine, EngineConfig, Failure, Input, OrgName, Ticket, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// How many commands or events are taken before the commits of all of them go to the store.
const BATCH: usize = 256;

/// How many messages of the target may wait for the engine; after that its socket is not read.
const HEARD: usize = 64;

/// What an org's driver is made of.
pub(crate) struct OrgSetup {
    pub(crate) dialect: Arc<dyn ProxyDialect>,
    pub(crate) config: EngineConfig,
    pub(crate) upstream: Upstream,
    pub(crate) store: StoreHandle,
    pub(crate) clock: Clock,
    /// Commands that may wait.
    pub(crate) queue_max: usize,
    /// How long a shutdown waits for exchanges under way, wall time.
    pub(crate) drain: Duration,
}

/// Something that the driver's own deeds brought about.
#[derive(Debug)]
enum Event {
    /// An input for the engine.
    Input(Input),
    /// An exchange ended.
    Exchanged(Input),
    /// A group of commits is durable, or not.
    Committed { ids: Vec<CommitId>, durable: bool },
    /// The store is to be read again.
    RecoverAgain,
    /// A shutdown waits no longer.
    GiveUp,
}

struct Driver {
    org: OrgName,
    engine: Engine,
    dialect: Arc<dyn ProxyDialect>,
    upstream: Arc<Upstream>,
    store: StoreHandle,
    clock: Clock,
    hub: Arc<Hub>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::UnboundedReceiver<Event>,
    tell: mpsc::UnboundedSender<Event>,
    heard: mpsc::Receiver<Heard>,
    hears: mpsc::Sender<Heard>,
    /// In which the target tells things by itself.
    socket: Option<Socket>,
    waiting: BTreeMap<Ticket, oneshot::Sender<command::Reply>>,
    last_ticket: u64,
    /// What is not with the store yet.
    gathered: Group,
    /// Whether a group is with the store.
    committing: bool,
    /// Exchanges and logins under way.
    exchanges: usize,
    ready: watch::Sender<bool>,
    /// Groups of commits that failed since the last one that became durable.
    failed_groups: u32,
    is_draining: bool,
    has_given_up: bool,
}

/// Starts the driver of an org. It ends some time after `shutdown` turns true, or its sender is
/// dropped.
pub(crate) fn start(setup: OrgSetup, shutdown: watch::Receiver<bool>) -> (OrgHandle, JoinHandle<()>) {
    let (commands, queue) = mpsc::channel(setup.queue_max);
    let (tell, events) = mpsc::unbounded_channel();
    let (hears, heard) = mpsc::channel(HEARD);
    let (ready, is_ready) = watch::channel(false);
    let hub = Hub::new();
    let handle = OrgHandle::new(&setup, commands, Arc::clone(&hub), is_ready);
    let dialect = Arc::clone(&setup.dialect);
    let driver = Driver {
        org: setup.config.org.clone(),
        engine: Engine::new(dialect, setup.config, setup.clock.now()),
        dialect: setup.dialect,
        upstream: Arc::new(setup.upstream),
        store: setup.store,
        clock: setup.clock,
        hub,
        commands: queue,
        events,
        tell,
        heard,
        hears,
        socket: None,
        waiting: BTreeMap::new(),
        last_ticket: 0,
        gathered: Group::default(),
        committing: false,
        exchanges: 0,
        ready,
        failed_groups: 0,
        is_draining: false,
        has_given_up: false,
    };
    (handle, tokio::spawn(driver.run(shutdown, setup.drain)))
}

impl Driver {
    async fn run(mut self, mut shutdown: watch::Receiver<bool>, drain: Duration) {
        self.perform();
        loop {
            self.flush();
            if self.is_draining && (self.has_given_up || self.is_idle()) {
                break;
            }
            let wake = self.engine.poll_timeout();
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => self.on_events(event),
                () = stopped(&mut shutdown), if !self.is_draining => self.begin_drain(drain),
                Some(heard) = self.heard.recv() => self.on_heard(heard),
                Some(command) = self.commands.recv() => self.on_commands(command),
                () = rest(&self.clock, wake) => self.take(Input::Tick),
            }
            if self.engine.poll_timeout().is_some_and(|at| at <= self.clock.now()) {
                self.take(Input::Tick);
            }
        }
        if !self.is_idle() {
            tracing::warn!(org = %self.org, "exchanges were still under way; the next start looks into them");
        }
    }

    /// From here on nothing new leaves and nothing new comes in; what is under way may end.
    fn begin_drain(&mut self, drain: Duration) {
        self.is_draining = true;
        self.commands.close();
        self.socket = None;
        let tell = self.tell.clone();
        tokio::spawn(async move {
            tokio::time::sleep(drain).await;
            // The driver may have ended by itself.
            let _ended = tell.send(Event::GiveUp);
        });
    }

    fn is_idle(&self) -> bool {
        self.exchanges == 0 && !self.committing && self.gathered.commits.is_empty()
    }

    fn on_events(&mut self, first: Event) {
        self.on_event(first);
        for _ in 1..BATCH {
            let Ok(event) = self.events.try_recv() else { return };
            self.on_event(event);
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Input(input) => {
                let recovered = matches!(input, Input::Recovered(_));
                self.take(input);
                if recovered {
                    self.ready.send_replace(true);
                }
            }
            Event::Exchanged(input) => {
                self.exchanges -= 1;
                self.take(input);
            }
            Event::Committed { ids, durable } => self.on_committed(&ids, durable),
            Event::RecoverAgain => self.recover(),
            Event::GiveUp => self.has_given_up = true,
        }
    }

    fn on_committed(&mut self, ids: &[CommitId], durable: bool) {
        self.committing = false;
        if durable {
            self.failed_groups = 0;
            for id in ids {
                self.take(Input::Persisted(*id));
            }
        } else if let Some(first) = ids.first() {
            // With this one fails every later one: those were not handed to the store.
            self.gathered = Group::default();
            self.failed_groups = self.failed_groups.saturating_add(1);
            self.ready.send_replace(false);
            self.take(Input::PersistFailed(*first));
        }
    }

    /// However much is said, commands have their turn.
    fn on_heard(&mut self, (number, event): Heard) {
        self.take(Input::Socket { number, event });
        if let Ok(command) = self.commands.try_recv() {
            self.on_commands(command);
        }
    }

    fn on_commands(&mut self, first: Command) {
        self.on_command(first);
        for _ in 1..BATCH {
            let Ok(command) = self.commands.try_recv() else { return };
            self.on_command(command);
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Submit(mut submission, reply) => {
                submission.ticket = self.ticket(reply);
                self.take(Input::Submitted(submission));
            }
            Command::Decide(mut decision, reply) => {
                decision.ticket = self.ticket(reply);
                self.take(Input::Decided(decision));
            }
            Command::Withdraw(intent, by, reply) => {
                let ticket = self.ticket(reply);
                self.take(Input::Cancelled { ticket, intent, by });
            }
            Command::Pass(mut pass, reply) => {
                pass.ticket = self.ticket(reply);
                self.take(Input::Pass(pass));
            }
            Command::Tell(input) => self.take(input),
            Command::Ask(question) => question(&self.engine),
        }
    }

    fn ticket(&mut self, reply: oneshot::Sender<command::Reply>) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.waiting.insert(ticket, reply);
        ticket
    }

    /// Hands one input to the engine and does what follows from it.
    fn take(&mut self, input: Input) {
        self.engine.handle(self.clock.now(), input);
        self.perform();
    }

    fn reply(&mut self, ticket: Ticket, reply: command::Reply) {
        if let Some(waiting) = self.waiting.remove(&ticket) {
            // A caller who went away does not want the answer.
            let _gone = waiting.send(reply);
        }
    }

    fn refuse_to_send(&self) -> Option<Failure> {
        self.is_draining.then_some(Failure::NotSent)
    }
}

/// Rests until the engine wants to be woken; at least for the grain of the timer, so that an engine
/// that is wrong about the time does not spin.
async fn rest(clock: &Clock, until: Option<Timestamp>) {
    match until {
        Some(at) => {
            tokio::time::sleep(Duration::from_millis(1)).await;
            clock.sleep_until(at).await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
