//! `GET /v1/intents/{id}`: how an intent stands; with `?wait=S` as soon as it settles.

use super::{find, told};
use crate::answer::Answer;
use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::query::Query;
use crate::wait;
use axum::Json;
use axum::extract::{Path, State};
use http::Uri;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Answer>, Fault> {
    let query = Query::read(&uri, &["wait"])?;
    let (org, record) = find(&app, &principal, &id).await?;
    let Some(text) = query.last("wait") else { return Ok(Json(told(org, record).await)) };
    let until = app.clock.now() + wait::seconds("wait", text, app.settings.wait_max())?;
    let settled = wait::settled(&app, org, record.id, until).await?;
    Ok(Json(told(org, settled.unwrap_or(record)).await))
}
