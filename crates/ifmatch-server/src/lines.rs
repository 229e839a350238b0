//! What sinks read: the audit log and the open intents, as lines.

use ifmatch_audit::{Kind, Leaf};
use ifmatch_core::{IntentId, IntentRecord, OrgName, Resource, SourceName, State, Timestamp, states};
use ifmatch_sources::sinks::Line;
use ifmatch_store::{ListFilter, Store, StoreError};
use serde::Deserialize;
use std::collections::BTreeSet;

/// How many leaves, or intents, are read at a time: what the store's thread does meanwhile for nobody else.
const PAGE: usize = 256;

/// What a leaf says of an intent, as far as sinks look at it.
#[derive(Debug, Deserialize)]
struct Said {
    intent: IntentId,
    source: SourceName,
    resource: Resource,
    #[serde(default)]
    from: Option<State>,
    #[serde(default)]
    to: Option<State>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// What the log says from a leaf on, and the leaf to go on from. Where an intent comes from is looked up for lines of the states that
/// are told one by one.
pub(crate) fn since(
    store: &mut dyn Store,
    org: &OrgName,
    from: u64,
    told: &BTreeSet<State>,
) -> Result<(Vec<Line>, u64), StoreError> {
    let records = store.audit(org, from, PAGE)?;
    let next = records.last().map_or(from, |record| record.index + 1);
    let mut lines = Vec::with_capacity(records.len());
    for record in records {
        let index = record.index;
        let Ok(leaf) = Leaf::<Said>::parse(&record.text) else {
            // A note is about no intent, and nobody waits to be told of it.
            if record.leaf().is_ok_and(|leaf| leaf.kind == Kind::Note) {
                continue;
            }
            tracing::error!(%org, index, "a leaf of the log cannot be read: no sink tells of it");
            continue;
        };
        let to = match leaf.kind {
            Kind::Intake => State::Accepted,
            Kind::Transition => leaf.body.to.unwrap_or(State::Accepted),
            Kind::Note => continue,
        };
        let Said { intent, source, resource, from, code, reason, .. } = leaf.body;
        let origin = match told.contains(&to) {
            true => store.intent(org, intent)?.and_then(|record| record.intent.origin.clone()),
            false => None,
        };
        lines.push(Line { index, at: leaf.at, intent, source, resource, from, to, code, reason, origin });
    }
    Ok((lines, next))
}

/// The first leaf at or after an instant, by the instants of leaves, which never decrease.
pub(crate) fn first_at(store: &mut dyn Store, org: &OrgName, at: Timestamp) -> Result<u64, StoreError> {
    let (mut low, mut high) = (0, store.checkpoint(org)?.size);
    while low < high {
        let middle = low + (high - low) / 2;
        let leaf = store.audit(org, middle, 1)?.pop().and_then(|record| record.leaf().ok());
        match leaf.is_some_and(|leaf| leaf.at < at) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    Ok(low)
}

/// The open intents, and the leaf from which on the log has what came later.
pub(crate) fn open(store: &mut dyn Store, org: &OrgName) -> Result<(Vec<Line>, u64), StoreError> {
    let from = store.checkpoint(org)?.size;
    let states = states::ALL.into_iter().filter(|state| !state.is_terminal()).collect();
    let mut filter = ListFilter { states, limit: PAGE, ..ListFilter::default() };
    let mut lines = Vec::new();
    loop {
        let page = store.list(org, &filter)?;
        filter.after = page.last().map(|record| record.order);
        let last = page.len() < PAGE;
        lines.extend(page.into_iter().map(|record| line(record, from)));
        if last {
            return Ok((lines, from));
        }
    }
}

fn line(record: IntentRecord, index: u64) -> Line {
    let status = record.status.into_inner();
    Line {
        index,
        at: record.accepted_at,
        intent: record.id,
        source: record.source,
        resource: record.resource,
        from: None,
        to: status.state,
        code: status.code,
        reason: status.reason,
        origin: record.intent.origin.clone(),
    }
}
