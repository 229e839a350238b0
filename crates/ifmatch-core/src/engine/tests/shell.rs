//! A shell without a process: carries out effects, moves the clock, and watches the promises.

use super::fake::Fake;
use super::store::Store;
use super::target::Notes;
use crate::commit::Commit;
use crate::config::{EngineConfig, Limits, SourceConfig};
use crate::dialect::{Dialect, Guard};
use crate::effect::{Effect, Exchange, Notice, Refusal, SocketDeed};
use crate::engine::Engine;
use crate::ids::{AttemptId, IntentId, SourceName, Ticket, TurnId};
use crate::input::{Brake, Input, Scope, SocketEvent, Submission};
use crate::intent::{Intent, Resource};
use crate::record::IntentStatus;
use crate::states::State;
use crate::undo::{UndoError, undo, undo_both};
use crate::wire::{Failure, Method, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;

/// Work that the store has not done yet.
#[derive(Debug)]
enum Desk {
    Load { turn: TurnId, resources: Vec<Resource>, intents: Vec<IntentId> },
    Persist(Commit),
}

/// The shell.
pub(super) struct Shell {
    pub(super) now: Timestamp,
    engine: Engine,
    dialect: Arc<dyn Dialect>,
    pub(super) config: EngineConfig,
    pub(super) store: Store,
    pub(super) target: Fake,
    desk: VecDeque<Desk>,
    /// The store does nothing while this is set.
    pub(super) store_rests: bool,
    /// Exchanges without an answer.
    pub(super) flying: Vec<Exchange>,
    pub(super) sends: Vec<(Timestamp, Exchange)>,
    pub(super) notices: Vec<Notice>,
    /// What was done with the socket of notices.
    pub(super) sockets: Vec<SocketDeed>,
    /// How often a token was asked for.
    pub(super) asked: usize,
    /// Nobody answers when a token is asked for.
    pub(super) token_rests: bool,
    /// No request may leave before this instant.
    pub(super) closed_until: Option<Timestamp>,
    /// Every effect, as text.
    pub(super) log: String,
    ids: u64,
}

pub(super) fn note(id: &str) -> Resource {
    Resource::by_id(&"acme".into(), "note", id)
}

/// An intent that sets fields of a note.
pub(super) fn patch(id: &str, fields: Value) -> Intent {
    wish(id, json!({"change": {"merge_patch": fields}}))
}

pub(super) fn publish(id: &str) -> Intent {
    wish(id, json!({"change": {"operation": {"name": "publish"}}}))
}

pub(super) fn wish(id: &str, mut members: Value) -> Intent {
    members["resource"] = json!({"org": "acme", "kind": "note", "id": id});
    serde_json::from_value(members).unwrap()
}

impl Shell {
    /// A running engine with a token and the notes a-1, a-2, a-3, b-1 and c-1.
    pub(super) fn new() -> Self {
        Self::with(Guard::Monotonic, Limits::default())
    }

    pub(super) fn with(guard: Guard, limits: Limits) -> Self {
        Self::on(Arc::new(Notes::guarded_by(guard)), limits)
    }

    /// The same on another dialect.
    pub(super) fn on(dialect: Arc<dyn Dialect>, limits: Limits) -> Self {
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let sources = ["s", "t", "u"].into_iter().map(|name| (SourceName::from(name), SourceConfig::default()));
        let config = EngineConfig {
            org: "acme".into(),
            sources: sources.collect(),
            unguarded: Default::default(),
            verify: Default::default(),
            notices: true,
            limits,
            seed: 7,
        };
        let engine = Engine::new(Arc::clone(&dialect), config.clone(), now);
        let mut shell = Self {
            now,
            engine,
            dialect,
            config,
            store: Store::default(),
            target: Fake::default(),
            desk: VecDeque::new(),
            store_rests: false,
            flying: Vec::new(),
            sends: Vec::new(),
            notices: Vec::new(),
            sockets: Vec::new(),
            asked: 0,
            token_rests: false,
            closed_until: None,
            log: String::new(),
            ids: 0,
        };
        for id in ["a-1", "a-2", "a-3", "b-1", "c-1"] {
            shell.target.put(id);
        }
        shell.drain();
        shell
    }

    /// The process ends and starts again on the same store; answers on their way are lost.
    pub(super) fn crash(&mut self) {
        self.desk.clear();
        self.flying.clear();
        self.engine = Engine::new(Arc::clone(&self.dialect), self.config.clone(), self.now);
        self.drain();
    }

    /// Something happens to the socket that was opened last.
    pub(super) fn socket(&mut self, event: SocketEvent) {
        let number = self.sockets.iter().rev().find_map(|deed| match deed {
            SocketDeed::Open { number, .. } => Some(*number),
            SocketDeed::Say { .. } | SocketDeed::Close => None,
        });
        self.feed(Input::Socket { number: number.expect("a socket was opened"), event });
    }

    /// The target says something in it.
    pub(super) fn says(&mut self, message: &Value) {
        self.socket(SocketEvent::Said(message.to_string()));
    }

    /// The target says how everything ended that it did not say yet.
    pub(super) fn says_what_ended(&mut self) {
        self.target.process(self.now);
        for (operation, failed) in std::mem::take(&mut self.target.told) {
            self.says(&json!({"operation": operation, "failed": failed, "shelf": "a"}));
        }
    }

    /// The token that was asked for is there.
    pub(super) fn grant(&mut self) {
        self.token_rests = false;
        self.feed(Input::Authorised { granted: true, message: String::new() });
    }

    pub(super) fn feed(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            while let Some(effect) = self.engine.poll_effect() {
                self.log.push_str(&format!("{} {effect:?}\n", self.now));
                self.carry_out(effect);
            }
            if self.store_rests {
                return;
            }
            let input = match self.desk.pop_front() {
                None => return,
                Some(Desk::Load { turn, resources, intents }) => Input::Loaded {
                    turn,
                    rows: resources.iter().map(|resource| self.store.rows.get(resource).cloned()).collect(),
                    intents: intents.iter().filter_map(|id| self.store.intents.get(id).cloned()).collect(),
                },
                Some(Desk::Persist(commit)) => {
                    let id = commit.id;
                    self.store.apply(commit);
                    Input::Persisted(id)
                }
            };
            self.engine.handle(self.now, input);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Load { turn, resources, intents } => self.desk.push_back(Desk::Load { turn, resources, intents }),
            Effect::Persist(commit) => self.desk.push_back(Desk::Persist(commit)),
            Effect::Send(exchange) => self.send(exchange),
            Effect::Authorise => {
                self.asked += 1;
                if !self.token_rests {
                    self.engine.handle(self.now, Input::Authorised { granted: true, message: String::new() });
                }
            }
            Effect::Notify(notice) => self.notices.push(notice),
            Effect::Socket(deed) => self.sockets.push(deed),
            Effect::Recover => {
                let recovery = self.store.recover();
                self.engine.handle(self.now, Input::Recovered(Box::new(recovery)));
            }
        }
    }

    fn send(&mut self, exchange: Exchange) {
        assert!(self.closed_until.is_none_or(|until| self.now >= until), "sent before Retry-After ended: {exchange:?}");
        assert!(exchange.give_up_at > self.now);
        if exchange.writes {
            let record =
                self.store.attempts.get(&exchange.attempt).expect("a write leaves after its attempt is durable");
            assert_eq!(record.request, exchange.request, "the bytes sent are those recorded");
            assert!(self.store.open.contains(&exchange.attempt), "the attempt is open");
        }
        let same = |other: &&Exchange| other.request.path == exchange.request.path;
        assert!(!self.flying.iter().any(|other| same(&other)), "two exchanges at once for {}", exchange.request.path);
        self.sends.push((self.now, exchange.clone()));
        self.flying.push(exchange);
    }

    /// A commit that waits at the resting store fails, and every later one with it.
    pub(super) fn fail_store(&mut self) {
        let waiting = std::mem::take(&mut self.desk);
        self.store_rests = false;
        let first = waiting.into_iter().find_map(|work| match work {
            Desk::Persist(commit) => Some(commit.id),
            Desk::Load { .. } => None,
        });
        self.feed(Input::PersistFailed(first.expect("a commit waits")));
    }

    /// The store does what it was asked for meanwhile.
    pub(super) fn wake_store(&mut self) {
        self.store_rests = false;
        self.drain();
    }

    pub(super) fn submit(&mut self, source: &str, intent: Intent) -> IntentId {
        self.submit_as(source, intent, |_| {})
    }

    pub(super) fn submit_as(&mut self, source: &str, intent: Intent, change: impl FnOnce(&mut Submission)) -> IntentId {
        self.ids += 1;
        let id = IntentId(u128::from(self.ids));
        let mut submission = Submission {
            ticket: Ticket(self.ids),
            id,
            source: source.into(),
            whole: matches!(intent.change, crate::Change::Desired(_)),
            intent,
            fingerprint: None,
            strict: false,
            proxied: false,
            keep: Vec::new(),
        };
        change(&mut submission);
        self.feed(Input::Submitted(Box::new(submission)));
        id
    }

    /// What the caller of an intent was told when it came in.
    pub(super) fn told(&self, id: IntentId) -> Result<(IntentId, bool), Refusal> {
        let mine = |ticket: &Ticket| u128::from(ticket.0) == id.0;
        self.notices
            .iter()
            .find_map(|notice| match notice {
                Notice::Accepted(accepted) if mine(&accepted.ticket) => Some(Ok((accepted.id, accepted.duplicate))),
                Notice::Refused { ticket, refusal } if mine(ticket) => Some(Err(refusal.clone())),
                _ => None,
            })
            .expect("the caller was told something")
    }

    /// Why an intent stands where it stands.
    pub(super) fn why(&self, id: IntentId) -> String {
        let back = self.store.intents.get(&crate::undo_of_half(id));
        crate::why(&self.store.intents[&id], self.engine.outlook(id).as_ref(), back)
    }

    pub(super) fn standing(&self) -> crate::Standing {
        self.engine.standing()
    }

    /// The intent that takes back what another wrote.
    pub(super) fn undo_of(&self, id: IntentId) -> Result<Intent, UndoError> {
        let attempts = self.store.attempts.values().map(|attempt| (&**attempt, self.store.outcomes.get(&attempt.id)));
        undo(&*self.dialect, &self.store.intents[&id], attempts)
    }

    /// The same, of a pair both halves.
    pub(super) fn undo_both_of(&self, id: IntentId) -> Result<Intent, UndoError> {
        let one = self.undo_of(id)?;
        let partner = self.status(id).partner;
        partner.map_or(Ok(one.clone()), |partner| undo_both(one, self.undo_of(partner)))
    }

    /// Who wrote what stands in a note, as `/score=85 servicenow`.
    pub(super) fn blame_of(&self, id: &str) -> Vec<String> {
        let attempts =
            || self.store.attempts.values().map(|attempt| (&**attempt, self.store.outcomes.get(&attempt.id)));
        let wrote: Vec<crate::Wrote> =
            self.store.intents.values().flat_map(|record| crate::Wrote::of(record, attempts())).collect();
        let lines = crate::blame(&*self.dialect, &self.store.rows[&note(id)], &wrote);
        let by =
            |line: &crate::Blame| line.source.as_ref().map_or_else(|| "nobody of ours".to_owned(), ToString::to_string);
        lines.iter().map(|line| format!("{}={} {}", line.path, line.value, by(line))).collect()
    }

    pub(super) fn status(&self, id: IntentId) -> &IntentStatus {
        &self.store.intents[&id].status
    }

    pub(super) fn state(&self, id: IntentId) -> State {
        self.status(id).state
    }

    pub(super) fn code(&self, id: IntentId) -> &str {
        self.status(id).code.as_deref().unwrap_or("")
    }

    pub(super) fn brake(&mut self, scope: Scope, on: bool) {
        self.feed(Input::Braked(Brake { scope, on, by: "olga".to_owned() }));
    }

    /// The only exchange on the wire, which has this method.
    pub(super) fn only(&self, method: Method) -> Exchange {
        assert_eq!(self.flying.len(), 1, "{:?}", self.flying);
        assert_eq!(self.flying[0].request.method, method, "{:?}", self.flying[0]);
        self.flying[0].clone()
    }

    fn lands(&mut self, attempt: AttemptId) -> Exchange {
        let at = self.flying.iter().position(|exchange| exchange.attempt == attempt).unwrap();
        self.now += SignedDuration::from_millis(10);
        self.flying.remove(at)
    }

    pub(super) fn answer(&mut self, attempt: AttemptId, response: Response) {
        self.lands(attempt);
        if let Some(seconds) = response.header("retry-after").and_then(|text| text.parse().ok()) {
            self.closed_until = Some(self.now + SignedDuration::from_secs(seconds));
        }
        self.feed(Input::Answered { attempt, response });
    }

    pub(super) fn fail(&mut self, attempt: AttemptId, failure: Failure) {
        self.lands(attempt);
        self.feed(Input::Failed { attempt, failure });
    }

    /// The target answers the oldest exchange.
    pub(super) fn serve_one(&mut self) {
        let exchange = self.flying[0].clone();
        let response = self.target.answer(self.now, &exchange.request);
        self.answer(exchange.attempt, response);
    }

    /// The target answers until nothing is on the wire.
    pub(super) fn serve(&mut self) {
        let start = self.target.seen.len();
        while !self.flying.is_empty() {
            self.serve_one();
            assert!(self.target.seen.len() < start + 2000, "the engine spins");
        }
    }

    /// Goes on until a write is on the wire, and gives it back unanswered.
    pub(super) fn serve_until(&mut self, method: Method) -> Exchange {
        for _ in 0..100 {
            if let Some(exchange) = self.flying.iter().find(|exchange| exchange.request.method == method) {
                return exchange.clone();
            }
            if self.flying.is_empty() { self.tick(None) } else { self.serve_one() }
        }
        panic!("no {method} leaves");
    }

    fn tick(&mut self, until: Option<Timestamp>) {
        let due = self.engine.poll_timeout().map(|at| at.max(self.now));
        match (due, until) {
            (Some(at), Some(until)) if at > until => self.now = until,
            (Some(at), _) => self.now = at,
            (None, Some(until)) => self.now = until,
            (None, None) => panic!("nothing is due"),
        }
        self.feed(Input::Tick);
    }

    /// Time passes while the target answers at once.
    pub(super) fn run(&mut self, seconds: i64) {
        self.pass(SignedDuration::from_secs(seconds), true);
    }

    /// Time passes and nobody answers.
    pub(super) fn idle(&mut self, seconds: i64) {
        self.pass(SignedDuration::from_secs(seconds), false);
    }

    /// The same for so many milliseconds.
    pub(super) fn idle_ms(&mut self, millis: i64) {
        self.pass(SignedDuration::from_millis(millis), false);
    }

    fn pass(&mut self, span: SignedDuration, answers: bool) {
        let until = self.now + span;
        let mut still = 0;
        loop {
            if answers {
                self.serve();
            }
            if self.now >= until {
                return;
            }
            let before = self.now;
            self.tick(Some(until));
            still = if self.now == before { still + 1 } else { 0 };
            assert!(still < 200, "the engine spins at {before}");
        }
    }

    pub(super) fn writes(&self) -> Vec<&Exchange> {
        self.sends.iter().map(|(_, exchange)| exchange).filter(|e| !e.request.method.is_safe()).collect()
    }
}
