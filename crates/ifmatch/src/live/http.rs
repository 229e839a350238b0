//! A small HTTP client over loopback, for every strategy: real sockets, pooled connections.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ifmatch_sandbox::{Request, Response};
use serde_json::Value;
use std::time::Duration;

/// The longest wait for an answer, wall time: a server that hangs must not hang the run.
const PATIENCE: Duration = Duration::from_secs(15);

/// Talks to one server.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    base: String,
    token: String,
    pool: Client<HttpConnector, Full<Bytes>>,
}

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) text: String,
    /// The intent that a gateway made of the request, where it stood in front of the target.
    pub(crate) intent: Option<String>,
}

/// No answer: the connection broke or never came about.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no answer from {base}: {why}")]
pub(crate) struct NoAnswer {
    base: String,
    why: String,
}

impl Reply {
    /// The body as JSON; null for none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The body as one JSON value per line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Whether it was done. A 207 is done only when no entity in it was refused.
    pub(crate) fn is_done(&self) -> bool {
        let refused = |entity: &Value| entity["status"].as_u64().is_some_and(|status| status >= 400);
        match self.status {
            207 => !self.json()["entities"].as_array().into_iter().flatten().any(refused),
            status => (200..300).contains(&status),
        }
    }
}

impl Http {
    /// A client without a token.
    pub(crate) fn new(base: &str) -> Self {
        let pool = Client::builder(TokioExecutor::new()).build_http();
        Self { base: base.to_owned(), token: String::new(), pool }
    }

    /// The same client with a token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: format!("Bearer {token}"), ..self.clone() }
    }

    /// Logs in by client credentials.
    pub(crate) async fn log_in(&self, client_id: &str, client_secret: &str) -> Result<Self, NoAnswer> {
        let basic = format!("Basic {}", STANDARD.encode(format!("{client_id}:{client_secret}")));
        let anonymous = Self { token: basic, ..self.clone() };
        let form = "grant_type=client_credentials".to_owned();
        let reply = anonymous.send("POST", "/oauth/token", "application/x-www-form-urlencoded", form).await?;
        let token = reply.json()["access_token"].as_str().map(str::to_owned);
        token.map(|token| self.with_token(&token)).ok_or_else(|| self.no_answer(&format!("no token: {}", reply.text)))
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &str) -> Result<Reply, NoAnswer> {
        self.send("GET", path, "", String::new()).await
    }

    /// Sends a JSON value.
    pub(crate) async fn put(&self, method: &str, path: &str, body: &Value) -> Result<Reply, NoAnswer> {
        self.send(method, path, "application/json", body.to_string()).await
    }

    /// Sends a text of some media type.
    pub(crate) async fn send(&self, method: &str, path: &str, kind: &str, body: String) -> Result<Reply, NoAnswer> {
        let kind = ("content-type".to_owned(), kind.to_owned());
        let headers = if kind.1.is_empty() { Vec::new() } else { vec![kind] };
        let request = Request { method: method.to_owned(), path: path.to_owned(), headers, body: body.into_bytes() };
        let response = self.exchange(&request).await?;
        let intent = response.headers.iter().find(|(name, _)| name == "ifmatch-intent").map(|(_, id)| id.clone());
        Ok(Reply { status: response.status, text: String::from_utf8_lossy(&response.body).into_owned(), intent })
    }

    /// Sends a request with the client's token, headers and all, and reads the whole answer.
    pub(crate) async fn exchange(&self, request: &Request) -> Result<Response, NoAnswer> {
        let mut sent =
            http::Request::builder().method(request.method.as_str()).uri(format!("{}{}", self.base, request.path));
        if !self.token.is_empty() {
            sent = sent.header("authorization", &self.token);
        }
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let sent = sent.body(Full::new(Bytes::from(request.body.clone()))).map_err(|error| self.no_answer(&error))?;
        let exchange = async {
            let response = self.pool.request(sent).await.map_err(|error| self.no_answer(&error))?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| self.no_answer(&error))?.to_bytes().to_vec();
            let text = |(name, value): (&HeaderName, &HeaderValue)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
            Ok(Response { status: parts.status.as_u16(), headers: parts.headers.iter().map(text).collect(), body })
        };
        let late = |_| Err(self.no_answer(&"it takes too long"));
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(late)
    }

    fn no_answer(&self, why: &dyn std::fmt::Display) -> NoAnswer {
        NoAnswer { base: self.base.clone(), why: why.to_string() }
    }
}
