//! A plan that is being carried out: which rows leave next, which are waited for, and what is written down of each.
//!
//! Who carries writes every [`Progress`] into a journal: those of [`Run::unwritten`] before the window leaves, those of answers before
//! the next window does. From the journal alone the next run goes on.

use super::scouts::{Refusal, Scouts};
use super::{Journal, Plan, Progress};
use ifmatch_core::{Intent, IntentId};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Rows of one request.
const WINDOW: usize = 100;

/// Rows that were submitted and have not settled; no more are submitted before some have.
const OPEN_MAX: usize = 400;

/// A run.
#[derive(Debug, Clone)]
pub struct Run {
    todo: VecDeque<Leaving>,
    open: VecDeque<(Progress, IntentId)>,
    scouts: Scouts,
}

/// A row that is about to be submitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaving {
    /// What is written down of it before it leaves.
    pub progress: Progress,
    /// What is submitted.
    pub intent: Intent,
}

/// What became of a row that was submitted.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// It was taken or refused; this is written down.
    Written(Progress),
    /// The gateway could not take it now: it leaves again later.
    PutOff,
}

/// An answer that is none about an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is none about an intent: is it a gateway?")]
pub struct NoAnswer;

impl Run {
    /// What is left to do by the journal. `moved`: the versions that records have moved to since the plan was made.
    #[must_use]
    pub fn of(plan: &Plan, journal: &Journal, moved: &BTreeMap<u64, u64>) -> Self {
        let (mut todo, mut open) = (VecDeque::new(), VecDeque::new());
        let mut scouts = Scouts::default();
        // What waits for a person is looked at once more, and heard of then.
        journal.rows.values().filter(|row| row.has_ended()).for_each(|row| scouts.hear(row));
        for row in plan.applied() {
            let Some(intent) = &row.intent else { continue };
            match journal.rows.get(&row.row) {
                Some(progress) if progress.has_ended() => {}
                Some(progress @ Progress { intent: Some(id), .. }) => open.push_back((progress.clone(), *id)),
                known => {
                    let moved_to = known.map_or_else(|| moved.get(&row.row).copied(), |progress| progress.moved_to);
                    let progress = Progress::sent(row.row, moved_to);
                    todo.push_back(Leaving { progress, intent: intent.clone() });
                }
            }
        }
        Self { todo, open, scouts }
    }

    /// The same, with all rows under way at once: the first ones do not go ahead, or have been and somebody wants it all the same.
    #[must_use]
    pub fn all_at_once(mut self) -> Self {
        self.scouts.call_off();
        self
    }

    /// Why the rest is not submitted, where the rows that went ahead were all refused alike.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.scouts.refusal(self.todo.len()).filter(|_| self.open.is_empty())
    }

    /// Rows that have not settled, submitted or not.
    #[must_use]
    pub fn left(&self) -> usize {
        self.todo.len() + self.open.len()
    }

    /// Rows that were submitted and have not settled.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether every row was submitted.
    #[must_use]
    pub fn is_submitted(&self) -> bool {
        self.todo.is_empty()
    }

    /// Whether rows can be submitted without more of them being under way than is good for others, or than is known to be taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let most = if self.scouts.are_back() { OPEN_MAX } else { 1 };
        !self.todo.is_empty() && self.open.len() < most && self.refusal().is_none()
    }

    /// The next rows to submit, in their order.
    pub fn window(&mut self) -> Vec<Leaving> {
        let most = if self.scouts.are_back() { WINDOW } else { 1 };
        self.todo.drain(..most.min(self.todo.len())).collect()
    }

    /// What must be durable before a window leaves: the rows that the journal does not know.
    #[must_use]
    pub fn unwritten(window: &[Leaving], journal: &Journal) -> Vec<Progress> {
        let new = |row: &&Leaving| !journal.rows.contains_key(&row.progress.row);
        window.iter().filter(new).map(|row| row.progress.clone()).collect()
    }

    /// Takes the answer to a row of a window.
    ///
    /// # Errors
    /// It is none about an intent.
    pub fn answered(&mut self, row: Leaving, answer: &Value) -> Result<Answered, NoAnswer> {
        if is_put_off(answer) {
            self.todo.push_back(row);
            return Ok(Answered::PutOff);
        }
        let progress = row.progress.answered(answer).ok_or(NoAnswer)?;
        self.scouts.hear(&progress);
        match progress.intent {
            Some(id) if !progress.is_settled() => self.open.push_back((progress.clone(), id)),
            _ => {}
        }
        Ok(Answered::Written(progress))
    }

    /// The row that was looked at the longest ago, to be looked at now.
    pub fn oldest(&mut self) -> Option<(Progress, IntentId)> {
        self.open.pop_front()
    }

    /// Takes how a row stands that was looked at; what is written down, where it has settled.
    ///
    /// # Errors
    /// The answer is none about an intent.
    pub fn looked_at(&mut self, row: Progress, id: IntentId, answer: &Value) -> Result<Option<Progress>, NoAnswer> {
        let row = row.answered(answer).ok_or(NoAnswer)?;
        self.scouts.hear(&row);
        if row.is_settled() {
            return Ok(Some(row));
        }
        self.open.push_back((row, id));
        Ok(None)
    }
}

/// A row that is nobody's fault: the gateway could not take it now.
fn is_put_off(answer: &Value) -> bool {
    answer.pointer("/error/status").and_then(Value::as_u64).is_some_and(|status| status >= 500 || status == 429)
}

#[cfg(test)]
mod tests;
