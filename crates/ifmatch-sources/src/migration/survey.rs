//! What is asked of the target for a plan: one read after the other, and the rows against the answers.

use super::compare::{self, Trades};
use super::{Kind, Plan};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most that one page of the target holds.
const PAGE: usize = 100;

/// The reads of a plan, and what they showed so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey(Asked);

#[derive(Debug, Clone, PartialEq)]
enum Asked {
    /// Every trade, a page at a time.
    Trades { found: Vec<Value>, page: u64, all: bool },
    /// A schedule with all its agents.
    Schedule { id: String, found: Option<Value> },
    /// Each row builds on the one before it: the target tells about the first at most.
    Nothing,
}

/// An answer that is none to the question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the target's list of trades has no entities: does it speak wfm-v2?")]
pub struct NoTrades;

impl Survey {
    pub(super) fn of(kind: Kind, schedule: Option<&str>) -> Self {
        Self(match (kind, schedule) {
            (Kind::ZendeskShiftTrades, _) => Asked::Trades { found: Vec::new(), page: 1, all: false },
            (Kind::SchedulerWeek, Some(id)) => Asked::Schedule { id: id.to_owned(), found: None },
            (
                Kind::ServicenowQualityReviews | Kind::SchedulerChanges | Kind::SchedulerWeek | Kind::ZendeskTimeOff,
                _,
            ) => Asked::Nothing,
        })
    }

    /// The reads that show which rows of a plan met a record that has moved; of other plans that is not known.
    #[must_use]
    pub fn again(plan: &Plan) -> Self {
        match plan.kind {
            Kind::ZendeskShiftTrades => Self::of(plan.kind, None),
            _ => Self(Asked::Nothing),
        }
    }

    /// The path of the next read; `None` when everything is known.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        match &self.0 {
            Asked::Trades { page, all: false, .. } => {
                Some(format!("/api/v2/wfm/scheduling/shifts?page={page}&page_size={PAGE}"))
            }
            Asked::Schedule { id, found: None } => {
                let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
                Some(format!("/api/v2/wfm/schedules/{}", id.replace('+', "%20")))
            }
            Asked::Trades { .. } | Asked::Schedule { .. } | Asked::Nothing => None,
        }
    }

    /// Takes the answer to the read that was named last.
    ///
    /// # Errors
    /// It is no list of trades where one was asked for.
    pub fn take(&mut self, answer: Value) -> Result<(), NoTrades> {
        match &mut self.0 {
            Asked::Trades { found, page, all } => {
                let entities = answer.get("entities").and_then(Value::as_array).ok_or(NoTrades)?;
                let total = answer.get("total").and_then(Value::as_u64);
                found.extend(entities.iter().cloned());
                let seen = total.is_none_or(|total| found.len() as u64 >= total);
                *all = entities.is_empty() || (seen && (total.is_some() || entities.len() < PAGE));
                *page += 1;
            }
            Asked::Schedule { found, .. } => *found = Some(answer),
            Asked::Nothing => {}
        }
        Ok(())
    }

    /// Holds the rows of a plan against what was found.
    pub(super) fn compare(&self, plan: &mut Plan) {
        match &self.0 {
            Asked::Trades { found, .. } => compare::trades(plan, &Trades::of(found)),
            Asked::Schedule { found: Some(schedule), .. } => compare::weeks(plan, schedule),
            Asked::Schedule { found: None, .. } | Asked::Nothing => {}
        }
    }

    /// The rows whose record is not at the version that the plan saw, with the version that it has now.
    #[must_use]
    pub fn moved(&self, plan: &Plan) -> BTreeMap<u64, u64> {
        match &self.0 {
            Asked::Trades { found, .. } => {
                let moved = compare::moved(plan, &Trades::of(found)).into_iter();
                moved.filter_map(|(row, _, now)| Some((row, now?))).collect()
            }
            Asked::Schedule { .. } | Asked::Nothing => BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests;
