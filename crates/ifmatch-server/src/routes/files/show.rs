//! `GET /v1/files/{source}/{file}`: how a file stands, by its id or its name.

use super::{door, find, shown};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path((source, file)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let (door, org) = door(&app, &principal, &source)?;
    let record = find(door, org, &file).await?;
    Ok(Json(shown(door, &record)))
}
