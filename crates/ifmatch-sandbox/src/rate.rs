//! Rate limits: fixed windows of 60 s per client, for the tenant and for endpoint families (sections 1 and 10).

use std::collections::BTreeMap;

use crate::{options::Options, time::SECOND};

/// Length of a window.
pub(crate) const WINDOW_MS: i64 = 60 * SECOND;

#[derive(Debug, Clone, Copy)]
struct Window {
    start: i64,
    count: u32,
    /// Reads that left before the client knew of the window, each with a write to come: who admits both at once has
    /// admitted the write before it knew.
    pairs: u32,
}

/// A `Retry-After` that a client was told.
#[derive(Debug, Clone)]
struct Announcement {
    client: String,
    /// The families whose windows were full; `""` is the tenant's.
    families: Vec<&'static str>,
    /// From when on the client knows: whatever left before it cannot have heeded it.
    heard_from: i64,
    until: i64,
}

/// A tenant window that a client was told of.
#[derive(Debug, Clone)]
struct Told {
    client: String,
    /// When the window began.
    start: i64,
    /// From when on the client knows, as in [`Announcement`].
    heard_from: i64,
}

/// The windows of all clients; the family `""` is the tenant's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    windows: BTreeMap<(String, &'static str), Window>,
    announced: Vec<Announcement>,
    told: Vec<Told>,
}

/// A request over a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Whole seconds until the window ends, at least 1.
    pub(crate) seconds: i64,
    /// The families whose windows are full; `""` is the tenant's.
    pub(crate) families: Vec<&'static str>,
}

/// The tenant window as the headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gauge {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_seconds: i64,
}

impl Rates {
    /// Counts a request, unless a window is full; then nothing is counted.
    pub(crate) fn admit(
        &mut self,
        now: i64,
        options: &Options,
        client: &str,
        family: Option<&'static str>,
    ) -> Result<(), Throttled> {
        let limits: Vec<(&'static str, u32)> = limits(options, family);
        let mut longest: Option<i64> = None;
        let mut full = Vec::new();
        for (family, limit) in &limits {
            let window = self.windows.entry((options.counted(client, family), family)).or_insert(Window {
                start: now,
                count: 0,
                pairs: 0,
            });
            if now - window.start >= WINDOW_MS {
                *window = Window { start: now, count: 0, pairs: 0 };
            }
            if window.count >= *limit {
                let seconds = seconds_left(now, window.start);
                full.push(*family);
                longest = Some(longest.unwrap_or(0).max(seconds));
            }
        }
        if let Some(seconds) = longest {
            return Err(Throttled { seconds, families: full });
        }
        for (family, _) in limits {
            if let Some(window) = self.windows.get_mut(&(options.counted(client, family), family)) {
                window.count += 1;
            }
        }
        Ok(())
    }

    /// Notes that a client is told to wait, in an answer that takes `after_ms` to arrive.
    pub(crate) fn announce(&mut self, now: i64, client: &str, throttled: Throttled, after_ms: i64) {
        self.announced.retain(|known| known.until > now);
        let heard_from = heard_from(now, after_ms);
        let Throttled { seconds, families } = throttled;
        let until = now + seconds * SECOND;
        self.announced.push(Announcement { client: client.to_owned(), families, heard_from, until });
    }

    /// Whether a `Retry-After` that this client was told for this family, and knows of, still runs.
    pub(crate) fn is_early(&self, now: i64, client: &str, family: Option<&'static str>) -> bool {
        self.announced.iter().any(|told| {
            let counts = |full: &&'static str| full.is_empty() || Some(*full) == family;
            told.client == client && told.families.iter().any(counts) && told.heard_from <= now && now < told.until
        })
    }

    /// Notes that a client is told the tenant's window, in an answer that takes `after_ms` to arrive.
    pub(crate) fn tell(&mut self, now: i64, client: &str, after_ms: i64) {
        self.told.retain(|told| now - told.start < WINDOW_MS);
        let Some(start) = self.start(now, client) else { return };
        let heard_from = heard_from(now, after_ms);
        let known = |told: &&mut Told| told.client == client && told.start == start;
        match self.told.iter_mut().find(known) {
            Some(told) => told.heard_from = told.heard_from.min(heard_from),
            None => self.told.push(Told { client: client.to_owned(), start, heard_from }),
        }
    }

    /// Notes a read that is admitted to the tenant's window.
    pub(crate) fn read(&mut self, now: i64, client: &str) {
        let knows = self.knows(now, client);
        if let Some(window) = self.windows.get_mut(&(client.to_owned(), "")).filter(|_| !knows) {
            window.pairs += 1;
        }
    }

    /// Whether a request that the tenant's window refuses is one that the client knew to be over it, as [`Self::knows`]
    /// says. A write is none if its read left before the client knew.
    pub(crate) fn is_over(&mut self, now: i64, client: &str, is_write: bool) -> bool {
        if !self.knows(now, client) {
            return false;
        }
        let window = self.windows.get_mut(&(client.to_owned(), "")).expect("a known window runs");
        let paired = is_write && window.pairs > 0;
        window.pairs -= u32::from(paired);
        !paired
    }

    /// Whether this client knows the tenant's window as it runs: what was left of it, and for how long.
    ///
    /// From then on it needs no refusal to stay within the window: what was left, less what it sent since the answer
    /// that said so had left, is what it may send.
    fn knows(&self, now: i64, client: &str) -> bool {
        let start = self.start(now, client);
        let runs = |told: &Told| told.client == client && Some(told.start) == start && told.heard_from <= now;
        self.told.iter().any(runs)
    }

    /// When the tenant's window began that runs for a client.
    fn start(&self, now: i64, client: &str) -> Option<i64> {
        let window = self.windows.get(&(client.to_owned(), ""))?;
        (now - window.start < WINDOW_MS).then_some(window.start)
    }

    /// Answers that have not arrived never do: their connections are gone. Who lost them begins anew, and knows of the
    /// windows nothing; a wait that was asked for stays one.
    pub(crate) fn hang_up(&mut self, now: i64) {
        self.announced.retain(|told| told.heard_from <= now);
        self.told.clear();
    }

    /// The tenant window; `None` without a limit.
    pub(crate) fn gauge(&self, now: i64, options: &Options, client: &str) -> Option<Gauge> {
        let limit = tenant_limit(options)?;
        let window = self.windows.get(&(client.to_owned(), "")).filter(|window| now - window.start < WINDOW_MS);
        let (start, count) = window.map_or((now, 0), |window| (window.start, window.count));
        Some(Gauge { limit, remaining: limit.saturating_sub(count), reset_seconds: seconds_left(now, start) })
    }
}

/// From when on a client knows what is in an answer. What leaves in the very millisecond of the arrival may have left
/// before it. An answer that takes no time is there before the next request is taken.
fn heard_from(now: i64, after_ms: i64) -> i64 {
    if after_ms > 0 { now + after_ms + 1 } else { now }
}

fn tenant_limit(options: &Options) -> Option<u32> {
    options.rate_limit_per_minute.filter(|limit| *limit > 0)
}

fn limits(options: &Options, family: Option<&'static str>) -> Vec<(&'static str, u32)> {
    let tenant = tenant_limit(options).map(|limit| ("", limit));
    let narrow =
        family.and_then(|family| options.family_limit(family).filter(|limit| *limit > 0).map(|limit| (family, limit)));
    tenant.into_iter().chain(narrow).collect()
}

fn seconds_left(now: i64, start: i64) -> i64 {
    let left = start + WINDOW_MS - now;
    ((left + SECOND - 1) / SECOND).max(1)
}
