//! Who wrote what stands in a record, path by path, as far as it was seen.
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
use ifmatch_merge::{Change, Pointer, Schema, apply, diff, get};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// What one landed intent wrote into a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrote {
    intent: IntentId,
    source: SourceName,
    version: Option<u64>,
    at: Timestamp,
    changes: Vec<Change>,
}

impl Wrote {
    /// What a landed intent wrote; `None` for one that did not land or wrote nothing. `attempts` are
    /// those that carried it, by number, each with its end.
    #[must_use]
    pub fn of<'a>(
        record: &IntentRecord,
        attempts: impl IntoIterator<Item = (&'a AttemptRecord, Option<&'a AttemptOutcome>)>,
    ) -> Option<Self> {
        let at = record.status.settled_at.filter(|_| record.status.state == State::Landed)?;
        let changes = landing(record, attempts)?.1.changes.clone();
        let version = record.status.result.as_ref().and_then(|result| result.version);
        Some(Self { intent: record.id, source: record.source.clone(), version, at, changes })
    }

    /// Whether it touches a path.
    fn touches(&self, path: &Pointer) -> bool {
        self.changes.iter().any(|change| change.path.overlaps(path))
    }

    /// What it wrote at a path or above it; `None` where it removed that, or wrote below it only.
    fn made(&self, schema: &Schema, path: &Pointer) -> Option<Value> {
        let above = self.changes.iter().find(|change| change.path.is_prefix_of(path))?;
        let alone = apply(schema, &Value::Object(Map::new()), std::slice::from_ref(above));
        get(schema, &alone, path).cloned()
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

/// One path of a record with who wrote its value.
///
/// Shape: `{"path": "/score", "value": 85, "by": "source", "source": "servicenow", "intent": "int_…", "version": 14,
/// "at": "…"}`, of somebody else `{"path", "value", "by": "other", "writer"?, "version", "after"?, "at"?}`, else `{"path",
/// "value", "by": "unknown", "version"}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blame {
    /// The path.
    pub path: Pointer,
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
    let asked = Asked { dialect, schema: &spec.schema, row, wrote };
    leaves(&spec.schema, &part).into_iter().map(|(path, value)| asked.about(path, value)).collect()
}

/// What the answers are looked up in.
struct Asked<'a> {
    dialect: &'a dyn Dialect,
    schema: &'a Schema,
    row: &'a ResourceRow,
    wrote: &'a [Wrote],
}

impl Asked<'_> {
    fn about(&self, path: Pointer, value: Value) -> Blame {
        let history = &self.row.history;
        let holds = |snapshot: &Snapshot| self.alike(get(self.schema, &snapshot.value, &path), &value);
        let first = history.iter().rposition(|snapshot| !holds(snapshot)).map_or(0, |last| last + 1);
        let before = first.checked_sub(1).map(|at| &history[at]);
        let mine = self.wrote.iter().filter(|wrote| wrote.touches(&path));
        let mine = mine.max_by_key(|wrote| (wrote.version, wrote.at, wrote.intent)).filter(|wrote| {
            let made = wrote.made(self.schema, &path);
            made.is_none_or(|made| self.alike(Some(&made), &value))
                && before.is_none_or(|before| wrote.is_after(before))
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
            value,
        };
        match (mine, before, since) {
            (Some(wrote), _, _) => {
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

    fn alike(&self, found: Option<&Value>, value: &Value) -> bool {
        found.is_some_and(|found| self.dialect.alike(found, value))
    }
}

/// The values of a record with their paths: members of objects one by one, those of list elements too.
fn leaves(schema: &Schema, value: &Value) -> Vec<(Pointer, Value)> {
    let mut found = Vec::new();
    for change in diff(schema, &Value::Object(Map::new()), value) {
        if let Some(value) = change.after {
            open(change.path, value, &mut found);
        }
    }
    found
}

fn open(path: Pointer, value: Value, found: &mut Vec<(Pointer, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                open(path.join(&name), value, found);
            }
        }
        value => found.push((path, value)),
    }
}

#[cfg(test)]
mod tests;
