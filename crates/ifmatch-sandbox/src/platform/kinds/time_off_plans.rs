//! Time-off plans: of a business unit, and of a management unit on the older routes.

use serde_json::{Map, Value, json};

use super::{Kind, activity_codes, change, create, list, must_exist, read, remove};
use crate::{
    platform::{
        W,
        call::{Call, Share},
        world::{Home, object},
    },
    refusal::Checked,
    rng::uuid_of,
    target::Target,
};

pub(crate) const BUSINESS_UNIT: Kind = Kind {
    name: "timeOffPlan",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/timeoffplans",
    model: "BuTimeOffPlanResponse",
    required: &["name", "activityCodeIds", "autoApprovalRule"],
    defaults: || {
        json!({
            "enabled": true, "countAgainstTimeOffLimits": true, "autoPublishApprovedTimeOffRequests": false,
            "daysBeforeStartToExpireFromWaitlist": 1,
        })
    },
    settle: |target, call, fields| {
        activity_codes::all_known(target, call.param("businessUnitId"), fields.get("activityCodeIds"))?;
        link_units(target, call, fields)
    },
    ..Kind::PLAIN
};

pub(crate) const MANAGEMENT_UNIT: Kind = Kind {
    name: "timeOffPlan",
    collection: "/api/v2/workforcemanagement/managementunits/{managementUnitId}/timeoffplans",
    model: "TimeOffPlan",
    required: &["name", "activityCodeIds", "autoApprovalRule"],
    defaults: || json!({"active": true}),
    settle: |target, call, fields| {
        let home = target.business_unit_of(call.param("managementUnitId"));
        activity_codes::all_known(target, &home, fields.get("activityCodeIds"))
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitTimeoffplans", list),
    ("postWorkforcemanagementBusinessunitTimeoffplans", create),
    ("getWorkforcemanagementBusinessunitTimeoffplan", read),
    ("patchWorkforcemanagementBusinessunitTimeoffplan", change),
    ("deleteWorkforcemanagementBusinessunitTimeoffplan", remove),
    ("getWorkforcemanagementManagementunitTimeoffplans", list),
    ("postWorkforcemanagementManagementunitTimeoffplans", create),
    ("getWorkforcemanagementManagementunitTimeoffplan", read),
    ("patchWorkforcemanagementManagementunitTimeoffplan", change),
    ("deleteWorkforcemanagementManagementunitTimeoffplan", remove),
];

/// The management units of a plan must exist.
fn link_units(target: &mut Target, _: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    let many = fields.get("businessUnitAssociation").and_then(|association| association["managementUnits"].as_array());
    let one = fields.get("managementUnitAssociation").map(|association| &association["managementUnit"]);
    for unit in many.into_iter().flatten().chain(one).filter(|unit| unit.is_object()) {
        must_exist(
            target,
            "managementUnit",
            &format!("{W}/managementunits/{}", unit["id"].as_str().unwrap_or_default()),
        )?;
    }
    Ok(())
}

pub(crate) fn seed(target: &mut Target, home: &Home) {
    let mut plan = (BUSINESS_UNIT.defaults)();
    plan["name"] = json!("Holidays");
    plan["activityCodeIds"] = json!(["time-off"]);
    plan["autoApprovalRule"] = json!("Never");
    plan["businessUnitAssociation"] = json!({"managementUnits": [{"id": home.management_unit}], "staffingGroups": []});
    let id = uuid_of(&format!("time-off-plan/{}", home.business_unit));
    target.seed_document(home.at, home.in_business_unit(&format!("timeoffplans/{id}")), object(plan));
}
