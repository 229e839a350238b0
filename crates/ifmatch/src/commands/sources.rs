//! `ifmatch sources`: the senders of a configuration, what their messages would become, and their files.

mod adopt;
mod files;
mod follow;
mod list;
mod release;
mod send;
mod r#try;

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;

/// Look at the sources of a configuration, try what their messages would become, and send their files.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Try(r#try::Args),
    Send(send::Args),
    Files(files::Args),
    Release(release::Args),
    Adopt(adopt::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.command {
        Command::List(args) => list::run(args, context),
        Command::Try(args) => r#try::run(args, context),
        Command::Send(args) => send::run(args, context),
        Command::Files(args) => files::run(args, context),
        Command::Release(args) => release::run(args, context),
        Command::Adopt(args) => adopt::run(args, context),
    }
}
