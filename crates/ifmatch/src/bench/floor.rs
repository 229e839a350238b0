//! The peer of the accepts: the same handler without a store. It reads the body as an intent and
//! answers 202 with what an accepted intent looks like; nothing is checked or kept.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use ifmatch_core::{Intent, IntentId, IntentStatus, Timestamp};
use serde_json::json;
use std::io::Read as _;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Serves on a free port of loopback until standard input ends, so that it never outlives whoever
/// started it. `say` is told the URL.
///
/// # Errors
/// No port, or no runtime.
pub(crate) fn serve(say: impl FnOnce(&str)) -> Result<()> {
    let (end, ended) = oneshot::channel();
    std::thread::spawn(move || {
        // Whatever comes, the end of it is the end.
        let _read = std::io::stdin().lock().read_to_end(&mut Vec::new());
        let _gone = end.send(());
    });
    let runtime = tokio::runtime::Runtime::new().context("the runtime does not start")?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("there is no free port")?;
        say(&format!("http://{}", listener.local_addr()?));
        let router = Router::new().route("/v1/intents", post(handle));
        tokio::select! {
            served = async { axum::serve(listener, router).await } => served.context("the server broke"),
            _ended = ended => Ok(()),
        }
    })
}

static LAST: AtomicU64 = AtomicU64::new(0);

async fn handle(body: Bytes) -> Response {
    let intent: Intent = match serde_json::from_slice(&body) {
        Ok(intent) => intent,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let id = IntentId(u128::from(LAST.fetch_add(1, Ordering::Relaxed)));
    let at = Timestamp::now();
    let status = IntentStatus::accepted(at);
    let answer = json!({
        "id": id, "state": status.state, "code": null, "reason": null, "resource": intent.resource, "source": "bench",
        "accepted_at": at, "settled_at": null, "attempts": 0, "waited": status.waited, "result": null, "winner": null,
        "duplicate": false, "conflict": [],
    });
    (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}
