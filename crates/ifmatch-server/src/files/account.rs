//! The account of the file in work, on the disk.

use super::{Carrier, FileRecord, Trouble};
use crate::append::AppendFile;
use ifmatch_sources::files::{Account, Entry, Head, Resumed, line};
use std::io::{BufRead as _, BufReader};
use std::sync::PoisonError;

/// An account that grows.
pub(super) struct Ledger {
    file: AppendFile,
    pub(super) account: Account,
}

impl Carrier {
    fn head(&self, record: &FileRecord) -> Head {
        Head {
            source: self.door.source.to_string(),
            file: record.name.clone(),
            id: record.id.clone(),
            sha256: record.sha256.clone(),
            mode: record.mode.as_str().to_owned(),
        }
    }

    /// Opens the account of the file in work: from its beginning, or behind the last row that it has.
    pub(super) fn ledger(&self, record: &FileRecord) -> Result<Ledger, Trouble> {
        let path = self.door.folder.account(&record.name);
        let other = || Trouble::Gateway(format!("another process writes {}", path.display()));
        let mut file = AppendFile::open(&path)?.ok_or_else(other)?;
        let head = self.head(record);
        let mut left = BufReader::new(file.from_start()?);
        let (mut resumed, mut text) = (Resumed::default(), Vec::new());
        while left.read_until(b'\n', &mut text)? > 0 {
            if resumed.take(&text, &head).is_err() {
                resumed = Resumed::default();
                break;
            }
            text.clear();
        }
        file.cut(resumed.bytes)?;
        if resumed.bytes == 0 {
            file.append(&line(&head))?;
        }
        Ok(Ledger { file, account: resumed.account })
    }

    /// Writes what became of rows; it is durable when this returns.
    pub(super) fn write(&self, ledger: &mut Ledger, record: &FileRecord, entries: &[Entry]) -> Result<(), Trouble> {
        if entries.is_empty() {
            return Ok(());
        }
        let text: String = entries.iter().map(line).collect();
        ledger.file.append(&text)?;
        entries.iter().for_each(|entry| ledger.account.count(entry));
        let mut progress = self.door.progress.lock().unwrap_or_else(PoisonError::into_inner);
        *progress = Some((record.id.clone(), ledger.account.clone()));
        Ok(())
    }

    /// Ends the account.
    pub(super) fn close(&self, mut ledger: Ledger, record: &mut FileRecord) -> Result<(), Trouble> {
        let tail = ledger.account.tail(record.code.as_deref(), record.reason.clone());
        ledger.file.append(&line(&tail))?;
        record.rows = Some(tail.rows);
        record.totals = tail.totals;
        Ok(())
    }

    /// The account of a file of which no row is carried.
    pub(super) fn write_empty_account(&self, record: &FileRecord, code: &str, why: String) -> Result<(), Trouble> {
        let path = self.door.folder.account(&record.name);
        let other = || Trouble::Gateway(format!("another process writes {}", path.display()));
        let mut file = AppendFile::open(&path)?.ok_or_else(other)?;
        file.cut(0)?;
        let tail = Account::default().tail(Some(code), Some(why));
        Ok(file.append(&format!("{}{}", line(&self.head(record)), line(&tail)))?)
    }
}
