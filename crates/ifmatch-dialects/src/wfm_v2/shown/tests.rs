//! Which records a passed-through answer shows.

use super::*;
use crate::wfm_v2::tests::{agent_week, answer, now, org};
use ifmatch_core::Method;
use serde_json::json;

fn check(method: Method, path: &str, status: u16, body: &Value, wanted: &[(&str, Option<u64>)]) {
    let response = answer(status, &[("etag", "\"31\"")], body);
    let found = shown(&org(), now(), &Request::bare(method, path), &response);
    let found: Vec<(String, Option<u64>)> = found.iter().map(|(resource, s)| (resource.key(), s.version)).collect();
    let wanted: Vec<(String, Option<u64>)> = wanted.iter().map(|(key, v)| ((*key).to_owned(), *v)).collect();
    assert_eq!(found, wanted, "{path}");
}

#[test]
fn records_in_lists_and_documents_are_shown() {
    let score = json!({"id": "q1", "score": 3, "resource_version": 4});
    let list = json!({"entities": [score], "total": 1});
    check(Method::Get, "/api/v2/wfm/v2/quality/scores?agent_email=x", 200, &list, &[("quality-score/id/q1", Some(4))]);
    check(Method::Get, "/api/v2/wfm/v2/quality/scores/q1", 200, &score, &[("quality-score/id/q1", Some(4))]);
    check(Method::Get, "/api/v2/wfm/v2/quality/scores/q1", 404, &score, &[]);
    let entry = json!({"agent_id": "a1", "version": 7, "shifts": []});
    let document = json!({"id": "s1", "version": 31, "week": "2026-11-23", "agents": [entry]});
    let agent = ("agent-schedule/id/s1/a1", Some(7));
    let schedules = "/api/v2/wfm/schedules/s1";
    check(Method::Get, schedules, 200, &document, &[agent, ("schedule/id/s1", Some(31))]);
    check(Method::Get, "/api/v2/wfm/schedules/s1?agent_id=a1", 200, &document, &[agent]);
    check(Method::Patch, schedules, 200, &document, &[agent]);
    check(Method::Get, "/api/v2/wfm/schedules/agents/a1?week=2026-11-23", 200, &agent_week(), &[agent]);
    check(Method::Get, "/api/v2/wfm/schedules", 200, &json!({"entities": [{"id": "s1", "version": 31}]}), &[]);
    check(Method::Get, "/api/v2/wfm/events", 200, &json!({"events": []}), &[]);
}
