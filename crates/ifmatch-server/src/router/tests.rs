//! Behaviour of the endpoints without sockets: what is refused, by which code, and what is not.

use super::*;
use crate::errors;
use crate::testing::{Called, OPERATOR_TOKEN, TestGateway};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const GOOD: &str =
    r#"{"resource": {"org": "acme", "kind": "quality-score", "id": "qs-1"}, "change": {"merge_patch": {"score": 85}}}"#;

#[test]
fn every_endpoint_is_described_and_every_description_is_an_endpoint() {
    let served: BTreeSet<(String, String)> =
        table().into_iter().map(|(method, path, _)| (method.to_owned(), path.replace("{*", "{"))).collect();
    let document: Value = serde_json::from_str(routes::openapi::DOCUMENT).unwrap();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            described.insert((method.clone(), path.clone()));
        }
    }
    assert_eq!(served, described);
}

/// A refusal is a problem whose code has a page.
#[track_caller]
fn check_problem(answer: &Called, status: u16, code: &str, field: Option<&str>) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.json["code"], code, "{answer:?}");
    assert_eq!(answer.json["type"], format!("/errors/{code}"));
    assert_eq!(answer.json["status"], status);
    assert_eq!(answer.json["field"].as_str(), field, "{answer:?}");
    assert!(errors::page(code).is_some(), "{code} has no page");
}

async fn check(body: &str, status: u16, code: &str, field: Option<&str>) -> Called {
    let gateway = TestGateway::start().await;
    let answer = gateway.call("POST", "/v1/intents", body.to_owned()).await;
    check_problem(&answer, status, code, field);
    answer
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_place() {
    let answer = check("{\n  \"resource\": nonsense}", 400, "invalid_json", None).await;
    assert_eq!((&answer.json["line"], &answer.json["column"]), (&json!(2), &json!(16)));
    check("", 400, "invalid_json", None).await;
}

#[tokio::test]
async fn a_missing_or_unknown_member_is_named() {
    let no_change = r#"{"resource": {"org": "acme", "kind": "quality-score", "id": "qs-1"}}"#;
    check(no_change, 422, "invalid_intent", Some("/change")).await;
    let extra = GOOD.replacen('{', r#"{"colour": 1, "#, 1);
    check(&extra, 422, "invalid_intent", Some("/colour")).await;
    let two_names = GOOD.replace(r#""id": "qs-1""#, r#""id": "qs-1", "key": {}"#);
    check(&two_names, 422, "invalid_intent", Some("/resource")).await;
}

#[tokio::test]
async fn a_local_time_by_nobodys_clock_is_refused() {
    let deadline = GOOD.replacen('{', r#"{"deadline": "2026-03-29T02:30:00", "#, 1);
    check(&deadline, 422, "invalid_intent", Some("/deadline")).await;
    let gateway = TestGateway::start().await;
    let inside = |change: &str| {
        let change = format!(r#"{{"{change}": {{"reviewed_at": "2026-03-29T02:30:00"}}}}"#);
        GOOD.replace(r#"{"merge_patch": {"score": 85}}"#, &change)
    };
    let answer = gateway.call("POST", "/v1/intents", inside("create")).await.expect(422);
    assert_eq!(answer.json["code"], "naive_time", "{answer:?}");
    assert_eq!(answer.json["field"], "/change/create/reviewed_at", "{answer:?}");
    // The record may have a zone.
    gateway.call("POST", "/v1/intents", inside("merge_patch")).await.expect(202);
}

#[tokio::test]
async fn an_unknown_kind_or_org_is_refused() {
    check(&GOOD.replace("quality-score", "parking-space"), 422, "unknown_kind", Some("/resource/kind")).await;
    check(&GOOD.replace("acme", "nobody"), 422, "unknown_org", Some("/resource/org")).await;
    check(&GOOD.replace("acme", "other"), 403, "foreign_org", Some("/resource/org")).await;
}

#[tokio::test]
async fn a_body_too_large_or_too_deep_is_refused() {
    check(&format!("{{\"a\": \"{}\"}}", "x".repeat(70_000)), 413, "too_large", None).await;
    let deep = format!("{}{}", "[".repeat(66), "]".repeat(66));
    check(&deep, 400, "too_deep", None).await;
    let deep = GOOD.replace("85", &deep);
    check(&deep, 400, "too_deep", None).await;
    let very_deep = "[".repeat(60_000);
    check(&very_deep, 400, "too_deep", None).await;
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_told() {
    let gateway = TestGateway::start().await;
    for header in ["Bearer wrong", "Basic c2NyaXB0OnMzY3JldA==", "Bearer", ""] {
        for (method, path) in [("POST", "/v1/intents"), ("GET", "/v1/intents"), ("GET", "/api/v2/anything")] {
            let answer = gateway.call_with(method, path, &[("authorization", header)], GOOD).await;
            check_problem(&answer, 401, "unauthorized", None);
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"ifmatch\"");
        }
    }
}

#[tokio::test]
async fn a_login_fails_in_the_terms_of_oauth() {
    let gateway = TestGateway::start().await;
    for (form, status, error) in [
        ("grant_type=client_credentials&client_id=script&client_secret=wrong", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=nobody&client_secret=s3cret", 401, "invalid_client"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        ("client_id=script", 400, "invalid_request"),
    ] {
        let answer = gateway.call_with("POST", "/oauth/token", &[("authorization", "")], form).await;
        let answer = match form.contains("client_secret") {
            true => {
                // An empty Authorization header is an authentication too: leave it out.
                let request = http::Request::post("/oauth/token").body(axum::body::Body::from(form)).unwrap();
                let response = tower::ServiceExt::oneshot(gateway.router.clone(), request).await.unwrap();
                Called::read(response).await
            }
            false => answer,
        };
        assert_eq!(answer.status.as_u16(), status, "{form}: {answer:?}");
        assert_eq!(answer.json["error"], error, "{form}");
    }
}

#[tokio::test]
async fn a_good_intent_is_accepted_and_shown() {
    let gateway = TestGateway::start().await;
    let answer = gateway.call("POST", "/v1/intents", GOOD).await.expect(202);
    assert_eq!(answer.json["state"], "accepted");
    assert_eq!(answer.json["source"], "script");
    assert_eq!(answer.json["resource"], json!({"org": "acme", "kind": "quality-score", "id": "qs-1"}));
    for member in ["code", "reason", "settled_at", "result", "winner"] {
        assert_eq!(answer.json[member], Value::Null, "{member} is there");
        assert!(answer.json.as_object().unwrap().contains_key(member), "{member}");
    }
    assert_eq!(answer.json["waited"], json!({"lock": 0.0, "budget": 0.0}));
    let id = answer.json["id"].as_str().unwrap();
    let shown = gateway.call("GET", &format!("/v1/intents/{id}"), "").await.expect(200);
    assert_eq!(shown.json["accepted_at"], answer.json["accepted_at"]);
    let why = gateway.call("GET", &format!("/v1/intents/{id}/why"), "").await.expect(200);
    assert!(why.json["why"].as_str().unwrap().contains(id), "{why:?}");
}

#[tokio::test]
async fn an_intent_of_another_org_is_unknown() {
    let gateway = TestGateway::start().await;
    let operator = [("authorization", &*format!("Bearer {OPERATOR_TOKEN}"))];
    let foreign = GOOD.replace("acme", "other");
    let answer = gateway.call_with("POST", "/v1/intents", &operator, foreign).await.expect(202);
    assert_eq!(answer.json["source"], "operator");
    let path = format!("/v1/intents/{}", answer.json["id"].as_str().unwrap());
    gateway.call_with("GET", &path, &operator, "").await.expect(200);
    check_problem(&gateway.call("GET", &path, "").await, 404, "unknown_intent", None);
    check_problem(&gateway.call("GET", "/v1/intents/int_nonsense", "").await, 404, "unknown_intent", None);
    for action in ["decision", "cancel"] {
        let answer = gateway.call("POST", &format!("{path}/{action}"), r#"{"action": "discard"}"#).await;
        check_problem(&answer, 404, "unknown_intent", None);
    }
}

#[tokio::test]
async fn one_bad_line_does_not_stop_the_others() {
    let gateway = TestGateway::start().await;
    let body = format!("{GOOD}\n{{\"broken\n{}\n{GOOD}\n", GOOD.replace("acme", "nobody"));
    let ndjson = [("content-type", "application/x-ndjson")];
    let answer = gateway.call_with("POST", "/v1/intents", &ndjson, body).await.expect(202);
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["state"], "accepted");
    assert_eq!(lines[1]["error"]["code"], "invalid_json");
    assert_eq!(lines[2]["error"]["code"], "unknown_org");
    assert_eq!(lines[3]["state"], "accepted");
    assert_ne!(lines[0]["id"], lines[3]["id"]);
}

#[tokio::test]
async fn a_key_is_good_for_one_content() {
    let gateway = TestGateway::start().await;
    let key = [("idempotency-key", "\"a-1\"")];
    let first = gateway.call_with("POST", "/v1/intents", &key, GOOD).await.expect(202);
    let again = gateway.call_with("POST", "/v1/intents", &key, GOOD).await;
    assert_eq!(again.json["id"], first.json["id"]);
    assert_eq!((&first.json["duplicate"], &again.json["duplicate"]), (&json!(false), &json!(true)));
    let other = gateway.call_with("POST", "/v1/intents", &key, GOOD.replace("85", "86")).await;
    check_problem(&other, 422, "idempotency_mismatch", Some("/idempotency_key"));
    assert_eq!(other.json["first"], first.json["id"]);
    let many = gateway.call_with("POST", "/v1/intents", &key, format!("[{GOOD}]")).await;
    check_problem(&many, 400, "idempotency_key_ambiguous", None);
}

#[tokio::test]
async fn a_listing_filters_and_pages() {
    let gateway = TestGateway::start().await;
    let body: Vec<String> = (0..5).map(|n| GOOD.replace("qs-1", &format!("qs-{n}"))).collect();
    gateway.call("POST", "/v1/intents", format!("[{}]", body.join(","))).await.expect(202);
    let first = gateway.call("GET", "/v1/intents?limit=3&kind=quality-score", "").await.expect(200);
    assert_eq!(first.json["intents"].as_array().unwrap().len(), 3);
    let next = first.json["next"].as_str().unwrap();
    let second = gateway.call("GET", &format!("/v1/intents?limit=3&after={next}"), "").await.expect(200);
    assert_eq!(second.json["intents"].as_array().unwrap().len(), 2);
    assert_eq!(second.json["next"], Value::Null);
    let none = gateway.call("GET", "/v1/intents?state=landed,review", "").await.expect(200);
    assert_eq!(none.json["intents"], json!([]));
    let ids = |page: &Called| -> Vec<Value> {
        page.json["intents"].as_array().unwrap().iter().map(|intent| intent["resource"]["id"].clone()).collect()
    };
    assert_eq!(ids(&first), ["qs-0", "qs-1", "qs-2"]);
    let newest = gateway.call("GET", "/v1/intents?order=newest&limit=1", "").await;
    assert_eq!(ids(&newest), ["qs-4"]);
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let gateway = TestGateway::start().await;
    for (path, field) in [
        ("/v1/intents?state=sleeping", "state"),
        ("/v1/intents?limit=0", "limit"),
        ("/v1/intents?sate=landed", "sate"),
        ("/v1/intents?after=yesterday", "after"),
    ] {
        check_problem(&gateway.call("GET", path, "").await, 400, "invalid_parameter", Some(field));
    }
    let wait = gateway.call("POST", "/v1/intents?wait=soon", GOOD).await;
    check_problem(&wait, 400, "invalid_parameter", Some("wait"));
}

#[tokio::test]
async fn a_decision_needs_a_review_and_the_right_shape() {
    let gateway = TestGateway::start().await;
    let answer = gateway.call("POST", "/v1/intents", GOOD).await.expect(202);
    let path = format!("/v1/intents/{}/decision", answer.json["id"].as_str().unwrap());
    let decide = |body: &'static str| gateway.call("POST", &path, body);
    check_problem(&decide(r#"{"action": "apply"}"#).await, 409, "not_in_review", None);
    check_problem(&decide(r#"{"action": "guess"}"#).await, 400, "invalid_parameter", Some("/action"));
    let choice = decide(r#"{"action": "apply", "choose": {"/score": "theirs"}}"#).await;
    check_problem(&choice, 400, "invalid_parameter", Some("/choose/~1score"));
    let seen = decide(r#"{"action": "apply", "seen": {"/score": "md5:1"}}"#).await;
    check_problem(&seen, 400, "invalid_parameter", Some("/seen/~1score"));
    check_problem(&decide("{").await, 400, "invalid_json", None);
}

#[tokio::test]
async fn a_script_pauses_itself_and_nobody_else() {
    let gateway = TestGateway::start().await;
    let pull = |body: &'static str| gateway.call("POST", "/v1/brake", body);
    pull(r#"{"action": "pause", "scope": {"source": "script"}}"#).await.expect(202);
    check_problem(&pull(r#"{"action": "pause"}"#).await, 403, "forbidden", None);
    check_problem(&pull(r#"{"action": "halt"}"#).await, 400, "invalid_parameter", Some("/action"));
    let operator = [("authorization", &*format!("Bearer {OPERATOR_TOKEN}"))];
    let answer = gateway.call_with("POST", "/v1/brake", &operator, r#"{"action": "pause"}"#).await;
    check_problem(&answer, 400, "invalid_parameter", Some("org"));
    let answer = gateway.call_with("POST", "/v1/brake", &operator, r#"{"action": "pause", "org": "acme"}"#).await;
    assert_eq!(answer.expect(202).json, json!({"org": "acme", "scope": "org", "paused": true}));
}

#[tokio::test]
async fn the_proxy_refuses_what_it_cannot_take() {
    let gateway = TestGateway::start().await;
    let path = "/api/v2/wfm/v2/quality/scores/qs-1";
    let broken = gateway.call("PATCH", path, "{\"score\": ").await;
    check_problem(&broken, 400, "invalid_json", None);
    assert!(broken.json["message"].is_string(), "clients of the target look there: {broken:?}");
    let operator = [("authorization", &*format!("Bearer {OPERATOR_TOKEN}"))];
    check_problem(&gateway.call_with("GET", path, &operator, "").await, 403, "forbidden", None);
    let bytes = gateway.call("POST", "/api/v2/anything", vec![0xff, 0xfe]).await;
    check_problem(&bytes, 400, "not_text", None);
    let trace = gateway.call("TRACE", path, "").await;
    check_problem(&trace, 400, "unforwardable", None);
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_said_so() {
    let gateway = TestGateway::start().await;
    check_problem(&gateway.call("GET", "/nothing", "").await, 404, "not_found", None);
    check_problem(&gateway.call("GET", "/__sandbox/world", "").await, 404, "not_found", None);
    check_problem(&gateway.call("DELETE", "/v1/intents", "").await, 405, "method_not_allowed", None);
    check_problem(&gateway.call("GET", "/errors/nonsense", "").await, 404, "unknown_code", None);
    let page = gateway.call("GET", "/errors/review/true_conflict", "").await.expect(200);
    assert!(page.text.starts_with('#'), "{page:?}");
}

#[tokio::test]
async fn health_and_description_need_no_token() {
    let gateway = TestGateway::start().await;
    let anonymous = [("authorization", "")];
    for path in ["/health/live", "/health/ready", "/openapi.json"] {
        let answer = gateway.call_with("GET", path, &anonymous, "").await.expect(200);
        assert!(answer.json.is_object(), "{path}");
    }
    assert!(gateway.app.orgs.values().all(|org| org.is_ready()));
    let status = gateway.call("GET", "/v1/status", "").await.expect(200);
    assert_eq!(status.json["orgs"][0]["org"], "acme");
    assert_eq!(status.json["orgs"].as_array().unwrap().len(), 1, "only the caller's own");
}
