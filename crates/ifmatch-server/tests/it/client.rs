//! A small HTTP client for the tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The same answer, if it has that status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }
}

/// Talks to one server, with a token once it has one.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Self { base: base.to_owned(), token: None, pool }
    }

    /// The same client with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Logs in by client credentials.
    pub(crate) async fn log_in(&self, client_id: &str, client_secret: &str) -> Self {
        let basic = format!("Basic {}", STANDARD.encode(format!("{client_id}:{client_secret}")));
        let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send("POST", "/oauth/token", &headers, "grant_type=client_credentials").await;
        let token = answer.expect(200).json()["access_token"].as_str().unwrap().to_owned();
        self.with_token(&token)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, path, headers, body).await.expect("the server answers")
    }

    /// Sends a request; the error is a broken connection.
    pub(crate) async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, hyper_util::client::legacy::Error> {
        let mut request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let response = self.pool.request(request).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Ok(Answer { status: parts.status, headers: parts.headers, text })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send("POST", path, &headers, &body.to_string()).await
    }
}

/// A stream of server-sent events.
pub(crate) struct Events {
    body: hyper::body::Incoming,
    read: String,
}

impl Client {
    /// Opens a stream of events.
    pub(crate) async fn stream(&self, path: &str) -> Events {
        self.stream_after(path, None).await
    }

    /// The same behind an event that was heard before.
    pub(crate) async fn stream_after(&self, path: &str, last: Option<&str>) -> Events {
        let token = self.token.as_deref().unwrap_or_default();
        let request =
            http::Request::get(format!("{}{path}", self.base)).header("authorization", format!("Bearer {token}"));
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let request = request.body(Full::new(Bytes::new())).unwrap();
        let response = self.pool.request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        Events { body: response.into_body(), read: String::new() }
    }
}

impl Events {
    /// The next event that is no comment.
    pub(crate) async fn next(&mut self) -> String {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                if !event.starts_with(':') {
                    return event;
                }
                continue;
            }
            let frame = self.body.frame().await.expect("the stream goes on").unwrap();
            self.read += std::str::from_utf8(frame.data_ref().unwrap()).unwrap();
        }
    }
}
