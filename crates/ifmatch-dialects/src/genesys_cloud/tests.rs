//! What the parts' tests share: resources, calls, answers.

use super::*;
use ifmatch_core::{Precondition, WriteItem};
use serde_json::json;

pub(crate) const W: &str = paths::W;

pub(crate) fn org() -> OrgName {
    OrgName::from("acme")
}

pub(crate) fn resource(kind: &str, id: &str) -> Resource {
    Resource::by_id(&org(), kind, id)
}

pub(crate) fn item(kind: &str, id: &str, version: u64, from: Value, to: Value) -> WriteItem {
    let precondition = Precondition { version: Some(version), etag: None, everywhere: false };
    WriteItem { resource: resource(kind, id), precondition, from: from.into(), to: to.into() }
}

pub(crate) fn now() -> Timestamp {
    "2026-11-16T06:00:00Z".parse().unwrap()
}

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    let headers = [
        ("inin-ratelimit-count", "12"),
        ("inin-ratelimit-allowed", "300"),
        ("inin-ratelimit-reset", "42"),
        ("date", "Mon, 16 Nov 2026 06:00:00 GMT"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Response { status, headers, body: body.to_string() }
}

pub(crate) fn refused(status: u16, code: &str, message: &str) -> Response {
    let body =
        json!({"message": message, "code": code, "status": status, "contextId": "c-1", "details": [], "errors": []});
    answer(status, &body)
}

/// The request of a call about which nothing was told, and its body.
pub(crate) fn request(call: &Call) -> (String, Value) {
    let request = GenesysCloud::new().request(call, &Notes::default());
    (format!("{} {}", request.method, request.path), serde_json::from_str(&request.body).unwrap_or_default())
}

/// The facts of an answer.
pub(crate) fn facts(call: &Call, response: &Response) -> Vec<ifmatch_core::Fact> {
    let reply = GenesysCloud::new().reply(now(), call, response);
    reply.facts.into_iter().map(|(_, fact)| fact).collect()
}

#[test]
fn locks_and_envelopes_follow_the_kind() {
    let dialect = GenesysCloud::new();
    let check = |kind: &str, id: &str, lock: &str, envelope: Option<&str>| {
        let resource = resource(kind, id);
        assert_eq!(dialect.lock_domain(&resource), lock);
        assert_eq!(dialect.envelope(&resource).as_deref(), envelope);
    };
    check("agent-schedule", "s1/u1", "agent/u1", Some("s1"));
    check("week-schedule", "s1", "schedule/s1", None);
    check("activity-code", "bu/c1", "activity-codes/bu", Some("activity-codes/bu"));
    check("shift-trade", "mu/2026-11-16/t1", "trade/t1", Some("trades/mu/2026-11-16"));
    check("work-plan", "mu/p1", "work-plan/id/mu/p1", None);
}

#[test]
fn what_one_version_guards_has_one_writer() {
    let dialect = GenesysCloud::new();
    let one = |kind: &str, id: &str| dialect.one_writer(&resource(kind, id));
    assert!(one("agent-schedule", "s1/u1") && one("activity-code", "bu/c1"));
    assert!(!one("shift-trade", "mu/2026-11-16/t1") && !one("work-plan", "mu/p1"));
}
