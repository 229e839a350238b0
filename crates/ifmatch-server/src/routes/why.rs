//! `GET /v1/intents/{id}/why`: one paragraph about an intent: evidence, class, action, when next.

use super::{find, paragraph};
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
    let why = paragraph(org, &record).await;
    let status = &record.status;
    let reason = if status.state.is_terminal() { status.reason.as_ref() } else { Some(&why) };
    Ok(Json(json!({
        "id": record.id,
        "state": status.state,
        "code": status.code,
        "reason": reason,
        "why": why,
    })))
}
