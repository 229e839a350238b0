//! What is told by how things stand, and not leaf by leaf: the other side is brought to what holds now, one thing after the other.

use super::pace::Pace;
use super::{LOOK, Line, Sink, SinkStanding, Step, Told};
use ifmatch_core::{Failure, Request, Response, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What holds here, and what the other side was told of it.
pub trait Board: Send {
    /// One step of telling one thing.
    type Writing: Send;
    /// What is noted of one thing that the other side was told of, or is about to be.
    type Noted: Serialize;

    /// Takes in a line of the log, or an open intent.
    fn take(&mut self, line: &Line);

    /// What is to be done next about the other side.
    fn due(&mut self, now: Timestamp) -> Due<Self::Writing>;

    /// The request of a step.
    fn request(&self, writing: &Self::Writing) -> Request;

    /// What its answer comes to.
    fn hear(
        &mut self,
        now: Timestamp,
        writing: Self::Writing,
        answer: Result<&Response, &Failure>,
    ) -> Heard<Self::Writing>;

    /// All that is noted, by the names of the things: what must survive a restart.
    fn book(&self) -> &BTreeMap<String, Self::Noted>;
}

/// The book as it was kept; a text that nobody can read counts as nothing.
pub(super) fn book_of<N: DeserializeOwned>(kept: Option<&str>) -> BTreeMap<String, N> {
    kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What is to be done next about the other side.
#[derive(Debug)]
pub enum Due<W> {
    /// What is kept changed: it must be durable before anything is told, so that a crash in between tells nothing under two names.
    Keep,
    /// This is to be told.
    Tell(W),
    /// It knows all. That may change at this instant without a line of the log.
    Nothing(Option<Timestamp>),
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard<W> {
    /// Another request follows.
    Go(W),
    /// The other side knows.
    Done,
    /// It does not; why.
    Failed(String),
}

#[derive(Debug)]
enum Stage<W> {
    /// Nothing is known yet.
    Start,
    /// The log is followed from here.
    Follow(u64),
    /// There may be something to tell.
    Tell(u64),
    /// A request is on its way.
    Sent { from: u64, writing: W },
    /// What is kept is being kept.
    Keeping(u64),
}

/// Keeps the other side in step with a board.
#[derive(Debug)]
pub struct InStep<B: Board> {
    board: B,
    stage: Stage<B::Writing>,
    pace: Pace,
    standing: SinkStanding,
}

impl<B: Board> InStep<B> {
    pub(super) fn with(board: B) -> Self {
        Self { board, stage: Stage::Start, pace: Pace::patient(), standing: SinkStanding::default() }
    }

    fn heard(&mut self, now: Timestamp, from: u64, writing: B::Writing, answer: Result<&Response, &Failure>) {
        self.stage = match self.board.hear(now, writing, answer) {
            Heard::Go(writing) => Stage::Sent { from, writing },
            Heard::Done => {
                self.pace.calm();
                self.standing.told += 1;
                Stage::Keeping(from)
            }
            Heard::Failed(why) => {
                self.pace.failed(now, answer.ok());
                self.standing.failed += 1;
                self.standing.last_error = Some((now, why));
                Stage::Follow(from)
            }
        };
    }
}

impl<B: Board> Sink for InStep<B> {
    fn next(&mut self, now: Timestamp) -> Step {
        loop {
            match &self.stage {
                Stage::Start => return Step::Survey,
                Stage::Follow(from) => return Step::Read(*from),
                Stage::Sent { writing, .. } => return Step::Send(self.board.request(writing)),
                Stage::Keeping(_) => {
                    return Step::Keep(serde_json::to_string(self.board.book()).expect("a book is JSON"));
                }
                Stage::Tell(from) => {
                    let from = *from;
                    if let Some(until) = self.pace.not_before().filter(|until| *until > now) {
                        return Step::Rest(until);
                    }
                    match self.board.due(now) {
                        Due::Keep => self.stage = Stage::Keeping(from),
                        Due::Tell(writing) => self.stage = Stage::Sent { from, writing },
                        Due::Nothing(until) => {
                            let look = now.checked_add(LOOK).unwrap_or(Timestamp::MAX);
                            return Step::Rest(until.map_or(look, |until| until.min(look)));
                        }
                    }
                }
            }
        }
    }

    fn tell(&mut self, now: Timestamp, told: Told) {
        match (std::mem::replace(&mut self.stage, Stage::Start), told) {
            (Stage::Start, Told::Open(lines, from)) => {
                lines.iter().for_each(|line| self.board.take(line));
                self.stage = Stage::Follow(from);
            }
            (Stage::Follow(at), Told::Lines(lines, from)) => {
                lines.iter().for_each(|line| self.board.take(line));
                self.stage = if from > at { Stage::Follow(from) } else { Stage::Tell(from) };
            }
            (Stage::Tell(from), Told::Woken) => self.stage = Stage::Follow(from),
            (Stage::Keeping(from), Told::Kept) => self.stage = Stage::Tell(from),
            (Stage::Sent { from, writing }, Told::Answer(answer)) => self.heard(now, from, writing, answer.as_ref()),
            // What was not asked for changes nothing.
            (stage, _) => self.stage = stage,
        }
    }

    fn standing(&self) -> SinkStanding {
        SinkStanding { open: self.board.book().len(), ..self.standing.clone() }
    }
}
