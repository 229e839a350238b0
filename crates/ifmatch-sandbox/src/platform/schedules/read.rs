//! The lists of schedules and one schedule.

use std::sync::Arc;

use serde_json::{Value, json};

use super::show;
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share},
        errors,
        world::management_unit_of,
    },
    record::Schedule,
    refusal::Checked,
    target::Target,
    time::{DAY, day_of, parse_date},
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitWeekSchedules", list),
    ("getWorkforcemanagementBusinessunitWeekSchedule", read),
];

/// How far the recent schedules reach into past and future.
const RECENT_MS: i64 = 26 * 7 * DAY;

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = business_unit(target, call);
    let (from, until) = match call.param("weekId") {
        "recent" => {
            let date = |ms: i64| day_of(ms, &unit.time_zone).map(|date| date.to_string()).unwrap_or_default();
            (date(call.now - RECENT_MS), date(call.now + RECENT_MS))
        }
        _ => {
            let week = week(call)?;
            (week.clone(), week)
        }
    };
    let bound = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => parse_date(text).map(|_| Some(text)).ok_or_else(|| errors::bad_query(name)),
    };
    let (earliest, latest) = (bound("earliestWeekDate")?, bound("latestWeekDate")?);
    let published_only = call.query_flag("includeOnlyPublished");
    let seen = target.schedules.values().filter_map(|history| history.at(call.read_at));
    let mut wanted: Vec<&Arc<Schedule>> = seen
        .filter(|schedule| {
            schedule.business_unit_id == unit.id
                && (from.as_str()..=until.as_str()).contains(&schedule.week.as_str())
                && earliest.is_none_or(|earliest| schedule.week.as_str() >= earliest)
                && latest.is_none_or(|latest| schedule.week.as_str() <= latest)
                && (!published_only || show::is_published(schedule))
        })
        .collect();
    wanted.sort_by(|a, b| (&a.week, &a.id).cmp(&(&b.week, &b.id)));
    let entities: Vec<Value> = wanted.into_iter().map(|schedule| show::item(schedule)).collect();
    Ok(call.reply(json!({"entities": entities})))
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let schedule = seen(target, call)?;
    let with_agents = call.query_list("expand").contains(&"managementUnits.agents");
    Ok(call.reply(show::detail(&schedule, &target.agents_by_unit(&schedule), with_agents)))
}

/// A business unit as the calls on schedules need it.
#[derive(Debug, Clone)]
pub(crate) struct BusinessUnit {
    pub(crate) id: String,
    /// Its first management unit.
    pub(crate) management_unit: String,
    pub(crate) time_zone: String,
    /// The day on which its weeks start, e.g. `Monday`.
    first_day: String,
}

/// The business unit of the path.
pub(crate) fn business_unit(target: &Target, call: &Call) -> BusinessUnit {
    BusinessUnit::of(target, call.param("businessUnitId"))
}

impl BusinessUnit {
    /// The unit of that id.
    pub(crate) fn of(target: &Target, id: &str) -> Self {
        let unit = target.document(&format!("{W}/businessunits/{id}"));
        let zone = unit.as_ref().and_then(|unit| unit.get("settings")["timeZone"].as_str());
        let first_day = unit.as_ref().and_then(|unit| unit.get("settings")["startDayOfWeek"].as_str());
        Self {
            id: id.to_owned(),
            management_unit: management_unit_of(id),
            time_zone: zone.unwrap_or("UTC").to_owned(),
            first_day: first_day.unwrap_or("Monday").to_owned(),
        }
    }

    /// Refuses a date that is not the first day of a week of the unit.
    pub(crate) fn check_week(&self, field: &str, date: &str) -> Checked<()> {
        let day = parse_date(date).map(|date| date.strftime("%A").to_string());
        if day.is_some_and(|day| day == self.first_day) {
            return Ok(());
        }
        let text = match field {
            "weekId" => "Invalid week date ID in path parameter".to_owned(),
            _ => format!("{field} is the first day of a week, a {}", self.first_day),
        };
        Err(errors::validation(field, text))
    }
}

/// The schedule of the path as the call sees it.
pub(crate) fn seen(target: &Target, call: &Call) -> Checked<Arc<Schedule>> {
    let state = target.schedules.get(call.param("scheduleId")).and_then(|history| history.at(call.read_at));
    of_path(state.cloned(), call)
}

/// The schedule of the path as it stands.
pub(crate) fn present(target: &Target, call: &Call) -> Checked<Arc<Schedule>> {
    of_path(target.schedule(call.param("scheduleId")), call)
}

fn of_path(found: Option<Arc<Schedule>>, call: &Call) -> Checked<Arc<Schedule>> {
    let week = week(call)?;
    let own = found.filter(|own| own.business_unit_id == call.param("businessUnitId") && own.week == week);
    own.ok_or_else(|| errors::not_found("schedule", call.param("scheduleId")))
}

/// The week of the path, for a schedule that is to begin with it.
pub(crate) fn first_week(target: &Target, call: &Call) -> Checked<String> {
    let week = week(call)?;
    business_unit(target, call).check_week("weekId", &week)?;
    Ok(week)
}

/// The week of the path. Some SDKs send the whole instant of its first moment.
pub(crate) fn week(call: &Call) -> Checked<String> {
    let text = call.param("weekId");
    let date = text.get(..10).filter(|date| parse_date(date).is_some());
    let rest = text.get(10..).unwrap_or_default();
    match date {
        Some(date) if rest.is_empty() || (rest.starts_with('T') && crate::time::parse_instant(text).is_some()) => {
            Ok(date.to_owned())
        }
        _ => Err(errors::validation("weekId", "Invalid week date ID in path parameter")),
    }
}
