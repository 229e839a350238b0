//! Work plans, settings, time off, evaluations: their requests and answers.

use super::*;
use crate::genesys_cloud::tests::{W, answer, facts, item, refused, request, resource};
use ifmatch_core::{Call, Class};
use serde_json::json;

fn read(kind: &str, id: &str) -> String {
    request(&Call::Read(vec![resource(kind, id)])).0
}

fn written(kind: &str, id: &str, from: Value, to: Value) -> (String, Value) {
    request(&Call::Write(vec![item(kind, id, 1, from, to)]))
}

#[test]
fn records_are_read_where_they_lie() {
    assert_eq!(read("work-plan", "mu/p1"), format!("GET {W}/managementunits/mu/workplans/p1"));
    let settings = format!("GET {W}/businessunits/b%201?expand=settings");
    assert_eq!(read("business-unit-settings", "b 1"), settings);
    assert_eq!(read("time-off-request", "mu/u/r"), format!("GET {W}/managementunits/mu/users/u/timeoffrequests/r"));
    assert_eq!(read("evaluation", "c/e"), "GET /api/v2/quality/conversations/c/evaluations/e");
}

#[test]
fn a_write_names_what_differs_and_the_version() {
    let (line, body) = written(
        "work-plan",
        "mu/p1",
        json!({"name": "Full time", "weeklyExactPaidMinutes": 2400}),
        json!({"name": "Full time", "weeklyExactPaidMinutes": 2340}),
    );
    assert_eq!(line, format!("PATCH {W}/managementunits/mu/workplans/p1"));
    assert_eq!(body, json!({"weeklyExactPaidMinutes": 2340, "metadata": {"version": 1}}));
    let (_, body) =
        written("management-unit-settings", "mu", json!({}), json!({"adherence": {"adherenceTargetPercent": 9}}));
    assert_eq!(body, json!({"settings": {"adherence": {"adherenceTargetPercent": 9}, "metadata": {"version": 1}}}));
}

#[test]
fn dates_of_time_off_go_with_their_minutes() {
    let from = json!({"fullDayManagementUnitDates": ["2026-11-17"], "durationMinutes": [480], "notes": "n"});
    let to = json!({"fullDayManagementUnitDates": ["2026-11-18"], "durationMinutes": [480], "notes": "n"});
    let (_, body) = written("time-off-request", "mu/u/r", from, to);
    let wanted = json!({
        "fullDayManagementUnitDates": ["2026-11-18"], "durationMinutes": [480], "metadata": {"version": 1},
    });
    assert_eq!(body, wanted);
}

#[test]
fn an_evaluation_is_put_whole() {
    let record = json!({"id": "e", "conversation": {"id": "c"}, "status": "INPROGRESS"});
    let (line, body) = written("evaluation", "c/e", json!({}), record.clone());
    assert_eq!((line.as_str(), body), ("PUT /api/v2/quality/conversations/c/evaluations/e", record));
}

#[test]
fn an_answer_shows_record_version_writer_and_time() {
    let call = Call::Read(vec![resource("work-plan", "mu/p1")]);
    let plan = json!({"id": "p1", "name": "Full time", "optionalDays": {"values": ["Sunday"]}, "selfUri": "/x", "metadata": {
        "version": 4, "modifiedBy": {"id": "u9", "selfUri": "/y"}, "dateModified": "2026-11-16T05:00:00Z",
    }});
    let Some(Fact::Observed(shown)) = facts(&call, &answer(200, &plan)).pop() else { panic!("no record") };
    assert_eq!((shown.version, shown.writer.as_deref()), (Some(4), Some("u9")));
    assert_eq!(shown.modified_at.unwrap().to_string(), "2026-11-16T05:00:00Z");
    assert_eq!(shown.value["optionalDays"], json!(["Sunday"]));
    assert_eq!(shown.value["managementUnitId"], "mu");
    assert!(shown.value.get("selfUri").is_none());
    assert_eq!(facts(&call, &refused(404, "wfm.entity.not.found", "gone")), [Fact::Absent]);
}

#[test]
fn a_stale_write_is_stale_and_a_good_one_shows_the_record() {
    let call = Call::Write(vec![item("work-plan", "mu/p1", 1, json!({"name": "a"}), json!({"name": "b"}))]);
    let message = "Version of the request does not match the version on the backend";
    let facts_of = |response: ifmatch_core::Response| facts(&call, &response).pop();
    let Some(Fact::Refused(evidence)) = facts_of(refused(409, "wfm.transaction.conflict", message)) else {
        panic!("no refusal")
    };
    assert_eq!((evidence.class, evidence.label.as_str()), (Class::Stale, "409 wfm.transaction.conflict"));
    let body = json!({"id": "p1", "name": "b", "metadata": {"version": 2}});
    let Some(Fact::Written(written)) = facts_of(answer(200, &body)) else { panic!("not written") };
    assert_eq!((written.snapshot.version, written.shown), (Some(2), true));
    let Some(Fact::Written(written)) = facts_of(answer(200, &Value::Null)) else { panic!("not written") };
    assert_eq!((written.snapshot.version, written.shown), (None, false));
}

#[test]
fn an_evaluation_has_the_time_of_its_change() {
    let call = Call::Read(vec![resource("evaluation", "c/e")]);
    let body = json!({"id": "e", "changedDate": "2026-11-16T05:00:00Z", "answers": {"totalScore": 80}});
    let Some(Fact::Observed(shown)) = facts(&call, &answer(200, &body)).pop() else { panic!("no record") };
    assert_eq!(shown.version, Some(1_794_805_200_000));
}
