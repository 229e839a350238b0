//! Listens to what the target tells by itself: `docs/design/025-notices.md`.
//!
//! Here is what is asked for and when; [`super::heard`] is what comes of it.

mod line;

pub(super) use line::Line;

use super::gates::Passage;
use super::{Engine, Phase, Purpose, Timer, Token};
use crate::dialect::Call;
use crate::effect::{Effect, SocketDeed};
use crate::input::Scope;
use crate::notices::{Channel, Notices, Subscribed};
use crate::wire::Response;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, VecDeque};

/// The first and the longest pause after what went wrong.
const PAUSES: (SignedDuration, SignedDuration) = (SignedDuration::from_secs(1), SignedDuration::from_mins(5));
/// A channel is left so long before its told end.
const EARLY: SignedDuration = SignedDuration::from_mins(1);
/// A told end that is nearer than this at the beginning is not gone by: the clocks differ. That the channel is gone shows.
const LIFE_MIN: SignedDuration = SignedDuration::from_mins(10);
/// Ended work that nobody waited for is remembered for the answer that the notice has overtaken.
const ENDED_MAX: usize = 32;

/// How the org listens, for pages and gauges; counts are of this life.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ear {
    /// Since when a socket is open.
    pub connected_since: Option<Timestamp>,
    /// Topics that are subscribed to.
    pub topics: usize,
    /// Messages that were heard, heartbeats among them.
    pub received: u64,
    /// Messages that were too long, or no JSON.
    pub dropped: u64,
    /// Sockets after the first.
    pub reconnects: u64,
    /// Channels that were asked for.
    pub channels: u64,
    /// What went wrong last.
    pub last_error: Option<(Timestamp, String)>,
}

/// What an exchange of the listening is for.
#[derive(Debug)]
pub(super) enum Ask {
    /// A channel.
    Open,
    /// These topics of its channel.
    Subscribe(BTreeSet<String>),
}

#[derive(Debug, Default)]
pub(super) struct Listening {
    wanted: BTreeSet<String>,
    /// Topics that the target does not tell this client of.
    refused: BTreeSet<String>,
    channel: Option<Channel>,
    /// Topics that the channel has, as far as was said since its socket ended last.
    held: BTreeSet<String>,
    asks: bool,
    pub(super) socket: Line,
    pub(super) number: u64,
    /// Sockets that came about.
    pub(super) opened: u64,
    failures: u32,
    not_before: Option<Timestamp>,
    armed: Option<Timestamp>,
    pub(super) ended: VecDeque<(String, bool)>,
    pub(super) own: VecDeque<String>,
    pub(super) received: u64,
    pub(super) dropped: u64,
    channels: u64,
    last_error: Option<(Timestamp, String)>,
}

impl Listening {
    /// Keeps a name among the last ones.
    pub(super) fn note_own(&mut self, operation: &str) {
        keep(&mut self.own, operation.to_owned());
    }

    /// Keeps what ended though nobody waited for it.
    pub(super) fn note_ended(&mut self, operation: &str, failed: bool) {
        keep(&mut self.ended, (operation.to_owned(), failed));
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.socket, Line::Open { .. })
    }

    fn ear(&self) -> Ear {
        Ear {
            connected_since: match self.socket {
                Line::Open { since, .. } => Some(since),
                Line::Closed | Line::Opening { .. } => None,
            },
            topics: self.held.len(),
            received: self.received,
            dropped: self.dropped,
            reconnects: self.opened.saturating_sub(1),
            channels: self.channels,
            last_error: self.last_error.clone(),
        }
    }

    /// Topics that are wanted and may be had.
    fn open_to(&self) -> impl Iterator<Item = &String> {
        self.wanted.difference(&self.refused)
    }
}

fn keep<T>(row: &mut VecDeque<T>, item: T) {
    if row.len() == ENDED_MAX {
        row.pop_front();
    }
    row.push_back(item);
}

impl Engine {
    /// Listens from now on to what becomes of such a write. What one write carries lies in one place.
    pub(super) fn listen_for(&mut self, call: &Call) {
        let resource = match call {
            Call::Write(items) => items.first().map(|item| &item.resource),
            Call::Start(operation) => Some(&operation.resource),
            _ => None,
        };
        let notices = self.dialect.notices().filter(|_| self.config.notices);
        let (Some(notices), Some(resource)) = (notices, resource) else { return };
        let most = notices.topics_max();
        for topic in notices.topics(resource, &self.places) {
            if self.listening.wanted.len() < most {
                self.listening.wanted.insert(topic);
            }
        }
    }

    /// Does the next thing that listening needs, where the budget has room for it.
    pub(super) fn pump_listening(&mut self) {
        if self.phase != Phase::Running || self.listening.wanted.is_empty() || self.listening.asks {
            return;
        }
        let dialect = std::sync::Arc::clone(&self.dialect);
        let Some(notices) = dialect.notices() else { return };
        self.watch_socket(notices);
        if self.listening.not_before.is_some_and(|at| at > self.now) || self.brakes.contains(&Scope::Org) {
            return self.arm();
        }
        let ends = self.listening.channel.as_ref().and_then(|channel| channel.expires_at);
        if ends.is_some_and(|at| at - EARLY <= self.now) {
            self.leave_channel();
        }
        let missing = |topic: &String| !self.listening.held.contains(topic);
        match &self.listening.channel {
            _ if self.listening.open_to().next().is_none() => {}
            None => self.ask_to_listen(notices, Ask::Open),
            Some(_) if self.listening.open_to().any(missing) => {
                let topics = self.listening.open_to().cloned().collect();
                self.ask_to_listen(notices, Ask::Subscribe(topics));
            }
            Some(channel) if self.listening.socket == Line::Closed => {
                let address = channel.address.clone();
                self.listening.number += 1;
                self.listening.socket = Line::Opening { since: self.now };
                let number = self.listening.number;
                self.commits.now(Effect::Socket(SocketDeed::Open { number, address }));
            }
            Some(_) => {}
        }
        self.arm();
    }

    fn ask_to_listen(&mut self, notices: &dyn Notices, ask: Ask) {
        if self.token != Token::Granted || self.exchanges.len() >= self.config.limits.in_flight_max {
            return;
        }
        let request = match (&ask, &self.listening.channel) {
            (Ask::Subscribe(topics), Some(channel)) => notices.subscribe(&channel.id, topics),
            _ => notices.open(),
        };
        match self.gates.passage(self.now, &self.dialect.buckets(&request), 1) {
            Passage::Open => {}
            Passage::ClosedUntil(at) => return self.timer(at, Timer::Pump),
            Passage::AfterAnswer => return,
        }
        self.listening.asks = true;
        self.listening.channels += u64::from(matches!(ask, Ask::Open));
        self.send_now(request, Purpose::Listen(ask));
    }

    /// The answer to what the listening asked for.
    pub(super) fn on_listen_answered(&mut self, ask: Ask, response: &Response) {
        self.listening.asks = false;
        let dialect = std::sync::Arc::clone(&self.dialect);
        let Some(notices) = dialect.notices() else { return };
        match ask {
            Ask::Open => match notices.opened(response) {
                Ok(mut channel) => {
                    channel.expires_at = channel.expires_at.filter(|at| at.duration_since(self.now) > LIFE_MIN);
                    self.listening.channel = Some(channel);
                }
                Err(why) => self.listening_failed(&why),
            },
            Ask::Subscribe(topics) => match notices.subscribed(response) {
                Subscribed::Held(refused) => self.hold_topics(topics, refused),
                Subscribed::Gone => {
                    self.leave_channel();
                    self.listening_failed("the channel is gone");
                }
                Subscribed::Refused(why) => self.listening_failed(&why),
            },
        }
    }

    /// What the listening asked for has no answer.
    pub(super) fn on_listen_unanswered(&mut self) {
        self.listening.asks = false;
        self.listening_failed("the target did not answer");
    }

    fn hold_topics(&mut self, topics: BTreeSet<String>, refused: Vec<(String, String)>) {
        self.listening.held = topics;
        for (topic, why) in refused {
            self.listening.held.remove(&topic);
            let message = format!("the target tells nothing on {topic}: {why}");
            self.listening.last_error = Some((self.now, message.clone()));
            if self.listening.refused.insert(topic) {
                self.alarm("notices_refused", &message);
            }
        }
    }

    /// Something went wrong: again after a pause that grows.
    pub(super) fn listening_failed(&mut self, why: &str) {
        let pause = (PAUSES.0 * 2_i32.pow(self.listening.failures.min(16))).min(PAUSES.1);
        self.listening.failures += 1;
        self.listening.not_before = Some(self.now + self.jittered(pause));
        self.listening.last_error = Some((self.now, why.to_owned()));
        self.arm();
    }

    fn leave_channel(&mut self) {
        self.hang_up();
        self.listening.channel = None;
        self.listening.held.clear();
        self.listening.refused.clear();
    }

    /// Memory is discarded: what was asked for is not answered any more, and the timers are gone.
    pub(super) fn forget_listening(&mut self) {
        self.listening.asks = false;
        self.listening.armed = None;
    }

    /// Nothing is listened to any more.
    pub(super) fn stop_listening(&mut self) {
        self.leave_channel();
        self.listening.wanted.clear();
    }

    /// How the org listens; `None` where it does not.
    pub(super) fn ear(&self) -> Option<Ear> {
        self.dialect.notices().filter(|_| self.config.notices).map(|_| self.listening.ear())
    }
}
