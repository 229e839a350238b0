//! Shifts by their minutes, for who turns some of them and for who judges that: read by themselves, not as the product
//! reads them.

use crate::script::Hours;
use ifmatch_core::Timestamp;
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

/// A shift as what is there at each instant, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub(crate) start: i64,
    pub(crate) end: i64,
    activities: Vec<(i64, i64, Value)>,
}

impl Line {
    /// The line of a shift; none of what is no shift with instants.
    pub(crate) fn of(shift: &Value) -> Option<Self> {
        let (start, end) = span(shift)?;
        Some(Self { start, end, activities: activities(&shift["activities"])? })
    }

    /// The line of a list of activities, from its first instant to its last.
    #[must_use]
    pub fn of_activities(list: &Value) -> Option<Self> {
        let spans: Vec<(i64, i64)> = list.as_array()?.iter().map(span).collect::<Option<_>>()?;
        let (start, end) = (spans.iter().map(|(start, _)| *start).min()?, spans.iter().map(|(_, end)| *end).max()?);
        Some(Self { start, end, activities: activities(list)? })
    }

    /// The line of a shift in a record of an agent.
    pub(crate) fn in_record(record: &Value, shift: &str) -> Option<Self> {
        Self::of(shift_in(record, shift)?)
    }

    /// The line where one member of the shift is another one.
    pub(crate) fn with(&self, member: &str, value: &Value) -> Option<Self> {
        let minutes = |from: i64, until: i64| (until - from) / MINUTE;
        let at = |instant: i64| Timestamp::from_millisecond(instant).map(|at| at.to_string()).unwrap_or_default();
        let part = |(from, until, what): &(i64, i64, Value)| {
            let mut part = what.clone();
            part["start"] = json!(at(*from));
            part["length_minutes"] = json!(minutes(*from, *until));
            part
        };
        let parts: Vec<Value> = self.activities.iter().map(part).collect();
        let mut shift =
            json!({"start": at(self.start), "length_minutes": minutes(self.start, self.end), "activities": parts});
        shift[member] = value.clone();
        Self::of(&shift)
    }

    /// What is there at an instant; nothing between activities and outside of the shift.
    #[must_use]
    pub fn at(&self, instant: i64) -> Option<&Value> {
        let here = self.activities.iter().find(|(from, until, _)| *from <= instant && instant < *until);
        here.map(|(_, _, what)| what)
    }

    /// Where something begins or ends.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = i64> {
        let inner = self.activities.iter().flat_map(|(from, until, _)| [*from, *until]);
        [self.start, self.end].into_iter().chain(inner)
    }
}

/// The instants from which on, until the next, each of these lines holds one thing.
pub fn instants<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<i64> {
    let mut cuts: Vec<i64> = lines.into_iter().flat_map(Line::cuts).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// A shift of a record by its id.
pub(crate) fn shift_in<'a>(record: &'a Value, shift: &str) -> Option<&'a Value> {
    record["shifts"].as_array()?.iter().find(|known| known["id"] == shift)
}

/// The patch of a record that turns hours of a shift into something else; none where the shift is not there, or does not
/// reach there.
pub(crate) fn turned(record: &Value, hours: &Hours) -> Option<Value> {
    let shift = shift_in(record, &hours.shift)?;
    let (start, end) = span(shift)?;
    let from = start + hours.from_minutes * MINUTE;
    let until = (from + hours.length_minutes * MINUTE).min(end);
    if from < start || from >= until {
        return None;
    }
    let mut list = Vec::new();
    for activity in shift["activities"].as_array()? {
        let (begins, ends) = span(activity)?;
        if ends <= from || until <= begins {
            list.push((begins, activity.clone()));
            continue;
        }
        let rest = [(begins, ends.min(from)), (begins.max(until), ends)];
        list.extend(rest.into_iter().filter(|(a, b)| a < b).map(|(a, b)| (a, cut(activity, a, b))));
    }
    if let Some(code) = &hours.code {
        list.push((from, cut(&json!({ "code": code }), from, until)));
    }
    list.sort_by_key(|(from, _)| *from);
    let list: Vec<Value> = list.into_iter().map(|(_, activity)| activity).collect();
    Some(json!({ "shifts": [{ "id": hours.shift, "activities": list }] }))
}

/// An activity from one instant until another.
fn cut(activity: &Value, from: i64, until: i64) -> Value {
    let mut cut = activity.clone();
    if cut["start"].as_str().and_then(instant) != Some(from) {
        cut["start"] = json!(Timestamp::from_millisecond(from).map(|at| at.to_string()).unwrap_or_default());
    }
    cut["length_minutes"] = json!((until - from) / MINUTE);
    cut
}

/// From when until when there is what.
fn activities(list: &Value) -> Option<Vec<(i64, i64, Value)>> {
    let activity = |activity: &Value| {
        let (from, until) = span(activity)?;
        let mut what = activity.clone();
        let members = what.as_object_mut()?;
        members.remove("start");
        members.remove("length_minutes");
        Some((from, until, what))
    };
    list.as_array()?.iter().map(activity).collect()
}

fn span(value: &Value) -> Option<(i64, i64)> {
    let start = instant(value["start"].as_str()?)?;
    Some((start, start + value["length_minutes"].as_i64()? * MINUTE))
}

fn instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}
