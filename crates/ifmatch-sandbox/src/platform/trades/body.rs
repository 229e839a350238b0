//! Reading the bodies of the calls on trades: both generations of routes say the same things in different words.

use serde_json::{Map, Value, json};

use crate::{
    platform::{
        errors,
        models::instant,
        world::management_unit_of,
        wrappers::{Said, value, values},
    },
    refusal::{Checked, Refusal},
    target::Target,
    time::{format_instant, parse_date},
};

/// What a body says about an offer.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) meant_for: Field,
    pub(crate) expires_at: Field,
    pub(crate) intervals: Field,
    pub(crate) note: Field,
}

/// What a body says about one of the terms, checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Untold,
    Clear,
    Set(Value),
}

impl Terms {
    /// `PatchShiftTradeRequest`.
    pub(crate) fn of_patch(body: &Map<String, Value>) -> Checked<Self> {
        Ok(Self {
            meant_for: field(value(body.get("receivingUserId")), "receivingUserId", text)?,
            expires_at: field(value(body.get("expiration")), "expiration", time)?,
            intervals: field(values(body.get("acceptableIntervals")), "acceptableIntervals", spans)?,
            note: Field::Untold,
        })
    }

    /// `UpdateShiftTradeJobRequest`.
    pub(crate) fn of_update(body: &Map<String, Value>) -> Checked<Self> {
        Ok(Self {
            meant_for: field(value(body.get("target")), "target", target_user)?,
            expires_at: field(value(body.get("expirationDate")), "expirationDate", time)?,
            intervals: field(values(body.get("acceptableIntervals")), "acceptableIntervals", spans)?,
            note: field(value(body.get("reviewNote")), "reviewNote", text)?,
        })
    }

    /// `AddShiftTradeRequest`.
    pub(crate) fn of_add(body: &Map<String, Value>) -> Checked<Self> {
        Ok(Self {
            meant_for: field(Some(plain(body, "receivingUserId")), "receivingUserId", text)?,
            expires_at: field(Some(plain(body, "expiration")), "expiration", time)?,
            intervals: field(Some(plain(body, "acceptableIntervals")), "acceptableIntervals", spans)?,
            note: Field::Untold,
        })
    }

    /// `AddShiftTradeJobRequest`.
    pub(crate) fn of_add_job(body: &Map<String, Value>) -> Checked<Self> {
        Ok(Self {
            meant_for: field(Some(plain(body, "target")), "target", target_user)?,
            expires_at: field(Some(plain(body, "expirationDate")), "expirationDate", time)?,
            intervals: field(Some(plain(body, "acceptableIntervals")), "acceptableIntervals", spans)?,
            note: field(Some(plain(body, "reviewNote")), "reviewNote", text)?,
        })
    }
}

/// The same for a field without a wrapper.
fn plain<'b>(body: &'b Map<String, Value>, name: &str) -> Said<'b> {
    body.get(name).filter(|value| !value.is_null()).map_or(Said::Nothing, Said::Set)
}

fn field(said: Option<Said<'_>>, name: &str, read: fn(&Value) -> Option<Value>) -> Checked<Field> {
    let wrong = || errors::validation(name, format!("{name} has no valid value"));
    match said.ok_or_else(wrong)? {
        Said::Nothing => Ok(Field::Untold),
        Said::Clear => Ok(Field::Clear),
        Said::Set(value) => read(value).map(Field::Set).ok_or_else(wrong),
    }
}

fn text(value: &Value) -> Option<Value> {
    value.is_string().then(|| value.clone())
}

fn target_user(value: &Value) -> Option<Value> {
    text(value.get("userId")?)
}

fn time(value: &Value) -> Option<Value> {
    value.as_str().and_then(instant).map(|at| json!(format_instant(at)))
}

/// Spans as `start/end` or as objects.
fn spans(value: &Value) -> Option<Value> {
    let span = |one: &Value| {
        let (start, end) = match one {
            Value::String(text) => text.split_once('/')?,
            other => (other.get("startDate")?.as_str()?, other.get("endDate")?.as_str()?),
        };
        let (start, end) = (instant(start)?, instant(end)?);
        (start < end).then(|| json!({"startDate": format_instant(start), "endDate": format_instant(end)}))
    };
    value.as_array()?.iter().map(span).collect::<Option<Vec<Value>>>().map(Value::Array)
}

/// A text that a body must have.
pub(crate) fn needed<'b>(body: &'b Map<String, Value>, name: &str) -> Checked<&'b str> {
    let found = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| errors::validation(name, format!("{name} is required")))
}

/// A text inside an object that a body must have.
pub(crate) fn needed_in<'b>(body: &'b Map<String, Value>, outer: &str, name: &str) -> Checked<&'b str> {
    let field = format!("{outer}.{name}");
    let found = body.get(outer).and_then(|outer| outer.get(name)).and_then(Value::as_str);
    found.ok_or_else(|| errors::validation(field.clone(), format!("{field} is required")))
}

/// The date of a week. Some SDKs send the whole instant of its first moment.
pub(crate) fn date(text: &str) -> Option<&str> {
    let date = text.get(..10).filter(|date| parse_date(date).is_some())?;
    let rest = text.get(10..).unwrap_or_default();
    (rest.is_empty() || (rest.starts_with('T') && instant(text).is_some())).then_some(date)
}

/// The week that a body must name.
pub(crate) fn week<'b>(body: &'b Map<String, Value>, name: &str) -> Checked<&'b str> {
    date(needed(body, name)?).ok_or_else(|| errors::validation(name, format!("{name} is a date")))
}

/// The weeks that a body must name.
pub(crate) fn weeks(body: &Map<String, Value>) -> Checked<Vec<String>> {
    let wrong = || errors::validation("weekDates", "weekDates is a list of dates");
    let list = body.get("weekDates").and_then(Value::as_array).ok_or_else(wrong)?;
    list.iter().map(|one| one.as_str().and_then(date).map(str::to_owned).ok_or_else(wrong)).collect()
}

/// The management units that a body must name, each one of the business unit.
pub(crate) fn units(target: &Target, business_unit: &str, body: &Map<String, Value>) -> Checked<Vec<String>> {
    let wrong = || errors::validation("managementUnitIds", "managementUnitIds is a list of ids");
    let list = body.get("managementUnitIds").and_then(Value::as_array).ok_or_else(wrong)?;
    let mut units = Vec::new();
    for one in list {
        let id = one.as_str().ok_or_else(wrong)?;
        let document = target.document(&format!("{}/managementunits/{id}", crate::platform::W));
        let home = document.as_ref().and_then(|unit| unit.get("businessUnit")["id"].as_str());
        if home != Some(business_unit) && management_unit_of(business_unit) != id {
            let mut refusal =
                Refusal::new(400, "wfm.validation.management.unit.not.found", "There is no such management unit");
            refusal.entity = Some(id.to_owned());
            return Err(refusal);
        }
        units.push(id.to_owned());
    }
    Ok(units)
}
