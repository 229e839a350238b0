//! `POST /v1/hooks/{source}`: takes what another system sends, as it sends it.
//!
//! The bytes are verified before anything reads them, translated by `ifmatch-sources`, and answered with 202 once what they
//! mean is durable. Senders look at little but the status: 2xx for everything that the gateway deals with by itself, 4xx for what no
//! repetition mends, 503 with `Retry-After` for what a repetition does, and never 429.

mod answer;
mod gate;
#[cfg(test)]
mod tests;

use crate::app::{Account, App, Principal};
use crate::body::{self, ParseError};
use crate::config::SourceSettings;
use crate::driver::Submitting;
use crate::problem::Fault;
use crate::routes::submit::{Form, WINDOW, hand_in};
use answer::Told;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use gate::Gate;
use http::HeaderMap;
use ifmatch_core::IntentError;
use ifmatch_sources::form::Message;
use ifmatch_sources::hook::{Hook, Translation, Verdict};
use serde::de::IgnoredAny;
use std::sync::Arc;
use std::time::Duration;

/// How long a sender waits until its message is durable, wall time, before it is asked to send it again. Zendesk gives up after ten
/// seconds or twelve.
const DURABLE_WITHIN: Duration = Duration::from_secs(8);

/// The hook of one source.
pub(crate) struct HookDoor {
    account: Arc<Account>,
    gate: Gate,
    hook: Hook,
}

impl HookDoor {
    /// The hook of a source with the source's name; `None` where it has none.
    pub(crate) fn of(source: &SourceSettings) -> Option<(String, Self)> {
        let (hook, gate) = (source.translator()?, Gate::of(source.hook.as_ref()?));
        Some((source.name.clone(), Self { account: Account::of(source), gate, hook }))
    }
}

pub(crate) async fn handle(
    State(app): State<App>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Fault> {
    let Some(door) = app.hooks.get(&source) else { return Err(Fault::UnknownSource { name: source }) };
    let message_headers = gate::headers(&headers);
    // Who is known without the body is asked before it is read.
    let admit = |body: &[u8]| door.gate.admit(&app, &door.account, (&headers, &message_headers), body);
    let known = if door.gate.needs_body() { None } else { Some(admit(b"")?) };
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let sender = known.map_or_else(|| admit(&bytes), Ok)?;
    let org = app.orgs.get(&door.account.org).ok_or(Fault::NotReady)?;
    if !org.is_ready() {
        return Err(Fault::NotReady);
    }
    body::check_depth(&bytes, app.settings.json_depth_max)?;
    let translation = door.hook.translate(Message { headers: &message_headers, body: &bytes, sender });
    let principal = Principal::Source(Arc::clone(&door.account));
    let submitted = tokio::time::timeout(DURABLE_WITHIN, submit(&app, &principal, translation));
    let late = |_| Fault::Unavailable { cause: "a message was not durable in time".to_owned() };
    match submitted.await.map_err(late)? {
        Submitted::One(Ok(told)) => Ok(answer::one(&told)),
        Submitted::One(Err(fault)) => Err(broken(fault, &bytes, app.settings.json_depth_max)),
        Submitted::Many(results) => Ok(answer::many(&results)),
    }
}

/// A body that is no JSON is told with line and column, as everywhere.
fn broken(fault: Fault, body: &[u8], depth_max: usize) -> Fault {
    match &fault {
        Fault::Intent(IntentError { code: "invalid_json", .. }) => match body::parse::<IgnoredAny>(body, depth_max) {
            Err(ParseError::Broken(broken)) => broken,
            Ok(_) | Err(ParseError::Shape { .. }) => fault,
        },
        _ => fault,
    }
}

/// What became of a message.
enum Submitted {
    One(Result<Told, Fault>),
    Many(Vec<Result<Told, Fault>>),
}

async fn submit(app: &App, principal: &Principal, translation: Translation) -> Submitted {
    match translation {
        Translation::One(verdict) => Submitted::One(match hand_over(app, principal, verdict, Form::One).await {
            Ok(handed) => handed.told().await,
            Err(fault) => Err(fault),
        }),
        Translation::Many(verdicts) => {
            let mut results = Vec::with_capacity(verdicts.len());
            let mut verdicts = verdicts.into_iter().peekable();
            while verdicts.peek().is_some() {
                // Handed over together, they share groups of commits.
                let mut window = Vec::with_capacity(WINDOW);
                for verdict in verdicts.by_ref().take(WINDOW) {
                    window.push(hand_over(app, principal, verdict, Form::List).await);
                }
                for handed in window {
                    results.push(match handed {
                        Ok(handed) => handed.told().await,
                        Err(fault) => Err(fault),
                    });
                }
            }
            Submitted::Many(results)
        }
    }
}

/// An event on its way.
enum Handed {
    Over(Submitting),
    Ignored(&'static str),
}

impl Handed {
    async fn told(self) -> Result<Told, Fault> {
        match self {
            Self::Over(submitting) => submitting.taken().await.map(|taken| Told::taken(&taken)),
            Self::Ignored(reason) => Ok(Told::Ignored { reason }),
        }
    }
}

async fn hand_over(app: &App, principal: &Principal, verdict: Verdict, form: Form) -> Result<Handed, Fault> {
    match verdict {
        Verdict::Intent(intent) => {
            let (_, submitting, _) = hand_in(app, principal, &principal.name(), *intent, form).await?;
            Ok(Handed::Over(submitting))
        }
        Verdict::Ignored { reason } => Ok(Handed::Ignored(reason)),
        Verdict::Refused(error) => Err(error.into()),
    }
}
