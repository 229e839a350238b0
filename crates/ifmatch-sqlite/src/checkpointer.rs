//! Moves the write-ahead log into the database, beside the writer.
//!
//! Were the writer to do it, every few thousand rows one commit would wait for two syncs of many
//! pages. A thread with its own connection copies the pages instead. It cannot reset the log while
//! the writer keeps appending, so when the log has grown long the writer itself copies the small
//! rest that the thread left, and the log begins anew.

use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Operations after which the log is worth copying: some megabytes of it.
const OPERATIONS: u64 = 1_000;

/// Pages of the log after which the writer helps to begin it anew: 64 MB.
const PAGES_MAX: u64 = 16_384;

/// The thread and the way to wake it.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    /// Pages in the log when the thread last looked; zero while there is nothing to say.
    pages: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    operations: u64,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own. Without a thread, as on a system that refuses
    /// one, the writer does the work.
    pub(crate) fn start(connection: Connection) -> Self {
        let pages = Arc::new(AtomicU64::new(0));
        let (wake, woken) = sync_channel(1);
        let shared = Arc::clone(&pages);
        let thread = std::thread::Builder::new()
            .name("ifmatch-checkpoint".to_owned())
            .spawn(move || run(&connection, &woken, &shared));
        Self { wake: Some(wake), pages, thread: thread.ok(), operations: 0 }
    }

    /// Tells that the writer committed so many operations.
    pub(crate) fn committed(&mut self, operations: usize, writer: &Connection) {
        self.operations += operations as u64;
        if self.operations < OPERATIONS {
            return;
        }
        self.operations = 0;
        let long = self.pages.swap(0, Ordering::Relaxed) > PAGES_MAX;
        if long || self.thread.is_none() {
            // What fails here is tried again a thousand operations later; no commit depends on it.
            let _pages = checkpoint(writer);
        }
        // A full channel means that the thread is awake or about to be.
        if let Some(Err(TrySendError::Disconnected(()))) = self.wake.as_ref().map(|wake| wake.try_send(())) {
            self.thread = None;
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // A panicked thread has nothing left to wait for.
            let _ended = thread.join();
        }
    }
}

fn run(connection: &Connection, woken: &Receiver<()>, pages: &AtomicU64) {
    while woken.recv().is_ok() {
        if let Ok(found) = checkpoint(connection) {
            pages.store(found, Ordering::Relaxed);
        }
    }
}

/// Copies what can be copied without waiting for anybody; gives the pages that the log has.
fn checkpoint(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let pages: i64 = row.get(1)?;
        Ok(u64::try_from(pages).unwrap_or(0))
    })
}
