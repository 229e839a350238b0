//! Reads of single things.

use crate::columns::{Cells, id_bytes, number, place, places, resource_text};
use crate::failure::failure;
use ifmatch_audit::{Chain, ChainHash, Record};
use ifmatch_core::{
    IntentId, IntentRecord, IntentStatus, OrgName, Resource, ResourceRow, Shared, SourceName, State, Urgency,
};
use ifmatch_store::{StoreError, StoredAttempt};
use rusqlite::{Connection, Params, Row, params};
use std::collections::BTreeMap;

/// The changing part of an intent, as far as a writer needs it.
pub(crate) struct Stored {
    pub(crate) place: i64,
    pub(crate) state: State,
    pub(crate) source: SourceName,
    pub(crate) resource: Resource,
}

/// Collects what a query finds, each row read by `read`.
pub(crate) fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    append(&mut found, connection, sql, params, read)?;
    Ok(found)
}

/// Appends what a query finds, each row read by `read`.
pub(crate) fn append<T>(
    found: &mut Vec<T>,
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let mut rows = statement.query(params).map_err(failure)?;
    while let Some(row) = rows.next().map_err(failure)? {
        found.push(read(row)?);
    }
    Ok(())
}

pub(crate) fn stored(connection: &Connection, org: i64, id: IntentId) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT place, state, source, resource FROM head WHERE org = ?1 AND id = ?2";
    let found = collect(connection, sql, params![org, id_bytes(id)], |row| {
        let cells = Cells { table: "head", row, key: id };
        Ok(Stored {
            place: cells.value(0, "place")?,
            state: cells.state(1, "state")?,
            source: SourceName::from(cells.text(2, "source")?),
            resource: cells.json(3, "resource", "a resource")?,
        })
    })?;
    Ok(found.into_iter().next())
}

/// What [`record`] reads, in its order.
pub(crate) const RECORD: &str =
    "SELECT head.place, head.id, head.state, head.resource, head.status, intent.record FROM head";

/// Where the payload of a [`RECORD`] comes from.
pub(crate) const PAYLOAD: &str = "LEFT JOIN intent ON intent.place = head.place";

pub(crate) fn record(row: &Row<'_>) -> Result<IntentRecord, StoreError> {
    let place: i64 = row.get(0).map_err(failure)?;
    let id = Cells { table: "head", row, key: place }.id(1, "id")?;
    let head = Cells { table: "head", row, key: id };
    let body = Cells { table: "intent", row, key: id };
    let mut record: IntentRecord = body.json(5, "record", "an intent")?;
    if record.id != id || record.order != number(place) {
        let found = format!("intent {} at {}", record.id, record.order);
        return Err(body.wrong("record", format!("intent {id} at {}", number(place)), found));
    }
    record.resource = head.json(3, "resource", "a resource")?;
    if let Some(status) = head.json_or_null::<IntentStatus>(4, "status", "a status")? {
        record.status = status.into();
    }
    let state = head.state(2, "state")?;
    if state != record.status.state {
        return Err(head.wrong("state", record.status.state, state));
    }
    Ok(record)
}

pub(crate) fn intent(connection: &Connection, org: i64, id: IntentId) -> Result<Option<IntentRecord>, StoreError> {
    let sql = format!("{RECORD} {PAYLOAD} WHERE head.org = ?1 AND head.id = ?2");
    Ok(collect(connection, &sql, params![org, id_bytes(id)], record)?.into_iter().next())
}

pub(crate) fn attempts_of(connection: &Connection, org: i64, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError> {
    let Some(stored) = stored(connection, org, id)? else {
        return Ok(Vec::new());
    };
    let sql = "SELECT attempt.place, attempt.record, attempt.outcome, attempt.ended_at
               FROM attempt_intent JOIN attempt ON attempt.place = attempt_intent.attempt
               WHERE attempt_intent.intent = ?1 ORDER BY attempt.place";
    collect(connection, sql, [stored.place], |row| {
        let place: i64 = row.get(0).map_err(failure)?;
        let cells = Cells { table: "attempt", row, key: number(place) };
        Ok(StoredAttempt {
            record: cells.json(1, "record", "an attempt")?,
            outcome: cells.json_or_null(2, "outcome", "an outcome")?,
            ended_at: cells.parsed_or_null(3, "ended_at", "a time")?,
        })
    })
}

pub(crate) fn row(
    connection: &Connection,
    org: i64,
    resource: &Resource,
) -> Result<Option<Shared<ResourceRow>>, StoreError> {
    let sql = "SELECT value FROM resource_row WHERE org = ?1 AND resource = ?2";
    let found = collect(connection, sql, params![org, resource_text(resource)], |row| {
        Cells { table: "resource_row", row, key: resource.key() }.json(0, "value", "a resource's row")
    })?;
    Ok(found.into_iter().next())
}

pub(crate) fn counts(connection: &Connection, org: i64) -> Result<BTreeMap<State, u64>, StoreError> {
    let sql = "SELECT state, intents FROM tally WHERE org = ?1 AND intents <> 0";
    let counts = collect(connection, sql, [org], |row| {
        let cells = Cells { table: "tally", row, key: org };
        let state = cells.state(0, "state")?;
        let intents: i64 = cells.value(1, "intents")?;
        u64::try_from(intents).map(|intents| (state, intents)).map_err(|_| cells.wrong("intents", "a count", intents))
    })?;
    Ok(counts.into_iter().collect())
}

pub(crate) fn kept(connection: &Connection, org: i64, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
    let sql = "SELECT value FROM keep WHERE org = ?1 AND key = ?2";
    let found = collect(connection, sql, params![org, key], |row| {
        Cells { table: "keep", row, key: &key }.json(0, "value", "a kept fact")
    })?;
    Ok(found.into_iter().next())
}

/// The facts below a prefix and behind a key. Keys compare by their bytes, so what begins with a prefix stands together.
pub(crate) fn kept_below(
    connection: &Connection,
    org: i64,
    (prefix, after): (&str, &str),
    limit: usize,
) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
    let sql = "SELECT key, value FROM keep
               WHERE org = ?1 AND key >= ?2 AND key > ?3 AND substr(key, 1, length(?2)) = ?2 ORDER BY key LIMIT ?4";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection, sql, params![org, prefix, after, limit], |row| {
        let key: String = row.get(0).map_err(failure)?;
        let value = Cells { table: "keep", row, key: &key }.json(1, "value", "a kept fact")?;
        Ok((key, value))
    })
}

pub(crate) fn audit(
    connection: &Connection,
    org: i64,
    from_index: u64,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let sql = "SELECT place, hash, leaf FROM audit_leaf WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3";
    let Ok(first) = place(org, from_index) else {
        return Ok(Vec::new());
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection, sql, params![first, *places(org).end(), limit], |row| {
        let place: i64 = row.get(0).map_err(failure)?;
        let cells = Cells { table: "audit_leaf", row, key: number(place) };
        let hash = ChainHash(cells.bytes(1, "hash")?);
        Ok(Record { index: number(place), hash, text: cells.text(2, "leaf")?.to_owned() })
    })
}

/// The end of an org's audit log.
pub(crate) fn chain(connection: &Connection, org: i64, name: &OrgName) -> Result<Chain, StoreError> {
    let sql = "SELECT place, hash FROM audit_leaf WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC LIMIT 1";
    let places = places(org);
    let last = collect(connection, sql, [places.start(), places.end()], |row| {
        let place: i64 = row.get(0).map_err(failure)?;
        let cells = Cells { table: "audit_leaf", row, key: number(place) };
        Ok(Chain::resume(name.as_str(), number(place) + 1, ChainHash(cells.bytes(1, "hash")?)))
    })?;
    Ok(last.into_iter().next().unwrap_or_else(|| Chain::new(name.as_str())))
}

/// A class as in JSON.
pub(crate) fn class_text(class: Urgency) -> &'static str {
    match class {
        Urgency::Interactive => "interactive",
        Urgency::Normal => "normal",
        Urgency::Bulk => "bulk",
    }
}

/// Reads a class as in JSON.
pub(crate) fn class_of(text: &str) -> Option<Urgency> {
    [Urgency::Interactive, Urgency::Normal, Urgency::Bulk].into_iter().find(|class| class_text(*class) == text)
}
