//! Keeps a second process from owning the same database file.

use ifmatch_store::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

/// An exclusive lock on `<database>.lock`, held until dropped. The operating system releases it
/// when the process ends, so a crash leaves no stale lock; the file itself stays and means nothing.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a database.
    ///
    /// # Errors
    /// `Precondition` when another process holds it, `Unavailable` when the file cannot be made.
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let mut file = private(&mut OpenOptions::new())
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| StoreError::unavailable(format!("{}: {error}", Path::new(&path).display())))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(database, &mut file)),
            Err(TryLockError::Error(error)) => return Err(StoreError::unavailable(error)),
        }
        // The number is a hint for people only, so failing to leave it is no failure.
        let _hint = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

fn in_use(database: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    let holder = match file.take(20).read_to_string(&mut holder) {
        Ok(_) if !holder.trim().is_empty() => format!(" (process {})", holder.trim()),
        _ => String::new(),
    };
    let fact = format!("{} is already in use by another process{holder}", database.display());
    StoreError::Precondition { fact }
}

/// Lets only the owner read what is created: intents hold personal data.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

/// Lets only the owner read what is created, where the system can say so.
#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
