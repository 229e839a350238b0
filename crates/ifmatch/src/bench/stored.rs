//! A folder with many stored intents, each waiting on a record of its own.

use super::gateway::NAME;
use anyhow::{Context as _, Result};
use ifmatch_core::{
    Change, Commit, CommitId, Intake, Intent, IntentId, IntentRecord, IntentStatus, Op, OrgName, Resource,
    SignedDuration, SourceName, Timestamp,
};
use ifmatch_sqlite::Sqlite;
use ifmatch_store::Store as _;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// When the first one was accepted; any instant would do.
const START: &str = "2026-10-20T08:00:00Z";

/// Intents of one group of commits.
const GROUP: u64 = 2_000;

/// Stores so many accepted intents.
pub(super) fn fill(folder: &Path, intents: u64) -> Result<()> {
    let start: Timestamp = START.parse().context("the start is an instant")?;
    let org = OrgName::from(NAME);
    let mut store = Sqlite::open_in(folder)?;
    let mut first = 1;
    while first <= intents {
        let last = intents.min(first + GROUP - 1);
        let ops = (first..=last).map(|order| Op::Intake(Box::new(Intake::of(record(&org, start, order))))).collect();
        store.commit(&org, &[Commit { id: CommitId(first), ops }])?;
        first = last + 1;
    }
    Ok(())
}

fn record(org: &OrgName, start: Timestamp, order: u64) -> IntentRecord {
    let resource = Resource::by_id(org, "quality-score", &format!("qs-{order:08}"));
    let at = start + SignedDuration::from_millis(i64::try_from(order).unwrap_or(0));
    let patch =
        json!({ "score": order % 101, "comments": "Greeting and closing as agreed; the caller was called back." });
    IntentRecord {
        // Time-ordered, as the gateway draws them.
        id: IntentId((u128::from(at.as_millisecond().unsigned_abs()) << 80) | u128::from(order)),
        source: SourceName::from(NAME),
        intent: Arc::new(Intent {
            idempotency_key: Some(format!("servicenow:9f1c2ab4d5e6:{order:010}")),
            ..Intent::new(resource.clone(), Change::MergePatch(patch))
        }),
        resource,
        order,
        accepted_at: at,
        accepted_there: None,
        strict: false,
        whole: false,
        proxied: false,
        fingerprint: None,
        status: IntentStatus::accepted(at).into(),
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the filled folder.

    use super::*;

    #[test]
    fn what_is_stored_waits_for_an_engine() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), GROUP + 1).unwrap();
        let recovery = Sqlite::open_in(folder.path()).unwrap().recover(&OrgName::from(NAME)).unwrap();
        assert_eq!(recovery.open.len() as u64, GROUP + 1);
        assert_eq!(recovery.keys.len(), recovery.open.len());
        assert_eq!(recovery.last_order, GROUP + 1);
    }
}
