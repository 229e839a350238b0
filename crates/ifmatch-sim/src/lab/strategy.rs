//! The strategies: what senders do when their write is refused. One file each.
//!
//! A strategy is a machine without I/O that carries out one [`Wanted`]: it hears what happened
//! ([`Heard`]) and says what to do next ([`Do`]). It never sees the target, a clock or other items.

mod backoff;
mod blind;
mod jitter;
mod kubernetes;
mod recursion;
mod refresh;
mod terraform;
#[cfg(test)]
mod tests;

use super::course::End;
use crate::rng::Rng;
use serde_json::Value;

/// What a source wants of one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The kind of the resource.
    pub kind: String,
    /// The whole record as the source wants it: what it saw, with its change. Null for a publish.
    pub mine: Value,
    /// The change alone, as a patch with keyed lists.
    pub set: Value,
    /// Whether the record does not exist yet, so that nothing is read before the first write.
    pub is_new: bool,
}

/// The versions that a write names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Of the document that the write goes to.
    pub document: Option<u64>,
    /// Of the part that it changes, where that has one of its own.
    pub part: Option<u64>,
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The record.
    pub record: Value,
    /// Its versions.
    pub stamp: Stamp,
}

/// A request that was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// Whether the target says that the record is another one than the write was made from, or busy:
    /// 409, 412, or 400 with the text of a version.
    pub is_conflict: bool,
    /// What `Retry-After` says, in milliseconds.
    pub retry_after_ms: Option<i64>,
}

impl Refusal {
    /// Whether the target finds the request itself wrong, so that trying again is pointless.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !self.is_conflict && matches!(self.status, 400 | 403 | 404 | 422)
    }
}

/// What a strategy hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// It begins.
    Begin,
    /// The time that it asked for is over.
    Woken,
    /// The record, as it was read.
    Read(Reading),
    /// The write was accepted.
    Written,
    /// The read or write was refused.
    Refused(Refusal),
    /// No answer came, or the connection broke.
    Nothing,
}

/// What a strategy does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Do {
    /// Reads the record.
    Read,
    /// Writes a record, made from these versions.
    Write(Value, Stamp),
    /// Does nothing for so many milliseconds.
    Sleep(i64),
    /// Is at its end.
    End(End),
}

/// One strategy at work on one item.
pub trait Strategy: std::fmt::Debug + Send {
    /// Takes what happened and says what to do next.
    fn next(&mut self, heard: Heard, rng: &mut Rng) -> Do;
}

/// A strategy and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// What it does, in one line.
    pub does: &'static str,
    /// Where it is found in the field.
    pub source: &'static str,
    /// Makes the machine for one item; `None` for ifmatch, which is no loop of one item.
    pub make: Option<fn(Wanted) -> Box<dyn Strategy>>,
}

/// All strategies, in the order in which tables list them.
pub const STRATEGIES: &[Entry] = &[
    blind::ENTRY,
    backoff::ENTRY,
    refresh::ENTRY,
    jitter::ENTRY,
    recursion::ENTRY,
    terraform::ENTRY,
    kubernetes::ENTRY,
    Entry {
        name: "ifmatch",
        does: "the engine, store and dialect of ifmatch: one writer a resource, merged, coalesced, within the budget",
        source: "this project",
        make: None,
    },
];

/// A strategy by its name.
#[must_use]
pub fn entry(name: &str) -> Option<&'static Entry> {
    STRATEGIES.iter().find(|entry| entry.name == name)
}

/// How a loop of the reports waits between two tries, and how often it tries.
trait Pace: std::fmt::Debug + Send {
    /// Milliseconds before retry `number` (from 1); `None` to give up.
    fn pause(&self, number: u32, rng: &mut Rng) -> Option<i64>;
}

/// What the loops of the reports have in common: read for the version, put it on the own payload,
/// send; when that does not work, wait and do it again.
#[derive(Debug)]
struct Loop<P> {
    wanted: Wanted,
    pace: P,
    /// Whether each try reads the version anew, or all use the first one.
    refreshes: bool,
    stamp: Option<Stamp>,
    retries: u32,
}

impl<P: Pace> Loop<P> {
    fn new(wanted: Wanted, pace: P, refreshes: bool) -> Self {
        let stamp = wanted.is_new.then_some(Stamp::default());
        Self { wanted, pace, refreshes, stamp, retries: 0 }
    }

    fn try_now(&mut self) -> Do {
        match self.stamp {
            Some(stamp) if self.wanted.is_new || !self.refreshes => Do::Write(self.wanted.mine.clone(), stamp),
            _ => Do::Read,
        }
    }

    fn again(&mut self, rng: &mut Rng) -> Do {
        self.retries += 1;
        match self.pace.pause(self.retries, rng) {
            Some(0) => self.try_now(),
            Some(pause) => Do::Sleep(pause),
            None => Do::End(End::Discarded),
        }
    }
}

impl<P: Pace> Strategy for Loop<P> {
    fn next(&mut self, heard: Heard, rng: &mut Rng) -> Do {
        match heard {
            Heard::Begin | Heard::Woken => self.try_now(),
            Heard::Read(reading) => {
                self.stamp = Some(reading.stamp);
                Do::Write(self.wanted.mine.clone(), reading.stamp)
            }
            Heard::Written => Do::End(End::Landed),
            Heard::Refused(refusal) if refusal.is_final() => Do::End(End::Rejected),
            Heard::Refused(_) | Heard::Nothing => self.again(rng),
        }
    }
}
