//! Business units: their settings carry the version, a new name alone needs none.

use serde_json::{Map, Value, json};

use super::{Kind, change, create, list, list_view, read};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors,
    },
    refusal::Checked,
    target::Target,
    time::zone_exists,
};

pub(crate) const KIND: Kind = Kind {
    name: "businessUnit",
    collection: "/api/v2/workforcemanagement/businessunits",
    model: "BusinessUnitResponse",
    version_at: "/settings/metadata/version",
    version_optional: true,
    required: &["name", "settings"],
    settle: |target, call, fields| {
        complete(fields);
        check_zone(fields.get("settings").unwrap_or(&Value::Null), "settings.timeZone")?;
        link_division(target, call, fields)
    },
    show: |_, _, _, map| drop(map.insert("authorized".to_owned(), json!(true))),
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunits", list),
    ("getWorkforcemanagementBusinessunitsDivisionviews", list_view),
    ("postWorkforcemanagementBusinessunits", create),
    ("getWorkforcemanagementBusinessunit", read_expanded),
    ("patchWorkforcemanagementBusinessunit", change),
];

/// The settings of a business unit that somebody made.
pub(crate) fn settings(time_zone: &str) -> Value {
    json!({
        "startDayOfWeek": "Monday", "timeZone": time_zone, "shortTermForecasting": {"defaultHistoryWeeks": 8},
        "scheduling": {
            "messageSeverities": [], "syncTimeOffProperties": ["PayableMinutes"], "enableTimeOffFullDayEstimation": false,
            "serviceGoalImpact": {
                "serviceLevel": {"increaseByPercent": 20.0, "decreaseByPercent": 20.0},
                "averageSpeedOfAnswer": {"increaseByPercent": 20.0, "decreaseByPercent": 20.0},
                "abandonRate": {"increaseByPercent": 20.0, "decreaseByPercent": 20.0},
            },
            "allowWorkPlanPerMinuteGranularity": false, "activitySmoothingType": "ConsistentServiceLevel",
            "induceScheduleVariability": false,
        },
        "notifications": {"scheduling": {"earlyReminderMinutes": 15, "activityCategorySettings": []}}, "learning": {}, "coaching": {},
    })
}

/// Settings that nobody has given have the value that those of a unit at the start have.
fn complete(fields: &mut Map<String, Value>) {
    fn fill(held: &mut Value, usual: Value) {
        if let (Some(held), Value::Object(usual)) = (held.as_object_mut(), usual) {
            for (name, usual) in usual {
                match held.get_mut(&name) {
                    Some(held) => fill(held, usual),
                    None => drop(held.insert(name, usual)),
                }
            }
        }
    }
    if let Some(held) = fields.get_mut("settings") {
        let zone = held["timeZone"].as_str().unwrap_or("UTC").to_owned();
        fill(held, settings(&zone));
    }
}

/// Refuses a zone that nobody knows.
pub(crate) fn check_zone(part: &Value, field: &str) -> Checked<()> {
    match part["timeZone"].as_str() {
        Some(zone) if !zone_exists(zone) => Err(errors::validation(field, format!("There is no time zone {zone}"))),
        _ => Ok(()),
    }
}

pub(crate) fn link_division(_: &mut Target, _: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    let id = fields.get("division").and_then(|division| division["id"].as_str()).map(str::to_owned);
    fields.insert("division".to_owned(), division(&id.unwrap_or_else(home_division)));
    Ok(())
}

/// A division as a unit shows it.
pub(crate) fn division(id: &str) -> Value {
    json!({"id": id, "selfUri": format!("/api/v2/authorization/divisions/{id}")})
}

/// The division that everything is in.
pub(crate) fn home_division() -> String {
    crate::rng::uuid_of("division/home")
}

/// GET of one unit: its settings are shown as far as `expand` asks for them.
pub(crate) fn read_expanded(target: &mut Target, call: &Call) -> Checked<Reply> {
    let mut reply = read(target, call)?;
    expand(call, &mut reply.body);
    Ok(reply)
}

/// Leaves of the settings what `expand` names, and their metadata.
pub(crate) fn expand(call: &Call, unit: &mut Value) {
    let wanted = call.query_list("expand");
    let Some(unit) = unit.as_object_mut() else { return };
    if wanted.contains(&"settings") {
        return;
    }
    let parts: Vec<&str> = wanted.iter().filter_map(|name| name.strip_prefix("settings.")).collect();
    if parts.is_empty() {
        unit.remove("settings");
    } else if let Some(settings) = unit.get_mut("settings").and_then(Value::as_object_mut) {
        settings.retain(|name, _| name == "metadata" || parts.contains(&name.as_str()));
    }
}
