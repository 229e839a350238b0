//! `ifmatch audit`: checks an exported log, without a gateway.

use crate::cli::Context;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use anyhow::Context as _;
use clap::Subcommand;
use ifmatch_audit::{Checkpoint, verify_export};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Check the log of an org.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check an export: every record follows from the one before, and the log ends where the checkpoint says.
    ///
    /// Exits with 7 and names the first bad record if not. A checkpoint that was kept elsewhere
    /// also shows what was cut off or written anew at the end.
    #[command(after_help = "Examples:
  $ ifmatch audit verify export
  $ ifmatch audit verify export --checkpoint kept/checkpoint")]
    Verify {
        /// The folder with records.ndjson and checkpoint.
        dir: PathBuf,
        /// A checkpoint that was kept elsewhere, instead of the one in the folder.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let Command::Verify { dir, checkpoint } = &args.command;
    let file = checkpoint.clone().unwrap_or_else(|| dir.join("checkpoint"));
    let checkpoint: Checkpoint = read(&file)?
        .parse()
        .with_context(|| format!("{} cannot be used", file.display()))
        .map_err(|error| Failure::new(Kind::User, error))?;
    let records = read(&dir.join("records.ndjson"))?;
    match verify_export(&records, &checkpoint) {
        Ok(()) => {
            let value = json!({"ok": true, "org": checkpoint.org, "size": checkpoint.size, "head": checkpoint.head.to_string()});
            context.out.data(&value, || {
                format!("sound: {} records of org {}, head {}", checkpoint.size, checkpoint.org, checkpoint.head)
            });
            Ok(Exit::Done)
        }
        Err(fault) => {
            let value =
                json!({"ok": false, "org": checkpoint.org, "index": fault.index, "reason": fault.kind.to_string()});
            context.out.data(&value, || format!("NOT sound: {fault}"));
            Ok(Exit::Broken)
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()));
    text.map_err(|error| {
        Failure::new(Kind::User, error).hint("the folder is one that holds records.ndjson and checkpoint")
    })
}
