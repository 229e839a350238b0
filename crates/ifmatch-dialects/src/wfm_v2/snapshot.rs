//! Snapshots: a representation with its version in whatever spelling, its tag byte for byte, its
//! writer and its time.

use super::kinds::VERSIONS;
use super::{lens, mark};
use crate::instants;
use ifmatch_core::{Precondition, Response, Snapshot, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A snapshot of a record as the target spells it.
pub(crate) fn of(value: Value, etag: Option<&str>, now: Timestamp) -> Snapshot {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let modified_at = value.get("date_modified").and_then(Value::as_str);
    Snapshot {
        version: lens::version(&value).unwrap_or_else(|(first, _)| Some(first)),
        etag: etag.map(str::to_owned),
        writer: value.pointer("/modified_by/name").and_then(text),
        modified_at: modified_at.and_then(|text| instants::instant(text).ok()),
        read_at: now,
        seen_after: None,
        shown_to: BTreeMap::new(),
        value: value.into(),
    }
}

/// The tag of an answer.
pub(crate) fn tag(response: &Response) -> Option<&str> {
    response.header("etag").map(str::trim).filter(|tag| !tag.is_empty())
}

/// What was written, with the version and tag that the answer gives. Where it gives no version,
/// none is claimed: the one that the write was made from holds no more.
pub(crate) fn written(value: &Value, version: Option<u64>, etag: Option<&str>, now: Timestamp) -> Snapshot {
    let mut value = value.clone();
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !["modified_by", "date_modified"].contains(&name.as_str()));
        for name in VERSIONS.iter().copied() {
            match (version, members.get_mut(name)) {
                (Some(version), Some(old)) => *old = json!(version),
                (None, Some(_)) => drop(members.remove(name)),
                (_, None) => {}
            }
        }
        if let Some(version) = version {
            members.insert("version".to_owned(), json!(version));
        }
    }
    of(value, etag, now)
}

/// The version that a tag spells, told from a tag whose version is known: only a target that spelt
/// that one as a number spells this one so. An opaque tag may look like a number.
pub(crate) fn spelt(known: &Precondition, tag: Option<&str>) -> Option<u64> {
    let spells = known.version.is_some() && known.etag.as_deref().and_then(number) == known.version;
    if spells { number(tag?) } else { None }
}

/// The number between the quotes of a tag, strong or weak.
pub(crate) fn number(tag: &str) -> Option<u64> {
    tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).trim_matches('"').parse().ok()
}

/// One agent of a schedule document as a record of its own: the entry, with the document's week
/// and zone beside it.
pub(crate) fn agent(document: &Value, schedule: &str, agent: &str) -> Option<Value> {
    let entries = document.get("agents")?.as_array()?;
    let entry = entries.iter().find(|entry| entry["agent_id"] == agent)?;
    Some(agent_entry(entry.clone(), document, schedule))
}

/// The record of one agent, made of its entry and the document's own fields.
pub(crate) fn agent_entry(entry: Value, document: &Value, schedule: &str) -> Value {
    let mut members = match entry {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.insert("schedule_id".to_owned(), json!(schedule));
    for name in ["week", "time_zone"] {
        if let Some(value) = document.get(name) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(members)
}

/// The document without its agents, their ids in order instead, and without the mark in its description.
pub(crate) fn schedule(mut document: Value) -> Value {
    mark::take(&mut document);
    let Value::Object(mut members) = document else {
        return document;
    };
    if let Some(Value::Array(agents)) = members.remove("agents") {
        let ids: std::collections::BTreeSet<String> =
            agents.iter().filter_map(|agent| agent["agent_id"].as_str()).map(str::to_owned).collect();
        members.insert("agent_ids".to_owned(), json!(ids));
    }
    Value::Object(members)
}
