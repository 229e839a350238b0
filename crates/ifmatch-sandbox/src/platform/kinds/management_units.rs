//! Management units: their settings carry the version, a new name alone needs none.

use serde_json::{Map, Value, json};

use super::{
    Kind, as_listed,
    business_units::{check_zone, expand, link_division, read_expanded},
    change, create, list_view,
};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, listing, user_reference},
        errors,
    },
    refusal::Checked,
    target::Target,
    time::format_instant,
};

pub(crate) const KIND: Kind = Kind {
    name: "managementUnit",
    collection: "/api/v2/workforcemanagement/managementunits",
    model: "ManagementUnit",
    version_at: "/settings/metadata/version",
    version_optional: true,
    required: &["name", "businessUnitId"],
    settle,
    show: |_, _, document, map| {
        // The older places of the same facts.
        map.insert("metadata".to_owned(), document.metadata());
        map.insert("version".to_owned(), json!(document.meta.version));
        map.insert("dateModified".to_owned(), json!(format_instant(document.meta.at)));
        map.insert("modifiedBy".to_owned(), user_reference(&document.meta.by_id));
    },
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementManagementunits", list),
    ("getWorkforcemanagementManagementunitsDivisionviews", list_view),
    ("getWorkforcemanagementBusinessunitManagementunits", list),
    ("postWorkforcemanagementManagementunits", create),
    ("getWorkforcemanagementManagementunit", read_expanded),
    ("patchWorkforcemanagementManagementunit", change),
];

/// The settings of a management unit that somebody made.
pub(crate) fn settings() -> Value {
    json!({
        "adherence": {
            "severeAlertThresholdMinutes": 5, "adherenceTargetPercent": 80, "adherenceExceptionThresholdSeconds": 60,
            "nonOnQueueActivitiesEquivalent": true, "trackOnQueueActivity": false,
            "ignoredActivityCategories": {"values": []},
        },
        "shortTermForecasting": {"defaultHistoryWeeks": 8},
        "timeOff": {"submissionRangeEnforced": false, "submissionEarliestDaysFromNow": 0, "submissionLatestDaysFromNow": 365},
        "scheduling": {
            "maxOccupancyPercentForDeferredWork": 90, "defaultShrinkagePercent": 20.0,
            "shrinkageOverrides": {"values": []}, "startDayOfWeekend": "Saturday",
        },
        "shiftTrading": {
            "enabled": true, "autoReview": false, "allowDirectTrades": true, "minHoursInFuture": 24, "unequalPaid": "Allow",
            "oneSided": "Allow", "weeklyMinPaidViolations": "Allow", "weeklyMaxPaidViolations": "Allow",
            "requiresMatchingQueues": false, "requiresMatchingLanguages": false, "requiresMatchingSkills": false,
            "requiresMatchingPlanningGroups": false, "activityCategoryRules": [], "maxTradeSpanWeeks": 1,
            "maxTradesPerAgentPerWeek": 10, "minMinutesBetweenShifts": 0,
        },
    })
}

/// The units of the path's business unit, or all of them.
fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let home = call.params.get("businessUnitId");
    let all = target.documents_under(KIND.collection, call.read_at);
    let wanted = all
        .iter()
        .filter(|(_, unit)| home.is_none_or(|home| unit.get("businessUnit")["id"].as_str() == Some(home.as_str())));
    let mut entities: Vec<Value> = wanted.map(|(path, unit)| KIND.show(target, path, unit)).collect();
    entities.iter_mut().for_each(|unit| expand(call, unit));
    let entities = as_listed(call, entities);
    Ok(call.reply(listing(call, entities)?))
}

/// A unit lies in a business unit and takes its zone and first day from it.
fn settle(target: &mut Target, call: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    check_zone(&json!({"timeZone": fields.get("timeZone")}), "timeZone")?;
    let home = fields.get("businessUnit").and_then(|home| home["id"].as_str()).unwrap_or_default().to_owned();
    let path = format!("{W}/businessunits/{home}");
    let unit = target.document(&path).ok_or_else(|| errors::unknown_in_body("businessUnit", &home))?;
    fields.insert("businessUnit".to_owned(), json!({"id": home, "selfUri": path}));
    for name in ["timeZone", "startDayOfWeek"] {
        fields.insert(name.to_owned(), unit.get("settings")[name].clone());
    }
    fields.entry("settings").or_insert_with(settings);
    link_division(target, call, fields)
}
