//! `ifmatch intents show`: one intent with its conflict.

use super::{describe, fetch};
use crate::cli::Context;
use crate::client::{Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use std::time::Duration;

/// Show one intent: where it stands, how many attempts it took so far, the three sides of its conflict.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch intents show int_01J8Z")]
pub(crate) struct Args {
    /// Its id.
    #[arg(value_parser = super::id)]
    id: String,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let answer = fetch(&gateway, &args.id, Duration::ZERO).await?;
    context.out.data(&answer, || describe::page(&answer));
    Ok(Exit::Done)
}
