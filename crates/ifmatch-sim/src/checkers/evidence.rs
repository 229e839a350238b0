//! What the judges look at: the ledger, and the attempts that explain our entries in it.

use super::audit::Trail;
use super::shifts::Courses;
use crate::records::{alike, collection, is_list, is_listed, path_of, path_of_record, schema, value_at};
use crate::world::World;
use ifmatch_core::dialect::WriteItem;
use ifmatch_core::merge::{Pointer, diff};
use ifmatch_core::{AttemptRecord, Call, Change as Wish, IntentId, IntentRecord, OrgName, Share, Shared, State};
use ifmatch_sandbox::{Change, LedgerEntry, Silence};
use ifmatch_store::{ListFilter, Store, StoreError};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The name under which the sandbox shows our writes.
pub(crate) const OURS: &str = "Integration";

/// Everything that the judges look at.
pub(crate) struct Evidence {
    pub(crate) ledger: Vec<Arc<LedgerEntry>>,
    pub(crate) intents: BTreeMap<IntentId, IntentRecord>,
    /// For each intent, those that it superseded.
    superseded: BTreeMap<IntentId, Vec<IntentId>>,
    /// Where in the ledger the entries of each record stand, by its path.
    places: BTreeMap<String, Vec<usize>>,
    /// Those that a person had go on, with or without values of their choice; filled in from the log.
    pub(crate) decided: BTreeSet<IntentId>,
    /// For each of our entries, by its number, the write that made it.
    explained: BTreeMap<u64, Explained>,
    /// The same for entries of records that are in one document: several may have one number.
    listed: BTreeMap<(u64, String), Explained>,
    /// The fields of accepted writes that the target did not apply as sent.
    silences: Vec<Silence>,
    /// The log; empty where there is no world.
    pub(crate) trail: Trail,
    /// What became of single shifts, as judges asked for it.
    pub(super) courses: Courses,
}

impl Evidence {
    pub(crate) fn gather(world: &mut World) -> Self {
        let ledger = world.sandbox.ledger().iter().flat_map(by_record).collect();
        let org = world.org();
        let silences = world.sandbox.silences();
        let evidence =
            Self::of(&mut *world.store.borrow_mut(), &org, ledger, silences).expect("the memory store can be read");
        let trail = Trail::read(world);
        Self { decided: trail.decided(), trail, ..evidence }
    }

    /// From any store, and the ledger of the target that its org wrote to, with the fields that it did not apply as sent.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn of(
        store: &mut dyn Store,
        org: &OrgName,
        ledger: Vec<Arc<LedgerEntry>>,
        silences: &[Silence],
    ) -> Result<Self, StoreError> {
        let filter = ListFilter { limit: usize::MAX, ..ListFilter::default() };
        let intents: Vec<IntentRecord> = store.list(org, &filter)?;
        let mut attempts: BTreeMap<_, Shared<AttemptRecord>> = BTreeMap::new();
        for record in &intents {
            let stored = store.attempts_of(org, record.id)?;
            attempts.extend(stored.into_iter().map(|attempt| (attempt.record.id, attempt.record)));
        }
        let writes = Writes::of(attempts.into_values(), &intents);
        let ours = || ledger.iter().filter(|entry| entry.actor == OURS && !is_publish(entry));
        let explain = |entry: &LedgerEntry| {
            let dropped = silences.iter().filter(|silence| is_of(entry, silence));
            let dropped: Vec<&str> = dropped.map(|silence| silence.field.as_str()).collect();
            writes.explain(&as_sent(entry, silences), &dropped)
        };
        let explained =
            ours().filter(|entry| !is_listed(&entry.path)).map(|entry| (entry.seq, explain(entry))).collect();
        let listed = ours().filter(|entry| is_listed(&entry.path));
        let listed = listed.map(|entry| ((entry.seq, entry.path.clone()), explain(entry))).collect();
        let mut superseded: BTreeMap<IntentId, Vec<IntentId>> = BTreeMap::new();
        for record in intents.iter().filter(|record| record.status.state == State::Superseded) {
            if let Some(winner) = record.status.winner {
                superseded.entry(winner).or_default().push(record.id);
            }
        }
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, entry) in ledger.iter().enumerate() {
            match places.get_mut(&entry.path) {
                Some(places) => places.push(at),
                None => drop(places.insert(entry.path.clone(), vec![at])),
            }
        }
        Ok(Self {
            decided: BTreeSet::new(),
            superseded,
            places,
            ledger,
            intents: intents.into_iter().map(|record| (record.id, record)).collect(),
            explained,
            listed,
            silences: silences.to_vec(),
            trail: Trail::default(),
            courses: Courses::default(),
        })
    }

    /// The ledger, oldest first.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &LedgerEntry> + Clone {
        self.ledger.iter().map(|entry| &**entry)
    }

    /// The entries of a record, oldest first, each with its place in the ledger.
    pub(crate) fn of_record(&self, path: &str) -> impl DoubleEndedIterator<Item = (usize, &LedgerEntry)> {
        let places = self.places.get(path).map_or(&[][..], Vec::as_slice);
        places.iter().map(|at| (*at, &*self.ledger[*at]))
    }

    fn explained(&self, entry: &LedgerEntry) -> Option<&Explained> {
        if is_listed(&entry.path) {
            return self.listed.get(&(entry.seq, entry.path.clone()));
        }
        self.explained.get(&entry.seq)
    }

    /// Our entries, each with the shares of the attempt that made it.
    pub(crate) fn ours(&self) -> impl Iterator<Item = (&LedgerEntry, &[Share])> {
        self.entries().filter_map(|entry| Some((entry, &*self.explained(entry)?.shares)))
    }

    /// The entries that the target's ledger had when it had so many.
    pub(crate) fn first(&self, entries: usize) -> impl DoubleEndedIterator<Item = &LedgerEntry> {
        self.ledger[..self.ledger.partition_point(|entry| entry.seq <= entries as u64)].iter().map(|entry| &**entry)
    }

    /// The shares of the attempt that made an entry; none where the entry is not ours.
    pub(crate) fn shares(&self, entry: &LedgerEntry) -> &[Share] {
        self.explained(entry).map_or(&[], |write| &*write.shares)
    }

    /// Whether a value was sent for a field of a record, and the target kept another one.
    pub(crate) fn is_refused(&self, path: &str, field: &str, value: Option<&Value>) -> bool {
        let mut dropped = self.silences.iter().filter(|silence| silence.path == path);
        dropped.any(|silence| format!("/{}", silence.field) == field && alike(Some(&silence.sent), value))
    }

    /// Whether an entry has at a path what the target made of another value.
    pub(crate) fn is_made_of_another(&self, entry: &LedgerEntry, path: &str) -> bool {
        let mut made = self.silences.iter().filter(|silence| is_of(entry, silence));
        made.any(|silence| format!("/{}", silence.field) == path)
    }

    /// Whether an entry shows nothing of a share of its write, since the target did not apply that.
    pub(crate) fn is_silenced(&self, entry: &LedgerEntry, share: &Share) -> bool {
        let shows = entry.changes.iter().any(|change| touches(share, &change.path));
        let mut dropped = self.silences.iter().filter(|silence| is_of(entry, silence));
        !shows && dropped.any(|silence| touches(share, &format!("/{}", silence.field)))
    }

    /// Whether a write of ours made an entry, also one that carries no intent's values and only puts something back.
    pub(crate) fn is_explained(&self, entry: &LedgerEntry) -> bool {
        self.explained(entry).is_some_and(|write| write.version.is_some() || !write.shares.is_empty())
    }

    /// The version that a write of ours named, where the record had moved on since, as far as a target lets it.
    pub(crate) fn slipped_over(&self, entry: &LedgerEntry) -> Option<u64> {
        let named = self.explained(entry)?.version?;
        (Some(named) < entry.from_version).then_some(named)
    }

    /// Whether a person decided an intent, now or before it went to one again.
    pub(crate) fn is_decided(&self, record: &IntentRecord) -> bool {
        !record.status.decided.is_empty() || self.decided.contains(&record.id)
    }

    /// The sources whose intents made an entry at a path.
    pub(crate) fn sources(&self, entry: &LedgerEntry, path: &str) -> Vec<String> {
        let shares = if entry.actor == OURS && !is_publish(entry) { self.shares(entry) } else { &[] };
        let mine = shares.iter().filter(|share| touches(share, path));
        mine.filter_map(|share| self.intents.get(&share.intent)).map(|record| record.source.to_string()).collect()
    }

    /// The intents that went into one: those that it superseded, and those that they superseded.
    pub(crate) fn replaced(&self, intent: IntentId) -> Vec<&IntentRecord> {
        let mut found: Vec<&IntentRecord> = Vec::new();
        let mut open = vec![intent];
        while let Some(winner) = open.pop() {
            let older = self.superseded.get(&winner).into_iter().flatten();
            for record in older.filter_map(|id| self.intents.get(id)) {
                if record.id != intent && !found.iter().any(|known| known.id == record.id) {
                    found.push(record);
                    open.push(record.id);
                }
            }
        }
        found
    }

    /// The intents of the source of one for the record of that one, itself among them.
    pub(crate) fn of_source<'a>(&'a self, record: &'a IntentRecord) -> impl Iterator<Item = &'a IntentRecord> {
        self.intents.values().filter(|other| other.source == record.source && other.resource == record.resource)
    }

    /// Whether a newer intent of the same source sets a field of the same record.
    pub(crate) fn said_since(&self, record: &IntentRecord, field: &str) -> bool {
        self.of_source(record).filter(|other| other.order > record.order).any(|other| word(other, field).is_some())
    }

    /// Whether an older intent of the same source wants a field of its record to have a value.
    pub(crate) fn said_before(&self, record: &IntentRecord, field: &str, value: &Value) -> bool {
        let mut older = self.of_source(record).filter(|other| other.order < record.order);
        older.any(|other| alike(word(other, field).as_deref(), Some(value)))
    }

    /// Whether a field of a record ever had a value in the target.
    pub(crate) fn stood(&self, world: &World, path: &str, field: &str, value: &Value) -> bool {
        let pointer = format!("/{field}");
        let mut changes =
            self.of_record(path).flat_map(|(_, entry)| &entry.changes).filter(|change| change.path == pointer);
        let is = |found: Option<&Value>| alike(found, Some(value));
        changes.any(|change| is(change.before.as_ref()) || is(change.after.as_ref()))
            || world.sandbox.record(path).is_some_and(|record| is(record.get(field)))
    }

    /// The entries of a record before one of them, newest first.
    pub(crate) fn before<'a>(&'a self, entry: &'a LedgerEntry) -> impl Iterator<Item = &'a LedgerEntry> {
        self.of_record(&entry.path).rev().map(|(_, other)| other).filter(move |other| other.seq < entry.seq)
    }
}

/// What an intent says that a field of its record is to be.
pub(crate) fn word<'a>(record: &'a IntentRecord, field: &str) -> Option<Cow<'a, Value>> {
    match &record.intent.change {
        Wish::MergePatch(said) | Wish::Desired(said) | Wish::Create(said) => said.get(field).map(Cow::Borrowed),
        change if field == "status" => settles(change).map(|status| Cow::Owned(status.into())),
        _ => None,
    }
}

/// The status that a verb brings a trade to.
pub(crate) fn settles(change: &Wish) -> Option<&'static str> {
    match change {
        Wish::Verb(verb) if verb.name == "approve" => Some("approved"),
        Wish::Verb(verb) if verb.name == "deny" => Some("denied"),
        _ => None,
    }
}

/// Whether a field that was not applied is one of the write that made an entry.
fn is_of(entry: &LedgerEntry, silence: &Silence) -> bool {
    silence.path == entry.path && silence.from_version == entry.from_version && silence.at == entry.at
}

/// An entry by the records that it changed: where one document holds several, each has an entry of its own.
fn by_record(entry: &Arc<LedgerEntry>) -> Vec<Arc<LedgerEntry>> {
    if !is_list(&entry.path) {
        return vec![Arc::clone(entry)];
    }
    let mut found: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
    for change in &entry.changes {
        let (id, at) = change.path[1..].split_once('/').unwrap_or((&change.path[1..], ""));
        found.entry(id).or_default().push(Change { path: format!("/{at}"), ..change.clone() });
    }
    let one = |(id, changes): (&str, Vec<Change>)| {
        let path = format!("{}/{id}", entry.path);
        Arc::new(LedgerEntry { path, changes, ..LedgerEntry::clone(entry) })
    };
    found.into_iter().map(one).collect()
}

/// An entry with what was sent in place of what the target made of it: that is what a write explains.
fn as_sent<'a>(entry: &'a LedgerEntry, silences: &[Silence]) -> Cow<'a, LedgerEntry> {
    let mut entry = Cow::Borrowed(entry);
    for silence in silences {
        if !is_of(&entry, silence) {
            continue;
        }
        let at = format!("/{}", silence.field);
        if let Some(place) = entry.changes.iter().position(|change| change.path == at) {
            entry.to_mut().changes[place].after = Some(silence.sent.clone());
        }
    }
    entry
}

/// The write that made an entry of ours.
#[derive(Default)]
struct Explained {
    /// What it carried of that record.
    shares: Arc<[Share]>,
    /// The version that it names.
    version: Option<u64>,
}

/// A path, and the version of it that a write uses up.
type Used = (String, Option<u64>);

/// Every attempt that wrote, newest last, the items of writes by path and precondition: the
/// precondition names the version that an attempt uses up, so it names the entry.
struct Writes {
    attempts: Vec<Shared<AttemptRecord>>,
    /// The paths of records that intents are said to have made.
    made: BTreeMap<IntentId, String>,
    items: BTreeMap<Used, Vec<(usize, WriteItem)>>,
}

impl Writes {
    fn of(attempts: impl Iterator<Item = Shared<AttemptRecord>>, intents: &[IntentRecord]) -> Self {
        let landed = intents.iter().filter(|record| record.status.state == State::Landed);
        let made =
            landed.filter(|record| record.status.reason.as_deref().is_some_and(|why| why.starts_with("created as")));
        let made = made.filter_map(|record| Some((record.id, path_of_record(record)?))).collect();
        let attempts: Vec<Shared<AttemptRecord>> = attempts.collect();
        let mut items: BTreeMap<_, Vec<(usize, WriteItem)>> = BTreeMap::new();
        for (at, attempt) in attempts.iter().enumerate() {
            let Call::Write(written) = &attempt.call else { continue };
            for item in written {
                let Some(path) = path_of(&item.resource) else { continue };
                items.entry((path, item.precondition.version)).or_default().push((at, item.clone()));
            }
        }
        Self { attempts, made, items }
    }

    /// The attempt that explains an entry best, the newest of equal ones: several attempts can name the same version,
    /// since one whose answer was lost may land in the place of a later one. Where the target lets a write through that
    /// names an older version, it comes from one of those: what it says beside may have stood there already, so the one
    /// that names the newest version goes first.
    fn explain(&self, entry: &LedgerEntry, dropped: &[&str]) -> Explained {
        let named = |version: Option<u64>| (entry.path.clone(), version);
        let fits = |(_, item): &&(usize, WriteItem)| carries(&item.from, &item.to, entry);
        let fitting = self.items.get(&named(entry.from_version)).into_iter().flatten().filter(fits);
        let best = best_of(fitting, entry, dropped).or_else(|| {
            let older = self.items.range(named(None)..named(entry.from_version)).flat_map(|(_, items)| items);
            older.filter(fits).max_by_key(|(at, item)| (values_of(item, entry), item.precondition.version, *at))
        });
        if let Some((at, item)) = best {
            let all = &self.attempts[*at].shares;
            let alone = all.iter().all(|share| share.resource == item.resource);
            let mine = || all.iter().filter(|share| share.resource == item.resource).cloned().collect();
            let shares = if alone { Arc::clone(all) } else { mine() };
            return Explained { shares, version: item.precondition.version };
        }
        let makes = |attempt: &&Shared<AttemptRecord>| match &attempt.call {
            Call::Create(creation) => {
                entry.from_version.is_none()
                    && entry.path.starts_with(collection(&creation.resource.kind))
                    && is_made_by(&creation.value, entry)
            }
            _ => false,
        };
        // Of several that say the same, the one that is said to have made it: a second one that is said so has no entry.
        // Else the newest one that had left by then; a clock that was set back may say of none that it had.
        let claims =
            |attempt: &&Shared<AttemptRecord>| attempt.intents.iter().any(|id| self.made.get(id) == Some(&entry.path));
        let left = |attempt: &&Shared<AttemptRecord>| attempt.at.as_millisecond() <= entry.at;
        let made = || self.attempts.iter().rev().filter(makes);
        let created = made().find(claims).or_else(|| made().find(left)).or_else(|| made().next());
        created
            .map_or_else(Explained::default, |attempt| Explained { shares: Arc::clone(&attempt.shares), version: None })
    }
}

/// The write that explains most of an entry, the newest of equal ones. Mostly there is one, and nothing to compare.
fn best_of<'a>(
    fitting: impl Iterator<Item = &'a (usize, WriteItem)>,
    entry: &LedgerEntry,
    dropped: &[&str],
) -> Option<&'a (usize, WriteItem)> {
    let mut fitting: Vec<_> = fitting.collect();
    if fitting.len() < 2 {
        return fitting.pop();
    }
    let mut best: Option<(i64, &(usize, WriteItem))> = None;
    for found in fitting {
        // Copies of one write explain the same.
        let weight = match best {
            Some((weight, (_, known))) if Arc::ptr_eq(&known.to, &found.1.to) => weight,
            _ => explained(&found.1, entry, dropped),
        };
        if best.is_none_or(|(most, (at, _))| (most, *at) <= (weight, found.0)) {
            best = Some((weight, found));
        }
    }
    best.map(|(_, found)| found)
}

/// How much of an entry a write explains: the paths that become what it says, less those that it would have
/// changed and the entry did not. What the target dropped is not missing.
fn explained(item: &WriteItem, entry: &LedgerEntry, dropped: &[&str]) -> i64 {
    let schema = schema(&item.resource.kind);
    let wanted = diff(schema, &item.from, &item.to);
    let changed = |path: &Pointer| {
        entry.changes.iter().any(|change| change.path.parse().is_ok_and(|other: Pointer| path.overlaps(&other)))
    };
    let missing =
        wanted.iter().filter(|change| !is_managed(change.path.as_str().split('/').nth(1).unwrap_or_default()));
    let is_dropped = |path: &Pointer| path.segments().next().is_some_and(|top| dropped.contains(&&*top));
    let missing = missing.filter(|change| !changed(&change.path) && !is_dropped(&change.path)).count();
    i64::try_from(values_of(item, entry)).unwrap_or(0) - i64::try_from(missing).unwrap_or(0)
}

/// How many paths of an entry become what a write says.
fn values_of(item: &WriteItem, entry: &LedgerEntry) -> usize {
    let becomes =
        |change: &&Change| alike(value_at(&item.resource.kind, &item.to, &change.path), change.after.as_ref());
    entry.changes.iter().filter(becomes).count()
}

/// Whether a write from one value to another is what an entry says.
fn carries(from: &Value, to: &Value, entry: &LedgerEntry) -> bool {
    let mut tops: Vec<&str> =
        entry.changes.iter().map(|change| change.path.split('/').nth(1).unwrap_or_default()).collect();
    // They are ordered by path, so that what lies in one field stands together.
    tops.dedup();
    tops.into_iter().all(|top| is_managed(top) || from.get(top) != to.get(top))
}

fn is_made_by(value: &Value, entry: &LedgerEntry) -> bool {
    let wanted = |name: &str| value.get(name).filter(|value| !value.is_null());
    entry.changes.iter().all(|change| {
        let top = change.path.trim_start_matches('/');
        wanted(top).is_none_or(|value| alike(change.after.as_ref(), Some(value)))
    })
}

/// Whether a share changes something at, in or around a path.
pub(crate) fn touches(share: &Share, path: &str) -> bool {
    share.changes.iter().any(|change| {
        let mine = change.path.as_str();
        path == mine || path.starts_with(&format!("{mine}/")) || mine.starts_with(&format!("{path}/"))
    })
}

/// Fields that the target writes itself.
pub(crate) fn is_managed(field: &str) -> bool {
    !matches!(
        field,
        "score"
            | "comments"
            | "reviewed_at"
            | "evaluation_form"
            | "shifts"
            | "availability"
            | "status"
            | "notes"
            | "initiating"
            | "receiving"
            | "expires_at"
            | "time_zone"
            | "swap_request_id"
            | "name"
            | "description"
            | "weeklyExactPaidMinutes"
            | "lengthInMinutes"
            | "settings"
    )
}

pub(crate) fn is_publish(entry: &LedgerEntry) -> bool {
    entry.changes.iter().any(|change| change.path == "/published_revision" || change.path == "/state")
}
