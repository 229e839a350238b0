//! Verbs on one shift of an agent: its times and its activities. Minutes are elapsed ones, also over a change of the
//! clocks; times that are written by the schedule's zone stay written by it.

use super::Spelling;
use crate::{instants, same};
use ifmatch_core::merge::Pointer;
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

impl Spelling {
    /// Moves a shift and everything in it by some minutes.
    pub(crate) fn shifted(&self, agent: &Value, args: &Value) -> Result<Value, VerbError> {
        let minutes = args["minutes"].as_i64().unwrap_or_default();
        let zone = self.zone_of(agent);
        with_shift(agent, args, |shift| {
            self.move_start(shift, minutes, zone.as_ref())?;
            for activity in activities(shift) {
                self.move_start(activity, minutes, zone.as_ref())?;
            }
            Ok(())
        })
    }

    fn move_start(&self, value: &mut Value, minutes: i64, zone: Option<&TimeZone>) -> Result<(), VerbError> {
        let moved = value[self.start].as_str().and_then(|text| instants::shifted(text, minutes, zone));
        let moved = moved.ok_or_else(|| refused("a start in this shift is no instant with an offset"))?;
        value[self.start] = json!(moved);
        Ok(())
    }

    /// Makes a shift longer or shorter at its end. The last activity grows along; what lies beyond an
    /// earlier end is cut off.
    pub(crate) fn extended(&self, agent: &Value, args: &Value) -> Result<Value, VerbError> {
        let minutes = args["minutes"].as_i64().unwrap_or_default();
        let zone = self.zone_of(agent);
        with_shift(agent, args, |shift| {
            let length = self.length(shift)? + minutes;
            let mut spans = self.spans(shift)?;
            if minutes > 0
                && let Some(last) = spans.iter_mut().max_by_key(|span| span.until)
            {
                last.until += minutes;
            }
            spans.retain(|span| span.from < length);
            for span in &mut spans {
                span.until = span.until.min(length);
            }
            shift[self.length] = json!(length);
            self.put(shift, spans, zone.as_ref())?;
            if length < 1 {
                return Err(refused(&format!("the shift would be {length} minutes long")));
            }
            Ok(())
        })
    }

    /// Lays an activity over a shift: what it covers gives way, before and after it.
    pub(crate) fn with_activity(&self, agent: &Value, args: &Value) -> Result<Value, VerbError> {
        let wanted = &args["activity"];
        let from = wanted["offset_minutes"].as_i64().unwrap_or_default();
        let until = from + wanted["length_minutes"].as_i64().unwrap_or_default();
        let zone = self.zone_of(agent);
        with_shift(agent, args, |shift| {
            let length = self.length(shift)?;
            let mut laid: Vec<Span> =
                self.spans(shift)?.into_iter().flat_map(|span| around(span, from, until)).collect();
            laid.push(Span { from, until, activity: json!({(self.code): wanted["code"]}) });
            laid.sort_by_key(|span| (span.from, span.until));
            self.put(shift, laid, zone.as_ref())?;
            if until > length {
                return Err(refused(&format!("the activity would end {until} minutes into a shift of {length}")));
            }
            Ok(())
        })
    }

    /// Half of a swap: the agent gives one shift away and gets the one that the other agent gives. What the other one gives
    /// is not known at first; what it got of this one, once that has landed, must be what still stands here.
    pub(crate) fn exchanged(&self, agent: &Value, args: &Value) -> Result<Value, VerbError> {
        let shifts = agent["shifts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(gives) = shifts.iter().find(|shift| shift["id"] == args["shift_id"]) else {
            // What the other agent gave can have come here by this swap alone.
            let has = args.get(TAKEN).is_some_and(|taken| shifts.iter().any(|shift| shift["id"] == taken["id"]));
            return if args.get(GIVEN).is_some() && has { Ok(agent.clone()) } else { Err(missing(args)) };
        };
        if args.get(GIVEN).is_some_and(|given| !self.alike(given, gives)) {
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
    fn alike(&self, a: &Value, b: &Value) -> bool {
        let mut b = b.clone();
        b["id"] = a["id"].clone();
        same::alike(self.times, a, &b)
    }

    fn length(&self, value: &Value) -> Result<i64, VerbError> {
        let minutes = value[self.length].as_i64().filter(|minutes| (1..=7 * 24 * 60).contains(minutes));
        minutes.ok_or_else(|| refused("a length in this shift is no whole number of minutes within a week"))
    }

    fn start(&self, value: &Value) -> Result<Timestamp, VerbError> {
        let start = value[self.start].as_str().and_then(|text| instants::instant(text).ok());
        start.ok_or_else(|| refused("a start in this shift is no instant with an offset"))
    }

    fn spans(&self, shift: &Value) -> Result<Vec<Span>, VerbError> {
        let begin = self.start(shift)?;
        let list = shift["activities"].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .map(|activity| {
                let from = instants::minutes_between(begin, self.start(activity)?);
                Ok(Span { from, until: from + self.length(activity)?, activity: activity.clone() })
            })
            .collect()
    }

    /// Writes the spans back as activities; one that did not move keeps its text.
    fn put(&self, shift: &mut Value, spans: Vec<Span>, zone: Option<&TimeZone>) -> Result<(), VerbError> {
        let begin = self.start(shift)?;
        let text = shift[self.start].as_str().unwrap_or_default().to_owned();
        let mut list = Vec::with_capacity(spans.len());
        for span in spans {
            let mut members: Map<String, Value> = span.activity.as_object().cloned().unwrap_or_default();
            let stays = self.start(&span.activity).is_ok_and(|at| instants::minutes_between(begin, at) == span.from);
            if !stays {
                let start =
                    instants::shifted(&text, span.from, zone).ok_or_else(|| refused("a time outside the calendar"))?;
                members.insert(self.start.to_owned(), json!(start));
            }
            members.insert(self.length.to_owned(), json!(span.until - span.from));
            list.push(Value::Object(members));
        }
        shift["activities"] = Value::Array(list);
        Ok(())
    }
}

/// What is left of a span before and after another one.
fn around(span: Span, from: i64, until: i64) -> Vec<Span> {
    let before = Span { until: span.until.min(from), ..span.clone() };
    let after = Span { from: span.from.max(until), ..span };
    [before, after].into_iter().filter(|span| span.from < span.until).collect()
}

/// Takes a shift away.
pub(crate) fn without(agent: &Value, args: &Value) -> Result<Value, VerbError> {
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

/// Changes one shift. What its content does not allow is told with the shift as it would be.
fn with_shift(
    agent: &Value,
    args: &Value,
    change: impl FnOnce(&mut Value) -> Result<(), VerbError>,
) -> Result<Value, VerbError> {
    let mut agent = agent.clone();
    let shifts = agent.get_mut("shifts").and_then(Value::as_array_mut).into_iter().flatten();
    let found = shifts.into_iter().find(|shift| shift["id"] == args["shift_id"]);
    let shift = found.ok_or_else(|| missing(args))?;
    match change(shift) {
        Ok(()) => Ok(agent),
        Err(VerbError::Refused(reason)) => Err(VerbError::Misstep { reason, path: place(args), wanted: shift.clone() }),
        Err(other) => Err(other),
    }
}

fn missing(args: &Value) -> VerbError {
    VerbError::Missing(place(args))
}

/// Where the shift that a verb names stands.
fn place(args: &Value) -> Pointer {
    Pointer::from_segments(["shifts", args["shift_id"].as_str().unwrap_or_default()])
}

fn refused(reason: &str) -> VerbError {
    VerbError::Refused(reason.to_owned())
}

fn activities(shift: &mut Value) -> impl Iterator<Item = &mut Value> {
    shift.get_mut("activities").and_then(Value::as_array_mut).into_iter().flatten()
}
