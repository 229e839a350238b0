//! What every versioned kind has in common, over all of them.

use serde_json::{Value, json};

use super::rig::Cloud;
use crate::platform::queues;

/// A kind as its clients see it.
struct Case {
    collection: String,
    /// Absent where nothing is created.
    create: Option<Value>,
    /// Two bodies that change it, without the version.
    changes: [Value; 2],
    deletes: bool,
}

fn cases(cloud: &mut Cloud) -> Vec<Case> {
    let template = cloud.get(&cloud.bu("/servicegoaltemplates")).body["entities"][0]["id"].clone();
    let plan = cloud.get(&cloud.mu("/workplans")).body["entities"][0]["id"].clone();
    let agent = cloud.rig.sandbox.world()["agents"][0]["id"].clone();
    let rename = || [json!({"name": "Second"}), json!({"name": "Third"})];
    let case =
        |collection: String, create: Value| Case { collection, create: Some(create), changes: rename(), deletes: true };
    vec![
        case(cloud.mu("/workplans"), json!({"name": "First"})),
        case(
            cloud.mu("/workplanrotations"),
            json!({
                "name": "First", "dateRange": {"startBusinessUnitDate": "2026-11-16"}, "pattern": {"workPlanIds": [plan]},
                "agents": [{"userId": agent, "position": 0, "dateRange": {"startBusinessUnitDate": "2026-11-16"}}],
            }),
        ),
        case(
            cloud.bu("/planninggroups"),
            json!({
                "name": "First", "serviceGoalTemplateId": template,
                "routePaths": [{"queueId": queues::id_of("chat"), "mediaType": "Voice", "skillIds": ["s"]}],
            }),
        ),
        case(cloud.bu("/servicegoaltemplates"), json!({"name": "First"})),
        case(
            cloud.bu("/staffinggroups"),
            json!({"name": "First", "userIds": [agent], "managementUnitId": cloud.management_unit, "planningGroupIds": []}),
        ),
        Case {
            collection: cloud.bu("/capacityplans"),
            create: Some(json!({
                "name": "First", "startBusinessUnitDate": "2026-11-16", "endBusinessUnitDate": "2027-11-16",
            })),
            changes: rename(),
            deletes: false,
        },
        case(
            cloud.bu("/timeoffplans"),
            json!({
                "name": "First", "activityCodeIds": ["time-off"], "autoApprovalRule": "Never",
                "restrictedActivityCodeIds": ["meeting"], "managementUnitAssociation": {
                    "managementUnitId": cloud.management_unit, "staffingGroupIds": [],
                },
            }),
        ),
        case(
            cloud.mu("/timeoffplans"),
            json!({"name": "First", "activityCodeIds": ["time-off"], "autoApprovalRule": "Never", "timeOffLimitIds": ["l"]}),
        ),
        Case {
            collection: cloud.mu("/timeofflimits"),
            create: Some(json!({"granularity": "Daily", "defaultLimitMinutes": 60})),
            changes: [json!({"defaultLimitMinutes": 120}), json!({"defaultLimitMinutes": 180})],
            deletes: true,
        },
        Case {
            collection: cloud.bu("/scheduler/settings"),
            create: None,
            changes: [
                json!({"consistentServiceLevelSmoothing": false}),
                json!({"consistentServiceLevelSmoothing": true}),
            ],
            deletes: false,
        },
        Case {
            collection: cloud.bu("/alternativeshifts/settings"),
            create: None,
            changes: [json!({"enabledGranularities": {"values": []}}), json!({"minMinutesBeforeStartTime": 5})],
            deletes: false,
        },
    ]
}

fn versioned(change: &Value, version: &Value) -> Value {
    let mut change = change.clone();
    change["metadata"] = json!({"version": version});
    change
}

#[test]
pub(super) fn every_kind_is_guarded_by_its_version() {
    let mut cloud = Cloud::with(|options| {
        options.version_step_max = 3;
        options.rate_limit_per_minute = None;
    });
    for case in cases(&mut cloud) {
        let path = match &case.create {
            Some(create) => {
                let made = cloud.post(&case.collection, create);
                assert!(made.status < 300, "{}: {}", case.collection, made.body);
                assert_eq!(made.body["metadata"]["version"], 1, "{}", case.collection);
                let listed = cloud.get(&case.collection).body;
                assert!(listed["entities"].as_array().unwrap().iter().any(|one| one["id"] == made.body["id"]));
                made.body["selfUri"].as_str().unwrap().to_owned()
            }
            None => case.collection.clone(),
        };
        let read = cloud.get(&path).body;
        let first = read["metadata"]["version"].clone();
        let changed = cloud.patch(&path, &versioned(&case.changes[0], &first));
        assert_eq!(changed.status, 200, "{path}: {}", changed.body);
        assert!(changed.body["metadata"]["version"].as_u64() > first.as_u64(), "{path}");
        let stale = cloud.patch(&path, &versioned(&case.changes[1], &first));
        assert_eq!(stale.refusal(), (409, "wfm.transaction.conflict"), "{path}");
        let missing = cloud.patch(&path, &case.changes[1]);
        let code = if path.contains("/alternativeshifts/") { "wfm.bad.request" } else { "wfm.validation.failure" };
        assert_eq!(missing.refusal(), (400, code), "{path}");
        let second = changed.body["metadata"]["version"].clone();
        assert_eq!(cloud.patch(&path, &versioned(&case.changes[1], &second)).status, 200, "{path}");
        let now = cloud.get(&path).body;
        assert_eq!(cloud.rig.sandbox.record(&path), Some(now), "{path}");
        let ledger = cloud.rig.sandbox.ledger();
        assert_eq!(ledger.iter().filter(|entry| entry.path == path).count(), if case.create.is_some() { 3 } else { 2 });
        if case.deletes {
            assert_eq!(cloud.delete(&path).status, 204, "{path}");
            assert_eq!(cloud.get(&path).refusal(), (404, "wfm.entity.not.found"), "{path}");
        }
    }
}

#[test]
pub(super) fn references_are_opened_and_checked() {
    let mut cloud = Cloud::calm();
    let group = cloud.get(&cloud.bu("/planninggroups")).body["entities"][0].clone();
    let path = group["selfUri"].as_str().unwrap().to_owned();
    let change = json!({
        "routePaths": {"values": [{"queueId": queues::id_of("chat"), "mediaType": "Chat", "languageId": "l", "skillIds": ["a", "b"]}]},
        "metadata": {"version": 1},
    });
    let changed = cloud.patch(&path, &change).body;
    let wanted = json!([{
        "queue": {"id": queues::id_of("chat")}, "mediaType": "Chat", "language": {"id": "l"}, "skills": [{"id": "a"}, {"id": "b"}],
    }]);
    assert_eq!((&changed["routePaths"], &changed["serviceGoalTemplate"]), (&wanted, &group["serviceGoalTemplate"]));
    let unknown = json!({"serviceGoalTemplateId": "none", "metadata": {"version": 2}});
    assert_eq!(cloud.patch(&path, &unknown).refusal(), (400, "wfm.entity.not.found"));
    let plan = cloud.get(&cloud.bu("/timeoffplans")).body["entities"][0]["selfUri"].as_str().unwrap().to_owned();
    let change = json!({
        "businessUnitAssociation": {"managementUnitIds": {"values": [cloud.management_unit]}},
        "overrideDates": {"values": [{"date": "2026-12-24", "type": "Blocked"}]}, "metadata": {"version": 1},
    });
    let changed = cloud.patch(&plan, &change).body;
    assert_eq!(changed["businessUnitAssociation"]["managementUnits"], json!([{"id": cloud.management_unit}]));
    assert_eq!(changed["overrideDates"][0]["type"], "Blocked");
}

#[test]
pub(super) fn a_route_path_has_a_queue_that_exists_and_one_group() {
    let mut cloud = Cloud::calm();
    let queue = cloud.get("/api/v2/routing/queues?name=chat").body["entities"][0].clone();
    let one = cloud.get(queue["selfUri"].as_str().unwrap());
    assert_eq!((one.status, &one.body), (200, &queue));
    assert_eq!(cloud.get("/api/v2/routing/queues/none").refusal(), (404, "not.found"));
    let template = cloud.get(&cloud.bu("/servicegoaltemplates")).body["entities"][0]["id"].clone();
    let group = |queue: &Value, skills: &Value| {
        json!({
            "name": "New", "serviceGoalTemplateId": template,
            "routePaths": [{"queueId": queue, "mediaType": "Chat", "skillIds": skills}],
        })
    };
    let path = cloud.bu("/planninggroups");
    assert_eq!(cloud.post(&path, &group(&json!("nope"), &json!([]))).refusal(), (400, "wfm.entity.not.found"));
    assert_eq!(cloud.post(&path, &group(&json!(""), &json!([]))).refusal(), (400, "wfm.ids.may.not.be.blank"));
    let first = cloud.post(&path, &group(&queue["id"], &json!(["a", "b"])));
    assert_eq!(first.status, 201, "{}", first.body);
    let taken = cloud.post(&path, &group(&queue["id"], &json!(["b", "a"])));
    assert_eq!(taken.refusal(), (409, "wfm.transaction.conflict"));
    let second = cloud.post(&path, &group(&queue["id"], &json!(["a"])));
    assert_eq!(second.status, 201, "{}", second.body);
    let own = second.body["selfUri"].as_str().unwrap().to_owned();
    let patch = |skills: Value, version: u64| {
        let paths = json!([{"queueId": queue["id"], "mediaType": "Chat", "skillIds": skills}]);
        json!({"routePaths": {"values": paths}, "metadata": {"version": version}})
    };
    assert_eq!(cloud.patch(&own, &patch(json!(["a"]), 1)).status, 200, "its own path stands in nobody's way");
    assert_eq!(cloud.patch(&own, &patch(json!(["a", "b"]), 1)).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(cloud.delete(first.body["selfUri"].as_str().unwrap()).status, 204);
    assert_eq!(cloud.patch(&own, &patch(json!(["a", "b"]), 1)).status, 200);
}

#[test]
pub(super) fn an_activity_code_that_a_body_names_exists() {
    let mut cloud = Cloud::calm();
    let agent = cloud.rig.sandbox.world()["agents"][0]["id"].clone();
    let request = json!({
        "status": "PENDING", "users": [{"id": agent}], "activityCodeId": "nope", "dailyDurationMinutes": 480,
        "fullDayManagementUnitDates": ["2026-03-20"],
    });
    assert_eq!(cloud.post(&cloud.mu("/timeoffrequests"), &request).refusal(), (400, "wfm.entity.not.found"));
    let path = cloud.mu(&format!("/users/{}/timeoffrequests", agent.as_str().unwrap()));
    let held = cloud.get(&path).body["timeOffRequests"][0]["selfUri"].as_str().unwrap().to_owned();
    let change = json!({"activityCodeId": "nope", "metadata": {"version": 1}});
    assert_eq!(cloud.patch(&held, &change).refusal(), (400, "wfm.entity.not.found"));
    let plan = json!({"name": "First", "activityCodeIds": ["time-off", "nope"], "autoApprovalRule": "Never"});
    for path in [cloud.bu("/timeoffplans"), cloud.mu("/timeoffplans")] {
        assert_eq!(cloud.post(&path, &plan).status, 400, "{path}");
    }
    let extra = json!({
        "activityCodeId": "nope", "capacity": 1, "description": "", "managementUnitIds": [cloud.management_unit],
        "startDate": "2026-03-10T08:00:00Z", "lengthMinutes": 60,
    });
    let body = json!({"opportunities": [extra], "agentIds": []});
    assert_eq!(cloud.post(&cloud.bu("/opportunities/bulk/add"), &body).status, 400);
}

#[test]
pub(super) fn copies_take_a_new_name() {
    let mut cloud = Cloud::calm();
    let plan = cloud.get(&cloud.mu("/workplans")).body["entities"][0]["selfUri"].as_str().unwrap().to_owned();
    let copy = cloud.post(&format!("{plan}/copy"), &json!({"name": "Copy"}));
    assert_eq!((copy.status, &copy.body["agentCount"], &copy.body["metadata"]["version"]), (200, &json!(0), &json!(1)));
    let id = copy.body["id"].clone();
    let rotation =
        json!({"name": "R", "dateRange": {"startBusinessUnitDate": "2026-11-16"}, "pattern": {"workPlanIds": [id]}});
    let rotation = cloud.post(&cloud.mu("/workplanrotations"), &rotation).body;
    let path = format!("{}/copy", rotation["selfUri"].as_str().unwrap());
    let second = cloud.post(&path, &json!({"name": "Second"}));
    assert_eq!((second.status, &second.body["pattern"]), (200, &rotation["pattern"]));
    assert_eq!(
        cloud.post(&format!("{plan}/copy"), &json!({"name": "Copy"})).refusal(),
        (400, "wfm.validation.failure")
    );
}
