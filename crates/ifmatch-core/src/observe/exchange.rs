//! One exchange that went by, and the way it is taken: what it asked for is in `asked`, what came of it in `answered`.

use super::Observer;
use super::answered::{answered, look};
use super::asked::{in_loop, items, register};
use crate::dialect::Dialect;
use crate::ids::SourceName;
use crate::intent::Resource;
use crate::shadow::Snapshot;
use crate::wire::{Request, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who sends: a source, and where its clients log in at the target, which of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Client {
    /// The source.
    pub source: SourceName,
    /// The client's id at the target, where it logs in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{} ({id})", self.source),
            None => write!(f, "{}", self.source),
        }
    }
}

/// One exchange that has ended.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// Who sent it.
    pub client: &'a Client,
    /// The request; `None` where it could not be read: too large, or no text.
    pub request: Option<&'a Request>,
    /// Whether its method asks for no change.
    pub safe: bool,
    /// What came of it.
    pub outcome: Outcome<'a>,
    /// The records that the answer shows.
    pub shown: Vec<(Resource, Snapshot)>,
    /// Its place among all beginnings and ends of exchanges when it began.
    pub began: u64,
    /// The same when it had ended.
    pub ended: u64,
    /// When it had ended.
    pub at: Timestamp,
}

/// What came of an exchange.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// An answer that could be read.
    Answered(&'a Response),
    /// An answer with this status whose body could not be read: too large, or no text.
    Unread(u16),
    /// No answer.
    Silent,
}

impl Outcome<'_> {
    pub(super) fn status(self) -> Option<u16> {
        match self {
            Self::Answered(response) => Some(response.status),
            Self::Unread(status) => Some(status),
            Self::Silent => None,
        }
    }
}

pub(super) fn take(observer: &mut Observer, dialect: &dyn Dialect, exchange: Exchange<'_>) {
    let (client, at) = (exchange.client, exchange.at);
    let throttled = exchange.outcome.status() == Some(429);
    let sums = observer.book.sums(client, at);
    sums.requests += 1;
    if exchange.safe {
        sums.reads += 1
    } else {
        sums.writes += 1
    }
    sums.throttled += u64::from(throttled);
    sums.unread += u64::from(exchange.request.is_none() || matches!(exchange.outcome, Outcome::Unread(_)));
    let items = match exchange.request.filter(|_| !exchange.safe) {
        Some(request) => items(observer, dialect, request),
        None => Vec::new(),
    };
    if !exchange.safe && items.is_empty() && exchange.request.is_some() {
        observer.book.sums(client, at).unknown += 1;
    }
    let mut looped = false;
    for item in &items {
        looped |= register(observer, dialect, &exchange, item);
    }
    for (resource, snapshot) in &exchange.shown {
        let watched = observer.record(&observer.named(resource));
        let mine = watched.clients.get(client).into_iter().flat_map(|knows| &knows.wishes);
        looped |= exchange.safe && mine.into_iter().any(|wish| in_loop(wish, at));
        observer.learn(dialect, resource, snapshot);
    }
    if let Outcome::Answered(response) = exchange.outcome {
        answered(observer, dialect, &exchange, &items, response);
    }
    // One without an answer may be found in what others were shown before it was given up.
    for item in &items {
        let name = observer.named(&item.resource);
        look(observer, dialect, &name, at);
    }
    for (resource, snapshot) in &exchange.shown {
        let watched = observer.record(resource);
        watched.confirm(snapshot.clone(), true, None);
        watched.show(client, exchange.ended, snapshot);
        look(observer, dialect, resource, at);
    }
    if looped {
        let sums = observer.book.sums(client, at);
        sums.loop_requests += 1;
        sums.loop_throttled += u64::from(throttled);
    }
}
