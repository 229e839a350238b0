//! The values of a limit of time off: minutes by date, read for a year around the target's today and set under the version
//! of the limit.
//!
//! No route shows all values of a limit, so a record holds those of a window, which it names. What the window does not show
//! is not written: nobody could tell whose value that would replace.

use super::answer::Answer;
use super::documents::path;
use super::evidence::Purpose;
use super::kinds::{Kind, METADATA};
use super::{budget, lens, snapshot};
use ifmatch_core::{
    Breach, Class, Evidence, Fact, IntentError, Method, Notes, Request, Resource, Response, WriteItem, Written,
};
use ifmatch_merge::json_equal;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// The note of the target's date.
const TODAY: &str = "limit/today";

/// The days of the longest range that may be asked for.
const DAYS_MAX: i64 = 366;

/// The slots of a day without a change of the clocks.
const SLOTS: usize = 96;

/// What day it is there: only the answer to a request tells.
pub(crate) fn errand(kind: &Kind, resource: &Resource, notes: &Notes) -> Option<Request> {
    notes.get(TODAY).is_none().then(|| Request::bare(Method::Get, path(kind, resource)))
}

/// Notes the target's date.
pub(crate) fn note(notes: &mut Notes, response: &Response) -> Result<(), Box<Evidence>> {
    let Some(today) = today(response) else {
        let words = "the answer has no Date header, so the year to ask about is not known";
        return Err(Box::new(Evidence::bare(Class::Unclassified, response.status.to_string(), words)));
    };
    notes.set(TODAY, today.to_string());
    Ok(())
}

fn today(response: &Response) -> Option<Date> {
    Some(budget::date(response)?.to_zoned(TimeZone::UTC).date())
}

/// Reads the values of a year. A record of ours shows a little less of it, whatever happens at midnight.
pub(crate) fn read(kind: &Kind, resource: &Resource, notes: &Notes) -> Request {
    let today: Date = notes.get(TODAY).and_then(|text| text.parse().ok()).unwrap_or_default();
    let first = today.saturating_sub(3.days());
    let range = json!({"startDate": first, "endDate": first.saturating_add((DAYS_MAX - 1).days())});
    let path = format!("{}/values/query", path(kind, resource));
    Request::json(Method::Post, path, &json!({"dateRanges": [range]}))
}

/// Sets the dates that differ.
pub(crate) fn write(kind: &Kind, item: &WriteItem) -> Request {
    let daily = item.to["granularity"] != "FifteenMinutes";
    let name = if daily { "limitMinutesPerDay" } else { "limitMinutesPerFifteenMinutes" };
    let before = values(&item.from);
    let differs = |value: &&Value| !before.iter().any(|old| json_equal(old, value));
    let set = |value: &Value| json!({"startDate": value["startDate"], name: value["limitMinutes"]});
    let mut body = json!({"values": values(&item.to).iter().filter(differs).map(set).collect::<Vec<Value>>()});
    if let Some(version) = item.precondition.version {
        body[METADATA] = json!({"version": version});
    }
    Request::json(Method::Put, format!("{}/values", path(kind, &item.resource)), &body)
}

fn values(record: &Value) -> &[Value] {
    record["values"].as_array().map(Vec::as_slice).unwrap_or_default()
}

impl Answer<'_> {
    /// The limit with its values.
    pub(crate) fn limit(&self, kind: &Kind) -> Fact {
        if let Some(fact) = self.unread() {
            return fact;
        }
        let (Some(list), Some(today)) = (self.body["limitValues"].as_array(), today(self.response)) else {
            return self.strange("the answer shows no values of a limit");
        };
        let mut record = Map::new();
        record.insert("id".to_owned(), self.body["timeOffLimit"]["id"].clone());
        for name in ["granularity", METADATA] {
            record.insert(name.to_owned(), lens::record(&[], &self.body[name]));
        }
        let (first, last) = (today.saturating_sub(2.days()), today.saturating_add(360.days()));
        record.insert("window".to_owned(), json!({"startDate": first, "endDate": last}));
        let shown = list.iter().flat_map(days).filter(|(date, _)| (first..=last).contains(date));
        let shown = shown.map(|(date, minutes)| json!({"startDate": date, "limitMinutes": minutes}));
        record.insert("values".to_owned(), shown.collect());
        Fact::Observed(Box::new(snapshot::of(kind, Value::Object(record), self.now)))
    }

    /// What became of setting values; the answer shows the version and none of the values.
    pub(crate) fn limit_written(&self, kind: &Kind, item: &WriteItem) -> Fact {
        if let Some(evidence) = self.refusal(Purpose::Write) {
            return Fact::Refused(evidence);
        }
        let mut snapshot = snapshot::written(kind, &item.to, self.now);
        if self.body[METADATA]["version"].is_u64() {
            let mut record = (*item.to).clone();
            record[METADATA] = lens::record(&[], &self.body[METADATA]);
            snapshot = snapshot::of(kind, record, self.now);
        }
        Fact::Written(Written { id: None, snapshot, shown: false, existed: false })
    }
}

/// The days of a range, each with its minutes. A range whose days cannot be told apart stays one.
fn days(range: &Value) -> Vec<(Date, Vec<Value>)> {
    let Some(start) = range["startDate"].as_str().and_then(|text| text.parse::<Date>().ok()) else { return Vec::new() };
    let minutes = |name: &str| range[name]["limitMinutes"].as_array().cloned();
    let (minutes, size) = match (minutes("valuesPerDay"), minutes("valuesPerFifteenMinutes")) {
        (Some(minutes), _) => (minutes, 1),
        (None, Some(minutes)) if minutes.len() % SLOTS == 0 => (minutes, SLOTS),
        (None, Some(minutes)) => {
            let all = minutes.len().max(1);
            (minutes, all)
        }
        (None, None) => return Vec::new(),
    };
    let day = |(at, chunk): (usize, &[Value])| {
        let days = i64::try_from(at).ok()?;
        Some((start.checked_add(days.days()).ok()?, chunk.to_vec()))
    };
    minutes.chunks(size).enumerate().filter_map(day).collect()
}

/// The days of a range as a request spells it, or as an answer does. `None` for one that cannot be told apart into days.
pub(crate) fn split(range: &Value) -> Option<Vec<Value>> {
    let inner = [("valuesPerDay", "limitMinutesPerDay"), ("valuesPerFifteenMinutes", "limitMinutesPerFifteenMinutes")];
    let spelt = |shown: &str, name: &str| {
        let minutes = range.get(name).or_else(|| range.get(shown)?.get("limitMinutes"))?;
        Some(json!({"limitMinutes": minutes.as_array()?}))
    };
    let (shown, minutes) = inner.into_iter().find_map(|(shown, name)| Some((shown, spelt(shown, name)?)))?;
    let found = days(&json!({"startDate": range["startDate"], shown: minutes}));
    let day = |(date, minutes): (Date, Vec<Value>)| json!({"startDate": date, "limitMinutes": minutes});
    (!found.is_empty()).then(|| found.into_iter().map(day).collect())
}

/// The values of a wish by day. What stands there by day, or is no range, stays.
pub(crate) fn by_day(wish: &mut Map<String, Value>) {
    let said = wish.remove("limitValues").or_else(|| wish.remove("values"));
    let Some(said) = said else { return };
    let days = match said.as_array() {
        Some(ranges) => ranges.iter().flat_map(|range| split(range).unwrap_or_else(|| vec![range.clone()])).collect(),
        None => said,
    };
    wish.insert("values".to_owned(), days);
}

/// How the values of a wish are spelt: each date once, with whole numbers of minutes. How many of them a date has is the
/// limit's to say.
///
/// # Errors
/// The place at fault and why.
pub(crate) fn check(values: &Value, at: &str) -> Result<(), IntentError> {
    let invalid = |at: String, reason: &str| Err(IntentError::new("invalid_field", at, reason));
    let Some(list) = values.as_array() else {
        return invalid(at.to_owned(), "must be a list of dates with their minutes");
    };
    let mut seen = BTreeSet::new();
    for (index, value) in list.iter().enumerate() {
        let date = value["startDate"].as_str().filter(|text| text.parse::<Date>().is_ok());
        let Some(date) = date else {
            return invalid(format!("{at}/{index}/startDate"), "must be a date such as 2026-11-16");
        };
        if !seen.insert(date) {
            return invalid(format!("{at}/{date}"), "the date is given twice");
        }
        let minutes = value["limitMinutes"].as_array();
        if !minutes.is_some_and(|all| !all.is_empty() && all.iter().all(|one| one.as_u64().is_some())) {
            let reason =
                "must be a list of whole numbers of minutes: one for the day, or one for each quarter of an hour";
            return invalid(format!("{at}/{date}/limitMinutes"), reason);
        }
    }
    Ok(())
}

/// What a write cannot make of a limit: a date that the record does not show, a date without a value.
pub(crate) fn missteps(from: &Value, to: &Value) -> Vec<Breach> {
    let bound = |name: &str| from["window"][name].as_str().unwrap_or_default();
    let (first, last) = (bound("startDate"), bound("endDate"));
    let date = |value: &Value| value["startDate"].as_str().unwrap_or_default().to_owned();
    let changed = values(to).iter().filter(|value| !values(from).iter().any(|old| json_equal(old, value)));
    let outside = changed.map(date).filter(|date| !(first..=last).contains(&date.as_str()));
    let gone =
        values(from).iter().map(date).filter(|date| !values(to).iter().any(|value| value["startDate"] == **date));
    let of = |date: &String, words: &str| Breach::between(format!("the date {date} {words}"), "values", [date]);
    let outside = outside.map(|date| of(&date, "lies outside of the dates that can be read"));
    let gone = gone.map(|date| of(&date, "has a value, and the API has no way to take it away"));
    outside.chain(gone).collect()
}

/// The rules that the values of a limit keep: one number for a day, or one for each quarter of an hour of it.
pub(crate) fn breaches(record: &Value) -> Vec<Breach> {
    let sizes: &[usize] = if record["granularity"] == "FifteenMinutes" { &[92, SLOTS, 100] } else { &[1] };
    let wrong = |value: &&Value| {
        let minutes = value["limitMinutes"].as_array();
        !minutes
            .is_some_and(|all| sizes.contains(&all.len()) && all.iter().all(|one| one.as_i64().is_some_and(|n| n >= 0)))
    };
    let breach = |value: &Value| {
        let date = value["startDate"].as_str().unwrap_or_default();
        Breach::between(
            format!("the date {date} needs {} numbers of minutes", sizes[sizes.len() / 2]),
            "values",
            [date],
        )
    };
    values(record).iter().filter(wrong).map(breach).collect()
}
