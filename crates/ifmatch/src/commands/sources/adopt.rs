//! `ifmatch sources adopt`: a whole state becomes what a source said, and nothing is sent.

use super::follow::{EXITS, Follow, part};
use super::send::{hand_over, rows};
use crate::cli::Context;
use crate::client;
use crate::commands::apply::line::GatewayLine;
use crate::error::Failure;
use crate::exit::Exit;
use std::path::PathBuf;

/// Take a whole state for what the source said so far: nothing is sent to the target.
///
/// For the first file of a source whose state the target holds already. From then on files are compared with it, and only what
/// differs is sent. It stands in the audit log under the name of whoever did it.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("Examples:
  $ ifmatch sources adopt scheduler week-48.ndjson
  $ ifmatch sources adopt scheduler week-48.ndjson --compare --account differences.ndjson
  $ ifmatch sources adopt scheduler week-48.ndjson --replace --reason \"the scheduler was set up anew\"

{EXITS}"))]
pub(super) struct Args {
    /// The source.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Forget what the source said before.
    #[arg(long)]
    replace: bool,
    /// Compare it with what the target holds: reads within the budget. Rows that differ are counted and named in the account.
    #[arg(long)]
    compare: bool,
    /// Why, for the audit log.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    follow: Follow,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let rows = rows(&args.path)?;
    let replace = if args.replace { "&replace=true" } else { "" };
    let compare = if args.compare { "&compare=true" } else { "" };
    let reason = args.reason.as_ref().map(|reason| format!("&reason={}", part(reason))).unwrap_or_default();
    let query = format!("?mode=adopt{replace}{compare}{reason}");
    client::converse(async {
        let mut line = GatewayLine::open(&args.follow.connect, &context.environment).await?;
        let begun = hand_over(&line, &args.source, &args.path, &query).await?;
        args.follow.to_its_end(&mut line, &args.source, begun, rows, context).await
    })
}
