//! `ifmatch why` and `ifmatch intents why`: one paragraph: evidence, class, action, when next.

use crate::cli::Context;
use crate::client::{self, Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::field;
use ifmatch_server::errors;
use serde_json::Value;
use std::time::Duration;

/// Say in one paragraph why an intent stands where it stands, and what comes next.
///
/// What the target said last, what that was taken for, what is done about it, when it goes on and
/// until when. Of one that has ended: what ended it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch why int_01J8Z
  $ ifmatch intents why int_01J8Z")]
pub(crate) struct Args {
    /// Its id.
    #[arg(value_parser = super::id)]
    id: String,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command by its short name.
pub(crate) fn run_alone(args: &Args, context: &Context) -> Result<Exit, Failure> {
    client::converse(run(args, context))
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let path = format!("/v1/intents/{}/why", args.id);
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let said = gateway.get(&path, Duration::ZERO).await?;
    context.out.data(&said, || text(&said));
    Ok(Exit::Done)
}

/// What the gateway says, and where its code is explained.
fn text(said: &Value) -> String {
    let (why, code) = (field(said, "/why"), field(said, "/code"));
    match errors::page(&code) {
        Some(_) => format!("{why} `ifmatch explain {code}` says more."),
        None => why,
    }
}

#[cfg(test)]
mod tests;
