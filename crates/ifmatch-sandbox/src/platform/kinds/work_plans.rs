//! Work plans of a management unit.

use serde_json::{Map, Value, json};

use super::{Kind, change, create, list, read, referred_in, remove};
use crate::{
    platform::{
        call::{Call, Share},
        errors,
        world::{Home, object},
    },
    refusal::Checked,
    rng::uuid_of,
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "workPlan",
    collection: "/api/v2/workforcemanagement/managementunits/{managementUnitId}/workplans",
    model: "WorkPlan",
    managed: &["valid", "agentCount"],
    defaults: || json!({"enabled": true, "shifts": [], "agents": []}),
    settle,
    in_use: |target, path| {
        referred_in(target, path, "workplanrotations", |rotation, id| {
            let plans = rotation.get("pattern")["workPlans"].as_array();
            plans.is_some_and(|all| all.iter().any(|one| one["id"] == id))
        })
    },
    show: |_, _, document, map| {
        let count = document.get("agents").as_array().map_or(0, Vec::len);
        map.insert("agentCount".to_owned(), json!(count));
        map.insert("valid".to_owned(), json!(true));
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementManagementunitWorkplans", list),
    ("postWorkforcemanagementManagementunitWorkplans", create),
    ("getWorkforcemanagementManagementunitWorkplan", read),
    ("patchWorkforcemanagementManagementunitWorkplan", change),
    ("deleteWorkforcemanagementManagementunitWorkplan", remove),
];

/// Agents must exist; a shown reference has a link.
fn settle(target: &mut Target, _: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    for agent in fields.get_mut("agents").and_then(Value::as_array_mut).into_iter().flatten() {
        let id = agent["id"].as_str().unwrap_or_default().to_owned();
        if target.agents.email(&id).is_none() {
            return Err(errors::unknown_in_body("agent", &id));
        }
        agent["selfUri"] = json!(format!("/api/v2/users/{id}"));
    }
    Ok(())
}

/// One plan for everybody.
pub(crate) fn seed(target: &mut Target, home: &Home) {
    let agents: Vec<Value> =
        target.agents.iter().map(|(id, _)| json!({"id": id, "selfUri": format!("/api/v2/users/{id}")})).collect();
    let plan = json!({
        "name": "Full time", "enabled": true, "constrainWeeklyPaidTime": true, "flexibleWeeklyPaidTime": false,
        "weeklyExactPaidMinutes": 2400, "agents": agents, "shifts": [{
            "id": uuid_of("work-plan-shift/full-time"), "name": "Day",
            "days": {"values": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]}, "flexibleStartTime": true,
            "earliestStartTimeMinutesFromMidnight": 360, "latestStartTimeMinutesFromMidnight": 780,
            "startIncrementMinutes": 15, "flexiblePaidTime": false, "exactPaidTimeMinutes": 480, "activities": [],
        }],
    });
    let id = uuid_of(&format!("work-plan/{}", home.management_unit));
    target.seed_document(home.at, home.in_management_unit(&format!("workplans/{id}")), object(plan));
}
