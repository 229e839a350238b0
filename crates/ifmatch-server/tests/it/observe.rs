//! Observe mode over sockets: every byte as without the gateway, and a report that outlives it.

use crate::client::Client;
use crate::gateway::{Gateway, score_path};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::TokioExecutor;
use ifmatch_server::config::{self, Environment, Flags};
use ifmatch_server::{Running, ServeOptions, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

const SCORES: &str = "/api/v2/wfm/v2/quality/scores";

/// A large body: beyond what the observer looks at.
const LARGE: usize = 30 << 20;

/// A target with odd manners. It sends back what it was sent, head in a field, body as it is.
async fn odd(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut head: Vec<String> = parts
        .headers
        .iter()
        .filter(|(name, _)| !["host", "connection"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    head.sort();
    let seen = format!("{} {} {}", parts.method, parts.uri, head.join("&"));
    let builder = Response::builder().header("x-seen", seen).header("warning", "1").header("warning", "2");
    let builder = builder.header("set-cookie", "a=b").header("etag", "W/\"x\"").header("connection", "x-private");
    let builder = builder.header("x-private", "hop");
    match parts.uri.path() {
        "/api/none" => builder.status(StatusCode::NO_CONTENT).body(Body::empty()),
        "/api/refused" => builder.status(StatusCode::CONFLICT).body(Body::from("{\"code\": \"conflict\"")),
        "/api/binary" => builder.status(299).body(Body::from(vec![0_u8, 159, 146, 150, 255])),
        "/api/large" => builder.body(Body::from(vec![b'x'; LARGE])),
        // Of unknown length, so chunked.
        "/api/chunked" => {
            let parts = ["one ", "", "two"].map(|part| Ok::<_, std::io::Error>(Bytes::from(part)));
            builder.body(Body::from_stream(futures_util::stream::iter(parts)))
        }
        _ => builder.body(body),
    }
    .unwrap()
}

struct Odd {
    target: String,
    running: Running,
    operator: Client,
    _folder: TempDir,
}

async fn odd_gateway() -> Odd {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(odd));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ifmatch.toml");
    let text = format!(
        "[[org]]\nname = \"acme\"\ndialect = \"wfm-v2\"\napi_url = \"{target}\"\nclient_id = \"g\"\nclient_secret = \"g\"\n\
         allow_private = true\n[[source]]\nname = \"script\"\norg = \"acme\"\nclient_id = \"c\"\nauth = \"upstream\"\nobserve = true\n"
    );
    std::fs::write(&file, text).unwrap();
    let flags = Flags {
        file: Some(file),
        listen: Some("127.0.0.1:0".to_owned()),
        data: Some(folder.path().to_owned()),
        observe: false,
    };
    let config = config::load(&flags, &Environment::default()).unwrap().config;
    let running = serve(ServeOptions { config, sandbox: None, extra_sources: Vec::new() }).await.unwrap();
    running.ready().await;
    let token = std::fs::read_to_string(running.operator_token_path()).unwrap();
    let operator = Client::new(&running.url).with_token(token.trim());
    Odd { target, running, operator, _folder: folder }
}

struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

async fn ask(base: &str, method: &str, path: &str, body: Body) -> Told {
    let pool = Pool::builder(TokioExecutor::new()).build_http::<Body>();
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{base}{path}"))
        .header("authorization", "Bearer of-the-target")
        .header("x-odd", "a")
        .header("x-odd", "b")
        .header("cookie", "c=d")
        .header("accept-encoding", "gzip, br")
        .header("if-match", "\"7\"")
        .body(body)
        .unwrap();
    let (parts, body) = pool.request(request).await.unwrap().into_parts();
    let mut headers = parts.headers;
    for name in ["date", "connection", "x-private", "transfer-encoding"] {
        headers.remove(name);
    }
    Told { status: parts.status, headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn sums(operator: &Client) -> Value {
    operator.get("/v1/observed").await.expect(200).json()["sheets"][0]["sums"].clone()
}

#[tokio::test]
async fn every_byte_passes_as_without_the_gateway() {
    let odd = odd_gateway().await;
    let chunked = || {
        let parts = ["a", "bc", "", "d"].map(|part| Ok::<_, std::io::Error>(Bytes::from(part)));
        Body::from_stream(futures_util::stream::iter(parts))
    };
    let full = |text: &'static str| Body::new(Full::new(Bytes::from(text)));
    type Make<'a> = Box<dyn Fn() -> Body + 'a>;
    let cases: Vec<(&str, &str, Make<'_>)> = vec![
        ("GET", "/api/x?a=b%20c&d", Box::new(Body::empty)),
        ("HEAD", "/api/x", Box::new(Body::empty)),
        ("POST", "/api/x", Box::new(move || full("{\"a\": 1,  \"a\": 2}"))),
        ("PUT", "/api/v2/wfm/v2/quality/scores/q-1", Box::new(move || full("no JSON"))),
        ("DELETE", "/api/none", Box::new(Body::empty)),
        ("PATCH", "/api/refused", Box::new(move || full("{}"))),
        ("OPTIONS", "/api/x", Box::new(Body::empty)),
        ("GET", "/api/binary", Box::new(Body::empty)),
        ("GET", "/api/chunked", Box::new(Body::empty)),
        ("POST", "/api/x", Box::new(chunked)),
        ("PURGE", "/api/x", Box::new(Body::empty)),
    ];
    for (method, path, body) in cases {
        let direct = ask(&odd.target, method, path, body()).await;
        let through = ask(&odd.running.url, method, path, body()).await;
        assert_eq!(direct.status, through.status, "{method} {path}");
        assert_eq!(direct.headers, through.headers, "{method} {path}");
        assert_eq!(direct.body, through.body, "{method} {path}");
    }
    assert_eq!(sums(&odd.operator).await["requests"], 11);
    odd.running.shutdown().await;
}

#[tokio::test]
async fn a_body_beyond_the_bound_passes_and_is_counted() {
    let odd = odd_gateway().await;
    let up = ask(&odd.running.url, "POST", "/api/x", Body::new(Full::new(Bytes::from(vec![b'y'; LARGE])))).await;
    assert!(up.status == 200 && up.body.len() == LARGE && up.body.iter().all(|byte| *byte == b'y'));
    let down = ask(&odd.running.url, "GET", "/api/large", Body::empty()).await;
    assert!(down.status == 200 && down.body.len() == LARGE);
    let sums = sums(&odd.operator).await;
    assert_eq!((&sums["requests"], &sums["unread"]), (&json!(2), &json!(2)), "{sums}");
    odd.running.shutdown().await;
}

#[tokio::test]
async fn a_target_that_is_away_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ifmatch.toml");
    let text = "[[org]]\nname = \"acme\"\ndialect = \"wfm-v2\"\napi_url = \"http://127.0.0.1:9\"\nclient_id = \"g\"\nclient_secret = \"g\"\n\
        allow_private = true\n[[source]]\nname = \"script\"\norg = \"acme\"\nclient_id = \"c\"\nauth = \"upstream\"\nobserve = true\n";
    std::fs::write(&file, text).unwrap();
    let flags = Flags {
        file: Some(file),
        listen: Some("127.0.0.1:0".to_owned()),
        data: Some(folder.path().to_owned()),
        observe: false,
    };
    let config = config::load(&flags, &Environment::default()).unwrap().config;
    let running = serve(ServeOptions { config, sandbox: None, extra_sources: Vec::new() }).await.unwrap();
    running.ready().await;
    assert_eq!(ask(&running.url, "GET", "/api/x", Body::empty()).await.status, 502);
    running.shutdown().await;
}

/// Reads a score, lets somebody edit it, and pastes the fresh version on what was read before.
async fn paste(gateway: &Gateway, client: &Client, id: &str, word: &str) {
    let mut old = client.get(&score_path(id)).await.expect(200).json();
    old.as_object_mut().unwrap().retain(|name, _| !["modified_by", "date_modified"].contains(&name.as_str()));
    gateway.edit(id, &json!({"comments": word}));
    let fresh = client.get(&score_path(id)).await.expect(200).json();
    old["score"] = json!(fresh["score"].as_f64().unwrap() - 1.0);
    for name in ["version", "resource_version"] {
        old[name] = fresh[name].clone();
    }
    client.post(SCORES, &old).await.expect(200);
}

const UPSTREAM: &str =
    "[[source]]\nname = \"robot\"\norg = \"sandbox\"\nclient_id = \"robot\"\nauth = \"upstream\"\nobserve = true\n";

#[tokio::test]
async fn what_was_erased_is_told_and_outlives_the_gateway() {
    let gateway = Gateway::configured(UPSTREAM).await;
    let credentials = gateway.running.sandbox().unwrap().credentials.clone();
    // It logs in at the target, through the gateway.
    let robot = Client::new(&gateway.running.url).log_in(&credentials.client_id, &credentials.client_secret).await;
    let (id, _) = gateway.score(0);
    paste(&gateway, &robot, &id, "the reviewer's word").await;
    let page = gateway.operator.get("/v1/observed").await.expect(200).json();
    let sheet = &page["sheets"][0];
    assert_eq!(sheet["source"], "robot");
    assert_eq!(sheet["clients"][0]["client"], credentials.client_id.as_str());
    let finding = &sheet["findings"][0];
    assert_eq!(finding["path"], "/comments", "{sheet}");
    assert_eq!(finding["before"], "the reviewer's word");
    assert_eq!((&finding["record"], &finding["by"]), (&json!(id), &json!("Ada Reviewer")));
    assert_eq!(sheet["sums"]["lost_edits"], 1, "{sheet}");
    assert!(!page.to_string().contains("Bearer"), "no credentials in a report");

    let again = Gateway::configured_in(gateway.stop().await, UPSTREAM).await;
    let kept = again.operator.get("/v1/observed").await.expect(200).json();
    assert_eq!(&kept["sheets"][0]["findings"], &sheet["findings"]);
    assert_eq!(&kept["sheets"][0]["sums"], &sheet["sums"]);
    let credentials = again.running.sandbox().unwrap().credentials.clone();
    let robot = Client::new(&again.running.url).log_in(&credentials.client_id, &credentials.client_secret).await;
    let (id, _) = again.score(1);
    paste(&again, &robot, &id, "another word").await;
    let more = again.operator.get("/v1/observed").await.expect(200).json();
    let lost: u64 =
        more["sheets"].as_array().unwrap().iter().map(|it| it["sums"]["lost_edits"].as_u64().unwrap()).sum();
    assert_eq!(lost, 2, "{more}");
    again.stop().await;
}

#[tokio::test]
async fn a_source_with_a_token_of_ours_is_watched_with_the_orgs_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut options =
        crate::gateway::options(folder.path(), ifmatch_sandbox::Scenario::named("calm-unlimited", 1).unwrap());
    options.config.observe = true;
    let running = serve(options).await.unwrap();
    let gateway = Gateway::over(running, folder).await;
    let (id, _) = gateway.score(0);
    paste(&gateway, &gateway.script, &id, "the reviewer's word").await;
    let page = gateway.operator.get("/v1/observed?source=sandbox").await.expect(200).json();
    assert_eq!(page["sheets"][0]["sums"]["lost_edits"], 1, "{page}");
    assert_eq!(page["sheets"][0]["clients"][0]["client"], Value::Null);
    // A source is told of itself only.
    let other = gateway.servicenow.get("/v1/observed").await.expect(200).json();
    assert_eq!(other["sheets"], json!([]));
    gateway.stop().await;
}

#[tokio::test]
async fn who_changes_what_it_read_erases_nothing() {
    let gateway = Gateway::configured(UPSTREAM).await;
    let credentials = gateway.running.sandbox().unwrap().credentials.clone();
    let robot = Client::new(&gateway.running.url).log_in(&credentials.client_id, &credentials.client_secret).await;
    let (id, _) = gateway.score(0);
    for round in 0..5 {
        gateway.edit(&id, &json!({"comments": format!("word {round}")}));
        let mut record = robot.get(&score_path(&id)).await.expect(200).json();
        record["comments"] = json!(format!("{} and more", record["comments"].as_str().unwrap()));
        robot.post(SCORES, &record).await.expect(200);
    }
    let sums = sums(&gateway.operator).await;
    assert_eq!((&sums["lost_edits"], &sums["not_seen"], &sums["taken"]), (&json!(0), &json!(0), &json!(5)), "{sums}");
    gateway.stop().await;
}
