//! Service goal templates of a business unit.

use serde_json::json;

use super::{Kind, change, create, list, read, referred_in, remove};
use crate::{
    platform::{
        call::Share,
        world::{Home, object},
    },
    rng::uuid_of,
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "serviceGoalTemplate",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/servicegoaltemplates",
    model: "ServiceGoalTemplate",
    defaults: || {
        json!({
            "serviceLevel": {"include": true, "percent": 80, "seconds": 20},
            "averageSpeedOfAnswer": {"include": false, "seconds": 30}, "abandonRate": {"include": false, "percent": 5},
        })
    },
    in_use: |target, path| {
        referred_in(target, path, "planninggroups", |group, id| group.get("serviceGoalTemplate")["id"] == id)
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitServicegoaltemplates", list),
    ("postWorkforcemanagementBusinessunitServicegoaltemplates", create),
    ("getWorkforcemanagementBusinessunitServicegoaltemplate", read),
    ("patchWorkforcemanagementBusinessunitServicegoaltemplate", change),
    ("deleteWorkforcemanagementBusinessunitServicegoaltemplate", remove),
];

/// The id of the template at the start.
pub(crate) fn first_id(home: &Home) -> String {
    uuid_of(&format!("service-goal-template/{}", home.business_unit))
}

pub(crate) fn seed(target: &mut Target, home: &Home) {
    let mut template = (KIND.defaults)();
    template["name"] = json!("Standard");
    let path = home.in_business_unit(&format!("servicegoaltemplates/{}", first_id(home)));
    target.seed_document(home.at, path, object(template));
}
