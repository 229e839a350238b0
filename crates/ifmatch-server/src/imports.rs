//! Imports that the gateway carries out by itself: a plan that is kept, and a task in each org that applies it.
//!
//! What a file means, which rows leave next and what became of each is decided by `ifmatch_sources::migration`, as for `ifmatch import`
//! and `ifmatch apply`; here are the same files as theirs, a plan and its journal, below the data folder: `docs/design/027-migration.md`.

mod carry;
mod folder;
mod record;
mod survey;

pub(crate) use carry::standing;
pub(crate) use folder::{Folder, Unreadable};
pub(crate) use record::{ImportRecord, Keys};
pub(crate) use survey::surveyed;

use crate::driver::OrgHandle;
use crate::journal::JournalFault;
use crate::problem::Fault;
use crate::stop::stopped;
use ifmatch_core::Op;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// How long a store or a disk that fails is left alone, wall time.
const PAUSE: Duration = Duration::from_secs(2);

/// How often the task looks where nobody wakes it, wall time.
const LOOK: Duration = Duration::from_secs(5);

/// Records that are read of the store at a time.
const PAGE: usize = 256;

/// Why an import is not gone on with now. The next look tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the gateway: {0}")]
    Gateway(String),
    #[error(transparent)]
    Journal(#[from] JournalFault),
    #[error(transparent)]
    Plan(#[from] Unreadable),
}

impl Trouble {
    /// Whether waiting does not mend it: somebody has taken or edited the plan or its journal.
    fn lasts(&self) -> bool {
        match self {
            Self::Gateway(_) => false,
            Self::Plan(Unreadable::Disk(_, error)) => error.kind() == std::io::ErrorKind::NotFound,
            Self::Plan(Unreadable::Edited(..)) => true,
            Self::Journal(fault) => matches!(fault, JournalFault::Foreign(_) | JournalFault::Edited(..)),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Gateway(fault.problem().detail)
    }
}

/// The imports of an org, as handlers see them.
#[derive(Clone)]
pub(crate) struct ImportsDoor {
    pub(crate) org: OrgHandle,
    pub(crate) folder: Folder,
    wake: Arc<Notify>,
}

impl ImportsDoor {
    /// Has the task look at once.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Makes a record durable.
    pub(crate) async fn keep(&self, record: &ImportRecord, note: Option<Op>) -> Result<(), Fault> {
        let ops: Vec<Op> = note.into_iter().chain([record.kept()]).collect();
        self.org.read(move |store, org| store.commit(org, &[crate::files::commit(ops)])).await?;
        Ok(())
    }

    /// An import by its id.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<ImportRecord>, Fault> {
        let key = Keys::of(id);
        let known = self.org.read(move |store, org| store.kept(org, &key)).await?;
        Ok(known.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Every import, the newest first.
    pub(crate) async fn all(&self) -> Result<Vec<ImportRecord>, Fault> {
        let (mut after, mut records) = (String::new(), Vec::new());
        loop {
            let (below, behind) = (Keys::all(), after);
            let page = self.org.read(move |store, org| store.kept_below(org, &below, &behind, PAGE)).await?;
            let Some((last, _)) = page.last() else { break };
            after = last.clone();
            records
                .extend(page.into_iter().filter_map(|(_, value)| serde_json::from_value::<ImportRecord>(value).ok()));
        }
        records.sort_by(|one, other| other.created_at.cmp(&one.created_at).then(one.id.cmp(&other.id)));
        Ok(records)
    }
}

/// Starts the task of an org.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn start(
    org: &OrgHandle,
    data: &Path,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<(ImportsDoor, JoinHandle<()>)> {
    let folder = Folder::open(&data.join("imports"))?;
    let door = ImportsDoor { org: org.clone(), folder, wake: Arc::default() };
    let carrier = door.clone();
    let task = tokio::spawn(async move {
        tokio::select! {
            () = tend(&carrier) => {}
            () = stopped(&mut stop) => {}
        }
    });
    Ok((door, task))
}

async fn tend(door: &ImportsDoor) {
    door.org.ready().await;
    loop {
        match step(door).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = door.wake.notified() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
            Err(trouble) => {
                tracing::warn!(org = %door.org.org, %trouble, "an import waits");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Carries the import that was asked for first; false where there is none.
async fn step(door: &ImportsDoor) -> Result<bool, Trouble> {
    let asked = door.all().await?.into_iter().filter(|record| record.is_applying());
    match asked.min_by_key(|record| record.applied_at) {
        Some(record) => match carry::carry(door, record.clone()).await {
            Err(trouble) if trouble.lasts() => stop(door, record, &trouble).await.map(|()| true),
            carried => carried.map(|()| true),
        },
        None => Ok(false),
    }
}

/// Leaves an import alone that cannot be gone on with: others of the org come after it.
async fn stop(door: &ImportsDoor, mut record: ImportRecord, trouble: &Trouble) -> Result<(), Trouble> {
    tracing::error!(org = %door.org.org, id = record.id, %trouble, "an import is stopped");
    record.stop(door.org.clock.now(), trouble.to_string());
    Ok(door.keep(&record, None).await?)
}
