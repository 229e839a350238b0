//! `POST /oauth/token`: a source logs in with its client credentials (RFC 6749 §4.4).

use crate::app::{Account, App};
use crate::auth;
use crate::body;
use crate::hashed::Hashed;
use crate::observe;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The largest form that is read, in bytes.
const FORM_MAX: usize = 16 << 10;

/// Why there is no token, in the terms of RFC 6749 §5.2.
struct Denied {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let body = Json(json!({"error": self.error, "error_description": self.description}));
        let mut response = (self.status, [(CACHE_CONTROL, "no-store")], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Basic realm=\"ifmatch\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

const fn invalid(error: &'static str, description: &'static str) -> Denied {
    Denied { status: StatusCode::BAD_REQUEST, error, description }
}

pub(crate) async fn handle(State(app): State<App>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match body::read(body, FORM_MAX).await {
        Ok(bytes) => bytes,
        Err(fault) => return fault.into_response(),
    };
    let form: BTreeMap<String, String> = form_urlencoded::parse(&bytes).into_owned().collect();
    let client_id = credentials(&parts.headers, &form).map(|(id, _)| id).unwrap_or_default();
    if let Some(account) = observe::account(&app, &client_id) {
        return observe::log_in(&app, &account, &client_id, (&parts, bytes)).await.into_response();
    }
    match log_in(&app, &parts.headers, &form) {
        Ok(account) => grant(&app, &account).into_response(),
        Err(denied) => denied.into_response(),
    }
}

fn log_in(app: &App, headers: &HeaderMap, form: &BTreeMap<String, String>) -> Result<Arc<Account>, Denied> {
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => return Err(invalid("unsupported_grant_type", "only client_credentials is supported")),
        None => return Err(invalid("invalid_request", "grant_type is missing")),
    }
    let (id, secret) = credentials(headers, form)?;
    let account = app.accounts.get(&id);
    // An unknown id costs the same time as a wrong secret.
    let matches = match account {
        Some(account) => account.secret.is(&secret),
        None => {
            let _same_work = Hashed::of("").is(&secret);
            false
        }
    };
    account.filter(|_| matches).cloned().ok_or(Denied {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_client",
        description: "unknown client or wrong secret",
    })
}

/// By Basic, or by `client_id` and `client_secret` in the form; not by both (RFC 6749 §2.3).
fn credentials(headers: &HeaderMap, form: &BTreeMap<String, String>) -> Result<(String, String), Denied> {
    let in_form = match (form.get("client_id"), form.get("client_secret")) {
        (Some(id), Some(secret)) => Some((id.clone(), secret.clone())),
        _ => None,
    };
    match (headers.get(AUTHORIZATION), in_form) {
        (Some(_), Some(_)) => Err(invalid("invalid_request", "the client authenticates twice")),
        (None, Some(pair)) => Ok(pair),
        (Some(value), None) => basic(value).ok_or(Denied {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "the Authorization header is no Basic authentication",
        }),
        (None, None) => Err(Denied {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "authenticate with HTTP Basic, or with client_id and client_secret",
        }),
    }
}

/// By Basic.
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    auth::basic(header).map(|(id, secret)| (decode(&id), decode(&secret)))
}

/// Both parts are form-encoded (RFC 6749 §2.3.1); a plus is left alone, since many clients do not
/// encode at all.
fn decode(text: &str) -> String {
    let pair = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

fn grant(app: &App, account: &Arc<Account>) -> Response {
    let seconds = app.settings.token_s;
    let now = app.clock.now();
    let life = app.clock.from_wall(Duration::from_secs(u64::from(seconds)));
    let token = app.sessions.open(account, now, now.saturating_add(life).unwrap_or(now));
    let body = json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": seconds,
        "scope": format!("org:{} source:{}", account.org, account.name),
    });
    ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    //! Behaviour of the reader of credentials.

    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn basic_credentials_may_be_form_encoded_or_not() {
        let check = |pair: &str, id: &str, secret: &str| {
            let header = format!("Basic {}", STANDARD.encode(pair));
            assert_eq!(
                basic(&HeaderValue::from_str(&header).unwrap()),
                Some((id.to_owned(), secret.to_owned())),
                "{pair}"
            );
        };
        check("script:s3cret", "script", "s3cret");
        check("script:s%2B3", "script", "s+3");
        check("script:s+3&x:y", "script", "s+3&x:y");
        assert_eq!(basic(&HeaderValue::from_static("Bearer abc")), None);
        assert_eq!(basic(&HeaderValue::from_static("Basic !!!")), None);
    }
}
