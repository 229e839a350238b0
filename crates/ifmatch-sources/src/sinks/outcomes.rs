//! Outcomes, one by one and in order: each is told until the other side took it, or until it is given up.

use super::pace::Pace;
use super::{LOOK, Line, Sink, SinkStanding, Step, Told};
use ifmatch_core::states::ALL;
use ifmatch_core::{Failure, Request, Response, State, Timestamp};
use std::collections::{BTreeSet, VecDeque};

/// How one side is told of an outcome: one request after the other until it knows.
pub trait Teller: Send {
    /// The first request; `None` where this side has no interest in it.
    fn begin(&self, now: Timestamp, line: &Line) -> Option<Request>;

    /// What an answer comes to. `request` is the one that it answers.
    fn hear(&self, now: Timestamp, line: &Line, request: &Request, answer: Result<&Response, &Failure>) -> Heard;
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Another request follows.
    Go(Request),
    /// The other side knows.
    Done,
    /// It does not yet: again later, from the beginning.
    Again(String),
    /// It will never take this one.
    GiveUp(String),
    /// It wants to hear nothing any more.
    Stop(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Start,
    /// The log is read from the place on.
    Read,
    /// A conversation about the first of the queue.
    Sent(Box<Request>),
    /// The place is being kept; then it goes on.
    Keep,
    /// The first of the queue waits for its time, or the queue for the log.
    Rest,
}

/// Tells one side of outcomes.
#[derive(Debug)]
pub struct Outcomes<T> {
    teller: T,
    states: BTreeSet<State>,
    /// The leaf from which on nothing was told.
    place: Option<u64>,
    /// The leaf from which on nothing was read.
    read: u64,
    queue: VecDeque<Line>,
    stage: Stage,
    pace: Pace,
    stopped: bool,
    standing: SinkStanding,
}

/// What is told where nothing else is said: how intents end, and what needs a person.
#[must_use]
pub fn default_states() -> BTreeSet<State> {
    ALL.into_iter().filter(|state| state.is_terminal() || *state == State::Review).collect()
}

impl<T: Teller> Outcomes<T> {
    /// A sink for these states, with what was kept before. Without that it begins with what comes: history is not told.
    #[must_use]
    pub fn new(teller: T, states: BTreeSet<State>, pace: Pace, kept: Option<&str>) -> Self {
        let place = kept.and_then(|text| text.trim().parse().ok());
        Self {
            teller,
            states,
            place,
            read: place.unwrap_or_default(),
            queue: VecDeque::new(),
            stage: if place.is_some() { Stage::Read } else { Stage::Start },
            pace,
            stopped: false,
            standing: SinkStanding::default(),
        }
    }

    /// The first of the queue is told, or never will be.
    fn settled(&mut self) {
        self.pace.calm();
        self.queue.pop_front();
        self.place = Some(self.queue.front().map_or(self.read, |line| line.index));
        self.stage = Stage::Keep;
    }

    fn failed(&mut self, now: Timestamp, why: String) {
        self.standing.failed += 1;
        self.standing.last_error = Some((now, why));
    }
}

impl<T: Teller> Sink for Outcomes<T> {
    fn next(&mut self, now: Timestamp) -> Step {
        loop {
            match &self.stage {
                Stage::Start => return Step::Survey,
                Stage::Read => return Step::Read(self.read),
                Stage::Sent(request) => return Step::Send(Request::clone(request)),
                Stage::Keep => return Step::Keep(self.place.unwrap_or(self.read).to_string()),
                Stage::Rest if self.stopped => return Step::Rest(Timestamp::MAX),
                Stage::Rest => match (self.pace.not_before(), self.queue.front()) {
                    (Some(until), Some(_)) if until > now => return Step::Rest(until),
                    (_, None) => return Step::Rest(now.checked_add(LOOK).unwrap_or(Timestamp::MAX)),
                    (_, Some(line)) => match self.teller.begin(now, line) {
                        Some(request) => self.stage = Stage::Sent(Box::new(request)),
                        None => self.settled(),
                    },
                },
            }
        }
    }

    fn tell(&mut self, now: Timestamp, told: Told) {
        match (std::mem::replace(&mut self.stage, Stage::Rest), told) {
            (Stage::Start, Told::Open(_, from)) => {
                self.read = from;
                self.place = Some(from);
                self.stage = Stage::Keep;
            }
            (Stage::Read, Told::Lines(lines, from)) => {
                self.read = from;
                self.queue.extend(lines.into_iter().filter(|line| self.states.contains(&line.to)));
            }
            (Stage::Keep, Told::Kept) => {}
            (Stage::Rest, Told::Woken) if self.queue.is_empty() => self.stage = Stage::Read,
            (Stage::Rest, Told::Woken) => {}
            (Stage::Sent(request), Told::Answer(answer)) => {
                let Some(line) = self.queue.front() else { return };
                match self.teller.hear(now, line, &request, answer.as_ref()) {
                    Heard::Go(request) => self.stage = Stage::Sent(Box::new(request)),
                    Heard::Done => {
                        self.standing.told += 1;
                        self.settled();
                    }
                    Heard::GiveUp(why) => {
                        self.failed(now, why);
                        self.standing.given_up += 1;
                        self.settled();
                    }
                    Heard::Again(why) => {
                        self.failed(now, why);
                        if !self.pace.failed(now, answer.as_ref().ok()) {
                            self.standing.given_up += 1;
                            self.settled();
                        }
                    }
                    Heard::Stop(why) => {
                        self.failed(now, why);
                        self.stopped = true;
                    }
                }
            }
            // What was not asked for changes nothing.
            (stage, _) => self.stage = stage,
        }
    }

    fn standing(&self) -> SinkStanding {
        self.standing.clone()
    }
}

#[cfg(test)]
mod tests;
