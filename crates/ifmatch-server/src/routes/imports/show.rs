//! `GET /v1/imports/{import}`: how an import stands: its rows by what became of them so far.

use super::{account, find, shown};
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
    let (door, record) = find(&app, &principal, &id).await?;
    let account = account(door, &record).await?;
    let mut value = shown(door, &record);
    (value["rows"], value["totals"]) = (json!(account.rows), json!(account.totals));
    value["complete"] = json!(account.complete);
    Ok(Json(value))
}
