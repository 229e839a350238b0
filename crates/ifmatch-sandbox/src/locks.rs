//! Locks on records and agents: who holds one, until when.

use std::collections::BTreeMap;

/// The open locks. A key is the path of a record, or an agent id for a lock on the agent wherever it is scheduled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locks {
    until: BTreeMap<String, i64>,
}

impl Locks {
    /// Holds a key until an instant; a longer hold that exists stays. Returns whether this opened the lock.
    pub(crate) fn hold(&mut self, now: i64, key: &str, until: i64) -> bool {
        let open = self.is_held(now, key);
        let entry = self.until.entry(key.to_owned()).or_insert(until);
        *entry = (*entry).max(until);
        !open && until > now
    }

    /// Whether the key is held at the instant. A hold ends exactly at its last instant.
    pub(crate) fn is_held(&self, now: i64, key: &str) -> bool {
        self.until.get(key).is_some_and(|until| now < *until)
    }

    /// When the hold on the key ends.
    pub(crate) fn until(&self, key: &str) -> Option<i64> {
        self.until.get(key).copied()
    }

    /// Forgets a hold that has ended; `false` while a longer hold goes on.
    pub(crate) fn release(&mut self, now: i64, key: &str) -> bool {
        let ended = self.until.get(key).is_some_and(|until| *until <= now);
        if ended {
            self.until.remove(key);
        }
        ended
    }
}
