//! The drop-in proxy: any target path. A write to a known route becomes an intent and is answered in
//! the target's own models; everything else passes through within the budget.

mod batch;
mod outcome;
mod pass;
mod prefer;

use crate::app::{Account, App, Principal};
use crate::driver::{OrgHandle, submission};
use crate::problem::Fault;
use crate::routes::submit::idempotency_key;
use crate::upstream::forwarded_request;
use crate::{body, observe, random, wait};
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use http::request::Parts;
use ifmatch_core::{
    Accepted, BaseHint, Change, Digest, Fingerprint, Intent, IntentRecord, Method, Request, Resource, Route,
    RouteError, Submission, Timestamp,
};
use prefer::Prefer;
use serde_json::{Value, json};
use std::sync::Arc;

/// A proxied request with everything that its handling needs.
struct Proxied<'a> {
    app: &'a App,
    org: &'a OrgHandle,
    account: &'a Account,
    request: Request,
    prefer: Prefer,
    key: Option<String>,
    /// Until when the client waits.
    until: Timestamp,
}

/// One change that a request asks for.
struct Write {
    resource: Resource,
    change: Change,
    base: Option<BaseHint>,
    whole: bool,
}

/// A request of an observed source is forwarded as it is; every other one is handled.
pub(crate) async fn door(State(app): State<App>, request: http::Request<Body>) -> Result<Response, Fault> {
    if let Some(caller) = observe::caller(&app, request.headers()) {
        return observe::forward(&app, caller, request).await;
    }
    let (mut parts, body) = request.into_parts();
    let principal = Principal::from_request_parts(&mut parts, &app).await?;
    handle(State(app), principal, http::Request::from_parts(parts, body)).await
}

async fn handle(State(app): State<App>, principal: Principal, request: http::Request<Body>) -> Result<Response, Fault> {
    let Principal::Source(account) = principal else {
        return Err(Fault::Forbidden { what: "use the proxy: it takes the token of a source" });
    };
    let org = app.org(&Principal::Source(Arc::clone(&account)), &account.org)?;
    let (parts, body) = request.into_parts();
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let request = to_core(&parts, &bytes)?;
    let prefer = Prefer::read(&parts.headers, app.settings.wait(), app.settings.wait_max())?;
    let proxied = Proxied {
        app: &app,
        org,
        account: &account,
        key: idempotency_key(&parts.headers)?,
        until: app.clock.now() + prefer.wait,
        request,
        prefer,
    };
    if let Some(intent) = org.dialect.asks_for_job(&proxied.request) {
        return outcome::job(&proxied, intent).await;
    }
    body::check_depth(&bytes, app.settings.json_depth_max)?;
    match org.dialect.route(&account.org, &proxied.request) {
        Ok(Route::Write { resource, change, base, whole }) => {
            proxied.write(Write { resource, change, base, whole }).await
        }
        Ok(Route::Batch(routes)) => batch::handle(&proxied, routes).await,
        Ok(Route::Read(resource)) => pass::handle(&proxied, Some(resource)).await,
        Ok(Route::Unknown) => pass::handle(&proxied, None).await,
        Err(RouteError(error)) => Ok(refused(&Fault::Intent(error))),
    }
}

/// The request as the dialect and the engine see it.
fn to_core(parts: &Parts, bytes: &[u8]) -> Result<Request, Fault> {
    let unknown = || Fault::Unforwardable { reason: format!("the method {} is not forwarded", parts.method) };
    let method = Method::parse(parts.method.as_str()).ok_or_else(unknown)?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = std::str::from_utf8(bytes).map_err(|_| Fault::NotText)?;
    Ok(Request {
        method,
        path: path.to_owned(),
        headers: forwarded_request(&parts.headers),
        body: body.to_owned(),
        signed: false,
    })
}

impl Proxied<'_> {
    async fn write(&self, write: Write) -> Result<Response, Fault> {
        let is_operation = matches!(write.change, Change::Operation(_));
        let is_creation = matches!(write.change, Change::Create(_));
        let submission = self.submission(write, None);
        let taken = match self.org.submit(submission)?.taken().await {
            Ok(taken) => taken,
            Err(fault @ Fault::Intent(_)) => return Ok(refused(&fault)),
            Err(fault) => return Err(fault),
        };
        if is_operation {
            return outcome::operation(self, taken).await;
        }
        let record = self.settled(taken).await?;
        outcome::write(self, record, is_creation).await
    }

    /// The intent of a change; `line` is its place in a batch.
    fn submission(&self, write: Write, line: Option<usize>) -> Submission {
        let versioned = write.base.as_ref().is_some_and(|base| base.version.is_some());
        let key = self.key.as_ref().map(|key| match line {
            Some(line) => format!("{key}#{line}"),
            None => key.clone(),
        });
        let fingerprint = self.fingerprint(line);
        let intent = Intent { idempotency_key: key, base: write.base, ..Intent::new(write.resource, write.change) };
        Submission {
            whole: write.whole,
            fingerprint: Some(Fingerprint { digest: fingerprint, versioned }),
            strict: self.prefer.strict,
            proxied: true,
            ..submission(random::intent_id(&self.app.clock), self.account.name.clone(), intent)
        }
    }

    /// What makes the same write again: method, path, version and body, and the line of a batch.
    fn fingerprint(&self, line: Option<usize>) -> Digest {
        let request = &self.request;
        let line = line.map_or(-1, |line| i64::try_from(line).unwrap_or(i64::MAX));
        let parts = json!([request.method, request.path, request.header("if-match"), line, request.body]);
        Digest::of(parts.to_string().as_bytes())
    }

    /// The intent as it is when it settled or the client waits no longer.
    async fn settled(&self, taken: Accepted) -> Result<IntentRecord, Fault> {
        let record = wait::settled(self.app, self.org, taken.id, self.until).await?;
        let gone = || Fault::Internal { cause: format!("intent {} was taken and is not stored", taken.id) };
        record.ok_or_else(gone)
    }
}

/// A refusal in the caller's own terms: the field at fault by its place in the caller's body, and a
/// problem that also carries `message`, where clients of the target look for words.
fn refused(fault: &Fault) -> Response {
    pass::to_http(&refusal(fault))
}

/// The same as the target would send it.
fn refusal(fault: &Fault) -> ifmatch_core::Response {
    let mut problem = fault.problem().in_body_of_target();
    problem.status = http::StatusCode::BAD_REQUEST;
    let mut body = problem.to_json();
    body["message"] = Value::from(problem.detail.as_str());
    ifmatch_core::Response {
        status: problem.status.as_u16(),
        headers: vec![("content-type".to_owned(), "application/problem+json".to_owned())],
        body: body.to_string(),
    }
}
