//! Schedules as the vendor shows them.

use serde_json::{Map, Value, json};

use crate::{
    platform::{W, call::user_reference, document::metadata},
    record::{Activity, AgentWeek, Schedule, Shift},
    time::{DAY, format_instant},
};

/// Activity codes that are not paid unless a write says otherwise.
const UNPAID: [&str; 2] = ["meal", "break-unpaid"];

/// Weeks that a schedule spans.
pub(crate) fn week_count(schedule: &Schedule) -> i64 {
    // The days of a week with a change of the clock are not all of one length.
    let (first, end) = schedule.bounds;
    ((end - first + 3 * DAY) / (7 * DAY)).max(1)
}

/// Whether a day follows the last of its weeks.
pub(crate) fn has_extra_day(schedule: &Schedule) -> bool {
    let (first, end) = schedule.bounds;
    end - first > week_count(schedule) * 7 * DAY + DAY / 2
}

/// Whether the newest revision is the published one.
pub(crate) fn is_published(schedule: &Schedule) -> bool {
    schedule.published_revision > 0 && schedule.published_revision == schedule.draft_revision
}

/// The path of a schedule in this API.
pub(crate) fn uri(schedule: &Schedule) -> String {
    format!("{W}/businessunits/{}/weeks/{}/schedules/{}", schedule.business_unit_id, schedule.week, schedule.id)
}

/// `BuScheduleReference`.
pub(crate) fn reference(schedule: &Schedule) -> Value {
    json!({"id": schedule.id, "weekDate": schedule.week, "selfUri": uri(schedule)})
}

/// `BuScheduleListItem`.
pub(crate) fn item(schedule: &Schedule) -> Value {
    json!({
        "id": schedule.id, "weekDate": schedule.week, "weekCount": week_count(schedule),
        "description": schedule.description, "published": is_published(schedule), "metadata": metadata(&schedule.meta),
        "selfUri": uri(schedule),
    })
}

/// `BuScheduleMetadata`; the agents of each management unit only where they are asked for.
pub(crate) fn detail(schedule: &Schedule, units: &[(String, Vec<&str>)], with_agents: bool) -> Value {
    let mut shown = item(schedule);
    let summary = |(unit, agents): &(String, Vec<&str>)| {
        let mut summary = json!({
            "managementUnit": {"id": unit, "selfUri": format!("{W}/managementunits/{unit}")},
            "agentCount": agents.len(), "startDate": format_instant(schedule.bounds.0),
            "endDate": format_instant(schedule.bounds.1),
        });
        if with_agents {
            summary["agents"] = agents.iter().map(|id| user_reference(id)).collect();
        }
        summary
    };
    shown["managementUnits"] = units.iter().map(summary).collect();
    shown
}

/// The `result` of a notice about a schedule.
pub(crate) fn noticed(schedule: &Schedule, units: &[(String, Vec<&str>)]) -> Value {
    let meta = &schedule.meta;
    let summary = |(unit, agents): &(String, Vec<&str>)| {
        json!({
            "managementUnit": {"id": unit}, "agentCount": agents.len(),
            "agents": agents.iter().map(|id| json!({"id": id})).collect::<Vec<Value>>(),
            "startDate": format_instant(schedule.bounds.0), "endDate": format_instant(schedule.bounds.1),
        })
    };
    json!({
        "id": schedule.id, "weekDate": midnight(&schedule.week), "weekCount": week_count(schedule),
        "description": schedule.description, "published": is_published(schedule),
        "managementUnits": units.iter().map(summary).collect::<Vec<Value>>(),
        "metadata": {
            "version": meta.version, "modifiedBy": {"id": &*meta.by_id}, "dateModified": format_instant(meta.at),
        },
    })
}

/// A date in a notice: the models of notices have instants only.
pub(crate) fn midnight(date: &str) -> String {
    format!("{date}T00:00:00Z")
}

/// `BuAgentScheduleQueryResponse`.
pub(crate) fn agent(schedule: &Schedule, id: &str, agent: &AgentWeek) -> Value {
    let mut shown = json!({
        "user": user_reference(id), "metadata": metadata(&agent.meta), "fullDayTimeOffMarkers": [],
        "shifts": agent.week.shifts.iter().map(|own| shift(schedule, own)).collect::<Vec<Value>>(),
    });
    if let Some(markers) = agent.week.more.get("fullDayTimeOffMarkers") {
        shown["fullDayTimeOffMarkers"] = markers.clone();
    }
    if let Some(plan) = agent.week.more.get("workPlanId") {
        shown["workPlan"] = json!({"id": plan});
    }
    if let Some(plans) = agent.week.more.get("workPlanIdsPerWeek").and_then(Value::as_array) {
        shown["workPlansPerWeek"] = plans.iter().map(|plan| json!({"id": plan})).collect();
    }
    shown
}

/// `BuAgentScheduleShift`.
pub(crate) fn shift(schedule: &Schedule, own: &Shift) -> Value {
    let mut shown = json!({
        "id": own.id, "startDate": format_instant(own.start_ms), "lengthMinutes": own.length_minutes,
        "activities": own.activities.iter().map(activity).collect::<Vec<Value>>(), "manuallyEdited": false,
        "schedule": reference(schedule),
    });
    overlay(&mut shown, &own.more);
    shown
}

/// `BuAgentScheduleActivity`.
fn activity(own: &Activity) -> Value {
    let mut shown = json!({
        "startDate": format_instant(own.start_ms), "lengthMinutes": own.length_minutes, "activityCodeId": own.code,
    });
    overlay(&mut shown, &taken_for_granted(&own.code, own.length_minutes, own.more.get("paid")));
    overlay(&mut shown, &own.more);
    shown
}

/// The fields of an activity that the model of `wfm-v2` does not hold, as they are where no write said otherwise.
pub(crate) fn taken_for_granted(code: &str, length_minutes: i64, paid: Option<&Value>) -> Map<String, Value> {
    let paid = paid.and_then(Value::as_bool).unwrap_or(!UNPAID.contains(&code));
    let mut map = Map::new();
    map.insert("description".to_owned(), json!(""));
    map.insert("paid".to_owned(), json!(paid));
    map.insert("payableMinutes".to_owned(), json!(if paid { length_minutes } else { 0 }));
    map
}

fn overlay(shown: &mut Value, more: &Map<String, Value>) {
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(more.clone());
    }
}
