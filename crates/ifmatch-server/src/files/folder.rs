//! The folders of a source's files, and how a file goes from one to the next.
//!
//! ```text
//! inbox/week.ndjson ─▶ inbox/work/week.ndjson ─▶ inbox/done/week.ndjson, inbox/done/week.ndjson.account.ndjson
//!                                             ├▶ inbox/held/week.ndjson, inbox/held/week.ndjson.account.ndjson
//!                                             └▶ inbox/refused/week.ndjson, inbox/refused/week.ndjson.reason.json
//! ```
//! A move is a rename within one folder, made durable before anybody relies on it.

use ifmatch_core::Digest;
use ifmatch_sources::files::Glimpse;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Endings of what we lay beside files; none of them is taken for a file.
pub(crate) const ACCOUNT: &str = ".account.ndjson";
pub(crate) const REASON: &str = ".reason.json";

/// Where files of a source lie.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// Where a file goes when it is through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    Done,
    Held,
    Refused,
}

impl Rest {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }
}

/// What was read of a file before its first row.
pub(crate) struct Content {
    /// Its digest.
    pub(crate) digest: Digest,
    /// The byte from which on it is no UTF-8, if it is none.
    pub(crate) not_text: Option<u64>,
}

impl Folder {
    /// The folders, made where they are not there.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let folder = Self { root: root.to_owned() };
        for name in ["work", "sent", "done", "held", "refused"] {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            // Files are about people.
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(root.join(name))?;
        }
        for entry in fs::read_dir(root.join("sent"))? {
            let path = entry?.path();
            // Nobody was told that these are durable.
            if path.extension().is_some_and(|ending| ending == "tmp") {
                fs::remove_file(path)?;
            }
        }
        Ok(folder)
    }

    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.root.join("work").join(name)
    }

    /// The account of the file that is in work.
    pub(crate) fn account(&self, name: &str) -> PathBuf {
        self.root.join("work").join(format!("{name}{ACCOUNT}"))
    }

    pub(crate) fn sent(&self, name: &str) -> PathBuf {
        self.root.join("sent").join(name)
    }

    pub(crate) fn rest(&self, rest: Rest, name: &str) -> PathBuf {
        self.root.join(rest.name()).join(name)
    }

    /// The account of a file, wherever it is.
    pub(crate) fn account_of(&self, record: &super::FileRecord) -> PathBuf {
        let rest = match record.state {
            super::Standing::Done => Rest::Done,
            super::Standing::Held => Rest::Held,
            super::Standing::Refused => Rest::Refused,
            _ => return self.account(&record.name),
        };
        match &record.lies {
            Some(lies) if !record.moving => self.rest(rest, &format!("{lies}{ACCOUNT}")),
            _ => self.account(&record.name),
        }
    }

    /// Whether a file lies among those that are held.
    pub(crate) fn is_held(&self, name: &str) -> bool {
        self.rest(Rest::Held, name).is_file()
    }

    /// The file that was in work when the process ended; there is one at the most.
    pub(crate) fn in_work(&self) -> io::Result<Option<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join("work"))? {
            let name = entry?.file_name().into_string().unwrap_or_default();
            if !name.is_empty() && !name.ends_with(ACCOUNT) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names.into_iter().next())
    }

    /// What lies in the folder itself. Links and folders are nobody's files.
    pub(crate) fn look(&self) -> io::Result<Vec<Glimpse>> {
        let mut shown = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            // It may be gone by now.
            let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
            let Ok(name) = entry.file_name().into_string() else { continue };
            if !metadata.is_file() || name.ends_with(ACCOUNT) || name.ends_with(REASON) {
                continue;
            }
            let changed = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let changed_ms = changed.and_then(|span| i64::try_from(span.as_millis()).ok()).unwrap_or(0);
            shown.push(Glimpse { name, bytes: metadata.len(), changed_ms });
        }
        Ok(shown)
    }

    /// Takes a file of the folder into work.
    pub(crate) fn take(&self, name: &str) -> io::Result<()> {
        self.moved(&self.root.join(name), &self.work(name))
    }

    /// Moves a file; it is durable when this returns.
    pub(crate) fn moved(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        for folder in [to.parent(), from.parent()].into_iter().flatten() {
            sync_folder(folder)?;
        }
        Ok(())
    }

    /// A name that is free where files rest: the name itself, else with a number behind it.
    pub(crate) fn free(&self, rest: Rest, name: &str) -> String {
        let is_free = |name: &str| {
            let at = |ending: &str| self.rest(rest, &format!("{name}{ending}"));
            !at("").exists() && !at(ACCOUNT).exists() && !at(REASON).exists()
        };
        let numbered = (1_u64..).map(|number| format!("{name}.{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| is_free(name)).unwrap_or_else(|| name.to_owned())
    }

    /// Moves the file in work, with its account, to where it rests. What was moved before is left.
    pub(crate) fn settle(&self, rest: Rest, name: &str, lies: &str) -> io::Result<()> {
        let account = self.account(name);
        if account.exists() {
            self.moved(&account, &self.rest(rest, &format!("{lies}{ACCOUNT}")))?;
        }
        let file = self.work(name);
        if file.exists() {
            self.moved(&file, &self.rest(rest, lies))?;
        }
        Ok(())
    }

    /// Lays the reason of a refusal beside where the file will rest.
    pub(crate) fn tell(&self, lies: &str, reason: &str) -> io::Result<()> {
        let path = self.rest(Rest::Refused, &format!("{lies}{REASON}"));
        fs::write(&path, reason)?;
        File::open(&path)?.sync_all()
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Reads a file once through: its digest, and whether it is text.
pub(crate) fn content(path: &Path) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    let (mut held, mut at, mut not_text) = (Vec::new(), 0_u64, None);
    loop {
        let got = file.read(&mut buffer)?;
        hash.update(&buffer[..got]);
        if not_text.is_none() {
            held.extend_from_slice(&buffer[..got]);
            let text = match std::str::from_utf8(&held) {
                Ok(_) => held.len(),
                // A character may go on in the next piece.
                Err(error) if error.error_len().is_none() && got > 0 => error.valid_up_to(),
                Err(error) => {
                    not_text = Some(at + error.valid_up_to() as u64);
                    held.len()
                }
            };
            held.drain(..text);
            at += text as u64;
        }
        if got == 0 {
            return Ok(Content { digest: Digest(hash.finalize().into()), not_text });
        }
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the folders.

    use super::*;

    fn digest(bytes: &[u8]) -> Result<Digest, u64> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, bytes).unwrap();
        let Content { digest, not_text } = content(&path).unwrap();
        assert_eq!(digest, Digest::of(bytes));
        not_text.map_or(Ok(digest), Err)
    }

    #[test]
    fn text_is_known_from_other_bytes_whatever_the_pieces() {
        let long = "é".repeat(200_001);
        assert_eq!(digest(long.as_bytes()), Ok(Digest::of(long.as_bytes())));
        let odd = format!("x{long}");
        assert_eq!(digest(odd.as_bytes()), Ok(Digest::of(odd.as_bytes())));
        assert_eq!(digest(b"abc\xff"), Err(3));
        assert_eq!(digest(&odd.as_bytes()[..odd.len() - 1]), Err(odd.len() as u64 - 2));
        assert_eq!(digest(b""), Ok(Digest::of(b"")));
    }

    #[test]
    fn a_file_rests_under_a_free_name_with_its_account() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        for (turn, lies) in ["week.csv", "week.csv.1", "week.csv.2"].into_iter().enumerate() {
            fs::write(root.path().join("week.csv"), "a\n").unwrap();
            folder.take("week.csv").unwrap();
            assert_eq!(folder.in_work().unwrap().as_deref(), Some("week.csv"), "turn {turn}");
            fs::write(folder.account("week.csv"), "{}\n").unwrap();
            assert_eq!(folder.free(Rest::Done, "week.csv"), lies);
            folder.settle(Rest::Done, "week.csv", lies).unwrap();
            folder.settle(Rest::Done, "week.csv", lies).unwrap();
            assert!(
                folder.rest(Rest::Done, lies).exists() && folder.rest(Rest::Done, &format!("{lies}{ACCOUNT}")).exists()
            );
            assert_eq!(folder.in_work().unwrap(), None);
        }
        assert!(folder.look().unwrap().is_empty(), "folders are no files");
    }
}
