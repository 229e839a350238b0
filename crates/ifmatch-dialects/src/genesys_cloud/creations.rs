//! Records that shall exist: how each kind is created, and how one that may exist already is looked for.
//!
//! No creation of this API carries a key of its own, so one that may have been made is looked for by what names it: its name in
//! its unit, or for a request for time off its dates.

use super::answer::Answer;
use super::evidence::Purpose;
use super::fields::{Field, Form};
use super::kinds::{CODE, GROUP, Kind, Kinds, ROTATION, TIME_OFF, WORK_PLAN};
use super::{lens, paths, same, snapshot};
use ifmatch_core::{Creation, Fact, Method, Name, Request, Snapshot, Written};
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// Fields without which the API creates nothing.
pub(crate) fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        WORK_PLAN => &["name"],
        ROTATION => &["name", "dateRange", "pattern"],
        CODE => &["name", "category"],
        GROUP => &["name", "routePaths", "serviceGoalTemplateId"],
        TIME_OFF => &["status", "activityCodeId"],
        _ => &[],
    }
}

/// Whether records of a kind can be created.
pub(crate) fn can(kind: &str) -> bool {
    !required(kind).is_empty()
}

/// The value of a creation with what its name says.
fn named(creation: &Creation) -> Map<String, Value> {
    let mut value = match &creation.resource.name {
        Name::Key(key) => serde_json::from_str(key).unwrap_or_default(),
        Name::Id(_) | Name::External { .. } => Map::new(),
    };
    value.extend(creation.value.as_object().cloned().unwrap_or_default());
    value
}

/// The parts of the id that the record will have, but for its own.
fn units<'v>(kind: &Kind, value: &'v Map<String, Value>) -> Vec<&'v str> {
    let owners = kind.owners();
    owners.iter().map(|name| value.get(*name).and_then(Value::as_str).unwrap_or("-")).collect()
}

/// Where the records of a kind are listed.
fn collection(kind: &Kind, units: &[&str]) -> String {
    let path = paths::of_record(kind, units);
    path.rsplit_once('/').map_or(path.clone(), |(collection, _)| collection.to_owned())
}

/// Looks for the record.
pub(crate) fn lookup(kinds: &Kinds, creation: &Creation) -> Request {
    let Some(kind) = kinds.get(&creation.resource.kind) else { return Request::bare(Method::Get, paths::W) };
    let value = named(creation);
    Request::bare(Method::Get, collection(kind, &units(kind, &value)))
}

/// Creates the record.
pub(crate) fn create(kinds: &Kinds, creation: &Creation) -> Request {
    let Some(kind) = kinds.get(&creation.resource.kind) else { return Request::bare(Method::Get, paths::W) };
    let value = named(creation);
    let units = units(kind, &value);
    let mut body = creation_body(kind.fields, &Value::Object(value.clone()));
    if kind.spec.name != TIME_OFF {
        return Request::json(Method::Post, collection(kind, &units), &Value::Object(body));
    }
    let user = units.get(1).copied().unwrap_or_default();
    body.insert("users".to_owned(), json!([{"id": user}]));
    let unit = units.first().copied().unwrap_or_default();
    Request::json(Method::Post, paths::filled("/managementunits/{}/timeoffrequests", &[unit]), &Value::Object(body))
}

/// The body of a creation: what a record holds of these fields. Lists are not wrapped as in a change.
fn creation_body(fields: &[Field], value: &Value) -> Map<String, Value> {
    let nothing = json!({});
    let mut body = lens::patch(fields, &nothing, value);
    for field in fields {
        let bare = matches!(field.form, Form::Value | Form::Values | Form::References(_) | Form::List(..));
        if let Some(value) = value.get(field.name).filter(|value| bare && !value.is_null()) {
            body.insert(field.name.to_owned(), value.clone());
        }
    }
    body
}

/// What became of a creation.
pub(crate) fn created(kinds: &Kinds, answer: &Answer<'_>, creation: &Creation) -> Fact {
    if let Some(evidence) = answer.refusal(Purpose::Write) {
        return Fact::Refused(evidence);
    }
    let Some(kind) = kinds.get(&creation.resource.kind) else { return answer.strange("the kind is not known") };
    let value = named(creation);
    let body = if kind.spec.name == TIME_OFF { &answer.body["timeOffRequests"][0] } else { answer.body };
    match shown(kind, &units(kind, &value), body, answer) {
        Some((id, snapshot)) => Fact::Written(Written { id: Some(id), snapshot, shown: true, existed: false }),
        None => answer.untold("the answer does not show the record that was made"),
    }
}

/// The records that a look-up found.
pub(crate) fn found(kinds: &Kinds, answer: &Answer<'_>, creation: &Creation) -> Fact {
    if let Some(fact) = answer.unread() {
        return fact;
    }
    let Some(kind) = kinds.get(&creation.resource.kind) else { return answer.strange("the kind is not known") };
    let list = answer.body.get("entities").or_else(|| answer.body.get("timeOffRequests")).and_then(Value::as_array);
    let Some(list) = list else { return answer.strange("the answer is no list") };
    let value = named(creation);
    let units = units(kind, &value);
    let records = list.iter().filter_map(|entity| shown(kind, &units, entity, answer));
    Fact::Found(records.filter(|(_, found)| names(kind, &value, &found.value)).collect())
}

/// Whether a record has the name, or the dates, that a creation gives.
fn names(kind: &Kind, value: &Map<String, Value>, found: &Value) -> bool {
    let fields: &[&str] = match &*kind.spec.name {
        TIME_OFF => &["activityCodeId", "fullDayManagementUnitDates", "partialDayStartDateTimes"],
        _ => &["name"],
    };
    fields.iter().all(|name| value.get(*name).is_none_or(|wanted| same::alike(wanted, &found[*name])))
}

fn shown(kind: &Kind, units: &[&str], body: &Value, answer: &Answer<'_>) -> Option<(String, Snapshot)> {
    let id = format!("{}/{}", units.join("/"), body["id"].as_str()?);
    let snapshot = snapshot::shown(kind, &id, body, answer.now)?;
    Some((id, snapshot))
}

/// Whether a found record is the one that a creation means: everything that it gives is there.
pub(crate) fn is_same(kinds: &Kinds, creation: &Creation, found: &Value) -> bool {
    let Some(kind) = kinds.get(&creation.resource.kind) else { return false };
    let value = named(creation);
    let agrees = |name: &str| match (value.get(name), found.get(name)) {
        (None | Some(Value::Null), _) => true,
        (Some(wanted), Some(found)) => same::alike(wanted, found),
        (Some(_), None) => false,
    };
    kind.spec.writable.iter().all(agrees)
}
