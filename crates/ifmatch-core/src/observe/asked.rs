//! What an exchange asked for: its items, and the wishes that they are, with what was sent before.

use super::Observer;
use super::exchange::{Client, Exchange};
use super::wish::{Last, Shape, Wish};
use crate::dialect::{Dialect, Route};
use crate::hash::Digest;
use crate::intent::{Change, Resource};
use crate::wire::Request;
use jiff::{SignedDuration, Timestamp};

/// How long after its last refusal the same wish is still the same one.
const LOOP: SignedDuration = SignedDuration::from_hours(1);

/// One change that a request asks for.
pub(super) struct Item {
    pub(super) resource: Resource,
    pub(super) change: Change,
    pub(super) named: Option<u64>,
}

/// What a request asks for, item by item; none for what is no change of values.
pub(super) fn items(observer: &Observer, dialect: &dyn Dialect, request: &Request) -> Vec<Item> {
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

pub(super) fn in_loop(wish: &Wish, at: Timestamp) -> bool {
    matches!(wish.last, Last::Conflict | Last::Silent) && at.duration_since(wish.at) < LOOP
}

/// Notes a wish. Whether it was sent before, and is in a loop.
pub(super) fn register(observer: &mut Observer, dialect: &dyn Dialect, exchange: &Exchange<'_>, item: &Item) -> bool {
    let Some(spec) = dialect.kind(&item.resource.kind) else { return false };
    let Some((shape, doc)) = Wish::of(item.change.clone()) else { return false };
    let print = Wish::print(spec, shape, &doc);
    let name = observer.named(&item.resource);
    let watched = observer.record(&name);
    let knows = watched.clients.entry(exchange.client.clone()).or_default();
    let known = knows.wishes.iter().find(|wish| wish.print == print).cloned();
    if known.as_ref().is_some_and(|wish| is_earlier(wish, exchange)) {
        let sent_first = (print, exchange.began, item.named, shape);
        backdate(observer, exchange.client, &name, sent_first);
        observer.book.sums(exchange.client, exchange.at).repeats_after_silence += 1;
        return true;
    }
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

/// Whether a request without an answer that says so late was sent before the wish began that is known: its client gave it
/// up and went on long before the proxy could tell that nobody waits for it any more.
fn is_earlier(wish: &Wish, exchange: &Exchange<'_>) -> bool {
    exchange.outcome.status().is_none() && exchange.began < wish.began && exchange.at.duration_since(wish.at) < LOOP
}

/// Has a wish begin with the sending that turned out to be its first, also where it waits to be judged.
fn backdate(
    observer: &mut Observer,
    client: &Client,
    resource: &Resource,
    (print, began, named, shape): (Digest, u64, Option<u64>, Shape),
) {
    let knows = observer.records.get_mut(resource).and_then(|watched| watched.clients.get_mut(client));
    let known = knows.into_iter().flat_map(|knows| &mut knows.wishes);
    let waiting = observer.waiting.iter_mut().filter(|landed| landed.client == *client && landed.resource == *resource);
    let same = known.chain(waiting.map(|landed| &mut landed.wish)).filter(|wish| wish.print == print);
    for wish in same.filter(|wish| began < wish.began) {
        (wish.began, wish.first_named, wish.shape) = (began, named, shape);
    }
}

/// The wish of an item, as it was registered.
pub(super) fn wish_of<'o>(
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
