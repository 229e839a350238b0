//! Which intents are the same intent again.

use crate::hash::Digest;
use crate::ids::{IntentId, SourceName};
use std::collections::BTreeMap;

/// The keys of the org's sources, and the fingerprints of proxied writes in flight.
#[derive(Debug, Default)]
pub(super) struct Keys {
    keys: BTreeMap<(SourceName, u128), (Digest, IntentId)>,
    in_flight: BTreeMap<(SourceName, u128), IntentId>,
    prints: BTreeMap<IntentId, (SourceName, u128)>,
}

/// What a key says of an intent on its way in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: it is new.
    No,
    /// It is this one again.
    Same(IntentId),
    /// The key belongs to another content.
    Mismatch(IntentId),
}

/// The digest under which a key is kept.
pub(super) fn key_digest(key: &str) -> u128 {
    Digest::of(key.as_bytes()).short()
}

impl Keys {
    pub(super) fn look(&self, source: &SourceName, key: &str, content: &Digest) -> Known {
        match self.keys.get(&(source.clone(), key_digest(key))) {
            None => Known::No,
            Some((first, id)) if first == content => Known::Same(*id),
            Some((_, id)) => Known::Mismatch(*id),
        }
    }

    pub(super) fn keep(&mut self, source: &SourceName, key: u128, content: Digest, id: IntentId) {
        self.keys.insert((source.clone(), key), (content, id));
    }

    /// The open intent of the same write.
    pub(super) fn open(&self, source: &SourceName, print: &Digest) -> Option<IntentId> {
        self.in_flight.get(&(source.clone(), print.short())).copied()
    }

    pub(super) fn fly(&mut self, source: &SourceName, print: &Digest, id: IntentId) {
        let key = (source.clone(), print.short());
        self.in_flight.insert(key.clone(), id);
        self.prints.insert(id, key);
    }

    pub(super) fn land(&mut self, id: IntentId) {
        if let Some(key) = self.prints.remove(&id) {
            self.in_flight.remove(&key);
        }
    }
}
