//! `GET /v1/imports/{import}/plan`: the plan of an import, as `ifmatch import --plan` writes it.

use super::{find, planned};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::{Path, State};
use ifmatch_sources::migration::Plan;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Json<Plan>, Fault> {
    let (door, record) = find(&app, &principal, &id).await?;
    Ok(Json(planned(door, &record).await?.0))
}
