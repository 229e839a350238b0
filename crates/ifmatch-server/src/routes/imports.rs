//! Imports: a file of a foreign system, planned and applied by the gateway.

pub(crate) mod account;
pub(crate) mod apply;
pub(crate) mod list;
pub(crate) mod plan;
pub(crate) mod send;
pub(crate) mod show;

use crate::app::{App, Principal};
use crate::driver::OrgHandle;
use crate::imports::{ImportRecord, ImportsDoor, Unreadable, standing};
use crate::journal::JournalFault;
use crate::problem::Fault;
use ifmatch_core::{Digest, Op};
use ifmatch_sources::migration::{Account, Agents, Plan};
use serde_json::{Value, json};

impl From<Unreadable> for Fault {
    fn from(error: Unreadable) -> Self {
        Self::Internal { cause: error.to_string() }
    }
}

impl From<JournalFault> for Fault {
    fn from(error: JournalFault) -> Self {
        Self::Internal { cause: error.to_string() }
    }
}

/// The imports of an org.
fn door<'a>(app: &'a App, org: &OrgHandle) -> Result<&'a ImportsDoor, Fault> {
    if !org.is_ready() {
        return Err(Fault::NotReady);
    }
    app.imports.get(&org.org).ok_or(Fault::NotReady)
}

/// Whether the caller may see it: its own, or any where a person or the operator asks.
fn may_see(principal: &Principal, record: &ImportRecord) -> bool {
    record.source == principal.name() || principal.may_brake_all()
}

/// An import that the caller may see.
async fn find<'a>(app: &'a App, principal: &Principal, id: &str) -> Result<(&'a ImportsDoor, ImportRecord), Fault> {
    for org in app.orgs_of(principal) {
        let door = door(app, org)?;
        if let Some(record) = door.find(id).await?
            && may_see(principal, &record)
        {
            return Ok((door, record));
        }
    }
    Err(Fault::UnknownImport { id: id.chars().take(64).collect() })
}

/// The plan of an import, read apart from the requests of others.
async fn planned(door: &ImportsDoor, record: &ImportRecord) -> Result<(Plan, Digest), Fault> {
    let (folder, id) = (door.folder.clone(), record.id.clone());
    let read = tokio::task::spawn_blocking(move || folder.read(&id)).await;
    Ok(read.map_err(|error| Fault::Internal { cause: error.to_string() })??)
}

/// What became of each row so far. Rows that have not ended are asked for: a decision may have moved them since.
async fn account(door: &ImportsDoor, record: &ImportRecord) -> Result<Account, Fault> {
    let (plan, digest) = planned(door, record).await?;
    let mut journal = door.folder.peek(&record.id, &digest)?;
    for progress in journal.rows.values_mut().filter(|row| !row.has_ended()) {
        let Some(id) = progress.intent else { continue };
        let shown = standing(door, id).await?.to_json();
        if let Some(now) = progress.answered(&shown) {
            *progress = now;
        }
    }
    Ok(Account::of(&plan, &journal))
}

/// Has the rows of a plan submitted: durable before this returns, with a note in the audit log.
async fn begin(
    door: &ImportsDoor,
    principal: &Principal,
    mut record: ImportRecord,
    plan: &Plan,
    goes_on: bool,
) -> Result<ImportRecord, Fault> {
    if record.is_applying() {
        return Ok(record);
    }
    if Agents::are_missing(plan) {
        return Err(Fault::AgentsNeeded);
    }
    let at = door.org.clock.now();
    record.apply(principal.name(), at, goes_on);
    let note = json!({
        "what": "import_applied", "by": principal.name(), "source": record.source, "id": record.id, "kind": record.kind,
        "file": record.file, "sha256": record.sha256, "planned": record.planned, "goes_on": goes_on,
    });
    door.keep(&record, Some(Op::Note { at, note })).await?;
    door.wake();
    Ok(record)
}

/// An import as it is shown.
fn shown(door: &ImportsDoor, record: &ImportRecord) -> Value {
    let mut value = json!(record);
    value["org"] = json!(door.org.org);
    value
}
