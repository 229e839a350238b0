//! `GET /v1/events`: changes of intents as server-sent events (WHATWG HTML, section 9.2), as the audit log has them.
//!
//! Each event is named `intent`; its data is `{"id", "org", "state", "code", "reason", "resource", "since"}`, its id how far the
//! follower has come, for example `acme:412`: the next leaf of each org's log. Who comes again with that as `Last-Event-ID`, as
//! browsers and libraries do by themselves, hears of everything since; without one the stream begins with what happens from now on.

use crate::app::{App, Principal};
use crate::driver::OrgHandle;
use crate::hub::Changed;
use crate::lines;
use crate::problem::Fault;
use crate::stop::stopped;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use http::HeaderMap;
use ifmatch_core::OrgName;
use ifmatch_sources::sinks::Line;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};

/// Events that wait for a slow connection; the log keeps the others.
const WAITING: usize = 64;

/// How often the log is looked at where nobody tells of a change, wall time.
const LOOK: Duration = Duration::from_secs(1);

const LAST: &str = "last-event-id";

/// The next leaf of each org's log.
type Places = BTreeMap<OrgName, u64>;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Fault> {
    let known = match headers.get(LAST) {
        Some(last) => parse(last.to_str().unwrap_or_default())?,
        None => Places::new(),
    };
    let (send, receive) = mpsc::channel(WAITING);
    let mut places = Places::new();
    for org in app.orgs_of(&principal) {
        let changes = org.hub.follow_all();
        let size = org.read(|store, org| Ok(store.checkpoint(org)?.size)).await?;
        // A log that is shorter is another one.
        let from = known.get(&org.org).copied().filter(|from| *from <= size).unwrap_or(size);
        places.insert(org.org.clone(), from);
        let follower = Follower { org: org.clone(), from, changes, send: send.clone() };
        tokio::spawn(follower.follow(app.stopping.clone()));
    }
    let events = ReceiverStream::new(receive).map(move |line: Line| {
        places.insert(line.resource.org.clone(), line.index + 1);
        Ok(Event::default().event("intent").id(text(&places)).data(data(&line).to_string()))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Who follows the log of one org.
struct Follower {
    org: OrgHandle,
    from: u64,
    changes: Receiver<Arc<Changed>>,
    send: mpsc::Sender<Line>,
}

impl Follower {
    /// Passes the log on, until the connection is gone or the gateway stops.
    async fn follow(mut self, mut stopping: tokio::sync::watch::Receiver<bool>) {
        let connection = self.send.clone();
        loop {
            tokio::select! {
                passed = self.pass() => if passed.is_none() { return },
                () = connection.closed() => return,
                () = stopped(&mut stopping) => return,
            }
        }
    }

    /// What the log has by now; where that is nothing new, waits until something may be.
    async fn pass(&mut self) -> Option<()> {
        // Where an intent comes from is no part of an event.
        let (from, none) = (self.from, BTreeSet::new());
        let read = self.org.read(move |store, org| lines::since(store, org, from, &none)).await;
        let (lines, next) = read.unwrap_or_else(|_| (Vec::new(), from));
        for line in lines {
            self.send.send(line).await.ok()?;
        }
        self.from = next;
        if next == from {
            match tokio::time::timeout(LOOK, self.changes.recv()).await {
                Ok(Err(RecvError::Closed)) => return None,
                // One of many: the log has them all.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
            }
        }
        Some(())
    }
}

fn text(places: &Places) -> String {
    places.iter().map(|(org, place)| format!("{org}:{place}")).collect::<Vec<_>>().join(" ")
}

fn parse(text: &str) -> Result<Places, Fault> {
    let place = |part: &str| {
        let (org, place) = part.rsplit_once(':')?;
        Some((OrgName::from(org), place.parse().ok()?))
    };
    let places: Option<Places> = text.split(' ').filter(|part| !part.is_empty()).map(place).collect();
    places
        .ok_or_else(|| Fault::parameter("Last-Event-ID", "must be the id of an event of this stream, such as acme:412"))
}

fn data(line: &Line) -> Value {
    json!({
        "id": line.intent,
        "org": line.resource.org,
        "state": line.to,
        "code": line.code,
        "reason": line.reason,
        "resource": line.resource,
        "since": line.at,
    })
}
