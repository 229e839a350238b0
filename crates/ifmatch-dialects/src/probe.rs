//! What a target does, found out by asking it: reads mostly, and a few writes of records that somebody named.
//!
//! [`Probe`] decides what to ask next from what was answered; whoever drives it sends, waits and asks a person. Experiments are
//! `async` functions over one line out, and nothing but [`Probe::next`] runs them: it polls without a runtime, so the same answers
//! lead to the same questions. What comes out is a [`Certificate`]. `docs/design/024-probe.md` has the whole picture.

mod book;
mod certificate;
mod findings;
mod line;
mod manner;
mod pace;
mod record;
mod session;
mod target;
#[cfg(test)]
mod tests;
mod writes;

pub use certificate::{Certificate, CertificateError, Exchange, Finding, Known, SCHEMA, Touched};
pub use findings::meaning;

use book::Book;
use ifmatch_core::{Dialect, OrgName, Request, Resource, Response, Timestamp};
use line::{Halt, Line};
use session::Session;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// What a probe may do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The address of the target, for the certificate.
    pub target: String,
    /// The org, in whose name resources are made up.
    pub org: OrgName,
    /// The records of the test writes. Of each kind the first is written, the second only together with it.
    pub records: Vec<Resource>,
    /// Whether anything may be written.
    pub writes: Writes,
    /// Whether the window of requests may be used up, in order to see how the target refuses.
    pub exhaust_window: bool,
}

/// Whether a probe may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// After consent.
    Asked,
    /// Never.
    Never,
}

/// What whoever drives a probe shall do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Get a token by this request and answer [`Told::Authorised`] or [`Told::NoToken`].
    Authorise(Request),
    /// Send this, which changes nothing, and answer [`Told::Answer`] or [`Told::NoAnswer`].
    Send(Request),
    /// The same with a test write, or with what puts one back.
    Write(Request),
    /// Ask a person, and answer [`Told::Consented`] or [`Told::Declined`].
    Consent(Announcement),
    /// Wait until then, or until [`Probe::stop`], and answer [`Told::Waited`].
    Wait(Timestamp),
    /// There is nothing left to do.
    Done(Box<Certificate>),
}

/// Test writes that wait for consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// `quality-score/qs-118`.
    pub record: String,
    /// Method and path of the writes: `PATCH /api/v2/…`.
    pub request: String,
    /// How many of them there are at most, those that put things back included.
    pub writes: u32,
    /// What they do, in one sentence.
    pub effect: String,
    /// How it is undone, in one sentence.
    pub undone: String,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// There is a token.
    Authorised,
    /// There is none, for this reason.
    NoToken(String),
    /// The target answered.
    Answer {
        /// The answer.
        response: Response,
        /// When the request left.
        sent: Timestamp,
        /// When the answer was there.
        came: Timestamp,
    },
    /// No answer came; the request may have arrived.
    NoAnswer,
    /// A person agreed.
    Consented,
    /// A person did not.
    Declined,
    /// The time is over.
    Waited,
}

/// One probe of one target.
pub struct Probe {
    task: Pin<Box<dyn Future<Output = Certificate> + Send>>,
    line: Line,
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Probe {
    /// A probe that has asked nothing yet.
    #[must_use]
    pub fn new(dialect: Arc<dyn Dialect>, plan: Plan) -> Self {
        let line = Line::new(dialect.clone());
        Self { task: Box::pin(run(dialect, plan, line.clone())), line }
    }

    /// The next step. Each but [`Step::Done`] wants an answer by [`Probe::tell`] before the next call.
    pub fn next(&mut self, now: Timestamp) -> Step {
        self.line.desk().now = Some(now);
        match self.task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(certificate) => Step::Done(Box::new(certificate)),
            Poll::Pending => self.line.desk().asked.take().expect("an experiment stops at a question only"),
        }
    }

    /// Tells what came of the last step.
    pub fn tell(&mut self, told: Told) {
        self.line.desk().told = Some(told);
    }

    /// Ends it: from here on only what puts a record back is asked for.
    pub fn stop(&mut self) {
        self.line.desk().stopped = true;
    }

    /// What is changed in the target and not put back yet, in words.
    #[must_use]
    pub fn left(&self) -> Option<String> {
        self.line.desk().left.clone()
    }
}

async fn run(dialect: Arc<dyn Dialect>, plan: Plan, line: Line) -> Certificate {
    let mut session = Session::new(line, dialect.clone(), plan.writes);
    let mut book = Book::default();
    match session.line.authorise().await {
        Ok(()) => {
            target::questions(&mut session, &mut book).await;
            records(&mut session, &mut book, &plan).await;
            target::window(&mut session, &mut book, plan.exhaust_window).await;
        }
        Err(halt) => book.all_unknown(&plan.records, &halt),
    }
    let desk = session.line.desk();
    Certificate {
        schema: SCHEMA.to_owned(),
        target: plan.target,
        dialect: dialect.name().to_owned(),
        at: desk.now.unwrap_or_default(),
        requests: desk.requests,
        writes: desk.writes,
        records: book.touched(),
        findings: book.findings(),
    }
}

/// The experiments with records: each kind once, with the first record of it and, for writes of several, the second.
async fn records(session: &mut Session, book: &mut Book, plan: &Plan) {
    let mut done: Vec<&str> = Vec::new();
    for (at, resource) in plan.records.iter().enumerate() {
        if done.contains(&resource.kind.as_str()) {
            continue;
        }
        done.push(&resource.kind);
        let other = plan.records[at + 1..].iter().find(|other| other.kind == resource.kind);
        writes::experiments(session, book, resource, other).await;
    }
    if plan.records.is_empty() {
        book.nothing_named(&Halt::Seen("no record was named for test writes: --record KIND/ID".to_owned()));
    }
}
