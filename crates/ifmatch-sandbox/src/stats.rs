//! What a run cost and how well it behaved, per client and per record.

use std::collections::BTreeMap;

use serde::Serialize;

/// Counters of one client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ClientStats {
    /// Requests that reached the target, reads and probes included, OAuth and control excluded.
    pub requests: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Answers 429, also those disguised as 404.
    pub throttled: u64,
    /// Requests sent before an announced `Retry-After` ended.
    pub early: u64,
    /// Requests that the tenant's limit refused although the client had been told of the window that runs: what was
    /// left of it told the client how many it could send. A write whose read left before that is not counted.
    pub over: u64,
    /// Answers 401.
    pub unauthorized: u64,
    /// Tokens fetched.
    pub tokens: u64,
}

/// Counters of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// By OAuth client id; requests with a token that was never given out under `""`.
    pub clients: BTreeMap<String, ClientStats>,
    /// By record: writes that arrived while another write to it was in flight.
    pub concurrent_writes: BTreeMap<String, u64>,
    /// By schedule: publish requests that arrived while one was in flight or a publish was running.
    pub concurrent_publishes: BTreeMap<String, u64>,
    /// Recording exports that were started.
    pub exports: u64,
    /// Sum over all clients.
    pub requests: u64,
    /// Sum over all clients.
    pub throttled: u64,
    /// Sum over all clients.
    pub early: u64,
    /// Sum over all clients.
    pub over: u64,
    #[serde(skip)]
    in_flight_until: BTreeMap<String, i64>,
}

impl Stats {
    pub(crate) fn client(&mut self, id: &str) -> &mut ClientStats {
        self.clients.entry(id.to_owned()).or_default()
    }

    /// Notes a write in flight from `now` to `until`.
    pub(crate) fn write(&mut self, now: i64, path: &str, until: i64) {
        if overlaps(&mut self.in_flight_until, now, path, until) {
            *self.concurrent_writes.entry(path.to_owned()).or_default() += 1;
        }
    }

    /// Notes a publish request; `runs` says whether a publish was running when it arrived.
    pub(crate) fn publish(&mut self, now: i64, path: &str, until: i64, runs: bool) {
        let key = format!("{path}/publish");
        if overlaps(&mut self.in_flight_until, now, &key, until) || runs {
            *self.concurrent_publishes.entry(path.to_owned()).or_default() += 1;
        }
    }
}

fn overlaps(in_flight_until: &mut BTreeMap<String, i64>, now: i64, path: &str, until: i64) -> bool {
    match in_flight_until.get_mut(path) {
        Some(end) => {
            let overlaps = now < *end;
            *end = (*end).max(until);
            overlaps
        }
        None => {
            in_flight_until.insert(path.to_owned(), until);
            false
        }
    }
}
