//! Planning groups of a business unit.

use serde_json::{Map, Value, json};

use super::{Kind, change, create, must_exist, read, referred_in, remove};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share},
        document::metadata,
        world::{Home, object},
    },
    refusal::Checked,
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
    must_exist(target, "serviceGoalTemplate", &format!("{W}/businessunits/{unit}/servicegoaltemplates/{id}"))
}

/// The id of the group at the start.
pub(crate) fn first_id(home: &Home) -> String {
    uuid_of(&format!("planning-group/{}", home.business_unit))
}

pub(crate) fn seed(target: &mut Target, home: &Home) {
    let group = json!({
        "name": "Voice", "serviceGoalTemplate": {"id": super::service_goals::first_id(home)},
        "routePaths": [{"queue": {"id": uuid_of("queue/voice")}, "mediaType": "Voice", "skills": []}],
    });
    target.seed_document(home.at, home.in_business_unit(&format!("planninggroups/{}", first_id(home))), object(group));
}
