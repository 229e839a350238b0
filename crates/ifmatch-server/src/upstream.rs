//! Exchanges with the target of one org: pooled connections, its token, its addresses.
//!
//! Requests go to the configured host, and to addresses that the target has signed, which get no token. No redirects are
//! followed, and a name that resolves to a loopback or private address is refused unless the configuration allows it.

mod connector;
mod headers;
mod signed;
mod socket;

pub(crate) use headers::{forwarded_request, forwarded_response};
pub(crate) use socket::{Heard, Socket};

use crate::clock::Clock;
use crate::config::{Login, OrgSettings, Secret};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector::Connector;
use http::{HeaderValue, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ifmatch_core::{Failure, Request, Response, Timestamp};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// The largest answer that is read, in bytes: a whole week of a large unit has a few megabytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// An idle connection is closed after this, before common servers close it from their side: a
/// request that meets a closing connection would be ambiguous.
const IDLE: Duration = Duration::from_secs(15);

/// How long a login may take, wall time.
pub(crate) const LOGIN_WAIT: Duration = Duration::from_secs(30);

/// The target of one org.
#[derive(Debug)]
pub(crate) struct Upstream {
    client: Client<Connector, Full<Bytes>>,
    /// For bodies that pass through.
    passing: Client<Connector, Body>,
    connector: Connector,
    clock: Clock,
    api_url: Uri,
    login_url: Uri,
    /// Whether a signed address may be one without TLS.
    allow_plain: bool,
    client_id: String,
    client_secret: Secret,
    login: Login,
    /// The value of `Authorization`, once there is a token.
    token: RwLock<Option<HeaderValue>>,
}

/// Why there is no token, in words for an operator. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LoginError(String);

impl Upstream {
    pub(crate) fn new(org: &OrgSettings, clock: Clock) -> Self {
        let one = Self::to(org.api_url.clone(), None, org.allow_private, &clock);
        let one = one.with_client(org.login_url.clone(), &org.client_id, &org.client_secret);
        Self { login: org.login, ..one }
    }

    /// The same with a token that is got with these credentials.
    pub(crate) fn with_client(self, login_url: Uri, client_id: &str, client_secret: &Secret) -> Self {
        Self { login_url, client_id: client_id.to_owned(), client_secret: client_secret.clone(), ..self }
    }

    /// Another system, which is sent this value of `Authorization`, or none, with each request.
    pub(crate) fn to(url: Uri, authorization: Option<HeaderValue>, allow_private: bool, clock: &Clock) -> Self {
        let connector = connector::connector(allow_private);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_idle_timeout(IDLE).pool_timer(TokioTimer::new());
        Self {
            client: builder.build(connector.clone()),
            passing: builder.build(connector.clone()),
            connector,
            clock: clock.clone(),
            login_url: url.clone(),
            api_url: url,
            allow_plain: allow_private,
            client_id: String::new(),
            client_secret: Secret::new(""),
            login: Login::default(),
            token: RwLock::new(authorization),
        }
    }

    /// Sends a request with the org's token and reads the answer, until `give_up_at`.
    ///
    /// # Errors
    /// How much of the request may have arrived. Only what certainly never left is `NotSent`.
    pub(crate) async fn exchange(&self, request: &Request, give_up_at: Timestamp) -> Result<Response, Failure> {
        if self.clock.now() >= give_up_at {
            // The machine slept, or was busy for long: what leaves after its time may land after its horizon.
            return Err(Failure::NotSent);
        }
        let token = self.token();
        let left_at = self.clock.now();
        let built = match request.signed {
            true => signed::build(request, self.allow_plain),
            false => build(&self.api_url, request, token).map_err(signed::BuildError::from),
        };
        let built = built.map_err(|error| {
            tracing::error!(%error, path = request.path, "a request could not be built");
            Failure::NotSent
        })?;
        let result = self.clock.until(give_up_at, self.send(built)).await.unwrap_or(Err(Failure::NoAnswer));
        let status = result.as_ref().map(|response| response.status).unwrap_or_default();
        let took_ms = self.clock.now().duration_since(left_at).as_millis();
        tracing::debug!(%left_at, method = request.method.as_str(), path = without_query(&request.path), status, bytes = request.body.len(), took_ms, "an exchange ended");
        result
    }

    async fn send(&self, request: http::Request<Full<Bytes>>) -> Result<Response, Failure> {
        let response = self.client.request(request).await.map_err(|error| {
            tracing::debug!(%error, connect = error.is_connect(), "an exchange failed");
            // A request for which no connection came about never left. After that nobody can tell.
            if error.is_connect() { Failure::NotSent } else { Failure::NoAnswer }
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            tracing::debug!(%error, "an answer broke off");
            Failure::NoAnswer
        })?;
        let text = |(name, value): (&header::HeaderName, &HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        };
        Ok(Response {
            status: parts.status.as_u16(),
            headers: parts.headers.iter().map(text).collect(),
            body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        })
    }

    /// The value of `Authorization` where no token is got: that of the credentials themselves.
    fn fixed(&self) -> Option<Result<HeaderValue, LoginError>> {
        let secret = self.client_secret.expose();
        let text = match self.login {
            Login::Oauth => return None,
            Login::Basic => format!("Basic {}", STANDARD.encode(format!("{}:{secret}", self.client_id))),
            Login::Bearer => format!("Bearer {secret}"),
        };
        let value = HeaderValue::try_from(text).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Some(value.map_err(|_| LoginError("the secret cannot stand in a header".to_owned())))
    }

    /// Sends a request as it is and gives back the answer with its body still coming. It waits as long as its caller does.
    ///
    /// # Errors
    /// How much of the request may have arrived.
    pub(crate) async fn stream(&self, request: http::Request<Body>) -> Result<http::Response<Incoming>, Failure> {
        self.passing.request(request).await.map_err(|error| {
            tracing::debug!(%error, connect = error.is_connect(), "a forwarded exchange failed");
            if error.is_connect() { Failure::NotSent } else { Failure::NoAnswer }
        })
    }

    /// A client's request as one to the API, head and body as they are.
    ///
    /// # Errors
    /// Its path makes no address.
    pub(crate) fn to_api(&self, parts: http::request::Parts, body: Body) -> Result<http::Request<Body>, http::Error> {
        let uri = address(&self.api_url, parts.uri.path_and_query().map_or("/", |path| path.as_str()))?;
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (parts.method, uri, parts.headers);
        Ok(request)
    }

    /// A client's login as one to the login host.
    ///
    /// # Errors
    /// Its path makes no address.
    pub(crate) fn to_login(
        &self,
        parts: &http::request::Parts,
        body: Body,
    ) -> Result<http::Request<Body>, http::Error> {
        let uri = address(&self.login_url, parts.uri.path_and_query().map_or("/", |path| path.as_str()))?;
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (parts.method.clone(), uri);
        for (name, value) in &parts.headers {
            if !["connection", "content-length", "expect", "host", "transfer-encoding"].contains(&name.as_str()) {
                request.headers_mut().append(name, value.clone());
            }
        }
        Ok(request)
    }

    /// The value of `Authorization`, once there is a token.
    pub(crate) fn token(&self) -> Option<HeaderValue> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the token.
    pub(crate) fn forget_token(&self) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Gets a new token by the org's client credentials and uses it from here on; credentials that are sent themselves are
    /// used as they are.
    ///
    /// # Errors
    /// Words for an operator.
    pub(crate) async fn authorise(&self, request: &Request, give_up_at: Timestamp) -> Result<(), LoginError> {
        if let Some(fixed) = self.fixed() {
            *self.token.write().unwrap_or_else(PoisonError::into_inner) = Some(fixed?);
            return Ok(());
        }
        let pair = format!("{}:{}", encode(&self.client_id), encode(self.client_secret.expose()));
        let mut basic =
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).expect("Base64 is a header value");
        basic.set_sensitive(true);
        let request = build(&self.login_url, request, Some(basic)).map_err(|error| LoginError(error.to_string()))?;
        let response = self.clock.until(give_up_at, self.send(request)).await;
        let response = response
            .unwrap_or(Err(Failure::NoAnswer))
            .map_err(|_| LoginError("the login endpoint did not answer".to_owned()))?;
        let token = token_of(&response)?;
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = Some(token);
        Ok(())
    }
}

/// Queries may name people.
fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

fn token_of(response: &Response) -> Result<HeaderValue, LoginError> {
    let body = response.json().unwrap_or_default();
    if !response.is_success() {
        let words = ["error", "error_description"].map(|name| body[name].as_str().unwrap_or_default());
        let words: String = words.join(" ").chars().take(300).collect();
        return Err(LoginError(format!("{} {words}", response.status)));
    }
    let token = body["access_token"].as_str().filter(|token| !token.is_empty());
    let value = token.and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok());
    let mut value = value.ok_or_else(|| LoginError("the answer carries no access_token".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Client id and secret are form-encoded inside of Basic (RFC 6749 §2.3.1).
fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn address(base: &Uri, path: &str) -> Result<Uri, http::Error> {
    let prefix = base.path().trim_end_matches('/');
    Uri::builder()
        .scheme(base.scheme_str().unwrap_or("https"))
        .authority(base.authority().map_or("", |authority| authority.as_str()))
        .path_and_query(format!("{prefix}{path}"))
        .build()
}

/// A request to the configured host: its path and query come from the request, nothing else.
fn build(
    base: &Uri,
    request: &Request,
    authorization: Option<HeaderValue>,
) -> Result<http::Request<Full<Bytes>>, http::Error> {
    let uri = address(base, &request.path)?;
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(uri);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(value) = authorization {
        builder = builder.header(header::AUTHORIZATION, value);
    }
    builder.body(Full::new(Bytes::from(request.body.clone())))
}

#[cfg(test)]
mod tests;
