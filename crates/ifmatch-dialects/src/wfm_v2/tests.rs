//! What the parts' tests share: resources, calls, answers.

use super::*;
use ifmatch_core::{Creation, Name, OperationCall, Precondition, WriteItem};
use serde_json::json;

/// The org of the tests.
pub(crate) fn org() -> OrgName {
    OrgName::from("acme")
}

pub(crate) fn resource(kind: &str, id: &str) -> Resource {
    Resource::by_id(&org(), kind, id)
}

pub(crate) fn named(kind: &str, name: Name) -> Resource {
    Resource::new(&org(), kind, name)
}

pub(crate) fn keyed(kind: &str, key: &Value) -> Resource {
    named(kind, Name::Key(ifmatch_core::canonical_json(key)))
}

pub(crate) fn item(kind: &str, id: &str, version: u64, from: Value, to: Value) -> WriteItem {
    let precondition = Precondition { version: Some(version), etag: Some(format!("\"{version}\"")), everywhere: false };
    WriteItem { resource: resource(kind, id), precondition, from: from.into(), to: to.into() }
}

pub(crate) fn creation(resource: Resource, value: Value) -> Creation {
    Creation { resource, value }
}

pub(crate) fn publish(job: Option<&str>) -> OperationCall {
    OperationCall { resource: resource(SCHEDULE, "s1"), name: "publish".to_owned(), job: job.map(str::to_owned) }
}

pub(crate) fn now() -> Timestamp {
    "2026-10-25T06:00:00Z".parse().unwrap()
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Response { status, headers, body }
}

/// One agent with one shift of eight hours on a Monday in Singapore.
pub(crate) fn agent_week() -> Value {
    json!({
        "agent_id": "a1", "schedule_id": "s1", "version": 7, "week": "2026-11-23", "time_zone": "Asia/Singapore",
        "availability": {"status": "available", "from": null, "until": null},
        "shifts": [{"id": "x", "start": "2026-11-23T08:00:00+08:00", "length_minutes": 480, "activities": [
            {"start": "2026-11-23T08:00:00+08:00", "length_minutes": 240, "code": "on-queue"},
            {"start": "2026-11-23T12:00:00+08:00", "length_minutes": 60, "code": "meal"},
            {"start": "2026-11-23T13:00:00+08:00", "length_minutes": 180, "code": "on-queue"},
        ]}],
    })
}

#[test]
fn locks_and_envelopes_follow_the_kind() {
    let dialect = WfmV2::new();
    let check = |kind: &str, id: &str, lock: &str, envelope: Option<&str>| {
        let resource = resource(kind, id);
        assert_eq!(dialect.lock_domain(&resource), lock);
        assert_eq!(dialect.envelope(&resource).as_deref(), envelope);
    };
    check(AGENT, "s1/a1", "agent/a1", Some("s1"));
    check(TRADE, "t1", "trade/t1", None);
    check(SCORE, "q1", "score/q1", None);
    check(SCHEDULE, "s1", "schedule/s1", None);
    check(SCORE, "q/1", "score/q/1", None);
    let keyed = keyed(TRADE, &json!({"swap_request_id": "S"}));
    assert_eq!(dialect.lock_domain(&keyed), r#"shift-trade/key/{"swap_request_id":"S"}"#);
}
