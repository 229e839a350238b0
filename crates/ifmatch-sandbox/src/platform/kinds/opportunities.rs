//! Opportunities of a business unit: only a draft can be changed.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Kind, activity_codes, check_guard, present, read};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        document::Document,
        errors, models,
    },
    refusal::Checked,
    target::Target,
    time::format_instant,
};

pub(crate) const KIND: Kind = Kind {
    name: "opportunity",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/opportunities",
    model: "OpportunityResultWithAgentIds",
    show: |_, _, document, map| {
        let count = document.get("agentIds").as_array().map_or(0, Vec::len);
        map.insert("agentCount".to_owned(), json!(count));
        map.insert("enrollmentProcessingCount".to_owned(), json!(0));
        map.insert("enrollmentCounts".to_owned(), json!({"pending": 0, "approved": 0, "denied": 0, "withdrawn": 0}));
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitOpportunity", read),
    ("patchWorkforcemanagementBusinessunitOpportunity", change),
    ("postWorkforcemanagementBusinessunitOpportunitiesBulkAdd", add),
    ("postWorkforcemanagementBusinessunitOpportunitiesBulkPublish", publish),
    ("postWorkforcemanagementBusinessunitOpportunitiesBulkRemove", remove),
    ("postWorkforcemanagementBusinessunitOpportunitiesBulkStatusesUpdate", close),
    ("postWorkforcemanagementBusinessunitOpportunitiesQuery", query),
];

fn collection(call: &Call) -> String {
    KIND.collection.replace("{businessUnitId}", call.param("businessUnitId"))
}

/// The opportunity without its agents, as most answers show it.
fn brief(target: &Target, path: &str, document: &Document) -> Value {
    let mut shown = KIND.show(target, path, document);
    if let Some(map) = shown.as_object_mut() {
        models::retain("OpportunityResult", map);
    }
    shown
}

/// The activity code, where there is one, must be one of the business unit's.
fn code(target: &Target, call: &Call, fields: &Map<String, Value>) -> Checked<()> {
    let code = fields.get("activityCodeId").and_then(Value::as_str);
    code.map_or(Ok(()), |code| activity_codes::must_be_known(target, call.param("businessUnitId"), code))
}

fn change(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = call.record_path();
    let old = present(target, &KIND, &path)?;
    check_guard(target, &KIND, call, &path, old.meta.version)?;
    if old.text("status") != "Draft" {
        return Err(errors::not_allowed("Only a draft can be changed"));
    }
    let mut fields = old.fields.clone();
    super::take(target, &KIND, call, &mut fields)?;
    code(target, call, &fields)?;
    target.commit_document(call.now, &path, fields, &call.writer);
    let document = present(target, &KIND, &path)?;
    Ok(call.reply(brief(target, &path, &document)))
}

fn add(target: &mut Target, call: &Call) -> Checked<Reply> {
    let body = call.object()?;
    let agents = body.get("agentIds").cloned().unwrap_or_else(|| json!([]));
    let all = body.get("opportunities").and_then(Value::as_array);
    let all = all.ok_or_else(|| errors::validation("opportunities", "opportunities is required"))?;
    let mut drafts = Vec::new();
    for one in all.iter().filter_map(Value::as_object) {
        let mut fields = Map::from_iter([
            ("status".to_owned(), json!("Draft")),
            ("approvalType".to_owned(), json!("Manual")),
            ("agentIds".to_owned(), agents.clone()),
        ]);
        models::take(one, "AddOpportunityBody", KIND.model, &mut fields, &mut target.platform.rng)?;
        code(target, call, &fields)?;
        drafts.push(fields);
    }
    let mut shown = Vec::new();
    for fields in drafts {
        let path = format!("{}/{}", collection(call), target.platform_id());
        target.commit_document(call.now, &path, fields, &call.writer);
        let document = present(target, &KIND, &path)?;
        shown.push(brief(target, &path, &document));
    }
    Ok(call.reply(json!({"opportunities": shown})))
}

/// What one opportunity of a bulk becomes: its new fields, or why not.
type Step = fn(i64, &Document) -> Result<Map<String, Value>, &'static str>;

/// Takes a step with each of some opportunities; those that cannot are told apart.
fn each(target: &mut Target, call: &Call, ids: &str, step: Step) -> Checked<Reply> {
    let ids = call.object()?.get(ids).and_then(Value::as_array).cloned().unwrap_or_default();
    check_locks(target, call, &ids)?;
    let (mut results, mut errors) = (Vec::new(), 0);
    for id in ids.iter().filter_map(Value::as_str) {
        let path = format!("{}/{id}", collection(call));
        let outcome = target.document(&path).ok_or("OpportunityNotFound").and_then(|found| step(call.now, &found));
        let mut result = json!({"status": "Complete", "opportunity": {"id": id, "selfUri": path}});
        match outcome {
            Ok(fields) => drop(target.commit_document(call.now, &path, fields, &call.writer)),
            Err(code) => {
                errors += 1;
                result["status"] = json!("Error");
                result["error"] = json!({"errorCode": code});
            }
        }
        results.push(result);
    }
    Ok(call.reply(json!({"results": results, "errorCount": errors})))
}

/// One lock stands against the whole bulk.
fn check_locks(target: &Target, call: &Call, ids: &[Value]) -> Checked<()> {
    let mut ids = ids.iter().filter_map(Value::as_str);
    ids.try_for_each(|id| target.check_lock(call, &format!("{}/{id}", collection(call))))
}

fn publish(target: &mut Target, call: &Call) -> Checked<Reply> {
    each(target, call, "ids", |now, draft| {
        if draft.text("status") != "Draft" {
            return Err("StatusNotDraft");
        }
        let mut fields = draft.fields.clone();
        fields.insert("status".to_owned(), json!("Published"));
        fields.insert("publishedDate".to_owned(), json!(format_instant(now)));
        Ok(fields)
    })
}

fn close(target: &mut Target, call: &Call) -> Checked<Reply> {
    each(target, call, "opportunityIds", |now, one| {
        if matches!(one.text("status"), "Draft" | "Closed") {
            return Err("InvalidStatusTransition");
        }
        let mut fields = one.fields.clone();
        fields.insert("status".to_owned(), json!("Closed"));
        fields.insert("closedDate".to_owned(), json!(format_instant(now)));
        Ok(fields)
    })
}

fn remove(target: &mut Target, call: &Call) -> Checked<Reply> {
    let ids = call.object()?.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
    check_locks(target, call, &ids)?;
    let (mut results, mut errors) = (Vec::new(), 0);
    for id in ids.iter().filter_map(Value::as_str) {
        let path = format!("{}/{id}", collection(call));
        let known = target.document(&path).is_some();
        target.delete_document(call.now, &path, &call.writer);
        errors += u64::from(!known);
        results.push(json!({"status": if known { "Complete" } else { "Error" }, "opportunityId": id}));
    }
    Ok(call.reply(json!({"results": results, "errorCount": errors})))
}

fn query(target: &mut Target, call: &Call) -> Checked<Reply> {
    let range = call.object()?.get("range").cloned().unwrap_or_default();
    let bound = |name: &str| range[name].as_str().and_then(models::instant);
    let (from, until) = (bound("startDate"), bound("endDate"));
    let (Some(from), Some(until)) = (from, until) else {
        return Err(errors::validation("range", "range needs startDate and endDate"));
    };
    let inside = |one: &Arc<Document>| {
        models::instant(one.text("startDate")).is_some_and(|start| (from..until).contains(&start))
    };
    let found = target.documents_under(&collection(call), call.read_at);
    let shown = found.iter().filter(|(_, one)| inside(one)).map(|(path, one)| brief(target, path, one));
    Ok(call.reply(json!({"result": {"opportunities": shown.collect::<Vec<Value>>()}})))
}
