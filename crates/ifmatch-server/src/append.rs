//! A file that grows by whole lines: locked for one writer, cut to what counts, flushed before anybody goes on.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// An open file of lines.
#[derive(Debug)]
pub struct AppendFile(File);

impl AppendFile {
    /// Opens a file, or begins it. `None` where another process writes it.
    ///
    /// # Errors
    /// The disk.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// The disk.
    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.seek(SeekFrom::Start(0))?;
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The file from its beginning, to be read in pieces.
    ///
    /// # Errors
    /// The disk.
    pub fn from_start(&mut self) -> io::Result<&File> {
        self.0.seek(SeekFrom::Start(0))?;
        Ok(&self.0)
    }

    /// Cuts off what is behind so many bytes; the next line is written there.
    ///
    /// # Errors
    /// The disk.
    pub fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)?;
        self.0.seek(SeekFrom::Start(bytes)).map(drop)
    }

    /// Writes lines; they are durable when this returns.
    ///
    /// # Errors
    /// The disk.
    pub fn append(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes()).and_then(|()| self.0.sync_data())
    }
}
