//! Answers to every call, under every setting of the API.

use super::*;
use crate::wfm_v2::kinds::SCORE;
use crate::wfm_v2::tests::{agent_week, answer, creation, item, keyed, now, publish, resource};
use ifmatch_core::{OperationStatus, SignedDuration, Snapshot};
use serde_json::json;

fn facts(call: &Call, response: &Response) -> Vec<Fact> {
    let reply = reply(&Kinds::new(), now(), call, response);
    reply.facts.into_iter().map(|(_, fact)| fact).collect()
}

fn fact(call: &Call, response: &Response) -> Fact {
    let mut facts = facts(call, response);
    assert_eq!(facts.len(), 1);
    facts.remove(0)
}

fn refused(fact: Fact) -> Evidence {
    match fact {
        Fact::Refused(evidence) => evidence,
        other => panic!("{other:?}"),
    }
}

fn written(fact: Fact) -> Written {
    match fact {
        Fact::Written(written) => written,
        other => panic!("{other:?}"),
    }
}

fn score(version: u64) -> Value {
    json!({"id": "q1", "agent_email": "a@x.org", "evaluation_form": "f", "review_date": "2026-10-25", "score": 85,
        "correlation_id": "c1", "version": version, "resource_version": version,
        "date_modified": "2026-10-25T05:00:00Z", "modified_by": {"id": "7", "name": "reviewer"}})
}

fn write_score() -> Call {
    let mut to = score(12);
    to["score"] = json!(90);
    Call::Write(vec![item(SCORE, "q1", 12, score(12), to)])
}

#[test]
fn a_read_is_a_snapshot_with_its_tag_byte_for_byte() {
    let call = Call::Read(vec![resource(SCORE, "q1")]);
    let check = |tag: Option<&str>| {
        let headers: Vec<(&str, &str)> = tag.iter().map(|tag| ("ETag", *tag)).collect();
        let Fact::Observed(snapshot) = fact(&call, &answer(200, &headers, &score(12))) else { panic!() };
        let modified_at = Some("2026-10-25T05:00:00Z".parse().unwrap());
        let wanted = Snapshot {
            value: score(12).into(),
            version: Some(12),
            etag: tag.map(str::to_owned),
            writer: Some("reviewer".to_owned()),
            modified_at,
            read_at: now(),
            seen_after: None,
            shown_to: Default::default(),
        };
        assert_eq!(*snapshot, wanted);
    };
    check(Some("\"12\""));
    check(Some("W/\"12\""));
    check(Some("\"3fa9c0de\""));
    check(None);
    assert_eq!(fact(&call, &answer(404, &[], &json!({"code": "not_found"}))), Fact::Absent);
    assert_eq!(refused(fact(&call, &answer(200, &[], &json!({"hello": 1})))).class, Class::Unclassified);
    assert_eq!(refused(fact(&call, &answer(200, &[], &Value::Null))).class, Class::Unclassified);
    assert_eq!(refused(fact(&call, &answer(504, &[], &Value::Null))).class, Class::Ambiguous);
}

#[test]
fn a_write_has_the_record_or_what_was_written() {
    let check = |headers: &[(&str, &str)], body: Value, version: Option<u64>, score: i64| {
        let written = written(fact(&write_score(), &answer(200, headers, &body)));
        assert_eq!(written.snapshot.version, version, "{body}");
        assert_eq!(written.snapshot.value["score"], score, "{body}");
        assert_eq!(written.snapshot.value.get("version"), version.map(|v| json!(v)).as_ref(), "{body}");
    };
    check(&[("etag", "\"13\"")], score(13), Some(13), 85);
    check(&[], json!({"id": "q1", "version": 14}), Some(14), 90);
    check(&[], json!({"resource_version": 14}), Some(14), 90);
    check(&[("etag", "\"15\"")], Value::Null, Some(15), 90);
    check(&[("etag", "\"9f\"")], Value::Null, None, 90);
    check(&[], Value::Null, None, 90);
}

#[test]
fn a_refusal_tells_version_and_record_where_it_has_them() {
    let check = |status: u16, headers: &[(&str, &str)], body: Value, class: Class, version: Option<u64>| {
        let evidence = refused(fact(&write_score(), &answer(status, headers, &body)));
        assert_eq!((evidence.class, evidence.version), (class, version), "{body}");
        evidence
    };
    let stale = json!({"code": "conflict", "message": "version mismatch"});
    let found = check(409, &[], stale.clone(), Class::Stale, None);
    assert_eq!((found.label.as_str(), found.message.as_str()), ("409 conflict", "version mismatch"));
    check(412, &[("etag", "\"14\"")], stale.clone(), Class::Stale, Some(14));
    check(409, &[("etag", "\"00001234\"x")], stale.clone(), Class::Stale, None);
    check(409, &[], json!({"code": "conflict", "message": "stale", "current_version": 14}), Class::Stale, Some(14));
    let with = json!({"code": "conflict", "message": "stale", "current": score(14)});
    let found = check(409, &[], with, Class::Stale, Some(14));
    assert_eq!(found.current.unwrap().value, score(14).into());
    check(409, &[], Value::Null, Class::Bare, None);
    let one = json!({"statusCode": 207, "entities": [{"id": "q1", "status": 409,
        "errors": [{"code": "conflict", "message": "being modified by another process"}]}]});
    let found = check(207, &[], one, Class::Lock, None);
    assert_eq!(found.label, "409 conflict");
    let found = check(400, &[], json!({"code": "invalid_field", "errors": [{"field": "score"}]}), Class::Invalid, None);
    assert_eq!(found.field.as_deref(), Some("score"));
    let found = check(429, &[("Retry-After", "7")], Value::Null, Class::Throttled, None);
    assert_eq!(found.retry_after, Some(SignedDuration::from_secs(7)));
}

#[test]
fn an_opaque_tag_that_looks_like_a_number_is_no_version() {
    let Call::Write(mut items) = write_score() else { panic!() };
    items[0].precondition.etag = Some("\"40718236\"".to_owned());
    let response = answer(409, &[("etag", "\"99999999\"")], &json!({"code": "conflict", "message": "stale"}));
    assert_eq!(refused(fact(&Call::Write(items), &response)).version, None);
}

#[test]
fn a_repeated_approval_is_done() {
    let (from, to) = (json!({"status": "matched"}), json!({"status": "approved"}));
    let call = Call::Write(vec![item(TRADE, "t1", 4, from, to)]);
    let check = |message: &str, class: Class| {
        let body = json!({"code": "invalid_transition", "message": message});
        assert_eq!(refused(fact(&call, &answer(409, &[], &body))).class, class);
    };
    check("A trade that is approved cannot become approved", Class::AlreadyDone);
    check("A trade that is cancelled cannot become approved", Class::Rule);
}

#[test]
fn a_creation_has_the_targets_id() {
    let key = json!({"agent_email": "a@x.org", "evaluation_form": "f", "review_date": "2026-10-25"});
    let call = Call::Create(creation(keyed(SCORE, &key), json!({"score": 85})));
    let made = written(fact(&call, &answer(201, &[("etag", "\"1\"")], &score(1))));
    assert_eq!((made.id.as_deref(), made.existed, made.snapshot.version), (Some("q1"), false, Some(1)));
    assert!(written(fact(&call, &answer(200, &[], &score(4)))).existed);
    let bare = answer(201, &[("Location", "/api/v2/wfm/v2/quality/scores/q9")], &Value::Null);
    let made = written(fact(&call, &bare));
    assert_eq!((made.id.as_deref(), made.snapshot.value["score"].as_i64()), (Some("q9"), Some(85)));
    assert_eq!(refused(fact(&call, &answer(409, &[], &Value::Null))).class, Class::Duplicate);
}

#[test]
fn a_look_up_finds_by_key_or_by_mark() {
    let key = json!({"agent_email": "A@x.org", "evaluation_form": "f", "review_date": "2026-10-25"});
    let check = |value: Value, list: Value, total: u64, wanted: Option<&[&str]>| {
        let call = Call::Lookup(creation(keyed(SCORE, &key), value));
        let body = json!({"entities": list, "total": total, "page": 1, "page_size": 100});
        match (fact(&call, &answer(200, &[], &body)), wanted) {
            (Fact::Found(found), Some(wanted)) => {
                let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
                assert_eq!(ids, wanted);
            }
            (Fact::Refused(evidence), None) => assert_eq!(evidence.class, Class::Unclassified),
            (other, _) => panic!("{other:?}"),
        }
    };
    let mut other = score(3);
    other["review_date"] = json!("2026-10-24");
    check(json!({}), json!([score(1), other]), 2, Some(&["q1"]));
    check(json!({"correlation_id": "c1"}), json!([other]), 1, Some(&["q1"]));
    check(json!({"correlation_id": "c2"}), json!([other]), 1, Some(&[]));
    check(json!({"correlation_id": "c2"}), json!([other]), 101, None);
}

#[test]
fn a_trade_is_looked_up_by_its_request_or_its_id() {
    let trade =
        |id: &str, swap: &str| json!({"trade_id": id, "swap_request_id": swap, "status": "pending", "version": 1});
    let by_key = Call::Lookup(creation(keyed(TRADE, &json!({"swap_request_id": "S"})), json!({})));
    let list = json!({"entities": [trade("t1", "S"), trade("t2", "T")], "total": 2});
    let Fact::Found(found) = fact(&by_key, &answer(200, &[], &list)) else { panic!() };
    assert_eq!(found.len(), 1);
    let by_id = Call::Lookup(creation(resource(TRADE, "t1"), json!({})));
    let Fact::Found(found) = fact(&by_id, &answer(200, &[("etag", "\"1\"")], &trade("t1", "S"))) else { panic!() };
    assert_eq!((found[0].0.as_str(), found[0].1.etag.as_deref()), ("t1", Some("\"1\"")));
    assert_eq!(fact(&by_id, &answer(404, &[], &json!({"code": "not_found"}))), Fact::Found(Vec::new()));
}

fn document(agents: Value) -> Value {
    json!({"id": "s1", "business_unit_id": "b", "week": "2026-11-23", "time_zone": "Asia/Singapore",
        "state": "draft", "draft_revision": 4, "published_revision": 3, "version": 31, "agents": agents})
}

fn entry(agent: &str, version: u64) -> Value {
    json!({"agent_id": agent, "version": version, "availability": agent_week()["availability"],
        "shifts": agent_week()["shifts"]})
}

#[test]
fn agents_are_read_out_of_their_document() {
    let call = Call::Read(vec![resource(AGENT, "s1/a1"), resource(AGENT, "s1/a2")]);
    let response = answer(200, &[("etag", "\"31\"")], &document(json!([entry("a1", 7)])));
    let found = facts(&call, &response);
    let Fact::Observed(snapshot) = &found[0] else { panic!("{found:?}") };
    assert_eq!(*snapshot.value, agent_week());
    assert_eq!((snapshot.version, snapshot.etag.as_deref()), (Some(7), None), "the tag is the document's");
    assert_eq!(found[1], Fact::Absent);
    let none = facts(&call, &answer(200, &[], &document(json!([]))));
    assert_eq!(refused(none[0].clone()).class, Class::Unclassified, "a parameter that was not split");
    let alone = Call::Read(vec![resource(AGENT, "s1/a1")]);
    assert_eq!(fact(&alone, &answer(200, &[], &document(json!([])))), Fact::Absent);
    assert_eq!(facts(&call, &answer(404, &[], &Value::Null)), [Fact::Absent, Fact::Absent]);
}

#[test]
fn an_agent_read_by_itself_tells_when_it_was_written() {
    let known = Arc::new(agent_week());
    let call = Call::ReadStamps { resource: resource(AGENT, "s1/a1"), known };
    let mut week = agent_week();
    week["date_modified"] = json!("2026-10-25T05:00:00Z");
    week["modified_by"] = json!({"id": "7", "name": "planner"});
    let Fact::Observed(snapshot) = fact(&call, &answer(200, &[], &week)) else { panic!() };
    assert_eq!((snapshot.version, snapshot.writer.as_deref()), (Some(7), Some("planner")));
    assert_eq!(snapshot.modified_at, Some("2026-10-25T05:00:00Z".parse().unwrap()));
    // The agent's place in another schedule of that week is not the one that was asked about.
    week["schedule_id"] = json!("s2");
    assert_eq!(fact(&call, &answer(200, &[], &week)), Fact::Absent);
}

#[test]
fn a_schedule_is_read_without_its_agents() {
    let call = Call::Read(vec![resource(SCHEDULE, "s1")]);
    let response = answer(200, &[("etag", "\"31\"")], &document(json!([entry("b", 1), entry("a", 2)])));
    let Fact::Observed(snapshot) = fact(&call, &response) else { panic!() };
    assert_eq!(snapshot.value["agent_ids"], json!(["a", "b"]));
    assert_eq!((snapshot.value.get("agents"), snapshot.version), (None, Some(31)));
}

fn bulk() -> Call {
    let mut to = agent_week();
    to["shifts"] = json!([]);
    Call::Write(["s1/a1", "s1/a2"].map(|id| item(AGENT, id, 7, agent_week(), to.clone())).into())
}

#[test]
fn a_bulk_is_answered_per_agent() {
    let refusal = json!({"code": "conflict", "message": "version mismatch"});
    let check = |lines: Value| {
        let body = json!({"statusCode": 207, "entities": lines});
        let found = facts(&bulk(), &answer(207, &[], &body));
        let first = written(found[0].clone());
        assert_eq!((first.snapshot.version, &first.snapshot.value["version"]), (Some(8), &json!(8)));
        assert_eq!(first.snapshot.value["shifts"], json!([]));
        let second = refused(found[1].clone());
        assert_eq!((second.class, second.version), (Class::Stale, Some(9)));
    };
    check(json!([
        {"id": "a2", "status": 409, "errors": [refusal], "current_version": 9},
        {"id": "a1", "status": 200, "version": 8},
    ]));
    check(json!([
        {"id": "s1/a1", "status": 200, "version": 8},
        {"id": "s1/a2", "status": "409", "errors": [refusal], "current_version": 9},
    ]));
    check(json!([
        {"status": 200, "version": 8},
        {"status": 409, "errors": [refusal], "current": {"agent_id": "a2", "version": 9, "shifts": []}},
    ]));
    let body = json!({"entities": [{"id": "a1", "status": 200, "version": 8}]});
    let found = facts(&bulk(), &answer(200, &[], &body));
    assert_eq!(refused(found[1].clone()).class, Class::Unclassified, "no line for this agent");
}

#[test]
fn a_refusal_of_the_whole_is_told_to_each_agent() {
    let check = |status: u16, body: Value, class: Class| {
        let found = facts(&bulk(), &answer(status, &[], &body));
        for fact in found {
            let evidence = refused(fact);
            assert_eq!((evidence.class, evidence.version), (class, None), "{body}");
        }
    };
    let overlap = json!({"code": "SCHEDULE_OVERLAP", "message": "Shifts a and b of one agent overlap"});
    check(409, overlap.clone(), Class::Overlap);
    check(
        207,
        json!({"statusCode": 207, "entities": [{"id": "s1", "status": 409, "errors": [overlap]}]}),
        Class::Overlap,
    );
    check(409, json!({"code": "conflict", "message": "stale", "current": document(json!([]))}), Class::Stale);
    check(409, Value::Null, Class::Bare);
}

#[test]
fn the_answer_to_a_patch_holds_the_agents() {
    let response = answer(200, &[], &document(json!([entry("a1", 8), entry("a2", 9)])));
    let versions: Vec<_> = facts(&bulk(), &response).into_iter().map(|fact| written(fact).snapshot.version).collect();
    assert_eq!(versions, [Some(8), Some(9)]);
    let refusal = answer(
        409,
        &[],
        &json!({"code": "conflict", "message": "stale",
        "current": document(json!([entry("a1", 8)]))}),
    );
    let found = facts(&bulk(), &refusal);
    assert_eq!(refused(found[0].clone()).version, Some(8));
    assert_eq!(refused(found[1].clone()).version, None);
}

#[test]
fn publishes() {
    let check = |call: &Call, status: u16, body: Value, wanted: OperationStatus| {
        assert_eq!(fact(call, &answer(status, &[], &body)), Fact::Operation(wanted), "{body}");
    };
    let standing = |running, failed, wanted, carried, carrying| OperationStatus {
        job: Some("j".to_owned()),
        running,
        failed,
        wanted,
        carried,
        carrying,
    };
    let start = Call::Start(publish(None));
    check(&start, 202, json!({"job_id": "j", "state": "pending", "revision": 5}), standing(true, false, 5, 0, Some(5)));
    let status = Call::Status(publish(Some("j")));
    let at = |state: &str| json!({"state": state, "draft_revision": 6, "published_revision": 4, "job_id": "j"});
    check(&status, 200, at("pending"), standing(true, false, 6, 4, None));
    check(&status, 200, at("draft"), standing(false, false, 6, 4, None));
    check(&status, 200, at("failed"), standing(false, true, 6, 4, None));
    check(&status, 200, json!({"state": "complete", "revision": 5, "job_id": "j"}), standing(false, false, 5, 5, None));
    check(&status, 200, json!({"state": "failed", "revision": 5, "job_id": "j"}), standing(false, true, 5, 0, None));
    assert_eq!(refused(fact(&start, &answer(409, &[], &Value::Null))).class, Class::InProgress);
    assert_eq!(refused(fact(&start, &answer(202, &[], &Value::Null))).class, Class::Unclassified);
}

#[test]
fn nothing_panics_on_strange_answers() {
    let calls = [
        Call::Read(Vec::new()),
        Call::Write(Vec::new()),
        write_score(),
        bulk(),
        Call::Read(vec![resource(AGENT, "s1/a1")]),
        Call::Start(publish(None)),
        Call::Lookup(creation(resource(AGENT, "s1/a1"), json!({}))),
        Call::Create(creation(resource(AGENT, "s1/a1"), json!({}))),
        Call::Read(vec![resource("week-schedule", "x")]),
    ];
    let bodies = [
        json!(null),
        json!([]),
        json!(1),
        json!("x"),
        json!({"agents": 3}),
        json!({"entities": 3}),
        json!({"entities": [null, 3]}),
        json!({"entities": [[]]}),
        json!({"agents": [null]}),
        json!({"errors": [[null]], "code": {}, "details": []}),
        json!({"current": 3, "current_version": -1}),
    ];
    for call in &calls {
        for body in &bodies {
            for status in [200, 207, 409, 500] {
                reply(&Kinds::new(), now(), call, &answer(status, &[("etag", ""), ("retry-after", "x")], body));
            }
        }
    }
}
