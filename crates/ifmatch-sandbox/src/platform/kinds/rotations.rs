//! Work plan rotations of a management unit.

use serde_json::{Map, Value, json};

use super::{Kind, change, create, list, must_exist, present, read, remove, work_plans};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, user_reference},
        errors,
    },
    refusal::Checked,
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "workPlanRotation",
    collection: "/api/v2/workforcemanagement/managementunits/{managementUnitId}/workplanrotations",
    model: "WorkPlanRotationResponse",
    managed: &["agentCount"],
    required: &["name", "dateRange", "pattern"],
    defaults: || json!({"enabled": true, "agents": []}),
    settle,
    show: |_, _, document, map| {
        let count = document.get("agents").as_array().map_or(0, Vec::len);
        map.insert("agentCount".to_owned(), json!(count));
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementManagementunitWorkplanrotations", list),
    ("postWorkforcemanagementManagementunitWorkplanrotations", create),
    ("getWorkforcemanagementManagementunitWorkplanrotation", read),
    ("patchWorkforcemanagementManagementunitWorkplanrotation", change),
    ("deleteWorkforcemanagementManagementunitWorkplanrotation", remove),
    ("postWorkforcemanagementManagementunitWorkplanrotationCopy", copy),
    ("postWorkforcemanagementManagementunitWorkplanCopy", copy),
];

fn settle(target: &mut Target, call: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    let unit = call.param("managementUnitId");
    let plans = fields.get_mut("pattern").and_then(|pattern| pattern["workPlans"].as_array_mut());
    for plan in plans.into_iter().flatten() {
        let id = plan["id"].as_str().unwrap_or_default().to_owned();
        let path = format!("{W}/managementunits/{unit}/workplans/{id}");
        must_exist(target, "workPlan", &path)?;
        *plan = json!({"id": id, "managementUnit": {"id": unit}, "selfUri": path});
    }
    for agent in fields.get_mut("agents").and_then(Value::as_array_mut).into_iter().flatten() {
        let id = agent["user"]["id"].as_str().unwrap_or_default().to_owned();
        if target.agents.email(&id).is_none() {
            return Err(errors::unknown_in_body("agent", &id));
        }
        agent["user"] = user_reference(&id);
    }
    Ok(())
}

/// A copy of a plan or of a rotation under another name, without its agents.
fn copy(target: &mut Target, call: &Call) -> Checked<Reply> {
    let full = call.record_path();
    let path = full.strip_suffix("/copy").unwrap_or(&full);
    let kind = if path.contains("/workplanrotations/") { &KIND } else { &work_plans::KIND };
    let old = present(target, kind, path)?;
    let name = call.object()?.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        return Err(errors::validation("name", "name is required"));
    }
    let collection = path.rsplit_once('/').map_or("", |(collection, _)| collection).to_owned();
    let others = target.documents_under(&collection, i64::MAX);
    if others.iter().any(|(_, other)| other.text("name") == name) {
        return Err(errors::validation("name", format!("The name {name} is taken")));
    }
    let mut fields = old.fields.clone();
    fields.insert("name".to_owned(), json!(name));
    fields.insert("agents".to_owned(), json!([]));
    let made = format!("{collection}/{}", target.platform_id());
    target.commit_document(call.now, &made, fields, &call.writer);
    let document = present(target, kind, &made)?;
    Ok(call.reply(kind.show(target, &made, &document)))
}
