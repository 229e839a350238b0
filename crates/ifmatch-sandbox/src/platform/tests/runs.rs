//! Generations and reschedules.

use serde_json::{Value, json};

use super::week::Week;
use crate::time::DAY;

fn reschedule(week: &mut Week) -> crate::tests::rig::Answer {
    let body = json!({
        "startDate": "2026-03-09T00:00:00+00:00", "endDate": "2026-03-16T00:00:00+00:00",
        "managementUnitIds": [week.cloud.management_unit],
    });
    week.cloud.post(&format!("{}/reschedule", week.path), &body)
}

fn newest(week: &mut Week) -> String {
    let path = week.cloud.bu("/scheduling/runs");
    week.cloud.get(&path).body["entities"][0]["id"].as_str().unwrap().to_owned()
}

fn apply(week: &mut Week, run: &str, applied: bool) -> crate::tests::rig::Answer {
    let units = json!([{"managementUnitId": week.cloud.management_unit, "applied": applied}]);
    let path = week.cloud.bu(&format!("/scheduling/runs/{run}"));
    week.cloud.patch(&path, &json!({"reschedulingOptions": {"managementUnits": units}}))
}

#[test]
pub(super) fn a_generation_makes_a_schedule_like_the_newest_one() {
    let mut week = Week::calm();
    let path = week.cloud.bu("/weeks/2026-04-06/schedules/generate");
    let body = json!({
        "description": "Made", "weekCount": 1, "shortTermForecast": {"id": "f", "weekDate": "2026-04-06"},
    });
    let answer = week.cloud.post(&path, &body);
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("Processing")));
    let heard = week.heard();
    let states: Vec<&Value> = heard.iter().map(|notice| &notice["result"]["state"]).collect();
    assert_eq!(states, ["Scheduling", "Complete"]);
    let id = heard[1]["result"]["schedule"]["id"].as_str().unwrap().to_owned();
    let path = week.cloud.bu(&format!("/weeks/2026-04-06/schedules/{id}"));
    let made = week.cloud.get(&path).body;
    assert_eq!((&made["description"], &made["managementUnits"][0]["agentCount"]), (&json!("Made"), &json!(12)));
    let path = week.cloud.bu("/weeks/2026-04-06/schedules/generate");
    let none = week.cloud.post(&path, &json!({"description": "Made", "weekCount": 1}));
    assert_eq!(none.refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn one_reschedule_waits_at_a_time() {
    let mut week = Week::calm();
    assert_eq!(reschedule(&mut week).status, 202);
    assert_eq!(reschedule(&mut week).refusal(), (400, "wfm.not.allowed"));
    let run = newest(&mut week);
    assert_eq!(apply(&mut week, &run, true).refusal(), (400, "wfm.not.allowed"));
    week.heard();
    assert_eq!(reschedule(&mut week).refusal(), (400, "wfm.not.allowed"));
    let result = week.cloud.bu(&format!("/scheduling/runs/{run}/result"));
    let result = week.cloud.get(&result).body;
    assert!(result["agentSchedules"].is_array() || result["generationResults"].is_object(), "{result}");
    assert_eq!(apply(&mut week, &run, false).status, 204);
    assert_eq!(reschedule(&mut week).refusal(), (400, "wfm.not.allowed"));
    assert_eq!(apply(&mut week, &run, true).status, 204);
    assert_eq!(reschedule(&mut week).status, 202);
}

#[test]
pub(super) fn a_canceled_run_is_out_of_the_way_and_a_forgotten_one_in_a_week() {
    let mut week = Week::calm();
    reschedule(&mut week);
    let run = newest(&mut week);
    let path = week.cloud.bu(&format!("/scheduling/runs/{run}"));
    assert_eq!(week.cloud.delete(&path).status, 204);
    assert_eq!(week.cloud.get(&path).body["state"], "Canceled");
    let states: Vec<Value> = week.heard().iter().map(|notice| notice["status"].clone()).collect();
    assert_eq!(states, ["Processing", "Canceled"], "what was canceled does not end once more");
    assert_eq!(reschedule(&mut week).status, 202);
    week.heard();
    let run = newest(&mut week);
    assert_eq!(reschedule(&mut week).refusal(), (400, "wfm.not.allowed"));
    let path = week.cloud.bu(&format!("/scheduling/runs/{run}"));
    assert_eq!(week.cloud.delete(&path).status, 204);
    assert_eq!(week.cloud.get(&path).body["state"], "Canceled", "nobody applied what it proposed");
    assert_eq!(week.heard()[0]["status"], "Canceled");
    assert_eq!(reschedule(&mut week).status, 202);
    week.cloud.rig.now += 8 * DAY;
    let token = week.cloud.rig.sandbox.credentials();
    let token = week.cloud.rig.login(&token.client_id, &token.client_secret);
    week.cloud.rig.use_token(&token);
    assert_eq!(reschedule(&mut week).status, 202);
}
