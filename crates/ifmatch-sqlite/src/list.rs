//! Listings: each is put together from parts that an index gives in order.
//!
//! Without states and resource, the heads are read in order of acceptance. With states, each state
//! is a part, because reading several together would sort them all. With a resource, the settled
//! intents are one part, found by the resource, and each open state is another. Source, kind and
//! code have no index: they are compared on the way, so a rare one is looked for from end to end.

use crate::columns::{place, places, resource_text};
use crate::read::{PAYLOAD, RECORD, collect, record};
use ifmatch_core::{IntentRecord, State, states};
use ifmatch_store::{Direction, ListFilter, StoreError};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};

/// The condition of the index on settled intents. SQLite uses that index only where a query repeats
/// the condition word by word.
const SETTLED: &str = "state IN ('landed', 'satisfied', 'superseded', 'rejected', 'expired', 'cancelled', 'discarded')";

/// One part of a listing.
enum Part {
    /// Every head of the org.
    All,
    /// The heads in one state.
    State(State),
    /// The settled heads of the filter's resource, in some of the terminal states.
    Settled(Vec<State>),
}

pub(crate) fn list(connection: &Connection, org: i64, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError> {
    let mut records = Vec::new();
    for part in parts(filter) {
        let (sql, values) = query(org, filter, &part)?;
        records.extend(collect(connection, &sql, params_from_iter(values), record)?);
    }
    records.sort_unstable_by_key(|record| record.order);
    if filter.direction == Direction::NewestFirst {
        records.reverse();
    }
    records.truncate(filter.limit);
    Ok(records)
}

fn parts(filter: &ListFilter) -> Vec<Part> {
    let wanted = states::ALL.into_iter().filter(|state| filter.states.is_empty() || filter.states.contains(state));
    if filter.resource.is_some() {
        let (settled, open): (Vec<_>, Vec<_>) = wanted.partition(|state| state.is_terminal());
        let settled = (!settled.is_empty()).then_some(Part::Settled(settled));
        return open.into_iter().map(Part::State).chain(settled).collect();
    }
    if filter.states.is_empty() { vec![Part::All] } else { wanted.map(Part::State).collect() }
}

fn query(org: i64, filter: &ListFilter, part: &Part) -> Result<(String, Vec<Cell>), StoreError> {
    let places = places(org);
    let after = filter.after.map(|after| place(org, after)).transpose()?;
    let (order, low, high) = match filter.direction {
        Direction::OldestFirst => ("ASC", after.map_or(*places.start(), |after| after + 1), *places.end()),
        Direction::NewestFirst => ("DESC", *places.start(), after.map_or(*places.end(), |after| after - 1)),
    };
    let index = match part {
        Part::All => "NOT INDEXED",
        Part::State(_) => "INDEXED BY head_by_state",
        Part::Settled(_) => "INDEXED BY head_settled_by_resource",
    };
    let mut sql = format!("{RECORD} {index} {PAYLOAD} WHERE head.org = ?1 AND head.place BETWEEN ?2 AND ?3");
    let mut values: Vec<Cell> = vec![org.into(), low.into(), high.into()];
    let mut only = |column: &str, value: Option<String>| {
        if let Some(value) = value {
            values.push(value.into());
            sql.push_str(&format!(" AND head.{column} = ?{}", values.len()));
        }
    };
    only("resource", filter.resource.as_ref().map(resource_text));
    only("source", filter.source.as_ref().map(|source| source.as_str().to_owned()));
    only("kind", filter.kind.clone());
    only("code", filter.code.clone());
    match part {
        Part::All => {}
        Part::State(state) => only("state", Some(state.as_str().to_owned())),
        Part::Settled(states) => {
            let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
            sql.push_str(&format!(" AND {SETTLED} AND head.state IN ('{}')", names.join("', '")));
        }
    }
    values.push(i64::try_from(filter.limit).unwrap_or(i64::MAX).into());
    sql.push_str(&format!(" ORDER BY head.place {order} LIMIT ?{}", values.len()));
    Ok((sql, values))
}

#[cfg(test)]
mod tests;
