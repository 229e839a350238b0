//! A plain HTTP client, as any script has one: a connection per request, no retries of its own.

use serde_json::Value;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// The longest a test waits for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Talks to one server.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    host: String,
    authorization: Option<String>,
}

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: Vec<u8>) -> io::Result<Self> {
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
        let answer = Self { status, head: head.to_owned(), body: body.to_owned() };
        match answer.header("content-length").parse::<usize>() {
            Ok(length) if length != answer.body.len() => Err(cut()),
            _ => Ok(answer),
        }
    }

    /// A header's value; empty for none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        line.unwrap_or_default()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, once the status is as expected.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

fn cut() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

impl Caller {
    /// A client without a token.
    pub(crate) fn new(url: &str) -> Self {
        Self { host: url.strip_prefix("http://").unwrap().to_owned(), authorization: None }
    }

    /// The same client with another bearer token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { authorization: Some(format!("Bearer {token}")), ..self.clone() }
    }

    /// The same client, logged in; fails when nobody answers.
    pub(crate) fn try_log_in(&self, client_id: &str, client_secret: &str) -> io::Result<Self> {
        let form = format!("grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}");
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.try_send("POST", "/oauth/token", &kind, &form)?.expect(200).json();
        Ok(self.with_token(answer["access_token"].as_str().unwrap()))
    }

    /// The same client, logged in.
    pub(crate) fn log_in(&self, client_id: &str, client_secret: &str) -> Self {
        self.try_log_in(client_id, client_secret).unwrap()
    }

    /// Asks for something.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Posts JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    /// Sends a request; there must be an answer.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends a request; fails when the connection breaks before the answer is complete.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (host, length) = (&self.host, body.len());
        // HTTP/1.0, so that the body comes in one piece up to the end of the connection.
        let mut head = format!("{method} {path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {length}\r\n");
        let own = self.authorization.as_deref().map(|value| ("authorization", value));
        for (name, value) in own.into_iter().chain(headers.iter().copied()) {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Answer::read(bytes)
    }
}
