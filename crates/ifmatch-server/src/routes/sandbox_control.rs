//! `/__sandbox/…`: the control API of the built-in sandbox, where there is one.

use crate::app::App;
use crate::problem::Fault;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

pub(crate) async fn handle(State(app): State<App>, request: http::Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    match &app.sandbox {
        Some(door) => match door.answer(request).await {
            Ok(response) => response,
            Err(_) => Fault::Internal { cause: "the sandbox broke a control request".to_owned() }.into_response(),
        },
        None => Fault::UnknownPath { path }.into_response(),
    }
}
