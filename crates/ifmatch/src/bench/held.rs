//! What a bench holds while it runs: processes and folders. They end with their values; when the
//! bench itself is told to end, they end first.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;
use tokio::sync::oneshot;

static HELD: Mutex<Held> = Mutex::new(Held { processes: Vec::new(), folders: Vec::new(), over: false });

#[derive(Debug)]
struct Held {
    processes: Vec<u32>,
    folders: Vec<PathBuf>,
    /// Nothing more is taken: the bench is on its way out.
    over: bool,
}

fn held() -> MutexGuard<'static, Held> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary folder.
#[derive(Debug)]
pub(super) struct Folder(TempDir);

impl Folder {
    /// A folder of its own.
    pub(super) fn new() -> Result<Self> {
        let folder = tempfile::tempdir().context("there is no temporary folder")?;
        held().folders.push(folder.path().to_owned());
        Ok(Self(folder))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        held().folders.retain(|folder| folder != self.0.path());
    }
}

/// Notes a process that was started.
///
/// # Errors
/// The bench is on its way out: the caller ends the process again.
pub(super) fn process(id: u32) -> Result<()> {
    let mut held = held();
    if held.over {
        bail!("the bench was told to end");
    }
    held.processes.push(id);
    Ok(())
}

/// A process ended.
pub(super) fn ended(id: u32) {
    held().processes.retain(|known| *known != id);
}

/// Does the work on a thread of its own. When the bench is told to end by SIGTERM or Ctrl-C, what
/// it holds ends, and the answer is `None`.
pub(crate) fn until_told<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<Option<T>> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || drop(tell.send(work())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        tokio::select! {
            done = told => done.context("a bench broke")?.map(Some),
            asked = asked_to_end() => {
                asked.context("signals cannot be waited for")?;
                let mut held = held();
                held.over = true;
                let processes = held.processes.iter().map(u32::to_string);
                // One that ended meanwhile, or a folder that is gone, is as it should be.
                drop(Command::new("kill").arg("-KILL").args(processes).stderr(Stdio::null()).status());
                held.folders.iter().for_each(|folder| drop(std::fs::remove_dir_all(folder)));
                Ok(None)
            }
        }
    })
}

async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            asked = tokio::signal::ctrl_c() => asked,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
