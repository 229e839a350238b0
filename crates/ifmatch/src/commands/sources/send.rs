//! `ifmatch sources send`: sends a file of a source to the gateway, as if it had come into its folder.

use super::follow::{EXITS, Follow, part};
use crate::cli::Context;
use crate::client;
use crate::commands::apply::line::GatewayLine;
use crate::error::Failure;
use crate::exit::Exit;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the sending of a file may take.
const SENDING: Duration = Duration::from_secs(3600);

/// Send a file of a source that has [source.files], and wait until every row is accounted for.
///
/// The gateway keeps the file and carries it on by itself: the command may be stopped, or started again, at any time. A file of the same
/// name and content is taken once; a whole state is compared with what the source said before.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("Examples:
  $ ifmatch sources send scheduler week-48.ndjson
  $ ifmatch sources send reviews reviews.csv --account account.ndjson

{EXITS}
docs/FILES.md has the whole of it."))]
pub(super) struct Args {
    /// The source.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
    #[command(flatten)]
    follow: Follow,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let rows = rows(&args.path)?;
    client::converse(async {
        let mut line = GatewayLine::open(&args.follow.connect, &context.environment).await?;
        let begun = hand_over(&line, &args.source, &args.path, "").await?;
        args.follow.to_its_end(&mut line, &args.source, begun, rows, context).await
    })
}

/// Sends a file; how it stands then.
pub(super) async fn hand_over(
    line: &GatewayLine<'_>,
    source: &str,
    path: &Path,
    query: &str,
) -> Result<Value, Failure> {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let name = name.ok_or_else(|| Failure::user(format!("{} has no name that can be sent", path.display())))?;
    let to = format!("/v1/files/{}/{}{query}", part(source), part(name));
    line.gateway().send_file(&to, open(path)?, SENDING).await?.success()
}

/// About how many rows a file has, for the bar.
pub(super) fn rows(path: &Path) -> Result<usize, Failure> {
    let mut reader = BufReader::new(open(path)?);
    let mut rows = 0;
    loop {
        let piece = reader.fill_buf().map_err(|error| cannot(path, &error))?;
        if piece.is_empty() {
            return Ok(rows);
        }
        rows += piece.iter().filter(|byte| **byte == b'\n').count();
        let used = piece.len();
        reader.consume(used);
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::user(format!("{} cannot be read: {error}", path.display()))
}
