//! What the shell does with a request on its way to a sandbox that has no socket.

use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use ifmatch_core::{Request, Response};
use ifmatch_sandbox::{Response as Answer, Sandbox};
use std::io::Write as _;

/// Where the sandbox is said to be.
pub(crate) const ORIGIN: &str = "http://sandbox.example.net";

/// The login as the shell sends it: with the client's credentials, and no token.
pub(crate) fn login(sandbox: &Sandbox, mut request: Request) -> Request {
    let known = sandbox.credentials();
    let basic = format!("{}:{}", known.client_id, known.client_secret);
    let basic = base64::engine::general_purpose::STANDARD.encode(basic);
    request.headers.push(("authorization".to_owned(), format!("Basic {basic}")));
    request.signed = true;
    request
}

/// The request on the wire: with a token where the address is not signed, compressed where the headers say so.
pub(crate) fn sent(request: &Request, token: &str) -> ifmatch_sandbox::Request {
    let mut headers = request.headers.clone();
    headers.push(("host".to_owned(), ORIGIN.trim_start_matches("http://").to_owned()));
    if !request.signed {
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    }
    let mut body = request.body.clone().into_bytes();
    if request.header("content-encoding") == Some("gzip") {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&body).unwrap();
        body = gzip.finish().unwrap();
    }
    let path = request.path.strip_prefix(ORIGIN).unwrap_or(&request.path).to_owned();
    ifmatch_sandbox::Request { method: request.method.as_str().to_owned(), path, headers, body }
}

/// An answer as the shell hands it on.
pub(crate) fn heard(answer: Answer) -> Response {
    Response { status: answer.status, headers: answer.headers, body: String::from_utf8(answer.body).unwrap() }
}
