//! Brings a database file to the current schema, by numbered files.

use crate::failure::failure;
use ifmatch_store::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Every migration, in order. The file's `user_version` counts those that it has seen.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_start.sql")];

/// Marks the file as ours, so that another program's database is never touched: `ifma`.
const APPLICATION_ID: i64 = 0x6966_6d61;

/// Applies what the file has not seen.
///
/// # Errors
/// `Precondition` for a file of another program or of a newer version.
pub(crate) fn migrate(database: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let refused = |fact: String| Err(StoreError::Precondition { fact });
    let number = |name: &str| database.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failure);
    let (mark, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 =
        database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failure)?;
    if mark != APPLICATION_ID && (tables > 0 || mark != 0) {
        return refused(format!("{} is the database of another program", path.display()));
    }
    let known = MIGRATIONS.len();
    let Some(missing) = usize::try_from(version).ok().and_then(|seen| MIGRATIONS.get(seen..)) else {
        return refused(format!(
            "{} has schema version {version}, this program knows {known}: use a newer one",
            path.display()
        ));
    };
    for (at, migration) in missing.iter().enumerate() {
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
        transaction.execute_batch(migration).map_err(failure)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failure)?;
        let seen = known - missing.len() + at + 1;
        transaction.pragma_update(None, "user_version", seen as i64).map_err(failure)?;
        transaction.commit().map_err(failure)?;
    }
    Ok(())
}
