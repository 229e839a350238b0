//! `ifmatch intents why`: one paragraph about what an intent waits for and what comes next.

use super::{describe, fetch};
use crate::cli::Context;
use crate::client::{Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::{field, resource};
use serde_json::{Value, json};
use std::time::Duration;

/// Say in one paragraph why an intent stands where it stands, and what comes next.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch intents why int_01J8Z")]
pub(crate) struct Args {
    /// Its id.
    #[arg(value_parser = super::id)]
    id: String,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let path = format!("/v1/intents/{}/why", args.id);
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let said = gateway.get(&path, Duration::ZERO).await?;
    let intent = fetch(&gateway, &args.id, Duration::ZERO).await?;
    let text = paragraph(&field(&said, "/why"), &intent);
    let value = json!({ "id": said["id"], "state": said["state"], "code": said["code"], "why": text });
    context.out.data(&value, || text);
    Ok(Exit::Done)
}

/// What the gateway says of the waiting, then what the intent is about, its evidence, and the next step.
fn paragraph(said: &str, intent: &Value) -> String {
    let meant = intent.get("resource").map(resource).unwrap_or_default();
    let mut sentences = vec![said.to_owned(), format!("It was sent by {} for {meant}.", field(intent, "/source"))];
    let reason = field(intent, "/reason");
    if !reason.is_empty() && !said.contains(&reason) {
        sentences.push(format!("The reason: {reason}."));
    }
    match intent.get("attempts").and_then(Value::as_u64).unwrap_or(0) {
        0 => {}
        1 => sentences.push("So far one write went to the target for it.".to_owned()),
        writes => sentences.push(format!("So far {writes} writes went to the target for it.")),
    }
    sentences.extend(describe::conflicts(intent).iter().map(|conflict| format!("At {}.", describe::sides(conflict))));
    sentences.extend(next(intent));
    sentences.join(" ")
}

/// What a person can do.
fn next(intent: &Value) -> Option<String> {
    let id = field(intent, "/id");
    match (field(intent, "/state").as_str(), field(intent, "/winner")) {
        ("review", _) => Some(format!(
            "Decide it with `ifmatch intents resolve {id} --apply`, `--discard` or `--retry`; \
             `ifmatch explain {}` says what the case means.",
            field(intent, "/code")
        )),
        (_, winner) if !winner.is_empty() => {
            Some(format!("See `ifmatch intents why {winner}`, which stands in its place."))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
