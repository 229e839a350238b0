//! What an upload says about an agent, put into the week as it stands: shifts by their id, fields by their name.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::show::taken_for_granted;
use crate::{
    options::Options,
    platform::{document::Document, errors, models::instant, wrappers},
    record::{Activity, Schedule, Shift, Week},
    refusal::Checked,
    time::format_in_zone,
    week::{Reader, instant_text},
};

/// Fields of an activity that the model of `wfm-v2` does not hold.
const OF_ACTIVITY: [&str; 7] = [
    "description",
    "paid",
    "payableMinutes",
    "timeOffRequestId",
    "timeOffRequestSyncVersion",
    "externalActivityId",
    "externalActivityType",
];

/// The most minutes that a shift or an activity may last.
const LENGTH_MAX: i64 = 7 * 24 * 60;

/// What an upload is read against.
pub(crate) struct Content<'t> {
    pub(crate) options: &'t Options,
    pub(crate) schedule: &'t Schedule,
    /// The activity codes of the business unit; absent where it has no list.
    pub(crate) codes: Option<Arc<Document>>,
}

impl Content<'_> {
    /// The week after the entry; `new_ids` are for the shifts that have none.
    pub(crate) fn week(
        &self,
        base: &Week,
        entry: &Map<String, Value>,
        new_ids: &mut dyn FnMut() -> String,
    ) -> Checked<Week> {
        let mut week = base.clone();
        for item in objects(entry, "shifts")? {
            self.put_shift(base, item, &mut week.shifts, new_ids)?;
        }
        put_markers(entry, &mut week.more)?;
        put_wrapped(entry, "workPlanId", &mut week.more)?;
        let plans = wrappers::values(entry.get("workPlanIdsPerWeek"));
        put_said(plans, "workPlanIdsPerWeek", &mut week.more)?;
        if week.more.contains_key("workPlanId") && week.more.contains_key("workPlanIdsPerWeek") {
            return Err(errors::validation("workPlanId", "workPlanId and workPlanIdsPerWeek exclude each other"));
        }
        Ok(week)
    }

    fn put_shift(
        &self,
        base: &Week,
        item: &Map<String, Value>,
        shifts: &mut Vec<Shift>,
        new_ids: &mut dyn FnMut() -> String,
    ) -> Checked<()> {
        let named = item.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = named.map_or_else(new_ids, str::to_owned);
        let place = shifts.iter().position(|shift| shift.id == id);
        if item.get("delete") == Some(&Value::Bool(true)) {
            place.map(|place| shifts.remove(place));
            return Ok(());
        }
        let stored = base.shift(&id);
        let shift = self.shift(id, stored, item)?;
        if stored != Some(&shift) {
            let reader = Reader { options: self.options, bounds: self.schedule.bounds };
            reader.inside(&shift, format_args!("shifts"))?;
        }
        match place {
            Some(place) => shifts[place] = shift,
            None => shifts.push(shift),
        }
        Ok(())
    }

    fn shift(&self, id: String, stored: Option<&Shift>, item: &Map<String, Value>) -> Checked<Shift> {
        let (start, start_ms) = match (stored, item.get("startDate").filter(|value| !value.is_null())) {
            (Some(stored), None) => (stored.start.clone(), stored.start_ms),
            (stored, value) => self.start(value, stored.map(|stored| (&*stored.start, stored.start_ms)))?,
        };
        let length_minutes = match (stored, item.get("lengthMinutes").filter(|value| !value.is_null())) {
            (Some(stored), None) => stored.length_minutes,
            (_, value) => length(value)?,
        };
        let activities = match (stored, item.get("activities").filter(|value| !value.is_null())) {
            (Some(stored), None) => stored.activities.clone(),
            _ => {
                let list = objects(item, "activities")?;
                list.into_iter().map(|item| self.activity(stored, item)).collect::<Checked<Vec<Activity>>>()?
            }
        };
        let mut more = stored.map(|stored| stored.more.clone()).unwrap_or_default();
        if let Some(edited) = item.get("manuallyEdited").and_then(Value::as_bool) {
            keep(&mut more, "manuallyEdited", &json!(edited), &json!(false));
        }
        for name in ["workPlanId", "workPlanShiftId"] {
            match item.get(name) {
                // In an import these are plain texts.
                Some(Value::String(id)) => drop(more.insert(name.to_owned(), json!(id))),
                _ => put_wrapped(item, name, &mut more)?,
            }
        }
        Ok(Shift { id, start, start_ms, length_minutes, activities, more })
    }

    fn activity(&self, stored: Option<&Shift>, item: &Map<String, Value>) -> Checked<Activity> {
        let given = item.get("startDate").and_then(Value::as_str).and_then(instant);
        let of_shift = stored.map_or(&[][..], |shift| &shift.activities);
        let stored = stored.and_then(|shift| shift.activities.iter().find(|old| Some(old.start_ms) == given));
        let text = stored.map(|stored| (&*stored.start, stored.start_ms));
        let (start, start_ms) = self.start(item.get("startDate"), text)?;
        let length_minutes = length(item.get("lengthMinutes"))?;
        let Some(code) = item.get("activityCodeId").and_then(Value::as_str).filter(|code| !code.is_empty()) else {
            return Err(errors::validation("activities.activityCodeId", "An activity has a code"));
        };
        // What a shift has already is not held against anybody: the other API knows no list of codes.
        let unknown = self.codes.as_ref().is_some_and(|list| !list.fields.contains_key(code));
        if unknown && !of_shift.iter().any(|old| old.code == code) {
            return Err(errors::unknown_in_body("activityCode", code));
        }
        let granted = taken_for_granted(code, length_minutes, item.get("paid"));
        let usual = taken_for_granted(code, length_minutes, None);
        let mut more = Map::new();
        for name in OF_ACTIVITY {
            let Some(value) = item.get(name).filter(|value| !value.is_null()) else { continue };
            let base = if name == "paid" { &usual } else { &granted };
            keep(&mut more, name, value, base.get(name).unwrap_or(&Value::Null));
        }
        Ok(Activity { start, start_ms, length_minutes, code: code.to_owned(), more })
    }

    /// The text of an instant, as it stands where it does not move.
    fn start(&self, value: Option<&Value>, stored: Option<(&str, i64)>) -> Checked<(String, i64)> {
        let Some(ms) = value.and_then(Value::as_str).and_then(instant) else {
            return Err(errors::validation("startDate", "An instant is needed"));
        };
        if let Some((text, _)) = stored.filter(|(_, stored)| *stored == ms) {
            return Ok((text.to_owned(), ms));
        }
        Ok((instant_text(self.options, &format_in_zone(ms, &self.schedule.time_zone), ms), ms))
    }
}

/// Markers of whole days off, by their date.
fn put_markers(entry: &Map<String, Value>, more: &mut Map<String, Value>) -> Checked<()> {
    const NAME: &str = "fullDayTimeOffMarkers";
    let mut markers: Vec<Value> = more.get(NAME).and_then(Value::as_array).cloned().unwrap_or_default();
    for marker in objects(entry, NAME)? {
        let Some(date) = marker.get("businessUnitDate").filter(|date| date.is_string()) else {
            return Err(errors::validation("fullDayTimeOffMarkers.businessUnitDate", "A marker has a date"));
        };
        markers.retain(|old| old.get("businessUnitDate") != Some(date));
        if marker.get("delete") != Some(&Value::Bool(true)) {
            let mut marker = marker.clone();
            marker.remove("delete");
            markers.push(Value::Object(marker));
        }
    }
    markers.sort_by_key(|marker| marker["businessUnitDate"].as_str().map(str::to_owned));
    match markers.is_empty() {
        true => drop(more.remove(NAME)),
        false => drop(more.insert(NAME.to_owned(), Value::Array(markers))),
    }
    Ok(())
}

fn put_wrapped(entry: &Map<String, Value>, name: &str, more: &mut Map<String, Value>) -> Checked<()> {
    put_said(wrappers::value(entry.get(name)), name, more)
}

fn put_said(said: Option<wrappers::Said<'_>>, name: &str, more: &mut Map<String, Value>) -> Checked<()> {
    match said.ok_or_else(|| errors::validation(name, "The value stands in a wrapper"))? {
        wrappers::Said::Nothing => {}
        wrappers::Said::Clear => drop(more.remove(name)),
        wrappers::Said::Set(value) => drop(more.insert(name.to_owned(), value.clone())),
    }
    Ok(())
}

/// Keeps a value where it is not the usual one.
fn keep(more: &mut Map<String, Value>, name: &str, value: &Value, usual: &Value) {
    match value == usual {
        true => drop(more.remove(name)),
        false => drop(more.insert(name.to_owned(), value.clone())),
    }
}

/// The objects of a list; none for a list that is absent.
pub(crate) fn objects<'e>(entry: &'e Map<String, Value>, name: &str) -> Checked<Vec<&'e Map<String, Value>>> {
    match entry.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => {
            let items = list.iter().map(|item| item.as_object());
            items.map(|item| item.ok_or_else(|| errors::validation(name, "A list of objects is needed"))).collect()
        }
        Some(_) => Err(errors::validation(name, "A list is needed")),
    }
}

fn length(value: Option<&Value>) -> Checked<i64> {
    let minutes = value.and_then(Value::as_i64).filter(|minutes| (1..=LENGTH_MAX).contains(minutes));
    minutes.ok_or_else(|| errors::validation("lengthMinutes", "A length is a whole number of minutes, at least 1"))
}

#[cfg(test)]
mod tests;
