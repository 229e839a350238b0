//! What an integration does to other people's edits, told from what goes by: the observer.
//!
//! It sees every exchange of a client with the target, as the proxy forwarded it, and changes nothing. It keeps, bounded,
//! the representations that went by and what each client was shown, and tells of an accepted write which values of
//! somebody else it put another value over. What the client started from is decided by the rule of the nearest
//! representation, and what is lost by the merge, so that a report says what the engine would have done.
//!
//! Pure: the same exchanges in the same order give the same [`Book`].

mod answered;
mod asked;
mod book;
mod conflict;
mod exchange;
mod judge;
mod leaves;
mod watched;
mod wish;

pub use book::{Book, Finding, Known, Sheet, Sums, week_of};
pub use exchange::{Client, Exchange, Outcome};

use crate::dialect::Dialect;
use crate::ids::OrgName;
use crate::intent::{Name, Resource};
use crate::shadow::Snapshot;
use judge::Landed;
use std::collections::BTreeMap;
use watched::Watched;

/// How much an observer keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObserveBounds {
    /// Records of which something is known; the one that was touched longest ago falls out.
    pub records_max: usize,
    /// Findings of one source in one week; the oldest falls out.
    pub findings_max: usize,
    /// Weeks of one source; the oldest falls out.
    pub weeks_max: usize,
}

impl Default for ObserveBounds {
    fn default() -> Self {
        Self { records_max: 20_000, findings_max: 500, weeks_max: 26 }
    }
}

/// Watches the exchanges of one org.
#[derive(Debug)]
pub struct Observer {
    org: OrgName,
    bounds: ObserveBounds,
    records: BTreeMap<Resource, Watched>,
    /// When each record was touched last, oldest first.
    touched: BTreeMap<u64, Resource>,
    touches: u64,
    /// Names by a natural key, and the record that has it.
    aliases: BTreeMap<String, Resource>,
    /// Accepted writes that are not judged yet: others that began before their answer are open.
    waiting: Vec<Landed>,
    book: Book,
}

impl Observer {
    /// An observer that goes on with the book of an earlier one.
    #[must_use]
    pub fn new(org: OrgName, bounds: ObserveBounds, book: Book) -> Self {
        Self {
            org,
            bounds,
            records: BTreeMap::new(),
            touched: BTreeMap::new(),
            touches: 0,
            aliases: BTreeMap::new(),
            waiting: Vec::new(),
            book,
        }
    }

    /// What was found so far.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The same, for who keeps it.
    pub fn book_mut(&mut self) -> &mut Book {
        &mut self.book
    }

    /// Takes an exchange that has ended. `horizon` is the beginning of the oldest one that changes something and is still
    /// open, [`u64::MAX`] where there is none.
    pub fn take(&mut self, dialect: &dyn Dialect, exchange: Exchange<'_>, horizon: u64) {
        exchange::take(self, dialect, exchange);
        self.settle(dialect, horizon);
    }

    /// Judges what can be judged now that no older exchange is open.
    pub fn settle(&mut self, dialect: &dyn Dialect, horizon: u64) {
        let (ready, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|one| one.ended < horizon);
        self.waiting = waiting;
        let mut ready: Vec<Landed> = ready;
        ready.sort_by_key(|one| (one.version, one.ended));
        for landed in ready {
            judge::judge(self, dialect, &landed);
        }
    }

    /// The name under which a record is known.
    fn named(&self, resource: &Resource) -> Resource {
        match &resource.name {
            Name::Key(_) => self.aliases.get(&alias(resource)).cloned().unwrap_or_else(|| resource.clone()),
            _ => resource.clone(),
        }
    }

    /// What is known of a record; the one that nobody touched for longest makes room.
    fn record(&mut self, resource: &Resource) -> &mut Watched {
        self.touches += 1;
        let touch = self.touches;
        if !self.records.contains_key(resource)
            && self.records.len() >= self.bounds.records_max
            && let Some((_, oldest)) = self.touched.pop_first()
        {
            self.records.remove(&oldest);
            self.aliases.retain(|_, known| *known != oldest);
        }
        let watched = self.records.entry(resource.clone()).or_default();
        self.touched.remove(&watched.touched);
        self.touched.insert(touch, resource.clone());
        watched.touched = touch;
        watched
    }

    /// Learns the natural key of a record that went by: what was wanted of it under the key is about it.
    fn learn(&mut self, dialect: &dyn Dialect, resource: &Resource, snapshot: &Snapshot) {
        let Some(spec) = dialect.kind(&resource.kind).filter(|spec| !spec.natural_key.is_empty()) else { return };
        let parts: Option<serde_json::Map<String, serde_json::Value>> =
            spec.natural_key.iter().map(|name| Some((name.to_owned(), snapshot.value.get(name)?.clone()))).collect();
        let Some(parts) = parts else { return };
        let key = Name::Key(crate::hash::canonical_json(&serde_json::Value::Object(parts)));
        let by_key = Resource::new(&self.org, &resource.kind, key);
        if self.aliases.insert(alias(&by_key), resource.clone()).as_ref() != Some(resource) {
            let old = self.records.keys().find(|known| alias(known) == alias(&by_key)).cloned();
            if let Some(old) = old.and_then(|old| self.records.remove(&old)) {
                self.touched.remove(&old.touched);
                self.record(resource).inherit(old);
            }
        }
    }
}

/// A natural key as it is looked up: targets compare addresses without case.
fn alias(resource: &Resource) -> String {
    resource.key().to_lowercase()
}
