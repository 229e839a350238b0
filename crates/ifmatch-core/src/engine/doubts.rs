//! Writes that may have taken effect: what they turned out to have done, by the way in which they failed.
//!
//! The store keeps the counts. They are shown, and they say what is tried first: after a failure that has
//! left more writes undone than done, the same conditional write is sent again at once, which saves the read; else the
//! record is read first. Neither decides anything: the answer does, and what no evidence settles is a person's matter.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Under this prefix the store keeps the counts of a way of failing.
const DOUBT: &str = "doubt/";

/// What writes that failed in one way turned out to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Doubt {
    /// They had taken effect.
    pub took_effect: u64,
    /// They had not.
    pub no_effect: u64,
    /// No evidence could tell; they went to a person.
    pub undecided: u64,
}

impl Doubt {
    /// The share of the writes that were told which had taken effect, in percent: how likely it is of the next one.
    #[must_use]
    pub fn landed_percent(self) -> Option<u64> {
        (100 * self.took_effect).checked_div(self.took_effect + self.no_effect)
    }

    /// Whether a write that failed so has more likely been lost than not: of at least [`KNOWN_MIN`] the share of those that
    /// took effect is under a half.
    fn is_likely_lost(self) -> bool {
        self.no_effect + self.took_effect >= KNOWN_MIN && self.no_effect > self.took_effect
    }
}

/// Fewer than so many say nothing of those to come.
const KNOWN_MIN: u64 = 3;

/// The counts, by the way of failing.
#[derive(Debug, Default)]
pub(super) struct Doubts(BTreeMap<String, Doubt>);

impl Doubts {
    /// Adds to the counts of a way of failing; returns under which key the store shall keep what.
    pub(super) fn count(&mut self, failed_as: &str, add: impl FnOnce(&mut Doubt)) -> (String, Value) {
        let doubt = self.0.entry(failed_as.to_owned()).or_default();
        add(doubt);
        (format!("{DOUBT}{failed_as}"), serde_json::to_value(doubt).expect("counts are JSON"))
    }

    /// The counts that the store kept.
    pub(super) fn restored(kept: &[(String, Value)]) -> Self {
        let known = |(key, value): &(String, Value)| {
            Some((key.strip_prefix(DOUBT)?.to_owned(), Doubt::deserialize(value).ok()?))
        };
        Self(kept.iter().filter_map(known).collect())
    }

    pub(super) fn known(&self, failed_as: &str) -> Doubt {
        self.0.get(failed_as).copied().unwrap_or_default()
    }

    pub(super) fn is_likely_lost(&self, failed_as: &str) -> bool {
        self.known(failed_as).is_likely_lost()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Doubt)> {
        self.0.iter().map(|(failed_as, doubt)| (failed_as.as_str(), *doubt))
    }
}

/// The way of failing that a label tells: the status alone where there is one, since codes are many.
pub(super) fn failed_as(label: &str) -> &str {
    let status = label.split(' ').next().unwrap_or_default();
    if !status.is_empty() && status.bytes().all(|byte| byte.is_ascii_digit()) { status } else { label }
}
