//! `GET /v1/holds`: is this agent's schedule on the move, so that whoever copies what belongs to it waits.
//!
//! Parameters: `agent` (the target's id; without it all holds that go on are listed), `at` (an instant, default now), `to` (an instant:
//! then it is about every moment from `at` to there), `org` (for the operator of several).

use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::query::Query;
use axum::Json;
use axum::extract::State;
use http::Uri;
use ifmatch_core::{IntentId, Timestamp};
use ifmatch_sources::holds::Hold;
use serde::Serialize;

/// Shape, of one agent flat but for the list: `{"org": "acme", "agent": "a-17", "at": "…", "to": "…", "held": true, "since": "…",
/// "until": null, "known_since": "…", "holds": [{"agent", "since", "until", "intents": 2, "oldest": "int_…"}]}`. `since` and `until` are those of the
/// last hold, `null` where there is none; `agent` is `null` where none was named.
#[derive(Serialize)]
pub(crate) struct Page {
    org: String,
    agent: Option<String>,
    at: Timestamp,
    to: Timestamp,
    held: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// From when on holds are known.
    known_since: Timestamp,
    holds: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    agent: String,
    since: Timestamp,
    until: Option<Timestamp>,
    intents: usize,
    oldest: Option<IntentId>,
}

impl From<Hold> for Shown {
    fn from(hold: Hold) -> Self {
        let Hold { agent, since, until, intents, oldest } = hold;
        Self { agent, since, until, intents, oldest }
    }
}

pub(crate) async fn handle(State(app): State<App>, principal: Principal, uri: Uri) -> Result<Json<Page>, Fault> {
    let query = Query::read(&uri, &["org", "agent", "at", "to"])?;
    let agent = query.last("agent").filter(|agent| !agent.is_empty()).map(str::to_owned);
    let now = app.clock.now();
    let at = instant(&query, "at", now)?.unwrap_or(now);
    let to = instant(&query, "to", now)?.unwrap_or(at);
    if to < at {
        return Err(Fault::parameter("to", "lies before `at`"));
    }
    if agent.is_none() && query.last("at").or(query.last("to")).is_some() {
        return Err(Fault::parameter("agent", "must be named where an instant is"));
    }
    let org = app.org_or_only(&principal, query.last("org"))?;
    let door = app.holds.get(&org.org).ok_or(Fault::NotReady)?;
    let asked = agent.clone();
    let (known_since, holds) = door
        .ask(move |holds| {
            let known = holds.known_since();
            let found: Vec<Hold> = match &asked {
                Some(agent) => holds.during(agent, at, to).collect(),
                None => holds.all().collect(),
            };
            (known, found)
        })
        .await?;
    if at < known_since {
        return Err(Fault::parameter("at", format!("holds are known from {known_since} on")));
    }
    let last = holds.last();
    Ok(Json(Page {
        org: org.org.to_string(),
        at,
        to,
        held: last.is_some(),
        since: last.filter(|_| agent.is_some()).map(|hold| hold.since),
        until: last.filter(|_| agent.is_some()).and_then(|hold| hold.until),
        known_since,
        agent,
        holds: holds.into_iter().map(Shown::from).collect(),
    }))
}

/// An instant that is not in the future: of that nothing is known.
fn instant(query: &Query, name: &'static str, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = query.last(name) else { return Ok(None) };
    let at: Timestamp = text
        .parse()
        .map_err(|_| Fault::parameter(name, "must be an instant with an offset, for example 2026-11-16T07:00:00Z"))?;
    match at > now {
        true => Err(Fault::parameter(name, format!("lies in the future: it is {now}"))),
        false => Ok(Some(at)),
    }
}
