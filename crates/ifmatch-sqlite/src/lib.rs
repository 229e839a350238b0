//! The SQLite driver of the store: one file, one writer, group commit.
//!
//! [`Sqlite`] implements [`ifmatch_store::Store`]. Every commit is one transaction in write-ahead
//! mode with `synchronous=FULL`, so an acknowledged commit survives a power cut. What is written
//! often is appended or updated in place in narrow tables, so that a transaction touches few pages;
//! a second connection moves the write-ahead log into the database beside the writer.
//!
//! # What to know
//! - A lock file beside the database keeps a second process out: it gets a clear error, at once.
//!   The lock ends with the process, however that ends.
//! - When the disk is full or the folder turns read-only, commits fail with `Unavailable` and
//!   store nothing; they work again when the cause is gone.
//! - A start reads the open heads, the open attempts and the narrow table of keys, never the
//!   payloads, so a million settled intents cost little.
//! - The tables are described in `migrations/`; the file can be read with the `sqlite3` tool.

mod checkpointer;
mod columns;
mod failure;
mod list;
mod lock;
mod migrations;
mod open;
mod read;
mod recover;
mod store;
mod write;

pub use open::FILE_NAME;
pub use store::{Size, Sqlite};

#[cfg(test)]
mod tests;
