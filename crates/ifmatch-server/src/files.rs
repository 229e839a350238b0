//! Carries the files of sources: from their folder to the engine, and their accounts to where they rest.
//!
//! What a file means is decided by `ifmatch_sources::files`; here is a task for each source, one file at a time, which ends with the
//! gateway and can be killed at any byte: `docs/design/029-files.md`.

mod account;
mod carry;
mod compare;
mod folder;
mod pages;
mod record;
mod state;
mod survey;

pub(crate) use folder::{Folder, sync_folder};
pub(crate) use record::{FileRecord, Keys, Mode, Scope, Standing, Todo, Word, commit, keep, to_value};

use crate::clock::Clock;
use crate::config::{FilesMode, FilesSettings, LimitsSection, SourceSettings};
use crate::driver::OrgHandle;
use crate::problem::Fault;
use crate::stop::stopped;
use folder::{Content, Rest, content};
use ifmatch_core::{OrgName, SourceName};
use ifmatch_sources::files::{Account, Arrivals, Bounds, FileId, Outcome};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// From one look at a folder to the next, wall time.
const LOOK: Duration = Duration::from_millis(500);

/// How long a store or a disk that fails is left alone, wall time.
const PAUSE: Duration = Duration::from_secs(2);

/// Why a file is not gone on with now. The next look tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the disk: {0}")]
    Disk(#[from] std::io::Error),
    #[error("the gateway: {0}")]
    Gateway(String),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Gateway(fault.problem().detail)
    }
}

/// The files of one source, as handlers see them.
#[derive(Clone)]
pub(crate) struct FilesDoor {
    pub(crate) source: SourceName,
    pub(crate) org: OrgName,
    pub(crate) mode: FilesMode,
    pub(crate) folder: Folder,
    pub(crate) keys: Keys,
    pub(crate) bytes_max: u64,
    wake: Arc<Notify>,
    progress: Progress,
}

/// How far the file in work is: its id and its account so far.
type Progress = Arc<Mutex<Option<(FileId, Account)>>>;

impl FilesDoor {
    /// Has the task look at once.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// The rows and totals of a file that is in work.
    pub(crate) fn progress(&self, id: &FileId) -> Option<(u64, BTreeMap<Outcome, u64>)> {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, account) = progress.as_ref()?;
        (of == id).then(|| (account.rows, account.totals.clone()))
    }
}

/// What the task of a source needs.
struct Carrier {
    door: FilesDoor,
    settings: FilesSettings,
    org: OrgHandle,
    clock: Clock,
    bounds: Bounds,
    rows_max: u64,
    open_max: u64,
}

/// Starts the task of a source that has files.
///
/// # Errors
/// Its folder cannot be made.
pub(crate) fn start(
    source: &SourceSettings,
    limits: &LimitsSection,
    data: &Path,
    org: &OrgHandle,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<Option<(FilesDoor, JoinHandle<()>)>> {
    let Some(settings) = source.files.clone() else { return Ok(None) };
    let name = SourceName::from(source.name.as_str());
    let own = || data.join("files").join(&source.name);
    let root: PathBuf = settings.watch.clone().unwrap_or_else(own);
    let door = FilesDoor {
        keys: Keys::of(&name),
        source: name,
        org: org.org.clone(),
        mode: settings.mode,
        folder: Folder::open(&root)?,
        bytes_max: limits.file_bytes_max,
        wake: Arc::default(),
        progress: Arc::default(),
    };
    let carrier = Carrier {
        door: door.clone(),
        bounds: Bounds { row_bytes_max: limits.file_row_bytes_max, delimiter: settings.delimiter },
        settings,
        org: org.clone(),
        clock: org.clock.clone(),
        rows_max: limits.file_rows_max,
        open_max: limits.files_open_max,
    };
    let task = tokio::spawn(async move {
        tokio::select! {
            () = carrier.tend() => {}
            () = stopped(&mut stop) => {}
        }
    });
    Ok(Some((door, task)))
}

impl Carrier {
    async fn tend(&self) {
        self.org.ready().await;
        let mut arrivals = Arrivals::default();
        loop {
            match self.step(&mut arrivals).await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::select! {
                        () = self.door.wake.notified() => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
                Err(trouble) => {
                    tracing::warn!(source = %self.door.source, %trouble, "a file waits");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Goes on with one file; false where there is none.
    async fn step(&self, arrivals: &mut Arrivals) -> Result<bool, Trouble> {
        if let Some(name) = self.door.folder.in_work()? {
            self.process(&name).await?;
            *self.door.progress.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Ok(true);
        }
        if self.next_todo().await? {
            return Ok(true);
        }
        if self.settings.watch.is_none() {
            return Ok(false);
        }
        let looks = self.settings.settle_s.saturating_mul(2).max(1);
        let Some(name) = arrivals.look(self.door.folder.look()?, looks).into_iter().next() else { return Ok(false) };
        self.door.folder.take(&name)?;
        Ok(true)
    }

    /// Takes the first file that was sent or released into work.
    async fn next_todo(&self) -> Result<bool, Trouble> {
        let prefix = self.door.keys.todo();
        let first = self.org.read(move |store, org| store.kept_below(org, &prefix, "", 1)).await?.pop();
        let Some((key, value)) = first else { return Ok(false) };
        if let Ok(todo) = serde_json::from_value::<Todo>(value) {
            let folder = &self.door.folder;
            let from = if todo.is_held { folder.rest(Rest::Held, &todo.lies) } else { folder.sent(&todo.lies) };
            // Where it is not there any more, it was moved before the process ended, or by a person.
            if from.exists() {
                folder.moved(&from, &folder.work(&todo.name))?;
            }
        }
        self.keep(vec![keep(key, None)]).await?;
        Ok(true)
    }

    async fn keep(&self, ops: Vec<ifmatch_core::Op>) -> Result<(), Trouble> {
        Ok(self.org.read(move |store, org| store.commit(org, &[commit(ops)])).await?)
    }

    async fn fact<T: serde::de::DeserializeOwned>(&self, key: String) -> Result<Option<T>, Trouble> {
        let value = self.org.read(move |store, org| store.kept(org, &key)).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Does with the file in work what is to be done next, until it rests.
    async fn process(&self, name: &str) -> Result<(), Trouble> {
        let path = self.door.folder.work(name);
        let bytes = std::fs::metadata(&path)?.len();
        if bytes > self.door.bytes_max {
            let reason = format!("the file has {bytes} bytes, and may have {}", self.door.bytes_max);
            return self.refuse_unread(name, "too_large", &reason);
        }
        let reading = tokio::task::spawn_blocking(move || content(&path)).await;
        let Content { digest, not_text } = reading.map_err(|error| Trouble::Gateway(error.to_string()))??;
        let id = FileId::of(name, &digest);
        let known: Option<FileRecord> = self.fact(self.door.keys.file(&id)).await?;
        let mut record = match known {
            Some(known) if known.moving => return self.settle(known, name).await,
            Some(known) if matches!(known.state, Standing::Taken | Standing::Carrying) => known,
            Some(known) if known.state == Standing::Done && known.mode == Mode::Events => {
                return self.repeated(known, name).await;
            }
            known => self.number(name, id, digest.to_string(), bytes, known).await?,
        };
        if let Some(at) = not_text {
            let reason = format!("byte {at} is no UTF-8: save the file as text in UTF-8");
            self.stop(&mut record, Standing::Refused, "not_text", reason);
            return self.settle(record, name).await;
        }
        if record.state == Standing::Taken {
            match self.looked_at(&mut record).await? {
                Looked::Go => {
                    record.state = Standing::Carrying;
                    self.keep(vec![record.kept(&self.door.keys)]).await?;
                }
                Looked::Rest => return self.settle(record, name).await,
            }
        }
        self.carry(&mut record).await?;
        self.settle(record, name).await
    }

    /// A file that comes to its turn: it gets a number, durably.
    async fn number(
        &self,
        name: &str,
        id: FileId,
        sha256: String,
        bytes: u64,
        known: Option<FileRecord>,
    ) -> Result<FileRecord, Trouble> {
        let mode = match self.settings.mode {
            FilesMode::Events => Mode::Events,
            FilesMode::State => Mode::State,
        };
        let released = known.as_ref().is_some_and(|known| known.state == Standing::Released);
        let asked = known.filter(|known| matches!(known.state, Standing::Received | Standing::Released));
        let last: u64 = self.fact(self.door.keys.last()).await?.unwrap_or(0);
        let record = FileRecord {
            mode: asked.as_ref().map_or(mode, |asked| asked.mode),
            state: if released { Standing::Carrying } else { Standing::Taken },
            order: last + 1,
            taken_at: self.clock.now(),
            ended_at: None,
            code: None,
            reason: None,
            rows: None,
            totals: BTreeMap::new(),
            census: asked.as_ref().and_then(|asked| asked.census.clone()),
            lies: None,
            moving: false,
            word: asked.as_ref().and_then(|asked| asked.word.clone()),
            replace: asked.as_ref().is_some_and(|asked| asked.replace),
            compare: asked.as_ref().is_some_and(|asked| asked.compare),
            repeats: 0,
            sha256: sha256.replace("sha256:", ""),
            name: name.to_owned(),
            id,
            bytes,
        };
        let last = keep(self.door.keys.last(), Some(json!(record.order)));
        self.keep(vec![last, record.kept(&self.door.keys)]).await?;
        tracing::info!(source = %self.door.source, file = name, id = %record.id, bytes, "a file is taken");
        Ok(record)
    }

    /// Moves a file to where it rests. What it ends as is durable before the first move, so that a restart finishes the same way.
    async fn settle(&self, mut record: FileRecord, name: &str) -> Result<(), Trouble> {
        let rest = match record.state {
            Standing::Held => Rest::Held,
            Standing::Refused => Rest::Refused,
            _ => Rest::Done,
        };
        if !record.moving {
            record.lies = Some(self.door.folder.free(rest, name));
            record.moving = true;
            record.ended_at = Some(self.clock.now());
            let mut ops = vec![record.kept(&self.door.keys)];
            if let (Mode::Adopt, Standing::Done, Some(word)) = (record.mode, record.state, &record.word) {
                let note = json!({
                    "what": "state_adopted", "by": word.by, "reason": word.reason, "source": self.door.source,
                    "file": record.name, "id": record.id, "sha256": record.sha256, "rows": record.rows,
                });
                ops.push(ifmatch_core::Op::Note { at: self.clock.now(), note });
            }
            self.keep(ops).await?;
        }
        let lies = record.lies.clone().unwrap_or_else(|| name.to_owned());
        if rest == Rest::Refused {
            self.door.folder.tell(&lies, &reason(&record))?;
        }
        self.door.folder.settle(rest, name, &lies)?;
        record.moving = false;
        self.keep(vec![record.kept(&self.door.keys)]).await?;
        match &record.code {
            Some(code) => {
                let why = record.reason.as_deref().unwrap_or_default();
                tracing::warn!(source = %self.door.source, file = name, code, why, "a file is {}", word(record.state));
            }
            None => tracing::info!(source = %self.door.source, file = name, rows = record.rows, "a file is done"),
        }
        Ok(())
    }

    /// A file of events that was carried before: nothing is sent.
    async fn repeated(&self, mut first: FileRecord, name: &str) -> Result<(), Trouble> {
        first.repeats += 1;
        let when = first.ended_at.map(|at| format!(" until {at}")).unwrap_or_default();
        let why = format!("a file of this name and content was carried{when}, as file {} of its source", first.order);
        self.write_empty_account(&first, "file_repeated", why)?;
        self.keep(vec![first.kept(&self.door.keys)]).await?;
        let lies = self.door.folder.free(Rest::Done, name);
        self.door.folder.settle(Rest::Done, name, &lies)?;
        tracing::info!(source = %self.door.source, file = name, code = "file_repeated", "a file came again");
        Ok(())
    }

    /// Puts a file aside that nothing can be read of.
    fn refuse_unread(&self, name: &str, code: &str, why: &str) -> Result<(), Trouble> {
        let lies = self.door.folder.free(Rest::Refused, name);
        let text = json!({"source": self.door.source, "file": name, "code": code, "reason": why});
        self.door.folder.tell(&lies, &format!("{text:#}\n"))?;
        self.door.folder.settle(Rest::Refused, name, &lies)?;
        tracing::warn!(source = %self.door.source, file = name, code, why, "a file is refused");
        Ok(())
    }
}

/// What follows from a first look.
enum Looked {
    /// Its rows are carried.
    Go,
    /// It rests as its record says.
    Rest,
}

fn reason(record: &FileRecord) -> String {
    let text = json!({"file": record.name, "id": record.id, "code": record.code, "reason": record.reason});
    format!("{text:#}\n")
}

fn word(state: Standing) -> &'static str {
    match state {
        Standing::Held => "held",
        Standing::Refused => "refused",
        _ => "done",
    }
}
