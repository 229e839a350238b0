//! Capacity plans of a business unit and the changes of their staffing group allocations, which name the plan's version.

use serde_json::{Value, json};

use super::{Kind, change, create, list, present, read};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share, user_reference},
        document::id_of,
        errors,
        guard::version_in,
        models,
    },
    refusal::Checked,
    target::Target,
    time::format_instant,
};

pub(crate) const KIND: Kind = Kind {
    name: "capacityPlan",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/capacityplans",
    model: "CapacityPlanResponse",
    required: &["name", "startBusinessUnitDate", "endBusinessUnitDate"],
    defaults: || json!({"fullTimeEquivalentWeeklyHours": 40.0, "changes": []}),
    show: |_, _, document, map| {
        let metadata = json!({
            "version": document.meta.version,
            "modifiedBy": user_reference(&document.meta.by_id), "modifiedDate": format_instant(document.meta.at),
            "createdBy": user_reference(&document.created.1), "createdDate": format_instant(document.created.0),
        });
        map.insert("metadata".to_owned(), metadata);
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitCapacityplans", list),
    ("postWorkforcemanagementBusinessunitCapacityplans", create),
    ("getWorkforcemanagementBusinessunitCapacityplan", read),
    ("patchWorkforcemanagementBusinessunitCapacityplan", change),
    ("postWorkforcemanagementBusinessunitCapacityplanCopy", copy),
    ("postWorkforcemanagementBusinessunitCapacityplansBulkRemove", remove_many),
    ("getWorkforcemanagementBusinessunitCapacityplanStaffinggroupallocations", allocations),
    ("postWorkforcemanagementBusinessunitCapacityplanStaffinggroupallocations", allocate),
    ("postWorkforcemanagementBusinessunitCapacityplanStaffinggroupallocationshistoryQuery", history),
];

const CHANGE: &str = "CapacityPlanStaffingGroupMetricChangeResponse";

/// The path of the plan that a call is about, whatever follows.
fn plan_path(call: &Call) -> String {
    let collection = KIND.collection.replace("{businessUnitId}", call.param("businessUnitId"));
    format!("{collection}/{}", call.param("capacityPlanId"))
}

fn copy(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = plan_path(call);
    let mut fields = present(target, &KIND, &path)?.fields.clone();
    super::take(target, &KIND, call, &mut fields)?;
    let collection = path.rsplit_once('/').map_or("", |(collection, _)| collection);
    let made = format!("{collection}/{}", target.platform_id());
    target.commit_document(call.now, &made, fields, &call.writer);
    let document = present(target, &KIND, &made)?;
    Ok(call.reply(KIND.show(target, &made, &document)))
}

fn remove_many(target: &mut Target, call: &Call) -> Checked<Reply> {
    let collection = KIND.collection.replace("{businessUnitId}", call.param("businessUnitId"));
    let ids = call.object()?.get("capacityPlanIds").and_then(Value::as_array).cloned().unwrap_or_default();
    let paths: Vec<String> = ids.iter().filter_map(Value::as_str).map(|id| format!("{collection}/{id}")).collect();
    for path in &paths {
        super::must_exist(target, KIND.name, path)?;
        target.check_lock(call, path)?;
    }
    for path in &paths {
        target.delete_document(call.now, path, &call.writer);
    }
    Ok(call.reply(Value::Null))
}

fn allocations(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = plan_path(call);
    let found = target.document_at(&path, call.read_at);
    let plan = found.ok_or_else(|| errors::not_found(KIND.name, id_of(&path)))?;
    let changes = json!({"staffingGroupAllocations": plan.get("changes")});
    let url = target.offer_download(call, changes);
    Ok(call.reply(json!({
        "capacityPlan": {"id": id_of(&path), "name": plan.get("name"), "selfUri": path},
        "fullTimeEquivalentWeeklyHours": plan.get("fullTimeEquivalentWeeklyHours"), "downloadUrl": url,
    })))
}

/// A change of some groups: it names the plan's version at its top level, and raises it.
fn allocate(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = plan_path(call);
    let plan = present(target, &KIND, &path)?;
    target.check_lock(call, &path)?;
    let body = call.object()?;
    target.check_version(call, version_in(body, "/version")?, plan.meta.version)?;
    for field in ["numberOfWeeks", "weekStartNumber", "value", "metric", "staffingGroupIds"] {
        if body.get(field).is_none_or(Value::is_null) {
            return Err(errors::validation(field, format!("{field} is required")));
        }
    }
    let mut change = serde_json::Map::new();
    let request = call.operation.request_model.as_deref().unwrap_or_default();
    models::take(body, request, CHANGE, &mut change, &mut target.platform.rng)?;
    change.remove("version");
    change.insert("createdBy".to_owned(), user_reference(&call.writer.id));
    change.insert("createdDate".to_owned(), json!(format_instant(call.now)));
    let mut fields = plan.fields.clone();
    if let Some(changes) = fields.entry("changes").or_insert_with(|| json!([])).as_array_mut() {
        changes.push(Value::Object(change.clone()));
    }
    let version = target.commit_document(call.now, &path, fields, &call.writer);
    change.insert("version".to_owned(), json!(version));
    Ok(call.reply(Value::Object(change)))
}

/// The changes so far, newest first.
fn history(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = plan_path(call);
    let found = target.document_at(&path, call.read_at);
    let plan = found.ok_or_else(|| errors::not_found(KIND.name, id_of(&path)))?;
    let wanted = call.object()?.get("staffingGroupIds").and_then(Value::as_array);
    let about = |change: &&Value| {
        let groups = change["staffingGroups"].as_array().into_iter().flatten();
        wanted.is_none_or(|wanted| wanted.is_empty() || groups.clone().any(|group| wanted.contains(&group["id"])))
    };
    let changes = plan.get("changes").as_array().into_iter().flatten().rev().filter(about).cloned();
    Ok(call.reply(json!({"entities": changes.collect::<Vec<Value>>()})))
}
