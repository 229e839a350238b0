//! `GET /v1/freshness`: since when a change stands in a record, and since when readers see it.
//!
//! Parameters: `kind` and `id` (the target's), `org` (for the operator of several). Answers from what is stored: no request goes out.

use super::named_record;
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::State as AppState;
use http::Uri;
use ifmatch_core::states::ALL;
use ifmatch_core::{IntentId, IntentRecord, OrgName, Resource, ResourceRow, Shared, State, Timestamp};
use ifmatch_store::{Direction, ListFilter, Store, StoreError};
use serde::Serialize;
use std::collections::BTreeSet;

/// How many open intents of the record are counted.
const OPEN_MAX: usize = 100;

/// Shape, flat: `{"org": "acme", "kind": "quality-score", "id": "qs-118", "version": 14, "read_at": "…", "landed_at": "…",
/// "landed_version": 14, "intent": "int_…", "source": "servicenow", "visible_at": "…", "pending": 0}`.
#[derive(Serialize)]
pub(crate) struct Page {
    org: OrgName,
    kind: String,
    id: String,
    /// The newest version that the target confirmed, by a read or by the answer to a write.
    version: Option<u64>,
    /// When it last did.
    read_at: Option<Timestamp>,
    /// When the last intent landed; `null` where none of the record has.
    landed_at: Option<Timestamp>,
    landed_version: Option<u64>,
    intent: Option<IntentId>,
    source: Option<String>,
    /// When a read last showed that version or a newer one; `null` where nobody has read it since, so that a replica may lag.
    visible_at: Option<Timestamp>,
    /// Intents about the record that are open, at most 100.
    pending: usize,
}

pub(crate) async fn handle(AppState(app): AppState<App>, principal: Principal, uri: Uri) -> Result<Json<Page>, Fault> {
    let (org, resource) = named_record(&app, &principal, &uri)?;
    let unknown = || Fault::UnknownResource { resource: resource.to_string() };
    let asked = resource.clone();
    let Known { row, landed, pending } = org.read(move |store, org| known(store, org, &asked)).await?;
    if row.is_none() && landed.is_none() && pending == 0 {
        return Err(unknown());
    }
    let shadow = row.as_ref().and_then(|row| row.shadow());
    let (version, read_at) = (shadow.and_then(|shadow| shadow.version), shadow.map(|shadow| shadow.read_at));
    let landed_at = landed.as_ref().and_then(|record| record.status.settled_at);
    let landed_version = landed.as_ref().and_then(|record| record.status.result.as_ref()?.version);
    let shows = version >= landed_version && version.is_some();
    Ok(Json(Page {
        org: org.org.clone(),
        id: resource.id().unwrap_or_default().to_owned(),
        kind: resource.kind.to_string(),
        version,
        read_at,
        landed_at,
        landed_version,
        visible_at: read_at.filter(|read_at| shows && landed_at.is_some_and(|landed_at| *read_at > landed_at)),
        intent: landed.as_ref().map(|record| record.id),
        source: landed.map(|record| record.source.to_string()),
        pending,
    }))
}

struct Known {
    row: Option<Shared<ResourceRow>>,
    /// The intent that landed last.
    landed: Option<IntentRecord>,
    pending: usize,
}

fn known(store: &mut dyn Store, org: &OrgName, resource: &Resource) -> Result<Known, StoreError> {
    let mut list = |states: BTreeSet<State>, limit: usize| {
        let (resource, direction) = (Some(resource.clone()), Direction::NewestFirst);
        store.list(org, &ListFilter { states, resource, limit, direction, ..ListFilter::default() })
    };
    let landed = list(BTreeSet::from([State::Landed]), OPEN_MAX)?;
    let landed = landed.into_iter().max_by_key(|record| record.status.settled_at);
    let pending = list(ALL.into_iter().filter(|state| !state.is_terminal()).collect(), OPEN_MAX)?.len();
    Ok(Known { row: store.row(org, resource)?, landed, pending })
}
