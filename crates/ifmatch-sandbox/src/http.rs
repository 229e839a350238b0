//! The bytes that go in and out: requests, responses, and what the client experiences of them.

use std::collections::BTreeMap;

/// One HTTP request as the target receives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// Path and query, e.g. `/api/v2/wfm/schedules?week=2026-11-23`.
    pub path: String,
    /// Header fields; names are compared without case.
    pub headers: Vec<(String, String)>,
    /// The body, empty for none.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header field of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The path without its query.
    pub(crate) fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The query parameters; the values of a repeated one are joined by commas.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        let text = self.path.split_once('?').map_or("", |(_, query)| query);
        let mut query: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            query
                .entry(name.into_owned())
                .and_modify(|values| {
                    values.push(',');
                    values.push_str(&value);
                })
                .or_insert_with(|| value.clone().into_owned());
        }
        query
    }
}

/// One HTTP response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header field of that name, compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body as JSON; `None` for an empty one or a page.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// What the client experiences of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The response arrives.
    Answer {
        /// The response.
        response: Response,
        /// Milliseconds from the arrival of the request to the arrival of the response.
        after_ms: i64,
    },
    /// No response arrives; the client sees a time-out.
    Lost {
        /// Whether the request changed something already. `false` also covers a write that is applied later.
        committed: bool,
    },
    /// The connection breaks.
    Reset {
        /// Whether the body had been sent; only then something may have been applied.
        sent_body: bool,
    },
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}
