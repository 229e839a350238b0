//! `POST /v1/imports/{import}/apply`: has the rows of a plan submitted. Asked again, it goes on as it is, or looks once more at rows that
//! were left open. With `go_on=true` it submits the rest although the target refused the first rows alike.

use super::{begin, find, planned, shown};
use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::query::Query;
use axum::Json;
use axum::extract::{Path, State};
use http::{StatusCode, Uri};
use serde_json::Value;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<(StatusCode, Json<Value>), Fault> {
    let goes_on = Query::read(&uri, &["go_on"])?.flag("go_on")?;
    let (door, record) = find(&app, &principal, &id).await?;
    let (plan, _) = planned(door, &record).await?;
    let record = begin(door, &principal, record, &plan, goes_on).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(door, &record))))
}
