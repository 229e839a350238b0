//! Buckets, hints and waits.

use super::*;
use crate::wfm_v2::tests::{answer, now};
use ifmatch_core::Method;
use serde_json::Value;

fn request(path: &str) -> Request {
    Request::bare(Method::Get, path)
}

#[test]
fn paths_count_in_their_family() {
    let check = |path: &str, family: Option<&str>| {
        let wanted: Vec<&str> = std::iter::once("tenant").chain(family).collect();
        assert_eq!(buckets(&request(path)), wanted, "{path}");
    };
    check("/api/v2/wfm/v2/quality/scores?agent_email=x", Some("scores"));
    check("/api/v2/wfm/scheduling/shifts/t1", Some("shifts"));
    check("/api/v2/wfm/schedules/s1?agent_id=a", Some("schedules"));
    check("/api/v2/wfm/schedules/s1/publish", Some("publish"));
    check("/api/v2/wfm/scheduling/schedules/s1/status", Some("publish"));
    check("/api/v2/wfm/scheduling/jobs/j1", Some("publish"));
    check("/api/v2/recording/jobs", Some("recordings"));
    check("/api/v2/recordings?agent_id=a", Some("recordings"));
    check("/api/v2/wfm/events", None);
}

#[test]
fn a_throttle_with_room_in_the_window_is_the_familys() {
    let check = |path: &str, remaining: Option<&str>, wanted: &str| {
        let headers: Vec<(&str, &str)> = remaining.iter().map(|left| ("X-Rate-Limit-Remaining", *left)).collect();
        let found = throttled_bucket(&request(path), &answer(429, &headers, &Value::Null));
        assert_eq!(found, wanted, "{path} {remaining:?}");
    };
    check("/api/v2/wfm/v2/quality/scores", Some("120"), "scores");
    check("/api/v2/wfm/v2/quality/scores", Some("0"), "tenant");
    check("/api/v2/wfm/v2/quality/scores", None, "tenant");
    check("/api/v2/wfm/events", Some("120"), "tenant");
}

#[test]
fn hints_need_all_three_headers() {
    let all = [("x-rate-limit-limit", "300"), ("X-RATE-LIMIT-REMAINING", "12"), ("X-Rate-Limit-Reset", "48")];
    let found = hints(now(), &answer(200, &all, &Value::Null));
    let reset_at = "2026-10-25T06:00:48Z".parse().unwrap();
    assert_eq!(found, [BudgetHint { bucket: "tenant".to_owned(), limit: 300, remaining: 12, reset_at }]);
    assert_eq!(hints(now(), &answer(200, &all[..2], &Value::Null)), []);
}

#[test]
fn retry_after_is_read_in_both_forms() {
    let check = |text: &str, seconds: Option<i64>| {
        let found = retry_after(now(), &answer(429, &[("Retry-After", text)], &Value::Null));
        assert_eq!(found, seconds.map(SignedDuration::from_secs), "{text}");
    };
    check("30", Some(30));
    check(" 0 ", Some(0));
    check("Sun, 25 Oct 2026 06:01:30 GMT", Some(91));
    check("Sun, 25 Oct 2026 05:00:00 GMT", Some(0));
    check("soon", None);
    check("-5", None);
    assert_eq!(retry_after(now(), &answer(429, &[], &Value::Null)), None);
}
