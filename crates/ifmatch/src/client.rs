//! The client of the gateway: finds it, logs in, sends, and turns refusals into [`Failure`]s.

mod answer;
mod credentials;
mod file;

use crate::error::{Failure, Kind};
use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ifmatch_server::config::Environment;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use answer::{Answer, sentence};
use credentials::Credentials;

/// Where a gateway is when nobody says.
const DEFAULT_URL: &str = "http://127.0.0.1:8409";

/// How long the gateway may take beyond the wait that was asked for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How to find the gateway and who is asking.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Gateway")]
pub(crate) struct Connect {
    /// The gateway. Else IFMATCH_URL, else http://127.0.0.1:8409.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Client id of a source, whose secret is in a file or in IFMATCH_CLIENT_SECRET. Else IFMATCH_CLIENT_ID, else the operator's token.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// File with its secret. Else IFMATCH_CLIENT_SECRET.
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// Data folder of the gateway, where the operator's token lies [default: ifmatch-data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Connect {
    /// Whether somebody said which gateway is meant.
    pub(crate) fn is_named(&self, environment: &Environment) -> bool {
        self.server.is_some() || self.data.is_some() || environment.value("IFMATCH_URL").is_some()
    }
}

/// What a request carries: bytes, or a file that is read as it is sent.
type Payload = UnsyncBoxBody<Bytes, std::io::Error>;

/// A gateway that was found and that knows us.
#[derive(Debug)]
pub(crate) struct Gateway {
    base: String,
    http: Client<HttpsConnector<HttpConnector>, Payload>,
    authorization: String,
}

/// A body with its media type.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    media_type: &'static str,
    bytes: Bytes,
}

impl Body {
    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self { media_type: "", bytes: Bytes::new() }
    }

    /// One JSON value.
    pub(crate) fn json(value: &Value) -> Self {
        Self { media_type: "application/json", bytes: value.to_string().into() }
    }

    /// One JSON value per line.
    pub(crate) fn lines(lines: &[String]) -> Self {
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        Self { media_type: "application/x-ndjson", bytes: text.into() }
    }
}

/// Runs a conversation with the gateway.
///
/// # Errors
/// Those of the conversation.
pub(crate) fn converse<T>(talk: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")
        .map_err(|error| Failure::new(Kind::Bug, error))?;
    runtime.block_on(talk)
}

impl Gateway {
    /// Finds the gateway and logs in.
    ///
    /// # Errors
    /// No URL, no credentials, a gateway that cannot be reached or that does not know them.
    pub(crate) async fn open(connect: &Connect, environment: &Environment) -> Result<Self, Failure> {
        let named = connect.server.as_deref().or_else(|| environment.value("IFMATCH_URL"));
        let base = named.unwrap_or(DEFAULT_URL).trim_end_matches('/').to_owned();
        let http = client(&base)?;
        let mut gateway = Self { base, http, authorization: String::new() };
        gateway.authorization = match Credentials::find(connect, environment)? {
            Credentials::Operator { token } => format!("Bearer {token}"),
            Credentials::Source { client_id, client_secret } => gateway.log_in(&client_id, &client_secret).await?,
        };
        Ok(gateway)
    }

    /// Asks for something.
    ///
    /// # Errors
    /// Those of [`Gateway::send`], and the gateway's refusal.
    pub(crate) async fn get(&self, path: &str, wait: Duration) -> Result<Value, Failure> {
        self.send(Method::GET, path, Body::empty(), wait).await?.success()
    }

    /// Sends a request; `wait` is how long the gateway was asked to wait. A refusal is an answer.
    ///
    /// # Errors
    /// When the gateway cannot be reached, breaks off or does not answer in time.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Body, wait: Duration) -> Result<Answer, Failure> {
        self.exchange(method, path, &self.authorization, body, wait).await
    }

    async fn log_in(&self, id: &str, secret: &str) -> Result<String, Failure> {
        let basic = credentials::basic(id, secret);
        let form =
            Body { media_type: "application/x-www-form-urlencoded", bytes: "grant_type=client_credentials".into() };
        let answer = self.exchange(Method::POST, "/oauth/token", &basic, form, Duration::ZERO).await?;
        if answer.status.is_client_error() {
            let message = format!("the gateway at {} does not know client {id:?} with this secret", self.base);
            return Err(Failure::new(Kind::Config, anyhow::anyhow!(message))
                .hint("the client ids stand in the gateway's configuration as [[source]]"));
        }
        let body = answer.success()?;
        let token = body.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| {
            Failure::remote(format!("{} answers the log-in without a token: is it a gateway?", self.base))
        })?;
        Ok(format!("Bearer {token}"))
    }

    /// Sends a file, which is read as it is sent; a refusal is an answer.
    ///
    /// # Errors
    /// Those of [`Gateway::send`], and a file that cannot be read.
    pub(crate) async fn send_file(&self, path: &str, file: std::fs::File, wait: Duration) -> Result<Answer, Failure> {
        let body =
            file::FileBody::of(file).map_err(|error| Failure::user(format!("the file cannot be read: {error}")))?;
        let media_type = "application/octet-stream";
        self.exchange_payload(Method::POST, path, &self.authorization, (media_type, body.boxed_unsync()), wait).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        body: Body,
        wait: Duration,
    ) -> Result<Answer, Failure> {
        let payload = Full::new(body.bytes).map_err(|never| match never {}).boxed_unsync();
        self.exchange_payload(method, path, authorization, (body.media_type, payload), wait).await
    }

    async fn exchange_payload(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        (media_type, payload): (&'static str, Payload),
        wait: Duration,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !authorization.is_empty() {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if !media_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        let request = request.header(header::ACCEPT, "application/json").body(payload);
        let request = request.map_err(|error| Failure::new(Kind::User, error))?;
        let exchange = async {
            let response = self.http.request(request).await.map_err(|error| self.unreachable(error))?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| self.broken_off(error))?;
            Ok(Answer { status: parts.status, body: body.to_bytes() })
        };
        match tokio::time::timeout(wait + PATIENCE, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::remote(format!("the gateway at {} did not answer in time", self.base))),
        }
    }

    fn unreachable(&self, error: hyper_util::client::legacy::Error) -> Failure {
        let message = format!("cannot reach the gateway at {}", self.base);
        Failure::new(Kind::Remote, anyhow::Error::new(error).context(message))
            .hint("start one with `ifmatch serve --sandbox`, or name it with --server or IFMATCH_URL")
    }

    fn broken_off(&self, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
        let message = format!("the answer of the gateway at {} broke off", self.base);
        Failure::new(Kind::Remote, anyhow::Error::new(error).context(message))
    }
}

/// A client for a URL; certificates are loaded for HTTPS only.
fn client(base: &str) -> Result<Client<HttpsConnector<HttpConnector>, Payload>, Failure> {
    let wrong = |why: &str| {
        Failure::user(format!("{base:?} is no URL of a gateway: {why}")).hint(format!("write it like {DEFAULT_URL}"))
    };
    let uri: Uri = base.parse().map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
    let provider = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new();
    let config = |error: anyhow::Error| Failure::new(Kind::Config, error);
    let connector = match uri.scheme_str() {
        Some("http") => {
            builder.with_provider_and_webpki_roots(provider).context("no TLS").map_err(config)?.https_or_http()
        }
        Some("https") => builder
            .with_provider_and_native_roots(provider)
            .context("the certificates of this machine cannot be read")
            .map_err(config)?
            .https_only(),
        _ => return Err(wrong("it must begin with http:// or https://")),
    };
    Ok(Client::builder(TokioExecutor::new()).build(connector.enable_http1().build()))
}

#[cfg(test)]
mod tests;
