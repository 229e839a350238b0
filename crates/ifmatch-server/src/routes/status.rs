//! `GET /v1/status`: how each org of the caller stands: intents by state, what is on the wire, which
//! budgets are closed, which locks are waited for.

use crate::app::{App, Principal};
use crate::driver::OrgHandle;
use crate::problem::Fault;
use crate::sinks::SinkHandle;
use axum::Json;
use axum::extract::State;
use ifmatch_core::{Ear, Standing, WriteDoubt};
use ifmatch_sources::sinks::SinkStanding;
use serde_json::{Value, json};

/// Shape: `{"orgs": [{"org", "ready", "intents": {"landed": 5}, "lanes", "in_flight",
/// "closed_budgets": [{"bucket", "until"}], "locks": [{"domain", "waiting", "next_probe"}], "overwrites": 0, "repairs": 0,
/// "ambiguous": [{"after": "503", "took_effect", "no_effect", "undecided"}], "notices": {"connected_since", "topics", "received",
/// "dropped", "reconnects", "channels", "last_error": {"at", "message"}}, "sinks": [{"name", "told", "failed", "given_up",
/// "open_incidents", "last_error"}]}]}`; `overwrites` and `notices` count from the start of
/// the process; `ambiguous` is kept over restarts, creations and starts are in it; `notices` is null where nothing is listened to.
pub(crate) async fn handle(State(app): State<App>, principal: Principal) -> Result<Json<Value>, Fault> {
    let mut orgs = Vec::new();
    for org in app.orgs_of(&principal) {
        let sinks = app.sinks.iter().filter(|sink| sink.org == org.org).map(sink).collect();
        orgs.push(status(org, sinks).await?);
    }
    Ok(Json(json!({"now": app.clock.now(), "orgs": orgs})))
}

async fn status(org: &OrgHandle, sinks: Vec<Value>) -> Result<Value, Fault> {
    let counts = org.read(|store, name| store.counts(name)).await?;
    let standing: Standing = org.ask(|engine| engine.standing()).await?;
    let closed = standing.closed.into_iter();
    let closed: Vec<Value> = closed.map(|(bucket, until)| json!({"bucket": bucket, "until": until})).collect();
    let locks = standing.locks.into_iter();
    let locks: Vec<Value> = locks
        .map(|(domain, waiting, next)| json!({"domain": domain, "waiting": waiting, "next_probe": next}))
        .collect();
    let counted = |(after, doubt): (String, WriteDoubt)| {
        let WriteDoubt { took_effect, no_effect, undecided } = doubt;
        json!({"after": after, "took_effect": took_effect, "no_effect": no_effect, "undecided": undecided})
    };
    let ambiguous: Vec<Value> = standing.ambiguous.into_iter().map(counted).collect();
    Ok(json!({
        "org": org.org,
        "ready": org.is_ready(),
        "intents": counts,
        "lanes": standing.lanes,
        "in_flight": standing.in_flight,
        "closed_budgets": closed,
        "locks": locks,
        "ambiguous": ambiguous,
        "overwrites": standing.overwrites,
        "repairs": standing.repairs,
        "notices": standing.ear.map(notices),
        "sinks": sinks,
    }))
}

fn sink(sink: &SinkHandle) -> Value {
    let SinkStanding { told, failed, given_up, open, last_error } = sink.standing();
    json!({
        "name": sink.name,
        "told": told,
        "failed": failed,
        "given_up": given_up,
        "open_incidents": open,
        "last_error": last_error.map(|(at, message)| json!({"at": at, "message": message})),
    })
}

fn notices(ear: Ear) -> Value {
    let Ear { connected_since, topics, received, dropped, reconnects, channels, last_error } = ear;
    json!({
        "connected_since": connected_since,
        "topics": topics,
        "received": received,
        "dropped": dropped,
        "reconnects": reconnects,
        "channels": channels,
        "last_error": last_error.map(|(at, message)| json!({"at": at, "message": message})),
    })
}
