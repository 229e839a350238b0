//! Hooks without sockets: statuses, and what is refused before anything is translated.

use super::*;
use crate::testing::TestGateway;
use http::StatusCode;

const BASIC: (&str, &str) = ("authorization", "Basic c2NyaXB0OnMzY3JldA==");
const GOOD: &str = r#"{"resource": {"kind": "quality-score", "id": "qs-1"}, "change": {"merge_patch": {"score": 85}}}"#;

#[tokio::test]
async fn until_the_engine_knows_its_store_a_message_shall_be_sent_again() {
    let gateway = TestGateway::not_ready();
    let send = || gateway.call_with("POST", "/v1/hooks/script", &[BASIC], GOOD);
    let answer = send().await.expect(503);
    assert_eq!((&answer.json["code"], &answer.headers["retry-after"]), (&"not_ready".into(), &"1".parse().unwrap()));
    for org in gateway.app.orgs.values() {
        org.ready().await;
    }
    assert_eq!(send().await.expect(202).json["duplicate"], false);
}

#[tokio::test]
async fn who_is_known_without_the_body_is_asked_before_it_is_read() {
    let gateway = TestGateway::start().await;
    let large = || "x".repeat(70_000);
    let send = async |header| gateway.call_with("POST", "/v1/hooks/script", &[header], large()).await;
    assert_eq!(send(("authorization", "Basic c2NyaXB0Ondyb25n")).await.expect(401).json["code"], "hook_refused");
    assert_eq!(send(BASIC).await.expect(413).json["code"], "too_large");
}

fn check(results: Vec<Result<Told, Fault>>, status: StatusCode) {
    let response = answer::many(&results);
    assert_eq!(response.status(), status);
    assert_eq!(response.headers().contains_key("retry-after"), status == StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn a_list_is_sent_again_only_where_that_helps() {
    let ignored = || Ok(Told::Ignored { reason: "not wanted" });
    let refused = || Err(Fault::Intent(IntentError::new("missing_field", "/a", "nothing stands here")));
    check(vec![], StatusCode::ACCEPTED);
    check(vec![refused(), ignored()], StatusCode::ACCEPTED);
    check(vec![refused(), refused()], StatusCode::UNPROCESSABLE_ENTITY);
    check(vec![ignored(), Err(Fault::Overloaded), refused()], StatusCode::SERVICE_UNAVAILABLE);
}
