//! `ifmatch intents`: the queue and the review inbox.

mod blame;
mod cancel;
mod describe;
mod list;
mod outcome;
mod resolve;
mod show;
mod submit;
mod undo;
mod why;

use crate::cli::Context;
use crate::client::{self, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;
use serde_json::Value;
use std::time::Duration;

pub(crate) use describe::line;
pub(crate) use outcome::Standing;
pub(crate) use submit::per_line;
pub(crate) use why::{Args as WhyArgs, run_alone as why};

/// Submit intents, look at them, decide reviews, take back what landed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Submit(submit::Args),
    List(list::Args),
    Show(show::Args),
    Why(why::Args),
    Cancel(cancel::Args),
    Resolve(resolve::Args),
    Undo(undo::Args),
    Blame(blame::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    client::converse(async {
        match args.command {
            Command::Submit(args) => submit::run(&args, context).await,
            Command::List(args) => list::run(&args, context).await,
            Command::Show(args) => show::run(&args, context).await,
            Command::Why(args) => why::run(&args, context).await,
            Command::Cancel(args) => cancel::run(&args, context).await,
            Command::Resolve(args) => resolve::run(&args, context).await,
            Command::Undo(args) => undo::run(&args, context).await,
            Command::Blame(args) => blame::run(&args, context).await,
        }
    })
}

/// One intent as the gateway has it, after at most `wait`.
pub(crate) async fn fetch(gateway: &Gateway, id: &str, wait: Duration) -> Result<Value, Failure> {
    gateway.get(&format!("/v1/intents/{id}?wait={}", wait.as_secs_f64()), wait).await
}

/// The id of an intent on the command line. It becomes part of a path.
pub(crate) fn id(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    match !text.is_empty() && text.bytes().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("no id of an intent; ids look like int_01J8Z…, `ifmatch intents list` shows them".to_owned()),
    }
}

/// A number of seconds on the command line.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match (0.0..=86_400.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("from 0 to 86400 seconds".to_owned()),
    }
}
