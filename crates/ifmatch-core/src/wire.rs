//! HTTP exchanges as data: what leaves for the target and what comes back.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The methods that dialects use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Reads without the body.
    Head,
    /// Creates, starts an operation, or updates where the target says so.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
    /// Asks what is allowed.
    Options,
}

impl Method {
    /// The method as on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Parses the method of a request line; `None` for one that no dialect knows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options]
            .into_iter()
            .find(|method| method.as_str() == text)
    }

    /// Whether the method asks for no change (RFC 9110 §9.2.1).
    #[must_use]
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request to the target, without credentials: the shell adds those.
///
/// Shape: `{"method": "PATCH", "path": "/api/v2/wfm/v2/quality/scores/qs-118", "headers":
/// [["content-type", "application/json"]], "body": "{\"score\":85,\"version\":12}"}`.
/// The bytes of an attempt are exactly these, also when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, beginning with `/`; of a signed request the whole address.
    pub path: String,
    /// Header names in lower case, with their values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body as sent; empty for none. JSON, so text; where the headers say `content-encoding: gzip`, compressed at the edge.
    #[serde(default)]
    pub body: String,
    /// Whether the path is an address that the target has signed: it is sent there as it is, without a token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn bare(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: String::new(), signed: false }
    }

    /// A request with a JSON body and its content type.
    #[must_use]
    pub fn json(method: Method, path: impl Into<String>, body: &serde_json::Value) -> Self {
        Self {
            method,
            path: path.into(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: serde_json::to_string(body).expect("a value is JSON"),
            signed: false,
        }
    }

    /// The first value of a header; names compare without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// An answer of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header names with their values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body; text that is no UTF-8 has been replaced at the edge.
    #[serde(default)]
    pub body: String,
}

impl Response {
    /// The first value of a header; names compare without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The body as JSON; `None` when it is none.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Why an exchange brought no answer, by how much of the request may have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Nothing of it left: connection refused, name not found, cut before the first byte.
    NotSent,
    /// It was cut while the body was leaving: it cannot have been complete.
    CutBeforeEnd,
    /// All of it left and no answer came in time, or the answer was cut: it may have taken effect.
    NoAnswer,
}

impl Failure {
    /// Whether the request may have taken effect.
    #[must_use]
    pub fn is_ambiguous(self) -> bool {
        self == Self::NoAnswer
    }
}
