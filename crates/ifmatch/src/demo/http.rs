//! A small HTTP client over loopback, for both strategies: real sockets, pooled connections.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::time::Duration;

/// The longest wait for an answer, wall time: a server that hangs must not hang the demonstration.
const PATIENCE: Duration = Duration::from_secs(15);

/// Talks to one server.
#[derive(Debug, Clone)]
pub(super) struct Http {
    base: String,
    token: String,
    pool: Client<HttpConnector, Full<Bytes>>,
}

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    /// The status.
    pub(super) status: u16,
    /// The body.
    pub(super) text: String,
}

/// No answer: the connection broke or never came about.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no answer from {base}: {why}")]
pub(super) struct NoAnswer {
    base: String,
    why: String,
}

impl Reply {
    /// The body as JSON; null for none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The body as one JSON value per line.
    pub(super) fn lines(&self) -> Vec<Value> {
        self.text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Whether it was done. A 207 is done only when no entity in it was refused.
    pub(super) fn is_done(&self) -> bool {
        let refused = |entity: &Value| entity["status"].as_u64().is_some_and(|status| status >= 400);
        match self.status {
            207 => !self.json()["entities"].as_array().into_iter().flatten().any(refused),
            status => (200..300).contains(&status),
        }
    }
}

impl Http {
    /// A client without a token.
    pub(super) fn new(base: &str) -> Self {
        let pool = Client::builder(TokioExecutor::new()).build_http();
        Self { base: base.to_owned(), token: String::new(), pool }
    }

    /// The same client with a token.
    pub(super) fn with_token(&self, token: &str) -> Self {
        Self { token: format!("Bearer {token}"), ..self.clone() }
    }

    /// Logs in by client credentials.
    pub(super) async fn log_in(&self, client_id: &str, client_secret: &str) -> Result<Self, NoAnswer> {
        let basic = format!("Basic {}", STANDARD.encode(format!("{client_id}:{client_secret}")));
        let anonymous = Self { token: basic, ..self.clone() };
        let form = "grant_type=client_credentials".to_owned();
        let reply = anonymous.send("POST", "/oauth/token", "application/x-www-form-urlencoded", form).await?;
        let token = reply.json()["access_token"].as_str().map(str::to_owned);
        token.map(|token| self.with_token(&token)).ok_or_else(|| self.no_answer(&format!("no token: {}", reply.text)))
    }

    /// Asks for something.
    pub(super) async fn get(&self, path: &str) -> Result<Reply, NoAnswer> {
        self.send("GET", path, "", String::new()).await
    }

    /// Sends a JSON value.
    pub(super) async fn put(&self, method: &str, path: &str, body: &Value) -> Result<Reply, NoAnswer> {
        self.send(method, path, "application/json", body.to_string()).await
    }

    /// Sends a text of some media type.
    pub(super) async fn send(&self, method: &str, path: &str, kind: &str, body: String) -> Result<Reply, NoAnswer> {
        let mut request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", &self.token);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| self.no_answer(&error))?;
        let exchange = async {
            let response = self.pool.request(request).await.map_err(|error| self.no_answer(&error))?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| self.no_answer(&error))?.to_bytes();
            Ok(Reply { status: parts.status.as_u16(), text: String::from_utf8_lossy(&body).into_owned() })
        };
        let late = |_| Err(self.no_answer(&"it takes too long"));
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(late)
    }

    fn no_answer(&self, why: &dyn std::fmt::Display) -> NoAnswer {
        NoAnswer { base: self.base.clone(), why: why.to_string() }
    }
}
