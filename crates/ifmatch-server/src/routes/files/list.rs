//! `GET /v1/files/{source}`: the files of a source, the newest first, at most 100.

use super::{door, records, shown};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

const LIMIT: usize = 100;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(source): Path<String>,
) -> Result<Json<Value>, Fault> {
    let (door, org) = door(&app, &principal, &source)?;
    let records = records(door, org).await?;
    let files: Vec<Value> = records.iter().take(LIMIT).map(|record| shown(door, record)).collect();
    Ok(Json(json!({ "files": files })))
}
