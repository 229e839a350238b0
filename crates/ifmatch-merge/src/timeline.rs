//! An object read as an interval set: a span of time, and parts that lie in it.

use jiff::fmt::temporal::Pieces;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::equal::json_equal;

#[cfg(test)]
mod tests;

/// The members of an object that make it an interval set.
///
/// Shape of such an object, with the names `start`, `length_minutes` and `activities`: `{"start":
/// "2026-03-02T08:00:00+01:00", "length_minutes": 480, "activities": [{"start": "2026-03-02T08:00:00+01:00",
/// "length_minutes": 60, "code": "training"}]}`. The parts have `start` and the length under the same names; what else
/// they hold is their payload. A start is an instant with its offset (RFC 3339), a length a whole number of minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntervalNames {
    /// The first instant of the span, and of each part.
    pub start: String,
    /// The length of the span, and of each part, in minutes.
    pub length: String,
    /// The list of the parts.
    pub parts: String,
}

/// A stretch of time, as texts: from an instant until before another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its first instant, RFC 3339.
    pub from: String,
    /// The instant after its last one, RFC 3339.
    pub until: String,
}

impl Stretch {
    /// A stretch, spelled with the offset of another text.
    #[must_use]
    pub fn spelled(from: Timestamp, until: Timestamp, like: &str) -> Self {
        Self { from: spelled(from, like), until: spelled(until, like) }
    }
}

impl IntervalNames {
    /// The instants at which something begins or ends, in order: between two of them one thing is there. Empty for what is
    /// no interval set.
    pub fn points(&self, value: &Value) -> Vec<Timestamp> {
        points(Timeline::read(self, value).iter())
    }

    /// What is there at an instant: the payload of a part, or `null` for nothing. `None` outside of the span, and for what
    /// is no interval set.
    pub fn payload_at(&self, value: &Value, point: Timestamp) -> Option<Value> {
        let line = Timeline::read(self, value)?;
        let payload = |part: &Part<'_>| {
            let kept = part.members.iter().filter(|(name, _)| self.is_payload(name));
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        };
        (line.start <= point && point < line.end).then(|| line.at(point).map_or(Value::Null, payload))
    }

    /// Whether a value can be read as an interval set: every start is an instant with an offset, every length a whole
    /// number of minutes above zero, and the parts lie inside the span without overlaps.
    pub fn reads(&self, value: &Value) -> bool {
        Timeline::read(self, value).is_some()
    }

    /// Where a wish changes what its source `started` from into something else than what `stands` by now, which is not the
    /// source's `own` last word: there it may go back to what stood earlier. `None` where one of them is no interval set.
    pub fn overriding<'a>(
        &'a self,
        wish: &'a Value,
        started: &'a Value,
        stands: &'a Value,
        own: Option<&'a Value>,
    ) -> Option<Overriding<'a>> {
        let read = |value| Timeline::read(self, value);
        let (wish, started, stands) = (read(wish)?, read(started)?, read(stands)?);
        let own = own.and_then(read);
        let end = |of: fn(&Timeline<'_>) -> Timestamp| {
            let mine = own.as_ref().is_some_and(|own| of(own) == of(&stands));
            of(&wish) != of(&started) && of(&wish) != of(&stands) && !mine
        };
        let (start, end) = (end(|line| line.start), end(|line| line.end));
        let overrides = |point: Timestamp| {
            let same = |a: &Timeline<'_>, b: &Timeline<'_>| self.alike(a.at(point), b.at(point));
            let mine = own.as_ref().is_some_and(|own| same(own, &stands));
            !same(&wish, &started) && !same(&wish, &stands) && !mine
        };
        let points = points([&wish, &started, &stands].into_iter().chain(&own));
        // After the last point nothing is there on any side.
        let stretches = points.windows(2).filter(|pair| overrides(pair[0])).map(|pair| (pair[0], pair[1]));
        let stretches = stretches.collect();
        Some(Overriding { names: self, wish, start, end, stretches })
    }

    /// Whether the same is there: nothing, or equal payloads. Nothing outside of a span is as much as nothing in it: the
    /// ends of the span are compared by themselves.
    pub(crate) fn alike(&self, a: Option<&Part<'_>>, b: Option<&Part<'_>>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => self.same_payload(a.members, b.members),
            _ => false,
        }
    }

    fn same_payload(&self, a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
        let counts = |map: &Map<String, Value>| map.keys().filter(|name| self.is_payload(name)).count();
        let mut payload = a.iter().filter(|(name, _)| self.is_payload(name));
        counts(a) == counts(b) && payload.all(|(name, value)| b.get(name).is_some_and(|other| json_equal(value, other)))
    }

    fn is_payload(&self, name: &str) -> bool {
        name != self.start && name != self.length
    }
}

/// Where a wish overrides what others wrote.
#[derive(Debug)]
pub struct Overriding<'a> {
    names: &'a IntervalNames,
    wish: Timeline<'a>,
    /// Whether it does so at the first instant of its span, and at its end.
    start: bool,
    end: bool,
    /// The stretches in which it does so.
    stretches: Vec<(Timestamp, Timestamp)>,
}

impl Overriding<'_> {
    /// Whether the wish goes back anywhere there to what stood in an older representation.
    pub fn goes_back_to(&self, older: &Value) -> bool {
        if !self.start && !self.end && self.stretches.is_empty() {
            return false;
        }
        let Some(older) = Timeline::read(self.names, older) else { return false };
        let within = |from: Timestamp, until: Timestamp| {
            let inside = older.parts.iter().flat_map(|part| [part.from, part.until]);
            std::iter::once(from).chain(inside.filter(move |point| from < *point && *point < until))
        };
        let same = |point: Timestamp| self.names.alike(self.wish.at(point), older.at(point));
        (self.start && self.wish.start == older.start)
            || (self.end && self.wish.end == older.end)
            || self.stretches.iter().any(|(from, until)| within(*from, *until).any(same))
    }
}

/// A part, from one instant until before another.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) members: &'a Map<String, Value>,
}

/// An interval set: instants are points of it, so that two spellings of one instant are the same.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// By their starts, without overlaps, inside the span.
    parts: Vec<Part<'a>>,
}

impl<'a> Timeline<'a> {
    /// Reads an object; `None` if it is no interval set.
    pub(crate) fn read(names: &IntervalNames, value: &'a Value) -> Option<Self> {
        let members = value.as_object()?;
        let (start, end) = span(names, members)?;
        let parts = members.get(&names.parts)?.as_array()?;
        let part = |value: &'a Value| {
            let members = value.as_object()?;
            let (from, until) = span(names, members)?;
            Some(Part { from, until, members })
        };
        let mut parts: Vec<Part<'a>> = parts.iter().map(part).collect::<Option<_>>()?;
        parts.sort_by_key(|part| part.from);
        let apart = parts.windows(2).all(|pair| pair[0].until <= pair[1].from);
        let inside =
            parts.first().is_none_or(|first| start <= first.from) && parts.last().is_none_or(|last| last.until <= end);
        (apart && inside).then_some(Self { start, end, parts })
    }

    /// The part that is there at an instant, and until the next of the [`points`].
    pub(crate) fn at(&self, point: Timestamp) -> Option<&Part<'a>> {
        let after = self.parts.partition_point(|part| part.from <= point);
        self.parts.get(after.checked_sub(1)?).filter(|part| point < part.until)
    }

    /// Whether one part ends and another one with an equal payload begins at an instant.
    pub(crate) fn has_seam(&self, names: &IntervalNames, point: Timestamp) -> bool {
        let next = self.parts.partition_point(|part| part.from < point);
        let (Some(last), Some(next)) = (next.checked_sub(1).map(|last| &self.parts[last]), self.parts.get(next)) else {
            return false;
        };
        last.until == point && next.from == point && names.same_payload(last.members, next.members)
    }
}

/// The instants at which something can change in any of these, in order: between two of them each holds one thing.
pub(crate) fn points<'t, 'a: 't>(lines: impl Iterator<Item = &'t Timeline<'a>>) -> Vec<Timestamp> {
    let mut points = Vec::new();
    for line in lines {
        points.extend([line.start, line.end]);
        points.extend(line.parts.iter().flat_map(|part| [part.from, part.until]));
    }
    points.sort_unstable();
    points.dedup();
    points
}

fn span(names: &IntervalNames, members: &Map<String, Value>) -> Option<(Timestamp, Timestamp)> {
    let start = instant(members.get(&names.start)?.as_str()?)?;
    let minutes = members.get(&names.length)?.as_i64().filter(|minutes| *minutes > 0)?;
    let length = SignedDuration::from_secs(minutes.checked_mul(60)?);
    Some((start, start.checked_add(length).ok()?))
}

/// The instant that a text names; none where it has no offset, and so could be any of several.
fn instant(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = pieces.to_numeric_offset()?;
    offset.to_timestamp(pieces.date().to_datetime(pieces.time()?)).ok()
}

/// An instant, spelled with the offset of another text.
pub(crate) fn spelled(point: Timestamp, like: &str) -> String {
    let offset = Pieces::parse(like).ok().and_then(|pieces| pieces.to_numeric_offset());
    match offset {
        Some(offset) if !like.ends_with(['Z', 'z']) => point.display_with_offset(offset).to_string(),
        _ => point.to_string(),
    }
}

/// The whole minutes from one instant to a later one; none where seconds are left over.
pub(crate) fn minutes(from: Timestamp, until: Timestamp) -> Option<i64> {
    let length = until.duration_since(from);
    (length.subsec_nanos() == 0 && length.as_secs() % 60 == 0).then_some(length.as_secs() / 60)
}
