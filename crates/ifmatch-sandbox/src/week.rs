//! One agent's week: reading it from a body, patching it by key, and the rules it must keep (section 5).

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    options::{Instants, Options, UnknownFields},
    record::{Activity, Shift, Week},
    refusal::{Checked, Refusal},
    time::{MINUTE, format_instant, parse_instant},
};

/// What a body is read against: the options and the bounds of the week.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) options: &'a Options,
    pub(crate) bounds: (i64, i64),
}

/// Whether a list replaces the one that is there, or is merged into it by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListMode {
    Replace,
    Merge,
}

impl Reader<'_> {
    /// The week that results from the entry's `availability` and `shifts`; a field that is missing stays as in `base`.
    pub(crate) fn week(&self, base: &Week, entry: &Map<String, Value>, mode: ListMode, at: &str) -> Checked<Week> {
        self.known(entry, &["agent_id", "schedule_id", "week", "time_zone", "deleted", "availability", "shifts"], at)?;
        let availability = match entry.get("availability") {
            None => base.availability.clone(),
            Some(value) => self.availability(&base.availability, value, mode, at)?,
        };
        let shifts = match entry.get("shifts") {
            None => base.shifts.clone(),
            Some(Value::Null) if mode == ListMode::Replace => Vec::new(),
            Some(Value::Array(list)) => self.shifts(base, list, mode, at)?,
            Some(_) => return Err(Refusal::field(format!("{at}/shifts"), "shifts is a list")),
        };
        Ok(Week { availability, shifts, more: base.more.clone() })
    }

    fn shifts(&self, base: &Week, list: &[Value], mode: ListMode, at: &str) -> Checked<Vec<Shift>> {
        let mut shifts = if mode == ListMode::Merge { base.shifts.clone() } else { Vec::new() };
        let mut seen: Vec<&str> = Vec::with_capacity(list.len());
        for item in list {
            let Some(item) = item.as_object() else {
                return Err(Refusal::field(format!("{at}/shifts"), "a shift is an object"));
            };
            let Some(id) = item.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
                return Err(Refusal::field(format!("{at}/shifts/id"), "a shift has an id"));
            };
            if seen.contains(&id) {
                return Err(Refusal::field(format!("{at}/shifts/{id}"), "the shift is given twice"));
            }
            seen.push(id);
            let place = shifts.iter().position(|shift| shift.id == id);
            if mode == ListMode::Merge && item.get("deleted") == Some(&Value::Bool(true)) {
                if let Some(place) = place {
                    shifts.remove(place);
                }
                continue;
            }
            let old = base.shift(id);
            let patched = self.shift(if mode == ListMode::Merge { old } else { None }, old, id, item, at)?;
            match place {
                Some(place) => shifts[place] = patched,
                None => shifts.push(patched),
            }
        }
        Ok(shifts)
    }

    /// One shift: the fields given over those of `base`; checked unless it equals the stored one.
    fn shift(
        &self,
        base: Option<&Shift>,
        stored: Option<&Shift>,
        id: &str,
        item: &Map<String, Value>,
        at: &str,
    ) -> Checked<Shift> {
        let at = format_args!("{at}/shifts/{id}");
        self.known(item, &["start", "length_minutes", "activities", "deleted"], at)?;
        let (start, start_ms) = match (item.get("start"), base) {
            (None, Some(base)) => (base.start.clone(), base.start_ms),
            (value, _) => self.instant(value, format_args!("{at}/start"))?,
        };
        let length_minutes = match (item.get("length_minutes"), base) {
            (None, Some(base)) => base.length_minutes,
            (value, _) => length(value, format_args!("{at}/length_minutes"))?,
        };
        let activities = match (item.get("activities"), base) {
            (None, Some(base)) => base.activities.clone(),
            (None | Some(Value::Null), _) => Vec::new(),
            (Some(Value::Array(list)), _) => self.activities(list, stored, at)?,
            (Some(_), _) => {
                return Err(Refusal::field(format!("{at}/activities"), "activities is a list"));
            }
        };
        let more = stored.map(|stored| stored.more.clone()).unwrap_or_default();
        let shift = Shift { id: id.to_owned(), start, start_ms, length_minutes, activities, more };
        if stored != Some(&shift) {
            self.inside(&shift, at)?;
        }
        Ok(shift)
    }

    /// What the platform API knows of an activity stays with the one that starts at the same time.
    fn activities(&self, list: &[Value], stored: Option<&Shift>, at: fmt::Arguments<'_>) -> Checked<Vec<Activity>> {
        let mut activities = Vec::with_capacity(list.len());
        let at = format_args!("{at}/activities");
        for item in list {
            let Some(item) = item.as_object() else {
                return Err(Refusal::field(at.to_string(), "an activity is an object"));
            };
            self.known(item, &["start", "length_minutes", "code"], at)?;
            let (start, start_ms) = self.instant(item.get("start"), format_args!("{at}/start"))?;
            let length_minutes = length(item.get("length_minutes"), format_args!("{at}/length_minutes"))?;
            let Some(code) = item.get("code").and_then(Value::as_str) else {
                return Err(Refusal::field(format!("{at}/code"), "an activity has a code"));
            };
            let old = stored.and_then(|stored| stored.activities.iter().find(|old| old.start_ms == start_ms));
            let more = old.map(|old| old.more.clone()).unwrap_or_default();
            activities.push(Activity { start, start_ms, length_minutes, code: code.to_owned(), more });
        }
        Ok(activities)
    }

    pub(crate) fn inside(&self, shift: &Shift, at: fmt::Arguments<'_>) -> Checked<()> {
        if shift.start_ms < self.bounds.0 || shift.start_ms >= self.bounds.1 {
            return Err(Refusal::interval(format!("{at}/start"), "the shift starts outside the week"));
        }
        for activity in &shift.activities {
            let end = activity.start_ms + activity.length_minutes * MINUTE;
            if activity.start_ms < shift.start_ms || end > shift.end_ms() {
                return Err(Refusal::interval(format!("{at}/activities"), "an activity lies outside its shift"));
            }
        }
        Ok(())
    }

    fn availability(&self, base: &Value, value: &Value, mode: ListMode, at: &str) -> Checked<Value> {
        let at = format_args!("{at}/availability");
        let Value::Object(given) = value else {
            if value.is_null() {
                return Ok(Week::default().availability);
            }
            return Err(Refusal::field(at.to_string(), "availability is an object"));
        };
        self.known(given, &["status", "from", "until"], at)?;
        let mut map = match (mode, base) {
            (ListMode::Merge, Value::Object(base)) => base.clone(),
            _ => Map::new(),
        };
        let status = given.get("status").or_else(|| map.get("status")).cloned().unwrap_or(Value::Null);
        let status = if status.is_null() { Value::from("available") } else { status };
        if !["available", "unavailable", "training"].iter().any(|known| status == *known) {
            return Err(Refusal::field(format!("{at}/status"), "unknown availability"));
        }
        map.insert("status".into(), status);
        for name in ["from", "until"] {
            match given.get(name) {
                None => drop(map.entry(name).or_insert(Value::Null).is_null()),
                Some(Value::Null) => drop(map.insert(name.into(), Value::Null)),
                given => drop(map.insert(name.into(), self.instant(given, format_args!("{at}/{name}"))?.0.into())),
            }
        }
        Ok(Value::Object(map))
    }

    fn instant(&self, value: Option<&Value>, at: fmt::Arguments<'_>) -> Checked<(String, i64)> {
        let text = value.and_then(Value::as_str);
        let Some((text, ms)) = text.and_then(|text| parse_instant(text).map(|ms| (text, ms))) else {
            return Err(Refusal::field(at.to_string(), "an instant with its offset is needed (RFC 3339)"));
        };
        Ok((instant_text(self.options, text, ms), ms))
    }

    fn known(&self, map: &Map<String, Value>, names: &[&str], at: impl fmt::Display) -> Checked<()> {
        known_fields(self.options, map, names, at)
    }
}

/// Refuses unknown fields where the scenario says so. The managed fields are known everywhere.
pub(crate) fn known_fields(
    options: &Options,
    map: &Map<String, Value>,
    names: &[&str],
    at: impl fmt::Display,
) -> Checked<()> {
    const MANAGED: [&str; 9] = [
        "id",
        "version",
        "resource_version",
        "entity_version",
        "date_modified",
        "modified_by",
        "draft_revision",
        "published_revision",
        "state",
    ];
    if options.unknown_fields == UnknownFields::Ignored {
        return Ok(());
    }
    match map.keys().find(|name| !names.contains(&name.as_str()) && !MANAGED.contains(&name.as_str())) {
        Some(name) => Err(Refusal::field(format!("{at}/{name}"), "unknown field")),
        None => Ok(()),
    }
}

/// The text under which an instant is kept.
pub(crate) fn instant_text(options: &Options, text: &str, ms: i64) -> String {
    match options.instants {
        Instants::AsSent => text.to_owned(),
        Instants::Utc => format_instant(ms),
    }
}

fn length(value: Option<&Value>, at: fmt::Arguments<'_>) -> Checked<i64> {
    match value.and_then(Value::as_i64) {
        Some(minutes) if (1..=7 * 24 * 60).contains(&minutes) => Ok(minutes),
        _ => Err(Refusal::field(at.to_string(), "a length is a whole number of minutes, at least 1")),
    }
}

/// The rules between the shifts of one agent: no overlap, minimum rest. Pairs that stood side by side before are not judged.
pub(crate) fn breach(old: Option<&Week>, new: &Week, rest_minutes_min: i64) -> Option<Box<Refusal>> {
    let stood = |shift: &Shift| old.is_some_and(|week| week.shift(&shift.id) == Some(shift));
    let mut order: Vec<&Shift> = new.shifts.iter().collect();
    order.sort_by_key(|shift| (shift.start_ms, shift.end_ms()));
    let mut rest = None;
    for (index, first) in order.iter().enumerate() {
        for second in &order[index + 1..] {
            let gap_ms = second.start_ms - first.end_ms();
            if gap_ms >= rest_minutes_min * MINUTE || (stood(first) && stood(second)) {
                continue;
            }
            if gap_ms < 0 {
                let text = format!("Shifts {} and {} of one agent overlap", first.id, second.id);
                return Some(Refusal::new(409, "SCHEDULE_OVERLAP", text));
            }
            rest = rest.or(Some((first, second)));
        }
    }
    let (first, second) = rest?;
    let text =
        format!("Minimum rest of {rest_minutes_min} minutes between shifts {} and {} is not kept", first.id, second.id);
    Some(Refusal::new(409, "SCHEDULE_PUBLISH_CONFLICT", text))
}
