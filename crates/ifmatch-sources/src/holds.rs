//! Holds: when an agent's schedule is on the move, told by the audit log.
//!
//! A hold begins when the first intent about an agent is accepted and ends when none is on its way. See `docs/design/032-holds.md`.

use crate::sinks::Line;
use ifmatch_core::{Dialect, IntentId, Resource, SignedDuration, State, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How far back holds are known.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many that are over are known, of all agents.
const OVER_MAX: usize = 100_000;

/// What holds have in front of the agent in the name of a lock domain.
const DOMAIN: &str = "agent/";

/// A time in which an agent's schedule is on the move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The agent, by the target's id.
    pub agent: String,
    /// When the first intent about it was accepted, or went on after it had waited for somebody.
    pub since: Timestamp,
    /// When the last one had ended, or waits for somebody; `None` while it goes on.
    pub until: Option<Timestamp>,
    /// How many intents are on their way; none where it is over.
    pub intents: usize,
    /// The oldest of them.
    pub oldest: Option<IntentId>,
}

/// The holds of an org, now and of late.
#[derive(Debug)]
pub struct Holds {
    dialect: Arc<dyn Dialect>,
    running: BTreeMap<String, Running>,
    agents: BTreeMap<IntentId, String>,
    over: BTreeMap<String, VecDeque<(Timestamp, Timestamp)>>,
    /// Whose span is over, by the order in which they ended.
    order: VecDeque<String>,
    known_since: Timestamp,
}

#[derive(Debug)]
struct Running {
    since: Timestamp,
    intents: BTreeSet<IntentId>,
}

impl Holds {
    /// The holds of an org whose log is read from an instant on.
    #[must_use]
    pub fn new(dialect: Arc<dyn Dialect>, known_since: Timestamp) -> Self {
        Self {
            dialect,
            running: BTreeMap::new(),
            agents: BTreeMap::new(),
            over: BTreeMap::new(),
            order: VecDeque::new(),
            known_since,
        }
    }

    /// From when on every hold is known.
    #[must_use]
    pub fn known_since(&self) -> Timestamp {
        self.known_since
    }

    /// Takes in a line of the log, or an open intent.
    pub fn take(&mut self, line: &Line) {
        let known = self.agents.get(&line.intent).cloned();
        let Some(agent) = known.or_else(|| self.agent(&line.resource)) else { return };
        if line.is_on_its_way() {
            self.begin(agent, line);
        } else {
            self.end(&agent, line);
        }
    }

    /// Takes in an intent that is open while the log is yet to be read. One whose intake that will tell is left to it.
    pub fn take_open(&mut self, line: &Line) {
        if line.at < self.known_since {
            self.take(line);
        }
    }

    fn agent(&self, resource: &Resource) -> Option<String> {
        resource.id()?;
        self.dialect.lock_domain(resource).strip_prefix(DOMAIN).map(str::to_owned)
    }

    fn begin(&mut self, agent: String, line: &Line) {
        self.agents.insert(line.intent, agent.clone());
        let running = self.running.entry(agent).or_insert(Running { since: line.at, intents: BTreeSet::new() });
        // An open intent that is told of late was there before.
        running.since = running.since.min(line.at);
        running.intents.insert(line.intent);
    }

    fn end(&mut self, agent: &str, line: &Line) {
        if self.agents.remove(&line.intent).is_none() {
            if line.from.is_some_and(|from| from != State::Review) && !self.running.contains_key(agent) {
                // It was on its way before the log is known.
                self.close(agent.to_owned(), self.known_since, line.at);
            }
            return;
        }
        let Some(running) = self.running.get_mut(agent) else { return };
        running.intents.remove(&line.intent);
        if running.intents.is_empty() {
            let since = running.since;
            self.running.remove(agent);
            self.close(agent.to_owned(), since, line.at);
        }
    }

    fn close(&mut self, agent: String, since: Timestamp, until: Timestamp) {
        self.over.entry(agent.clone()).or_default().push_back((since, until));
        self.order.push_back(agent);
        while self.order.len() > OVER_MAX || self.oldest_end().is_some_and(|end| until.duration_since(end) > KEPT) {
            self.forget_oldest();
        }
    }

    fn oldest_end(&self) -> Option<Timestamp> {
        self.over.get(self.order.front()?)?.front().map(|(_, until)| *until)
    }

    fn forget_oldest(&mut self) {
        let Some(agent) = self.order.pop_front() else { return };
        let Some(spans) = self.over.get_mut(&agent) else { return };
        if let Some((_, until)) = spans.pop_front() {
            self.known_since = self.known_since.max(until);
        }
        if spans.is_empty() {
            self.over.remove(&agent);
        }
    }

    /// The holds of an agent that go on at some instant from `from` to `to`, the oldest first.
    pub fn during(&self, agent: &str, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Hold> {
        let over = self.over.get(agent).into_iter().flatten();
        let over = over.filter(move |(since, until)| *since <= to && *until > from);
        let name = agent.to_owned();
        let over = over.map(move |(since, until)| Hold {
            agent: name.clone(),
            since: *since,
            until: Some(*until),
            intents: 0,
            oldest: None,
        });
        over.chain(self.of(agent).filter(move |hold| hold.since <= to))
    }

    /// The hold of an agent that goes on.
    #[must_use]
    pub fn of(&self, agent: &str) -> Option<Hold> {
        self.running.get(agent).map(|running| running.hold(agent))
    }

    /// Every hold that goes on, by agent.
    pub fn all(&self) -> impl Iterator<Item = Hold> {
        self.running.iter().map(|(agent, running)| running.hold(agent))
    }
}

impl Running {
    fn hold(&self, agent: &str) -> Hold {
        let oldest = self.intents.first().copied();
        Hold { agent: agent.to_owned(), since: self.since, until: None, intents: self.intents.len(), oldest }
    }
}

#[cfg(test)]
mod tests;
