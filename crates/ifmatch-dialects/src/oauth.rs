//! How a token is asked for, whatever the API.

use ifmatch_core::{Method, Request};

/// The request for a token by client credentials, without them (RFC 6749 §4.4.2).
#[must_use]
pub fn token_request() -> Request {
    let form = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    Request {
        headers: vec![form],
        body: "grant_type=client_credentials".to_owned(),
        ..Request::bare(Method::Post, "/oauth/token")
    }
}
