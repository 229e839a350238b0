//! The only way out of an experiment: one question at a time, paced, consented to and noted as evidence.

use super::certificate::Exchange;
use super::pace::Pace;
use super::{Announcement, Step, Told};
use ifmatch_core::{Call, Dialect, Request, Response, SignedDuration, Timestamp};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// Why an experiment ends before it is done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Halt {
    #[error("stopped before it was tried")]
    Stopped,
    #[error("declined: no test write was made")]
    Declined,
    #[error("no test writes: read-only")]
    ReadOnly,
    #[error("the target asked to wait again and again")]
    Worn,
    #[error("no answer came to {0}")]
    NoAnswer(String),
    #[error("no token: {0}")]
    NoToken(String),
    #[error("{0}")]
    Seen(String),
}

/// An answer with when it was asked for, when it came, and its evidence.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) response: Response,
    pub(super) sent: Timestamp,
    pub(super) came: Timestamp,
    pub(super) exchange: Exchange,
}

/// What is shared with whoever drives.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) asked: Option<Step>,
    pub(super) told: Option<Told>,
    pub(super) now: Option<Timestamp>,
    pub(super) stopped: bool,
    /// What is changed and not put back yet.
    pub(super) left: Option<String>,
    pub(super) requests: u64,
    pub(super) writes: u64,
    /// What answers told of the widest window, in order.
    pub(super) told_windows: Vec<Window>,
    /// Refusals for too many requests: how they say when to come back.
    pub(super) refusals: Vec<(&'static str, Exchange)>,
    pace: Pace,
}

/// What one answer told of the window of requests.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) at: Timestamp,
    pub(super) limit: u64,
    pub(super) remaining: u64,
    /// Seconds to its end, as told.
    pub(super) seconds: u64,
    pub(super) reset_at: Timestamp,
    pub(super) exchange: Exchange,
}

/// Whether a request still goes out after a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    Usual,
    /// It puts something back.
    Restores,
}

/// The line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    desk: Arc<Mutex<Desk>>,
    dialect: Arc<dyn Dialect>,
    pub(super) urgency: Urgency,
}

/// Reads that brought no answer are asked again after these many seconds.
const AGAIN_S: &[i64] = &[1, 4];

impl Line {
    pub(super) fn new(dialect: Arc<dyn Dialect>) -> Self {
        Self { desk: Arc::default(), dialect, urgency: Urgency::Usual }
    }

    /// The same line for what puts things back.
    pub(super) fn restoring(&self) -> Self {
        Self { urgency: Urgency::Restores, ..self.clone() }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time as of the last answer.
    pub(super) fn now(&self) -> Timestamp {
        self.desk().now.unwrap_or_default()
    }

    pub(super) fn exhaust(&self, exhaust: bool) {
        self.desk().pace.exhaust = exhaust;
    }

    /// Sends a request that changes nothing. Where no answer comes it is asked again.
    pub(super) async fn read(&self, request: &Request) -> Result<Answered, Halt> {
        let mut again = AGAIN_S.iter();
        loop {
            match self.send(request, false).await {
                Err(Halt::NoAnswer(what)) => {
                    let Some(seconds) = again.next() else { return Err(Halt::NoAnswer(what)) };
                    self.wait(SignedDuration::from_secs(*seconds)).await?;
                }
                Ok(answer) if matches!(answer.response.status, 500..=504) => {
                    let Some(seconds) = again.next() else { return Ok(answer) };
                    self.wait(SignedDuration::from_secs(*seconds)).await?;
                }
                other => return other,
            }
        }
    }

    /// Sends a request that may change something; never a second time by itself, but where the target refused it unseen.
    pub(super) async fn write(&self, request: &Request) -> Result<Answered, Halt> {
        self.send(request, true).await
    }

    /// One answer that is neither a refusal for too many requests nor one for want of a token.
    async fn send(&self, request: &Request, writes: bool) -> Result<Answered, Halt> {
        let mut authorised = false;
        loop {
            let (answer, throttled) = self.exchange(request, writes).await?;
            let unauthorised = answer.response.status == 401;
            if throttled && !self.desk().pace.exhaust {
                if self.desk().pace.is_worn() {
                    return Err(Halt::Worn);
                }
            } else if unauthorised && !authorised {
                authorised = true;
                self.authorise().await?;
            } else {
                return Ok(answer);
            }
        }
    }

    async fn exchange(&self, request: &Request, writes: bool) -> Result<(Answered, bool), Halt> {
        let buckets = self.dialect.buckets(request);
        loop {
            let now = self.now();
            let hold = self.desk().pace.hold(now, &buckets);
            match hold {
                Some(until) => self.wait_until(until).await?,
                None => break,
            }
        }
        self.may_go()?;
        {
            let mut desk = self.desk();
            let now = desk.now.unwrap_or_default();
            desk.pace.left(now, &buckets);
            desk.requests += 1;
            desk.writes += u64::from(writes);
        }
        let step = if writes { Step::Write(request.clone()) } else { Step::Send(request.clone()) };
        let (response, sent, came) = match self.ask(step).await {
            Told::Answer { response, sent, came } => (response, sent, came),
            Told::NoAnswer => return Err(Halt::NoAnswer(named(request))),
            other => return Err(Halt::Seen(format!("unexpected: {other:?}"))),
        };
        // A signed address is counted by nobody, whatever its answer says.
        let hints = match request.signed {
            true => Vec::new(),
            // What it is for makes no difference to what it says of windows.
            false => self.dialect.reply(came, &Call::Read(Vec::new()), &response).budgets,
        };
        let exchange = Exchange::of(request, &response, came);
        let mut desk = self.desk();
        for hint in &hints {
            desk.told_windows.push(Window {
                at: came,
                limit: hint.limit,
                remaining: hint.remaining,
                seconds: u64::try_from(hint.reset_at.duration_since(came).as_secs()).unwrap_or_default(),
                reset_at: hint.reset_at,
                exchange: exchange.clone(),
            });
        }
        let throttled = desk.pace.answered(came, hints, &response);
        if throttled {
            desk.refusals.push((form(&response), exchange.clone()));
        }
        drop(desk);
        Ok((Answered { response, sent, came, exchange }, throttled))
    }

    /// Gets a token: the first one, and another where that was refused.
    pub(super) async fn authorise(&self) -> Result<(), Halt> {
        match self.ask(Step::Authorise(self.dialect.token_request())).await {
            Told::Authorised => Ok(()),
            Told::NoToken(reason) => Err(Halt::NoToken(reason)),
            _ => Err(Halt::NoToken("the login endpoint did not answer".to_owned())),
        }
    }

    /// Asks whether something may be written.
    pub(super) async fn consent(&self, announcement: Announcement) -> Result<(), Halt> {
        self.may_go()?;
        match self.ask(Step::Consent(announcement)).await {
            Told::Consented => Ok(()),
            _ => Err(Halt::Declined),
        }
    }

    pub(super) async fn wait(&self, span: SignedDuration) -> Result<(), Halt> {
        let until = self.now().checked_add(span).unwrap_or(Timestamp::MAX);
        self.wait_until(until).await
    }

    async fn wait_until(&self, until: Timestamp) -> Result<(), Halt> {
        self.may_go()?;
        self.ask(Step::Wait(until)).await;
        self.may_go()
    }

    fn may_go(&self) -> Result<(), Halt> {
        match self.desk().stopped && self.urgency == Urgency::Usual {
            true => Err(Halt::Stopped),
            false => Ok(()),
        }
    }

    async fn ask(&self, step: Step) -> Told {
        self.desk().asked = Some(step);
        poll_fn(|_| match self.desk().told.take() {
            Some(told) => Poll::Ready(told),
            None => Poll::Pending,
        })
        .await
    }
}

/// How a refusal says when to come back.
fn form(response: &Response) -> &'static str {
    match response.header("retry-after") {
        None => "absent",
        Some(text) if text.trim().parse::<u32>().is_ok() => "seconds",
        Some(_) => "date",
    }
}

/// A request in a few words; what its query says may name people.
pub(super) fn named(request: &Request) -> String {
    format!("{} {}", request.method, bare(request))
}

/// The path without its query; of a signed address nothing that would let others use it.
fn bare(request: &Request) -> &str {
    let path = request.path.split('?').next().unwrap_or_default();
    match request.signed {
        true => "(signed address)",
        false => path,
    }
}
