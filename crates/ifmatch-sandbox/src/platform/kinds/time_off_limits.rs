//! Time-off limits: of a business unit, and of a management unit on the older routes. Their values are set under the
//! version of the limit.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{Kind, change, check_guard, create, list, present, read, remove};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        document::{Document, id_of},
        errors, models,
        world::{Home, object},
    },
    refusal::Checked,
    rng::uuid_of,
    target::Target,
    time::{date_plus, parse_date},
};

pub(crate) const BUSINESS_UNIT: Kind = Kind {
    name: "timeOffLimit",
    collection: "/api/v2/workforcemanagement/businessunits/{businessUnitId}/timeofflimits",
    model: "BuTimeOffLimitResponse",
    required: &["granularity"],
    defaults: || json!({"values": {}}),
    ..Kind::PLAIN
};

pub(crate) const MANAGEMENT_UNIT: Kind = Kind {
    name: "timeOffLimit",
    collection: "/api/v2/workforcemanagement/managementunits/{managementUnitId}/timeofflimits",
    model: "TimeOffLimit",
    required: &["granularity"],
    defaults: || json!({"values": {}, "defaultLimitMinutes": 0}),
    ..Kind::PLAIN
};

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitTimeofflimits", list),
    ("postWorkforcemanagementBusinessunitTimeofflimits", create),
    ("getWorkforcemanagementBusinessunitTimeofflimit", read),
    ("deleteWorkforcemanagementBusinessunitTimeofflimit", remove),
    ("putWorkforcemanagementBusinessunitTimeofflimitValues", set_values),
    ("postWorkforcemanagementBusinessunitTimeofflimitValuesQuery", values_of_one),
    ("postWorkforcemanagementBusinessunitTimeofflimitsValuesQuery", values),
    ("getWorkforcemanagementManagementunitTimeofflimits", list),
    ("postWorkforcemanagementManagementunitTimeofflimits", create),
    ("getWorkforcemanagementManagementunitTimeofflimit", read),
    ("patchWorkforcemanagementManagementunitTimeofflimit", change),
    ("deleteWorkforcemanagementManagementunitTimeofflimit", remove),
    ("putWorkforcemanagementManagementunitTimeofflimitValues", set_values),
    ("postWorkforcemanagementManagementunitTimeofflimitsValuesQuery", values),
];

/// Slots of a quarter of an hour in a day.
const SLOTS: usize = 96;
/// Longest time that a query may ask about.
const DAYS_MAX: i64 = 366;
/// Most ranges of dates in one query.
const RANGES_MAX: usize = 30;

/// The kind of the limits that a call is about, and the path of their collection.
fn home(call: &Call) -> (&'static Kind, String) {
    match call.params.get("businessUnitId") {
        Some(unit) => (&BUSINESS_UNIT, BUSINESS_UNIT.collection.replace("{businessUnitId}", unit)),
        None => {
            let unit = call.param("managementUnitId");
            (&MANAGEMENT_UNIT, MANAGEMENT_UNIT.collection.replace("{managementUnitId}", unit))
        }
    }
}

/// PUT of values: each range replaces the days that it covers.
fn set_values(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, collection) = home(call);
    let path = format!("{collection}/{}", call.param("timeOffLimitId"));
    let old = present(target, kind, &path)?;
    check_guard(target, kind, call, &path, old.meta.version)?;
    let mut days = days_of(&old);
    let mut named: Vec<Date> = Vec::new();
    for range in call.object()?.get("values").and_then(Value::as_array).into_iter().flatten() {
        let start = range["startDate"].as_str().and_then(parse_date);
        let start = start.ok_or_else(|| errors::validation("values.startDate", "startDate must be a date"))?;
        let (minutes, size) = minutes(range, old.text("granularity"))?;
        for (place, day) in minutes.chunks(size).enumerate() {
            let date = date_plus(start, place as i64);
            if named.contains(&date) {
                return Err(errors::validation("values", format!("Two ranges cover {date}")));
            }
            named.push(date);
            days.insert(date.to_string(), json!(day));
        }
    }
    let mut fields = old.fields.clone();
    fields.insert("values".to_owned(), Value::Object(days));
    target.commit_document(call.now, &path, fields, &call.writer);
    let document = present(target, kind, &path)?;
    Ok(call.reply(kind.show(target, &path, &document)))
}

/// The minutes of a range and how many make a day, in either of the spellings.
fn minutes(range: &Value, granularity: &str) -> Checked<(Vec<i64>, usize)> {
    let by = |name: &str, size: usize| Some((range[name].as_array()?, size));
    let size = if range["granularity"].as_str().unwrap_or(granularity) == "Daily" { 1 } else { SLOTS };
    let found = by("limitMinutesPerDay", 1)
        .or_else(|| by("limitMinutesPerFifteenMinutes", SLOTS))
        .or_else(|| by("limitMinutesPerInterval", size));
    let (list, size) = found.ok_or_else(|| errors::validation("values", "A range needs a list of minutes"))?;
    let minutes: Option<Vec<i64>> = list.iter().map(Value::as_i64).collect();
    let minutes = minutes.ok_or_else(|| errors::validation("values", "Minutes are whole numbers"))?;
    Ok((minutes, size))
}

/// Minutes by date: one number for the day, or one for each slot.
fn days_of(limit: &Document) -> Map<String, Value> {
    limit.get("values").as_object().cloned().unwrap_or_default()
}

/// The ranges of dates of a query, each with its number of days.
fn ranges(call: &Call) -> Checked<Vec<(Date, i64)>> {
    let ranges = call.object()?.get("dateRanges").and_then(Value::as_array).cloned().unwrap_or_default();
    let read = |range: &Value| {
        let (start, end) = (parse_date(range["startDate"].as_str()?)?, parse_date(range["endDate"].as_str()?)?);
        let days = i64::from((end - start).get_days()) + 1;
        (days > 0).then_some((start, days))
    };
    let read: Option<Vec<(Date, i64)>> = ranges.iter().map(read).collect();
    let read = read.ok_or_else(|| errors::validation("dateRanges", "A range has a first and a last date"))?;
    if read.len() > RANGES_MAX || read.iter().map(|(_, days)| days).sum::<i64>() > DAYS_MAX {
        let text = format!("At most {RANGES_MAX} ranges and {DAYS_MAX} days can be asked about");
        return Err(errors::validation("dateRanges", text));
    }
    Ok(read)
}

/// The values of the limits that the body names, or of all.
fn values(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, collection) = home(call);
    let model = if kind.model == BUSINESS_UNIT.model { "BuTimeOffLimitValueRange" } else { "TimeOffLimitValueRange" };
    let wanted = call.object()?.get("timeOffLimitId").and_then(Value::as_str);
    let ranges = ranges(call)?;
    let limits = target.documents_under(&collection, call.read_at);
    let mut found = Vec::new();
    for (path, limit) in limits.iter().filter(|(path, _)| wanted.is_none_or(|wanted| wanted == id_of(path))) {
        let days = days_of(limit);
        let spent = if limit.text("granularity") == "Daily" { 1 } else { SLOTS };
        for (start, count) in &ranges {
            let dates = (0..*count).map(|day| date_plus(*start, day).to_string());
            let default = limit.get("defaultLimitMinutes").as_i64().unwrap_or(0);
            let default = vec![json!(default); spent];
            let minutes =
                dates.flat_map(|date| days.get(&date).and_then(Value::as_array).cloned().unwrap_or(default.clone()));
            let minutes: Vec<Value> = minutes.collect();
            let none = vec![0; minutes.len()];
            let mut one = json!({
                "id": uuid_of(&format!("{path}/{start}")),
                "timeOffLimit": {"id": id_of(path), "selfUri": path}, "startDate": start.to_string(),
                "granularity": limit.get("granularity"), "limitMinutesPerInterval": minutes,
                "allocatedMinutesPerInterval": none, "waitlistedMinutesPerInterval": none,
                "waitlistedRequestsPerInterval": none, "metadata": limit.metadata(),
            });
            if let Some(map) = one.as_object_mut() {
                models::retain(model, map);
            }
            found.push(one);
        }
    }
    Ok(call.reply(json!({"values": found})))
}

fn values_of_one(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, collection) = home(call);
    let path = format!("{collection}/{}", call.param("timeOffLimitId"));
    let found = target.document_at(&path, call.read_at);
    let limit = found.ok_or_else(|| errors::not_found(kind.name, id_of(&path)))?;
    let ranges = ranges(call)?;
    let inside = |date: &str| {
        let date = parse_date(date);
        date.is_some_and(|date| ranges.iter().any(|(start, days)| date >= *start && date < date_plus(*start, *days)))
    };
    let daily = limit.text("granularity") == "Daily";
    let shown = days_of(&limit).into_iter().filter(|(date, _)| inside(date)).map(|(date, minutes)| {
        let name = if daily { "valuesPerDay" } else { "valuesPerFifteenMinutes" };
        let none = vec![0; minutes.as_array().map_or(0, Vec::len)];
        json!({"startDate": date, name: {
            "limitMinutes": minutes, "allocatedMinutes": none, "waitlistedMinutes": none, "waitlistedRequests": none,
        }})
    });
    Ok(call.reply(json!({
        "timeOffLimit": {"id": id_of(&path), "selfUri": path}, "granularity": limit.get("granularity"),
        "limitValues": shown.collect::<Vec<Value>>(), "metadata": limit.metadata(),
    })))
}

pub(crate) fn seed(target: &mut Target, home: &Home) {
    let id = uuid_of(&format!("time-off-limit/{}", home.business_unit));
    let limit = json!({"granularity": "Daily", "managementUnit": {"id": home.management_unit}, "values": {}});
    target.seed_document(home.at, home.in_business_unit(&format!("timeofflimits/{id}")), object(limit));
    let limit = json!({"granularity": "Daily", "defaultLimitMinutes": 480, "values": {}});
    let id = uuid_of(&format!("time-off-limit/{}", home.management_unit));
    target.seed_document(home.at, home.in_management_unit(&format!("timeofflimits/{id}")), object(limit));
}
