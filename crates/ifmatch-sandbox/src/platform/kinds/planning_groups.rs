//! Planning groups of a business unit.

use serde_json::{Map, Value, json};

use super::{Kind, change, create, must_exist, read, referred_in, remove};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share},
        document::{id_of, metadata},
        errors, queues,
        world::{Home, object},
    },
    refusal::{Checked, Refusal},
    rng::uuid_of,
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "planningGroup",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/planninggroups",
    model: "PlanningGroup",
    required: &["name", "routePaths", "serviceGoalTemplateId"],
    settle,
    in_use: |target, path| {
        referred_in(target, path, "staffinggroups", |group, id| {
            group.get("planningGroups").as_array().is_some_and(|all| all.iter().any(|one| one["id"] == id))
        })
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitPlanninggroups", list),
    ("postWorkforcemanagementBusinessunitPlanninggroups", create),
    ("getWorkforcemanagementBusinessunitPlanninggroup", read),
    ("patchWorkforcemanagementBusinessunitPlanninggroup", change),
    ("deleteWorkforcemanagementBusinessunitPlanninggroup", remove),
];

/// The list has metadata of its own: those of the group that was written last.
fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let mut reply = super::list(target, call)?;
    let groups = target.documents_under(&call.record_path(), call.read_at);
    if let Some((_, last)) = groups.iter().max_by_key(|(_, group)| group.meta.at) {
        reply.body["metadata"] = metadata(&last.meta);
    }
    Ok(reply)
}

fn settle(target: &mut Target, call: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    let id = fields.get("serviceGoalTemplate").and_then(|template| template["id"].as_str()).unwrap_or_default();
    let unit = call.param("businessUnitId");
    must_exist(target, "serviceGoalTemplate", &format!("{W}/businessunits/{unit}/servicegoaltemplates/{id}"))?;
    // A write that leaves the route paths alone is not held to them.
    let names_paths = call.object()?.get("routePaths").is_some_and(|paths| !paths.is_null());
    if names_paths { check_paths(target, call, fields) } else { Ok(()) }
}

/// Every route path has a queue that exists, and is no other group's.
fn check_paths(target: &Target, call: &Call, fields: &Map<String, Value>) -> Checked<()> {
    let own = paths(fields);
    for (place, path) in own.iter().enumerate() {
        if path.0.is_empty() || path.2.is_empty() || path.3.contains(&"") {
            return Err(Refusal::new(400, "wfm.ids.may.not.be.blank", "An id of a queue, language or skill is blank"));
        }
        if !queues::exists(path.0) {
            return Err(errors::unknown_in_body("queue", path.0));
        }
        if own[..place].contains(path) {
            return Err(errors::validation("routePaths", "A route path stands twice in the group"));
        }
    }
    let collection = KIND.collection.replace("{businessUnitId}", call.param("businessUnitId"));
    let groups = target.documents_under(&collection, i64::MAX);
    let mut others = groups.iter().filter(|(path, _)| id_of(path) != call.param("planningGroupId"));
    match others.any(|(_, other)| paths(&other.fields).iter().any(|path| own.contains(path))) {
        true => Err(errors::stale(call.operation)),
        false => Ok(()),
    }
}

/// Queue, medium, language and skills of a route path; a language that is not named is not `""`.
type Path<'f> = (&'f str, &'f str, &'f str, Vec<&'f str>);

fn paths(fields: &Map<String, Value>) -> Vec<Path<'_>> {
    fields.get("routePaths").and_then(Value::as_array).into_iter().flatten().map(path).collect()
}

fn path(one: &Value) -> Path<'_> {
    let skills = one["skills"].as_array().into_iter().flatten();
    let mut skills: Vec<&str> = skills.map(|skill| skill["id"].as_str().unwrap_or_default()).collect();
    skills.sort_unstable();
    let language = one["language"]["id"].as_str().unwrap_or("any");
    (one["queue"]["id"].as_str().unwrap_or_default(), one["mediaType"].as_str().unwrap_or_default(), language, skills)
}

/// The id of the group at the start.
pub(crate) fn first_id(home: &Home) -> String {
    uuid_of(&format!("planning-group/{}", home.business_unit))
}

pub(crate) fn seed(target: &mut Target, home: &Home) {
    let group = json!({
        "name": "Voice", "serviceGoalTemplate": {"id": super::service_goals::first_id(home)},
        "routePaths": [{"queue": {"id": queues::id_of("voice")}, "mediaType": "Voice", "skills": []}],
    });
    target.seed_document(home.at, home.in_business_unit(&format!("planninggroups/{}", first_id(home))), object(group));
}
