//! The bytes of every call.

use super::*;
use crate::wfm_v2::WfmV2;
use crate::wfm_v2::kinds::SCORE;
use crate::wfm_v2::tests::{agent_week, creation, item, keyed, named, publish, resource};
use ifmatch_core::Dialect as _;
use std::sync::Arc;

fn made(call: &Call) -> Request {
    request(&Kinds::new(), call)
}

/// Method and path, headers other than the content type, body.
fn check(call: &Call, line: &str, headers: &[(&str, &str)], body: &Value) {
    let request = made(call);
    assert_eq!(format!("{} {}", request.method, request.path), line);
    let other = request.headers.iter().filter(|(name, _)| name != "content-type");
    let found: Vec<(&str, &str)> = other.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, headers, "{line}");
    let sent = if request.body.is_empty() { Value::Null } else { serde_json::from_str(&request.body).unwrap() };
    assert_eq!(&sent, body, "{line}");
}

#[test]
fn scores() {
    let get = Call::Read(vec![resource(SCORE, "q 1")]);
    check(&get, "GET /api/v2/wfm/v2/quality/scores/q%201", &[], &Value::Null);
    let from = json!({"id": "q1", "version": 12, "score": 80, "comments": "old", "agent_email": "a@x"});
    let to = json!({"id": "q1", "version": 12, "score": 85, "comments": "old", "agent_email": "a@x"});
    let mut write = item(SCORE, "q1", 12, from, to);
    let line = "PATCH /api/v2/wfm/v2/quality/scores/q1";
    check(&Call::Write(vec![write.clone()]), line, &[], &json!({"score": 85, "version": 12}));
    write.precondition.version = None;
    write.precondition.etag = Some("W/\"ab12\"".to_owned());
    check(&Call::Write(vec![write]), line, &[("if-match", "W/\"ab12\"")], &json!({"score": 85}));
}

#[test]
fn score_creations_and_look_ups() {
    let key = json!({"agent_email": "a+b@x.org", "evaluation_form": "voice v2", "review_date": "2026-10-25"});
    let value = json!({"score": 85, "correlation_id": "c-1", "version": 3, "id": "nonsense"});
    let creation = creation(keyed(SCORE, &key), value);
    let body = json!({"agent_email": "a+b@x.org", "evaluation_form": "voice v2", "review_date": "2026-10-25",
        "score": 85, "correlation_id": "c-1"});
    check(&Call::Create(creation.clone()), "POST /api/v2/wfm/v2/quality/scores", &[], &body);
    let line = "GET /api/v2/wfm/v2/quality/scores?agent_email=a%2Bb%40x.org&page=1&page_size=100";
    check(&Call::Lookup(creation), line, &[], &Value::Null);
}

#[test]
fn trades() {
    let side = |agent: &str| json!({"agent_id": agent, "shift_id": "x"});
    let from = json!({"trade_id": "t1", "status": "matched", "initiating": side("a"), "receiving": side("b")});
    let to = json!({"trade_id": "t1", "status": "approved", "initiating": side("a"), "receiving": null});
    let call = Call::Write(vec![item(TRADE, "t1", 4, from, to)]);
    let body = json!({"status": "approved", "receiving": null, "version": 4});
    check(&call, "PATCH /api/v2/wfm/scheduling/shifts/t1", &[], &body);
    let by_id = creation(resource(TRADE, "t1"), json!({"status": "pending", "entity_version": 1}));
    let body = json!({"status": "pending", "trade_id": "t1"});
    check(&Call::Create(by_id.clone()), "POST /api/v2/wfm/scheduling/shifts", &[], &body);
    check(&Call::Lookup(by_id), "GET /api/v2/wfm/scheduling/shifts/t1", &[], &Value::Null);
    let by_key = creation(keyed(TRADE, &json!({"swap_request_id": "S 1"})), json!({"status": "pending"}));
    let line = "GET /api/v2/wfm/scheduling/shifts?swap_request_id=S%201&page=1&page_size=100";
    check(&Call::Lookup(by_key), line, &[], &Value::Null);
}

#[test]
fn a_trade_gets_one_id_for_one_request() {
    let kinds = Kinds::new();
    let id = |creation: Creation| {
        let body: Value = serde_json::from_str(&request(&kinds, &Call::Create(creation)).body).unwrap();
        body["trade_id"].as_str().unwrap().to_owned()
    };
    let by_key = |request: &str| creation(keyed(TRADE, &json!({"swap_request_id": request})), json!({"notes": "a"}));
    let asked = id(by_key("S 1"));
    assert_eq!(asked.len(), 36, "{asked}");
    let value = json!({"swap_request_id": "S 1", "notes": "b"});
    let external = Name::External { system: "zendesk".to_owned(), id: "7".to_owned() };
    assert_eq!(id(creation(named(TRADE, external), value)), asked, "whatever the record is called, the request is one");
    assert_ne!(id(by_key("S 2")), asked);
    assert_eq!(id(creation(resource(TRADE, "t1"), json!({}))), "t1", "an id that is given stays");
}

#[test]
fn reads_of_agents_share_a_request() {
    let read = |ids: &[String]| Call::Read(ids.iter().map(|id| resource(AGENT, id)).collect());
    let one = ["s1/a1".to_owned()];
    check(&read(&one), "GET /api/v2/wfm/schedules/s1?agent_id=a1", &[], &Value::Null);
    let two = ["s1/a1".to_owned(), "s1/a2".to_owned()];
    check(&read(&two), "GET /api/v2/wfm/schedules/s1?agent_id=a1%2Ca2", &[], &Value::Null);
    let many: Vec<String> = (0..41).map(|number| format!("s1/a{number}")).collect();
    check(&read(&many), "GET /api/v2/wfm/schedules/s1", &[], &Value::Null);
}

#[test]
fn when_an_agent_was_written_is_asked_by_its_week() {
    let known = Arc::new(agent_week());
    let call = WfmV2::new().read_stamps(&resource(AGENT, "s1/a1"), &known).unwrap();
    check(&call, "GET /api/v2/wfm/schedules/agents/a1?week=2026-11-23", &[], &Value::Null);
    assert_eq!(WfmV2::new().read_stamps(&resource(AGENT, "s1/a1"), &Arc::new(json!({}))), None, "no week is known");
    assert_eq!(WfmV2::new().read_stamps(&resource(SCORE, "q1"), &known), None, "a score has its stamps");
}

#[test]
fn shifts_alone_go_out_in_bulk_and_the_rest_as_a_patch() {
    let (from, mut to) = (agent_week(), agent_week());
    to["shifts"][0]["length_minutes"] = json!(510);
    let shifts = item(AGENT, "s1/a1", 7, from.clone(), to.clone());
    let body = json!({"items": [{"schedule_id": "s1", "agent_id": "a1", "version": 7, "shifts": to["shifts"]}]});
    check(&Call::Write(vec![shifts.clone()]), "POST /api/v2/wfm/schedules/bulk", &[], &body);
    let mut away = from.clone();
    away["availability"]["status"] = json!("training");
    away["shifts"] = json!([]);
    let availability = item(AGENT, "s1/a2", 3, from, away);
    let body = json!({"agents": [
        {"agent_id": "a1", "version": 7, "shifts": to["shifts"]},
        {"agent_id": "a2", "version": 3, "availability": {"status": "training", "from": null, "until": null},
            "shifts": [{"id": "x", "deleted": true}]},
    ]});
    let call = Call::Write(vec![shifts, availability]);
    check(&call, "PATCH /api/v2/wfm/schedules/s1", &[("if-match", "*")], &body);
}

#[test]
fn an_added_agent_cannot_overwrite_one_that_is_there() {
    let creation = creation(resource(AGENT, "s1/a9"), json!({"shifts": [], "week": "2026-11-23"}));
    let body = json!({"id": "s1", "agents": [{"agent_id": "a9", "version": 0, "shifts": []}]});
    check(&Call::Create(creation), "POST /api/v2/wfm/schedules", &[("if-match", "*")], &body);
}

#[test]
fn schedules_and_their_publish() {
    let from = json!({"id": "s1", "version": 9, "description": "a", "agent_ids": ["a1", "a2"]});
    let to = json!({"id": "s1", "version": 9, "description": "b", "agent_ids": ["a1"]});
    let body = json!({"description": "b", "version": 9, "agents": [{"agent_id": "a2", "deleted": true}]});
    let write = Call::Write(vec![item(SCHEDULE, "s1", 9, from, to)]);
    check(&write, "PATCH /api/v2/wfm/schedules/s1", &[], &body);
    let start = "POST /api/v2/wfm/scheduling/schedules/s1/publish";
    check(&Call::Start(publish(None)), start, &[], &json!({}));
    let status = "GET /api/v2/wfm/scheduling/schedules/s1/status";
    check(&Call::Status(publish(Some("j"))), status, &[], &Value::Null);
}
