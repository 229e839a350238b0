//! What is known of one record: the representations that went by, and what each client was shown and asked for.

use super::exchange::Client;
use super::wish::{Last, Shape, Wish};
use crate::dialect::{Dialect, KindSpec};
use crate::shadow::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Representations of one record that are kept.
const HISTORY_MAX: usize = 32;

/// Wishes of one client for one record that are kept.
const WISHES_MAX: usize = 16;

/// One representation.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) snapshot: Snapshot,
    /// Whether the target showed it, rather than that it was put together from a write.
    pub(super) shown: bool,
    /// The client whose write made it, where that is known.
    pub(super) by: Option<Client>,
}

/// What one client was shown of a record.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// When the answer had come, in the order of exchanges.
    pub(super) ended: u64,
    pub(super) version: Option<u64>,
    pub(super) value: Arc<Value>,
}

#[derive(Debug, Default)]
pub(super) struct Knows {
    /// Oldest first.
    pub(super) shown: Vec<Shown>,
    /// Oldest first.
    pub(super) wishes: Vec<Wish>,
}

/// One record.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// When it was touched last; 0 for never.
    pub(super) touched: u64,
    /// By version, oldest first.
    pub(super) history: Vec<Held>,
    pub(super) clients: BTreeMap<Client, Knows>,
}

/// A write without an answer that was found in the record.
pub(super) struct Found {
    pub(super) client: Client,
    pub(super) wish: Wish,
    pub(super) version: u64,
}

impl Watched {
    pub(super) fn at_version(&self, version: u64) -> Option<&Held> {
        self.history.iter().find(|held| held.snapshot.version == Some(version))
    }

    pub(super) fn newest(&self) -> Option<&Held> {
        self.history.last()
    }

    /// Takes over what was known of the record under another name.
    pub(super) fn inherit(&mut self, other: Self) {
        for (client, knows) in other.clients {
            let mine = self.clients.entry(client).or_default();
            mine.shown.extend(knows.shown);
            mine.wishes.extend(knows.wishes);
            mine.shown.sort_by_key(|shown| shown.ended);
            mine.wishes.sort_by_key(|wish| wish.began);
        }
        for held in other.history {
            self.confirm(held.snapshot, held.shown, held.by);
        }
    }

    /// Takes a representation. What the target showed replaces what was put together.
    pub(super) fn confirm(&mut self, snapshot: Snapshot, shown: bool, by: Option<Client>) {
        if let Some(known) = self.history.iter_mut().find(|known| known.snapshot.version == snapshot.version) {
            known.by = known.by.take().or(by);
            if shown || !known.shown || snapshot.version.is_none() {
                known.snapshot = Snapshot { writer: snapshot.writer.or(known.snapshot.writer.take()), ..snapshot };
                known.shown |= shown;
            }
            return;
        }
        let place = self.history.partition_point(|known| known.snapshot.version < snapshot.version);
        self.history.insert(place, Held { snapshot, shown, by });
        if self.history.len() > HISTORY_MAX {
            self.history.remove(0);
        }
    }

    /// Notes that a client was shown a representation.
    pub(super) fn show(&mut self, client: &Client, ended: u64, snapshot: &Snapshot) {
        let shown = &mut self.clients.entry(client.clone()).or_default().shown;
        // The first sight counts: what it is shown once more it knew before.
        if shown.iter().any(|known| known.version.is_some() && known.version == snapshot.version) {
            return;
        }
        shown.push(Shown { ended, version: snapshot.version, value: Arc::clone(&snapshot.value) });
        if shown.len() > HISTORY_MAX {
            shown.remove(0);
        }
    }

    pub(super) fn wish(&mut self, client: &Client, wish: Wish) {
        let wishes = &mut self.clients.entry(client.clone()).or_default().wishes;
        match wishes.iter_mut().find(|known| known.print == wish.print) {
            Some(known) => *known = wish,
            None => wishes.push(wish),
        }
        if wishes.len() > WISHES_MAX {
            wishes.remove(0);
        }
    }

    /// Writes without an answer that the record shows to have landed: the next version holds exactly them.
    pub(super) fn resolve(&mut self, dialect: &dyn Dialect, spec: &KindSpec) -> Vec<Found> {
        let mut all = Vec::new();
        let Self { history, clients, .. } = self;
        for (client, knows) in clients.iter_mut() {
            for wish in knows.wishes.iter_mut().filter(|wish| wish.last == Last::Silent) {
                let before = match (wish.named, wish.shape) {
                    (Some(named), _) => history.iter().find(|held| held.snapshot.version == Some(named)),
                    (None, Shape::Create) => None,
                    (None, _) => continue,
                };
                if wish.named.is_some() && before.is_none() {
                    continue;
                }
                let version = wish.named.unwrap_or(0) + 1;
                let nothing = Value::Object(serde_json::Map::new());
                let from = before.map_or(&nothing, |held| &*held.snapshot.value);
                let expected = wish.carried_out(spec, from);
                let next = history.iter_mut().find(|held| held.snapshot.version == Some(version));
                let Some(next) = next.filter(|next| next.by.is_none() && next.shown) else { continue };
                let stands = spec.writable_part(&next.snapshot.value);
                let same = match before_is_known(wish) {
                    true => dialect.alike(&expected, &stands),
                    // A creation fills in what it was not told.
                    false => expected
                        .as_object()
                        .into_iter()
                        .flatten()
                        .all(|(name, value)| stands.get(name).is_some_and(|found| dialect.alike(value, found))),
                };
                if same {
                    next.by = Some(client.clone());
                    wish.last = Last::Taken;
                    all.push(Found { client: client.clone(), wish: wish.clone(), version });
                }
            }
        }
        all
    }
}

fn before_is_known(wish: &Wish) -> bool {
    wish.named.is_some()
}
