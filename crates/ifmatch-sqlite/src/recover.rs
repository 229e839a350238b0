//! What an engine needs to start. Reads narrow tables only; no payload is touched.

use crate::columns::{Cells, number, places};
use crate::failure::failure;
use crate::read::{append, class_of, collect, counts};
use ifmatch_core::{AttemptRecord, Digest, Head, IntentId, Recovery, Resource, Shared, SourceName, State, states};
use ifmatch_store::{APART, StoreError};
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use std::collections::BTreeSet;

/// Room for heads is taken at once up to here.
const HEADS_AT_ONCE: usize = 4_000_000;

/// What many rows repeat, so that it is read once. A start may have a million heads to read.
#[derive(Default)]
struct Repeated {
    sources: BTreeSet<SourceName>,
    /// A resource named by id, and its text up to the id.
    like: Option<(Resource, String)>,
}

impl Repeated {
    fn source(&mut self, text: &str) -> SourceName {
        if let Some(known) = self.sources.iter().find(|known| known.as_str() == text) {
            return known.clone();
        }
        let name = SourceName::from(text);
        self.sources.insert(name.clone());
        name
    }

    /// The resource of a text that differs from the last one in the id only; `None` when it has to
    /// be read as JSON.
    fn resource(&self, text: &str) -> Option<Resource> {
        let (like, until_id) = self.like.as_ref()?;
        let id = text.strip_prefix(until_id.as_str())?.strip_suffix("\"}")?;
        let plain = !id.is_empty() && !id.contains(['"', '\\']) && !id.contains(char::is_control);
        plain.then(|| Resource::by_id(&like.org, &like.kind, id))
    }

    fn remember(&mut self, resource: &Resource, text: &str) {
        let until_id = resource.id().and_then(|id| text.strip_suffix("\"}")?.strip_suffix(id));
        self.like = until_id.map(|until_id| (resource.clone(), until_id.to_owned()));
    }
}

pub(crate) fn recovery(connection: &Connection, org: i64) -> Result<Recovery, StoreError> {
    let mut repeated = Repeated::default();
    Ok(Recovery {
        open: open(connection, org, &mut repeated)?,
        attempts: attempts(connection, org)?,
        keys: keys(connection, org, &mut repeated)?,
        aliases: aliases(connection, org)?,
        kept: kept(connection, org)?,
        last_order: last(connection, org, "SELECT max(place) FROM head WHERE place BETWEEN ?1 AND ?2")?,
        last_attempt: last(connection, org, "SELECT max(place) FROM attempt WHERE place BETWEEN ?1 AND ?2")?,
    })
}

fn open(connection: &Connection, org: i64, repeated: &mut Repeated) -> Result<Vec<Head>, StoreError> {
    let sql = "SELECT place, id, source, resource, class, not_before, deadline, operation, since, print
               FROM head WHERE org = ?1 AND state = ?2 ORDER BY place";
    let open = || states::ALL.into_iter().filter(|state| !state.is_terminal());
    let counts = counts(connection, org)?;
    let count: u64 = open().filter_map(|state| counts.get(&state)).sum();
    // The count is a hint: a damaged one must not ask for more memory than there is.
    let mut heads = Vec::with_capacity(usize::try_from(count).unwrap_or(0).min(HEADS_AT_ONCE));
    for state in open() {
        append(&mut heads, connection, sql, params![org, state.as_str()], |row| head(row, state, repeated))?;
    }
    heads.sort_by_key(|head| head.order);
    Ok(heads)
}

fn head(row: &Row<'_>, state: State, repeated: &mut Repeated) -> Result<Head, StoreError> {
    let place: i64 = row.get(0).map_err(failure)?;
    let id = Cells { table: "head", row, key: place }.id(1, "id")?;
    let cells = Cells { table: "head", row, key: id };
    let class = cells.text(4, "class")?;
    Ok(Head {
        id,
        source: repeated.source(cells.text(2, "source")?),
        resource: resource(&cells, repeated)?,
        order: number(place),
        class: class_of(class).ok_or_else(|| cells.wrong("class", "a class", format!("{class:?}")))?,
        not_before: cells.parsed_or_null(5, "not_before", "a time")?,
        deadline: cells.parsed_or_null(6, "deadline", "a time")?,
        operation: cells.text_or_null(7, "operation")?.map(str::to_owned),
        fingerprint: cells.parsed_or_null(9, "print", "a digest")?,
        state,
        since: cells.time(8, "since")?,
    })
}

fn resource(cells: &Cells<'_, IntentId>, repeated: &mut Repeated) -> Result<Resource, StoreError> {
    let text = cells.text(3, "resource")?;
    if let Some(resource) = repeated.resource(text) {
        return Ok(resource);
    }
    let resource = cells.json(3, "resource", "a resource")?;
    repeated.remember(&resource, text);
    Ok(resource)
}

fn attempts(connection: &Connection, org: i64) -> Result<Vec<Shared<AttemptRecord>>, StoreError> {
    let sql = "SELECT place, record FROM attempt
               WHERE outcome IS NULL AND place BETWEEN ?1 AND ?2 ORDER BY place";
    let places = places(org);
    collect(connection, sql, [places.start(), places.end()], |row| {
        let place: i64 = row.get(0).map_err(failure)?;
        Cells { table: "attempt", row, key: number(place) }.json(1, "record", "an attempt")
    })
}

fn keys(
    connection: &Connection,
    org: i64,
    repeated: &mut Repeated,
) -> Result<Vec<(SourceName, u128, Digest, IntentId)>, StoreError> {
    let sql = "SELECT place, source, key, content, id FROM dedupe WHERE place BETWEEN ?1 AND ?2 ORDER BY place";
    let places = places(org);
    collect(connection, sql, [places.start(), places.end()], |row| {
        let place: i64 = row.get(0).map_err(failure)?;
        let cells = Cells { table: "dedupe", row, key: number(place) };
        let source = repeated.source(cells.text(1, "source")?);
        let key = u128::from_be_bytes(cells.bytes(2, "key")?);
        Ok((source, key, Digest(cells.bytes(3, "content")?), cells.id(4, "id")?))
    })
}

fn aliases(connection: &Connection, org: i64) -> Result<Vec<(Resource, Resource)>, StoreError> {
    let mut aliases = collect(connection, "SELECT name, target FROM alias WHERE org = ?1", [org], |row| {
        let name: String = row.get(0).map_err(failure)?;
        let cells = Cells { table: "alias", row, key: &name };
        Ok((cells.json(0, "name", "a resource")?, cells.json(1, "target", "a resource")?))
    })?;
    // The text of a name sorts otherwise than the name.
    aliases.sort_unstable();
    Ok(aliases)
}

fn kept(connection: &Connection, org: i64) -> Result<Vec<(String, Value)>, StoreError> {
    // The digit nought comes right behind the stroke with which a prefix ends.
    let behind = APART.replace('/', "0");
    let sql = "SELECT key, value FROM keep WHERE org = ?1 AND (key < ?2 OR key >= ?3) ORDER BY key";
    collect(connection, sql, params![org, APART, behind], |row| {
        let key: String = row.get(0).map_err(failure)?;
        let value = Cells { table: "keep", row, key: &key }.json(1, "value", "a kept fact")?;
        Ok((key, value))
    })
}

fn last(connection: &Connection, org: i64, sql: &str) -> Result<u64, StoreError> {
    let places = places(org);
    let found =
        collect(connection, sql, [places.start(), places.end()], |row| row.get::<_, Option<i64>>(0).map_err(failure))?;
    Ok(found.into_iter().flatten().next().map_or(0, number))
}
