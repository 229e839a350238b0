//! Carries what sinks ask for: the log to them, their requests to the other side, their place to the store.
//!
//! A sink decides (`ifmatch_sources::sinks`); here is a task for each, which ends with the gateway. One that waits or fails holds
//! nobody else up.

use crate::clock::Clock;
use crate::config::{SinkKind, SinkLogin, SinkSettings, Tells};
use crate::driver::OrgHandle;
use crate::lines;
use crate::stop::stopped;
use crate::store_thread::StoreHandle;
use crate::upstream::Upstream;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ifmatch_core::{Commit, CommitId, Failure, Op, OrgName, Request, Response, SignedDuration, State, Timestamp};
use ifmatch_dialects::token_request;
use ifmatch_sources::sinks::servicenow::{Desk, Rows};
use ifmatch_sources::sinks::webhook::Webhook;
use ifmatch_sources::sinks::zendesk::Comments;
use ifmatch_sources::sinks::{Held, Incidents, Outcomes, Pace, Sink, SinkStanding, Step, Told, default_states};
use ifmatch_store::{Store, StoreError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long the other side may take for an answer.
const ANSWER: SignedDuration = SignedDuration::from_secs(30);

/// How long a store that cannot be read is left alone.
const STORE_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// A sink that runs, as `GET /v1/status` shows it.
#[derive(Debug, Clone)]
pub(crate) struct SinkHandle {
    pub(crate) name: String,
    pub(crate) org: OrgName,
    standing: Arc<Mutex<SinkStanding>>,
}

impl SinkHandle {
    pub(crate) fn standing(&self) -> SinkStanding {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a sink's task needs.
struct Carrier {
    name: String,
    org: OrgHandle,
    store: StoreHandle,
    clock: Clock,
    upstream: Upstream,
    standing: Arc<Mutex<SinkStanding>>,
}

/// Starts the task of a sink.
pub(crate) fn start(
    settings: &SinkSettings,
    org: &OrgHandle,
    store: &StoreHandle,
    clock: &Clock,
    mut stop: watch::Receiver<bool>,
) -> (SinkHandle, JoinHandle<()>) {
    let standing = Arc::new(Mutex::new(SinkStanding::default()));
    let handle = SinkHandle { name: settings.name.clone(), org: org.org.clone(), standing: Arc::clone(&standing) };
    let upstream = Upstream::to(settings.url.clone(), authorization(&settings.login), settings.allow_private, clock);
    let upstream = match &settings.login {
        SinkLogin::Oauth { token_url, client_id, client_secret } => {
            upstream.with_client(token_url.clone(), client_id, client_secret)
        }
        SinkLogin::None | SinkLogin::Basic(..) | SinkLogin::Bearer(_) => upstream,
    };
    let (name, org) = (settings.name.clone(), org.clone());
    let carrier = Carrier { name, org, store: store.clone(), clock: clock.clone(), upstream, standing };
    let settings = settings.clone();
    let task = tokio::spawn(async move {
        tokio::select! {
            () = carrier.carry(&settings) => {}
            () = stopped(&mut stop) => {}
        }
    });
    (handle, task)
}

fn authorization(login: &SinkLogin) -> Option<HeaderValue> {
    let text = match login {
        SinkLogin::None | SinkLogin::Oauth { .. } => return None,
        SinkLogin::Basic(user, password) => {
            format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose())))
        }
        SinkLogin::Bearer(token) => format!("Bearer {}", token.expose()),
    };
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The states that a sink tells one by one; none of one that tells causes or holds.
fn told(settings: &SinkSettings) -> BTreeSet<State> {
    match (settings.kind, settings.tells) {
        (SinkKind::ServicenowIncidents, _) | (_, Tells::Holds) => BTreeSet::new(),
        _ => settings.states.clone().unwrap_or_else(default_states),
    }
}

/// The sink itself, with what was kept before.
fn built(settings: &SinkSettings, org: &OrgHandle, states: BTreeSet<State>, kept: Option<&str>) -> Box<dyn Sink> {
    let staging = settings.staging.clone();
    match settings.kind {
        SinkKind::ServicenowIncidents => {
            let desk = Desk { staging, table: settings.table.clone(), fields: settings.fields.clone() };
            Box::new(Incidents::new(&settings.org, desk, settings.patience, kept))
        }
        SinkKind::ServicenowOutcomes => {
            let rows = Rows { staging: staging.unwrap_or_default() };
            Box::new(Outcomes::new(rows, states, Pace::patient(), kept))
        }
        SinkKind::ZendeskComments => Box::new(Outcomes::new(Comments, states, Pace::patient(), kept)),
        SinkKind::Webhook => {
            // The address is that of the listener: its path is all there is.
            let path = if settings.url.path() == "/" { "/" } else { "" };
            let webhook = Webhook { path: path.to_owned(), secrets: settings.secrets.clone() };
            match settings.tells {
                Tells::Outcomes => Box::new(Outcomes::new(webhook, states, Pace::webhooks(), kept)),
                Tells::Holds => Box::new(Held::new(&settings.org, Arc::clone(&org.dialect) as _, webhook, kept)),
            }
        }
    }
}

impl Carrier {
    async fn carry(&self, settings: &SinkSettings) {
        self.org.ready().await;
        let kept = loop {
            let key = self.key();
            match self.read(move |store, org| store.kept(org, &key)).await {
                Ok(kept) => break kept,
                Err(()) => self.pause().await,
            }
        };
        let states = Arc::new(told(settings));
        let mut sink = built(settings, &self.org, BTreeSet::clone(&states), kept.as_ref().and_then(Value::as_str));
        let mut changes = self.org.hub.follow_all();
        loop {
            let step = sink.next(self.clock.now());
            let told = match step {
                Step::Survey => self.read(lines::open).await.map(|(open, from)| Told::Open(open, from)),
                Step::Read(from) => {
                    let states = Arc::clone(&states);
                    let read = self.read(move |store, org| lines::since(store, org, from, &states)).await;
                    read.map(|(all, to)| Told::Lines(all, to))
                }
                Step::Send(request) => {
                    let until = self.clock.now().checked_add(ANSWER).unwrap_or(Timestamp::MAX);
                    Ok(Told::Answer(self.exchange(settings, &request, until).await))
                }
                Step::Keep(text) => self.keep(text).await.map(|()| Told::Kept),
                Step::Rest(until) => {
                    tokio::select! {
                        () = self.clock.sleep_until(until) => {}
                        // Whatever it was, and however much was missed: the log has it.
                        _ = changes.recv() => {}
                    }
                    Ok(Told::Woken)
                }
            };
            match told {
                Ok(told) => sink.tell(self.clock.now(), told),
                Err(()) => self.pause().await,
            }
            self.note(sink.standing());
        }
    }

    /// Sends a request, with a token where one is needed: one that has ended is got anew once.
    async fn exchange(
        &self,
        settings: &SinkSettings,
        request: &Request,
        until: Timestamp,
    ) -> Result<Response, Failure> {
        if !matches!(settings.login, SinkLogin::Oauth { .. }) {
            return self.upstream.exchange(request, until).await;
        }
        if self.upstream.token().is_none() {
            self.log_in(until).await?;
        }
        let answer = self.upstream.exchange(request, until).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.upstream.forget_token();
        self.log_in(until).await?;
        self.upstream.exchange(request, until).await
    }

    /// Gets a token. The address of the login is whole, so the request adds nothing to it.
    async fn log_in(&self, until: Timestamp) -> Result<(), Failure> {
        let request = Request { path: String::new(), ..token_request() };
        self.upstream.authorise(&request, until).await.map_err(|error| {
            tracing::warn!(sink = self.name, org = %self.org.org, %error, "a sink could not log in");
            Failure::NotSent
        })
    }

    /// Shows how the sink stands, and logs what went wrong anew.
    fn note(&self, now: SinkStanding) {
        let mut shown = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, error)) = now.last_error.as_ref().filter(|_| now.failed > shown.failed) {
            tracing::warn!(sink = self.name, org = %self.org.org, given_up = now.given_up, %error, "a sink could not tell");
        }
        *shown = now;
    }

    fn key(&self) -> String {
        format!("sink/{}", self.name)
    }

    async fn pause(&self) {
        self.clock.sleep_until(self.clock.now() + STORE_PAUSE).await;
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Store, &OrgName) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ()> {
        let org = self.org.org.clone();
        let result = self.store.read(move |store| read(store, &org)).await;
        result.map_err(|error| tracing::error!(sink = self.name, %error, "a sink could not use the store"))
    }

    async fn keep(&self, text: String) -> Result<(), ()> {
        let ops = vec![Op::Keep { key: self.key(), value: Some(Value::String(text)) }];
        self.read(move |store, org| store.commit(org, &[Commit { id: CommitId(0), ops }])).await
    }
}
