//! The rows of a file, read by a thread of their own, a page at a time: so a file of any length costs two pages of memory.

use ifmatch_sources::files::{Bounds, Format, Row, RowFault, Rows, RowsEnd, RowsError};
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Rows of a page.
const ROWS: usize = 256;

/// Bytes of a page, roughly; a row more may be in it.
const BYTES: usize = 1 << 20;

/// A row, or why it is none.
pub(super) type Read = Result<Row, RowFault>;

/// What comes next of a file.
pub(super) enum Page {
    /// So many rows.
    Rows(Vec<Read>),
    /// There are no more.
    End(RowsEnd),
    /// The rest cannot be read.
    Broken(RowsError),
}

/// Reads the first `bytes` bytes of a file.
pub(super) fn pages(path: PathBuf, bytes: u64, format: Format, bounds: Bounds) -> mpsc::Receiver<Page> {
    let (tell, pages) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read(&path, bytes, format, bounds, &tell) {
            // Whoever does not listen any more has stopped.
            let _gone = tell.blocking_send(Page::Broken(error));
        }
    });
    pages
}

fn read(
    path: &std::path::Path,
    bytes: u64,
    format: Format,
    bounds: Bounds,
    tell: &mpsc::Sender<Page>,
) -> Result<(), RowsError> {
    let mut rows = Rows::of(format, bounds, File::open(path)?.take(bytes))?;
    let (mut page, mut size) = (Vec::with_capacity(ROWS), 0);
    while let Some(row) = rows.next_row()? {
        size += row.as_ref().map_or(0, |row| weight(&row.value));
        page.push(row);
        if page.len() == ROWS || size > BYTES {
            size = 0;
            if tell.blocking_send(Page::Rows(std::mem::take(&mut page))).is_err() {
                return Ok(());
            }
        }
    }
    let _gone = tell.blocking_send(Page::Rows(page)).and_then(|()| tell.blocking_send(Page::End(rows.end())));
    Ok(())
}

/// About how many bytes a value has.
fn weight(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    match value {
        Value::String(text) => text.len() + 24,
        Value::Array(items) => 24 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => {
            24 + members.iter().map(|(name, value)| name.len() + 24 + weight(value)).sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 16,
    }
}
