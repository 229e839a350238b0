//! Verbs on one shift of an agent: its times and its activities. Minutes are elapsed ones, also over a change of the
//! clocks; times that are written by the schedule's zone stay written by it.

use super::place;
use crate::instants;
use crate::wfm_v2::{local, same};
use ifmatch_core::{GIVEN, TAKEN, Timestamp, VerbError};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// A span of a shift in minutes from its start, with the activity that fills it.
#[derive(Debug, Clone)]
struct Span {
    from: i64,
    until: i64,
    activity: Value,
}

/// Moves a shift and everything in it by some minutes.
pub(super) fn shifted(agent: &Value, args: &Value) -> Result<Value, VerbError> {
    let minutes = args["minutes"].as_i64().unwrap_or_default();
    let zone = local::zone_of(agent);
    with_shift(agent, args, |shift| {
        move_start(shift, minutes, zone.as_ref())?;
        for activity in activities(shift) {
            move_start(activity, minutes, zone.as_ref())?;
        }
        Ok(())
    })
}

fn move_start(value: &mut Value, minutes: i64, zone: Option<&TimeZone>) -> Result<(), VerbError> {
    let moved = value["start"].as_str().and_then(|text| instants::shifted(text, minutes, zone));
    let moved = moved.ok_or_else(|| refused("a start in this shift is no instant with an offset"))?;
    value["start"] = json!(moved);
    Ok(())
}

/// Makes a shift longer or shorter at its end. The last activity grows along; what lies beyond an
/// earlier end is cut off.
pub(super) fn extended(agent: &Value, args: &Value) -> Result<Value, VerbError> {
    let minutes = args["minutes"].as_i64().unwrap_or_default();
    let zone = local::zone_of(agent);
    with_shift(agent, args, |shift| {
        let length = length(shift)? + minutes;
        if length < 1 {
            return Err(refused(&format!("the shift would be {length} minutes long")));
        }
        let mut spans = spans(shift)?;
        if minutes > 0
            && let Some(last) = spans.iter_mut().max_by_key(|span| span.until)
        {
            last.until += minutes;
        }
        spans.retain(|span| span.from < length);
        for span in &mut spans {
            span.until = span.until.min(length);
        }
        shift["length_minutes"] = json!(length);
        put(shift, spans, zone.as_ref())
    })
}

/// Lays an activity over a shift: what it covers gives way, before and after it.
pub(super) fn with_activity(agent: &Value, args: &Value) -> Result<Value, VerbError> {
    let wanted = &args["activity"];
    let from = wanted["offset_minutes"].as_i64().unwrap_or_default();
    let until = from + wanted["length_minutes"].as_i64().unwrap_or_default();
    let zone = local::zone_of(agent);
    with_shift(agent, args, |shift| {
        let length = length(shift)?;
        if until > length {
            return Err(refused(&format!("the activity would end {until} minutes into a shift of {length}")));
        }
        let mut laid: Vec<Span> = spans(shift)?.into_iter().flat_map(|span| around(span, from, until)).collect();
        laid.push(Span { from, until, activity: json!({"code": wanted["code"]}) });
        laid.sort_by_key(|span| (span.from, span.until));
        put(shift, laid, zone.as_ref())
    })
}

/// What is left of a span before and after another one.
fn around(span: Span, from: i64, until: i64) -> Vec<Span> {
    let before = Span { until: span.until.min(from), ..span.clone() };
    let after = Span { from: span.from.max(until), ..span };
    [before, after].into_iter().filter(|span| span.from < span.until).collect()
}

/// Takes a shift away.
pub(super) fn without(agent: &Value, args: &Value) -> Result<Value, VerbError> {
    let mut agent = agent.clone();
    let id = &args["shift_id"];
    let shifts = agent.get_mut("shifts").and_then(Value::as_array_mut);
    let removed = shifts.and_then(|shifts| {
        let at = shifts.iter().position(|shift| shift["id"] == *id)?;
        Some(shifts.remove(at))
    });
    removed.ok_or_else(|| missing(args))?;
    Ok(agent)
}

/// Half of a swap: the agent gives one shift away and gets the one that the other agent gives. What the other one gives
/// is not known at first; what it got of this one, once that has landed, must be what still stands here.
pub(super) fn exchanged(agent: &Value, args: &Value) -> Result<Value, VerbError> {
    let shifts = agent["shifts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(gives) = shifts.iter().find(|shift| shift["id"] == args["shift_id"]) else {
        // What the other agent gave can have come here by this swap alone.
        let has = args.get(TAKEN).is_some_and(|taken| shifts.iter().any(|shift| shift["id"] == taken["id"]));
        return if args.get(GIVEN).is_some() && has { Ok(agent.clone()) } else { Err(missing(args)) };
    };
    if args.get(GIVEN).is_some_and(|given| !alike(given, gives)) {
        return Err(refused("the shift was changed after the other agent had been given it"));
    }
    let mut swapped = without(agent, args)?;
    match args.get(TAKEN) {
        None => {}
        Some(Value::Null) => return Err(refused("what the other agent gives is not known")),
        Some(taken) => {
            let list = swapped.get_mut("shifts").and_then(Value::as_array_mut);
            let list = list.ok_or_else(|| refused("the agent has no list of shifts"))?;
            if list.iter().any(|shift| shift["id"] == taken["id"]) {
                return Err(refused("the agent has the other agent's shift already"));
            }
            list.push(taken.clone());
        }
    }
    Ok(swapped)
}

/// Whether two shifts are the same but for the id, which the target may have changed.
fn alike(a: &Value, b: &Value) -> bool {
    let mut b = b.clone();
    b["id"] = a["id"].clone();
    same::alike(a, &b)
}

fn with_shift(
    agent: &Value,
    args: &Value,
    change: impl FnOnce(&mut Value) -> Result<(), VerbError>,
) -> Result<Value, VerbError> {
    let mut agent = agent.clone();
    let shifts = agent.get_mut("shifts").and_then(Value::as_array_mut).into_iter().flatten();
    let found = shifts.into_iter().find(|shift| shift["id"] == args["shift_id"]);
    change(found.ok_or_else(|| missing(args))?)?;
    Ok(agent)
}

fn missing(args: &Value) -> VerbError {
    VerbError::Missing(place(args["shift_id"].as_str().unwrap_or_default()))
}

fn refused(reason: &str) -> VerbError {
    VerbError::Refused(reason.to_owned())
}

fn activities(shift: &mut Value) -> impl Iterator<Item = &mut Value> {
    shift.get_mut("activities").and_then(Value::as_array_mut).into_iter().flatten()
}

fn length(value: &Value) -> Result<i64, VerbError> {
    let minutes = value["length_minutes"].as_i64().filter(|minutes| (1..=7 * 24 * 60).contains(minutes));
    minutes.ok_or_else(|| refused("a length in this shift is no whole number of minutes within a week"))
}

fn start(value: &Value) -> Result<Timestamp, VerbError> {
    let start = value["start"].as_str().and_then(|text| instants::instant(text).ok());
    start.ok_or_else(|| refused("a start in this shift is no instant with an offset"))
}

fn spans(shift: &Value) -> Result<Vec<Span>, VerbError> {
    let begin = start(shift)?;
    let list = shift["activities"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|activity| {
            let from = instants::minutes_between(begin, start(activity)?);
            Ok(Span { from, until: from + length(activity)?, activity: activity.clone() })
        })
        .collect()
}

/// Writes the spans back as activities; one that did not move keeps its text.
fn put(shift: &mut Value, spans: Vec<Span>, zone: Option<&TimeZone>) -> Result<(), VerbError> {
    let begin = start(shift)?;
    let text = shift["start"].as_str().unwrap_or_default().to_owned();
    let mut list = Vec::with_capacity(spans.len());
    for span in spans {
        let mut members: Map<String, Value> = span.activity.as_object().cloned().unwrap_or_default();
        let stays = start(&span.activity).is_ok_and(|at| instants::minutes_between(begin, at) == span.from);
        if !stays {
            let start =
                instants::shifted(&text, span.from, zone).ok_or_else(|| refused("a time outside the calendar"))?;
            members.insert("start".to_owned(), json!(start));
        }
        members.insert("length_minutes".to_owned(), json!(span.until - span.from));
        list.push(Value::Object(members));
    }
    shift["activities"] = Value::Array(list);
    Ok(())
}
