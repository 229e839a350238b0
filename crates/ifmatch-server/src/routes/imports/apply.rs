//! `POST /v1/imports/{import}/apply`: has the rows of a plan submitted. Asked again, it goes on as it is, or looks once more at rows that
//! were left open.

use super::{begin, find, planned, shown};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::Value;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), Fault> {
    let (door, record) = find(&app, &principal, &id).await?;
    let (plan, _) = planned(door, &record).await?;
    let record = begin(door, &principal, record, &plan).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(door, &record))))
}
