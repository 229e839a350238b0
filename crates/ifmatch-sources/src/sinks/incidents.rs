//! One incident per cause, opened when the cause has lasted and resolved by itself.

use super::causes::{Cause, Causes, Group, Patience};
use super::pace::Pace;
use super::servicenow::{Desk, Heard, Ticket, Writing};
use super::{LOOK, Sink, SinkStanding, Step, Told};
use ifmatch_core::{Failure, Response, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An open incident, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Incident {
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

#[derive(Debug, Clone, PartialEq)]
enum Stage {
    /// Nothing is known yet.
    Start,
    /// The log is followed from here.
    Follow(u64),
    /// There may be something to tell.
    Tell(u64),
    /// A request for a cause is on its way.
    Sent { from: u64, cause: String, writing: Box<Writing> },
    /// The book is being kept.
    Keeping(u64),
}

/// Tells ServiceNow of causes, one incident each.
#[derive(Debug)]
pub struct Incidents {
    desk: Desk,
    org: String,
    patience: Patience,
    causes: Causes,
    book: Book,
    stage: Stage,
    pace: Pace,
    standing: SinkStanding,
}

impl Incidents {
    /// A sink for the incidents of an org, with what was kept before; a text that nobody can read counts as nothing, and the other
    /// side's own list of open incidents is asked then, by correlation id.
    #[must_use]
    pub fn new(org: &str, desk: Desk, patience: Patience, kept: Option<&str>) -> Self {
        Self {
            desk,
            org: org.to_owned(),
            patience,
            causes: Causes::default(),
            book: kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
            stage: Stage::Start,
            pace: Pace::patient(),
            standing: SinkStanding::default(),
        }
    }

    /// What the other side has to hear, the resolved first; `None` when it knows all, with the instant at which that may change.
    fn due(&self, now: Timestamp) -> Result<(String, Ticket), Timestamp> {
        let groups: BTreeMap<String, (&Cause, Group)> =
            self.causes.groups().map(|(cause, group)| (cause.to_string(), (cause, group))).collect();
        if let Some((name, incident)) = self.book.iter().find(|(name, _)| !groups.contains_key(*name)) {
            return Ok((name.clone(), self.resolved(name, incident, now)));
        }
        let mut next = now.checked_add(LOOK).unwrap_or(Timestamp::MAX);
        for (name, (cause, group)) in &groups {
            match self.book.get(name) {
                Some(incident) if incident.told => {}
                Some(incident) => return Ok((name.clone(), self.opened(cause, group, incident))),
                None if group.due(cause, &self.patience) <= now => {
                    let correlation = format!("ifmatch:{}:{name}:{}", self.org, group.since.as_second());
                    let incident = Incident { correlation, sys_id: None, opened_at: now, told: false };
                    return Ok((name.clone(), self.opened(cause, group, &incident)));
                }
                None => next = next.min(group.due(cause, &self.patience)),
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
        let last = reason.as_deref().unwrap_or("no reason was given");
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

    fn heard(
        &mut self,
        now: Timestamp,
        from: u64,
        name: String,
        writing: Writing,
        answer: Result<&Response, &Failure>,
    ) {
        match self.desk.hear(writing, answer) {
            Heard::Go(writing) => self.stage = Stage::Sent { from, cause: name, writing: Box::new(writing) },
            Heard::Done(sys_id, ticket) => {
                self.pace.calm();
                self.standing.told += 1;
                match ticket.is_open {
                    true => {
                        let opened_at = self.book.get(&name).map_or(now, |incident| incident.opened_at);
                        let incident = Incident { correlation: ticket.correlation, sys_id, opened_at, told: true };
                        self.book.insert(name, incident);
                    }
                    false => drop(self.book.remove(&name)),
                }
                self.stage = Stage::Keeping(from);
            }
            Heard::Failed(why) => {
                self.pace.failed(now, answer.ok());
                self.standing.failed += 1;
                self.standing.last_error = Some((now, why));
                self.stage = Stage::Follow(from);
            }
        }
    }
}

impl Sink for Incidents {
    fn next(&mut self, now: Timestamp) -> Step {
        loop {
            match &self.stage {
                Stage::Start => return Step::Survey,
                Stage::Follow(from) => return Step::Read(*from),
                Stage::Sent { writing, .. } => return Step::Send(writing.request()),
                Stage::Keeping(_) => return Step::Keep(serde_json::to_string(&self.book).expect("a book is JSON")),
                Stage::Tell(from) => {
                    let from = *from;
                    if let Some(until) = self.pace.not_before().filter(|until| *until > now) {
                        return Step::Rest(until);
                    }
                    match self.due(now) {
                        Err(until) => return Step::Rest(until),
                        Ok((name, ticket)) => {
                            if ticket.is_open && !self.book.contains_key(&name) {
                                // Its name is kept before it is told, so that a crash in between opens no second one.
                                let correlation = ticket.correlation.clone();
                                let incident = Incident { correlation, sys_id: None, opened_at: now, told: false };
                                self.book.insert(name, incident);
                                self.stage = Stage::Keeping(from);
                            } else {
                                let writing = Box::new(self.desk.write(ticket));
                                self.stage = Stage::Sent { from, cause: name, writing };
                            }
                        }
                    }
                }
            }
        }
    }

    fn tell(&mut self, now: Timestamp, told: Told) {
        match (std::mem::replace(&mut self.stage, Stage::Start), told) {
            (Stage::Start, Told::Open(lines, from)) => {
                lines.iter().for_each(|line| self.causes.take(line));
                self.stage = Stage::Follow(from);
            }
            (Stage::Follow(at), Told::Lines(lines, from)) => {
                lines.iter().for_each(|line| self.causes.take(line));
                self.stage = if from > at { Stage::Follow(from) } else { Stage::Tell(from) };
            }
            (Stage::Tell(from), Told::Woken) => self.stage = Stage::Follow(from),
            (Stage::Keeping(from), Told::Kept) => self.stage = Stage::Tell(from),
            (Stage::Sent { from, cause, writing }, Told::Answer(answer)) => {
                self.heard(now, from, cause, *writing, answer.as_ref());
            }
            // What was not asked for changes nothing.
            (stage, _) => self.stage = stage,
        }
    }

    fn standing(&self) -> SinkStanding {
        SinkStanding { open: self.book.len(), ..self.standing.clone() }
    }
}

#[cfg(test)]
mod tests;
