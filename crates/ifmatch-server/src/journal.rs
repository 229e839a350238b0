//! The journal of a plan on the disk: locked for one run, cut to its whole lines, appended to, flushed.

use crate::append::AppendFile;
use ifmatch_core::Digest;
use ifmatch_sources::migration::{Journal, JournalError, Line, Progress};
use std::io;
use std::path::{Path, PathBuf};

/// An open journal, and what it says.
#[derive(Debug)]
pub struct JournalFile {
    file: AppendFile,
    /// Where it lies.
    pub path: PathBuf,
    /// What it says, with everything that was written since.
    pub state: Journal,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// Another run has it.
    #[error("another run has {}", .0.display())]
    Taken(PathBuf),
    /// It belongs to another plan.
    #[error("{} belongs to another plan", .0.display())]
    Foreign(PathBuf),
    /// Somebody has edited it.
    #[error("{} cannot be used", .0.display())]
    Edited(PathBuf, #[source] JournalError),
    /// The disk.
    #[error("{} cannot be written", .0.display())]
    Disk(PathBuf, #[source] io::Error),
}

/// Where the journal of a plan lies.
fn path(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

impl JournalFile {
    /// Opens the journal of a plan, or begins it. `digest`: that of the plan's bytes.
    ///
    /// # Errors
    /// Another run has it, it belongs to another plan, or somebody has edited it.
    pub fn open(plan: &Path, digest: &Digest) -> Result<Self, JournalFault> {
        let path = path(plan);
        let io = |error: io::Error| JournalFault::Disk(path.clone(), error);
        let Some(mut file) = AppendFile::open(&path).map_err(io)? else { return Err(JournalFault::Taken(path)) };
        let state = state(&path, &file.read().map_err(io)?, digest)?;
        file.cut(u64::try_from(state.bytes).unwrap_or(u64::MAX)).map_err(io)?;
        let mut journal = Self { file, path, state };
        if journal.state.plan_sha256.is_none() {
            journal.append(&Line::Plan { plan_sha256: digest.to_string() }.to_text())?;
        }
        Ok(journal)
    }

    /// Writes where rows stand; what is written is durable before this returns.
    ///
    /// # Errors
    /// The disk.
    pub fn write(&mut self, rows: Vec<Progress>) -> Result<(), JournalFault> {
        if rows.is_empty() {
            return Ok(());
        }
        let text: String = rows.iter().map(|row| Line::Row(row.clone()).to_text()).collect();
        self.append(&text)?;
        self.state.rows.extend(rows.into_iter().map(|row| (row.row, row)));
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<(), JournalFault> {
        self.file.append(text).map_err(|error| JournalFault::Disk(self.path.clone(), error))
    }
}

/// What the journal of a plan says, without touching it; empty where there is none.
///
/// # Errors
/// It belongs to another plan, or somebody has edited it.
pub fn peek(plan: &Path, digest: &Digest) -> Result<Journal, JournalFault> {
    let path = path(plan);
    match std::fs::read(&path) {
        Ok(bytes) => state(&path, &bytes, digest),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Journal::default()),
        Err(error) => Err(JournalFault::Disk(path, error)),
    }
}

fn state(path: &Path, bytes: &[u8], digest: &Digest) -> Result<Journal, JournalFault> {
    let journal = Journal::read(bytes).map_err(|error| JournalFault::Edited(path.to_owned(), error))?;
    match &journal.plan_sha256 {
        Some(of) if *of != digest.to_string() => Err(JournalFault::Foreign(path.to_owned())),
        _ => Ok(journal),
    }
}
