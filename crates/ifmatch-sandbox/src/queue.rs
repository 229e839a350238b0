//! What is due later: exchanges, ends of publishes and locks, actors, commits that come too late.

use std::collections::{BTreeMap, BTreeSet};

use crate::{http::Request, target::Target};

/// One thing that happens by itself.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// The shifts of an approved trade change hands.
    Exchange { trade_id: String },
    /// A publish ends.
    PublishEnd { job_id: String },
    /// A lock may have ended.
    Unlock { key: String },
    /// A human editor acts; the number of the actor.
    Editor(usize),
    /// A locker acts; the number of the actor, and whether this is its opening batch.
    Locker { index: usize, opening: bool },
    /// A request is applied although its client gave up.
    LateCommit { client_id: String, request: Box<Request> },
    /// Something that the platform API began ends; what it is about is for the function to know.
    Platform { run: fn(&mut Target, i64, &str), id: String },
}

/// Things due, by time, then in the order in which they were put in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    due: BTreeMap<(i64, u64), Due>,
    /// Those of late commits.
    late: BTreeSet<(i64, u64)>,
    count: u64,
}

impl Queue {
    pub(crate) fn put(&mut self, at: i64, due: Due) {
        self.count += 1;
        if matches!(due, Due::LateCommit { .. }) {
            self.late.insert((at, self.count));
        }
        self.due.insert((at, self.count), due);
    }

    /// Takes the first thing due at or before `now`.
    pub(crate) fn take(&mut self, now: i64) -> Option<(i64, Due)> {
        let (&key, _) = self.due.first_key_value()?;
        if key.0 > now {
            return None;
        }
        let due = self.due.remove(&key)?;
        if matches!(due, Due::LateCommit { .. }) {
            self.late.remove(&key);
        }
        Some((key.0, due))
    }

    /// Takes the exchanges due at or before `now`, in their order.
    pub(crate) fn take_exchanges(&mut self, now: i64) -> Vec<String> {
        let due = self.due.range(..=(now, u64::MAX));
        let keys: Vec<(i64, u64)> =
            due.filter(|(_, due)| matches!(due, Due::Exchange { .. })).map(|(key, _)| *key).collect();
        let taken = keys.into_iter().filter_map(|key| self.due.remove(&key));
        taken.filter_map(|due| if let Due::Exchange { trade_id } = due { Some(trade_id) } else { None }).collect()
    }

    /// Forgets what the actors would have done.
    pub(crate) fn drop_actors(&mut self) {
        self.due.retain(|_, due| !matches!(due, Due::Editor(_) | Due::Locker { .. }));
    }

    /// When the next request is applied whose client gave up.
    pub(crate) fn next_late(&self) -> Option<i64> {
        self.late.first().map(|(at, _)| *at)
    }

    pub(crate) fn next_at(&self) -> Option<i64> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }
}
