//! Holds of agents, to any listener: when one begins and when it is over.
//!
//! Shape of a body: `{"type": "hold.began", "timestamp": "2026-11-16T07:00:04Z", "data": {"org": "acme", "agent": "a-17", "since":
//! "2026-11-16T07:00:04Z", "until": null}}`, later `hold.ended` with `until` and the same `since`.

use super::Line;
use super::board::{Board, Due, Heard, InStep, book_of};
use super::webhook::{self, Webhook};
use crate::holds::{Hold, Holds};
use ifmatch_core::{Dialect, Failure, Request, Response, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tells a listener of holds.
pub type Held = InStep<HoldBoard>;

/// The holds, and what the listener was told of them.
#[derive(Debug)]
pub struct HoldBoard {
    webhook: Webhook,
    org: String,
    holds: Holds,
    book: BTreeMap<String, Noted>,
}

/// A hold that the listener was told of, or is about to be, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    since: Timestamp,
    told: bool,
}

impl Held {
    /// A sink for the holds of an org, with what was kept before.
    #[must_use]
    pub fn new(org: &str, dialect: Arc<dyn Dialect>, webhook: Webhook, kept: Option<&str>) -> Self {
        let (org, holds) = (org.to_owned(), Holds::new(dialect, Timestamp::MIN));
        Self::with(HoldBoard { webhook, org, holds, book: book_of(kept) })
    }
}

impl HoldBoard {
    /// When a hold that was noted was over; `None` while it goes on. After a restart the present one may seem younger than it is.
    fn ended(&self, now: Timestamp, agent: &str, noted: Noted) -> Option<Timestamp> {
        let over = self.holds.during(agent, noted.since, now).find_map(|hold| hold.until);
        match self.holds.of(agent) {
            Some(_) => over,
            None => Some(over.unwrap_or(now)),
        }
    }

    fn message(&self, now: Timestamp, agent: &str, since: Timestamp, until: Option<Timestamp>) -> Said {
        let what = if until.is_some() { "ended" } else { "began" };
        let data = json!({"org": self.org, "agent": agent, "since": since, "until": until});
        let id = format!("hold_{what}_{}_{agent}_{}", self.org, since.as_millisecond());
        let request = self.webhook.message(now, &id, &format!("hold.{what}"), until.unwrap_or(since), &data);
        Said { agent: agent.to_owned(), over: until.is_some(), request }
    }
}

/// A message about an agent.
#[derive(Debug)]
pub struct Said {
    agent: String,
    over: bool,
    request: Request,
}

impl Board for HoldBoard {
    type Writing = Said;
    type Noted = Noted;

    fn take(&mut self, line: &Line) {
        self.holds.take(line);
    }

    fn due(&mut self, now: Timestamp) -> Due<Said> {
        let ended = |(agent, noted): (&String, &Noted)| {
            self.ended(now, agent, *noted).map(|until| (agent.clone(), *noted, until))
        };
        if let Some((agent, noted, until)) = self.book.iter().find_map(ended) {
            if noted.told {
                return Due::Tell(self.message(now, &agent, noted.since, Some(until)));
            }
            self.book.remove(&agent);
            return Due::Keep;
        }
        if let Some(Hold { agent, since, .. }) = self.holds.all().find(|hold| !self.book.contains_key(&hold.agent)) {
            self.book.insert(agent, Noted { since, told: false });
            return Due::Keep;
        }
        match self.book.iter().find(|(_, noted)| !noted.told) {
            Some((agent, noted)) => Due::Tell(self.message(now, agent, noted.since, None)),
            None => Due::Nothing(None),
        }
    }

    fn request(&self, said: &Said) -> Request {
        said.request.clone()
    }

    fn hear(&mut self, _: Timestamp, said: Said, answer: Result<&Response, &Failure>) -> Heard<Said> {
        if let Err(why) = webhook::taken(&said.request, answer) {
            return Heard::Failed(why);
        }
        match said.over {
            true => drop(self.book.remove(&said.agent)),
            false => {
                if let Some(noted) = self.book.get_mut(&said.agent) {
                    noted.told = true;
                }
            }
        }
        Heard::Done
    }

    fn book(&self) -> &BTreeMap<String, Noted> {
        &self.book
    }
}

#[cfg(test)]
mod tests;
