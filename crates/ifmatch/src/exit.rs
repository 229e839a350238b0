//! The exit codes, which scripts rely on.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All done.
    Done = 0,
    /// A bug of ours.
    Bug = 1,
    /// The command line, the configuration or the input is wrong.
    Usage = 2,
    /// The target or the gateway cannot be reached.
    Unreachable = 3,
    /// Something waits for a person.
    Review = 4,
    /// Deferred, or not settled in time.
    Deferred = 5,
    /// There was nothing to do; said only with `--detailed-exitcode`.
    Nothing = 6,
    /// A promise or a bar does not hold.
    Broken = 7,
}

/// What `--help` says at its end.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  a bug
  2  usage, configuration, or an input that is refused
  3  the target or the gateway cannot be reached
  4  something is in review: a person must decide
  5  deferred, or not settled in time
  6  nothing to do (only with --detailed-exitcode)
  7  a promise or a bar does not hold (demo, lab, sim, bench, audit verify)

Data goes to standard output, everything else to standard error.
`ifmatch explain CODE` says what an error code means and what to do.";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests;
