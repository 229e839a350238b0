//! The thread that owns the observer of an org, and the task that keeps what it found.

use super::tee::{Copy, Room};
use crate::clock::Clock;
use crate::config::LimitsSection;
use crate::dialects::ProxyDialect;
use crate::problem::Fault;
use crate::stop::stopped;
use crate::store_thread::StoreHandle;
use crate::upstream::{LOGIN_WAIT, Upstream};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, StatusCode};
use ifmatch_core::{
    Book, Client, Commit, CommitId, Method, ObserveBounds, Observed, ObservedOutcome, Observer, Op, OrgName, Request,
    Response, Sheet, SourceName, Timestamp,
};
use ifmatch_store::StoreError;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Exchanges that wait for the observer; more count as unread.
const QUEUE_MAX: usize = 4096;

/// How often what was found is kept, wall time.
const KEEP: Duration = Duration::from_secs(1);

/// The place of the list of sheets in the store.
const INDEX: &str = "observed";

/// An exchange that went by.
pub(crate) struct Went {
    client: Client,
    method: http::Method,
    path: String,
    headers: HeaderMap,
    /// Status and head of the answer, where one came.
    pub(super) answer: Option<(StatusCode, HeaderMap)>,
    pub(super) sent: Option<Copy>,
    pub(super) told: Option<Copy>,
    began: u64,
    ended: u64,
    at: Timestamp,
}

enum Message {
    Went(Box<Went>),
    /// Sheets that changed; also those that fell out, as `None`.
    Changed(oneshot::Sender<Vec<(Place, Option<Sheet>)>>),
    Ask(oneshot::Sender<Book>),
    Stop,
}

type Place = (SourceName, String);

/// Beginnings of exchanges that change something and are not observed yet.
type Open = Arc<Mutex<BTreeSet<u64>>>;

/// What a watcher is made of.
pub(crate) struct Setup {
    pub(crate) org: OrgName,
    pub(crate) dialect: Arc<dyn ProxyDialect>,
    pub(crate) upstream: Upstream,
    pub(crate) store: StoreHandle,
    pub(crate) clock: Clock,
    pub(crate) bounds: ObserveBounds,
    pub(crate) bytes_max: usize,
}

impl Setup {
    pub(crate) fn bounds(limits: &LimitsSection) -> ObserveBounds {
        ObserveBounds {
            records_max: limits.observe_records_max,
            findings_max: limits.observe_findings_max,
            weeks_max: limits.observe_weeks_max,
        }
    }
}

/// The handlers' end of the observer of one org. Clones share it.
#[derive(Clone)]
pub(crate) struct Watcher {
    pub(crate) org: OrgName,
    pub(super) upstream: Arc<Upstream>,
    pub(super) bytes_max: usize,
    pub(super) room: Arc<Room>,
    dialect: Arc<dyn ProxyDialect>,
    clock: Clock,
    messages: mpsc::Sender<Message>,
    /// Numbers beginnings and ends.
    order: Arc<AtomicU64>,
    open: Open,
    missed: Arc<AtomicU64>,
    login: Arc<tokio::sync::Mutex<()>>,
}

impl Watcher {
    /// Notes that a request begins.
    pub(super) fn began(&self, client: Client, parts: &http::request::Parts) -> Went {
        let began = self.order.fetch_add(1, Ordering::SeqCst);
        if !parts.method.is_safe() {
            self.lock().insert(began);
        }
        Went {
            client,
            method: parts.method.clone(),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            headers: parts.headers.clone(),
            answer: None,
            sent: None,
            told: None,
            began,
            ended: 0,
            at: self.clock.now(),
        }
    }

    /// Hands over an exchange that has ended. Never waits.
    pub(super) fn ended(&self, mut went: Went) {
        went.ended = self.order.fetch_add(1, Ordering::SeqCst);
        went.at = self.clock.now();
        let began = went.began;
        if self.messages.try_send(Message::Went(Box::new(went))).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
            self.lock().remove(&began);
        }
    }

    /// Exchanges that were forwarded while the observer's queue was full.
    pub(crate) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// Everything found so far; `None` when the gateway ends.
    pub(crate) async fn book(&self) -> Option<Book> {
        let (tell, told) = oneshot::channel();
        self.messages.send(Message::Ask(tell)).await.ok()?;
        told.await.ok()
    }

    /// The org's own token, for sources that log in at the gateway.
    pub(super) async fn token(&self) -> Result<HeaderValue, Fault> {
        if let Some(token) = self.upstream.token() {
            return Ok(token);
        }
        let _one_login = self.login.lock().await;
        if let Some(token) = self.upstream.token() {
            return Ok(token);
        }
        let until = self.clock.now() + self.clock.from_wall(LOGIN_WAIT);
        self.upstream.authorise(&self.dialect.token_request(), until).await.map_err(|error| {
            tracing::warn!(org = %self.org, %error, "an observed request has no token to go on with");
            Fault::TargetUnreachable
        })?;
        self.upstream.token().ok_or(Fault::TargetUnreachable)
    }

    /// The target did not take the token: the next request logs in again.
    pub(super) fn forget_token(&self) {
        self.upstream.forget_token();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<u64>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the observer of an org.
pub(crate) fn start(setup: Setup, mut stop: watch::Receiver<bool>) -> (Watcher, JoinHandle<()>) {
    let (messages, queue) = mpsc::channel(QUEUE_MAX);
    let watcher = Watcher {
        org: setup.org.clone(),
        upstream: Arc::new(setup.upstream),
        bytes_max: setup.bytes_max,
        room: Room::new(),
        dialect: setup.dialect,
        clock: setup.clock,
        messages,
        order: Arc::new(AtomicU64::new(1)),
        open: Arc::default(),
        missed: Arc::default(),
        login: Arc::default(),
    };
    let (handle, store, bounds) = (watcher.clone(), setup.store, setup.bounds);
    let task = tokio::spawn(async move {
        let sheets = read(&store, &handle.org).await;
        let kept: BTreeSet<Place> = sheets.keys().cloned().collect();
        let observer = Observer::new(handle.org.clone(), bounds, Book::of(sheets));
        let eye = Eye { org: handle.org.clone(), dialect: Arc::clone(&handle.dialect), open: Arc::clone(&handle.open) };
        // It parses bodies, which may be large: not on a thread that forwards.
        let thread = tokio::task::spawn_blocking(move || eye.observe(observer, queue));
        keep(&handle, &store, kept, &mut stop).await;
        let _gone = handle.messages.send(Message::Stop).await;
        if thread.await.is_err() {
            tracing::error!(org = %handle.org, "the observer ended in a panic");
        }
    });
    (watcher, task)
}

/// Keeps what changed, every now and then and at the end.
async fn keep(watcher: &Watcher, store: &StoreHandle, mut kept: BTreeSet<Place>, stop: &mut watch::Receiver<bool>) {
    loop {
        let last = tokio::select! {
            () = tokio::time::sleep(KEEP) => false,
            () = stopped(stop) => true,
        };
        let (tell, told) = oneshot::channel();
        if watcher.messages.send(Message::Changed(tell)).await.is_err() {
            return;
        }
        let Ok(changed) = told.await else { return };
        if !changed.is_empty() {
            write(watcher, store, &mut kept, changed).await;
        }
        if last {
            return;
        }
    }
}

async fn write(
    watcher: &Watcher,
    store: &StoreHandle,
    kept: &mut BTreeSet<Place>,
    changed: Vec<(Place, Option<Sheet>)>,
) {
    let mut ops = Vec::new();
    for (place, sheet) in changed {
        let value = sheet.as_ref().and_then(|sheet| serde_json::to_value(sheet).ok());
        ops.push(Op::Keep { key: key(&place), value });
        match sheet {
            Some(_) => kept.insert(place),
            None => kept.remove(&place),
        };
    }
    ops.push(Op::Keep { key: INDEX.to_owned(), value: Some(json!(kept)) });
    let org = watcher.org.clone();
    let written = store.read(move |store| store.commit(&org, &[Commit { id: CommitId(0), ops }])).await;
    if let Err(error) = written {
        tracing::error!(org = %watcher.org, %error, "what was observed could not be kept");
    }
}

fn key((source, week): &Place) -> String {
    format!("{INDEX}/{source}/{week}")
}

/// What an earlier process kept.
async fn read(store: &StoreHandle, org: &OrgName) -> BTreeMap<Place, Sheet> {
    let name = org.clone();
    let read = store.read(move |store| -> Result<BTreeMap<Place, Sheet>, StoreError> {
        let index = store.kept(&name, INDEX)?.unwrap_or_else(|| Value::Array(Vec::new()));
        let places: BTreeSet<Place> = serde_json::from_value(index).unwrap_or_default();
        let mut sheets = BTreeMap::new();
        for place in places {
            let sheet = store.kept(&name, &key(&place))?.and_then(|value| serde_json::from_value(value).ok());
            sheets.extend(sheet.map(|sheet| (place, sheet)));
        }
        Ok(sheets)
    });
    read.await.unwrap_or_else(|error| {
        tracing::error!(%org, %error, "what was observed before could not be read");
        BTreeMap::new()
    })
}

/// The observer's end of the queue. It holds no sender, so that it ends when nobody can send any more.
struct Eye {
    org: OrgName,
    dialect: Arc<dyn ProxyDialect>,
    open: Open,
}

impl Eye {
    fn observe(&self, mut observer: Observer, mut queue: mpsc::Receiver<Message>) {
        while let Some(message) = queue.blocking_recv() {
            match message {
                Message::Went(went) => self.look(&mut observer, &went),
                Message::Changed(tell) => {
                    let changed = observer.book_mut().take_changed().into_iter();
                    let sheets = &observer.book().sheets;
                    let changed = changed.map(|place| (place.clone(), sheets.get(&place).cloned())).collect();
                    // Whoever asked may be gone.
                    drop(tell.send(changed));
                }
                Message::Ask(tell) => drop(tell.send(observer.book().clone())),
                Message::Stop => return,
            }
        }
    }

    fn look(&self, observer: &mut Observer, went: &Went) {
        let request = went.request();
        let response = went.response();
        let status = went.answer.as_ref().map(|(status, _)| status.as_u16());
        let outcome = match (&response, status) {
            (Some(response), _) => ObservedOutcome::Answered(response),
            (None, Some(status)) => ObservedOutcome::Unread(status),
            (None, None) => ObservedOutcome::Silent,
        };
        let shown = match (&request, &response) {
            (Some(request), Some(response)) => self.dialect.records_shown(&self.org, went.at, request, response),
            _ => Vec::new(),
        };
        let horizon = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.remove(&went.began);
            open.first().copied().unwrap_or(u64::MAX)
        };
        let exchange = Observed {
            client: &went.client,
            request: request.as_ref(),
            safe: went.method.is_safe(),
            outcome,
            shown,
            began: went.began,
            ended: went.ended,
            at: went.at,
        };
        observer.take(&*self.dialect, exchange, horizon);
    }
}

impl Went {
    fn request(&self) -> Option<Request> {
        let method = Method::parse(self.method.as_str())?;
        let body = text(&self.headers, self.sent.as_ref()?)?;
        Some(Request { method, path: self.path.clone(), headers: fields(&self.headers), body, signed: false })
    }

    fn response(&self) -> Option<Response> {
        let (status, headers) = self.answer.as_ref()?;
        let body = text(headers, self.told.as_ref()?)?;
        Some(Response { status: status.as_u16(), headers: fields(headers), body })
    }
}

fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&http::HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(text).collect()
}

/// A body as text, where it went by as a whole and can be read.
fn text(headers: &HeaderMap, copy: &Copy) -> Option<String> {
    let bytes = copy.bytes()?;
    match headers.get("content-encoding").map(|value| value.as_bytes()) {
        None | Some(b"identity") => String::from_utf8(bytes.to_vec()).ok(),
        Some(b"gzip") => {
            let mut text = String::new();
            let max = copy.max() as u64;
            let read = GzDecoder::new(bytes).take(max + 1).read_to_string(&mut text).ok()?;
            (read as u64 <= max).then_some(text)
        }
        Some(_) => None,
    }
}
