//! Sinks: who hears of what became of an intent, and how it is told there.
//!
//! A sink reads the audit log from its place on, asks the shell to send what follows from it, and to keep its place. It decides
//! what is told, when, and what an answer means; the shell only carries. See `docs/design/028-sinks.md`.

use ifmatch_core::{
    Failure, IntentId, Origin, Request, Resource, Response, SignedDuration, SourceName, State, Timestamp,
};

mod board;
mod causes;
mod held;
mod incidents;
mod outcomes;
mod pace;
#[cfg(test)]
mod scene;
pub mod servicenow;
pub mod webhook;
pub mod zendesk;

pub use board::InStep;
pub use causes::{Cause, Patience};
pub use held::Held;
pub use incidents::{IncidentBoard, Incidents};
pub use outcomes::{Heard, Outcomes, Teller, default_states};
pub use pace::Pace;

/// How often the log is looked at where nothing else wakes a sink.
const LOOK: SignedDuration = SignedDuration::from_secs(5);

/// What a sink asks of the shell next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Which intents are open, and from which leaf on the log goes on: [`Told::Open`].
    Survey,
    /// What the log says from this leaf on: [`Told::Lines`].
    Read(u64),
    /// This request to the other side: [`Told::Answer`].
    Send(Request),
    /// This text, durably, in place of what was kept before: [`Told::Kept`].
    Keep(String),
    /// Nothing before this instant, or before the log grows: [`Told::Woken`].
    Rest(Timestamp),
}

/// What the shell tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The open intents, and the leaf from which on the log has what came later.
    Open(Vec<Line>, u64),
    /// What the log says, in order, and the leaf from which on to read next.
    Lines(Vec<Line>, u64),
    /// The answer to the request, or why there is none.
    Answer(Result<Response, Failure>),
    /// It is durable.
    Kept,
    /// The time has come, or the log grew.
    Woken,
}

/// Where an intent went, as one leaf of the log says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The leaf.
    pub index: u64,
    /// When that was; of an open intent in a survey, when it was accepted.
    pub at: Timestamp,
    /// The intent.
    pub intent: IntentId,
    /// Who sent it.
    pub source: SourceName,
    /// What it is about.
    pub resource: Resource,
    /// Where it stood before; `None` where it was just accepted, and in a survey.
    pub from: Option<State>,
    /// Where it went.
    pub to: State,
    /// Which case of that state.
    pub code: Option<String>,
    /// One sentence for people.
    pub reason: Option<String>,
    /// What its source said of where it comes from.
    pub origin: Option<Origin>,
}

impl Line {
    /// Whether it is on its way: neither ended, nor waiting because somebody wants it to or must act.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        self.to != State::Review && !self.to.is_terminal() && !self.waits_as_wanted()
    }

    /// Whether it waits because somebody wants it to.
    fn waits_as_wanted(&self) -> bool {
        self.to == State::Deferred && matches!(self.code.as_deref(), Some("deferred/not_before" | "deferred/brake"))
    }
}

/// A sink, as the shell drives it: ask, do, tell, and so on for ever.
pub trait Sink: Send {
    /// What is to be done next.
    fn next(&mut self, now: Timestamp) -> Step;

    /// What came of it.
    fn tell(&mut self, now: Timestamp, told: Told);

    /// How it stands.
    fn standing(&self) -> SinkStanding;
}

/// How a sink stands, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkStanding {
    /// What was told since the process began.
    pub told: u64,
    /// What failed since the process began; what succeeded later is counted in both.
    pub failed: u64,
    /// What was given up since the process began.
    pub given_up: u64,
    /// Incidents that are open; none of a sink that tells outcomes.
    pub open: usize,
    /// The last failure: when, and in one sentence.
    pub last_error: Option<(Timestamp, String)>,
}
