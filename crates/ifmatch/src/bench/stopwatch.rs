//! Times pure code by the processor time of its thread.
//!
//! What the code costs does not depend on who else wants a processor meanwhile; by the wall clock
//! every percentile near the end would be the length of a turn that another process had.

use std::time::Duration;

/// A running stopwatch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(now())
    }

    /// Processor time of this thread since the start.
    pub(crate) fn elapsed(self) -> Duration {
        since(self.0)
    }
}

#[cfg(unix)]
use rustix::time::Timespec as Instant;

#[cfg(unix)]
fn now() -> Instant {
    rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime)
}

#[cfg(unix)]
fn since(start: Instant) -> Duration {
    (now() - start).try_into().unwrap_or_default()
}

/// Elsewhere the wall clock has to do.
#[cfg(not(unix))]
use std::time::Instant;

#[cfg(not(unix))]
fn now() -> Instant {
    Instant::now()
}

#[cfg(not(unix))]
fn since(start: Instant) -> Duration {
    start.elapsed()
}
