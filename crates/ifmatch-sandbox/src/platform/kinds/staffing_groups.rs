//! Staffing groups of a business unit.

use serde_json::{Map, Value, json};

use super::{Kind, as_listed, change, create, must_exist, read, remove};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, listing, user_reference},
        errors,
    },
    refusal::Checked,
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "staffingGroup",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/staffinggroups",
    model: "StaffingGroupResponse",
    defaults: || json!({"users": [], "planningGroups": []}),
    settle,
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitStaffinggroups", list),
    ("postWorkforcemanagementBusinessunitStaffinggroups", create),
    ("getWorkforcemanagementBusinessunitStaffinggroup", read),
    ("patchWorkforcemanagementBusinessunitStaffinggroup", change),
    ("deleteWorkforcemanagementBusinessunitStaffinggroup", remove),
    ("postWorkforcemanagementBusinessunitStaffinggroupsQuery", groups_of_users),
];

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = call.query("managementUnitId");
    let found = target.documents_under(&call.record_path(), call.read_at);
    let fits = |group: &Value| unit.is_none_or(|unit| group["managementUnit"]["id"] == unit);
    let groups = found.iter().map(|(path, group)| KIND.show(target, path, group)).filter(fits);
    let entities = as_listed(call, groups.collect());
    Ok(call.reply(listing(call, entities)?))
}

fn settle(target: &mut Target, call: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    let unit = call.param("businessUnitId");
    let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    if let Some(home) = fields.get("managementUnit").map(id) {
        must_exist(target, "managementUnit", &format!("{W}/managementunits/{home}"))?;
    }
    for group in fields.get("planningGroups").and_then(Value::as_array).into_iter().flatten() {
        must_exist(target, "planningGroup", &format!("{W}/businessunits/{unit}/planninggroups/{}", id(group)))?;
    }
    for user in fields.get_mut("users").and_then(Value::as_array_mut).into_iter().flatten() {
        let id = id(user);
        if target.agents.email(&id).is_none() {
            return Err(errors::unknown_in_body("user", &id));
        }
        *user = user_reference(&id);
    }
    Ok(())
}

/// The groups that some users are in.
fn groups_of_users(target: &mut Target, call: &Call) -> Checked<Reply> {
    let body = call.object()?;
    let users = body.get("userIds").and_then(Value::as_array).cloned().unwrap_or_default();
    let collection = KIND.collection.replace("{businessUnitId}", call.param("businessUnitId"));
    let groups = target.documents_under(&collection, call.read_at);
    let entities = users.iter().filter_map(|user| {
        let holds = |group: &Value| group.as_array().is_some_and(|users| users.iter().any(|one| one["id"] == *user));
        let (path, _) = groups.iter().find(|(_, group)| holds(group.get("users")))?;
        let id = crate::platform::document::id_of(path);
        Some(json!({"user": user_reference(user.as_str()?), "staffingGroup": {"id": id, "selfUri": path}}))
    });
    Ok(call.reply(json!({"entities": entities.collect::<Vec<Value>>()})))
}
