//! The scheduler's settings of a business unit.

use serde_json::json;

use super::{Kind, change, read};
use crate::{
    platform::{
        call::Share,
        world::{Home, object},
    },
    target::Target,
};

pub(crate) const KIND: Kind = Kind {
    name: "schedulerSettings",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/scheduler/settings",
    model: "BuSchedulerSettingsResponse",
    single: true,
    defaults: || json!({"consistentServiceLevelSmoothing": true}),
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitSchedulerSettings", read),
    ("patchWorkforcemanagementBusinessunitSchedulerSettings", change),
];

pub(crate) fn seed(target: &mut Target, home: &Home) {
    target.seed_document(home.at, home.in_business_unit("scheduler/settings"), object((KIND.defaults)()));
}
