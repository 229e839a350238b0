//! `GET /v1/intents/{id}/why`: what an intent waits for, in one sentence.

use super::find;
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Json<Value>, Fault> {
    let (org, record) = find(&app, &principal, &id).await?;
    let intent = record.id;
    let open = org.ask(move |engine| engine.why(intent)).await?;
    let status = &record.status;
    let settled = || match &status.reason {
        Some(reason) => format!("{intent} is {} since {}: {reason}.", status.state, status.since),
        None => format!("{intent} is {} since {}.", status.state, status.since),
    };
    let why = open.unwrap_or_else(settled);
    Ok(Json(json!({
        "id": intent,
        "state": status.state,
        "code": status.code,
        "reason": status.reason,
        "why": why,
    })))
}
