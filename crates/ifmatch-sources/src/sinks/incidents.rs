//! One incident per cause, opened when the cause has lasted and resolved by itself.

use super::Line;
use super::board::{Board, Due, Heard, InStep, book_of};
use super::causes::{Cause, Causes, Group, Patience};
use super::servicenow::{Desk, Ticket, Writing, Wrote};
use ifmatch_core::{Failure, Request, Response, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An open incident, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its name on the other side, for good.
    correlation: String,
    /// Its record there, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sys_id: Option<String>,
    opened_at: Timestamp,
    /// Whether the other side was told that it is open. What it was not told of needs no resolving.
    told: bool,
}

/// What is kept over a restart: the open incidents by the text of their causes.
type Book = BTreeMap<String, Incident>;

/// Tells ServiceNow of causes, one incident each.
pub type Incidents = InStep<IncidentBoard>;

/// The causes of waiting, and the incidents that are open for them.
#[derive(Debug)]
pub struct IncidentBoard {
    desk: Desk,
    org: String,
    patience: Patience,
    causes: Causes,
    book: Book,
}

impl Incidents {
    /// A sink for the incidents of an org, with what was kept before; a text that nobody can read counts as nothing, and the other
    /// side's own list of open incidents is asked then, by correlation id.
    #[must_use]
    pub fn new(org: &str, desk: Desk, patience: Patience, kept: Option<&str>) -> Self {
        Self::with(IncidentBoard {
            desk,
            org: org.to_owned(),
            patience,
            causes: Causes::default(),
            book: book_of(kept),
        })
    }
}

impl IncidentBoard {
    /// What the other side has to hear, the resolved first; `None` when it knows all, with the instant at which that may change.
    fn ticket(&self, now: Timestamp) -> Result<(String, Ticket), Option<Timestamp>> {
        let groups: BTreeMap<String, (&Cause, Group)> =
            self.causes.groups().map(|(cause, group)| (cause.to_string(), (cause, group))).collect();
        if let Some((name, incident)) = self.book.iter().find(|(name, _)| !groups.contains_key(*name)) {
            return Ok((name.clone(), self.resolved(name, incident, now)));
        }
        let mut next: Option<Timestamp> = None;
        for (name, (cause, group)) in &groups {
            match self.book.get(name) {
                Some(incident) if incident.told => {}
                Some(incident) => return Ok((name.clone(), self.opened(cause, group, incident))),
                None if group.due(cause, &self.patience) <= now => {
                    let correlation = format!("ifmatch:{}:{name}:{}", self.org, group.since.as_second());
                    let incident = Incident { correlation, sys_id: None, opened_at: now, told: false };
                    return Ok((name.clone(), self.opened(cause, group, &incident)));
                }
                None => {
                    let due = group.due(cause, &self.patience);
                    next = Some(next.map_or(due, |next| next.min(due)));
                }
            }
        }
        Err(next)
    }

    fn opened(&self, cause: &Cause, group: &Group, incident: &Incident) -> Ticket {
        let Group { intents, oldest, since, reason } = group;
        let what = match cause {
            Cause::Late => "have not landed: the target does not answer, or asks to wait".to_owned(),
            Cause::Parked { code } => format!("wait for a lock ({code})"),
            Cause::Review { code, kind } => format!("of kind {kind} wait for a decision ({code})"),
        };
        let does = match cause {
            Cause::Review { .. } => "A person must decide: `ifmatch intents list --state review`.",
            _ => {
                "No action is needed yet: it goes on by itself, and this incident is resolved when the last one has landed."
            }
        };
        let last =
            reason.as_deref().unwrap_or("nothing could be decided for it yet; `ifmatch why` with its id says why");
        Ticket {
            correlation: incident.correlation.clone(),
            sys_id: incident.sys_id.clone(),
            is_open: true,
            summary: format!("ifmatch: changes for {} {what}", self.org),
            description: format!(
                "{intents} intents, since {since}. The oldest is {oldest}: {last}\nMore: `ifmatch intents why {oldest}`"
            ),
            note: does.to_owned(),
        }
    }

    fn resolved(&self, name: &str, incident: &Incident, now: Timestamp) -> Ticket {
        let lasted = now.duration_since(incident.opened_at).as_secs();
        Ticket {
            correlation: incident.correlation.clone(),
            sys_id: incident.sys_id.clone(),
            is_open: false,
            summary: format!("ifmatch: {name} of {} is over", self.org),
            description: String::new(),
            note: format!("Nothing waits for this any more. It was open for {lasted} s."),
        }
    }
}

impl Board for IncidentBoard {
    /// With the name of the cause.
    type Writing = (String, Box<Writing>);
    type Noted = Incident;

    fn take(&mut self, line: &Line) {
        self.causes.take(line);
    }

    fn due(&mut self, now: Timestamp) -> Due<Self::Writing> {
        let (name, ticket) = match self.ticket(now) {
            Err(until) => return Due::Nothing(until),
            Ok(due) => due,
        };
        if ticket.is_open && !self.book.contains_key(&name) {
            let incident = Incident { correlation: ticket.correlation, sys_id: None, opened_at: now, told: false };
            self.book.insert(name, incident);
            return Due::Keep;
        }
        Due::Tell((name, Box::new(self.desk.write(ticket))))
    }

    fn request(&self, (_, writing): &Self::Writing) -> Request {
        writing.request()
    }

    fn hear(
        &mut self,
        now: Timestamp,
        (name, writing): Self::Writing,
        answer: Result<&Response, &Failure>,
    ) -> Heard<Self::Writing> {
        match self.desk.hear(*writing, answer) {
            Wrote::Go(writing) => Heard::Go((name, Box::new(writing))),
            Wrote::Failed(why) => Heard::Failed(why),
            Wrote::Done(sys_id, ticket) => {
                match ticket.is_open {
                    true => {
                        let opened_at = self.book.get(&name).map_or(now, |incident| incident.opened_at);
                        let incident = Incident { correlation: ticket.correlation, sys_id, opened_at, told: true };
                        self.book.insert(name, incident);
                    }
                    false => drop(self.book.remove(&name)),
                }
                Heard::Done
            }
        }
    }

    fn book(&self) -> &BTreeMap<String, Incident> {
        &self.book
    }
}

#[cfg(test)]
mod tests;
