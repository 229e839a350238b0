//! Behaviour of exchanges: what failed, by how much of the request may have arrived.

use super::*;
use crate::testing::{self, org};
use ifmatch_core::{Method, SignedDuration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A target that does something with each connection; gives its address.
async fn target<F, D>(act: D) -> String
where
    D: FnMut(TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    format!("http://{}", testing::place(act).await)
}

/// Reads the head of a request, answers it with these bytes and closes.
async fn answer(mut stream: TcpStream, bytes: &'static str) -> String {
    let mut seen = Vec::new();
    let mut some = [0; 1024];
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut some).await {
            Ok(count) if count > 0 => seen.extend_from_slice(&some[..count]),
            _ => break,
        }
    }
    stream.write_all(bytes.as_bytes()).await.unwrap();
    String::from_utf8(seen).unwrap()
}

fn upstream(url: &str, allow_private: bool) -> Upstream {
    let settings =
        OrgSettings { api_url: url.parse().unwrap(), login_url: url.parse().unwrap(), allow_private, ..org("acme") };
    Upstream::new(&settings, Clock::wall())
}

async fn exchange(upstream: &Upstream) -> Result<Response, Failure> {
    let request = Request::bare(Method::Get, "/api/v2/thing?x=1");
    upstream.exchange(&request, Clock::wall().now() + SignedDuration::from_millis(300)).await
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(exchange(&upstream(&url, true)).await, Err(Failure::NotSent));
}

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_resolved() {
    let url =
        target(|stream| async { drop(answer(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await) }).await;
    let named = url.replace("127.0.0.1", "localhost");
    assert_eq!(exchange(&upstream(&named, false)).await, Err(Failure::NotSent));
    assert_eq!(exchange(&upstream(&named, true)).await.unwrap().status, 200);
}

#[tokio::test]
async fn silence_and_a_cut_answer_are_ambiguous() {
    let silent = target(|stream| async {
        let _held = stream;
        std::future::pending().await
    });
    assert_eq!(exchange(&upstream(&silent.await, true)).await, Err(Failure::NoAnswer));
    let closing = target(|stream| async { drop(answer(stream, "").await) }).await;
    assert_eq!(exchange(&upstream(&closing, true)).await, Err(Failure::NoAnswer));
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc";
    let cutting = target(move |stream| async { drop(answer(stream, cut).await) }).await;
    assert_eq!(exchange(&upstream(&cutting, true)).await, Err(Failure::NoAnswer));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let url = target(move |stream| async { drop(answer(stream, redirect).await) }).await;
    let response = exchange(&upstream(&url, true)).await.unwrap();
    assert_eq!((response.status, response.header("location")), (302, Some("http://127.0.0.1:1/")));
}

#[tokio::test]
async fn a_token_is_got_by_basic_and_then_sent() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let url = target(move |stream| {
        let tell = tell.clone();
        async move {
            let body = "HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{\"access_token\":\"the-token\"}";
            tell.send(answer(stream, &body[..body.len()]).await).unwrap();
        }
    });
    let upstream = upstream(&url.await, true);
    let deadline = Clock::wall().now() + SignedDuration::from_secs(5);
    let form = Request::bare(Method::Post, "/oauth/token");
    let error = upstream.authorise(&form, deadline).await.unwrap_err();
    assert!(error.to_string().contains("access_token"), "a body cut short is none: {error}");
    let login = told.recv().await.unwrap();
    let basic = format!("authorization: Basic {}", STANDARD.encode("gateway:of+the+target"));
    assert!(login.starts_with("POST /oauth/token HTTP/1.1") && login.contains(&basic), "{login}");
}

#[tokio::test]
async fn a_refused_login_says_why_without_the_secret() {
    let refusal = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 26\r\n\r\n{\"error\":\"invalid_client\"}";
    let url = target(move |stream| async { drop(answer(stream, refusal).await) }).await;
    let deadline = Clock::wall().now() + SignedDuration::from_secs(5);
    let form = Request::bare(Method::Post, "/oauth/token");
    let error = upstream(&url, true).authorise(&form, deadline).await.unwrap_err();
    assert_eq!(error.to_string().trim(), "401 invalid_client");
}

#[test]
fn the_path_of_a_request_cannot_change_the_host() {
    let base: Uri = "https://api.example.net/base".parse().unwrap();
    for path in ["//evil.example/x", "/@evil.example/x", "/x?y=http://evil.example"] {
        let request = build(&base, &Request::bare(Method::Get, path), None).unwrap();
        assert_eq!(request.uri().host(), Some("api.example.net"), "{path}");
        assert!(request.uri().path().starts_with("/base/"), "{path}");
    }
    for path in ["@evil.example", ".evil.example/x", "/a b"] {
        let built = build(&base, &Request::bare(Method::Get, path), None);
        let host = built.as_ref().ok().and_then(|request| request.uri().host());
        assert!(host.is_none_or(|host| host == "api.example.net"), "{path}: {host:?}");
    }
}
