//! `ifmatch sources release`: lets a file go that the gateway holds.

use super::follow::{EXITS, Follow, part};
use crate::cli::Context;
use crate::client::{self, Body};
use crate::commands::apply::line::GatewayLine;
use crate::error::Failure;
use crate::exit::Exit;
use http::Method;
use serde_json::json;
use std::time::Duration;

/// Let a file go that is held, for example because more would change than can be believed.
///
/// Look at its account first: it has the figures. The release, its reason and your name stand in the audit log. Sources may not release
/// their own files.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("Example:
  $ ifmatch sources release scheduler week-48.ndjson --reason \"the centre in Lyon closes\"

{EXITS}"))]
pub(super) struct Args {
    /// The source.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The file, by its name or its id.
    #[arg(value_name = "FILE")]
    file: String,
    /// Why it is right.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    follow: Follow,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    client::converse(async {
        let mut line = GatewayLine::open(&args.follow.connect, &context.environment).await?;
        let path = format!("/v1/files/{}/{}/release", part(&args.source), part(&args.file));
        let body = Body::json(&json!({"reason": args.reason}));
        let begun = line.gateway().send(Method::POST, &path, body, Duration::ZERO).await?.success()?;
        let rows = begun["rows"].as_u64().and_then(|rows| usize::try_from(rows).ok()).unwrap_or(0);
        args.follow.to_its_end(&mut line, &args.source, begun, rows, context).await
    })
}
