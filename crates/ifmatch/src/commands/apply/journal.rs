//! Why the journal of a plan cannot be used, in the words of the terminal.

use crate::error::{Failure, Kind};
use ifmatch_core::Digest;
use ifmatch_server::journal::{self, JournalFault, JournalFile};
use ifmatch_sources::migration::Journal;
use std::path::Path;

/// Opens the journal of a plan, or begins it.
pub(super) fn open(plan: &Path, digest: &Digest) -> Result<JournalFile, Failure> {
    JournalFile::open(plan, digest).map_err(failure)
}

/// What the journal of a plan says, without touching it.
pub(super) fn peek(plan: &Path, digest: &Digest) -> Result<Journal, Failure> {
    journal::peek(plan, digest).map_err(failure)
}

/// What to do about a journal.
pub(super) fn failure(fault: JournalFault) -> Failure {
    let hint = match &fault {
        JournalFault::Taken(_) => Some("wait for the other `ifmatch apply`, or stop it first"),
        JournalFault::Foreign(_) => Some("move it away: rows that both plans have keep their keys and are taken once"),
        JournalFault::Edited(..) => Some("put it back as it was, or move it away: rows are taken once anyway"),
        JournalFault::Disk(..) => None,
    };
    let failure = Failure::new(Kind::User, fault);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
