//! A leaf in its place, and the end of the log where the next one goes.

use crate::body::Body;
use crate::checkpoint::Checkpoint;
use crate::hash::{ChainHash, link};
use crate::leaf::{Kind, Leaf, LeafError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A leaf in its place with the hash up to it; one line of `records.ndjson`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place, from 0.
    pub index: u64,
    /// The hash up to and with this leaf.
    pub hash: ChainHash,
    /// The leaf's canonical bytes, exactly as hashed. Kept as text, because reading a number and
    /// printing it again need not give the same bytes.
    pub text: String,
}

/// A line that is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The line is not of the record's shape.
    #[error("not a record of the audit log: {0}")]
    Shape(String),
    /// The line means a record, but is spelt otherwise than the log spells it.
    #[error("the record is not spelt as the log spells it")]
    Spelling,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    index: u64,
    hash: ChainHash,
    #[serde(borrow)]
    leaf: &'a RawValue,
}

impl Record {
    /// The record as one line of `records.ndjson`, without the line break:
    /// `{"index":17,"hash":"sha256:…","leaf":{…}}`.
    #[must_use]
    pub fn to_line(&self) -> String {
        format!(r#"{{"index":{},"hash":"{}","leaf":{}}}"#, self.index, self.hash, self.text)
    }

    /// Reads one line of `records.ndjson`, without its line break. It checks the spelling and no
    /// hash; [`crate::Verifier`] does that.
    ///
    /// # Errors
    /// The line is no record, or not spelt as [`Record::to_line`] spells it.
    pub fn parse_line(line: &str) -> Result<Self, RecordError> {
        let parsed: Line<'_> = serde_json::from_str(line).map_err(|error| RecordError::Shape(error.to_string()))?;
        let record = Self { index: parsed.index, hash: parsed.hash, text: parsed.leaf.get().to_owned() };
        if record.to_line() == line { Ok(record) } else { Err(RecordError::Spelling) }
    }

    /// The leaf, read from its bytes.
    ///
    /// # Errors
    /// The bytes are no leaf.
    pub fn leaf(&self) -> Result<Leaf, LeafError> {
        Leaf::parse(&self.text)
    }
}

/// Where the log of an org ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    org: String,
    size: u64,
    head: ChainHash,
}

impl Chain {
    /// The end of an empty log.
    #[must_use]
    pub fn new(org: &str) -> Self {
        Self { org: org.to_owned(), size: 0, head: ChainHash::genesis(org) }
    }

    /// The end of a log that has `size` records, the last one with hash `head`.
    #[must_use]
    pub fn resume(org: &str, size: u64, head: ChainHash) -> Self {
        Self { org: org.to_owned(), size, head }
    }

    /// Appends a leaf and gives back its record.
    pub fn append(&mut self, at: Timestamp, kind: Kind, body: impl Into<Body>) -> Record {
        let body = body.into();
        let leaf = Leaf { at, body: &body, index: self.size, kind, org: self.org.clone() };
        let text = leaf.written();
        let hash = link(&self.head, text.as_bytes());
        self.head = hash;
        self.size += 1;
        Record { index: leaf.index, hash, text }
    }

    /// The org.
    #[must_use]
    pub fn org(&self) -> &str {
        &self.org
    }

    /// How many records there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash of the last record.
    #[must_use]
    pub fn head(&self) -> ChainHash {
        self.head
    }

    /// The checkpoint that fits this end.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { org: self.org.clone(), size: self.size, head: self.head }
    }
}
