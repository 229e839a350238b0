//! Explanations of adherence: added and decided by jobs, each answered with 202; no version.

use serde_json::{Map, Value, json};

use super::{Kind, present, read};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, user_reference},
        errors, models,
        world::object,
    },
    refusal::Checked,
    target::Target,
    time::format_instant,
};

pub(crate) const KIND: Kind = Kind {
    name: "adherenceExplanation",
    collection: "/api/v2/workforcemanagement/agents/{agentId}/adherence/explanations",
    model: "AdherenceExplanationResponse",
    version_at: "",
    required: &["type", "startDate", "lengthMinutes"],
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementAdherenceExplanations", add),
    ("postWorkforcemanagementAgentAdherenceExplanations", add),
    ("patchWorkforcemanagementAgentAdherenceExplanation", decide),
    ("getWorkforcemanagementAgentAdherenceExplanation", read),
    ("getWorkforcemanagementAdherenceExplanation", read_own),
    ("getWorkforcemanagementAdherenceExplanationsJob", job),
    ("postWorkforcemanagementAgentAdherenceExplanationsQuery", query),
    ("postWorkforcemanagementBusinessunitAdherenceExplanationsQuery", query_unit),
];

fn collection(agent: &str) -> String {
    KIND.collection.replace("{agentId}", agent)
}

/// The agent of the path, or the user for whom the call acts.
fn agent(target: &Target, call: &Call) -> Checked<String> {
    match call.params.get("agentId") {
        Some(id) if target.agents.email(id).is_some() => Ok(id.clone()),
        Some(id) => Err(errors::not_found("agent", id)),
        None => call.user().map(str::to_owned),
    }
}

fn add(target: &mut Target, call: &Call) -> Checked<Reply> {
    let agent = agent(target, call)?;
    let body = call.object()?;
    for field in KIND.required {
        if body.get(*field).is_none_or(Value::is_null) {
            return Err(errors::validation(*field, format!("{field} is required")));
        }
    }
    let (business_unit, management_unit) = target.home_units();
    let mut fields = object(json!({
        "agent": user_reference(&agent), "status": "Pending", "businessUnit": {"id": business_unit},
        "managementUnit": {"id": management_unit},
    }));
    super::take(target, &KIND, call, &mut fields)?;
    let path = format!("{}/{}", collection(&agent), target.platform_id());
    begin(target, call, "AddExplanation", &path, fields)
}

fn decide(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = call.record_path();
    let mut fields = present(target, &KIND, &path)?.fields.clone();
    target.check_lock(call, &path)?;
    super::take(target, &KIND, call, &mut fields)?;
    fields.insert("reviewedBy".to_owned(), user_reference(&call.writer.id));
    fields.insert("reviewedDate".to_owned(), json!(format_instant(call.now)));
    begin(target, call, "UpdateExplanation", &path, fields)
}

fn begin(target: &mut Target, call: &Call, kind: &str, path: &str, fields: Map<String, Value>) -> Checked<Reply> {
    let id = target.platform_id();
    let status = json!({
        "id": id, "type": kind, "status": "Processing", "selfUri": format!("{W}/adherence/explanations/jobs/{id}"),
    });
    target.start_job(call, &id, json!({"path": path, "fields": fields}), status.clone(), end);
    Ok(Reply::new(202, json!({"job": status})))
}

fn end(target: &mut Target, now: i64, id: &str) {
    let Some(job) = target.platform.jobs.get(id).cloned() else { return };
    let path = job.work["path"].as_str().unwrap_or_default();
    target.commit_document(now, path, object(job.work["fields"].clone()), &job.writer);
    let mut body = job.body;
    body["status"] = json!("Complete");
    if let Some(document) = target.document(path) {
        body["adherenceExplanation"] = KIND.show(target, path, &document);
    }
    let topic = format!("v2.users.{}.workforcemanagement.adherence.explanations.jobs", job.writer.id);
    target.notify(now, topic, body.clone());
    if let Some(job) = target.platform.jobs.get_mut(id) {
        job.body = body;
    }
}

fn job(target: &mut Target, call: &Call) -> Checked<Reply> {
    Ok(call.reply(target.job_body(call)?))
}

fn read_own(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.param("explanationId");
    let path = format!("{}/{id}", collection(call.user()?));
    let document = target.document_at(&path, call.read_at).ok_or_else(|| errors::not_found(KIND.name, id))?;
    Ok(call.reply(KIND.show(target, &path, &document)))
}

fn query(target: &mut Target, call: &Call) -> Checked<Reply> {
    let agents = vec![agent(target, call)?];
    Ok(Reply::new(200, json!({"result": {"entities": between(target, call, &agents)?}})))
}

fn query_unit(target: &mut Target, call: &Call) -> Checked<Reply> {
    let named = call.object()?.get("agentIds").and_then(Value::as_array);
    let named: Vec<String> = named.into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())).collect();
    let agents = match named.is_empty() {
        true => target.agents.iter().map(|(id, _)| id.to_owned()).collect(),
        false => named,
    };
    Ok(Reply::new(200, json!({"result": {"entities": between(target, call, &agents)?}})))
}

/// The explanations of some agents that begin in the range of the body.
fn between(target: &Target, call: &Call, agents: &[String]) -> Checked<Vec<Value>> {
    let body = call.object()?;
    let bound = |name: &'static str| {
        let at = body.get(name).and_then(Value::as_str).and_then(models::instant);
        at.ok_or_else(|| errors::validation(name, format!("{name} must be an instant")))
    };
    let range = bound("startDate")?..bound("endDate")?;
    let all = agents.iter().flat_map(|agent| target.documents_under(&collection(agent), call.read_at));
    let inside = all.filter(|(_, one)| models::instant(one.text("startDate")).is_some_and(|at| range.contains(&at)));
    let shown = inside.map(|(path, one)| KIND.show(target, &path, &one));
    let mut shown: Vec<Value> = shown.collect();
    shown.sort_by_key(|one| one["startDate"].as_str().map(str::to_owned));
    Ok(shown)
}
