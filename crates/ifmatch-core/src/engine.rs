//! The state machine of one org: what happens, one input a file; what it leads to, one turn a file.
//!
//! A **lane set** (here [`lane::Lane`]) holds everything open for one resource. It becomes ready,
//! waits its place in the budget, and is then held by one **turn**: load, read, plan, write. The
//! turn ends with every member settled or waiting, and the lane is free again. Dirty and processing
//! as in Kubernetes' workqueue: what arrives meanwhile is composed into the next turn.

mod answered;
mod authorised;
mod bare;
mod braked;
mod cancelled;
mod clocks;
mod commits;
mod company;
mod decided;
mod doubts;
mod gates;
mod heard;
mod keys;
mod lane;
mod lapse;
mod listening;
mod loaded;
mod locks;
mod mislabelled;
mod moves;
mod observed;
mod outlook;
mod pairs;
mod passed;
mod persisted;
mod pick;
mod precondition;
mod ready;
mod recovered;
mod refusal;
mod rights;
mod settle;
mod sift;
mod spans;
mod standing;
mod submit;
mod tick;
mod turn;

pub use doubts::Doubt;
pub use listening::Ear;
pub use pairs::undo_of_half;
pub use standing::Standing;
pub use turn::AT_ONCE;

use crate::commit::AttemptRecord;
use crate::config::EngineConfig;
use crate::dialect::{Call, Dialect, Guard, KindSpec};
use crate::effect::{Effect, Exchange};
use crate::errand::Notes;
use crate::ids::{AttemptId, IntentId, Ticket, TurnId};
use crate::input::{Input, Pass, Scope};
use crate::intent::Resource;
use crate::record::Head;
use crate::shared::Shared;
use crate::wire::Request;
use clocks::Clocks;
use commits::Commits;
use company::Company;
use doubts::Doubts;
use gates::Gates;
use jiff::{SignedDuration, Timestamp};
use keys::Keys;
use lane::{Lane, LaneKey, Lanes};
use listening::{Ask, Listening};
use locks::Trains;
use moves::Moves;
use pairs::Pairs;
use rights::Rights;
use sift::Sift;
use spans::Spans;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use turn::{Errand, Turn};

/// The state machine of one org. See the crate's page for the contract.
#[derive(Debug)]
pub struct Engine {
    dialect: Arc<dyn Dialect>,
    config: EngineConfig,
    now: Timestamp,
    phase: Phase,
    commits: Commits,
    heads: BTreeMap<IntentId, Head>,
    lanes: Lanes,
    turns: BTreeMap<TurnId, Turn>,
    exchanges: BTreeMap<AttemptId, InFlight>,
    passes: VecDeque<Pass>,
    /// Requests of clients that are sent once more, since our token was refused.
    renewed: BTreeSet<Ticket>,
    gates: Gates,
    trains: Trains,
    company: Company,
    /// Envelopes parts of which were refused as held.
    sifts: BTreeMap<Arc<str>, Sift>,
    spans: Spans,
    rights: Rights,
    /// What somebody was told of: kinds whose writes or reads were refused as forbidden, since one of them last went well, and
    /// refusals that nobody knows, by their words.
    alerted: BTreeSet<String>,
    /// The longest that something was seen to hold a record of each kind, in this life.
    holds: BTreeMap<String, SignedDuration>,
    /// Kinds whose preconditions are named in every place.
    named_everywhere: BTreeSet<String>,
    doubts: Doubts,
    /// Operations that wait for earlier changes of an envelope. One that waits no more is passed over.
    barred: BTreeMap<String, BTreeSet<LaneKey>>,
    /// Kinds whose versions the target ignores: told by the configuration, or found out.
    unguarded: BTreeSet<String>,
    /// Writes that were let through over others' so far.
    overwrites: u64,
    /// Kinds whose older versions were asked for in vain.
    forgetful: BTreeSet<String>,
    /// Kinds of which an answer showed what does not stand.
    doubted: BTreeSet<String>,
    /// Kinds and fields of which a read has shown, in this life, that a write of ours was applied.
    proven: BTreeSet<(String, String)>,
    /// Writes of each kind in a row that were accepted and not applied.
    silent_row: BTreeMap<String, u32>,
    keys: Keys,
    pairs: Pairs,
    aliases: BTreeMap<Resource, Resource>,
    clocks: Clocks,
    /// Intents that are to end as soon as they have no attempt that may still take effect, and who withdrew them.
    withdrawn: BTreeMap<IntentId, String>,
    brakes: BTreeSet<Scope>,
    timers: BTreeSet<(Timestamp, Timer)>,
    token: Token,
    granted_at: Option<Timestamp>,
    refused_tokens: u32,
    /// Reads since the last success that brought no answer to go on with.
    unanswered: u32,
    chance: u64,
    last_order: u64,
    /// As whom the target shows our writes, once it has.
    own_writer: Option<String>,
    moves: Moves,
    /// The last intent that was accepted before this life, or before the store was read again.
    recovered_order: u64,
    last_attempt: u64,
    last_turn: u64,
    /// Where records lie, as errands told.
    places: Notes,
    /// Turns that wait for what becomes of a write.
    tracked: usize,
    listening: Listening,
}

/// Whether the engine knows the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Recovering,
    Running,
    Ended,
}

/// Whether the org has a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Asked,
    Granted,
    /// Asked again not before this instant.
    Refused(Timestamp),
}

/// What shall be looked at when its time comes. A timer that is out of date finds nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Lane(LaneKey),
    Train(String),
    Company(Arc<str>),
    Deadline(IntentId),
    Chore(LaneKey),
    /// What became of a write that the target goes on with.
    Turn(TurnId),
    Pump,
}

/// An exchange on the wire.
#[derive(Debug)]
struct InFlight {
    request: Arc<Request>,
    buckets: Vec<String>,
    give_up_at: Timestamp,
    purpose: Purpose,
}

/// What an exchange is for.
#[derive(Debug)]
enum Purpose {
    /// A question of a turn: it changes nothing.
    Ask { turn: TurnId, call: Call },
    /// A write of a turn, with its durable record.
    Write { turn: TurnId, record: Shared<AttemptRecord> },
    /// What a call of a turn needs before it can be made.
    Errand(Box<Errand>),
    /// How a write stands that the target goes on with.
    Tracked { turn: TurnId, call: Call },
    /// A client's read of a resource, made while its lane is held.
    ShownRead { turn: TurnId, pass: Pass },
    /// A client's request that is no intent.
    Pass(Pass),
    /// What listening to notices needs.
    Listen(Ask),
}

impl Engine {
    /// An engine that knows nothing: its first effect is [`Effect::Recover`].
    #[must_use]
    pub fn new(dialect: Arc<dyn Dialect>, config: EngineConfig, now: Timestamp) -> Self {
        let unguarded = config.unguarded.clone();
        let mut engine = Self {
            chance: config.seed,
            lanes: Lanes::new(Arc::clone(&dialect)),
            dialect,
            config,
            now,
            phase: Phase::Recovering,
            commits: Commits::default(),
            heads: BTreeMap::new(),
            turns: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            passes: VecDeque::new(),
            renewed: BTreeSet::new(),
            gates: Gates::default(),
            trains: Trains::default(),
            company: Company::default(),
            sifts: BTreeMap::new(),
            spans: Spans::default(),
            rights: Rights::default(),
            alerted: BTreeSet::new(),
            holds: BTreeMap::new(),
            named_everywhere: BTreeSet::new(),
            doubts: Doubts::default(),
            barred: BTreeMap::new(),
            unguarded,
            overwrites: 0,
            forgetful: BTreeSet::new(),
            doubted: BTreeSet::new(),
            proven: BTreeSet::new(),
            silent_row: BTreeMap::new(),
            keys: Keys::default(),
            pairs: Pairs::default(),
            aliases: BTreeMap::new(),
            clocks: Clocks::default(),
            withdrawn: BTreeMap::new(),
            brakes: BTreeSet::new(),
            timers: BTreeSet::new(),
            token: Token::None,
            granted_at: None,
            refused_tokens: 0,
            unanswered: 0,
            last_order: 0,
            own_writer: None,
            moves: Moves::default(),
            recovered_order: 0,
            last_attempt: 0,
            last_turn: 0,
            places: Notes::default(),
            tracked: 0,
            listening: Listening::default(),
        };
        engine.commits.now(Effect::Recover);
        engine
    }

    /// Takes one input. Afterwards call [`Engine::poll_effect`] until it is empty.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::Recovered(recovery) => self.on_recovered(*recovery),
            Input::Submitted(submission) => self.on_submitted(*submission),
            Input::Loaded { turn, rows, intents } => self.on_loaded(turn, rows, intents),
            Input::LoadFailed { turn } => self.on_load_failed(turn),
            Input::Persisted(commit) => self.on_persisted(commit),
            Input::PersistFailed(commit) => self.on_persist_failed(commit),
            Input::Answered { attempt, response } => self.on_answered(attempt, &response),
            Input::Failed { attempt, failure } => self.on_failed(attempt, failure),
            Input::Authorised { granted, message } => self.on_authorised(granted, &message),
            Input::Observed { resource, snapshot, version, unlocked, shown_to } => {
                self.on_observed(&resource, snapshot, version, unlocked, shown_to);
            }
            Input::Pass(pass) => self.on_pass(pass),
            Input::Decided(decision) => self.on_decided(decision),
            Input::Cancelled { ticket, intent, by } => self.on_cancelled(ticket, intent, by),
            Input::Braked(brake) => self.on_braked(&brake),
            Input::Socket { number, event } => self.on_socket(number, event),
            Input::LeaseLost => self.on_lease_lost(),
            Input::Tick => {}
        }
        if self.phase == Phase::Running {
            self.on_time();
            self.pump();
        }
        self.commits.close();
    }

    /// The next deed to do; `None` when there is none left.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.commits.next_effect()
    }

    /// When to hand in [`Input::Tick`] if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    fn kind(&self, kind: &str) -> &KindSpec {
        self.dialect.kind(kind).expect("a stored intent has a kind of its dialect")
    }

    /// How the records of a kind are guarded, as far as is known by now.
    fn guard(&self, kind: &str) -> Guard {
        if self.unguarded.contains(kind) { Guard::Unguarded } else { self.kind(kind).guard }
    }

    fn lane(&mut self, key: &LaneKey) -> &mut Lane {
        self.lanes.lane(key)
    }

    fn timer(&mut self, at: Timestamp, timer: Timer) {
        self.timers.insert((at, timer));
    }

    fn next_attempt(&mut self) -> AttemptId {
        self.last_attempt += 1;
        AttemptId(self.last_attempt)
    }

    /// A pause with up to a quarter more, so that waiters spread.
    fn jittered(&mut self, pause: SignedDuration) -> SignedDuration {
        let extra = self.draw() % 1000;
        pause + SignedDuration::from_nanos(i64::try_from(pause.as_nanos() / 4000).unwrap_or(0) * extra.cast_signed())
    }

    /// A pseudo-random number (splitmix64) from the engine's own seed.
    fn draw(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The exchange for a request, counted in its buckets.
    fn exchange(&mut self, attempt: AttemptId, request: Arc<Request>, purpose: Purpose) -> Effect {
        let buckets = self.dialect.buckets(&request);
        self.gates.sent(&buckets);
        let give_up_at = self.now + self.config.limits.answer_wait;
        let writes = match &purpose {
            Purpose::Write { .. } => true,
            Purpose::Pass(pass) => !pass.request.method.is_safe(),
            Purpose::Ask { .. }
            | Purpose::Errand(_)
            | Purpose::Tracked { .. }
            | Purpose::ShownRead { .. }
            | Purpose::Listen(_) => false,
        };
        self.exchanges.insert(attempt, InFlight { request: request.clone(), buckets, give_up_at, purpose });
        Effect::Send(Exchange { attempt, request, give_up_at, writes })
    }

    /// Sends what need not be durable before it leaves.
    fn send_now(&mut self, request: Request, purpose: Purpose) {
        let attempt = self.next_attempt();
        let effect = self.exchange(attempt, request.into(), purpose);
        self.commits.now(effect);
    }
}

#[cfg(test)]
mod tests;
