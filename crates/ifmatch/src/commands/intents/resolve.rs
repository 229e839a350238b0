//! `ifmatch intents resolve`: a person's decision on a review.

use super::{Standing, describe, fetch};
use crate::cli::Context;
use crate::client::{Answer, Body, Connect, Gateway};
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use clap::ArgGroup;
use http::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Decide an intent in review.
///
/// The decision holds for the values that `intents show` prints as the target's. If one of them
/// has moved meanwhile, nothing is written, the new conflict is printed, and the exit code is 4.
#[derive(Debug, clap::Args)]
#[command(
    group(ArgGroup::new("action").required(true)),
    after_help = "Examples:
  $ ifmatch intents resolve int_01J8Z --apply --choose /score=local --note agreed
  $ ifmatch intents resolve int_01J8Z --apply --choose /score=88
  $ ifmatch intents resolve int_01J8Z --discard"
)]
pub(crate) struct Args {
    /// Its id.
    #[arg(value_parser = super::id)]
    id: String,
    /// Write the chosen values; a path that is not named takes the intent's own.
    #[arg(long, group = "action")]
    apply: bool,
    /// Drop the intent.
    #[arg(long, group = "action")]
    discard: bool,
    /// Try it again as it is.
    #[arg(long, group = "action")]
    retry: bool,
    /// What shall stand at a path: local (the intent's value), remote (the target's), earlier or later (of a local
    /// time in doubt), or a value as JSON.
    #[arg(long, value_name = "PATH=SIDE", value_parser = choice, requires = "apply")]
    choose: Vec<(String, Value)>,
    /// Why, for the audit log.
    #[arg(long)]
    note: Option<String>,
    /// Who decides, for the audit log; the operator decides in somebody's name.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let path = format!("/v1/intents/{}/decision", args.id);
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let intent = fetch(&gateway, &args.id, Duration::ZERO).await?;
    for conflict in describe::conflicts(&intent) {
        context.out.talk(&describe::sides(conflict));
    }
    let decision = args.decision(&intent)?;
    let answer = gateway.send(Method::POST, &path, Body::json(&decision), Duration::ZERO).await?;
    if answer.code().as_deref() == Some("conflict_moved") {
        return moved(&args.id, &answer, context);
    }
    let answer = answer.success()?;
    context.out.data(&answer, || describe::line(&answer));
    Ok(if Standing::of(&answer) == Standing::Review { Exit::Review } else { Exit::Done })
}

/// The new conflict, for the person to look at.
fn moved(id: &str, answer: &Answer, context: &Context) -> Result<Exit, Failure> {
    let problem: Value = serde_json::from_slice(&answer.body).map_err(|error| Failure::new(Kind::Remote, error))?;
    let intent = problem.get("intent").unwrap_or(&problem);
    context.out.data(intent, || describe::page(intent));
    context.out.talk(&format!(
        "the conflict of {id} moved while you decided: nothing was written; look at it and decide again"
    ));
    Ok(Exit::Review)
}

impl Args {
    fn decision(&self, intent: &Value) -> Result<Value, Failure> {
        let conflicts = describe::conflicts(intent);
        let paths = || conflicts.iter().filter_map(|conflict| conflict.get("path")?.as_str());
        if let Some((path, _)) = self.choose.iter().find(|(path, _)| !paths().any(|known| known == path)) {
            let known: Vec<&str> = paths().collect();
            let failure = Failure::user(format!("there is no conflict at {path:?}"));
            return Err(match known.is_empty() {
                true => failure.hint("this intent has no conflicts: use --apply, --retry or --discard alone"),
                false => failure.hint(format!("its conflicts are at {}", known.join(", "))),
            });
        }
        let action = match (self.apply, self.discard) {
            (true, _) => "apply",
            (_, true) => "discard",
            _ => "retry",
        };
        let seen: Map<String, Value> = conflicts
            .iter()
            .filter_map(|conflict| Some((conflict.get("path")?.as_str()?.to_owned(), conflict.get("seen")?.clone())))
            .collect();
        let mut decision = json!({ "action": action, "seen": seen });
        if !self.choose.is_empty() {
            decision["choose"] = self.choose.iter().cloned().collect::<Map<String, Value>>().into();
        }
        for (name, text) in [("note", &self.note), ("by", &self.by)] {
            if let Some(text) = text {
                decision[name] = text.as_str().into();
            }
        }
        Ok(decision)
    }
}

/// `PATH=local`, `PATH=remote`, `PATH=earlier`, `PATH=later` or `PATH=JSON`.
fn choice(text: &str) -> Result<(String, Value), String> {
    let (path, side) = text.split_once('=').ok_or("write PATH=local, PATH=remote or PATH=JSON")?;
    if !path.is_empty() && !path.starts_with('/') {
        return Err("the path is a JSON Pointer and begins with /".to_owned());
    }
    let side = match side {
        "local" | "remote" | "earlier" | "later" => side.into(),
        json => {
            let value: Value = serde_json::from_str(json)
                .map_err(|_| format!("{json} is neither local, remote nor JSON; a text needs quotes: '\"text\"'"))?;
            json!({ "value": value })
        }
    };
    Ok((path.to_owned(), side))
}

#[cfg(test)]
mod tests;
