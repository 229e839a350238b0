//! Calls of the dialect over the line: a read, a write, with what must be asked first.

use super::line::{Answered, Halt, Line};
use super::{Announcement, Writes};
use ifmatch_core::{
    Call, Dialect, Evidence, Fact, Notes, Request, Resource, SignedDuration, Snapshot, Timestamp, WriteItem,
};
use std::sync::Arc;

/// One probe's way of asking.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) line: Line,
    pub(super) dialect: Arc<dyn Dialect>,
    writes: Writes,
    places: Notes,
    /// The longest that a write was not shown, milliseconds, at most.
    pub(super) slowest_ms: u64,
}

/// A record as it was read.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) snapshot: Snapshot,
    pub(super) answered: Answered,
}

/// What a write came to.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// One for each record of the write, in its order.
    pub(super) facts: Vec<Fact>,
    pub(super) answered: Answered,
}

impl Session {
    pub(super) fn new(line: Line, dialect: Arc<dyn Dialect>, writes: Writes) -> Self {
        Self { line, dialect, writes, places: Notes::default(), slowest_ms: 0 }
    }

    /// Asks for consent, where anything may be written at all.
    pub(super) async fn consent(&self, announcement: Announcement) -> Result<(), Halt> {
        match self.writes {
            Writes::Never => Err(Halt::ReadOnly),
            Writes::Asked => self.line.consent(announcement).await,
        }
    }

    /// Reads a record.
    pub(super) async fn read(&mut self, resource: &Resource) -> Result<Sight, Halt> {
        let call = Call::Read(vec![resource.clone()]);
        let (fact, answered) = self.call(&call).await?;
        match fact {
            Some(Fact::Observed(snapshot)) => Ok(Sight { snapshot: *snapshot, answered }),
            Some(Fact::Absent) => Err(Halt::Seen(format!("there is no {} {}", resource.kind, id(resource)))),
            Some(Fact::Refused(evidence)) => Err(Halt::Seen(format!("the read was refused: {}", said(&evidence)))),
            _ => Err(Halt::Seen("the read shows no record".to_owned())),
        }
    }

    /// Makes a call that changes nothing; its first fact, and the answer that has it.
    pub(super) async fn call(&mut self, call: &Call) -> Result<(Option<Fact>, Answered), Halt> {
        let notes = self.notes(call, Notes::default()).await?;
        let mut request = self.dialect.request(call, &notes);
        loop {
            let answered = self.line.read(&request).await?;
            let reply = self.dialect.reply(answered.came, call, &answered.response);
            match reply.rest {
                Some(rest) => request = rest,
                None => return Ok((reply.facts.into_iter().next().map(|(_, fact)| fact), answered)),
            }
        }
    }

    /// Writes records, by what is noted already.
    pub(super) async fn write(&mut self, items: Vec<WriteItem>, noted: Notes) -> Result<Outcome, Halt> {
        let call = Call::Write(items);
        let notes = self.notes(&call, noted).await?;
        let request = self.dialect.request(&call, &notes);
        let answered = self.line.write(&request).await?;
        let reply = self.dialect.reply(answered.came, &call, &answered.response);
        Ok(Outcome { facts: reply.facts.into_iter().map(|(_, fact)| fact).collect(), answered })
    }

    /// The request of a write, as far as it is known before anything is asked: for announcements.
    pub(super) fn preview(&self, items: Vec<WriteItem>) -> Request {
        self.dialect.request(&Call::Write(items), &self.places)
    }

    /// What must be known before a call can be made.
    async fn notes(&mut self, call: &Call, noted: Notes) -> Result<Notes, Halt> {
        let mut notes = noted;
        notes.learn(&self.places);
        while let Some(errand) = self.dialect.errand(call, &notes) {
            let answered = self.line.read(&errand).await?;
            let response = &answered.response;
            if !response.is_success() {
                return Err(Halt::Seen(format!("{} answered {}", super::line::named(&errand), response.status)));
            }
            self.dialect.note(call, &mut notes, response).map_err(|evidence| Halt::Seen(said(&evidence)))?;
        }
        self.places.learn(&notes);
        Ok(notes)
    }

    /// Waits until reads surely show what was written so far, by what was seen.
    pub(super) async fn settle(&self) -> Result<(), Halt> {
        let ms = i64::try_from(self.slowest_ms).unwrap_or_default();
        self.line.wait(SignedDuration::from_millis(2 * ms)).await
    }

    /// Waits until an upload is surely carried out and shown, by what was seen.
    pub(super) async fn carried_out(&self) -> Result<(), Halt> {
        self.line.wait(SignedDuration::from_secs(2)).await?;
        self.settle().await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.line.now()
    }
}

/// A refusal in a few words.
pub(super) fn said(evidence: &Evidence) -> String {
    match evidence.message.as_str() {
        "" => evidence.label.clone(),
        words => format!("{} {words:?}", evidence.label),
    }
}

fn id(resource: &Resource) -> &str {
    resource.id().unwrap_or_default()
}
