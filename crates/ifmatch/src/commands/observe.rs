//! `ifmatch observe`: what observe mode found.

mod html;
mod report;
mod words;

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;

/// See what integrations in observe mode did to other people's edits.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Report(report::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.command {
        Command::Report(args) => report::run(args, context),
    }
}
