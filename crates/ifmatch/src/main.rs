//! The one binary: gateway, sandbox, and the command line for both.
//!
//! [`cli`] is the tree of commands, `commands/` has one file per command, [`output`] is the only
//! place that prints, [`exit`] says what each exit code means.

mod bench;
mod cli;
mod client;
mod commands;
mod demo;
mod error;
mod exit;
mod live;
mod log;
mod output;

use std::process::ExitCode;

/// A gateway allocates many small values on several threads; measured in `docs/design/010-allocator.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The panic's own words are printed by the hook; what is left to do is the exit code.
    std::panic::catch_unwind(cli::run).unwrap_or(exit::Exit::Bug).into()
}
