//! `POST /v1/intents/{id}/cancel`: an intent is withdrawn, unless it has settled already.
//!
//! The answer is the intent as it is then: 200 when it has settled, 202 when an attempt of it must
//! be resolved first. The withdrawal is durable then: a restart does not forget it.

use super::{find, respond, told};
use crate::answer::{Answer, Shape};
use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::wait;
use axum::extract::{Path, State};
use axum::response::Response;
use std::time::Duration;

/// How long the end is waited for, wall time.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let (org, record) = find(&app, &principal, &id).await?;
    if !principal.may_decide(&record.source) {
        return Err(Fault::Forbidden { what: "withdraw intents of other sources" });
    }
    if record.status.state.is_terminal() {
        return Ok(respond(&Answer::of(record), Shape::Full));
    }
    let mut follower = org.hub.follow(record.id);
    let by = principal.name().to_string();
    org.withdraw(record.id, by).await?;
    // A review does not end the waiting here: it is what is being withdrawn.
    let until = app.clock.now() + app.clock.from_wall(PATIENCE);
    while let Some(Some(changed)) = app.clock.until(until, follower.next()).await {
        if changed.status.state.is_terminal() {
            break;
        }
    }
    let now = app.clock.now();
    let record = wait::settled(&app, org, record.id, now).await?.unwrap_or(record);
    Ok(respond(&told(org, record).await, Shape::Full))
}
