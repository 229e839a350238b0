//! One exchange that went by: what it asked for, what came of it, and what it showed.

use super::judge::{self, Landed};
use super::watched::Found;
use super::wish::{Last, Wish};
use super::{Observer, conflict};
use crate::dialect::{Call, Creation, Dialect, Fact, Precondition, Route, WriteItem};
use crate::evidence::{Class, Evidence};
use crate::ids::SourceName;
use crate::intent::{Change, Resource};
use crate::shadow::Snapshot;
use crate::wire::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// How long after its last refusal the same wish is still the same one.
const LOOP: SignedDuration = SignedDuration::from_hours(1);

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
    fn status(self) -> Option<u16> {
        match self {
            Self::Answered(response) => Some(response.status),
            Self::Unread(status) => Some(status),
            Self::Silent => None,
        }
    }
}

/// One change that a request asks for.
struct Item {
    resource: Resource,
    change: Change,
    named: Option<u64>,
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

/// What a request asks for, item by item; none for what is no change of values.
fn items(observer: &Observer, dialect: &dyn Dialect, request: &Request) -> Vec<Item> {
    let routes = match dialect.route(&observer.org, request) {
        Ok(Route::Batch(routes)) => routes,
        Ok(one) => vec![one],
        Err(_) => return Vec::new(),
    };
    let item = |route| match route {
        Route::Write { resource, change, base, .. } => {
            Some(Item { resource, change, named: base.and_then(|base| base.version) })
        }
        Route::Read(_) | Route::Batch(_) | Route::Unknown => None,
    };
    routes.into_iter().filter_map(item).collect()
}

fn in_loop(wish: &Wish, at: Timestamp) -> bool {
    matches!(wish.last, Last::Conflict | Last::Silent) && at.duration_since(wish.at) < LOOP
}

/// Notes a wish. Whether it was sent before, and is in a loop.
fn register(observer: &mut Observer, dialect: &dyn Dialect, exchange: &Exchange<'_>, item: &Item) -> bool {
    let Some(spec) = dialect.kind(&item.resource.kind) else { return false };
    let Some((shape, doc)) = Wish::of(item.change.clone()) else { return false };
    let print = Wish::print(spec, shape, &doc);
    let name = observer.named(&item.resource);
    let watched = observer.record(&name);
    let knows = watched.clients.entry(exchange.client.clone()).or_default();
    let known = knows.wishes.iter().find(|wish| wish.print == print).cloned();
    let goes_on = known.as_ref().filter(|wish| wish.last != Last::Taken && exchange.at.duration_since(wish.at) < LOOP);
    let (began, first_named) = match goes_on {
        Some(wish) => (wish.began.min(exchange.began), wish.first_named),
        None => (exchange.began, item.named),
    };
    let shape = goes_on.map_or(shape, |wish| wish.shape);
    let wish = Wish {
        print,
        shape,
        doc,
        began,
        ended: exchange.ended,
        at: exchange.at,
        first_named,
        named: item.named,
        last: Last::Silent,
        undecided: goes_on.map_or(0, |wish| wish.undecided),
    };
    watched.wish(exchange.client, wish);
    let sums = observer.book.sums(exchange.client, exchange.at);
    match known.as_ref().map(|wish| wish.last) {
        Some(Last::Taken) => sums.repeats_blind += 1,
        Some(Last::Conflict) => sums.repeats_after_conflict += 1,
        Some(Last::Silent) => sums.repeats_after_silence += 1,
        Some(Last::Refused) => sums.repeats_after_refusal += 1,
        None => {}
    }
    known.is_some()
}

/// Reads an answer to a write by the dialect's tables.
fn answered(
    observer: &mut Observer,
    dialect: &dyn Dialect,
    exchange: &Exchange<'_>,
    items: &[Item],
    response: &Response,
) {
    for (item, fact) in facts(observer, dialect, exchange, items, response) {
        match fact {
            Fact::Written(written) => {
                let resource = match &written.id {
                    Some(id) => Resource::by_id(&observer.org, &item.resource.kind, id),
                    None => observer.named(&item.resource),
                };
                observer.learn(dialect, &resource, &written.snapshot);
                let created = response.status == 201;
                taken(observer, dialect, exchange, item, (&resource, &written.snapshot, written.shown, created));
            }
            Fact::Refused(evidence) => refused(observer, dialect, exchange, item, &evidence),
            Fact::Observed(_) | Fact::Absent | Fact::Found(_) | Fact::Operation(_) | Fact::Processing(_) => {}
        }
    }
}

/// What an answer says of each item.
fn facts<'i>(
    observer: &Observer,
    dialect: &dyn Dialect,
    exchange: &Exchange<'_>,
    items: &'i [Item],
    response: &Response,
) -> Vec<(&'i Item, Fact)> {
    let mut all = Vec::new();
    let together: Vec<&Item> = items.iter().filter(|item| dialect.envelope(&item.resource).is_some()).collect();
    let alone: Vec<&Item> = items.iter().filter(|item| dialect.envelope(&item.resource).is_none()).collect();
    if !together.is_empty() {
        let call = Call::Write(together.iter().map(|item| write_item(observer, dialect, item)).collect());
        let facts = dialect.reply(exchange.at, &call, response).facts;
        for (resource, fact) in facts {
            all.extend(together.iter().find(|item| item.resource == resource).map(|item| (*item, fact)));
        }
    }
    let [only] = alone.as_slice() else {
        // Lines of a bulk: the records that the answer shows were written.
        for item in alone {
            let name = observer.named(&item.resource);
            let shown = exchange.shown.iter().find(|(resource, _)| *resource == name);
            all.extend(shown.map(|(_, snapshot)| {
                let written = crate::Written { id: None, snapshot: snapshot.clone(), shown: true, existed: false };
                (item, Fact::Written(written))
            }));
        }
        return all;
    };
    let call = match &only.change {
        Change::Create(value) => Call::Create(Creation { resource: only.resource.clone(), value: value.clone() }),
        Change::Desired(_) | Change::MergePatch(_) | Change::JsonPatch(_) => {
            Call::Write(vec![write_item(observer, dialect, only)])
        }
        _ => return all,
    };
    all.extend(dialect.reply(exchange.at, &call, response).facts.into_iter().map(|(_, fact)| (*only, fact)));
    all
}

/// The item as the engine would have sent it, so that the dialect can read the answer.
fn write_item(observer: &Observer, dialect: &dyn Dialect, item: &Item) -> WriteItem {
    let watched = observer.records.get(&observer.named(&item.resource));
    let named = item.named.and_then(|named| watched?.at_version(named));
    let from = named.or_else(|| watched?.newest());
    let etag = named.and_then(|held| held.snapshot.etag.clone());
    let nothing = || Arc::new(Value::Object(serde_json::Map::new()));
    let from = from.map_or_else(nothing, |held| Arc::clone(&held.snapshot.value));
    let spec = dialect.kind(&item.resource.kind);
    let wish = spec.and_then(|_| Wish::of(item.change.clone()));
    let to = match (spec, wish) {
        (Some(spec), Some((shape, doc))) => {
            let wish = bare(Wish::print(spec, shape, &doc), shape, doc);
            let mut to = (*from).clone();
            if let (Value::Object(to), Value::Object(part)) = (&mut to, wish.carried_out(spec, &from)) {
                to.extend(part);
            }
            Arc::new(to)
        }
        _ => Arc::clone(&from),
    };
    let precondition = Precondition { version: item.named, etag, everywhere: false };
    WriteItem { resource: item.resource.clone(), precondition, from, to }
}

fn bare(print: crate::Digest, shape: super::wish::Shape, doc: Value) -> Wish {
    let at = Timestamp::UNIX_EPOCH;
    let (began, ended, undecided) = (0, 0, 0);
    Wish { print, shape, doc, began, ended, at, first_named: None, named: None, last: Last::Silent, undecided }
}

/// The wish of an item, as it was registered.
fn wish_of<'o>(
    observer: &'o mut Observer,
    dialect: &dyn Dialect,
    client: &Client,
    (item, resource): (&Item, &Resource),
) -> Option<&'o mut Wish> {
    let spec = dialect.kind(&item.resource.kind)?;
    let (shape, doc) = Wish::of(item.change.clone())?;
    let print = Wish::print(spec, shape, &doc);
    let knows = observer.record(resource).clients.get_mut(client)?;
    knows.wishes.iter_mut().find(|wish| wish.print == print)
}

fn taken(
    observer: &mut Observer,
    dialect: &dyn Dialect,
    exchange: &Exchange<'_>,
    item: &Item,
    (resource, snapshot, shown, created): (&Resource, &Snapshot, bool, bool),
) {
    let client = exchange.client;
    observer.book.sums(client, exchange.at).taken += 1;
    let Some(wish) = wish_of(observer, dialect, client, (item, resource)) else { return };
    wish.last = Last::Taken;
    let wish = wish.clone();
    let watched = observer.record(resource);
    // A write that leaves the version as it is changed nothing.
    let changed = snapshot.version.is_none() || snapshot.version != item.named;
    watched.confirm(snapshot.clone(), shown, changed.then(|| client.clone()));
    watched.show(client, exchange.ended, snapshot);
    if !changed {
        return look(observer, dialect, resource, exchange.at);
    }
    observer.waiting.push(Landed {
        resource: resource.clone(),
        client: client.clone(),
        wish,
        version: snapshot.version,
        created,
        ended: exchange.ended,
        at: exchange.at,
    });
    look(observer, dialect, resource, exchange.at);
}

fn refused(observer: &mut Observer, dialect: &dyn Dialect, exchange: &Exchange<'_>, item: &Item, evidence: &Evidence) {
    let last = match evidence.class {
        Class::Stale | Class::Bare => Last::Conflict,
        Class::Ambiguous => Last::Silent,
        _ => Last::Refused,
    };
    let sums = observer.book.sums(exchange.client, exchange.at);
    match last {
        Last::Conflict => sums.conflicts += 1,
        Last::Refused if evidence.class != Class::Throttled => sums.refused += 1,
        _ => {}
    }
    let name = observer.named(&item.resource);
    if let Some(wish) = wish_of(observer, dialect, exchange.client, (item, &name)) {
        wish.last = last;
        wish.undecided += u64::from(last == Last::Conflict);
    }
    if let Some(current) = &evidence.current {
        observer.record(&name).confirm((**current).clone(), true, None);
    }
    look(observer, dialect, &name, exchange.at);
}

/// What a record shows of what is open about it: writes without an answer, conflicts that are not decided.
fn look(observer: &mut Observer, dialect: &dyn Dialect, resource: &Resource, at: Timestamp) {
    let Some(spec) = dialect.kind(&resource.kind) else { return };
    let found = observer.record(resource).resolve(dialect, spec);
    for Found { client, wish, version } in found {
        observer.book.sums(&client, at).landed_unseen += 1;
        let (resource, ended) = (resource.clone(), wish.ended);
        let version = Some(version);
        observer.waiting.push(Landed { resource, client, wish, version, created: false, ended, at });
    }
    conflict::decide(observer, dialect, spec, resource, at);
    judge::trim(observer);
}
