//! Work plans end to end, as the pattern of the other kinds.

use serde_json::json;

use super::rig::Cloud;
use crate::UnchangedWrite;

#[test]
pub(super) fn a_plan_is_created_read_changed_and_deleted() {
    let mut cloud = Cloud::calm();
    let create = json!({
        "name": "acceptance", "enabled": true, "constrainWeeklyPaidTime": true, "flexibleWeeklyPaidTime": false,
        "weeklyExactPaidMinutes": 2400,
    });
    let plan = cloud.post(&cloud.mu("/workplans"), &create);
    assert_eq!((plan.status, &plan.body["metadata"]["version"]), (200, &json!(1)));
    let path = plan.body["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(cloud.get(&path).body, plan.body);
    let change = json!({"weeklyExactPaidMinutes": 2340, "metadata": {"version": 1}});
    let changed = cloud.patch(&path, &change);
    assert_eq!((changed.status, &changed.body["metadata"]["version"]), (200, &json!(2)));
    assert_eq!((&changed.body["weeklyExactPaidMinutes"], &changed.body["name"]), (&json!(2340), &json!("acceptance")));
    let stale = cloud.patch(&path, &change);
    assert_eq!(stale.refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(stale.body["message"], "Version of the request does not match the version on the backend");
    assert_eq!(cloud.delete(&path).status, 204);
    assert_eq!(cloud.get(&path).refusal(), (404, "wfm.entity.not.found"));
    let versions: Vec<_> = cloud.rig.sandbox.ledger().iter().map(|e| (e.from_version, e.to_version)).collect();
    assert_eq!(versions, [(None, 1), (Some(1), 2), (Some(2), 3)]);
}

#[test]
pub(super) fn shifts_and_agents_are_edited_item_by_item() {
    let mut cloud = Cloud::calm();
    let plan = cloud.get(&cloud.mu("/workplans")).body["entities"][0].clone();
    let path = plan["selfUri"].as_str().unwrap().to_owned();
    let agent = cloud.rig.sandbox.world()["agents"][0]["id"].clone();
    let change = json!({
        "shifts": [{"name": "Night", "flexibleStartTime": false}], "agents": [{"id": agent, "delete": true}],
        "optionalDays": {"values": ["Saturday"]}, "metadata": {"version": 1},
    });
    let changed = cloud.patch(&path, &change).body;
    assert_eq!((changed["shifts"].as_array().unwrap().len(), &changed["agentCount"]), (2, &json!(11)));
    let night = changed["shifts"][1]["id"].clone();
    assert!(night.is_string());
    let change = json!({
        "shifts": [{"id": night, "delete": true}, {"id": plan["shifts"][0]["id"], "name": "Early"}],
        "optionalDays": {"values": null}, "metadata": {"version": 2},
    });
    let changed = cloud.patch(&path, &change).body;
    assert_eq!(changed["shifts"].as_array().unwrap().len(), 1);
    assert_eq!(changed["shifts"][0]["name"], "Early");
    assert_eq!(changed["shifts"][0]["exactPaidTimeMinutes"], plan["shifts"][0]["exactPaidTimeMinutes"]);
    assert!(changed.get("optionalDays").is_none());
    let wrong = json!({"shiftStartVarianceType": "Sometimes", "metadata": {"version": 3}});
    let refused = cloud.patch(&path, &wrong);
    assert_eq!(refused.refusal(), (400, "wfm.validation.failure"));
    assert_eq!(refused.body["details"][0]["fieldName"], "shiftStartVarianceType");
    let unknown = json!({"agents": [{"id": "nobody"}], "metadata": {"version": 3}});
    assert_eq!(cloud.patch(&path, &unknown).refusal(), (400, "wfm.entity.not.found"));
}

#[test]
pub(super) fn locks_people_steps_and_lag() {
    let mut cloud = Cloud::with(|options| {
        options.version_step_max = 5;
        options.replica_lag_ms = 1_000;
        options.unchanged_write = UnchangedWrite::RaisesVersion;
    });
    let path = cloud.get(&cloud.mu("/workplans")).body["entities"][0]["selfUri"].as_str().unwrap().to_owned();
    cloud.rig.sandbox.lock(cloud.rig.now, &path, 10).unwrap();
    let change = json!({"name": "b", "metadata": {"version": 1}});
    assert_eq!(cloud.patch(&path, &change).refusal(), (409, "request.conflict"));
    cloud.rig.now += 10_000;
    let version = cloud.rig.sandbox.edit(cloud.rig.now, &path, &json!({"name": "a person's"}), "Rita Holm").unwrap();
    assert!((2..=6).contains(&version));
    assert_eq!(cloud.patch(&path, &change).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(cloud.get(&path).body["metadata"]["version"], 1, "the replica is behind");
    cloud.rig.now += 1_000;
    let read = cloud.get(&path).body;
    assert_eq!((&read["metadata"]["version"], &read["name"]), (&json!(version), &json!("a person's")));
    assert_eq!(cloud.rig.sandbox.record(&path).unwrap(), read);
}
