//! What SQLite's errors mean for the caller of the store.

use ifmatch_store::StoreError;
use rusqlite::{Error, ErrorCode};

/// The kind of an error that no statement expects: trouble of the machine, or a damaged file.
pub(crate) fn failure(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => damaged("a sound database", &error),
        Some(ErrorCode::NotADatabase) => damaged("an SQLite database", &error),
        Some(ErrorCode::TypeMismatch | ErrorCode::ConstraintViolation) => damaged("rows that fit the schema", &error),
        _ => StoreError::unavailable(error),
    }
}

fn damaged(expected: &str, error: &Error) -> StoreError {
    StoreError::inconsistent("sqlite_schema", "*", "the file", expected, error)
}

/// Whether an insertion failed because its primary key is taken.
pub(crate) fn place_taken(error: &Error) -> bool {
    let codes = [rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY, rusqlite::ffi::SQLITE_CONSTRAINT_ROWID];
    error.sqlite_error().is_some_and(|error| codes.contains(&error.extended_code))
}

/// Whether an insertion failed because a unique value is taken.
pub(crate) fn value_taken(error: &Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
}
