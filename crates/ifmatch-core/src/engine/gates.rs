//! One gate per budget bucket: nothing passes before `Retry-After` ends, and nothing that the
//! announced window has no room for.

use crate::evidence::BudgetHint;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long a window lasts.
const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// Bulk leaves one in so many requests of a window to live work.
const BULK_LEAVES: u64 = 10;

/// The gates of one org.
#[derive(Debug, Default)]
pub(super) struct Gates {
    buckets: BTreeMap<String, Bucket>,
}

#[derive(Debug, Default)]
struct Bucket {
    window: Option<Window>,
    in_flight: u64,
    /// Requests of turns that were admitted and have not left.
    held: u64,
    /// Whether an answer came: one without figures means that no window is announced.
    answered: bool,
    closed_until: Option<Timestamp>,
    /// Refusals in a row: doubles the pause where the target names none.
    throttles: u32,
}

#[derive(Debug)]
struct Window {
    limit: u64,
    remaining: u64,
    reset_at: Timestamp,
}

impl Window {
    /// One in a hundred stays unused: the window's edges are only known to the second.
    fn reserve(&self) -> u64 {
        (self.limit / 100).max(1)
    }

    /// Whether it has no room for so many requests beside the reserve, even at its start.
    fn is_narrow(&self, requests: u64) -> bool {
        self.limit < requests + self.reserve()
    }
}

/// Whether requests may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// They may.
    Open,
    /// Not before this instant.
    ClosedUntil(Timestamp),
    /// Not before one that is on the wire has its answer.
    AfterAnswer,
}

impl Gates {
    fn bucket(&mut self, name: &str) -> &mut Bucket {
        if !self.buckets.contains_key(name) {
            self.buckets.insert(name.to_owned(), Bucket::default());
        }
        self.buckets.get_mut(name).expect("the bucket was made where there was none")
    }

    /// Whether so many requests may pass all these buckets at once.
    pub(super) fn passage(&mut self, now: Timestamp, buckets: &[String], requests: u64) -> Passage {
        let mut worst = Passage::Open;
        for name in buckets {
            let passage = self.bucket(name).passage(now, requests);
            worst = match (worst, passage) {
                (Passage::ClosedUntil(a), Passage::ClosedUntil(b)) => Passage::ClosedUntil(a.max(b)),
                (Passage::Open, other) | (other, Passage::Open) => other,
                (Passage::ClosedUntil(at), _) | (_, Passage::ClosedUntil(at)) => Passage::ClosedUntil(at),
                (Passage::AfterAnswer, Passage::AfterAnswer) => Passage::AfterAnswer,
            };
        }
        worst
    }

    /// Until when bulk leaves what is left of these buckets' windows to live work; `None` where it may go.
    pub(super) fn kept_from_bulk(&self, now: Timestamp, buckets: &[String], requests: u64) -> Option<Timestamp> {
        let buckets = buckets.iter().filter_map(|name| self.buckets.get(name));
        buckets.filter_map(|bucket| bucket.kept_from_bulk(now, requests)).max()
    }

    /// The most requests that the announced windows of these buckets have room for at their start.
    pub(super) fn most(&self, buckets: &[String]) -> u64 {
        let windows = buckets.iter().filter_map(|name| self.buckets.get(name)?.window.as_ref());
        windows.map(|window| window.limit.saturating_sub(window.reserve())).min().unwrap_or(u64::MAX)
    }

    pub(super) fn sent(&mut self, buckets: &[String]) {
        for name in buckets {
            self.bucket(name).in_flight += 1;
        }
    }

    /// An exchange that was counted did not leave after all.
    pub(super) fn unsent(&mut self, buckets: &[String]) {
        for name in buckets {
            let bucket = self.bucket(name);
            bucket.in_flight = bucket.in_flight.saturating_sub(1);
        }
    }

    /// Keeps room for requests that will leave.
    pub(super) fn hold(&mut self, buckets: &[String], requests: u64) {
        for name in buckets {
            self.bucket(name).held += requests;
        }
    }

    /// Gives room back.
    pub(super) fn unhold(&mut self, buckets: &[String], requests: u64) {
        for name in buckets {
            let bucket = self.bucket(name);
            bucket.held = bucket.held.saturating_sub(requests);
        }
    }

    /// Whether one of these buckets is closed.
    pub(super) fn is_shut(&self, now: Timestamp, buckets: &[String]) -> bool {
        self.opens(now, buckets).is_some()
    }

    /// When the last of these buckets opens that is closed now; `None` where none is.
    pub(super) fn opens(&self, now: Timestamp, buckets: &[String]) -> Option<Timestamp> {
        let closed = buckets.iter().filter_map(|name| self.buckets.get(name)?.closed_until);
        closed.filter(|until| *until > now).max()
    }

    /// An exchange ended: it is on the wire no more.
    pub(super) fn ended(&mut self, buckets: &[String], throttled: bool) {
        for name in buckets {
            let bucket = self.bucket(name);
            bucket.in_flight = bucket.in_flight.saturating_sub(1);
            bucket.answered = true;
            if let Some(window) = &mut bucket.window {
                window.remaining = window.remaining.saturating_sub(1);
            }
            if !throttled {
                bucket.throttles = 0;
            }
        }
    }

    /// What an answer's headers say. Answers overtake each other: within a window the least counts.
    pub(super) fn hear(&mut self, now: Timestamp, hint: &BudgetHint) {
        let bucket = self.bucket(&hint.bucket);
        let slack = SignedDuration::from_secs(2);
        let same = |window: &Window| {
            now < window.reset_at && (window.reset_at - slack..=window.reset_at + slack).contains(&hint.reset_at)
        };
        match &mut bucket.window {
            Some(window) if same(window) => {
                window.remaining = window.remaining.min(hint.remaining);
                window.reset_at = window.reset_at.max(hint.reset_at);
                window.limit = hint.limit;
            }
            other => {
                *other = Some(Window { limit: hint.limit, remaining: hint.remaining, reset_at: hint.reset_at });
            }
        }
    }

    /// Closes a bucket after a refusal; returns until when.
    pub(super) fn close(
        &mut self,
        now: Timestamp,
        name: &str,
        asked: Option<SignedDuration>,
        pause: SignedDuration,
    ) -> Timestamp {
        let bucket = self.bucket(name);
        let doubled = pause * (1 << bucket.throttles.min(5));
        bucket.throttles += 1;
        let until = now + asked.unwrap_or(doubled);
        let until = bucket.closed_until.map_or(until, |known| known.max(until));
        bucket.closed_until = Some(until);
        until
    }

    /// Closes a bucket as the store remembers it.
    pub(super) fn restore(&mut self, name: &str, until: Timestamp) {
        self.bucket(name).closed_until = Some(until);
    }

    /// When the windows end that have no room for one more request; `None` where each has.
    pub(super) fn used_up(&self, now: Timestamp, buckets: &[String]) -> Option<Timestamp> {
        let known = buckets.iter().filter_map(|name| self.buckets.get(name));
        let full = known.filter_map(|bucket| {
            let window = bucket.window.as_ref()?;
            (now < window.reset_at && window.remaining <= bucket.in_flight).then_some(window.reset_at)
        });
        full.max()
    }

    /// The closed buckets and their ends.
    pub(super) fn closed(&self, now: Timestamp) -> impl Iterator<Item = (&str, Timestamp)> {
        self.buckets.iter().filter_map(move |(name, bucket)| {
            bucket.closed_until.filter(|until| *until > now).map(|until| (name.as_str(), until))
        })
    }

    /// Forgets what is on the wire: memory was discarded. It is spent all the same, and nobody hears what its answers
    /// say of the window.
    pub(super) fn forget_flights(&mut self) {
        for bucket in self.buckets.values_mut() {
            if let Some(window) = &mut bucket.window {
                window.remaining = window.remaining.saturating_sub(bucket.in_flight);
            }
            bucket.in_flight = 0;
            bucket.held = 0;
        }
    }
}

impl Bucket {
    /// Bulk leaves one in ten of a window to live work, and the less the nearer the window's end: then nothing stays unused.
    fn kept_from_bulk(&self, now: Timestamp, requests: u64) -> Option<Timestamp> {
        let window = self.window.as_ref().filter(|window| now < window.reset_at && !window.is_narrow(requests))?;
        let taken = self.in_flight + self.held + requests + window.reserve();
        let share = (window.limit / BULK_LEAVES).max(1);
        let room = (window.remaining.saturating_sub(taken) + 1).min(share);
        let part = |of: u64| i32::try_from(of).unwrap_or(i32::MAX);
        let from = window.reset_at - WINDOW * part(room) / part(share);
        (from > now).then_some(from)
    }

    fn passage(&mut self, now: Timestamp, requests: u64) -> Passage {
        let under_way = self.in_flight + self.held;
        if let Some(until) = self.closed_until {
            if until > now {
                return Passage::ClosedUntil(until);
            }
            // After a closure the first answer tells whether the bucket is open again.
            if self.throttles > 0 && under_way > 0 {
                return Passage::AfterAnswer;
            }
        }
        let Some(window) = &mut self.window else {
            // The first answer tells the window, or that none is announced.
            return if self.answered || under_way == 0 { Passage::Open } else { Passage::AfterAnswer };
        };
        if now >= window.reset_at {
            if under_way > 0 {
                return Passage::AfterAnswer;
            }
            window.remaining = window.limit;
            window.reset_at = now + WINDOW;
        }
        // A window too narrow for the reserve is used one turn at a time.
        let narrow = window.is_narrow(requests);
        if narrow && under_way == 0 && window.remaining > 0
            || window.remaining >= under_way + requests + window.reserve()
        {
            Passage::Open
        } else if under_way > 0 && window.remaining > window.reserve() + requests {
            Passage::AfterAnswer
        } else {
            Passage::ClosedUntil(window.reset_at)
        }
    }
}

#[cfg(test)]
mod tests;
