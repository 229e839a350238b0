//! Activity codes: one version for the whole list.

use serde_json::json;

use super::rig::Cloud;

#[test]
pub(super) fn writes_of_two_codes_conflict() {
    let mut cloud = Cloud::calm();
    let codes = cloud.bu("/activitycodes");
    let list = cloud.get(&codes).body;
    assert!(list["entities"].as_array().unwrap().iter().all(|code| code["metadata"]["version"] == 1));
    let (meal, other) = (format!("{codes}/meal"), format!("{codes}/break"));
    let change = json!({"name": "Lunch", "metadata": {"version": 1}});
    let changed = cloud.patch(&meal, &change);
    assert_eq!((changed.status, &changed.body["metadata"]["version"]), (200, &json!(2)));
    assert_eq!(cloud.patch(&other, &change).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(cloud.get(&other).body["metadata"]["version"], 2);
    let entry = cloud.rig.sandbox.ledger()[0].clone();
    assert_eq!((entry.path.as_str(), entry.changes[0].path.as_str()), (codes.as_str(), "/meal/name"));
    assert_eq!(cloud.rig.sandbox.record(&meal).unwrap()["name"], "Lunch");
    assert_eq!(cloud.rig.sandbox.edit(cloud.rig.now, &other, &json!({"lengthInMinutes": 10}), "Rita Holm"), Ok(3));
    assert_eq!(cloud.get(&other).body["lengthInMinutes"], 10);
}

#[test]
pub(super) fn a_bulk_changes_all_or_none() {
    let mut cloud = Cloud::calm();
    let bulk = cloud.bu("/activitycodes/bulk");
    let entity =
        |id: &str, version: u64| json!({"id": id, "name": format!("New {id}"), "metadata": {"version": version}});
    let stale = json!({"entities": [entity("meal", 1), entity("break", 2)]});
    assert_eq!(cloud.patch(&bulk, &stale).refusal(), (409, "wfm.transaction.conflict"));
    let fresh = json!({"entities": [entity("meal", 1), entity("break", 1)]});
    let changed = cloud.patch(&bulk, &fresh).body;
    assert_eq!(
        (&changed["entities"][1]["name"], &changed["entities"][1]["metadata"]["version"]),
        (&json!("New break"), &json!(2))
    );
    let unknown = json!({"entities": [entity("none", 2)]});
    assert_eq!(cloud.patch(&bulk, &unknown).refusal(), (400, "wfm.entity.not.found"));
}

#[test]
pub(super) fn codes_are_added_and_put_out_of_use() {
    let mut cloud = Cloud::calm();
    let codes = cloud.bu("/activitycodes");
    let made = cloud.post(&codes, &json!({"name": "Coaching", "category": "Meeting", "planningGroupIds": ["p"]}));
    assert_eq!((made.status, &made.body["metadata"]["version"]), (200, &json!(2)));
    let path = made.body["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(cloud.delete(&path).status, 204);
    let gone = cloud.get(&path).body;
    assert_eq!((&gone["active"], &gone["metadata"]["version"]), (&json!(false), &json!(3)));
    assert_eq!(cloud.delete(&format!("{codes}/meal")).refusal(), (400, "wfm.not.allowed"));
    let older = cloud.get(&cloud.mu("/activitycodes")).body;
    assert_eq!(
        (&older["activityCodes"]["meal"]["isDefault"], &older["metadata"]["version"]),
        (&json!(true), &json!(3))
    );
}
