//! One probe train per lock domain, however many lanes wait for it.

use super::lane::LaneKey;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The probe trains of an org.
#[derive(Debug, Default)]
pub(super) struct Trains {
    trains: BTreeMap<String, Train>,
}

#[derive(Debug)]
struct Train {
    interval: SignedDuration,
    next: Timestamp,
    waiting: BTreeSet<LaneKey>,
    /// Who probed last: the next probe is another's, so that one that can never land stands for nobody else.
    last: Option<LaneKey>,
}

impl Trains {
    /// A lane met the lock: it waits. Returns when the next probe is due.
    ///
    /// Probes are due on multiples of the interval, so that trains of one envelope leave together
    /// and share a request.
    pub(super) fn park(
        &mut self,
        now: Timestamp,
        domain: &str,
        lane: &LaneKey,
        bounds: (SignedDuration, SignedDuration),
    ) -> Timestamp {
        let train = self.trains.entry(domain.to_owned()).or_insert_with(|| Train {
            interval: SignedDuration::ZERO,
            next: now,
            waiting: BTreeSet::new(),
            last: None,
        });
        train.waiting.insert(lane.clone());
        if train.next <= now {
            train.last = Some(lane.clone());
            train.interval = (train.interval * 2).clamp(bounds.0, bounds.1);
            train.next = next_multiple(now, train.interval);
        }
        train.next
    }

    /// Pauses between probes are at most so long from here on. Returns when the next one is due where that is sooner.
    pub(super) fn hasten(&mut self, now: Timestamp, domain: &str, longest: SignedDuration) -> Option<Timestamp> {
        let train = self.trains.get_mut(domain)?;
        train.interval = train.interval.min(longest);
        let sooner = next_multiple(now, train.interval);
        (sooner < train.next).then(|| {
            train.next = sooner;
            sooner
        })
    }

    /// The lane that probes when the train is due; `None` when it is not, or nobody waits.
    pub(super) fn due(&mut self, now: Timestamp, domain: &str) -> Option<LaneKey> {
        let train = self.trains.get(domain).filter(|train| train.next <= now)?;
        let after = train.last.as_ref().and_then(|last| train.waiting.iter().find(|lane| *lane > last));
        after.or_else(|| train.waiting.first()).cloned()
    }

    /// The domain is free: everybody who waited may go.
    pub(super) fn release(&mut self, domain: &str) -> BTreeSet<LaneKey> {
        self.trains.remove(domain).map(|train| train.waiting).unwrap_or_default()
    }

    /// Whether a lane waits for the domain.
    pub(super) fn holds(&self, domain: &str, lane: &LaneKey) -> bool {
        self.trains.get(domain).is_some_and(|train| train.waiting.contains(lane))
    }

    /// How many lanes wait for the domain.
    pub(super) fn waiting(&self, domain: &str) -> usize {
        self.trains.get(domain).map_or(0, |train| train.waiting.len())
    }

    /// When the domain is probed next.
    pub(super) fn next(&self, domain: &str) -> Option<Timestamp> {
        self.trains.get(domain).map(|train| train.next)
    }

    /// A lane waits no more, for a reason of its own. Returns the lane that probes in its place.
    pub(super) fn leave(&mut self, domain: &str, lane: &LaneKey) -> Option<LaneKey> {
        let train = self.trains.get_mut(domain)?;
        if !train.waiting.remove(lane) {
            return None;
        }
        let next = train.waiting.first().cloned();
        if next.is_none() {
            self.trains.remove(domain);
        }
        next
    }

    /// The domains with a train, and how many wait.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, usize, Timestamp)> {
        self.trains.iter().map(|(domain, train)| (domain.as_str(), train.waiting.len(), train.next))
    }
}

/// Longer intervals than this end on multiples of this.
const GRID_MAX: SignedDuration = SignedDuration::from_secs(20);

fn next_multiple(now: Timestamp, interval: SignedDuration) -> Timestamp {
    let grid = interval.min(GRID_MAX);
    let step = i64::try_from(grid.as_millis()).unwrap_or(i64::MAX).max(1);
    let over = i64::try_from((interval - grid).as_millis()).unwrap_or(i64::MAX);
    let at = now.as_millisecond().saturating_add(over);
    let next = at - at.rem_euclid(step) + step;
    // Less than half an interval away would be no pause at all.
    let next = if next - at < step / 2 { next + step } else { next };
    Timestamp::from_millisecond(next).unwrap_or(Timestamp::MAX)
}
