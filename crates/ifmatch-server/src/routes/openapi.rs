//! `GET /openapi.json`: the description of the API, kept by hand and compared with the router.

use http::header::CONTENT_TYPE;

/// The description.
pub(crate) const DOCUMENT: &str = include_str!("../../openapi.json");

pub(crate) async fn handle() -> ([(http::HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}
