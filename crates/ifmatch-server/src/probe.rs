//! Carries a probe's requests to a target, its questions to a person, and the answers back. What is asked, and what follows from
//! an answer, is decided in [`ifmatch_dialects::probe`].

use crate::clock::Clock;
use crate::config::OrgSettings;
use crate::dialects;
use crate::upstream::{LOGIN_WAIT, Upstream};
use ifmatch_core::{Dialect, OrgName, Request, Resource, SignedDuration, Timestamp};
use ifmatch_dialects::probe::{Announcement, Certificate, Plan, Probe, Step, Told, Writes};
use std::future::Future;
use std::sync::Arc;

/// How long an answer is waited for.
const ANSWER_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// What is probed, and how far.
#[derive(Debug, Clone)]
pub struct ProbeSetup {
    /// The org, from [`crate::config::load`].
    pub org: OrgSettings,
    /// Kinds and ids of the records of the test writes.
    pub records: Vec<(String, String)>,
    /// Whether anything may be written.
    pub writes: Writes,
    /// Whether the window of requests may be used up.
    pub exhaust_window: bool,
}

/// Why there is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// A record of a kind that the dialect does not have.
    #[error("{dialect} has no kind {kind:?}")]
    UnknownKind {
        /// The dialect.
        dialect: String,
        /// The kind.
        kind: String,
        /// The kinds that there are.
        kinds: Vec<String>,
    },
    /// The target gave no token.
    #[error("the target gives no token: {0}")]
    NoToken(String),
    /// A second signal came, or the dialect is not built in.
    #[error("{0}")]
    Ended(String),
}

/// What a person says to an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The writes may be made.
    Given,
    /// These may not.
    Refused,
    /// These may not, and the probe shall end.
    Stop,
}

/// The person at the other end.
pub trait Console {
    /// Whether these writes may be made.
    fn consent(&mut self, announcement: &Announcement) -> impl Future<Output = Consent>;

    /// Nothing happens until then.
    fn waits(&mut self, seconds: i64);

    /// A test write leaves, or what puts one back.
    fn writes(&mut self, request: &Request);

    /// The probe was asked to stop, and puts back what is changed.
    fn stopping(&mut self, left: Option<String>);

    /// Waits until somebody wants it to stop.
    fn stop(&mut self) -> impl Future<Output = ()>;
}

/// Probes a target.
///
/// # Errors
/// A kind that there is not, no token, a second wish to stop: then what is left is in the words.
pub async fn probe(setup: ProbeSetup, console: &mut impl Console) -> Result<Certificate, ProbeError> {
    let org = &setup.org;
    let Some(dialect) = dialects::named(&org.dialect, &org.rules, &org.known, org.rest.as_ref()) else {
        return Err(ProbeError::Ended(format!("there is no dialect {:?}", org.dialect)));
    };
    let kinds: Vec<String> = dialect.kinds().into_iter().map(str::to_owned).collect();
    if let Some((kind, _)) = setup.records.iter().find(|(kind, _)| !kinds.contains(kind)) {
        return Err(ProbeError::UnknownKind { dialect: org.dialect.clone(), kind: kind.clone(), kinds });
    }
    let name = OrgName::from(org.name.as_str());
    let plan = Plan {
        target: org.api_url.to_string().trim_end_matches('/').to_owned(),
        records: setup.records.iter().map(|(kind, id)| Resource::by_id(&name, kind, id)).collect(),
        org: name,
        writes: setup.writes,
        exhaust_window: setup.exhaust_window,
    };
    let clock = Clock::wall();
    let way = Way { upstream: Upstream::new(org, clock.clone()), clock };
    let dialect: Arc<dyn Dialect> = dialect;
    way.drive(Probe::new(dialect, plan), console).await
}

/// The way to the target.
struct Way {
    upstream: Upstream,
    clock: Clock,
}

impl Way {
    async fn drive(&self, mut probe: Probe, console: &mut impl Console) -> Result<Certificate, ProbeError> {
        let (mut stopped, mut authorised) = (false, false);
        loop {
            let step = probe.next(self.clock.now());
            if let Step::Done(certificate) = step {
                return Ok(*certificate);
            }
            let told = match &step {
                Step::Consent(announcement) => match console.consent(announcement).await {
                    Consent::Given => Told::Consented,
                    Consent::Refused => Told::Declined,
                    Consent::Stop => {
                        stopped = true;
                        probe.stop();
                        Told::Declined
                    }
                },
                Step::Write(request) => {
                    console.writes(request);
                    self.or_stop(console, &mut probe, &mut stopped, &step).await?
                }
                Step::Wait(until) => {
                    console.waits(until.duration_since(self.clock.now()).as_secs());
                    self.or_stop(console, &mut probe, &mut stopped, &step).await?
                }
                _ => self.or_stop(console, &mut probe, &mut stopped, &step).await?,
            };
            match &told {
                Told::Authorised => authorised = true,
                // Later on something may be left to be put back, and the probe knows best what to do about that.
                Told::NoToken(reason) if !authorised => return Err(ProbeError::NoToken(reason.clone())),
                _ => {}
            }
            probe.tell(told);
        }
    }

    /// Carries a step out. Who wants to stop meanwhile is heard: a wait ends then, an exchange goes on to its end. Who wants to a
    /// second time waits for nothing.
    async fn or_stop(
        &self,
        console: &mut impl Console,
        probe: &mut Probe,
        stopped: &mut bool,
        step: &Step,
    ) -> Result<Told, ProbeError> {
        let mut doing = std::pin::pin!(self.carry(step));
        loop {
            tokio::select! {
                biased;
                told = &mut doing => return Ok(told),
                () = console.stop() => {
                    let left = probe.left();
                    if *stopped {
                        let left = left.unwrap_or_else(|| "nothing of it is left".to_owned());
                        return Err(ProbeError::Ended(format!("ended at once: {left}")));
                    }
                    *stopped = true;
                    probe.stop();
                    console.stopping(left);
                    if matches!(step, Step::Wait(_)) {
                        return Ok(Told::Waited);
                    }
                }
            }
        }
    }

    async fn carry(&self, step: &Step) -> Told {
        match step {
            Step::Authorise(request) => self.authorise(request).await,
            Step::Send(request) | Step::Write(request) => self.send(request).await,
            Step::Wait(until) => {
                self.clock.sleep_until(*until).await;
                Told::Waited
            }
            Step::Consent(_) | Step::Done(_) => Told::Declined,
        }
    }

    async fn send(&self, request: &Request) -> Told {
        let sent = self.clock.now();
        match self.upstream.exchange(request, after(sent, ANSWER_WAIT)).await {
            Ok(response) => Told::Answer { response, sent, came: self.clock.now() },
            Err(_) => Told::NoAnswer,
        }
    }

    async fn authorise(&self, request: &Request) -> Told {
        let until = after(self.clock.now(), self.clock.from_wall(LOGIN_WAIT));
        match self.upstream.authorise(request, until).await {
            Ok(()) => Told::Authorised,
            Err(error) => Told::NoToken(error.to_string()),
        }
    }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
