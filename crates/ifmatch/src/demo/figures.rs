//! The figures of one strategy in one incident.

use super::judge::Verdict;
use super::wish::{End, Ended};
use ifmatch_sandbox::Stats;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a strategy came to. Every wish is counted once, under its end.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    /// The strategy.
    pub(super) name: &'static str,
    /// The wishes that arrived.
    pub(super) intents: usize,
    /// Of these, by what they came to.
    pub(super) ends: BTreeMap<End, usize>,
    /// Somebody's values that were overwritten unseen.
    pub(super) lost_edits: usize,
    /// Effects that came twice.
    pub(super) duplicates: usize,
    /// Reviews without a cause in the ledger.
    pub(super) needless_reviews: usize,
    /// Requests that reached the target, without those for tokens.
    pub(super) requests: u64,
    /// Answers 429.
    pub(super) throttled: u64,
    /// Requests before a `Retry-After` ended.
    pub(super) early: u64,
    /// Scenario time from the first arrival to the last end.
    pub(super) seconds: f64,
}

impl Figures {
    pub(super) fn of(name: &'static str, ended: &[Ended], stats: &Stats, verdict: &Verdict) -> Self {
        let mut ends: BTreeMap<End, usize> = End::ALL.into_iter().map(|end| (end, 0)).collect();
        for one in ended {
            *ends.entry(one.end).or_default() += 1;
        }
        let first = ended.iter().map(|one| one.wish.at_ms).min().unwrap_or_default();
        let last = ended.iter().map(|one| one.at_ms).max().unwrap_or_default();
        Self {
            name,
            intents: ended.len(),
            ends,
            lost_edits: verdict.lost_edits.len(),
            duplicates: verdict.duplicates.len(),
            needless_reviews: verdict.needless_reviews.len(),
            requests: stats.requests,
            throttled: stats.throttled,
            early: stats.early,
            seconds: ((last - first).max(0) as f64 / 1e2).round() / 1e1,
        }
    }

    /// How many wishes came to an end.
    pub(super) fn count(&self, end: End) -> usize {
        self.ends.get(&end).copied().unwrap_or_default()
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("name".to_owned(), json!(self.name));
        json.insert("intents".to_owned(), json!(self.intents));
        for end in End::ALL {
            json.insert(end.as_str().to_owned(), json!(self.count(end)));
        }
        json.insert("lost_edits".to_owned(), json!(self.lost_edits));
        json.insert("duplicates".to_owned(), json!(self.duplicates));
        json.insert("needless_reviews".to_owned(), json!(self.needless_reviews));
        json.insert("requests".to_owned(), json!(self.requests));
        json.insert("throttled".to_owned(), json!(self.throttled));
        json.insert("early".to_owned(), json!(self.early));
        json.insert("seconds".to_owned(), json!(self.seconds));
        Value::Object(json)
    }
}
