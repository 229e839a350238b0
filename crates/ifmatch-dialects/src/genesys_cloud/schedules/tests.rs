//! Where a schedule is found, how its agents are read, and the three requests of an upload.

use crate::genesys_cloud::GenesysCloud;
use crate::genesys_cloud::tests::{W, answer, facts, item, now, refused, resource};
use ifmatch_core::{Call, Class, Dialect, Fact, Notes, OperationCall, Request};
use serde_json::{Value, json};

fn read(users: &[&str]) -> Call {
    Call::Read(users.iter().map(|user| resource("agent-schedule", &format!("s1/{user}"))).collect())
}

/// Answers the errands of a call one after another; each must be for this path.
fn told(call: &Call, answers: &[(&str, Value)]) -> Notes {
    let (dialect, mut notes) = (GenesysCloud::new(), Notes::default());
    for (path, body) in answers {
        let errand = dialect.errand(call, &notes).unwrap();
        assert_eq!(errand.path.strip_prefix(W).unwrap_or(&errand.path), *path);
        dialect.note(call, &mut notes, &answer(200, body)).unwrap();
    }
    assert_eq!(dialect.errand(call, &notes), None);
    notes
}

const SCHEDULE: &str = "/businessunits/b2/weeks/2026-11-16/schedules/s1";

fn search() -> Vec<(&'static str, Value)> {
    vec![
        ("/businessunits", json!({"entities": [{"id": "b1"}, {"id": "b2"}]})),
        ("/businessunits/b1/weeks/recent/schedules", json!({"entities": [{"id": "s0", "weekDate": "2026-11-16"}]})),
        ("/businessunits/b2/weeks/recent/schedules", json!({"entities": [{"id": "s1", "weekDate": "2026-11-16"}]})),
    ]
}

fn with_agents() -> Value {
    let unit = |id: &str, user: &str| json!({"managementUnit": {"id": id}, "agents": [{"id": user}]});
    json!({"id": "s1", "metadata": {"version": 9}, "managementUnits": [unit("m1", "u1"), unit("m2", "u2")]})
}

fn agent(user: &str) -> Value {
    json!({"user": {"id": user}, "metadata": {"version": 2, "modifiedBy": {"id": "x"}}, "shifts": [{
        "id": "sh", "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "manuallyEdited": false,
        "schedule": {"id": "s1"}, "activities": [{
            "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "activityCodeId": "on-queue", "description": "",
            "paid": true, "payableMinutes": 480,
        }],
    }], "fullDayTimeOffMarkers": [], "workPlan": {"id": "p1"}})
}

#[test]
fn an_agent_is_read_once_schedule_and_unit_are_known() {
    let call = read(&["u1", "u2"]);
    let mut answers = search();
    answers.push(("/businessunits/b2/weeks/2026-11-16/schedules/s1?expand=managementUnits.agents", with_agents()));
    let notes = told(&call, &answers);
    assert_eq!(notes.place("schedule/s1"), Some("b2/2026-11-16"));
    let request = GenesysCloud::new().request(&call, &notes);
    assert_eq!(request.path, format!("{W}{SCHEDULE}/agentschedules/query"));
    // One query asks one unit: the other agent has the next.
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body, json!({"managementUnitId": "m1", "userIds": ["u1"]}));
    let result = json!({"agentSchedules": [agent("u1")], "businessUnitTimeZone": "Europe/Paris"});
    let found = facts(&call, &answer(200, &json!({"status": "Complete", "result": result})));
    let Fact::Observed(shown) = &found[0] else { panic!("{found:?}") };
    assert_eq!((shown.version, shown.writer.as_deref()), (Some(2), Some("x")));
    let activity = json!({
        "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "activityCodeId": "on-queue", "paid": true,
    });
    let shift = json!({
        "id": "sh", "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "activities": [activity],
    });
    assert_eq!(shown.value["shifts"], json!([shift]));
    assert_eq!((&shown.value["userId"], &shown.value["workPlanId"]), (&json!("u1"), &json!("p1")));
    assert!(matches!(&found[1], Fact::Refused(evidence) if evidence.class == Class::Ambiguous));
}

#[test]
fn a_schedule_that_no_unit_has_is_absent() {
    let call = read(&["u1"]);
    let mut answers = search();
    answers[2].1 = json!({"entities": []});
    let notes = told(&call, &answers);
    assert_eq!(GenesysCloud::new().request(&call, &notes).path, format!("{W}/businessunits"));
    assert_eq!(facts(&call, &answer(200, &answers[0].1)), [Fact::Absent]);
}

#[test]
fn an_agent_that_a_schedule_does_not_have_is_absent() {
    let call = read(&["u9"]);
    let mut answers = search();
    answers.push(("/businessunits/b2/weeks/2026-11-16/schedules/s1?expand=managementUnits.agents", with_agents()));
    let notes = told(&call, &answers);
    assert_eq!(GenesysCloud::new().request(&call, &notes).path, format!("{W}{SCHEDULE}"));
    assert_eq!(facts(&call, &answer(200, &with_agents())), [Fact::Absent]);
}

fn move_shift() -> Call {
    let shift = |start: &str| {
        let activity = json!({"startDate": start, "lengthMinutes": 480, "activityCodeId": "on-queue"});
        json!({"shifts": [{"id": "sh", "startDate": start, "lengthMinutes": 480, "activities": [activity]}]})
    };
    let (from, to) = (shift("2026-11-16T08:00:00Z"), shift("2026-11-16T09:00:00Z"));
    Call::Write(vec![item("agent-schedule", "s1/u1", 2, from, to)])
}

#[test]
fn an_upload_names_the_versions_of_schedule_and_agent() {
    let (call, dialect) = (move_shift(), GenesysCloud::new());
    let mut notes = Notes::default();
    notes.set_place("schedule/s1", "b2/2026-11-16");
    let mut next = |body: Value| -> Request {
        let errand = dialect.errand(&call, &notes).unwrap();
        dialect.note(&call, &mut notes, &answer(200, &body)).unwrap();
        errand
    };
    assert_eq!(next(with_agents()).path, format!("{W}{SCHEDULE}"));
    let headers = json!({"Content-Encoding": "gzip", "x-purpose": "p"});
    let address = next(json!({"uploadKey": "k", "url": "https://files.example.net/k?sig=1", "headers": headers}));
    let put = next(Value::Null);
    assert_eq!(address.path, format!("{W}{SCHEDULE}/update/uploadurl"));
    let length: Value = serde_json::from_str(&address.body).unwrap();
    assert_eq!(length, json!({"contentLengthBytes": put.body.len()}));
    assert!(put.signed);
    assert_eq!(put.path, "https://files.example.net/k?sig=1");
    assert_eq!((put.header("content-encoding"), put.header("x-purpose")), (Some("gzip"), Some("p")));
    let activity = json!({
        "startDate": "2026-11-16T09:00:00Z", "lengthMinutes": 480, "activityCodeId": "on-queue", "description": "",
    });
    let shift = json!({
        "id": "sh", "startDate": "2026-11-16T09:00:00Z", "lengthMinutes": 480, "activities": [activity],
    });
    let content: Value = serde_json::from_str(&put.body).unwrap();
    let entry = json!({"userId": "u1", "metadata": {"version": 2}, "shifts": [shift]});
    assert_eq!(content, json!({"metadata": {"version": 9}, "agentSchedules": [entry]}));
    assert_eq!(dialect.errand(&call, &notes), None);
    let process = dialect.request(&call, &notes);
    assert_eq!((process.path, process.body), (format!("{W}{SCHEDULE}/update"), r#"{"uploadKey":"k"}"#.to_owned()));
}

#[test]
fn what_became_of_an_upload_nobody_says() {
    let found = facts(&move_shift(), &answer(202, &json!({"status": "Processing", "operationId": "o1"})));
    assert!(
        matches!(&found[0], Fact::Processing(one) if one.operation.as_deref() == Some("o1") && one.status.is_none())
    );
    let found = facts(&move_shift(), &refused(409, "request.conflict", "The request conflicts with the current state"));
    assert!(matches!(&found[0], Fact::Refused(evidence) if evidence.class == Class::Bare));
}

#[test]
fn a_publish_is_a_flag_of_an_upload() {
    let operation = OperationCall { resource: resource("week-schedule", "s1"), name: "publish".to_owned(), job: None };
    let (call, dialect) = (Call::Start(operation.clone()), GenesysCloud::new());
    let mut notes = Notes::default();
    notes.set_place("schedule/s1", "b2/2026-11-16");
    dialect.note(&call, &mut notes, &answer(200, &json!({"metadata": {"version": 9}}))).unwrap();
    dialect
        .note(&call, &mut notes, &answer(201, &json!({"uploadKey": "k", "url": "https://x/k", "headers": {}})))
        .unwrap();
    let put = dialect.errand(&call, &notes).unwrap();
    assert_eq!(put.body, r#"{"metadata":{"version":9},"published":true}"#);
    let status = |published: bool| {
        let body = json!({"id": "s1", "published": published, "metadata": {"version": 10}});
        let reply = dialect.reply(now(), &Call::Status(operation.clone()), &answer(200, &body));
        match reply.facts.as_slice() {
            [(_, Fact::Operation(status))] => (status.wanted, status.carried),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((status(false), status(true)), ((10, 0), (10, 10)));
}
