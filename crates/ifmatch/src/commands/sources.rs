//! `ifmatch sources`: the senders of a configuration, and what their messages would become.

mod list;
mod r#try;

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;

/// Look at the sources of a configuration, and try what their messages would become.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Try(r#try::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.command {
        Command::List(args) => list::run(args, context),
        Command::Try(args) => r#try::run(args, context),
    }
}
