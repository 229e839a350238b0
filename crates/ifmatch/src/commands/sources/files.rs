//! `ifmatch sources files`: the files of a source and how they stand.

use super::follow::{part, text};
use crate::cli::Context;
use crate::client::{self, Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::{self, field};
use serde_json::Value;
use std::time::Duration;

/// List the files of a source, the newest first; or show one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch sources files scheduler
  $ ifmatch sources files scheduler week-48.ndjson --json")]
pub(super) struct Args {
    /// The source.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// A file, by its name or its id.
    #[arg(value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    connect: Connect,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let below = args.file.as_ref().map(|file| format!("/{}", part(file))).unwrap_or_default();
    let path = format!("/v1/files/{}{below}", part(&args.source));
    let answer = client::converse(async {
        let gateway = Gateway::open(&args.connect, &context.environment).await?;
        gateway.get(&path, Duration::ZERO).await
    })?;
    context.out.data(&answer, || match args.file {
        Some(_) => text(&answer),
        None => table(&answer),
    });
    Ok(Exit::Done)
}

fn table(answer: &Value) -> String {
    let files = answer["files"].as_array().map_or(&[][..], Vec::as_slice);
    let row = |file: &Value| {
        let total = |name: &str| field(file, &format!("/totals/{name}"));
        vec![
            field(file, "/name"),
            field(file, "/id"),
            field(file, "/state"),
            field(file, "/rows"),
            total("accepted"),
            total("refused"),
            field(file, "/code"),
        ]
    };
    output::table(&["file", "id", "state", "rows", "accepted", "refused", "code"], files.iter().map(row).collect())
}
