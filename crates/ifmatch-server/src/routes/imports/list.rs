//! `GET /v1/imports`: the imports that the caller may see, the newest first, at most 100.

use super::{door, may_see, shown};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

const LIMIT: usize = 100;

pub(crate) async fn handle(State(app): State<App>, principal: Principal) -> Result<Json<Value>, Fault> {
    let mut imports = Vec::new();
    for org in app.orgs_of(&principal) {
        let door = door(&app, org)?;
        let records = door.all().await?.into_iter().filter(|record| may_see(&principal, record));
        imports.extend(records.take(LIMIT).map(|record| shown(door, &record)));
    }
    imports.sort_by(|one, other| other["created_at"].as_str().cmp(&one["created_at"].as_str()));
    imports.truncate(LIMIT);
    Ok(Json(json!({ "imports": imports })))
}
