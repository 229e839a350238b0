//! The thread that owns the store: everything that touches the disk happens there, in order.

use ifmatch_store::{Store, StoreError};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::{Semaphore, oneshot};

type Job = Box<dyn FnOnce(&mut dyn Store) + Send>;

/// Reads on behalf of clients that may wait at once; the engine's own work is never held back.
const READS_MAX: usize = 64;

/// A handle to the store's thread; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct StoreHandle {
    jobs: mpsc::Sender<Option<Job>>,
    reads: Arc<Semaphore>,
}

impl StoreHandle {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(mut store: Box<dyn Store>) -> std::io::Result<(Self, StoreThread)> {
        let (jobs, queue) = mpsc::channel::<Option<Job>>();
        let work = move || {
            while let Ok(Some(job)) = queue.recv() {
                job(store.as_mut());
            }
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work)?;
        let reads = Arc::new(Semaphore::new(READS_MAX));
        let close = jobs.clone();
        Ok((Self { jobs, reads }, StoreThread { thread, close }))
    }

    /// Hands a job of the engine to the thread, without waiting. Jobs run in the order given.
    pub(crate) fn run(&self, job: impl FnOnce(&mut dyn Store) + Send + 'static) {
        // Without the thread there is nobody to tell: the process is on its way out.
        let _gone = self.jobs.send(Some(Box::new(job)));
    }

    /// Reads on behalf of a client.
    ///
    /// # Errors
    /// What the store says; `Unavailable` also when the thread is gone.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::unavailable("the store is closed");
        let _permit = self.reads.acquire().await.map_err(|_| gone())?;
        let (tell, told) = oneshot::channel();
        // A caller who went away does not want the answer.
        self.run(move |store| drop(tell.send(read(store))));
        told.await.map_err(|_| gone())?
    }
}

/// The running thread.
#[derive(Debug)]
pub(crate) struct StoreThread {
    thread: JoinHandle<()>,
    close: mpsc::Sender<Option<Job>>,
}

impl StoreThread {
    /// Closes the store after the jobs handed in so far.
    pub(crate) async fn close(self) {
        // A thread that ended before has closed it.
        let _ended = self.close.send(None);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the store's thread ended in a panic");
        }
    }
}
