//! `GET /v1/intents/{id}`: how an intent stands; with `?wait=S` as soon as it settles, with `?flat=true` in one level.

use super::{find, told};
use crate::answer::Shape;
use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::query::Query;
use crate::wait;
use axum::Json;
use axum::extract::{Path, State};
use http::Uri;
use serde_json::Value;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, Fault> {
    let query = Query::read(&uri, &["wait", "flat"])?;
    let shape = Shape::of(&query)?;
    let (org, record) = find(&app, &principal, &id).await?;
    let Some(text) = query.last("wait") else { return Ok(Json(told(org, record).await.shaped(shape))) };
    let until = app.clock.now() + wait::seconds("wait", text, app.settings.wait_max())?;
    let settled = wait::settled(&app, org, record.id, until).await?;
    Ok(Json(told(org, settled.unwrap_or(record)).await.shaped(shape)))
}
