//! Rules of labour that a target may keep and does not tell.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a week of an agent must keep besides what the API says. A merge that would break one goes to a person, as a rule
/// that both sides kept and the merged record would not.
///
/// Shape: `{"rest_minutes_min": 660, "paid_minutes_max": 2400, "unpaid": ["Meal"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The least rest between two shifts, in minutes; 0 where any is right.
    pub rest_minutes_min: u32,
    /// The most paid minutes in a week; any number where it is absent.
    pub paid_minutes_max: Option<u32>,
    /// The codes of activities that are not paid.
    pub unpaid: BTreeSet<String>,
}
