//! Activity codes of a business unit: one document, one version for the whole list, so that writes of two codes conflict.
//! The id of a code is the one that activities carry.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share, listing},
        document::Document,
        errors,
        guard::{METADATA, version_in},
        models,
        world::{Home, object},
    },
    refusal::Checked,
    target::Target,
};

const MODEL: &str = "BusinessUnitActivityCode";

pub(crate) const SHARE: Share = &[
    ("getWorkforcemanagementBusinessunitActivitycodes", list),
    ("postWorkforcemanagementBusinessunitActivitycodes", create),
    ("getWorkforcemanagementBusinessunitActivitycode", read),
    ("patchWorkforcemanagementBusinessunitActivitycode", change),
    ("patchWorkforcemanagementBusinessunitActivitycodesBulk", change_many),
    ("deleteWorkforcemanagementBusinessunitActivitycode", remove),
    ("getWorkforcemanagementManagementunitActivitycodes", container),
];

/// The path of the list of a business unit.
pub(crate) fn path_of(business_unit: &str) -> String {
    format!("{W}/businessunits/{business_unit}/activitycodes")
}

/// The list and the id of a code's own path.
pub(crate) fn part_of(path: &str) -> Option<(&str, &str)> {
    path.rsplit_once('/').filter(|(list, _)| list.ends_with("/activitycodes"))
}

/// One code as the API shows it.
pub(crate) fn show(list: &Document, path: &str, id: &str) -> Option<Value> {
    let mut code = list.get(id).as_object()?.clone();
    code.insert("id".to_owned(), json!(id));
    code.insert("selfUri".to_owned(), json!(format!("{path}/{id}")));
    code.insert("metadata".to_owned(), list.metadata());
    Some(Value::Object(code))
}

fn codes(target: &Target, call: &Call) -> Checked<(String, Arc<Document>)> {
    let path = path_of(call.param("businessUnitId"));
    let list = match call.operation.is_read() {
        true => target.document_at(&path, call.read_at),
        false => target.document(&path),
    };
    list.map(|list| (path, list)).ok_or_else(|| errors::not_found("activityCode", call.param("activityCodeId")))
}

/// A code that a body names must exist. A unit without a list of codes has nothing to hold it against.
pub(crate) fn must_be_known(target: &Target, business_unit: &str, id: &str) -> Checked<()> {
    match target.document(&path_of(business_unit)) {
        Some(list) if !list.fields.contains_key(id) => Err(errors::unknown_in_body("activityCode", id)),
        _ => Ok(()),
    }
}

/// The same for a list of codes in the fields of a record.
pub(crate) fn all_known(target: &Target, business_unit: &str, ids: Option<&Value>) -> Checked<()> {
    let mut ids = ids.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    ids.try_for_each(|id| must_be_known(target, business_unit, id))
}

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (path, list) = codes(target, call)?;
    let entities = list.fields.keys().filter_map(|id| show(&list, &path, id)).collect();
    Ok(call.reply(listing(call, entities)?))
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let ((path, list), id) = (codes(target, call)?, call.param("activityCodeId"));
    let code = show(&list, &path, id).ok_or_else(|| errors::not_found("activityCode", id))?;
    Ok(call.reply(code))
}

fn create(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (path, list) = codes(target, call)?;
    target.check_lock(call, &path)?;
    let body = call.object()?;
    for field in ["name", "category"] {
        if body.get(field).is_none_or(Value::is_null) {
            return Err(errors::validation(field, format!("{field} is required")));
        }
    }
    let mut code = object(plain("", "OffQueueWork"));
    models::take(body, "CreateActivityCodeRequest", MODEL, &mut code, &mut target.platform.rng)?;
    code.insert("defaultCode".to_owned(), json!(false));
    let id = target.platform_id();
    let mut fields = list.fields.clone();
    fields.insert(id.clone(), Value::Object(code));
    commit(target, call, &path, fields, &[id])
}

fn change(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (path, list) = codes(target, call)?;
    target.check_lock(call, &path)?;
    let (id, body) = (call.param("activityCodeId"), call.object()?);
    let mut fields = list.fields.clone();
    edit(target, call, &list, &mut fields, id, body)?;
    commit(target, call, &path, fields, &[id.to_owned()])
}

/// Several codes in one write: all of them or none.
fn change_many(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (path, list) = codes(target, call)?;
    target.check_lock(call, &path)?;
    let Some(entities) = call.object()?.get("entities").and_then(Value::as_array) else {
        return Err(errors::validation("entities", "entities is required"));
    };
    let (mut fields, mut ids) = (list.fields.clone(), Vec::new());
    for entity in entities.iter().filter_map(Value::as_object) {
        let id = entity.get("id").and_then(Value::as_str).unwrap_or_default();
        if !list.fields.contains_key(id) {
            return Err(errors::unknown_in_body("activityCode", id));
        }
        edit(target, call, &list, &mut fields, id, entity)?;
        ids.push(id.to_owned());
    }
    let now = commit(target, call, &path, fields, &[])?;
    let list = target.document(&path).ok_or_else(|| errors::not_found("activityCode", ""))?;
    let entities = ids.iter().filter_map(|id| show(&list, &path, id)).collect::<Vec<Value>>();
    Ok(Reply { body: json!({"entities": entities}), ..now })
}

/// A deleted code stays, inactive: schedules still name it.
fn remove(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (path, list) = codes(target, call)?;
    let id = call.param("activityCodeId");
    let code = list.fields.get(id).ok_or_else(|| errors::not_found("activityCode", id))?;
    target.check_lock(call, &path)?;
    if code["defaultCode"] == true {
        return Err(errors::not_allowed("A default activity code cannot be deleted"));
    }
    let mut fields = list.fields.clone();
    fields[id]["active"] = json!(false);
    target.commit_document(call.now, &path, fields, &call.writer);
    Ok(call.reply(Value::Null))
}

fn edit(
    target: &mut Target,
    call: &Call,
    list: &Document,
    fields: &mut Map<String, Value>,
    id: &str,
    body: &Map<String, Value>,
) -> Checked<()> {
    let held = fields.get_mut(id).and_then(Value::as_object_mut);
    let held = held.ok_or_else(|| errors::not_found("activityCode", id))?;
    let named = version_in(body, METADATA)?;
    target.check_version(call, named, list.meta.version)?;
    models::take(body, "UpdateActivityCodeRequest", MODEL, held, &mut target.platform.rng)
}

/// Commits the list and answers with the first of the codes.
fn commit(target: &mut Target, call: &Call, path: &str, fields: Map<String, Value>, ids: &[String]) -> Checked<Reply> {
    target.commit_document(call.now, path, fields, &call.writer);
    let list = target.document(path);
    let code = ids.first().and_then(|id| show(list.as_deref()?, path, id));
    Ok(call.reply(code.unwrap_or_default()))
}

/// The older route: codes by id, under a management unit.
fn container(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = target.document_at(&format!("{W}/managementunits/{}", call.param("managementUnitId")), call.read_at);
    let home = unit.as_ref().and_then(|unit| unit.get("businessUnit")["id"].as_str()).unwrap_or_default();
    let path = path_of(home);
    let list = target.document_at(&path, call.read_at).ok_or_else(|| errors::not_found("activityCode", ""))?;
    let codes = list.fields.keys().filter_map(|id| {
        let mut code = show(&list, &path, id)?;
        code["isActive"] = code["active"].clone();
        code["isDefault"] = code["defaultCode"].clone();
        models::retain("ActivityCode", code.as_object_mut()?);
        Some((id.clone(), code))
    });
    let codes: Map<String, Value> = codes.collect();
    Ok(call.reply(json!({"activityCodes": codes, "metadata": list.metadata()})))
}

fn plain(name: &str, category: &str) -> Value {
    let work = !matches!(category, "Meal" | "TimeOff" | "Unavailable");
    json!({
        "name": name, "active": true, "defaultCode": true, "category": category, "lengthInMinutes": 30,
        "countsAsPaidTime": category != "Meal" && category != "Unavailable", "countsAsWorkTime": work,
        "agentTimeOffSelectable": category == "TimeOff", "countsTowardShrinkage": category != "OnQueueWork",
        "plannedShrinkage": category != "OnQueueWork", "interruptible": false,
    })
}

/// The codes that every unit has, and those that the schedules name.
pub(crate) fn seed(target: &mut Target, home: &Home) {
    let mut codes = Map::new();
    for (id, name, category) in [
        ("on-queue", "On queue", "OnQueueWork"),
        ("break", "Break", "Break"),
        ("meal", "Meal", "Meal"),
        ("meeting", "Meeting", "Meeting"),
        ("training", "Training", "Training"),
        ("time-off", "Time off", "TimeOff"),
        ("unavailable", "Unavailable", "Unavailable"),
    ] {
        codes.insert(id.to_owned(), plain(name, category));
    }
    for history in target.schedules.values().filter(|one| one.current().business_unit_id == home.business_unit) {
        let weeks = history.current().agents.values();
        for activity in weeks.flat_map(|agent| &agent.week.shifts).flat_map(|shift| &shift.activities) {
            if !codes.contains_key(&activity.code) {
                codes.insert(activity.code.clone(), plain(&activity.code, "OffQueueWork"));
            }
        }
    }
    target.seed_document(home.at, path_of(&home.business_unit), codes);
}
