//! Time-off requests, limits and balances.

use serde_json::{Value, json};

use super::rig::{Cloud, W};

fn agent(cloud: &Cloud) -> String {
    cloud.rig.sandbox.world()["agents"][5]["id"].as_str().unwrap().to_owned()
}

#[test]
pub(super) fn supervisors_write_under_a_version_and_agents_without() {
    let mut cloud = Cloud::calm();
    let user = agent(&cloud);
    cloud.rig.sandbox.calm_down();
    let create = json!({
        "status": "PENDING", "users": [{"id": user}], "activityCodeId": "time-off", "dailyDurationMinutes": 480,
        "fullDayManagementUnitDates": ["2026-03-20"], "notes": "first",
    });
    let made = cloud.post(&cloud.mu("/timeoffrequests"), &create);
    let request = made.body["timeOffRequests"][0].clone();
    assert_eq!((&request["syncVersion"], &request["isFullDayRequest"]), (&json!(1), &json!(true)));
    let path = request["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(cloud.get(&path).body, request);
    let approve = json!({"status": "APPROVED", "metadata": {"version": 1}});
    let approved = cloud.patch(&path, &approve).body;
    assert_eq!((&approved["syncVersion"], &approved["metadata"]["version"]), (&json!(2), &json!(2)));
    assert_eq!(approved["reviewedBy"]["id"], approved["modifiedBy"]["id"]);
    assert_eq!(cloud.patch(&path, &approve).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(cloud.patch(&path, &json!({"notes": "x"})).refusal(), (400, "wfm.validation.failure"));
    let topics: Vec<&str> = cloud.rig.sandbox.notices().iter().map(|notice| notice.topic.as_str()).collect();
    assert_eq!(topics, vec![format!("v2.users.{user}.workforcemanagement.timeoffrequests"); 2]);
    let wrong = json!({"status": "CANCELED", "metadata": {"version": 2}});
    assert_eq!(cloud.patch(&path, &wrong).refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn an_agents_own_requests() {
    let mut cloud = Cloud::calm();
    let user = agent(&cloud);
    let own = user.clone();
    let options = json!({"platform": {"clients_user": own}});
    assert_eq!(cloud.rig.post("/__sandbox/options", &options).status, 200);
    let create = json!({
        "activityCodeId": "time-off", "partialDayStartDateTimes": ["2026-03-20T09:00:00.000001+00:00"],
        "durationMinutes": [120],
    });
    let made = cloud.post(&format!("{W}/timeoffrequests"), &create).body;
    assert_eq!((&made["user"]["id"], &made["status"]), (&json!(user), &json!("PENDING")));
    let id = made["id"].as_str().unwrap();
    let path = format!("{W}/timeoffrequests/{id}");
    let changed = cloud.patch(&path, &json!({"markedAsRead": true})).body;
    assert_eq!((&changed["markedAsRead"], &changed["metadata"]["version"]), (&json!(true), &json!(2)));
    assert_eq!(cloud.patch(&path, &json!({"status": "CANCELED"})).status, 200);
    assert_eq!(cloud.patch(&path, &json!({"notes": "no"})).refusal(), (400, "wfm.not.allowed"));
    assert_eq!(cloud.get(&path).body["status"], "CANCELED");
    let listed = cloud.get(&format!("{W}/timeoffrequests")).body;
    assert_eq!(cloud.get(&cloud.mu(&format!("/users/{user}/timeoffrequests"))).body, listed);
    assert_eq!((&made["dailyDurationMinutes"], &made["payableMinutes"]), (&json!(120), &json!([120])));
    assert_eq!(listed["timeOffRequests"][0]["id"], made["id"]);
    let bad =
        json!({"activityCodeId": "time-off", "fullDayManagementUnitDates": ["2026-03-20"], "durationMinutes": [1, 2]});
    assert_eq!(cloud.post(&format!("{W}/timeoffrequests"), &bad).refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn requests_are_found_by_user_state_and_dates() {
    let mut cloud = Cloud::calm();
    let query = cloud.mu("/timeoffrequests/query");
    let pending = cloud.post(&query, &json!({"statuses": ["PENDING"]})).body;
    let first = pending["entities"][0].clone();
    let body = json!({
        "userIds": [first["user"]["id"]], "dateRange": {"startDate": "2026-03-01", "endDate": "2026-03-31"},
    });
    assert_eq!(cloud.post(&query, &body).body["entities"], json!([first]));
    let long = json!({"dateRange": {"startDate": "2026-03-01", "endDate": "2026-05-31"}});
    assert_eq!(cloud.post(&query, &long).refusal(), (400, "wfm.validation.failure"));
    let later = json!({"dateRange": {"startDate": "2026-05-01T00:00:00Z", "endDate": "2026-05-31T00:00:00Z"}});
    assert_eq!(cloud.post(&query, &later).body["entities"], json!([]));
}

#[test]
pub(super) fn limit_values_are_set_under_the_limits_version() {
    let mut cloud = Cloud::calm();
    for (path, name) in [(cloud.bu(""), "limitMinutesPerDay"), (cloud.mu(""), "limitMinutesPerInterval")] {
        let limit = cloud.get(&format!("{path}/timeofflimits")).body["entities"][0].clone();
        let one = limit["selfUri"].as_str().unwrap().to_owned();
        let values = json!({
            "values": [{"startDate": "2026-03-16", name: [480, 960]}], "metadata": {"version": 1},
        });
        let set = cloud.put(&format!("{one}/values"), &values);
        assert_eq!((set.status, &set.body["metadata"]["version"]), (200, &json!(2)));
        assert_eq!(cloud.put(&format!("{one}/values"), &values).refusal(), (409, "wfm.transaction.conflict"));
        let twice = json!({
            "values": [{"startDate": "2026-03-16", name: [1, 2]}, {"startDate": "2026-03-17", name: [3]}],
            "metadata": {"version": 2},
        });
        assert_eq!(cloud.put(&format!("{one}/values"), &twice).refusal(), (400, "wfm.validation.failure"));
        let ranges = json!({"dateRanges": [{"startDate": "2026-03-16", "endDate": "2026-03-17"}]});
        let all = cloud.post(&format!("{path}/timeofflimits/values/query"), &ranges).body;
        assert_eq!(all["values"][0]["limitMinutesPerInterval"], json!([480, 960]));
    }
    let one = cloud.get(&cloud.bu("/timeofflimits")).body["entities"][0]["selfUri"].as_str().unwrap().to_owned();
    let ranges = json!({"dateRanges": [{"startDate": "2026-03-17", "endDate": "2026-03-18"}]});
    let values = cloud.post(&format!("{one}/values/query"), &ranges).body;
    let day = &values["limitValues"][0];
    assert_eq!((&day["startDate"], &day["valuesPerDay"]["limitMinutes"]), (&json!("2026-03-17"), &json!([960])));
}

#[test]
pub(super) fn a_limit_of_a_business_unit_is_made_and_deleted() {
    let mut cloud = Cloud::calm();
    let limit = json!({"granularity": "Daily", "managementUnitId": cloud.management_unit});
    let made = cloud.post(&cloud.bu("/timeofflimits"), &limit);
    assert_eq!((made.status, &made.body["managementUnit"]["id"]), (201, &json!(cloud.management_unit)));
    let path = made.body["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(cloud.get(&path).body, made.body);
    assert_eq!(cloud.delete(&path).status, 204);
    assert_eq!(cloud.get(&path).refusal(), (404, "wfm.entity.not.found"));
}

#[test]
pub(super) fn balances_come_at_once_or_from_a_job() {
    let mut cloud = Cloud::calm();
    let user = agent(&cloud);
    let path = cloud.mu(&format!("/users/{user}/timeoffbalance/jobs"));
    let body =
        json!({"activityCodeIds": ["time-off"], "dateRanges": [{"startDate": "2026-03-16", "endDate": "2026-03-17"}]});
    let now = cloud.post(&path, &body);
    assert_eq!((now.status, &now.body["entities"][0]["balanceMinutesPerDay"]), (200, &json!([12_000, 12_000])));
    assert_eq!(cloud.post(&format!("{W}/timeoffbalance/jobs"), &body).body, now.body);
    let later = cloud.post(&format!("{path}?forceAsync=true"), &body);
    assert_eq!(later.status, 202);
    let job = later.body["job"]["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(cloud.get(&job).body["status"], "Processing");
    cloud.rig.now += 2_000;
    let done = cloud.get(&job).body;
    assert_eq!((&done["status"], &done["entities"]), (&json!("Complete"), &now.body["entities"]));
    cloud.rig.sandbox.add_client("other", "s", "Other");
    let token = cloud.rig.login("other", "s");
    cloud.rig.use_token(&token);
    assert_eq!(cloud.get(&job).refusal(), (404, "job.not.found"));
    assert_eq!(cloud.get(&job).body["errors"], Value::Array(Vec::new()));
}
