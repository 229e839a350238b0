//! The agents of a management unit: what the unit knows of each, written without a version.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Kind;
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, user_reference},
        document::{Document, id_of},
        errors,
        world::object,
        wrappers::{self, Said},
    },
    refusal::Checked,
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "agent",
    collection: "/api/v2/workforcemanagement/managementunits/{managementUnitId}/agents",
    model: "WfmAgent",
    version_at: "",
    defaults: || json!({"schedulable": true, "acceptDirectShiftTrades": true}),
    show: |target, path, document, map| {
        let id = id_of(path);
        map.insert("user".to_owned(), user_reference(id));
        map.insert("metadata".to_owned(), document.metadata());
        for list in ["queues", "languages", "skills", "workPlanOverrides"] {
            map.insert(list.to_owned(), json!([]));
        }
        link_plans(target, path, i64::MAX, map);
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementManagementunitAgent", read),
    ("patchWorkforcemanagementManagementunitAgents", change),
    ("patchWorkforcemanagementManagementunitAgentsWorkplansBulk", assign_plans),
    ("getWorkforcemanagementManagementunitUsers", users),
    ("getWorkforcemanagementManagementunitShifttradesUsers", users),
    ("getWorkforcemanagementBusinessunitUsers", users_by_unit),
    ("getWorkforcemanagementAgentManagementunit", home_of),
    ("getWorkforcemanagementAgentsMeManagementunit", home_of),
];

/// Says which plan and which rotation the agent at a path is in, at an instant.
fn link_plans(target: &Target, path: &str, at: i64, map: &mut Map<String, Value>) {
    let (unit, id) = path.split_once("/agents/").unwrap_or_default();
    for (name, collection) in [("workPlan", "workplans"), ("workPlanRotation", "workplanrotations")] {
        map.remove(name);
        if let Some(path) = holder(target, &format!("{unit}/{collection}"), id, at) {
            map.insert(name.to_owned(), json!({"id": id_of(&path), "selfUri": path}));
        }
    }
}

/// The plan or rotation that an agent is in.
fn holder(target: &Target, collection: &str, id: &str, at: i64) -> Option<String> {
    let holds = |agent: &Value| agent["id"] == id || agent["user"]["id"] == id;
    let all = target.documents_under(collection, at);
    let found =
        all.into_iter().find(|(_, plan)| plan.get("agents").as_array().is_some_and(|all| all.iter().any(holds)));
    found.map(|(path, _)| path)
}

/// Puts what is known of an agent whom nobody has written yet in its place.
fn ensure(target: &mut Target, call: &Call, id: &str) -> Option<String> {
    let unit = call.param("managementUnitId");
    if !target.agents_of(unit).iter().any(|agent| agent == id) {
        return None;
    }
    let path = format!("{W}/managementunits/{unit}/agents/{id}");
    if target.document(&path).is_none() {
        target.seed_document(call.now, path.clone(), object((KIND.defaults)()));
    }
    Some(path)
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.param("agentId");
    let path = ensure(target, call, id);
    let found = path.and_then(|path| Some((target.document_at(&path, call.read_at)?, path)));
    let (agent, path) = found.ok_or_else(|| errors::not_found("agent", id))?;
    let mut shown = KIND.show(target, &path, &agent);
    if let Some(map) = shown.as_object_mut() {
        link_plans(target, &path, call.read_at, map);
    }
    Ok(call.reply(shown))
}

/// Who is schedulable. All agents must be known; then each is written, whoever wrote last.
fn change(target: &mut Target, call: &Call) -> Checked<Reply> {
    let Some(entities) = call.object()?.get("entities").and_then(Value::as_array) else {
        return Err(errors::validation("entities", "entities is required"));
    };
    let mut writes: Vec<(String, Map<String, Value>)> = Vec::new();
    for entity in entities {
        let id = entity["userId"].as_str().unwrap_or_default();
        let path = ensure(target, call, id).ok_or_else(|| errors::unknown_in_body("agent", id))?;
        target.check_lock(call, &path)?;
        let mut fields = target.document(&path).map(|agent| agent.fields.clone()).unwrap_or_default();
        match &entity["schedulable"] {
            Value::Bool(flag) => drop(fields.insert("schedulable".to_owned(), json!(flag))),
            Value::Null => {}
            _ => return Err(errors::validation("schedulable", "schedulable must be true or false")),
        }
        writes.push((path, fields));
    }
    for (path, fields) in writes {
        target.commit_document(call.now, &path, fields, &call.writer);
    }
    Ok(call.reply(Value::Null))
}

/// Who has which work plan. What cannot be done is told for each agent, the rest lands.
fn assign_plans(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = call.param("managementUnitId");
    let plans = format!("{W}/managementunits/{unit}/workplans");
    let entities = call.object()?.get("entities").and_then(Value::as_array).cloned().unwrap_or_default();
    for entity in &entities {
        let user = entity["userId"].as_str().unwrap_or_default();
        let wanted = entity["workPlanId"]["value"].as_str();
        for (path, _) in touched(target, &plans, user, wanted) {
            target.check_lock(call, &path)?;
        }
    }
    let mut failures = Vec::new();
    for entity in &entities {
        let user = entity["userId"].as_str().unwrap_or_default();
        let plan = wrappers::value(entity.get("workPlanId")).unwrap_or(Said::Nothing);
        let wanted = match &plan {
            Said::Set(id) => id.as_str(),
            Said::Clear => None,
            Said::Nothing => continue,
        };
        let failure = match wanted {
            _ if !target.agents_of(unit).iter().any(|agent| agent == user) => Some("AgentNotInManagementUnit"),
            Some(id) if target.document(&format!("{plans}/{id}")).is_none() => Some("WorkPlanNotFound"),
            _ => None,
        };
        match failure {
            Some(failure) => failures.push(json!({"user": user_reference(user), "failure": failure})),
            None => assign(target, call, &plans, user, wanted),
        }
    }
    Ok(call.reply(json!({"failures": failures})))
}

/// The plans that an agent is in and the one that it goes into.
fn touched(target: &Target, plans: &str, user: &str, wanted: Option<&str>) -> Vec<(String, Arc<Document>)> {
    let mut all = target.documents_under(plans, i64::MAX);
    let has =
        |plan: &Document| plan.get("agents").as_array().is_some_and(|all| all.iter().any(|one| one["id"] == user));
    all.retain(|(path, plan)| wanted == Some(id_of(path)) || has(plan));
    all
}

/// Puts an agent into one plan and takes them out of the others.
fn assign(target: &mut Target, call: &Call, plans: &str, user: &str, wanted: Option<&str>) {
    for (path, plan) in touched(target, plans, user, wanted) {
        let mut agents = plan.get("agents").as_array().cloned().unwrap_or_default();
        agents.retain(|agent| agent["id"] != user);
        if wanted == Some(id_of(&path)) {
            agents.push(user_reference(user));
        }
        if agents.len() != plan.get("agents").as_array().map_or(0, Vec::len) {
            let mut fields = plan.fields.clone();
            fields.insert("agents".to_owned(), Value::Array(agents));
            target.commit_document(call.now, &path, fields, &call.writer);
        }
    }
}

fn users(target: &mut Target, call: &Call) -> Checked<Reply> {
    let agents = target.agents_of(call.param("managementUnitId"));
    let entities: Vec<Value> = agents.iter().map(|id| user_reference(id)).collect();
    Ok(call.reply(json!({"entities": entities})))
}

fn users_by_unit(target: &mut Target, call: &Call) -> Checked<Reply> {
    let wanted = call.query_list("managementUnitIds");
    let units = target.documents_under(&format!("{W}/managementunits"), call.read_at);
    let own = units.iter().filter(|(path, unit)| {
        let inside = unit.get("businessUnit")["id"] == call.param("businessUnitId");
        inside && (wanted.is_empty() || wanted.contains(&id_of(path)))
    });
    let listed = own.map(|(path, _)| {
        let users: Vec<Value> = target.agents_of(id_of(path)).iter().map(|id| user_reference(id)).collect();
        json!({"managementUnit": {"id": id_of(path), "selfUri": path}, "users": users})
    });
    let listed: Vec<Value> = listed.collect();
    Ok(call.reply(json!({"managementUnits": listed})))
}

/// The units of an agent, or of the user for whom the call acts.
fn home_of(target: &mut Target, call: &Call) -> Checked<Reply> {
    let own = call.params.get("agentId").map(String::as_str);
    let id = match own {
        Some(id) => id,
        None => call.user()?,
    };
    if own.is_some() && target.agents.email(id).is_none() {
        return Err(errors::not_found("agent", id));
    }
    let (business_unit, management_unit) = target.home_units();
    Ok(call.reply(json!({
        "user": user_reference(id),
        "managementUnit": {"id": management_unit, "selfUri": format!("{W}/managementunits/{management_unit}")},
        "businessUnit": {"id": business_unit, "selfUri": format!("{W}/businessunits/{business_unit}")},
    })))
}
