//! Walks records and names the first bad one.

use crate::checkpoint::Checkpoint;
use crate::hash::{ChainHash, link};
use crate::leaf::Leaf;
use crate::record::{Chain, Record};
use serde::de::DeserializeOwned;
use std::fmt;

/// The first bad place of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {index}: {kind}")]
pub struct Fault {
    /// The place of the first record that is wrong, missing or too much, from 0.
    pub index: u64,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What is wrong with a log at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The line is no record.
    Unreadable(String),
    /// A record with another index stands there.
    Index(u64),
    /// The leaf names another org.
    Org(String),
    /// The hash does not follow from the leaf and the hash before it.
    Hash {
        /// The hash that follows.
        expected: ChainHash,
        /// The hash that the record claims.
        found: ChainHash,
    },
    /// The log is sound in itself, but is not the one that the checkpoint was taken of.
    Checkpoint {
        /// The hash in the checkpoint.
        expected: ChainHash,
        /// The hash of the log at that place.
        found: ChainHash,
    },
    /// The log ends before the place that the checkpoint names.
    Missing {
        /// How many records there must be.
        expected: u64,
    },
    /// The log goes on after the place where the checkpoint ends it.
    Surplus,
    /// The checkpoint is of another org's log.
    Foreign(String),
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => f.write_str(why),
            Self::Index(found) => write!(f, "its index is {found}"),
            Self::Org(found) => write!(f, "it belongs to org {found:?}"),
            Self::Hash { expected, found } => {
                write!(f, "its hash must be {expected} and is {found}")
            }
            Self::Checkpoint { expected, found } => {
                write!(f, "the checkpoint says {expected} and the log has {found}")
            }
            Self::Missing { expected } => {
                write!(f, "it is missing; the checkpoint counts {expected} records")
            }
            Self::Surplus => f.write_str("the checkpoint ends the log before it"),
            Self::Foreign(org) => write!(f, "the checkpoint belongs to org {org:?}"),
        }
    }
}

/// Checks the records of one org, one after the other.
///
/// Call [`Verifier::check`] for each record from the first on, then [`Verifier::end`] with the
/// checkpoint. Memory does not grow with the log.
#[derive(Debug, Clone)]
pub struct Verifier {
    chain: Chain,
    expected: Vec<Checkpoint>,
}

impl Verifier {
    /// Begins before the first record of an org.
    #[must_use]
    pub fn new(org: &str) -> Self {
        Self::from(Chain::new(org))
    }

    /// Demands that the log passes through a checkpoint that was taken earlier and kept elsewhere.
    /// Call it before the record at that place is checked.
    pub fn expect(&mut self, checkpoint: Checkpoint) {
        self.expected.push(checkpoint);
    }

    /// Checks the next record, and gives its leaf.
    ///
    /// # Errors
    /// The record is wrong; everything from its place on proves nothing.
    pub fn check(&mut self, record: &Record) -> Result<Leaf, Fault> {
        self.check_for(record)
    }

    /// The same, with as much of the leaf's body as the reader's own type has.
    ///
    /// # Errors
    /// As [`Verifier::check`], or the body does not have what the type asks for.
    pub fn check_for<B: DeserializeOwned>(&mut self, record: &Record) -> Result<Leaf<B>, Fault> {
        let index = self.chain.size();
        let fault = |kind| Err(Fault { index, kind });
        if record.index != index {
            return fault(FaultKind::Index(record.index));
        }
        let expected = link(&self.chain.head(), record.text.as_bytes());
        if record.hash != expected {
            return fault(FaultKind::Hash { expected, found: record.hash });
        }
        let leaf = match Leaf::parse(&record.text) {
            Err(error) => return fault(FaultKind::Unreadable(error.to_string())),
            Ok(leaf) if leaf.index != index => return fault(FaultKind::Index(leaf.index)),
            Ok(leaf) if leaf.org != self.chain.org() => return fault(FaultKind::Org(leaf.org)),
            Ok(leaf) => leaf,
        };
        self.chain = Chain::resume(self.chain.org(), index + 1, expected);
        match self.expected.iter().find(|passed| passed.size == index + 1 && passed.head != expected) {
            Some(passed) => fault(FaultKind::Checkpoint { expected: passed.head, found: expected }),
            None => Ok(leaf),
        }
    }

    /// Checks the next line of `records.ndjson`, without its line break, and gives its leaf.
    ///
    /// # Errors
    /// As [`Verifier::check`], or the line is no record.
    pub fn check_line(&mut self, line: &str) -> Result<Leaf, Fault> {
        match Record::parse_line(line) {
            Ok(record) => self.check(&record),
            Err(error) => Err(Fault { index: self.chain.size(), kind: FaultKind::Unreadable(error.to_string()) }),
        }
    }

    /// Checks that the log ends where the checkpoint says, and passed all those expected.
    ///
    /// # Errors
    /// The log is cut, goes on, or is another one.
    pub fn end(self, checkpoint: &Checkpoint) -> Result<(), Fault> {
        let (size, head) = (self.chain.size(), self.chain.head());
        let fault = |index, kind| Err(Fault { index, kind });
        let org = self.chain.org();
        for passed in self.expected.iter().chain([checkpoint]) {
            if passed.org != org {
                return fault(0, FaultKind::Foreign(passed.org.clone()));
            }
            if passed.size > size {
                return fault(size, FaultKind::Missing { expected: passed.size });
            }
        }
        if checkpoint.size < size {
            return fault(checkpoint.size, FaultKind::Surplus);
        }
        if checkpoint.head != head {
            let kind = FaultKind::Checkpoint { expected: checkpoint.head, found: head };
            return fault(size.saturating_sub(1), kind);
        }
        Ok(())
    }

    /// How many records were found sound.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.chain.size()
    }
}

impl From<Chain> for Verifier {
    /// Goes on behind records that are known to be sound.
    fn from(chain: Chain) -> Self {
        Self { chain, expected: Vec::new() }
    }
}

/// Checks a whole export: the text of `records.ndjson` against its checkpoint.
///
/// # Errors
/// The first bad place.
pub fn verify_export(records: &str, checkpoint: &Checkpoint) -> Result<(), Fault> {
    let mut verifier = Verifier::new(&checkpoint.org);
    let mut rest = records;
    while !rest.is_empty() {
        let Some((line, after)) = rest.split_once('\n') else {
            let kind = FaultKind::Unreadable("its line is cut".to_owned());
            return Err(Fault { index: verifier.size(), kind });
        };
        verifier.check_line(line)?;
        rest = after;
    }
    verifier.end(checkpoint)
}

#[cfg(test)]
mod tests;
