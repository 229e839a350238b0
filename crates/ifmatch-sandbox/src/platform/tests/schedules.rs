//! Reads, blank schedules, copies, deletions, histories.

use serde_json::{Value, json};

use super::week::{Week, shortened};
use crate::tests::rig::SCHEDULES;

#[test]
pub(super) fn weeks_are_dates_and_recent_ones_lie_half_a_year_around() {
    let mut week = Week::calm();
    let mut list = |which: &str| {
        let (which, query) = which.split_once('?').unwrap_or((which, ""));
        let path = week.cloud.bu(&format!("/weeks/{which}/schedules?{query}"));
        week.cloud.get(&path)
    };
    assert_eq!(list("2026-03-09").body["entities"].as_array().unwrap().len(), 1);
    assert_eq!(list("2026-03-09T00%3A00%3A00.000Z").body["entities"].as_array().unwrap().len(), 1);
    assert_eq!(list("2026-03-10").body["entities"], json!([]));
    assert_eq!(list("recent").body["entities"].as_array().unwrap().len(), 2);
    for wrong in ["2026-03", "2026-02-30", "2026-03-09%2000:00:00%20+0000%20UTC", "soon"] {
        let refused = list(wrong);
        assert_eq!(refused.refusal(), (400, "wfm.validation.failure"), "{wrong}");
        assert_eq!(refused.body["message"], "Invalid week date ID in path parameter");
    }
    assert_eq!(list("recent?earliestWeekDate=2026-03-16").body["entities"][0]["weekDate"], "2026-03-16");
    assert_eq!(list("recent?latestWeekDate=never").refusal(), (400, "invalid.query.param.value"));
}

#[test]
pub(super) fn a_schedule_is_found_under_its_own_week_only() {
    let mut week = Week::calm();
    let other = week.path.replace("2026-03-09", "2026-03-16");
    assert_eq!(week.cloud.get(&other).refusal(), (404, "wfm.entity.not.found"));
    let seen = week.schedule();
    assert_eq!((&seen["weekCount"], &seen["managementUnits"][0]["agentCount"]), (&json!(1), &json!(12)));
    assert!(seen["managementUnits"][0].get("agents").is_none());
    let path = format!("{}?expand=managementUnits.agents", week.path);
    assert_eq!(week.cloud.get(&path).body["managementUnits"][0]["agents"].as_array().unwrap().len(), 12);
}

#[test]
pub(super) fn agents_of_a_large_schedule_are_downloaded() {
    let mut week = Week::with(|options| options.platform.download_above = Some(5));
    let path = format!("{}/agentschedules/query", week.path);
    let unit = week.cloud.management_unit.clone();
    let answer = week.cloud.post(&path, &json!({"managementUnitId": unit}));
    assert_eq!((&answer.body["status"], answer.body.get("result")), (&json!("Complete"), None));
    let place = answer.body["downloadUrl"].as_str().unwrap().strip_prefix("http://sandbox").unwrap().to_owned();
    week.cloud.rig.use_token("none is needed");
    let file = week.cloud.rig.get(&place);
    assert_eq!((file.status, file.body["agentSchedules"].as_array().unwrap().len()), (200, 12));
    assert_eq!(file.body["businessUnitTimeZone"], "Europe/Paris");
}

#[test]
pub(super) fn a_search_shows_what_is_published() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let user = agent["user"]["id"].clone();
    let path = week.cloud.bu("/agentschedules/search");
    let body = json!({"startDate": "2026-03-09T00:00:00Z", "endDate": "2026-03-12T00:00:00Z", "userIds": [user]});
    assert_eq!(week.cloud.post(&path, &body).body["result"]["agentSchedules"], json!([]));
    week.land_content(&json!({"metadata": {"version": 1}, "published": true}));
    let result = week.cloud.post(&path, &body).body["result"].clone();
    assert_eq!(result["agentSchedules"][0]["shifts"], json!(agent["shifts"].as_array().unwrap()[..3]));
    assert_eq!(result["publishedSchedules"][0]["id"], week.id.as_str());
    let path = week.cloud.mu("/agentschedules/search");
    assert_eq!(week.cloud.post(&path, &body).body["result"], result);
    let wrong = json!({"startDate": "2026-03-12T00:00:00Z", "endDate": "2026-03-09T00:00:00Z"});
    assert_eq!(week.cloud.post(&path, &wrong).refusal(), (400, "wfm.validation.failure"));
    let mine = week.cloud.post("/api/v2/workforcemanagement/agentschedules/mine", &body).body;
    assert_eq!((&mine["agentSchedules"], &mine["startDate"]), (&json!([]), &json!("2026-03-09T00:00:00Z")));
}

#[test]
pub(super) fn a_query_needs_its_unit_and_shows_nobody_of_another() {
    let mut week = Week::calm();
    let path = format!("{}/agentschedules/query", week.path);
    assert_eq!(week.cloud.post(&path, &json!({})).refusal(), (400, "wfm.validation.failure"));
    let other = week.cloud.post(&path, &json!({"managementUnitId": "another"}));
    assert_eq!(other.body["result"]["agentSchedules"], json!([]));
}

#[test]
pub(super) fn a_copy_keeps_local_times_over_a_change_of_the_clock() {
    let mut week = Week::calm();
    let path = format!("{}/copy", week.path);
    week.cloud.rig.sandbox.target.options.platform.jobs = crate::platform::options::Jobs::Async;
    let answer = week.cloud.post(&path, &json!({"description": "Summer", "weekDate": "2026-03-30"}));
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("Processing")));
    let notice = week.next();
    assert_eq!((&notice["status"], &notice["eventType"]), (&json!("Complete"), &json!("Copy")));
    let record = |week: &Week, id: &str| week.cloud.rig.sandbox.record(&format!("{SCHEDULES}/{id}")).unwrap();
    let (old, new) = (record(&week, &week.id), record(&week, notice["result"]["id"].as_str().unwrap()));
    let start = |record: &Value| record["agents"][0]["shifts"][0]["start"].as_str().unwrap().to_owned();
    let expected = start(&old).replace("2026-03-09", "2026-03-30").replace("+01:00", "+02:00");
    assert_eq!(start(&new), expected);
    assert_eq!(new["agents"].as_array().unwrap().len(), 12);
    assert_ne!(new["agents"][0]["shifts"][0]["id"], old["agents"][0]["shifts"][0]["id"]);
    let wrong = week.cloud.post(&path, &json!({"description": "", "weekDate": "2026-03-30"}));
    assert_eq!(wrong.refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn a_copy_may_be_there_with_the_answer() {
    let mut week = Week::calm();
    let path = format!("{}/copy", week.path);
    let answer = week.cloud.post(&path, &json!({"description": "At once", "weekDate": "2026-03-30"}));
    assert_eq!((answer.status, &answer.body["status"]), (201, &json!("Complete")));
    let copy = &answer.body["result"];
    let own = copy["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(week.cloud.get(&own).body["metadata"], copy["metadata"]);
    let notice = week.next();
    assert_eq!((&notice["operationId"], &notice["eventType"]), (&answer.body["operationId"], &json!("Copy")));
    let wrong = week.cloud.post(&path, &json!({"description": "x", "weekDate": "2026-04-01"}));
    assert_eq!(wrong.refusal(), (400, "wfm.validation.failure"), "a Wednesday");
}

#[test]
pub(super) fn a_blank_schedule_has_a_day_after_its_last_week() {
    let mut week = Week::calm();
    let path = week.cloud.bu("/weeks/2026-03-23/schedules");
    let blank = week.cloud.post(&path, &json!({"description": "One week", "weekCount": 1})).body;
    let unit = &blank["managementUnits"][0];
    // The clock changes on the 29th.
    assert_eq!(
        (&unit["startDate"], &unit["endDate"]),
        (&json!("2026-03-22T23:00:00Z"), &json!("2026-03-30T22:00:00Z"))
    );
    let path = format!("{}/copy", blank["selfUri"].as_str().unwrap());
    let copy = week.cloud.post(&path, &json!({"description": "Next", "weekDate": "2026-04-06"})).body["result"].clone();
    assert_eq!(
        (&copy["weekCount"], &copy["managementUnits"][0]["endDate"]),
        (&json!(1), &json!("2026-04-13T22:00:00Z"))
    );
    let path = format!("{}/copy", week.path);
    let copy = week.cloud.post(&path, &json!({"description": "Like", "weekDate": "2026-04-06"})).body["result"].clone();
    assert_eq!(copy["managementUnits"][0]["endDate"], "2026-04-12T22:00:00Z", "its model has no such day");
}

#[test]
pub(super) fn a_search_may_be_answered_later() {
    let mut week = Week::calm();
    week.land_content(&json!({"metadata": {"version": 1}, "published": true}));
    let body = json!({"startDate": "2026-03-09T00:00:00Z", "endDate": "2026-03-16T00:00:00Z"});
    for path in [week.cloud.bu("/agentschedules/search"), week.cloud.mu("/agentschedules/search")] {
        let at_once = week.cloud.post(&path, &body).body["result"].clone();
        assert!(!at_once["agentSchedules"].as_array().unwrap().is_empty());
        let answer = week.cloud.post(&format!("{path}?forceAsync=true"), &body).body;
        assert_eq!((&answer["status"], answer.get("result")), (&json!("Processing"), None));
        week.heard();
        let notice = week.cloud.rig.sandbox.notices().last().unwrap().clone();
        assert!(
            notice.topic.starts_with("v2.workforcemanagement.users.") && notice.topic.ends_with(".schedules.search")
        );
        assert_eq!(notice.body["operationId"], answer["operationId"]);
        let place = notice.body["downloadUrl"].as_str().unwrap().strip_prefix("http://sandbox").unwrap().to_owned();
        assert_eq!(week.cloud.rig.get(&place).body, at_once);
    }
}

#[test]
pub(super) fn a_blank_schedule_of_some_weeks_and_its_end() {
    let mut week = Week::calm();
    let path = week.cloud.bu("/weeks/2026-03-23/schedules");
    let blank = week.cloud.post(&path, &json!({"description": "Two weeks", "weekCount": 2}));
    assert_eq!((blank.status, &blank.body["weekCount"]), (201, &json!(2)));
    assert_eq!(blank.body["metadata"]["version"], 1);
    for body in [json!({"weekCount": 1}), json!({"description": "x", "weekCount": 7})] {
        assert_eq!(week.cloud.post(&path, &body).refusal(), (400, "wfm.validation.failure"));
    }
    let own = blank.body["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(week.cloud.get(&own).status, 200);
    assert_eq!(week.cloud.delete(&own).status, 202);
    let notice = week.next();
    assert_eq!((&notice["status"], &notice["eventType"]), (&json!("Complete"), &json!("Delete")));
    assert_eq!(week.cloud.get(&own).refusal(), (404, "wfm.entity.not.found"));
    let versions: Vec<_> = week.cloud.rig.sandbox.ledger().iter().map(|e| (e.from_version, e.to_version)).collect();
    assert_eq!(versions, [(None, 1), (Some(1), 2)]);
}

#[test]
pub(super) fn the_history_of_an_agent_is_told_change_by_change() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    week.land(json!([shortened(&agent)]));
    let now = week.agents()[0].clone();
    let gone = json!({"userId": now["user"]["id"], "metadata": {"version": 2}, "shifts": [
        {"id": now["shifts"][0]["id"], "delete": true},
    ]});
    week.land(json!([gone]));
    let path = format!("{}/history/agents/{}", week.path, agent["user"]["id"].as_str().unwrap());
    let history = week.cloud.get(&path).body;
    assert_eq!(history["basePublishedSchedule"]["shifts"].as_array().unwrap().len(), 5);
    let changes = history["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["shifts"], json!([now["shifts"][0]]));
    assert_eq!(changes[1]["deletes"]["shiftIds"], json!([now["shifts"][0]["id"]]));
    let nobody = format!("{}/history/agents/nobody", week.path);
    assert_eq!(week.cloud.get(&nobody).refusal(), (404, "wfm.entity.not.found"));
}
