//! What clients' requests mean.

use super::*;
use crate::wfm_v2::kinds::{AGENT, SCHEDULE, SCORE, TRADE};
use crate::wfm_v2::tests::{agent_week, keyed, org, resource};
use ifmatch_core::{Method, Operation};
use serde_json::json;

fn ask(line: &str, headers: &[(&str, &str)], body: &Value) -> Routed {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::json(Method::parse(method).unwrap(), path, body);
    request.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if body.is_null() {
        request.body.clear();
    }
    route(&Kinds::new(), &org(), &request)
}

fn based(version: u64) -> Option<BaseHint> {
    Some(BaseHint { version: Some(version), value: None })
}

fn write(resource: Resource, change: Change, base: Option<BaseHint>, whole: bool) -> Route {
    Route::Write { resource, change, base, whole }
}

#[test]
fn reads_of_one_record_are_known_and_lists_pass() {
    let check = |line: &str, wanted: Route| assert_eq!(ask(line, &[], &Value::Null), Ok(wanted), "{line}");
    check("GET /api/v2/wfm/v2/quality/scores/q1", Route::Read(resource(SCORE, "q1")));
    check("GET /api/v2/wfm/scheduling/shifts/t%201", Route::Read(resource(TRADE, "t 1")));
    check("GET /api/v2/wfm/v2/quality/scores?agent_email=x", Route::Unknown);
    check("GET /api/v2/wfm/schedules/s1", Route::Unknown);
    check("GET /api/v2/wfm/scheduling/schedules/s1/status", Route::Unknown);
    check("DELETE /api/v2/wfm/v2/quality/scores/q1", Route::Unknown);
    check("POST /api/v2/recording/jobs", Route::Unknown);
}

#[test]
fn scores_by_id() {
    let patch = json!({"score": 85, "version": 12});
    let wanted = |whole: bool, body: &Value| {
        let change = if whole { Change::Desired(body.clone()) } else { Change::MergePatch(body.clone()) };
        Ok(write(resource(SCORE, "q1"), change, based(12), whole))
    };
    let line = "PATCH /api/v2/wfm/v2/quality/scores/q1";
    assert_eq!(ask(line, &[], &patch), wanted(false, &patch));
    assert_eq!(ask(line, &[("If-Match", "W/\"12\"")], &patch), wanted(false, &patch));
    let posted = json!({"id": "q1", "score": 85, "resource_version": 12});
    assert_eq!(ask("POST /api/v2/wfm/v2/quality/scores", &[], &posted), wanted(true, &posted));
    let all = json!({"id": "q1", "evaluation_form": "f", "correlation_id": "c", "score": 1, "comments": "",
        "reviewed_at": null, "time_zone": null, "review_date": "2026-10-25", "version": 12,
        "date_modified": "2026-10-25T05:00:00Z"});
    assert_eq!(ask(line, &[], &all), wanted(true, &all), "every writable field, and the stamps are kept");
}

#[test]
fn a_patch_by_agent_id_needs_the_agents_address() {
    let line = "PATCH /api/v2/wfm/v2/quality/scores/ag-7";
    let mut body = json!({"score": 85, "evaluation_form": "f", "review_date": "2026-10-25"});
    assert_eq!(ask(line, &[], &body), Ok(Route::Unknown), "the id may be either");
    body["agent_id"] = json!("other");
    let by_id = Ok(write(resource(SCORE, "ag-7"), Change::MergePatch(body.clone()), None, false));
    assert_eq!(ask(line, &[], &body), by_id);
    body["agent_id"] = json!("ag-7");
    assert_eq!(ask(line, &[], &body), Ok(Route::Unknown));
    body["agent_email"] = json!("A@x.org");
    let key = json!({"agent_email": "a@x.org", "evaluation_form": "f", "review_date": "2026-10-25"});
    let by_key = Ok(write(keyed(SCORE, &key), Change::MergePatch(body.clone()), None, false));
    assert_eq!(ask(line, &[], &body), by_key);
}

#[test]
fn creations_are_named_by_their_natural_key() {
    let line = "POST /api/v2/wfm/v2/quality/scores";
    let body = json!({"agent_email": "A@x.org", "evaluation_form": "f", "score": 3,
        "reviewed_at": "2026-10-24T22:30:00Z", "time_zone": "Europe/Paris"});
    let key = json!({"agent_email": "a@x.org", "evaluation_form": "f", "review_date": "2026-10-25"});
    assert_eq!(ask(line, &[], &body), Ok(write(keyed(SCORE, &key), Change::Create(body.clone()), None, true)));
    let missing = ask(line, &[], &json!({"agent_email": "a@x.org", "score": 3})).unwrap_err();
    assert_eq!((missing.0.code, missing.0.field.as_str()), ("missing_field", "/evaluation_form"));
    let line = "POST /api/v2/wfm/scheduling/shifts";
    let swap = json!({"swap_request_id": "S", "status": "pending"});
    let by_swap = keyed(TRADE, &json!({"swap_request_id": "S"}));
    assert_eq!(ask(line, &[], &swap), Ok(write(by_swap, Change::Create(swap.clone()), None, true)));
    let named = json!({"trade_id": "t1", "swap_request_id": "S"});
    assert_eq!(ask(line, &[], &named), Ok(write(resource(TRADE, "t1"), Change::Create(named.clone()), None, true)));
    assert_eq!(ask(line, &[], &json!({"status": "pending"})), Ok(Route::Unknown));
}

#[test]
fn a_put_of_a_trade_clears_what_it_leaves_out() {
    let body = json!({"status": "matched", "entity_version": 4});
    let wanted = json!({"status": "matched", "entity_version": 4, "receiving": null, "notes": "", "expires_at": null});
    let found = ask("PUT /api/v2/wfm/scheduling/shifts/t1", &[], &body);
    assert_eq!(found, Ok(write(resource(TRADE, "t1"), Change::Desired(wanted), based(4), true)));
}

#[test]
fn versions_that_differ_are_ambiguous() {
    let line = "PATCH /api/v2/wfm/v2/quality/scores/q1";
    let check = |headers: &[(&str, &str)], body: Value, code: Option<&str>| {
        let found = ask(line, headers, &body);
        assert_eq!(found.as_ref().err().map(|error| error.0.code), code, "{headers:?} {body}");
    };
    check(&[("if-match", "\"11\"")], json!({"version": 12}), Some("version_ambiguous"));
    check(&[], json!({"version": 12, "resource_version": 13}), Some("version_ambiguous"));
    check(&[], json!({"version": 12, "resource_version": 12}), None);
    check(&[("if-match", "\"9f31c0de9f31c0de\"")], json!({"version": 12}), None);
    check(&[("if-match", "*")], json!({"score": 1}), None);
    check(&[], json!({"version": "new"}), Some("invalid_field"));
    check(&[], json!([]), Some("invalid_json"));
}

#[test]
fn a_push_is_one_change_per_agent() {
    let entry = json!({"agent_id": "a1", "version": 7, "shifts": agent_week()["shifts"]});
    let body = json!({"id": "s1", "version": 31, "agents": [entry]});
    let one = write(resource(AGENT, "s1/a1"), Change::Desired(entry.clone()), based(7), true);
    assert_eq!(ask("POST /api/v2/wfm/schedules", &[], &body), Ok(Route::Batch(vec![one.clone()])));
    let item = json!({"schedule_id": "s1", "agent_id": "a1", "version": 7, "shifts": []});
    let bulk = write(resource(AGENT, "s1/a1"), Change::Desired(item.clone()), based(7), true);
    let found = ask("POST /api/v2/wfm/schedules/bulk", &[], &json!({"items": [item]}));
    assert_eq!(found, Ok(Route::Batch(vec![bulk])));
    assert_eq!(ask("POST /api/v2/wfm/schedules", &[], &json!({"week": "2026-11-23"})), Ok(Route::Unknown));
    let twice = json!({"id": "s1", "agents": [{"agent_id": "a"}, {"agent_id": "a"}]});
    assert_eq!(ask("POST /api/v2/wfm/schedules", &[], &twice).unwrap_err().0.field, "/agents/1");
}

#[test]
fn a_patch_of_a_document_tells_agents_from_its_own_fields() {
    let entry = json!({"agent_id": "a1", "shifts": [{"id": "x", "length_minutes": 500}, {"id": "y", "deleted": true}]});
    let body = json!({"version": 31, "description": "d", "agents": [entry]});
    let wanted = vec![
        write(resource(AGENT, "s1/a1"), Change::MergePatch(entry.clone()), None, false),
        write(resource(SCHEDULE, "s1"), Change::MergePatch(json!({"description": "d"})), based(31), false),
    ];
    assert_eq!(ask("PATCH /api/v2/wfm/schedules/s1", &[], &body), Ok(Route::Batch(wanted)));
    let gone = json!({"agents": [{"agent_id": "a1", "deleted": true}]});
    assert_eq!(ask("PATCH /api/v2/wfm/schedules/s1", &[], &gone), Ok(Route::Unknown));
}

#[test]
fn a_put_of_a_document_says_which_agents_stay() {
    let body = json!({"version": 31, "agents": [{"agent_id": "b", "version": 2}]});
    let Ok(Route::Batch(found)) = ask("PUT /api/v2/wfm/schedules/s1", &[], &body) else { panic!() };
    let available = json!({"status": "available", "from": null, "until": null});
    let cleared = json!({"agent_id": "b", "version": 2, "shifts": [], "availability": available});
    assert_eq!(found[0], write(resource(AGENT, "s1/b"), Change::Desired(cleared), based(2), true));
    let kept = Change::Desired(json!({"agent_ids": ["b"]}));
    assert_eq!(found[1], write(resource(SCHEDULE, "s1"), kept, based(31), true));
}

#[test]
fn one_agents_week_needs_its_schedule() {
    let line = "PUT /api/v2/wfm/schedules/agents/a1?week=2026-11-23";
    assert_eq!(ask(line, &[], &json!({"version": 7, "shifts": []})), Ok(Route::Unknown));
    let Ok(Route::Write { resource: found, base, whole, .. }) = ask(line, &[("if-match", "\"7\"")], &agent_week())
    else {
        panic!()
    };
    assert_eq!((found, base, whole), (resource(AGENT, "s1/a1"), based(7), true));
    let other = "PUT /api/v2/wfm/schedules/agents/a1?week=2026-11-30";
    assert_eq!(ask(other, &[], &agent_week()), Ok(Route::Unknown));
}

#[test]
fn a_publish_is_an_operation_by_either_path() {
    let change = Change::Operation(Operation { name: "publish".to_owned(), revision: None });
    for line in ["POST /api/v2/wfm/scheduling/schedules/s1/publish", "POST /v2/wfm/schedules/s1/publish"] {
        let wanted = write(resource(SCHEDULE, "s1"), change.clone(), None, false);
        assert_eq!(ask(line, &[], &Value::Null), Ok(wanted));
    }
}

#[test]
fn a_bulk_of_scores_names_the_item_at_fault() {
    let line = "POST /api/v2/wfm/v2/quality/scores/bulk";
    let body = json!({"items": [{"id": "q1", "score": 3}, {"score": 4}]});
    let error = ask(line, &[], &body).unwrap_err().0;
    assert_eq!((error.code, error.field.as_str()), ("missing_field", "/items/1/agent_email"));
    let Ok(Route::Batch(found)) = ask(line, &[], &json!({"items": [{"id": "q1", "score": 3}]})) else { panic!() };
    assert!(matches!(&found[0], Route::Write { whole: true, .. }));
}
