//! The sandbox behind a socket: the pure emulator, a clock, and the ways in which answers get lost.

mod sockets;

use crate::clock::Clock;
use crate::listener;
use crate::pulse::Pulse;
use axum::body::Body;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::service::service_fn;
use ifmatch_core::{SignedDuration, Timestamp};
use ifmatch_sandbox::{Credentials, Delivery, Sandbox, Scenario};
use serde_json::{Value, json};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// The largest body that the sandbox reads, in bytes.
const BODY_BYTES_MAX: usize = 64 << 20;

/// The most by which one request puts the clock forward: a hundred years.
const ADVANCE_MS_MAX: f64 = 3.2e12;

/// How long a lost answer keeps its connection, scenario time.
const LOST: SignedDuration = SignedDuration::from_secs(60);

/// How long a shutdown waits for answers under way, wall time.
const DRAIN: Duration = Duration::from_secs(1);

/// What a sandbox is started with.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What exists, who acts, what fails.
    pub scenario: Scenario,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Its time. A scenario with a start of its own wants [`scenario_clock`].
    pub clock: Clock,
}

/// A clock for a scenario: from its start where it has one, else from the wall clock's instant, at
/// `speed` seconds of scenario time per second of wall time.
#[must_use]
pub fn scenario_clock(scenario: &Scenario, speed: f64) -> Clock {
    match scenario.start().and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
        Some(start) => Clock::scaled(start, speed),
        None if speed == 1.0 => Clock::wall(),
        None => Clock::scaled_from_now(speed),
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox cannot listen on {listen}")]
pub struct SandboxError {
    /// Where it was to listen.
    pub listen: SocketAddr,
    /// Why not.
    #[source]
    pub source: std::io::Error,
}

/// A sandbox that is running. It stops when dropped.
#[derive(Debug)]
pub struct RunningSandbox {
    /// Where it answers, for example `http://127.0.0.1:8410`.
    pub url: String,
    /// What its default client logs in with.
    pub credentials: Credentials,
    door: SandboxDoor,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts a sandbox behind a socket of its own.
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve_sandbox(options: SandboxOptions) -> Result<RunningSandbox, SandboxError> {
    let SandboxOptions { listen, scenario, seed, clock } = options;
    let failed = |source| SandboxError { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let sandbox = Sandbox::new(scenario, seed, clock.now_ms());
    let credentials = sandbox.credentials();
    let (stop, stopping) = watch::channel(false);
    let door = SandboxDoor {
        sandbox: Arc::new(Mutex::new(sandbox)),
        clock,
        stirred: Arc::new(Notify::new()),
        stop: stopping.clone(),
    };
    let service = {
        let door = door.clone();
        service_fn(move |request: Request<hyper::body::Incoming>| {
            let door = door.clone();
            async move { door.answer(request).await }
        })
    };
    let task = tokio::spawn(listener::serve(listener, service, stopping, DRAIN));
    Ok(RunningSandbox { url: format!("http://{address}"), credentials, door, stop, task })
}

impl RunningSandbox {
    /// The first line that `ifmatch sandbox` prints: `{"url", "client_id", "client_secret",
    /// "options"}`.
    #[must_use]
    pub fn first_line(&self) -> Value {
        let options = self.with(|sandbox| json!(sandbox.options()));
        json!({
            "url": self.url,
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
            "options": options,
        })
    }

    /// Looks at the sandbox itself, or acts on it: its ledger, its statistics, an edit.
    pub fn with<T>(&self, act: impl FnOnce(&mut Sandbox) -> T) -> T {
        let result = act(&mut self.door.lock());
        self.door.stirred.notify_waiters();
        result
    }

    /// Keeps its clock from running ahead of the machine, until dropped. For one without a gateway:
    /// with one, [`crate::Running::pulse`] watches both.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        Pulse::start(self.clock(), Vec::new(), Some(self.door()))
    }

    /// Its time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.door.clock
    }

    /// The way in without a socket.
    pub(crate) fn door(&self) -> SandboxDoor {
        self.door.clone()
    }

    /// Takes no more requests and waits a moment for those under way.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the sandbox ended in a panic");
        }
    }
}

/// The way into a sandbox.
#[derive(Debug, Clone)]
pub(crate) struct SandboxDoor {
    sandbox: Arc<Mutex<Sandbox>>,
    clock: Clock,
    /// Wakes open sockets: something happened that they may have to tell.
    stirred: Arc<Notify>,
    /// Turns true when the sandbox stops.
    stop: watch::Receiver<bool>,
}

/// A connection that breaks without an answer, as the scenario wants it.
#[derive(Debug, thiserror::Error)]
#[error("the scenario breaks this connection")]
pub(crate) struct Broken;

impl SandboxDoor {
    fn lock(&self) -> std::sync::MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its agents, as `/__sandbox/world` shows them.
    pub(crate) fn agents(&self) -> Vec<Value> {
        match self.lock().records()["agents"].take() {
            Value::Array(agents) => agents,
            _ => Vec::new(),
        }
    }

    /// Waits until it has done what it is doing.
    pub(crate) fn echo(&self) {
        drop(self.lock());
    }

    /// Answers a request as the scenario delivers it: in time, late, never, or by a broken
    /// connection.
    pub(crate) async fn answer<B>(&self, request: Request<B>) -> Result<Response<Body>, Broken>
    where
        B: axum::body::HttpBody + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (mut parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
            return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
        };
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        };
        let request = ifmatch_sandbox::Request {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            headers: parts.headers.iter().map(text).collect(),
            body: body.to_bytes().to_vec(),
        };
        if sockets::is_wanted(&parts)
            && let Some(socket) = self.open_socket(&request)
        {
            return Ok(sockets::upgrade(self.clone(), &mut parts, socket).await);
        }
        match self.deliver(request) {
            Delivery::Answer { response, after_ms } => {
                self.clock.sleep_until(self.clock.now() + SignedDuration::from_millis(after_ms)).await;
                Ok(to_http(response))
            }
            Delivery::Lost { .. } => {
                self.clock.sleep_until(self.clock.now() + LOST).await;
                Err(Broken)
            }
            Delivery::Reset { .. } => Err(Broken),
        }
    }

    fn deliver(&self, request: ifmatch_sandbox::Request) -> Delivery {
        let request = self.put_clock_forward(request);
        let delivery = self.lock().handle(self.clock.now_ms(), &request);
        self.stirred.notify_waiters();
        delivery
    }

    /// A channel that is not there is refused like any other request.
    fn open_socket(&self, request: &ifmatch_sandbox::Request) -> Option<ifmatch_sandbox::Socket> {
        let socket = self.lock().open_socket(self.clock.now_ms(), request);
        self.stirred.notify_waiters();
        socket
    }

    /// The clock belongs to everything that shares it, so it is put forward here and not inside of
    /// the sandbox; the request then only asks for the time.
    fn put_clock_forward(&self, request: ifmatch_sandbox::Request) -> ifmatch_sandbox::Request {
        if request.method != "POST" || request.path.trim_end_matches('/') != "/__sandbox/clock" {
            return request;
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let seconds = body["advance_seconds"].as_f64().map(|seconds| seconds * 1e3);
        let ms = body["advance_ms"].as_f64().or(seconds);
        match ms.filter(|ms| (0.0..=ADVANCE_MS_MAX).contains(ms)) {
            Some(ms) => {
                self.clock.advance(Duration::from_millis(ms as u64));
                ifmatch_sandbox::Request { method: "GET".to_owned(), body: Vec::new(), ..request }
            }
            // The sandbox says what is wrong with it.
            None => request,
        }
    }
}

fn to_http(response: ifmatch_sandbox::Response) -> Response<Body> {
    let mut answer = Response::new(Body::from(response.body));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}
