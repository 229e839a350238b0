//! Who wrote what stands in a record, path by path, as far as it was seen; the hours of an interval set stretch by
//! stretch.
//!
//! Pure. What landed says which paths an intent of ours changed; the confirmed representations say
//! since when a value stands, and so whether somebody wrote there after us. Nothing is guessed: a
//! value that stood there in the oldest representation known, and that no intent of ours wrote, is
//! of nobody known.

use crate::commit::{AttemptOutcome, AttemptRecord};
use crate::dialect::Dialect;
use crate::ids::{IntentId, SourceName};
use crate::record::IntentRecord;
use crate::shadow::{ResourceRow, Snapshot};
use crate::states::State;
use crate::undo::landing;
use ifmatch_merge::{Change, IntervalNames, Pointer, Schema, Strategy, Stretch, apply, diff, get};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// What one write of an intent put into a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrote {
    intent: IntentId,
    source: SourceName,
    version: Option<u64>,
    at: Timestamp,
    changes: Vec<Change>,
}

impl Wrote {
    /// What an intent wrote, write by write: the one that it landed by, and those by which it did not land and that took
    /// effect nevertheless. `attempts` are those that carried it, by number, each with its end.
    #[must_use]
    pub fn of<'a>(
        record: &IntentRecord,
        attempts: impl IntoIterator<Item = (&'a AttemptRecord, Option<&'a AttemptOutcome>)>,
    ) -> Vec<Self> {
        let status = &record.status;
        let wrote = |version, at, changes: &[Change]| Self {
            intent: record.id,
            source: record.source.clone(),
            version,
            at,
            changes: changes.to_vec(),
        };
        let stood = status.applied.iter().filter(|applied| applied.stood());
        let mut all: Vec<Self> = stood.map(|applied| wrote(applied.version, applied.at, &applied.changes)).collect();
        if let (State::Landed, Some(at), Some((_, share))) =
            (status.state, status.settled_at, landing(record, attempts))
        {
            let version = status.result.as_ref().and_then(|result| result.version);
            all.push(wrote(version, at, &share.changes));
        }
        all
    }

    /// Whether a representation is older than what it wrote.
    fn is_after(&self, snapshot: &Snapshot) -> bool {
        match (snapshot.version, self.version) {
            (Some(known), Some(mine)) => known < mine,
            _ => snapshot.read_at <= self.at,
        }
    }
}

/// Who wrote a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A source of ours, by an intent.
    Source,
    /// Somebody else.
    Other,
    /// Nobody known: it stood there in the oldest representation known.
    Unknown,
}

/// One path of a record with who wrote its value, or one stretch of the hours of an interval set.
///
/// A stretch names the list of the parts as its path, and as its value what is there besides the times, `null` for
/// nothing: `{"path": "/shifts/sh-1/activities", "stretch": {"from": "…", "until": "…"}, "value": {"code": "training"}, …}`.
/// Shape of a path: `{"path": "/score", "value": 85, "by": "source", "source": "servicenow", "intent": "int_…", "version": 14,
/// "at": "…"}`, of somebody else `{"path", "value", "by": "other", "writer"?, "version", "after"?, "at"?}`, else `{"path",
/// "value", "by": "unknown", "version"}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blame {
    /// The path.
    pub path: Pointer,
    /// Which part of the time, where the path is the list of an interval set's parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stretch: Option<Stretch>,
    /// What stands there.
    pub value: Value,
    /// Who wrote it.
    pub by: By,
    /// The source of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceName>,
    /// Its intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentId>,
    /// The somebody else by name, where the target says whose version that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
    /// The version that first held it; of one that nobody is known for, the oldest version known, and of one that
    /// somebody wrote unseen, the latest that it can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Versions between this one and `version` were not seen: it is one of them, or `version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// When it was written, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Who wrote what stands in a record as last confirmed, ordered by path. `wrote` is what landed, in any order; what is
/// missing of it is told as somebody else's or as unknown. Empty where the record was never seen.
#[must_use]
pub fn blame(dialect: &dyn Dialect, row: &ResourceRow, wrote: &[Wrote]) -> Vec<Blame> {
    let Some((spec, shadow)) = dialect.kind(&row.resource.kind).zip(row.shadow()) else { return Vec::new() };
    let part = spec.writable_part(&shadow.value);
    let docs = wrote.iter().map(|wrote| Docs::of(&spec.schema, &part, wrote)).collect();
    let asked = Asked { dialect, schema: &spec.schema, row, part: &part, wrote, docs };
    leaves(&spec.schema, &part).into_iter().flat_map(|leaf| asked.about(leaf)).collect()
}

/// The record as it stands, but for what one intent changed: that as before it, and as it wrote it.
struct Docs {
    before: Value,
    after: Value,
}

impl Docs {
    fn of(schema: &Schema, part: &Value, wrote: &Wrote) -> Self {
        let back = |step: &Change| Change { path: step.path.clone(), before: None, after: step.before.clone() };
        let back: Vec<Change> = wrote.changes.iter().rev().map(back).collect();
        Self { before: apply(schema, part, &back), after: apply(schema, part, &wrote.changes) }
    }
}

/// A place of a record that has one writer.
enum Place<'a> {
    Path(Pointer),
    /// An instant of the interval set at an address, and all that stands there until the next point.
    Time(&'a Pointer, &'a IntervalNames, Timestamp),
}

impl Place<'_> {
    fn seen(&self, schema: &Schema, doc: &Value) -> Option<Value> {
        match self {
            Self::Path(path) => get(schema, doc, path).cloned(),
            Self::Time(set, names, point) => names.payload_at(get(schema, doc, set)?, *point),
        }
    }
}

/// What the answers are looked up in.
struct Asked<'a> {
    dialect: &'a dyn Dialect,
    schema: &'a Schema,
    row: &'a ResourceRow,
    part: &'a Value,
    wrote: &'a [Wrote],
    /// Of each of `wrote`.
    docs: Vec<Docs>,
}

impl Asked<'_> {
    fn about(&self, leaf: Leaf<'_>) -> Vec<Blame> {
        match leaf {
            Leaf::Value(path, value) => vec![self.line(path.clone(), &Place::Path(path), value)],
            Leaf::Times(set, names) => self.times(&set, names),
        }
    }

    /// The hours of an interval set: a row for each stretch that is one part, or the gap between two, of one writer.
    fn times(&self, set: &Pointer, names: &IntervalNames) -> Vec<Blame> {
        let Some(stands) = get(self.schema, self.part, set) else { return Vec::new() };
        let edges = names.points(stands);
        let (Some(first), Some(last)) = (edges.first(), edges.last()) else { return Vec::new() };
        let docs = self.row.history.iter().map(|snapshot| &*snapshot.value);
        let docs = docs.chain(self.docs.iter().flat_map(|docs| [&docs.before, &docs.after]));
        let known = docs.filter_map(|doc| get(self.schema, doc, set)).flat_map(|doc| names.points(doc));
        let mut points: Vec<Timestamp> = known.chain(edges.iter().copied()).collect();
        points.retain(|point| first <= point && point <= last);
        points.sort_unstable();
        points.dedup();
        let like = stands.get(&names.start).and_then(Value::as_str).unwrap_or("Z");
        let mut found: Vec<(Timestamp, Timestamp, Blame)> = Vec::new();
        for pair in points.windows(2) {
            let (from, until) = (pair[0], pair[1]);
            let value = names.payload_at(stands, from).unwrap_or_default();
            let line = self.line(set.join(&names.parts), &Place::Time(set, names, from), value);
            match found.last_mut() {
                Some((_, end, last)) if *last == line && !edges.contains(&from) => *end = until,
                _ => found.push((from, until, line)),
            }
        }
        let spelled = |(from, until, line)| Blame { stretch: Some(Stretch::spelled(from, until, like)), ..line };
        found.into_iter().map(spelled).collect()
    }

    fn line(&self, path: Pointer, place: &Place<'_>, value: Value) -> Blame {
        let seen = |doc: &Value| place.seen(self.schema, doc);
        let history = &self.row.history;
        let holds = |snapshot: &Snapshot| self.alike(seen(&snapshot.value).as_ref(), &value);
        let first = history.iter().rposition(|snapshot| !holds(snapshot)).map_or(0, |last| last + 1);
        let before = first.checked_sub(1).map(|at| &history[at]);
        let mine =
            self.wrote.iter().zip(&self.docs).filter(|(_, docs)| self.differ(&seen(&docs.before), &seen(&docs.after)));
        let mine = mine.max_by_key(|(wrote, _)| (wrote.version, wrote.at, wrote.intent)).filter(|(wrote, docs)| {
            self.alike(seen(&docs.after).as_ref(), &value) && before.is_none_or(|before| wrote.is_after(before))
        });
        let since = history.get(first);
        let mut line = Blame {
            by: By::Unknown,
            source: None,
            intent: None,
            writer: None,
            version: since.and_then(|since| since.version),
            after: None,
            at: None,
            path,
            stretch: None,
            value,
        };
        match (mine, before, since) {
            (Some((wrote, _)), _, _) => {
                line.by = By::Source;
                (line.source, line.intent) = (Some(wrote.source.clone()), Some(wrote.intent));
                (line.version, line.at) = (wrote.version, Some(wrote.at));
            }
            (None, Some(before), Some(since)) => {
                line.by = By::Other;
                if before.version.map(|version| version + 1) == since.version {
                    (line.writer, line.at) = (since.writer.clone(), since.modified_at);
                } else {
                    line.after = before.version;
                }
            }
            (None, _, _) => {}
        }
        line
    }

    fn differ(&self, before: &Option<Value>, after: &Option<Value>) -> bool {
        match (before, after) {
            (None, None) => false,
            (before, Some(after)) => !self.alike(before.as_ref(), after),
            (Some(_), None) => true,
        }
    }

    fn alike(&self, found: Option<&Value>, value: &Value) -> bool {
        found.is_some_and(|found| self.dialect.alike(found, value))
    }
}

/// What has a writer of its own.
enum Leaf<'a> {
    Value(Pointer, Value),
    /// The times of the interval set at an address.
    Times(Pointer, &'a IntervalNames),
}

/// The values of a record with their paths: members of objects one by one, those of list elements too.
fn leaves<'a>(schema: &'a Schema, value: &Value) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    for change in diff(schema, &Value::Object(Map::new()), value) {
        if let Some(value) = change.after {
            open(schema, change.path, value, &mut found);
        }
    }
    found
}

fn open<'a>(schema: &'a Schema, path: Pointer, value: Value, found: &mut Vec<Leaf<'a>>) {
    let set = match schema.strategy_at(&path) {
        Some(Strategy::IntervalSet(names)) if names.reads(&value) => Some(names),
        _ => None,
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                match set {
                    Some(names) if name == names.parts => found.push(Leaf::Times(path.clone(), names)),
                    _ => open(schema, path.join(&name), value, found),
                }
            }
        }
        value => found.push(Leaf::Value(path, value)),
    }
}

#[cfg(test)]
mod tests;
