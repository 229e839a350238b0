//! Snapshots: a record with its version, its writer and its time.

use super::kinds::{CODE, EVALUATION, Kind, METADATA};
use super::lens;
use crate::instants;
use ifmatch_core::{Snapshot, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The snapshot of a record, version and stamps read from it.
pub(crate) fn of(kind: &Kind, record: Value, now: Timestamp) -> Snapshot {
    let at = |name: &str| instants::instant(record.get(name)?.as_str()?).ok();
    let stamp = |name: &str| record.get(METADATA).and_then(|metadata| metadata.get(name));
    let (version, modified_at) = if kind.spec.name == EVALUATION {
        // It has no version: the time of its last change tells older from newer, as far as the clock of the target does.
        let changed = at("changedDate");
        (changed.and_then(|at| u64::try_from(at.as_millisecond()).ok()), changed)
    } else {
        let modified = stamp("dateModified").and_then(Value::as_str);
        (stamp("version").and_then(Value::as_u64), modified.and_then(|text| instants::instant(text).ok()))
    };
    // The stamps of an activity code are those of its list: it was changed no later, and by whom they do not tell.
    let writer =
        stamp("modifiedBy").filter(|_| kind.spec.name != CODE).and_then(|by| by["id"].as_str()).map(str::to_owned);
    Snapshot {
        version,
        etag: None,
        writer,
        modified_at,
        read_at: now,
        seen_after: None,
        shown_to: BTreeMap::new(),
        value: record.into(),
    }
}

/// The snapshot of the record of this id that an answer shows; `None` where it shows none of the kind. A record that can be
/// created says where it lies, as its creation does.
pub(crate) fn shown(kind: &Kind, id: &str, answer: &Value, now: Timestamp) -> Option<Snapshot> {
    let inside = match kind.inside {
        "" => Some(answer).filter(|answer| answer["id"].is_string()),
        name => answer.get(name),
    };
    let mut record = lens::record(kind.fields, inside.filter(|inside| inside.is_object())?);
    for (name, part) in kind.owners().iter().zip(id.split('/')) {
        record[*name] = json!(part);
    }
    let snapshot = of(kind, record, now);
    (snapshot.version.is_some() || kind.spec.name == EVALUATION).then_some(snapshot)
}

/// What was written, where the answer does not show it: no version is claimed, since the one that it was made from holds no more.
pub(crate) fn written(kind: &Kind, to: &Value, now: Timestamp) -> Snapshot {
    let mut record = to.clone();
    if let Value::Object(members) = &mut record {
        members.retain(|name, _| !kind.spec.version_fields.contains(name));
    }
    Snapshot { version: None, modified_at: None, ..of(kind, record, now) }
}
