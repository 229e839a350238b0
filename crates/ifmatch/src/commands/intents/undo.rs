//! `ifmatch intents undo`: takes back what an intent wrote.

use super::outcome::Standing;
use super::{describe, fetch, seconds};
use crate::cli::Context;
use crate::client::{Body, Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::field;
use http::Method;
use std::time::Duration;

/// Take back what an intent wrote, as a new intent of yours.
///
/// Only values that still stand as it wrote them are put back. Where somebody changed one since,
/// the whole undo waits in review and that person's value stands. Of a pair or a swap both halves
/// are taken back, or neither.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch intents undo int_01J8Z
  $ ifmatch intents undo int_01J8Z --wait 30

Exit codes: 0 done, 2 there is nothing to undo, 4 in review, 5 not settled in time.")]
pub(crate) struct Args {
    /// Its id.
    #[arg(value_parser = super::id)]
    id: String,
    /// Wait so many seconds for the new intent to settle.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    wait: Option<Duration>,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let path = format!("/v1/intents/{}/undo", args.id);
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let mut answer = gateway.send(Method::POST, &path, Body::empty(), Duration::ZERO).await?.success()?;
    if let Some(wait) = args.wait {
        answer = fetch(&gateway, &field(&answer, "/id"), wait).await?;
    }
    context.out.data(&answer, || describe::line(&answer));
    Ok(if args.wait.is_some() { Standing::of(&answer).exit() } else { Exit::Done })
}
