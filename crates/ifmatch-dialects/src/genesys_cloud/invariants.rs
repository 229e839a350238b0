//! The rules that a record must keep whatever was merged, and the steps that one write cannot make.

use super::kinds::{AGENT, EVALUATION, Kind, LIMIT, SHIFTS, TIME_OFF, TRADE};
use super::{lens, limits};
use crate::{Rules, instants};
use ifmatch_core::{Breach, Timestamp};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The breaches of a record.
pub(crate) fn breaches(rules: &Rules, kind: &str, value: &Value) -> Vec<Breach> {
    match kind {
        AGENT => SHIFTS.breaches(rules, value),
        TIME_OFF => time_off(value),
        LIMIT => limits::breaches(value),
        _ => Vec::new(),
    }
}

/// Whole days or parts of days, not both, and one number of minutes for each date.
fn time_off(value: &Value) -> Vec<Breach> {
    let count = |name: &str| value[name].as_array().map_or(0, Vec::len);
    let (full, partial) = (count("fullDayManagementUnitDates"), count("partialDayStartDateTimes"));
    let mut breaches = Vec::new();
    if full > 0 && partial > 0 {
        breaches.push("a request is for whole days or for parts of days, not for both".to_owned().into());
    }
    let lists =
        ["durationMinutes", "payableMinutes", "fullDayEarliestStartOffsetMinutes", "fullDayLatestEndOffsetMinutes"];
    for name in lists {
        let (found, dates) = (count(name), full.max(partial));
        if found > 0 && dates > 0 && found != dates {
            breaches.push(format!("{name} has {found} entries for {dates} dates").into());
        }
    }
    breaches
}

/// The steps that one write cannot make.
pub(crate) fn missteps(kind: &Kind, from: &Value, to: &Value) -> Vec<Breach> {
    let mut breaches = not_cleared(kind, from, to);
    breaches.extend(match &*kind.spec.name {
        TRADE => trade(from, to),
        TIME_OFF => canceled(kind, from, to),
        LIMIT => limits::missteps(from, to),
        EVALUATION => begun(from, to),
        _ => Vec::new(),
    });
    breaches
}

/// Fields that a request has no way to clear: there, an absent field and `null` mean that it stays.
fn not_cleared(kind: &Kind, from: &Value, to: &Value) -> Vec<Breach> {
    if [TRADE, LIMIT, EVALUATION].contains(&&*kind.spec.name) {
        return Vec::new();
    }
    let has = |record: &Value, name: &str| record.get(name).is_some_and(|value| !value.is_null());
    let stuck = kind.fields.iter().filter(|field| has(from, field.name) && !has(to, field.name));
    let stuck = stuck.filter(|field| !lens::can_clear(field.form));
    stuck.map(|field| format!("{} has a value, and the API has no way to clear it", field.name).into()).collect()
}

/// A supervisor settles a trade on which both sides have agreed, and nothing else.
fn trade(from: &Value, to: &Value) -> Vec<Breach> {
    let state = |record: &Value| record["state"].as_str().unwrap_or("unknown").to_owned();
    let (before, after) = (state(from), state(to));
    let may = before == after || before == "Matched" && ["Approved", "Denied"].contains(&after.as_str());
    if may {
        return Vec::new();
    }
    vec![format!("a trade that is {before} cannot become {after}").into()]
}

/// When an open trade expires.
pub(crate) fn lapses(kind: &str, value: &Value) -> Option<Timestamp> {
    let open = kind == TRADE && matches!(value["state"].as_str()?, "Unmatched" | "Matched");
    instants::instant(value["expiration"].as_str()?).ok().filter(|_| open)
}

fn canceled(kind: &Kind, from: &Value, to: &Value) -> Vec<Breach> {
    if from["status"] != "CANCELED" || lens::patch(kind.fields, from, to).is_empty() {
        return Vec::new();
    }
    vec!["the agent has cancelled the request, and a cancelled one does not change".to_owned().into()]
}

fn begun(from: &Value, to: &Value) -> Vec<Breach> {
    if to["status"] != "PENDING" || from["status"] == "PENDING" {
        return Vec::new();
    }
    vec!["an evaluation that has begun cannot become PENDING".to_owned().into()]
}
