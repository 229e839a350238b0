//! Section 10: the order of checks, and the ten envelopes of section 7.

use serde_json::{Value, json};

use super::rig::{Rig, SCHEDULES, SCORES, START, TRADES};
use crate::{Delivery, Envelope, LockText, Options};

#[test]
fn each_check_comes_before_the_next() {
    let mut rig = Rig::with(|options| options.rate_limit_per_minute = Some(100));
    let (path, _) = rig.first("quality_scores");
    assert_eq!(rig.get("/api/v2/wfm/nowhere").refusal(), (404, "not_found"));
    let wrong = rig.send("DELETE", &path, &[], &Value::Null);
    assert_eq!((wrong.status, wrong.header("Allow")), (405, Some("GET, PATCH")));
    let unknown = format!("{SCORES}/none");
    let mut check = |path: &str, headers: &[(&str, &str)], body: Value, expected: (u16, &str)| {
        assert_eq!(rig.send("PATCH", path, headers, &body).refusal(), expected, "{body}");
    };
    check(&unknown, &[], json!([]), (400, "invalid_json"));
    check(&unknown, &[], json!({"score": 400}), (404, "not_found"));
    check(&path, &[], json!({"score": 400}), (409, "version_required"));
    check(&path, &[("If-Match", "\"2\"")], json!({"score": 400, "version": 3}), (400, "version_ambiguous"));
    check(&path, &[], json!({"score": 400, "version": 9}), (400, "invalid_field"));
    rig.sandbox.lock(rig.now, &path, 10).unwrap();
    let locked = (409, "ResourceConflictException");
    let mut check = |body: Value, expected: (u16, &str)| {
        let answer = rig.patch(&path, &body);
        assert_eq!(answer.refusal(), expected, "{body}");
        answer
    };
    check(json!({"score": 400, "version": 9}), (400, "invalid_field"));
    let stale = check(json!({"score": 4, "version": 9}), locked);
    let current = check(json!({"score": 4, "version": 1}), locked);
    assert_eq!(stale.body["message"], "The resource has been modified since last read");
    assert_eq!(stale.body, current.body, "a lock's answer does not depend on the version");
    rig.now = START + 10_000;
    assert_eq!(rig.patch(&path, &json!({"score": 4, "version": 1})).status, 200);
}

#[test]
fn the_version_comes_before_business_rules() {
    let mut rig = Rig::calm();
    let (path, trade) = rig.trade_in("pending");
    let settled = json!({"status": "approved", "version": 7});
    assert_eq!(rig.patch(&path, &settled).body["message"], "version mismatch");
    assert_eq!(rig.patch(&path, &json!({"status": "approved", "version": 1})).refusal(), (409, "invalid_transition"));
    assert_eq!(rig.sandbox.record(&path).unwrap(), trade);
}

#[test]
fn a_lock_tells_no_version_and_names_the_agent_if_it_may() {
    let refusal = |change: fn(&mut Options)| {
        let mut rig = Rig::with(change);
        let (id, _, agent) = rig.schedule();
        rig.sandbox.lock(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), 60).unwrap();
        let entry = json!({"agent_id": agent, "availability": {"status": "training"}});
        let answer = rig.patch(&format!("{SCHEDULES}/{id}"), &json!({"version": 1, "agents": [entry]}));
        let named = answer.body.to_string().contains(&agent);
        assert!(answer.header("ETag").is_none() && answer.body.get("current_version").is_none());
        (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned(), named)
    };
    assert_eq!(refusal(|_| {}), (409, "ResourceConflictException".to_owned(), true));
    let text = refusal(|options| {
        options.lock_text = LockText::BeingModified;
        options.lock_names_agent = false;
        options.etag_in_refusal = true;
    });
    assert_eq!(text, (409, "conflict".to_owned(), false));
}

/// The answer to a stale write in one envelope.
fn stale_in(envelope: Envelope) -> (u16, Value, Vec<u8>) {
    let mut rig = Rig::with(|options| options.envelopes = vec![envelope]);
    let (path, _) = rig.first("shift_trades");
    let answer = rig.patch(&path, &json!({"version": 5, "notes": "x"}));
    assert!(answer.header("X-Request-Id").is_some());
    (answer.status, answer.body, answer.response.body)
}

#[test]
fn the_same_fact_has_ten_shapes() {
    let keys = |value: &Value| {
        value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    let check = |envelope: Envelope, expected: &str| {
        let (status, body, _) = stale_in(envelope);
        assert_eq!((status, keys(&body).as_str()), (409, expected), "{envelope:?}");
        body
    };
    check(Envelope::E1, "code errors message status");
    let listed = check(Envelope::E2, "errors");
    assert_eq!(keys(&listed["errors"][0]), "code message");
    assert!(check(Envelope::E3, "details errorCode message")["details"].is_string());
    assert_eq!(keys(&check(Envelope::E4, "code details message status")["details"]), "error field");
    check(Envelope::E6, "error message");
    check(Envelope::E7, "detail error_code");
    assert_eq!(check(Envelope::E8, "code message")["code"], 409);
    let ten = check(Envelope::E10, "errors message");
    assert_eq!(keys(&ten["errors"][0]), "message type");
    let (status, body, bytes) = stale_in(Envelope::E9);
    assert!(status == 409 && body.is_null() && (bytes.is_empty() || bytes.starts_with(b"<!doctype html>")));
    let (status, body, _) = stale_in(Envelope::E5);
    assert_eq!((status, &body["statusCode"], &body["entities"][0]["status"]), (207, &json!(207), &json!(409)));
    assert!(body["entities"][0]["id"].is_string());
    assert_eq!(body["entities"].as_array().unwrap().len(), 1);
}

#[test]
fn envelope_five_is_for_writes_only_and_rotation_takes_all_in_turn() {
    let mut rig = Rig::with(|options| options.envelopes = vec![Envelope::E5]);
    assert_eq!(rig.get(&format!("{TRADES}/none")).refusal(), (404, "not_found"));
    let mut rig = Rig::with(|options| options.envelopes = vec![Envelope::E6, Envelope::E7]);
    let path = format!("{TRADES}/none");
    assert_eq!(rig.get(&path).body["error"], "not_found");
    assert_eq!(rig.get(&path).body["error_code"], "not_found");
    assert_eq!(rig.get(&path).body["error"], "not_found");
}

#[test]
fn the_latency_is_that_of_the_scenario() {
    let mut rig = Rig::calm();
    let Delivery::Answer { after_ms, .. } = rig.deliver("GET", SCORES, &[], &Value::Null) else { panic!("no answer") };
    assert_eq!(after_ms, 40);
}
