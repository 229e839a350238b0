//! The rules that a record must keep whatever was merged. A breach is a conflict of meaning: each
//! side was sound, together they are not.
//!
//! How much rest and how many paid minutes are right is not in the API: that is configured ([`Rules`]).

use super::Rules;
use super::kinds::{AGENT, Kinds, SCORE, TRADE};
use crate::instants;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{Breach, SignedDuration, Timestamp};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The breaches of a record.
pub(crate) fn breaches(rules: &Rules, kind: &str, value: &Value) -> Vec<Breach> {
    match kind {
        SCORE => score(value),
        TRADE => trade(value),
        AGENT => agent(rules, value),
        _ => Vec::new(),
    }
}

/// The steps of a trade that one write cannot make: a settled trade does not
/// change, and an open one goes from pending over matched to its end.
pub(crate) fn missteps(kinds: &Kinds, kind: &str, from: &Value, to: &Value) -> Vec<Breach> {
    let Some(spec) = kinds.get(kind).filter(|spec| spec.name == TRADE) else { return Vec::new() };
    let status = |value: &Value| value["status"].as_str().unwrap_or("unknown").to_owned();
    let (before, after) = (status(from), status(to));
    let next: &[&str] = match before.as_str() {
        "pending" => &["pending", "matched", "cancelled", "expired"],
        "matched" => &["matched", "approved", "denied", "cancelled", "expired"],
        "approved" | "denied" | "cancelled" | "expired" => &[],
        // A status that this API does not name is the target's to judge.
        _ => return Vec::new(),
    };
    if next.contains(&after.as_str()) || super::lens::changed(spec, from, to).is_empty() {
        return Vec::new();
    }
    let reason = if next.is_empty() {
        format!("the trade is {before}, and a settled trade does not change")
    } else {
        format!("a trade that is {before} cannot become {after}")
    };
    vec![reason.into()]
}

fn score(value: &Value) -> Vec<Breach> {
    match value.get("score") {
        None | Some(Value::Null) => Vec::new(),
        Some(score) if is_score(score) => Vec::new(),
        Some(score) => vec![format!("the score {score} is not between 0 and 100").into()],
    }
}

/// Whether a value is a score: a number from 0 to 100.
pub(crate) fn is_score(value: &Value) -> bool {
    value.as_f64().is_some_and(|score| (0.0..=100.0).contains(&score))
}

fn trade(value: &Value) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for side in ["initiating", "receiving"] {
        let at = |name: &str| instant(&value[side][name]);
        if let (Some(start), Some(end)) = (at("start"), at("end"))
            && end <= start
        {
            breaches.push(format!("the {side} shift ends before it starts").into());
        }
    }
    let agent = &value["initiating"]["agent_id"];
    if agent.is_string() && *agent == value["receiving"]["agent_id"] {
        breaches.push("an agent cannot trade with itself".to_owned().into());
    }
    breaches
}

/// One shift with its bounds.
struct Bounds<'v> {
    id: &'v str,
    start: Timestamp,
    end: Timestamp,
    shift: &'v Value,
}

fn agent(rules: &Rules, value: &Value) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut shifts = Vec::new();
    for shift in value["shifts"].as_array().map(Vec::as_slice).unwrap_or_default() {
        match bounds(shift) {
            Some(bounds) => shifts.push(bounds),
            None => breaches.push(format!("shift {} has no start or length that can be read", shift["id"]).into()),
        }
    }
    shifts.sort_by_key(|bounds| (bounds.start, bounds.end));
    breaches.extend(overlaps(&shifts));
    breaches.extend(rests(rules, &shifts));
    breaches.extend(paid(rules, &shifts));
    breaches.extend(shifts.iter().flat_map(activities));
    breaches.extend(outside(value, &shifts));
    breaches.extend(available_backwards(&value["availability"]));
    breaches
}

fn available_backwards(availability: &Value) -> Option<Breach> {
    let (from, until) = (instant(&availability["from"])?, instant(&availability["until"])?);
    (until <= from).then(|| "the availability ends before it starts".to_owned().into())
}

fn bounds(shift: &Value) -> Option<Bounds<'_>> {
    let (start, end) = span(shift)?;
    Some(Bounds { id: shift["id"].as_str()?, start, end, shift })
}

fn span(value: &Value) -> Option<(Timestamp, Timestamp)> {
    let start = instant(&value["start"])?;
    let minutes = value["length_minutes"].as_i64().filter(|minutes| (1..=7 * 24 * 60).contains(minutes))?;
    Some((start, start.checked_add(SignedDuration::from_mins(minutes)).ok()?))
}

fn instant(value: &Value) -> Option<Timestamp> {
    instants::instant(value.as_str()?).ok()
}

/// Every shift is compared with the one that reaches furthest before it.
fn overlaps(shifts: &[Bounds<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut furthest: Option<&Bounds<'_>> = None;
    for shift in shifts {
        if let Some(before) = furthest.filter(|before| shift.start < before.end) {
            let reason = format!("shifts {} and {} overlap", before.id, shift.id);
            breaches.push(Breach::between(reason, "shifts", [before.id, shift.id]));
        }
        if furthest.is_none_or(|before| before.end < shift.end) {
            furthest = Some(shift);
        }
    }
    breaches
}

/// Shifts that follow each other too soon. Those that overlap are told of as such.
fn rests(rules: &Rules, shifts: &[Bounds<'_>]) -> Vec<Breach> {
    let wanted = SignedDuration::from_mins(i64::from(rules.rest_minutes_min));
    let mut breaches = Vec::new();
    let mut last: Option<&Bounds<'_>> = None;
    for shift in shifts {
        if let Some(before) = last.filter(|before| shift.start >= before.end) {
            let rest = shift.start.duration_since(before.end);
            if rest < wanted {
                let (found, least) = (rest.as_mins(), rules.rest_minutes_min);
                let reason = format!(
                    "between shifts {} and {} are {found} minutes of rest, and {least} are due",
                    before.id, shift.id
                );
                breaches.push(Breach::between(reason, "shifts", [before.id, shift.id]));
            }
        }
        if last.is_none_or(|before| before.end < shift.end) {
            last = Some(shift);
        }
    }
    breaches
}

/// More paid minutes in the week than are allowed: all of the shifts but the activities that are not paid.
fn paid(rules: &Rules, shifts: &[Bounds<'_>]) -> Option<Breach> {
    let most = rules.paid_minutes_max?;
    let unpaid = |bounds: &Bounds<'_>| -> i64 {
        let list = bounds.shift["activities"].as_array().map(Vec::as_slice).unwrap_or_default();
        let codes = list.iter().filter(|activity| activity["code"].as_str().is_some_and(|c| rules.unpaid.contains(c)));
        codes.filter_map(span).map(|(start, end)| end.duration_since(start).as_mins()).sum()
    };
    let paid: i64 = shifts.iter().map(|at| at.end.duration_since(at.start).as_mins() - unpaid(at)).sum();
    let elements = || shifts.iter().map(|bounds| Pointer::from_segments(["shifts", bounds.id])).collect();
    (paid > i64::from(most)).then(|| Breach {
        reason: format!("the week has {paid} paid minutes, and {most} are allowed"),
        elements: elements(),
    })
}

fn activities(bounds: &Bounds<'_>) -> Vec<Breach> {
    let list = bounds.shift["activities"].as_array().map(Vec::as_slice).unwrap_or_default();
    let inside =
        |activity: &&Value| span(activity).is_some_and(|(start, end)| bounds.start <= start && end <= bounds.end);
    list.iter()
        .filter(|activity| !inside(activity))
        .map(|activity| {
            let reason = format!("the activity {} lies outside shift {}", activity["code"], bounds.id);
            Breach::between(reason, "shifts", [bounds.id])
        })
        .collect()
}

/// A shift belongs to the week in which it starts, by the clock of the schedule's zone.
fn outside(value: &Value, shifts: &[Bounds<'_>]) -> Vec<Breach> {
    let week = value["week"].as_str().and_then(|week| week.parse().ok());
    let zone = value["time_zone"].as_str().and_then(instants::zone);
    let Some((first, end)) = week.zip(zone).and_then(|(week, zone)| instants::week_bounds(&zone, week)) else {
        return Vec::new();
    };
    let out = |shift: &&Bounds<'_>| shift.start < first || shift.start >= end;
    let late = |shift: &Bounds<'_>| {
        Breach::between(format!("shift {} starts outside the week", shift.id), "shifts", [shift.id])
    };
    shifts.iter().filter(out).map(late).collect()
}
