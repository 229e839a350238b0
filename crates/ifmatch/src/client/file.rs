//! A file as the body of a request: read as it is sent, never whole in memory.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::fs::File;
use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// The rest of a file.
#[derive(Debug)]
pub(super) struct FileBody {
    file: io::Take<File>,
}

impl FileBody {
    /// All of a file as long as it is now.
    pub(super) fn of(file: File) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        Ok(Self { file: file.take(bytes) })
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    /// Reading waits for the disk: whoever sends a file does nothing else.
    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let mut piece = vec![0; PIECE];
        Poll::Ready(match self.file.read(&mut piece) {
            Ok(0) if self.file.limit() > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
            Ok(0) => None,
            Ok(got) => {
                piece.truncate(got);
                Some(Ok(Frame::data(piece.into())))
            }
            Err(error) => Some(Err(error)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.file.limit() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.file.limit())
    }
}
