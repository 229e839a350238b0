//! `ifmatch intents cancel`: withdraws an intent.

use super::describe;
use crate::cli::Context;
use crate::client::{Body, Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use http::Method;
use std::time::Duration;

/// Withdraw an intent. One whose attempt may be under way ends only when that is known.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch intents cancel int_01J8Z")]
pub(crate) struct Args {
    /// Its id.
    #[arg(value_parser = super::id)]
    id: String,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let path = format!("/v1/intents/{}/cancel", args.id);
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let answer = gateway.send(Method::POST, &path, Body::empty(), Duration::ZERO).await?.success()?;
    context.out.data(&answer, || describe::line(&answer));
    Ok(Exit::Done)
}
