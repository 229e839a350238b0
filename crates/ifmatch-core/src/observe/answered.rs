//! What came of an exchange: its answer by the dialect's tables, and what the records that it shows say of writes before it.

use super::asked::{Item, wish_of};
use super::exchange::Exchange;
use super::judge::{self, Landed};
use super::watched::Found;
use super::wish::{Last, Wish};
use super::{Observer, conflict};
use crate::dialect::{Call, Creation, Dialect, Fact, Precondition, WriteItem};
use crate::evidence::{Class, Evidence};
use crate::intent::{Change, Resource};
use crate::shadow::Snapshot;
use crate::wire::Response;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// Reads an answer to a write by the dialect's tables.
pub(super) fn answered(
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
pub(super) fn look(observer: &mut Observer, dialect: &dyn Dialect, resource: &Resource, at: Timestamp) {
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
