//! The journal on the disk: locked for one run, cut to its whole lines, appended to, flushed.

use crate::error::{Failure, Kind};
use anyhow::{Context as _, anyhow};
use ifmatch_core::Digest;
use ifmatch_server::append::AppendFile;
use ifmatch_sources::migration::{Journal, Line, Progress};
use std::path::{Path, PathBuf};

/// An open journal, and what it says.
#[derive(Debug)]
pub(super) struct JournalFile {
    file: AppendFile,
    path: PathBuf,
    /// What it says, with everything that was written since.
    pub(super) state: Journal,
}

/// Where the journal of a plan lies.
fn path(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

impl JournalFile {
    /// Opens the journal of a plan, or begins it.
    ///
    /// # Errors
    /// Another run has it, it belongs to another plan, or somebody has edited it.
    pub(super) fn open(plan: &Path, digest: &Digest) -> Result<Self, Failure> {
        let path = path(plan);
        let io = |error: std::io::Error| cannot(&path, error);
        let Some(mut file) = AppendFile::open(&path).map_err(io)? else {
            let failure = Failure::user(format!("another `ifmatch apply` has {}", path.display()));
            return Err(failure.hint("wait for it, or stop it first"));
        };
        let state = state(&path, &file.read().map_err(io)?, digest)?;
        file.cut(u64::try_from(state.bytes).unwrap_or(u64::MAX)).map_err(io)?;
        let mut journal = Self { file, path, state };
        if journal.state.plan_sha256.is_none() {
            journal.append(&Line::Plan { plan_sha256: digest.to_string() }.to_text())?;
        }
        Ok(journal)
    }

    /// Writes where rows stand; what is written is durable before this returns.
    pub(super) fn write(&mut self, rows: Vec<Progress>) -> Result<(), Failure> {
        let text: String = rows.iter().map(|row| Line::Row(row.clone()).to_text()).collect();
        self.append(&text)?;
        self.state.rows.extend(rows.into_iter().map(|row| (row.row, row)));
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<(), Failure> {
        self.file.append(text).map_err(|error| cannot(&self.path, error))
    }
}

/// What the journal of a plan says, without touching it; empty where there is none.
pub(super) fn peek(plan: &Path, digest: &Digest) -> Result<Journal, Failure> {
    let path = path(plan);
    match std::fs::read(&path) {
        Ok(bytes) => state(&path, &bytes, digest),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Journal::default()),
        Err(error) => Err(cannot(&path, error)),
    }
}

fn state(path: &Path, bytes: &[u8], digest: &Digest) -> Result<Journal, Failure> {
    let read = Journal::read(bytes).with_context(|| format!("{} cannot be used", path.display()));
    let journal = read.map_err(|error| {
        Failure::new(Kind::User, error).hint("put it back as it was, or move it away: rows are taken once anyway")
    })?;
    match &journal.plan_sha256 {
        Some(of) if *of != digest.to_string() => {
            let error = anyhow!("{} belongs to another plan", path.display());
            Err(Failure::new(Kind::User, error)
                .hint("move it away: rows that both plans have keep their keys and are taken once"))
        }
        _ => Ok(journal),
    }
}

fn cannot(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Kind::User, anyhow::Error::new(error).context(format!("{} cannot be written", path.display())))
}
