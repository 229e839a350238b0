//! `GET /v1/imports/{import}/account`: what became of each row, as `ifmatch apply --report` writes it.

use super::{account, find};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::{Path, State};
use ifmatch_sources::migration::Account;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Json<Account>, Fault> {
    let (door, record) = find(&app, &principal, &id).await?;
    Ok(Json(account(door, &record).await?))
}
