//! A body that passes, and a bounded copy of it.

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// Bytes of all copies together, of exchanges under way and of those that wait for the observer.
const COPIES_BYTES_MAX: usize = 64 << 20;

/// How much room all copies together have left.
#[derive(Debug)]
pub(crate) struct Room(AtomicUsize);

impl Room {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(COPIES_BYTES_MAX)))
    }

    fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    fn give(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A copy of one body.
#[derive(Debug)]
pub(crate) struct Copy {
    bytes: Vec<u8>,
    max: usize,
    /// It did not fit.
    over: bool,
    /// All of it went by.
    whole: bool,
    room: Arc<Room>,
}

impl Copy {
    pub(crate) fn new(max: usize, room: &Arc<Room>) -> Self {
        Self { bytes: Vec::new(), max, over: false, whole: false, room: Arc::clone(room) }
    }

    fn append(&mut self, data: &[u8]) {
        if self.over {
            return;
        }
        if self.bytes.len() + data.len() > self.max || !self.room.take(data.len()) {
            self.over = true;
            self.room.give(self.bytes.len());
            self.bytes = Vec::new();
            return;
        }
        self.bytes.extend_from_slice(data);
    }

    /// The most that is copied, in bytes.
    pub(crate) fn max(&self) -> usize {
        self.max
    }

    /// The body, where all of it went by and fitted.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        (self.whole && !self.over).then_some(&self.bytes)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.room.give(self.bytes.len());
    }
}

/// A copy that is being made.
pub(crate) type Shared = Arc<Mutex<Copy>>;

/// Takes a copy out of what is being made; an empty one that is not whole stays behind.
pub(crate) fn taken(copy: &Shared) -> Copy {
    let mut copy = copy.lock().unwrap_or_else(PoisonError::into_inner);
    let room = Arc::clone(&copy.room);
    let empty = Copy::new(0, &room);
    std::mem::replace(&mut *copy, empty)
}

/// Passes a body on as it comes, and copies it.
pub(crate) struct Tee<B, F: FnMut()> {
    inner: B,
    copy: Shared,
    /// Called before the end is passed on.
    ended: F,
}

impl<B: HttpBody, F: FnMut()> Tee<B, F> {
    pub(crate) fn new(inner: B, copy: Shared, ended: F) -> Self {
        let mut tee = Self { inner, copy, ended };
        if tee.inner.is_end_stream() {
            tee.end();
        }
        tee
    }

    fn end(&mut self) {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner).whole = true;
        (self.ended)();
    }
}

impl<B, F> HttpBody for Tee<B, F>
where
    B: HttpBody<Data = Bytes> + Unpin,
    F: FnMut() + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.copy.lock().unwrap_or_else(PoisonError::into_inner).append(data);
                }
                if self.inner.is_end_stream() {
                    self.end();
                }
            }
            Poll::Ready(None) => self.end(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
