//! Uploads: what they change, what stands against them, and what their end tells.

use serde_json::{Value, json};

use super::week::{Week, entry, shortened};
use crate::{
    AgentWriteRaises, Constraint, StaleAgent, StaleUpload,
    tests::rig::{Rig, SCHEDULES},
};

fn version(value: &Value) -> u64 {
    value["metadata"]["version"].as_u64().unwrap()
}

/// An upload that fails: its notice has no reason and nothing has changed.
fn fails(week: &mut Week, agents: Value) {
    let (before, ledger) = (week.agents(), week.cloud.rig.sandbox.ledger().len());
    let notice = week.land(agents);
    let names: Vec<&String> = notice.as_object().unwrap().keys().collect();
    assert_eq!(names, ["eventType", "operationId", "status"]);
    assert_eq!((&notice["status"], &notice["eventType"]), (&json!("Error"), &json!("Update")));
    assert_eq!(week.cloud.rig.sandbox.ledger().len(), ledger);
    assert_eq!(week.agents(), before);
}

#[test]
pub(super) fn both_apis_show_the_same_shift_and_the_same_versions() {
    let mut week = Week::calm();
    let (before, agent) = (week.schedule(), week.agents()[0].clone());
    let notice = week.land(json!([shortened(&agent)]));
    assert_eq!(notice["status"], "Complete");
    let (after, now) = (week.schedule(), week.agent(&agent["user"]["id"]).unwrap());
    assert_eq!(version(&after), version(&before) + 1);
    assert_eq!(version(&now), version(&agent) + 1);
    assert_eq!(notice["result"]["metadata"]["version"], version(&after));
    let user = agent["user"]["id"].as_str().unwrap();
    let other = week.cloud.rig.agent(&week.id.clone(), user);
    assert_eq!(other["version"], version(&now));
    assert_eq!(other["shifts"][0]["length_minutes"], now["shifts"][0]["lengthMinutes"]);
    assert_eq!(other["shifts"][0]["activities"][0]["code"], now["shifts"][0]["activities"][0]["activityCodeId"]);
    let paths: Vec<&str> = week.cloud.rig.sandbox.ledger().iter().map(|entry| entry.path.as_str()).collect();
    let path = format!("{SCHEDULES}/{}", week.id);
    assert_eq!(paths, [format!("{path}/agents/{user}"), path]);
}

#[test]
pub(super) fn an_agent_sent_as_it_was_read_is_not_changed() {
    let mut week = Week::calm();
    let (schedule, agents) = (week.schedule(), week.agents());
    let notice = week.land(agents.iter().map(entry).collect());
    assert_eq!(notice["status"], "Complete");
    assert_eq!((week.schedule(), week.agents()), (schedule, agents));
    assert!(week.cloud.rig.sandbox.ledger().is_empty());
}

#[test]
pub(super) fn a_write_of_an_agent_may_leave_the_schedules_version() {
    let mut week = Week::with(|options| options.agent_write_raises = AgentWriteRaises::AgentOnly);
    let (before, agent) = (week.schedule(), week.agents()[0].clone());
    week.land(json!([shortened(&agent)]));
    assert_eq!(version(&week.schedule()), version(&before));
    assert_eq!(version(&week.agents()[0]), version(&agent) + 1);
}

#[test]
pub(super) fn a_stale_schedule_fails_at_the_end_or_at_once() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let stale = json!({"metadata": {"version": 1}, "agentSchedules": [shortened(&agent)]});
    week.land_content(&stale);
    let notice = week.land_content(&stale);
    assert_eq!((&notice["status"], notice.get("result")), (&json!("Error"), None));

    let mut week = Week::with(|options| options.platform.stale_upload = StaleUpload::Refused);
    week.land_content(&stale);
    let key = week.uploaded(&stale);
    assert_eq!(week.update(&key).refusal(), (409, "request.conflict"));
    assert!(week.heard().is_empty());
}

#[test]
pub(super) fn what_came_between_the_request_and_its_processing_makes_it_stale() {
    let mut week = Week::with(|options| options.platform.stale_upload = StaleUpload::Refused);
    let agents = week.agents();
    let content = |agent: &Value| json!({"metadata": {"version": 1}, "agentSchedules": [shortened(agent)]});
    let keys = [week.uploaded(&content(&agents[0])), week.uploaded(&content(&agents[1]))];
    for key in &keys {
        assert_eq!(week.update(key).status, 202);
    }
    let ends: Vec<Value> = week.heard().iter().map(|notice| notice["status"].clone()).collect();
    assert_eq!(ends, ["Complete", "Error"]);
}

#[test]
pub(super) fn a_stale_agent_fails_the_upload_or_is_left_out() {
    let two = |week: &mut Week| {
        let agents = week.agents();
        week.land(json!([shortened(&agents[0])]));
        json!([shortened(&agents[0]), shortened(&agents[1])])
    };
    let mut week = Week::calm();
    let agents = two(&mut week);
    fails(&mut week, agents);

    let mut week = Week::with(|options| options.platform.stale_agent = StaleAgent::SkipsAgent);
    let agents = two(&mut week);
    let notice = week.land(agents);
    assert_eq!(notice["status"], "Complete");
    let versions: Vec<u64> = week.agents().iter().take(3).map(version).collect();
    assert_eq!(versions, [2, 2, 1]);
}

#[test]
pub(super) fn the_version_is_for_agents_that_are_there_and_for_those_it_is_required() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let mut unversioned = shortened(&agent);
    unversioned["metadata"] = Value::Null;
    fails(&mut week, json!([unversioned]));
    let user = agent["user"]["id"].clone();
    let gone = json!({"userId": user, "metadata": {"version": 1}, "delete": true});
    assert_eq!(week.land(json!([gone]))["status"], "Complete");
    assert_eq!(week.agent(&user), None);
    fails(&mut week, json!([gone]));
    fails(&mut week, json!([entry(&agent)]));
    let back = json!({"userId": user, "shifts": agent["shifts"]});
    assert_eq!(week.land(json!([back]))["status"], "Complete");
    assert_eq!(week.agent(&user).unwrap()["shifts"], agent["shifts"]);
    fails(&mut week, json!([{"userId": "nobody", "shifts": []}]));
}

#[test]
pub(super) fn the_rules_of_the_business_hold() {
    let mut week = Week::with(|options| options.rest_minutes_min = 600);
    let agent = week.agents()[0].clone();
    let put = |start: &str, minutes: i64, activities: Value| {
        let shift = json!({"startDate": start, "lengthMinutes": minutes, "activities": activities});
        json!([{"userId": agent["user"]["id"], "metadata": {"version": 1}, "shifts": [shift]}])
    };
    let first = agent["shifts"][0]["startDate"].as_str().unwrap();
    fails(&mut week, put(first, 60, json!([])));
    fails(&mut week, put("2027-03-09T08:00:00Z", 60, json!([])));
    let outside = json!([{
        "startDate": "2026-03-15T07:00:00Z", "lengthMinutes": 60, "description": "", "activityCodeId": "meal",
    }]);
    fails(&mut week, put("2026-03-15T08:00:00Z", 60, outside));
    fails(&mut week, put("soon", 60, json!([])));
    fails(&mut week, put("2026-03-15T08:00:00Z", 0, json!([])));
    let entry = entry(&agent);
    fails(&mut week, json!([entry, entry]));
    assert_eq!(week.land(put("2026-03-15T08:00:00Z", 60, json!([])))["status"], "Complete");
}

#[test]
pub(super) fn an_unknown_activity_code_fails_an_upload() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let mut own = entry(&agent);
    own["shifts"][0]["activities"][0]["activityCodeId"] = json!("nope");
    assert_eq!(week.land(json!([own]))["status"], "Error");
    assert_eq!(week.agent(&agent["user"]["id"]), Some(agent.clone()), "nothing of it landed");
    own["shifts"][0]["activities"][0]["activityCodeId"] = json!("training");
    assert_eq!(week.land(json!([own]))["status"], "Complete");
}

#[test]
pub(super) fn locks_and_constraints_fail_an_upload() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let user = agent["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("{SCHEDULES}/{}/agents/{user}", week.id);
    week.cloud.rig.sandbox.lock(week.cloud.rig.now, &path, 60).unwrap();
    fails(&mut week, json!([shortened(&agent)]));

    let mut scenario = crate::Scenario::named("calm", 1).unwrap();
    scenario.world.agents = 12;
    scenario.constraints = vec![Constraint {
        records_min: 0,
        path: SCHEDULES.to_owned(),
        body: None,
        while_trade: None,
        status: 409,
        code: "staffing".to_owned(),
        message: "Too few".to_owned(),
        names: false,
        from_ms: 0,
        until_ms: None,
    }];
    let mut week = Week::of(super::rig::Cloud::of(Rig::of(scenario, 1)));
    let agent = week.agents()[0].clone();
    fails(&mut week, json!([shortened(&agent)]));
}

#[test]
pub(super) fn an_upload_may_publish_what_it_leaves() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    assert_eq!(week.schedule()["published"], false);
    let content = json!({
        "metadata": {"version": 1}, "agentSchedules": [shortened(&agent)], "published": true, "description": "Final",
    });
    let notice = week.land_content(&content);
    assert_eq!((&notice["status"], &notice["result"]["published"]), (&json!("Complete"), &json!(true)));
    let seen = week.schedule();
    assert_eq!((&seen["published"], &seen["description"]), (&json!(true), &json!("Final")));
    let other = week.cloud.rig.sandbox.record(&format!("{SCHEDULES}/{}", week.id)).unwrap();
    assert_eq!((&other["state"], &other["version"]), (&json!("published"), &seen["metadata"]["version"]));
    assert_eq!(other["published_revision"], other["draft_revision"]);
    let path = week.cloud.bu("/weeks/recent/schedules?includeOnlyPublished=true");
    assert_eq!(week.cloud.get(&path).body["entities"].as_array().unwrap().len(), 1);
}

#[test]
pub(super) fn what_only_this_api_knows_survives_a_write_of_the_other() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let mut sent = entry(&agent);
    sent["shifts"][0]["activities"][0]["description"] = json!("Hand-over");
    sent["shifts"][0]["activities"][0]["paid"] = json!(false);
    sent["shifts"][0]["activities"][0]["payableMinutes"] = json!(0);
    week.land(json!([sent]));
    let user = agent["user"]["id"].clone();
    assert_eq!(week.agent(&user).unwrap()["shifts"], sent["shifts"]);
    let path = format!("{SCHEDULES}/{}", week.id);
    let document = week.cloud.rig.sandbox.record(&path).unwrap();
    let mut shift =
        document["agents"].as_array().unwrap().iter().find(|a| a["agent_id"] == user).unwrap()["shifts"][0].clone();
    assert!(shift["activities"][0].get("description").is_none());
    shift["activities"][0]["code"] = json!("training");
    let body = json!({"version": document["version"], "agents": [{"agent_id": user, "shifts": [shift]}]});
    assert_eq!(week.cloud.rig.patch(&path, &body).status, 200);
    let activity = &week.agent(&user).unwrap()["shifts"][0]["activities"][0];
    assert_eq!((&activity["activityCodeId"], &activity["description"]), (&json!("training"), &json!("Hand-over")));
}

#[test]
pub(super) fn an_address_takes_what_was_signed_and_its_key_counts_once() {
    let mut week = Week::calm();
    let content = json!({"metadata": {"version": 1}});
    let place = week.cloud.post(&format!("{}/update/uploadurl", week.path), &json!({"contentLengthBytes": 9})).body;
    let key = &place["uploadKey"];
    let signed = [("Content-Encoding", "gzip"), ("x-upload-purpose", "schedules")];
    assert_eq!(week.put(key, &signed[..1], &content).status, 403);
    assert_eq!(week.put(key, &[signed[0], signed[1], ("Authorization", "Bearer t")], &content).status, 403);
    assert_eq!(week.put(&json!("unknown"), &signed, &content).status, 404);
    assert_eq!(week.update(key).refusal(), (400, "wfm.validation.failure"));
    assert_eq!(week.put(key, &signed, &content).status, 200);
    let import = week.path.rsplit_once('/').unwrap().0.to_owned() + "/import";
    assert_eq!(week.cloud.post(&import, &json!({"uploadKey": key})).refusal(), (400, "wfm.validation.failure"));
    assert_eq!(week.update(key).status, 202);
    assert_eq!(week.update(key).refusal(), (400, "wfm.validation.failure"));
    let none = week.cloud.post(&format!("{}/update/uploadurl", week.path), &json!({}));
    assert_eq!(none.refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn one_request_names_ten_teams_at_most() {
    let mut week = Week::calm();
    let teams: Vec<String> = (0..11).map(|number| format!("team-{number}")).collect();
    let path = format!("{}/update", week.path);
    let refused = week.cloud.post(&path, &json!({"uploadKey": "k", "teamIds": teams}));
    assert_eq!(refused.refusal(), (400, "wfm.too.many.teams.requested"));
}

#[test]
pub(super) fn an_import_makes_a_schedule_and_a_bad_one_makes_none() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    let base = week.path.rsplit_once('/').unwrap().0.to_owned();
    let mut import = |content: Value| {
        let place = week.cloud.post(&format!("{base}/import/uploadurl"), &json!({"contentLengthBytes": 9})).body;
        let signed = [("Content-Encoding", "gzip"), ("x-upload-purpose", "schedules")];
        assert_eq!(week.put(&place["uploadKey"], &signed, &content).status, 200);
        let answer = week.cloud.post(&format!("{base}/import"), &json!({"uploadKey": place["uploadKey"]}));
        assert_eq!(answer.status, 202);
        week.next()
    };
    let agents = json!([{"userId": agent["user"]["id"], "shifts": agent["shifts"]}]);
    let notice = import(json!({"description": "Other", "weekCount": 1, "published": true, "agentSchedules": agents}));
    assert_eq!((&notice["status"], &notice["eventType"]), (&json!("Complete"), &json!("Import")));
    assert_eq!((&notice["result"]["description"], &notice["result"]["published"]), (&json!("Other"), &json!(true)));
    for content in [json!({"weekCount": 1}), json!({"description": "x", "weekCount": 9}), json!([])] {
        assert_eq!(import(content)["status"], "Error");
    }
}
