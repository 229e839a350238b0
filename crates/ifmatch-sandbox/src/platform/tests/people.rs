//! Agents of a unit, users, explanations, alternative shifts, opportunities, capacity plans.

use serde_json::json;

use super::rig::{Cloud, W};

#[test]
pub(super) fn agents_are_schedulable_or_not() {
    let mut cloud = Cloud::calm();
    let users = cloud.get(&cloud.mu("/users")).body["entities"].clone();
    let id = users[0]["id"].as_str().unwrap().to_owned();
    let path = cloud.mu(&format!("/agents/{id}"));
    let agent = cloud.get(&path).body;
    assert_eq!((&agent["schedulable"], &agent["metadata"]["version"]), (&json!(true), &json!(1)));
    assert!(agent["workPlan"]["id"].is_string());
    let change = json!({"entities": [{"userId": id, "schedulable": false}]});
    assert_eq!(cloud.patch(&cloud.mu("/agents"), &change).status, 204);
    let agent = cloud.get(&path).body;
    assert_eq!((&agent["schedulable"], &agent["metadata"]["version"]), (&json!(false), &json!(2)));
    let unknown = json!({"entities": [{"userId": id, "schedulable": true}, {"userId": "none", "schedulable": true}]});
    assert_eq!(cloud.patch(&cloud.mu("/agents"), &unknown).refusal(), (400, "wfm.entity.not.found"));
    assert_eq!(cloud.get(&path).body["schedulable"], false, "none of them was written");
    assert_eq!(cloud.get(&cloud.mu("/agents/none")).refusal(), (404, "wfm.entity.not.found"));
    assert_eq!(cloud.get(&cloud.bu("/users")).body["managementUnits"][0]["users"], users);
    assert_eq!(
        cloud.get(&format!("{W}/agents/{id}/managementunit")).body["managementUnit"]["id"],
        cloud.management_unit
    );
    assert_eq!(cloud.get(&format!("{W}/agents/me/managementunit")).body["businessUnit"]["id"], cloud.business_unit);
    let user = cloud.get(&format!("/api/v2/users/{id}")).body;
    assert_eq!((&user["id"], &user["state"]), (&json!(id), &json!("active")));
    assert_eq!(cloud.get("/api/v2/users?pageSize=5").body["entities"].as_array().unwrap().len(), 5);
}

#[test]
pub(super) fn work_plans_are_assigned_agent_by_agent() {
    let mut cloud = Cloud::calm();
    let user = cloud.rig.sandbox.world()["agents"][0]["id"].clone();
    let plan = cloud.post(&cloud.mu("/workplans"), &json!({"name": "Night"})).body;
    let entity =
        |user: &serde_json::Value, plan: &serde_json::Value| json!({"userId": user, "workPlanId": {"value": plan}});
    let body = json!({"entities": [entity(&user, &plan["id"]), entity(&json!("nobody"), &plan["id"]), entity(&user, &json!("none"))]});
    let failures = cloud.patch(&cloud.mu("/agents/workplans/bulk"), &body).body["failures"].clone();
    assert_eq!(
        (&failures[0]["failure"], &failures[1]["failure"]),
        (&json!("AgentNotInManagementUnit"), &json!("WorkPlanNotFound"))
    );
    let agent = cloud.get(&cloud.mu(&format!("/agents/{}", user.as_str().unwrap()))).body;
    assert_eq!(agent["workPlan"]["id"], plan["id"]);
    cloud.rig.sandbox.target.options.replica_lag_ms = 1_000;
    cloud.rig.now += 2_000;
    let none = json!({"entities": [{"userId": user, "workPlanId": {"value": null}}]});
    let path = cloud.mu(&format!("/agents/{}", user.as_str().unwrap()));
    cloud.patch(&cloud.mu("/agents/workplans/bulk"), &none);
    assert_eq!(cloud.get(&path).body["workPlan"]["id"], plan["id"], "the replica is behind");
    cloud.rig.now += 1_000;
    assert!(cloud.get(&path).body.get("workPlan").is_none());
    let rotation = json!({
        "name": "R", "dateRange": {"startBusinessUnitDate": "2026-03-09"}, "pattern": {"workPlanIds": [plan["id"]]},
    });
    assert_eq!(cloud.post(&cloud.mu("/workplanrotations"), &rotation).status, 201);
    assert_eq!(cloud.delete(plan["selfUri"].as_str().unwrap()).refusal(), (400, "wfm.not.allowed"));
}

#[test]
pub(super) fn users_are_asked_for_their_staffing_groups() {
    let mut cloud = Cloud::calm();
    let user = cloud.rig.sandbox.world()["agents"][0]["id"].clone();
    let group = json!({
        "name": "Night", "userIds": [user], "managementUnitId": cloud.management_unit, "planningGroupIds": [],
    });
    let group = cloud.post(&cloud.bu("/staffinggroups"), &group).body;
    let found = cloud.post(&cloud.bu("/staffinggroups/query"), &json!({"userIds": [user, "nobody"]})).body;
    assert!(found["entities"][0].to_string().contains(group["id"].as_str().unwrap()), "{found}");
}

#[test]
pub(super) fn explanations_are_added_and_decided_by_jobs() {
    let mut cloud = Cloud::calm();
    let id = cloud.rig.sandbox.world()["agents"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{W}/agents/{id}/adherence/explanations");
    let body = json!({"type": "Late", "startDate": "2026-03-09T08:00:00", "lengthMinutes": 10, "notes": "train"});
    let begun = cloud.post(&path, &body);
    assert_eq!((begun.status, &begun.body["job"]["status"]), (202, &json!("Processing")));
    cloud.rig.now += 2_000;
    let job = cloud.get(begun.body["job"]["selfUri"].as_str().unwrap()).body;
    let made = job["adherenceExplanation"].clone();
    assert_eq!(
        (&job["status"], &made["status"], &made["startDate"]),
        (&json!("Complete"), &json!("Pending"), &json!("2026-03-09T08:00:00Z"))
    );
    let one = made["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(cloud.patch(&one, &json!({"status": "Approved"})).status, 202);
    assert_eq!(cloud.get(&one).body["status"], "Pending");
    cloud.rig.now += 2_000;
    assert_eq!(cloud.get(&one).body["status"], "Approved");
    let range = json!({"startDate": "2026-03-09T00:00:00.000Z", "endDate": "2026-03-10T00:00:00.000Z"});
    for query in [format!("{path}/query"), cloud.bu("/adherence/explanations/query")] {
        assert_eq!(cloud.post(&query, &range).body["result"]["entities"][0]["id"], made["id"]);
    }
    assert_eq!(cloud.post(&path, &json!({"type": "Early"})).refusal(), (400, "wfm.bad.request"));
    let begun = cloud.post(&format!("{W}/adherence/explanations"), &body).body;
    cloud.rig.now += 2_000;
    let job = cloud.get(begun["job"]["selfUri"].as_str().unwrap()).body;
    let own = format!("{W}/adherence/explanations/{}", job["adherenceExplanation"]["id"].as_str().unwrap());
    assert_eq!(cloud.get(&own).body, job["adherenceExplanation"]);
}

#[test]
pub(super) fn alternative_shift_trades_are_decided_in_bulk() {
    let mut cloud = Cloud::calm();
    let found =
        cloud.post(&cloud.bu("/alternativeshifts/trades/search"), &json!({})).body["result"]["entities"].clone();
    let ids: Vec<String> = (0..3).map(|n| found[n]["id"].as_str().unwrap().to_owned()).collect();
    let jobs = format!("{W}/alternativeshifts/trades/state/jobs");
    let entity = |id: &str, version: u64| json!({"tradeId": id, "state": "Approved", "metadata": {"version": version}});
    let unit = cloud.management_unit.clone();
    let body = |entities: Vec<serde_json::Value>| json!({"managementUnitId": unit, "entities": entities});
    let stale = body(vec![entity(&ids[0], 1), entity(&ids[1], 7)]);
    assert_eq!(cloud.patch(&jobs, &stale).refusal(), (409, "wfm.transaction.conflict"));
    let begun = cloud.patch(&jobs, &body(vec![entity(&ids[0], 1), entity(&ids[1], 1)]));
    assert_eq!(begun.status, 202);
    let own = format!("{W}/alternativeshifts/trades/{}", ids[1]);
    let stale = json!({"state": "Canceled", "metadata": {"version": 7}});
    assert_eq!(cloud.patch(&own, &stale).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(cloud.patch(&own, &json!({"state": "Canceled", "metadata": {"version": 1}})).body["state"], "Canceled");
    cloud.rig.now += 2_000;
    let job = cloud.get(&format!("{jobs}/{}", begun.body["job"]["id"].as_str().unwrap())).body;
    let results = &job["bulkUpdateTradesResults"]["entities"];
    assert_eq!((&results[0]["state"], &results[0]["metadata"]["version"]), (&json!("Approved"), &json!(2)));
    assert_eq!(
        (&results[1]["state"], &results[1]["failureReason"]),
        (&json!("Canceled"), &json!("TransitionNotAllowed"))
    );
    assert_eq!(cloud.get(&own).body["state"], "Canceled");
    let late = json!({"state": "Canceled", "metadata": {"version": 2}});
    assert_eq!(cloud.patch(&own, &late).refusal(), (400, "wfm.bad.request"));
    let shown = cloud.get(&own).body;
    assert_eq!(cloud.get(&cloud.bu(&format!("/alternativeshifts/trades/{}", ids[1]))).body, shown);
    assert_eq!(
        cloud.get(&format!("{W}/alternativeshifts/trades")).body["result"]["entities"].as_array().unwrap().len(),
        3
    );
    assert_eq!(cloud.get(&format!("{W}/alternativeshifts/settings")).body["metadata"]["version"], 1);
}

#[test]
pub(super) fn an_opportunity_is_changed_while_it_is_a_draft() {
    let mut cloud = Cloud::calm();
    let add = json!({"agentIds": ["a"], "opportunities": [{
        "startDate": "2026-03-09T08:00:00Z", "endDate": "2026-03-09T10:00:00Z", "deadlineDate": "2026-03-09T07:00:00Z",
        "name": "Extra", "activityCodeId": "on-queue", "capacity": 2,
    }]});
    let made = cloud.post(&cloud.bu("/opportunities/bulk/add"), &add);
    assert_eq!((made.status, &made.body["opportunities"][0]["status"]), (201, &json!("Draft")));
    let id = made.body["opportunities"][0]["id"].clone();
    let path = cloud.bu(&format!("/opportunities/{}", id.as_str().unwrap()));
    let change = json!({"capacity": 3, "description": {"value": "more"}, "agentIds": {"values": ["a", "b"]}, "metadata": {"version": 1}});
    assert_eq!(cloud.patch(&path, &change).body["agentCount"], 2);
    assert_eq!(cloud.patch(&path, &change).refusal(), (409, "wfm.transaction.conflict"));
    let publish = cloud.post(&cloud.bu("/opportunities/bulk/publish"), &json!({"ids": [id, "none"]})).body;
    assert_eq!(
        (&publish["errorCount"], &publish["results"][1]["error"]["errorCode"]),
        (&json!(1), &json!("OpportunityNotFound"))
    );
    let late = json!({"capacity": 4, "metadata": {"version": 3}});
    assert_eq!(cloud.patch(&path, &late).refusal(), (400, "wfm.validation.failure"));
    assert_eq!(cloud.get(&path).body["agentIds"], json!(["a", "b"]));
    let range = json!({"range": {"startDate": "2026-03-09T00:00:00Z", "endDate": "2026-03-10T00:00:00Z"}});
    assert_eq!(
        cloud.post(&cloud.bu("/opportunities/query"), &range).body["result"]["opportunities"][0]["status"],
        "Published"
    );
    let close = json!({"opportunityIds": [id], "status": "Closed"});
    assert_eq!(cloud.post(&cloud.bu("/opportunities/bulk/statuses/update"), &close).body["errorCount"], 0);
    assert_eq!(
        cloud.post(&cloud.bu("/opportunities/bulk/remove"), &json!({"ids": [id]})).body["results"][0]["status"],
        "Complete"
    );
    assert_eq!(cloud.get(&path).status, 404);
}

#[test]
pub(super) fn allocations_name_the_capacity_plans_version_at_their_top() {
    let mut cloud = Cloud::calm();
    let create = json!({"name": "Year", "startBusinessUnitDate": "2026-03-02", "endBusinessUnitDate": "2027-03-01"});
    let plan = cloud.post(&cloud.bu("/capacityplans"), &create).body["selfUri"].as_str().unwrap().to_owned();
    let change = json!({
        "numberOfWeeks": 4, "weekStartNumber": 1, "value": 2.5, "metric": "NewHiresFullTimeEquivalentCount",
        "staffingGroupIds": ["g"], "version": 1,
    });
    let path = format!("{plan}/staffinggroupallocations");
    let made = cloud.post(&path, &change);
    assert_eq!(
        (made.status, &made.body["version"], &made.body["staffingGroups"]),
        (201, &json!(2), &json!([{"id": "g"}]))
    );
    assert_eq!(cloud.post(&path, &change).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(cloud.get(&plan).body["metadata"]["version"], 2);
    assert_eq!(cloud.get(&path).body["capacityPlan"]["name"], "Year");
    let history =
        cloud.post(&format!("{plan}/staffinggroupallocationshistory/query"), &json!({"staffingGroupIds": ["g"]}));
    assert_eq!(history.body["entities"][0]["value"], 2.5);
    let copy = cloud.post(&format!("{plan}/copy"), &json!({"name": "Copy"})).body;
    assert_eq!((&copy["name"], &copy["startBusinessUnitDate"]), (&json!("Copy"), &json!("2026-03-02")));
    let remove = json!({"capacityPlanIds": [copy["id"]]});
    assert_eq!(cloud.post(&cloud.bu("/capacityplans/bulk/remove"), &remove).status, 204);
}
