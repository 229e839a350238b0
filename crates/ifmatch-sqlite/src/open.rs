//! Opens and closes the database file.

use crate::checkpointer::Checkpointer;
use crate::failure::failure;
use crate::lock::{Lock, private};
use crate::migrations::migrate;
use crate::store::Sqlite;
use ifmatch_store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

/// The name of the database file inside a data folder.
pub const FILE_NAME: &str = "ifmatch.db";

/// Only another program's look into the file can block; it is given this long.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept ready; more than this crate has.
const STATEMENTS: usize = 64;

impl Sqlite {
    /// Opens the database in a data folder, making both if need be.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_in(data_dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        let data_dir = data_dir.as_ref();
        let trouble = |error| StoreError::unavailable(format!("{}: {error}", data_dir.display()));
        folder().create(data_dir).map_err(trouble)?;
        Self::open(data_dir.join(FILE_NAME))
    }

    /// Opens a database file, making it if need be, and brings its tables to the current schema.
    ///
    /// # Errors
    /// `Precondition` when another process uses the file, or it is not ours or too new;
    /// `Unavailable` when it cannot be read or written; `Inconsistent` when it is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let lock = Lock::take(path)?;
        let trouble = |error| StoreError::unavailable(format!("{}: {error}", path.display()));
        private(&mut OpenOptions::new()).append(true).create(true).open(path).map_err(trouble)?;
        let mut writer = connect(path)?;
        set(&writer, "journal_mode", "wal")?;
        migrate(&mut writer, path)?;
        // The checkpointer does this beside the writer.
        set(&writer, "wal_autocheckpoint", "0")?;
        let checkpointer = Checkpointer::start(connect(path)?);
        Ok(Self { writer, checkpointer, orgs: BTreeMap::new(), path: path.to_owned(), _lock: lock })
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(failure)?;
    connection.busy_timeout(BUSY).map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    for (name, value) in
        [("synchronous", "full"), ("foreign_keys", "off"), ("temp_store", "memory"), ("cache_size", "-16384")]
    {
        set(&connection, name, value)?;
    }
    Ok(connection)
}

fn set(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    // Some of these answer with their new value and some do not.
    connection.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        error => Err(failure(error)),
    })
}

fn folder() -> std::fs::DirBuilder {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
