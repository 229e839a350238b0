//! Plans on the disk, each with its journal beside it, as `ifmatch import` and `ifmatch apply` have them.

use crate::files::sync_folder;
use crate::journal::{self, JournalFault, JournalFile};
use ifmatch_core::Digest;
use ifmatch_sources::migration::{Journal, Plan};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where the plans of an org lie.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

/// A plan that is not what was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("{} cannot be read", .0.display())]
    Disk(PathBuf, #[source] io::Error),
    #[error("{} is no plan any more", .0.display())]
    Edited(PathBuf, #[source] serde_json::Error),
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self(path.to_owned()))
    }

    fn plan(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.plan.json"))
    }

    /// Writes a plan whole or not at all; it is durable when this returns.
    pub(crate) fn write(&self, id: &str, text: &[u8]) -> io::Result<()> {
        let (path, beside) = (self.plan(id), self.0.join(format!("{id}.tmp")));
        let mut file = File::create(&beside)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        sync_folder(&self.0)
    }

    /// A plan, and the digest of its bytes.
    pub(crate) fn read(&self, id: &str) -> Result<(Plan, Digest), Unreadable> {
        let path = self.plan(id);
        let bytes = fs::read(&path).map_err(|error| Unreadable::Disk(path.clone(), error))?;
        let plan = serde_json::from_slice(&bytes).map_err(|error| Unreadable::Edited(path, error))?;
        Ok((plan, Digest::of(&bytes)))
    }

    /// The journal of a plan, to be gone on with.
    pub(crate) fn journal(&self, id: &str, digest: &Digest) -> Result<JournalFile, JournalFault> {
        JournalFile::open(&self.plan(id), digest)
    }

    /// What the journal of a plan says.
    pub(crate) fn peek(&self, id: &str, digest: &Digest) -> Result<Journal, JournalFault> {
        journal::peek(&self.plan(id), digest)
    }
}
