//! Buckets, hints and the bucket that a refusal closes.

use super::*;
use crate::genesys_cloud::tests::{W, answer, now};
use ifmatch_core::Method;
use serde_json::json;

#[test]
fn headers_tell_the_window_of_the_token() {
    let hints = hints(now(), &answer(200, &json!({})));
    assert_eq!((hints[0].limit, hints[0].remaining), (300, 288));
    assert_eq!(hints[0].reset_at.to_string(), "2026-11-16T06:00:42Z");
}

#[test]
fn trading_has_a_bucket_of_its_own() {
    let jobs = Request::bare(Method::Post, format!("{W}/businessunits/b/shifttrading/trades/state/bulk/jobs"));
    let plans = Request::bare(Method::Get, format!("{W}/managementunits/m/workplans/p"));
    assert_eq!(buckets(&jobs), ["token", "shift-trading"]);
    assert_eq!(buckets(&plans), ["token"]);
    // The window still has room, so it was the narrow one; where the refusal names it, that counts.
    assert_eq!(throttled_bucket(&jobs, &answer(429, &json!({}))), "shift-trading");
    let named = json!({"limit": {"namespace": "platform.api"}});
    assert_eq!(throttled_bucket(&jobs, &answer(429, &named)), "token");
    assert_eq!(throttled_bucket(&plans, &answer(429, &json!({}))), "token");
    let signed = Request { signed: true, ..Request::bare(Method::Put, "https://files.example.net/k") };
    assert_eq!(buckets(&signed), ["upload"]);
}
