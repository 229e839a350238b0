//! The one place that prints.

use std::io::Write as _;

/// Prints a line and flushes, so that it stands in order with what child processes print.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe is no reason to fail: the exit code tells the result.
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}
