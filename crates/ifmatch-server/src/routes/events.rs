//! `GET /v1/events`: changes of intents as server-sent events.
//!
//! Each event is named `intent`, its id the intent's, its data `{"id", "org", "state", "code",
//! "reason", "resource", "since"}`. A follower that was too slow gets an event named `lost` with the
//! number of changes that it missed: it lists the intents again.

use crate::app::{App, Principal};
use crate::hub::Changed;
use crate::problem::Fault;
use crate::stop::stopped;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

/// Events that wait for a slow connection, beyond what the hub holds.
const WAITING: usize = 64;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Fault> {
    let (send, receive) = mpsc::channel(WAITING);
    for org in app.orgs_of(&principal) {
        let changes = org.hub.follow_all();
        tokio::spawn(forward(changes, send.clone(), app.stopping.clone()));
    }
    Ok(Sse::new(ReceiverStream::new(receive)).keep_alive(KeepAlive::default()))
}

/// Forwards changes until the connection is gone or the gateway stops.
async fn forward(
    mut changes: Receiver<Arc<Changed>>,
    send: mpsc::Sender<Result<Event, Infallible>>,
    mut stopping: tokio::sync::watch::Receiver<bool>,
) {
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = send.closed() => return,
            () = stopped(&mut stopping) => return,
        };
        let event = match change {
            Ok(changed) => Event::default().event("intent").id(changed.id.to_string()).data(data(&changed).to_string()),
            Err(RecvError::Lagged(lost)) => Event::default().event("lost").data(lost.to_string()),
            Err(RecvError::Closed) => return,
        };
        if send.send(Ok(event)).await.is_err() {
            return;
        }
    }
}

fn data(changed: &Changed) -> Value {
    json!({
        "id": changed.id,
        "org": changed.resource.org,
        "state": changed.status.state,
        "code": changed.status.code,
        "reason": changed.status.reason,
        "resource": changed.resource,
        "since": changed.status.since,
    })
}
