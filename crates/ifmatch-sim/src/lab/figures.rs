//! The figures of one strategy, in the words of the contracts.

use super::bound::Bound;
use super::course::{Course, End};
use super::judge::Verdict;
use serde::Serialize;

/// The figures of one strategy over all its worlds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// The strategy.
    pub name: String,
    /// What the sources wanted; the nine ends below add up to it.
    pub intents: u64,
    /// Taken by the target.
    pub landed: u64,
    /// Held by the target already.
    pub satisfied: u64,
    /// Said again by a newer one.
    pub superseded: u64,
    /// Impossible, and the sender was told.
    pub rejected: u64,
    /// Past their deadline.
    pub expired: u64,
    /// Called off.
    pub cancelled: u64,
    /// Given up.
    pub discarded: u64,
    /// Waiting for a person.
    pub review: u64,
    /// Not at their end when the run ended.
    pub pending: u64,
    /// Values of others overwritten unseen.
    pub lost_edits: u64,
    /// Effects applied again.
    pub duplicates: u64,
    /// Reviews without need.
    pub needless_reviews: u64,
    /// HTTP requests that reached the target, OAuth excluded.
    pub requests: u64,
    /// Answers 429.
    pub throttled: u64,
    /// Requests before a `Retry-After` ended.
    pub early: u64,
    /// Until the last item ended, or the run did; the mean over the worlds.
    pub seconds: f64,
    /// Items that were written at all.
    pub first_tries: u64,
    /// Of these, refused at first with 409, 412 or 400 for the version.
    pub first_conflicts: u64,
    /// Items whose sender does not get what it wanted without a person: all ends but landed, satisfied, superseded.
    pub visible: u64,
    /// Told as landed, and not borne out by the ledger.
    pub unproven: u64,
    /// Edits of people that the target took; the same for every strategy unless a lock or a rule was in the way.
    pub edits: u64,
    /// Writes and publishes of one record at once.
    pub concurrent: u64,
    /// The bound of theory for these worlds.
    pub bound: Bound,
    /// What the simulator's own checkers found; only ifmatch makes promises.
    pub violations: Vec<String>,
    /// When items landed, were satisfied or superseded, in seconds since the start, of the first world of the first seed.
    pub landed_at: Vec<f64>,
    /// Examples of what was lost or done twice, at most five.
    pub examples: Vec<String>,
    #[serde(skip)]
    worlds: u32,
}

impl Figures {
    /// No worlds yet.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds a world.
    pub fn add(&mut self, course: &Course, verdict: &Verdict, bound: &Bound) {
        for ended in &course.ended {
            *self.place(ended.end) += 1;
            self.intents += 1;
            self.first_tries += u64::from(ended.was_tried);
            self.first_conflicts += u64::from(ended.first_refused);
            self.visible += u64::from(!ended.end.is_good());
        }
        if self.worlds == 0 {
            let good = course.ended.iter().filter(|ended| ended.end.is_good());
            self.landed_at = good.map(|ended| seconds(ended.at_ms)).collect();
            self.landed_at.sort_by(f64::total_cmp);
        }
        let last = course.ended.iter().map(|ended| ended.at_ms).max().unwrap_or(0);
        self.seconds = (self.seconds * f64::from(self.worlds) + seconds(last)) / f64::from(self.worlds + 1);
        self.worlds += 1;
        self.lost_edits += verdict.lost_edits.len() as u64;
        self.duplicates += verdict.duplicates.len() as u64;
        self.unproven += verdict.unproven.len() as u64;
        self.needless_reviews += course.needless_reviews;
        self.requests += course.stats.requests;
        self.throttled += course.stats.throttled;
        self.early += course.stats.early;
        self.edits += course.edits as u64;
        self.concurrent += course.stats.concurrent_writes.values().sum::<u64>();
        self.concurrent += course.stats.concurrent_publishes.values().sum::<u64>();
        self.violations.extend(course.violations.iter().cloned());
        self.bound.add(bound);
        let found = verdict.lost_edits.iter().chain(&verdict.duplicates).chain(&verdict.unproven);
        let room = 5_usize.saturating_sub(self.examples.len());
        self.examples.extend(found.take(room).cloned());
    }

    fn place(&mut self, end: End) -> &mut u64 {
        match end {
            End::Landed => &mut self.landed,
            End::Satisfied => &mut self.satisfied,
            End::Superseded => &mut self.superseded,
            End::Rejected => &mut self.rejected,
            End::Expired => &mut self.expired,
            End::Cancelled => &mut self.cancelled,
            End::Discarded => &mut self.discarded,
            End::Review => &mut self.review,
            End::Pending => &mut self.pending,
        }
    }

    /// Requests per landed change; `None` where nothing landed.
    #[must_use]
    pub fn requests_per_landed(&self) -> Option<f64> {
        (self.landed > 0).then(|| self.requests as f64 / self.landed as f64)
    }

    /// Share of first tries that were refused, in percent.
    #[must_use]
    pub fn conflict_percent(&self) -> f64 {
        percent(self.first_conflicts, self.first_tries)
    }

    /// Share of items whose sender does not get what it wanted without a person, in percent.
    #[must_use]
    pub fn visible_percent(&self) -> f64 {
        percent(self.visible, self.intents)
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
