//! One request on its way to the target and back, unchanged but for what belongs to a connection.

use super::caller::Caller;
use super::task::{Watcher, Went};
use super::tee::{self, Copy, Shared, Tee};
use crate::app::App;
use crate::problem::Fault;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use ifmatch_core::{Client, Failure};
use std::sync::{Arc, Mutex, PoisonError};

/// Fields of one connection (RFC 9110 §7.6.1). The length goes on: an answer to HEAD has one without a body.
const HOP: [&str; 9] = [
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Takes out what belongs to one connection, and what `Connection` names.
pub(super) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all("connection")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP {
        headers.remove(name);
    }
}

pub(super) fn unforwardable(error: http::Error) -> Fault {
    Fault::Unforwardable { reason: error.to_string() }
}

/// An exchange that goes by; told to the observer once, when it has ended or is given up.
struct Passing {
    watcher: Watcher,
    went: Option<Went>,
    request: Shared,
    answer: Shared,
}

impl Passing {
    fn end(&mut self) {
        let Some(mut went) = self.went.take() else { return };
        went.sent = Some(tee::taken(&self.request));
        went.told = Some(tee::taken(&self.answer));
        self.watcher.ended(went);
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.end();
    }
}

/// Forwards a request of an observed source and watches.
pub(crate) async fn forward(app: &App, caller: Caller, request: http::Request<Body>) -> Result<Response, Fault> {
    let Caller { account, client } = caller;
    let watcher = app.watchers.get(&account.org).ok_or(Fault::UnknownOrg { org: account.org.to_string() })?;
    let (mut parts, body) = request.into_parts();
    strip(&mut parts.headers);
    if !account.upstream {
        let token = watcher.token().await?;
        parts.headers.insert(http::header::AUTHORIZATION, token);
    }
    let mut passing = begin(watcher, client, &parts);
    let body = Body::new(Tee::new(body, Arc::clone(&passing.request), || {}));
    let request = watcher.upstream.to_api(parts, body).map_err(unforwardable)?;
    let answer = watcher.upstream.stream(request).await.map_err(|failure| match failure {
        Failure::NotSent | Failure::CutBeforeEnd => Fault::TargetUnreachable,
        Failure::NoAnswer => Fault::TargetSilent,
    })?;
    let (mut head, body) = answer.into_parts();
    strip(&mut head.headers);
    if head.status == http::StatusCode::UNAUTHORIZED && !account.upstream {
        watcher.forget_token();
    }
    if let Some(went) = &mut passing.went {
        went.answer = Some((head.status, head.headers.clone()));
    }
    let copy = Arc::clone(&passing.answer);
    let passing = Mutex::new(passing);
    let ended = move || passing.lock().unwrap_or_else(PoisonError::into_inner).end();
    Ok(Response::from_parts(head, Body::new(Tee::new(body, copy, ended))))
}

fn begin(watcher: &Watcher, client: Client, parts: &http::request::Parts) -> Passing {
    let went = watcher.began(client, parts);
    let copy = || Arc::new(Mutex::new(Copy::new(watcher.bytes_max, &watcher.room)));
    Passing { watcher: watcher.clone(), went: Some(went), request: copy(), answer: copy() }
}
