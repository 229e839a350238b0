//! `GET /health/ready`: every org's engine knows its store, so intents are taken.

use crate::app::App;
use crate::problem::Fault;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub(crate) async fn handle(State(app): State<App>) -> Result<Json<Value>, Fault> {
    match app.orgs.values().all(|org| org.is_ready()) {
        true => Ok(Json(json!({"status": "ready"}))),
        false => Err(Fault::NotReady),
    }
}
