//! What an accepted write put another value over.

use super::Observer;
use super::book::{Finding, Known};
use super::exchange::Client;
use super::leaves;
use super::watched::{Held, Watched};
use super::wish::{Last, Shape, Wish};
use crate::dialect::{Dialect, KindSpec};
use crate::intent::{Name, Resource};
use crate::plan::{Candidate, nearest};
use ifmatch_merge::{Change, Pointer, Policies, Policy, Schema, Sides, apply, get, merge};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// The most accepted writes that wait to be judged.
const WAITING_MAX: usize = 4096;

/// An accepted write that is to be judged.
#[derive(Debug, Clone)]
pub(super) struct Landed {
    pub(super) resource: Resource,
    pub(super) client: Client,
    pub(super) wish: Wish,
    /// The version that it made.
    pub(super) version: Option<u64>,
    pub(super) created: bool,
    pub(super) ended: u64,
    pub(super) at: Timestamp,
}

/// Lets the oldest go where too many wait.
pub(super) fn trim(observer: &mut Observer) {
    while observer.waiting.len() > WAITING_MAX {
        let landed = observer.waiting.remove(0);
        observer.book.sums(&landed.client, landed.at).not_seen += 1;
    }
}

/// What a client started from.
struct Started {
    /// The representation, with what the client itself landed since.
    value: Value,
    /// Whether a step of its own could not be laid over it.
    unsure: bool,
}

/// Judges one accepted write.
pub(super) fn judge(observer: &mut Observer, dialect: &dyn Dialect, landed: &Landed) {
    let Some(spec) = dialect.kind(&landed.resource.kind) else { return };
    let Some(watched) = observer.records.get(&landed.resource) else { return };
    let Some(version) = landed.version else { return not_seen(observer, landed) };
    if landed.created || version <= 1 {
        return;
    }
    let (Some(over), Some(made)) = (watched.at_version(version - 1), watched.at_version(version)) else {
        return not_seen(observer, landed);
    };
    let remote = spec.writable_part(&over.snapshot.value);
    let written = match made.shown {
        true => spec.writable_part(&made.snapshot.value),
        false => landed.wish.carried_out(spec, &over.snapshot.value),
    };
    let changed: Vec<Change> = leaves::differing(&spec.schema, &remote, &written)
        .into_iter()
        .filter(|change| change.path.segments().next().is_some_and(|top| spec.writable.contains(&top)))
        .filter(|change| change.before.as_ref().is_some_and(|before| !before.is_null()))
        .filter(|change| change.after.as_ref().is_none_or(|after| !same(dialect, change.before.as_ref(), Some(after))))
        .collect();
    if changed.is_empty() {
        return;
    }
    let started = started(spec, watched, (&landed.client, &landed.wish), over);
    let Some(started) = started else { return not_seen(observer, landed) };
    let base = base_side(spec, &landed.wish, &started.value, &remote);
    let sides = Sides { base: &base, local: &written, remote: &remote };
    let merged = merge(&spec.schema, &Policies::new(), landed.client.source.as_str(), &|_| None, sides);
    let kept = |change: &&Change| {
        let stays = get(&spec.schema, &merged.value, &change.path);
        !same(dialect, stays, change.after.as_ref())
    };
    let lost: Vec<&Change> = changed.iter().filter(kept).collect();
    if lost.is_empty() {
        return;
    }
    if started.unsure {
        return not_seen(observer, landed);
    }
    let findings: Vec<Finding> =
        lost.into_iter().map(|change| finding(dialect, spec, watched, landed, change, version)).collect();
    let sums = observer.book.sums(&landed.client, landed.at);
    sums.erasing_writes += 1;
    sums.lost_edits += findings.len() as u64;
    for finding in findings {
        observer.book.note(&landed.client, finding, observer.bounds);
    }
}

/// Whether a refused wish merges with what the target holds now; `None` where nobody knows what it started from.
pub(super) fn merges(
    dialect: &dyn Dialect,
    spec: &KindSpec,
    watched: &Watched,
    (client, wish): (&Client, &Wish),
    over: &Held,
) -> Option<bool> {
    let started = started(spec, watched, (client, wish), over).filter(|started| !started.unsure)?;
    let remote = spec.writable_part(&over.snapshot.value);
    let base = base_side(spec, wish, &started.value, &remote);
    let local = wish.carried_out(spec, &over.snapshot.value);
    let sides = Sides { base: &base, local: &local, remote: &remote };
    let merged = merge(&spec.schema, &Policies::new(), client.source.as_str(), &|_| None, sides);
    let mut whole = (*over.snapshot.value).clone();
    if let (Value::Object(whole), Value::Object(part)) = (&mut whole, merged.value) {
        whole.extend(part);
    }
    let before = dialect.breaches(&spec.name, &over.snapshot.value);
    let breaks = dialect.breaches(&spec.name, &whole).iter().any(|breach| !before.contains(breach));
    Some(merged.conflicts.is_empty() && !breaks)
}

/// What a client started from when it first sent a wish, as that would be at the version that is written over.
fn started(spec: &KindSpec, watched: &Watched, (client, wish): (&Client, &Wish), over: &Held) -> Option<Started> {
    let nothing = Value::Object(serde_json::Map::new());
    let origin = match origin(spec, watched, client, wish) {
        Some(origin) => origin,
        // Who makes a record has seen none.
        None if wish.shape == Shape::Create => Origin { value: Arc::new(nothing.clone()), version: None },
        None => return None,
    };
    let until = over.snapshot.version;
    let mut value = (*origin.value).clone();
    let mut unsure = false;
    let since = |held: &&Held| held.snapshot.version > origin.version && held.snapshot.version <= until;
    for own in watched.history.iter().filter(since).filter(|held| held.by.as_ref() == Some(client)) {
        let from = match own.snapshot.version {
            None | Some(0 | 1) => Some(&nothing),
            Some(version) => watched.at_version(version - 1).map(|held| &*held.snapshot.value),
        };
        let Some(from) = from else {
            unsure = true;
            continue;
        };
        let sides = Sides { base: from, local: &own.snapshot.value, remote: &value };
        value = merge(&spec.schema, &Policies::all(Policy::LocalWins), "", &|_| None, sides).value;
    }
    Some(Started { value, unsure })
}

struct Origin {
    value: Arc<Value>,
    version: Option<u64>,
}

/// The representation that a wish was made from, of those that its client had been shown by then.
fn origin(spec: &KindSpec, watched: &Watched, client: &Client, wish: &Wish) -> Option<Origin> {
    let knows = watched.clients.get(client)?;
    let shown: Vec<_> = knows.shown.iter().filter(|shown| shown.ended < wish.began).collect();
    if matches!(wish.shape, Shape::Patch | Shape::Steps) {
        let named = shown.iter().find(|shown| shown.version.is_some() && shown.version == wish.first_named);
        let last = named.or(shown.last())?;
        return Some(Origin { value: Arc::clone(&last.value), version: last.version });
    }
    // What it said before and what was refused is what it goes on from, too.
    let said: Vec<&Wish> = knows
        .wishes
        .iter()
        .filter(|said| said.print != wish.print && said.ended < wish.began && said.last != Last::Taken)
        .filter(|said| matches!(said.shape, Shape::Whole | Shape::Create))
        .collect();
    let mut known: Vec<(u64, Candidate<'_>, Option<usize>)> =
        shown.iter().enumerate().map(|(at, shown)| (shown.ended, Candidate::shown(&shown.value), Some(at))).collect();
    known.extend(said.iter().map(|said| (said.ended, Candidate::said(&said.doc), None)));
    known.sort_by_key(|(ended, ..)| *ended);
    let places: Vec<(u64, Option<usize>)> = known.iter().map(|(ended, _, at)| (*ended, *at)).collect();
    let candidates: Vec<Candidate<'_>> = known.into_iter().map(|(_, candidate, _)| candidate).collect();
    let found = *nearest(spec, &wish.doc, &candidates).first()?;
    let place = candidates.iter().position(|candidate| std::ptr::eq(candidate, found))?;
    match places[place] {
        (_, Some(at)) => Some(Origin { value: Arc::clone(&shown[at].value), version: shown[at].version }),
        (ended, None) => {
            let before = said.iter().find(|said| said.ended == ended)?;
            // It never landed, so it has the base that it had itself. It began earlier, so this ends.
            if before.began >= wish.began { None } else { origin(spec, watched, client, before) }
        }
    }
}

/// The base at what a wish speaks of; everything else is as the target holds it.
fn base_side(spec: &KindSpec, wish: &Wish, started: &Value, remote: &Value) -> Value {
    let spoken = wish.spoken(spec, remote);
    let at_base = |change: &Change| Change {
        path: change.path.clone(),
        before: None,
        after: value_at(&spec.schema, started, &change.path),
    };
    let changes: Vec<Change> = spoken.iter().map(at_base).collect();
    apply(&spec.schema, remote, &changes)
}

fn value_at(schema: &Schema, value: &Value, path: &Pointer) -> Option<Value> {
    get(schema, value, path).cloned()
}

fn same(dialect: &dyn Dialect, a: Option<&Value>, b: Option<&Value>) -> bool {
    crate::dialect::alike(dialect, a, b)
}

/// Nobody can tell what the write was made over, or from.
fn not_seen(observer: &mut Observer, landed: &Landed) {
    let finding = Finding {
        known: Known::NotSeen,
        at: landed.at,
        client: landed.client.id.clone(),
        kind: landed.resource.kind.clone(),
        record: record(&landed.resource),
        path: Pointer::root(),
        before: None,
        written: None,
        by: None,
        over: landed.version.and_then(|version| version.checked_sub(1)),
        version: landed.version,
    };
    observer.book.sums(&landed.client, landed.at).not_seen += 1;
    observer.book.note(&landed.client, finding, observer.bounds);
}

fn record(resource: &Resource) -> String {
    match &resource.name {
        Name::Id(id) => id.clone(),
        Name::Key(key) => key.clone(),
        Name::External { system, id } => format!("{system}:{id}"),
    }
}

fn finding(
    dialect: &dyn Dialect,
    spec: &KindSpec,
    watched: &Watched,
    landed: &Landed,
    change: &Change,
    version: u64,
) -> Finding {
    Finding {
        known: Known::Lost,
        at: landed.at,
        client: landed.client.id.clone(),
        kind: landed.resource.kind.clone(),
        record: record(&landed.resource),
        path: change.path.clone(),
        before: change.before.clone(),
        written: change.after.clone(),
        by: writer(dialect, spec, watched, change, version - 1),
        over: Some(version - 1),
        version: Some(version),
    }
}

/// Who put the value there, where the representation that first held it tells, and the one before it went by, too.
fn writer(dialect: &dyn Dialect, spec: &KindSpec, watched: &Watched, change: &Change, over: u64) -> Option<String> {
    let holds =
        |held: &&Held| same(dialect, get(&spec.schema, &held.snapshot.value, &change.path), change.before.as_ref());
    let mut first = watched.at_version(over)?;
    while let Some(before) = first.snapshot.version.and_then(|version| watched.at_version(version.checked_sub(1)?)) {
        if !holds(&before) {
            return match &first.by {
                Some(client) => Some(client.to_string()),
                None => first.snapshot.writer.clone(),
            };
        }
        first = before;
    }
    None
}
