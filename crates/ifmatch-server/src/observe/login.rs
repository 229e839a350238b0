//! A login at the target: forwarded as it came, and the token that it brings is remembered for its client.

use super::caller::only_upstream;
use crate::app::{Account, App};
use crate::body;
use crate::problem::Fault;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use std::sync::Arc;

/// The largest answer to a login that is read, in bytes.
const ANSWER_MAX: usize = 256 << 10;

/// The observed source as which a client of the target logs in.
pub(crate) fn account(app: &App, client_id: &str) -> Option<Arc<Account>> {
    if app.watchers.is_empty() {
        return None;
    }
    match app.accounts.get(client_id) {
        Some(account) => account.upstream.then(|| Arc::clone(account)),
        None => only_upstream(app).cloned(),
    }
}

/// Forwards the login.
pub(crate) async fn log_in(
    app: &App,
    account: &Arc<Account>,
    client_id: &str,
    (parts, form): (&Parts, Bytes),
) -> Result<Response, Fault> {
    let watcher = app.watchers.get(&account.org).ok_or(Fault::Unauthorised)?;
    let request = watcher.upstream.to_login(parts, Body::from(form)).map_err(super::forward::unforwardable)?;
    let answer = watcher.upstream.stream(request).await.map_err(|_| Fault::TargetUnreachable)?;
    let (mut head, answer) = answer.into_parts();
    let answer = body::read(Body::new(answer), ANSWER_MAX).await.map_err(|_| Fault::TargetSilent)?;
    let told: serde_json::Value = serde_json::from_slice(&answer).unwrap_or_default();
    if let Some(token) = told["access_token"].as_str().filter(|_| head.status.is_success()) {
        app.logins.note(token, account, client_id);
    }
    super::forward::strip(&mut head.headers);
    Ok(Response::from_parts(head, Body::from(answer)))
}
