//! Time-off requests: supervisors write them under a version, agents without one. `syncVersion` counts every write.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{Kind, activity_codes, as_listed, check_guard, present, read};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, user_reference},
        document::{Document, id_of},
        errors,
        world::{Home, object},
    },
    refusal::Checked,
    rng::uuid_of,
    target::Target,
    time::{DAY, date_plus, day_of, format_instant, parse_date},
};

pub(crate) const KIND: Kind = Kind {
    name: "timeOffRequest",
    collection: "/api/v2/workforcemanagement/managementunits/{managementUnitId}/users/{userId}/timeoffrequests",
    model: "TimeOffRequestResponse",
    show: |_, _, document, map| {
        map.insert("submittedBy".to_owned(), user_reference(&document.created.1));
        map.insert("submittedDate".to_owned(), json!(format_instant(document.created.0)));
        map.insert("modifiedBy".to_owned(), user_reference(&document.meta.by_id));
        map.insert("modifiedDate".to_owned(), json!(format_instant(document.meta.at)));
        complete(map);
    },
    ..Kind::PLAIN
};

/// What the model always has: a duration for each date and for the first, what of it is payable, and lists of nothing.
fn complete(map: &mut Map<String, Value>) {
    let count = |name: &str| map.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let dates = count("fullDayManagementUnitDates").max(count("partialDayStartDateTimes"));
    let first = map.get("durationMinutes").map_or(Value::Null, |minutes| minutes[0].clone());
    let daily = map.entry("dailyDurationMinutes").or_insert(first).clone();
    let durations = map.entry("durationMinutes").or_insert_with(|| json!(vec![daily; dates])).clone();
    let paid = map.get("paid").is_none_or(|paid| *paid != json!(false));
    map.entry("payableMinutes").or_insert_with(|| if paid { durations } else { json!(vec![0; dates]) });
    map.entry("notes").or_insert_with(|| json!(""));
    for name in [
        "partialDayStartDateTimes",
        "fullDayManagementUnitDates",
        "fullDayEarliestStartOffsetMinutes",
        "fullDayLatestEndOffsetMinutes",
    ] {
        map.entry(name).or_insert_with(|| json!([]));
    }
}

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementManagementunitTimeoffrequests", create),
    ("postWorkforcemanagementManagementunitTimeoffrequestsQuery", query),
    ("getWorkforcemanagementManagementunitUserTimeoffrequests", list),
    ("getWorkforcemanagementManagementunitUserTimeoffrequest", read),
    ("patchWorkforcemanagementManagementunitUserTimeoffrequest", change),
    ("postWorkforcemanagementTimeoffrequests", create_own),
    ("getWorkforcemanagementTimeoffrequests", list),
    ("getWorkforcemanagementTimeoffrequest", read_own),
    ("patchWorkforcemanagementTimeoffrequest", change_own),
];

/// Longest range of a query, in days.
const QUERY_DAYS_MAX: i64 = 33;

fn collection(unit: &str, user: &str) -> String {
    KIND.collection.replace("{managementUnitId}", unit).replace("{userId}", user)
}

/// The collection of the user of the path, or of the one for whom the call acts.
fn home(target: &Target, call: &Call) -> Checked<String> {
    match call.params.get("userId") {
        Some(user) => Ok(collection(call.param("managementUnitId"), user)),
        None => Ok(collection(&target.home_units().1, call.user()?)),
    }
}

/// A supervisor's request for one or several users.
fn create(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = call.param("managementUnitId").to_owned();
    let users = call.object()?.get("users").and_then(Value::as_array).cloned().unwrap_or_default();
    if users.is_empty() {
        return Err(errors::validation("users", "users is required"));
    }
    for user in &users {
        let id = user["id"].as_str().unwrap_or_default();
        if target.agents.email(id).is_none() {
            return Err(errors::unknown_in_body("user", id));
        }
    }
    let mut shown = Vec::new();
    for user in &users {
        shown.push(make(target, call, &unit, user["id"].as_str().unwrap_or_default())?);
    }
    Ok(call.reply(json!({"timeOffRequests": shown})))
}

fn create_own(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (unit, user) = (target.home_units().1, call.user()?.to_owned());
    let made = make(target, call, &unit, &user)?;
    Ok(call.reply(made))
}

fn make(target: &mut Target, call: &Call, unit: &str, user: &str) -> Checked<Value> {
    let mut fields = Map::new();
    super::take(target, &KIND, call, &mut fields)?;
    for (name, value) in [
        ("status", json!("PENDING")),
        ("user", user_reference(user)),
        ("markedAsRead", json!(false)),
        ("paid", json!(true)),
        ("syncVersion", json!(1)),
    ] {
        fields.entry(name).or_insert(value);
    }
    if fields.get("activityCodeId").is_none() {
        return Err(errors::validation("activityCodeId", "activityCodeId is required"));
    }
    code(target, unit, &fields)?;
    dates(&mut fields)?;
    let path = format!("{}/{}", collection(unit, user), target.platform_id());
    target.commit_document(call.now, &path, fields, &call.writer);
    tell(target, call, &path)
}

/// The activity code must be one of the business unit's.
fn code(target: &Target, unit: &str, fields: &Map<String, Value>) -> Checked<()> {
    let code = fields.get("activityCodeId").and_then(Value::as_str).unwrap_or_default();
    activity_codes::must_be_known(target, &target.business_unit_of(unit), code)
}

/// Full days or parts of days, one of them, and how long each is.
fn dates(fields: &mut Map<String, Value>) -> Checked<()> {
    let count = |name: &str| fields.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let (full, partial) = (count("fullDayManagementUnitDates"), count("partialDayStartDateTimes"));
    if (full == 0) == (partial == 0) {
        let text = "Either full days or parts of days are needed, and not both";
        return Err(errors::validation("fullDayManagementUnitDates", text));
    }
    let durations = count("durationMinutes");
    if durations == 0 && !fields.contains_key("dailyDurationMinutes") {
        return Err(errors::validation("dailyDurationMinutes", "A duration is required"));
    }
    for name in ["durationMinutes", "payableMinutes"] {
        if count(name) != 0 && count(name) != full.max(partial) {
            return Err(errors::validation(name, format!("{name} needs one entry for each date")));
        }
    }
    fields.insert("isFullDayRequest".to_owned(), json!(full > 0));
    Ok(())
}

/// A supervisor's change, under the version.
fn change(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = call.record_path();
    let old = present(target, &KIND, &path)?;
    check_guard(target, &KIND, call, &path, old.meta.version)?;
    write(target, call, &path, &old)
}

/// An agent's change: no version, whoever wrote last.
fn change_own(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = format!("{}/{}", home(target, call)?, call.param("timeOffRequestId"));
    let old = present(target, &KIND, &path)?;
    target.check_lock(call, &path)?;
    write(target, call, &path, &old)
}

fn write(target: &mut Target, call: &Call, path: &str, old: &Document) -> Checked<Reply> {
    if old.text("status") == "CANCELED" {
        return Err(errors::not_allowed("A canceled request cannot be changed"));
    }
    let mut fields = old.fields.clone();
    super::take(target, &KIND, call, &mut fields)?;
    if fields.get("activityCodeId") != old.fields.get("activityCodeId") {
        let unit = path.split('/').nth(5).unwrap_or_default();
        code(target, unit, &fields)?;
    }
    dates(&mut fields)?;
    if fields.get("status") != old.fields.get("status") {
        fields.insert("reviewedBy".to_owned(), user_reference(&call.writer.id));
        fields.insert("reviewedDate".to_owned(), json!(format_instant(call.now)));
    }
    if fields != old.fields {
        let sync = old.get("syncVersion").as_u64().unwrap_or(0) + 1;
        fields.insert("syncVersion".to_owned(), json!(sync));
    }
    target.commit_document(call.now, path, fields, &call.writer);
    let shown = tell(target, call, path)?;
    Ok(call.reply(shown))
}

/// The request as it stands, also to its user.
fn tell(target: &mut Target, call: &Call, path: &str) -> Checked<Value> {
    let document = present(target, &KIND, path)?;
    let shown = KIND.show(target, path, &document);
    let mut notice = shown.clone();
    if let Some(map) = notice.as_object_mut() {
        map.retain(|name, _| !matches!(name.as_str(), "metadata" | "selfUri" | "syncVersion" | "paid"));
    }
    let user = document.get("user")["id"].as_str().unwrap_or_default();
    target.notify(call.now, format!("v2.users.{user}.workforcemanagement.timeoffrequests"), notice);
    Ok(shown)
}

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let all = target.documents_under(&home(target, call)?, call.read_at);
    let shown = all.iter().map(|(path, document)| KIND.show(target, path, document));
    let shown: Vec<Value> = shown.collect();
    Ok(call.reply(json!({"timeOffRequests": shown})))
}

fn read_own(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.param("timeOffRequestId");
    let path = format!("{}/{id}", home(target, call)?);
    let document = target.document_at(&path, call.read_at).ok_or_else(|| errors::not_found(KIND.name, id))?;
    Ok(call.reply(KIND.show(target, &path, &document)))
}

/// The requests of a unit by ids, users, states and dates.
fn query(target: &mut Target, call: &Call) -> Checked<Reply> {
    let body = call.object()?;
    let list = |name: &str| -> Vec<&str> {
        body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let (ids, users, states) = (list("ids"), list("userIds"), list("statuses"));
    let range = body.get("dateRange").filter(|range| !range.is_null()).map(range).transpose()?;
    if let Some((first, last)) = range
        && states != ["PENDING"]
        && i64::from((last - first).get_days()) > QUERY_DAYS_MAX
    {
        return Err(errors::validation("dateRange", format!("The range is longer than {QUERY_DAYS_MAX} days")));
    }
    let unit = format!("{W}/managementunits/{}/users/", call.param("managementUnitId"));
    let is_in = |wanted: &[&str], one: &str| wanted.is_empty() || wanted.contains(&one);
    let all = target.documents_within(&unit, "/timeoffrequests/", call.read_at);
    let fits = |(path, one): &&(String, Arc<Document>)| {
        is_in(&ids, id_of(path))
            && is_in(&users, one.get("user")["id"].as_str().unwrap_or_default())
            && is_in(&states, one.text("status"))
            && range.is_none_or(|(first, last)| days(one).any(|day| day >= first && day <= last))
    };
    let shown = all.iter().filter(fits).map(|(path, one)| KIND.show(target, path, one)).collect();
    let entities = as_listed(call, shown);
    Ok(call.reply(json!({"entities": entities})))
}

/// First and last date of a range, whether its bounds are dates or instants.
fn range(range: &Value) -> Checked<(Date, Date)> {
    let day = |name: &str| range[name].as_str().and_then(|text| parse_date(text.get(..10)?));
    let both = day("startDate").zip(day("endDate"));
    both.ok_or_else(|| errors::validation("dateRange", "A range has a first and a last date"))
}

fn days(request: &Document) -> impl Iterator<Item = Date> {
    let both = ["fullDayManagementUnitDates", "partialDayStartDateTimes"];
    let all = both.into_iter().flat_map(|name| request.get(name).as_array().into_iter().flatten());
    all.filter_map(|text| parse_date(text.as_str()?.get(..10)?))
}

/// Every tenth agent wants a day off in the week after the start.
pub(crate) fn seed(target: &mut Target, home: &Home) {
    let agents: Vec<String> = target.agents.iter().step_by(10).map(|(id, _)| id.to_owned()).take(6).collect();
    let Some(today) = day_of(home.at + DAY, &home.time_zone) else { return };
    for (place, agent) in agents.iter().enumerate() {
        let request = json!({
            "user": user_reference(agent), "isFullDayRequest": true, "markedAsRead": false, "activityCodeId": "time-off",
            "paid": true, "status": "PENDING", "syncVersion": 1, "notes": "",
            "fullDayManagementUnitDates": [date_plus(today, 7 + place as i64).to_string()], "dailyDurationMinutes": 480,
        });
        let id = uuid_of(&format!("time-off-request/{}/{agent}", home.management_unit));
        let path = home.in_management_unit(&format!("users/{agent}/timeoffrequests/{id}"));
        target.seed_document(home.at, path, object(request));
    }
}
