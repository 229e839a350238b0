//! `GET /v1/blame`: who wrote what stands in a record, path by path, as far as the gateway saw.
//!
//! Parameters: `kind` and `id` (the target's), `org` (for the operator of several).

use super::named_record;
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::Json;
use axum::extract::State as AppState;
use http::Uri;
use ifmatch_core::states::ALL;
use ifmatch_core::{Blame, Resource, ResourceRow, Shared, State, Timestamp, Wrote, blame};
use ifmatch_store::{Direction, ListFilter, Store, StoreError, StoredAttempt};
use serde::Serialize;
use std::collections::BTreeSet;

/// How many landed intents are looked at, newest first, and how many of the others: what older ones wrote is told as
/// unknown, or as somebody else's.
const EACH_MAX: usize = 100;

/// Shape: `{"resource": {…}, "version": 14, "read_at": "…", "absent": false, "rows": [{"path": "/score", "value": 85, "by":
/// "source", "source": "servicenow", "intent": "int_…", "version": 14, "at": "…"}]}`.
#[derive(Serialize)]
pub(crate) struct Page {
    resource: Resource,
    /// The version that the rows are about.
    version: Option<u64>,
    /// When the target last confirmed it.
    read_at: Option<Timestamp>,
    /// Whether the target has said since that there is no such record.
    absent: bool,
    rows: Vec<Blame>,
}

pub(crate) async fn handle(AppState(app): AppState<App>, principal: Principal, uri: Uri) -> Result<Json<Page>, Fault> {
    let (org, resource) = named_record(&app, &principal, &uri)?;
    let unknown = || Fault::UnknownResource { resource: resource.to_string() };
    let asked = resource.clone();
    let found = org.read(move |store, org| known(store, org, &asked)).await?;
    let (row, wrote) = found.ok_or_else(unknown)?;
    let shadow = row.shadow();
    Ok(Json(Page {
        version: shadow.and_then(|shadow| shadow.version),
        read_at: shadow.map(|shadow| shadow.read_at),
        absent: row.absent,
        rows: blame(&*org.dialect, &row, &wrote),
        resource,
    }))
}

/// What is kept of a record, and of what intents wrote there.
type Known = (Shared<ResourceRow>, Vec<Wrote>);

/// What is kept of a record; `None` where it was never seen.
fn known(store: &mut dyn Store, org: &ifmatch_core::OrgName, resource: &Resource) -> Result<Option<Known>, StoreError> {
    let Some(row) = store.row(org, resource)?.filter(|row| row.shadow().is_some()) else { return Ok(None) };
    // Of those that did not land, a part may stand.
    let others = ALL.into_iter().filter(|state| *state != State::Landed).collect();
    let mut wrote = Vec::new();
    for states in [BTreeSet::from([State::Landed]), others] {
        let filter = ListFilter {
            resource: Some(resource.clone()),
            states,
            limit: EACH_MAX,
            direction: Direction::NewestFirst,
            ..ListFilter::default()
        };
        for record in store.list(org, &filter)? {
            let landed = record.status.state == State::Landed;
            let attempts = if landed { store.attempts_of(org, record.id)? } else { Vec::new() };
            wrote.extend(Wrote::of(&record, attempts.iter().map(StoredAttempt::with_end)));
        }
    }
    Ok(Some((row, wrote)))
}
