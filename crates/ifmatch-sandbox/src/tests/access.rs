//! Section 1: tokens, scopes, rate limits.

use serde_json::json;

use super::rig::{Rig, SCHEDULES, SCORES, START, TRADES, ask_token};
use crate::{Options, RetryAfter, Sandbox, Scenario};

#[test]
fn tokens_are_given_to_clients_that_authenticate() {
    let mut sandbox = Sandbox::new(Scenario::named("calm", 1).unwrap(), 1, START);
    let known = sandbox.credentials();
    let mut check = |id: &str, secret: &str, form: &str, status: u16, error: &str| {
        let response = ask_token(&mut sandbox, START, id, secret, form);
        let body = response.json().unwrap();
        assert_eq!((response.status, body["error"].as_str().unwrap_or_default()), (status, error));
        assert!(response.header("X-Request-Id").is_some());
        body
    };
    let grant = "grant_type=client_credentials";
    let body = check(&known.client_id, &known.client_secret, grant, 200, "");
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(3600)));
    assert!(body["scope"].as_str().unwrap().contains("wfm:schedule:publish"));
    check(&known.client_id, "wrong", grant, 401, "invalid_client");
    check("nobody", &known.client_secret, grant, 401, "invalid_client");
    check(&known.client_id, &known.client_secret, "grant_type=password", 400, "unsupported_grant_type");
    check(&known.client_id, &known.client_secret, "", 400, "invalid_request");
    assert_eq!(sandbox.stats().requests, 0, "OAuth is not counted");
}

#[test]
fn a_token_ends_at_its_expiry() {
    let mut rig = Rig::with(|options| options.token_seconds = 10);
    rig.now = START + 9_999;
    assert_eq!(rig.get(SCORES).status, 200);
    rig.now = START + 10_000;
    assert_eq!(rig.get(SCORES).refusal(), (401, "unauthorized"));
    rig.use_token("never given out");
    assert_eq!(rig.get(SCORES).refusal(), (401, "unauthorized"));
}

#[test]
fn a_missing_scope_is_named() {
    let mut rig = Rig::calm();
    rig.sandbox.add_client_with_scopes("reader", "s", "Reader", &["wfm:schedule:read"]);
    let token = rig.login("reader", "s");
    rig.use_token(&token);
    let (schedule, _, _) = rig.schedule();
    assert_eq!(rig.get(SCHEDULES).status, 200);
    let mut check = |method: &str, path: &str, scope: &str| {
        let answer = rig.send(method, path, &[], &json!({}));
        assert_eq!(answer.refusal(), (403, "forbidden"), "{method} {path}");
        assert!(answer.body["message"].as_str().unwrap().contains(scope), "{}", answer.body);
    };
    check("GET", SCORES, "quality:score:read");
    check("POST", SCORES, "quality:score:write");
    check("POST", TRADES, "wfm:schedule:write");
    check("POST", &format!("/api/v2/wfm/scheduling/schedules/{schedule}/publish"), "wfm:schedule:publish");
    check("POST", "/api/v2/recording/jobs", "recording:read");
}

#[test]
fn the_window_starts_with_the_first_request_and_is_fixed() {
    let mut rig = Rig::with(|options| options.rate_limit_per_minute = Some(3));
    rig.now = START + 5_000;
    for left in ["2", "1", "0"] {
        let answer = rig.get(SCORES);
        assert_eq!((answer.status, answer.header("X-Rate-Limit-Remaining")), (200, Some(left)));
        assert_eq!((answer.header("X-Rate-Limit-Limit"), answer.header("X-Rate-Limit-Reset")), (Some("3"), Some("60")));
    }
    rig.now = START + 15_500;
    let over = rig.get(SCORES);
    assert_eq!((over.refusal(), over.header("Retry-After")), ((429, "too_many_requests"), Some("50")));
    assert_eq!(rig.sandbox.stats().early, 0);
    rig.now = START + 40_000;
    assert_eq!(rig.get(SCORES).header("Retry-After"), Some("25"), "an early request extends nothing");
    assert_eq!((rig.sandbox.stats().early, rig.sandbox.stats().throttled), (1, 2));
    rig.now = START + 65_500;
    assert_eq!(rig.get(SCORES).status, 200);
    assert_eq!((rig.sandbox.stats().early, rig.sandbox.stats().requests), (1, 6));
}

#[test]
fn retry_after_has_three_forms() {
    let header = |form: RetryAfter| {
        let mut rig = Rig::with(|options| {
            options.rate_limit_per_minute = Some(1);
            options.retry_after = form;
        });
        assert_eq!(rig.get(SCORES).status, 200);
        let answer = rig.get(SCORES);
        assert_eq!(answer.status, 429);
        answer.header("Retry-After").map(str::to_owned)
    };
    assert_eq!(header(RetryAfter::Seconds).as_deref(), Some("60"));
    assert_eq!(header(RetryAfter::HttpDate).as_deref(), Some("Wed, 04 Mar 2026 10:01:00 GMT"));
    assert_eq!(header(RetryAfter::Absent), None);
}

#[test]
fn clients_and_families_have_windows_of_their_own() {
    let mut rig = Rig::with(|options| {
        options.family_limits.insert("scores".to_owned(), 1);
    });
    assert_eq!(rig.get(SCORES).status, 200);
    let over = rig.get(SCORES);
    assert_eq!((over.status, over.header("X-Rate-Limit-Remaining")), (429, Some("299")));
    assert_eq!(rig.get(TRADES).status, 200);
    assert_eq!(rig.sandbox.stats().early, 0, "another family is not early");
    rig.sandbox.add_client("second", "s", "Second");
    let token = rig.login("second", "s");
    rig.use_token(&token);
    assert_eq!(rig.get(SCORES).status, 200);
}

/// A world with one request a minute for scores and two seconds to every answer, whose window is full.
fn slow_and_full() -> Rig {
    let mut rig = Rig::with(|options| {
        options.family_limits.insert("scores".to_owned(), 1);
        (options.latency_ms_min, options.latency_ms_max) = (2_000, 2_000);
    });
    assert_eq!(rig.get(SCORES).status, 200);
    rig.now = START + 10_000;
    assert_eq!(rig.get(SCORES).status, 429);
    rig
}

#[test]
fn a_request_is_early_only_when_the_wait_was_heard_of() {
    let mut rig = slow_and_full();
    let mut check = |after_ms: i64, path: &str, early: u64, why: &str| {
        rig.now = START + 10_000 + after_ms;
        rig.get(path);
        assert_eq!(rig.sandbox.stats().early, early, "{why}");
    };
    check(0, SCORES, 0, "it left together with the refused one");
    check(1_999, SCORES, 0, "it left before the refusal arrived");
    check(2_001, SCORES, 1, "it left after the refusal arrived");
    check(2_001, TRADES, 1, "nobody was told to wait for trades");
    check(30_000, SCORES, 2, "the wait still runs");
    check(49_999, SCORES, 3, "the wait still runs");
    check(50_998, SCORES, 4, "whole seconds: the wait told at 1,999 ms ends at 50,999 ms, after its window");
    check(50_999, SCORES, 4, "the waits that were heard of ended");
}

#[test]
fn a_client_that_ignores_what_it_heard_is_caught_each_time() {
    let mut rig = slow_and_full();
    for _ in 0..10 {
        rig.now += 2_500;
        assert_eq!(rig.get(SCORES).status, 429);
    }
    assert_eq!((rig.sandbox.stats().early, rig.sandbox.stats().throttled), (10, 11));
}

#[test]
fn what_never_arrives_binds_nobody() {
    let mut rig = slow_and_full();
    rig.sandbox.hang_up(START + 11_000);
    rig.now = START + 13_000;
    rig.get(SCORES);
    assert_eq!(rig.sandbox.stats().early, 0, "the connection broke before the refusal arrived");
    rig.sandbox.hang_up(START + 15_500);
    rig.now = START + 16_000;
    rig.get(SCORES);
    assert_eq!(rig.sandbox.stats().early, 1, "this one had arrived");
}

#[test]
fn a_refusal_without_a_time_asks_for_no_wait() {
    let disguised = |rig: &mut Rig| {
        rig.sandbox.inject(crate::Injection {
            fault: crate::FaultKind::NotFoundHidesThrottling,
            method: None,
            path_prefix: None,
            times: 1,
            status: None,
            effect: None,
            delay_seconds: None,
        });
    };
    let early = |change: fn(&mut Options), prepare: &dyn Fn(&mut Rig)| {
        let mut rig = Rig::with(|options| {
            options.rate_limit_per_minute = Some(1);
            change(options);
        });
        rig.get(SCORES);
        prepare(&mut rig);
        assert_ne!(rig.get(SCORES).status, 200);
        rig.now += 1_000;
        rig.get(SCORES);
        rig.sandbox.stats().early
    };
    assert_eq!(early(|_| {}, &|_| {}), 1);
    assert_eq!(early(|_| {}, &disguised), 0, "a 404 names no time");
    assert_eq!(early(|options| options.retry_after = RetryAfter::Absent, &|_| {}), 0);
}

#[test]
fn a_request_is_over_the_limit_only_when_the_window_was_told() {
    let limited = |latency: i64| {
        Rig::with(|options| {
            options.rate_limit_per_minute = Some(2);
            (options.latency_ms_min, options.latency_ms_max) = (latency, latency);
        })
    };
    let check = |rig: &mut Rig, at: i64, status: u16, over: u64, why: &str| {
        rig.now = START + at;
        assert_eq!((rig.get(SCORES).status, rig.sandbox.stats().over), (status, over), "{why}");
    };
    let mut rig = limited(2_000);
    check(&mut rig, 0, 200, 0, "there is room");
    check(&mut rig, 1, 200, 0, "there is room");
    check(&mut rig, 2_000, 429, 0, "the first answer may arrive together with it");
    check(&mut rig, 2_001, 429, 1, "the first answer told that one is left, and one had left since");
    check(&mut rig, 60_000, 200, 1, "a new window");
    check(&mut rig, 60_001, 200, 1, "there is room");
    check(&mut rig, 60_002, 429, 1, "nothing was told of the new window so far");
    rig.sandbox.hang_up(START + 63_000);
    check(&mut rig, 63_000, 429, 1, "who begins anew knows nothing");
    check(&mut rig, 65_001, 429, 2, "that refusal told the window as well");
}

#[test]
fn a_write_whose_read_left_before_the_window_was_told_is_not_over_the_limit() {
    let mut rig = Rig::with(|options| options.rate_limit_per_minute = Some(3));
    for _ in 0..3 {
        assert_eq!(rig.get(SCORES).status, 200);
        rig.now += 1_000;
    }
    let mut check = |over: u64, why: &str| {
        assert_eq!(rig.patch(&format!("{SCORES}/some"), &json!({"score": 1})).status, 429);
        assert_eq!(rig.sandbox.stats().over, over, "{why}");
    };
    check(0, "the first read left before anything was told, and this is its write");
    check(1, "the other reads left after it");
    check(2, "the other reads left after it");
}

#[test]
fn a_401_is_not_counted_and_a_403_is() {
    let limited = |options: &mut Options| options.rate_limit_per_minute = Some(2);
    let mut rig = Rig::with(limited);
    rig.sandbox.add_client_with_scopes("reader", "s", "Reader", &["wfm:schedule:read"]);
    let token = rig.login("reader", "s");
    rig.use_token("wrong");
    assert_eq!(rig.get(SCORES).status, 401);
    rig.use_token(&token);
    assert_eq!(rig.get(SCORES).status, 403);
    assert_eq!(rig.get(SCHEDULES).status, 200);
    assert_eq!(rig.get(SCORES).status, 429, "the rate comes before the scope");
}
