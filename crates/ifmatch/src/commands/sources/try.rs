//! `ifmatch sources try`: the intents that a message would become, without a gateway.
//!
//! The same functions as behind `POST /v1/hooks/{source}`; who sends is not asked here. What the translation lets through is shown to the
//! dialect of the source's org as well, as at the gateway's door.

use crate::cli::Context;
use crate::commands::config::{self, File};
use crate::error::Failure;
use crate::exit::Exit;
use ifmatch_core::{Dialect, Intent, IntentError};
use ifmatch_dialects::{GenesysCloud, WfmV2};
use ifmatch_server::config::{Config, SANDBOX};
use ifmatch_sources::Headers;
use ifmatch_sources::form::{Message, Sender};
use ifmatch_sources::hook::{Hook, Verdict};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Show what a message to a source's hook would become, event by event. Nothing is sent.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A file that ends in .ndjson or .jsonl holds one body a line. Exit code 2 if an event would be refused.

Examples:
  $ ifmatch sources try servicenow body.json
  $ ifmatch sources try servicenow reviews.ndjson --json
  $ ifmatch sources try broker event.json --header content-type:application/cloudevents+json"
)]
pub(super) struct Args {
    /// A source of the configuration that has a hook.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The body as it would be sent; `-` for standard input.
    #[arg(value_name = "FILE")]
    body: PathBuf,
    #[command(flatten)]
    file: File,
    /// A header that would come with it; may be repeated.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("must be a name, a colon and a value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let loaded = config::look(args.file.path(), context)?;
    let (hook, dialect) = hook(&loaded.config, &args.source)?;
    let bytes = read(&args.body)?;
    let headers: Headers = args.header.iter().cloned().collect();
    let lines = args.body.extension().is_some_and(|ending| ending == "ndjson" || ending == "jsonl");
    let bodies: Vec<&[u8]> = match lines {
        true => bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect(),
        false => vec![&bytes],
    };
    let (mut event, mut refused) = (0, 0);
    for body in bodies {
        let message = Message { headers: &headers, body, sender: Sender::Credentials };
        for verdict in hook.translate(message).verdicts() {
            event += 1;
            let told = told(event, verdict, dialect.as_deref());
            refused += usize::from(told["verdict"] == "refused");
            context.out.data(&told, || text(&told));
        }
    }
    context.out.talk(&format!("{event} event(s), {refused} refused"));
    Ok(if refused > 0 { Exit::Usage } else { Exit::Done })
}

/// The hook of a source, and the dialect of its org.
fn hook(config: &Config, name: &str) -> Result<(Hook, Option<Box<dyn Dialect>>), Failure> {
    let known = || config.sources.iter().filter(|source| source.hook.is_some());
    let source = known().find(|source| source.name == name).ok_or_else(|| {
        let names: Vec<&str> = known().map(|source| source.name.as_str()).collect();
        let failure = Failure::user(format!("no source with a hook is named {name:?}"));
        match names.is_empty() {
            true => failure.hint("add [source.hook] to a [[source]]; docs/HOOKS.md has examples"),
            false => failure.hint(format!("these have one: {}", names.join(", "))),
        }
    })?;
    let hook = source.translator().ok_or_else(|| Failure::user(format!("{name:?} has no hook")))?;
    let org = config.orgs.iter().find(|org| org.name == source.org);
    let dialect: Option<Box<dyn Dialect>> = match org.map(|org| org.dialect.as_str()) {
        Some("rest") => org.and_then(|org| org.rest.clone()).map(|rest| Box::new(rest) as Box<dyn Dialect>),
        Some("genesys-cloud") => Some(Box::new(GenesysCloud::new())),
        Some("wfm-v2") => Some(Box::new(WfmV2::new())),
        None if source.org == SANDBOX => Some(Box::new(WfmV2::new())),
        Some(_) | None => None,
    };
    Ok((hook, dialect))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        false => std::fs::read(file).map(|read| bytes = read),
    };
    read.map_err(|error| Failure::user(format!("{} cannot be read: {error}", file.display())))?;
    Ok(bytes)
}

/// `{"event": 1, "verdict": "intent", "intent": {…}}`, `{"event", "verdict": "ignored", "reason"}` or
/// `{"event", "verdict": "refused", "code", "field", "reason"}`.
fn told(event: usize, verdict: &Verdict, dialect: Option<&dyn Dialect>) -> Value {
    let door = |intent: &Intent| -> Result<(), IntentError> {
        intent.check()?;
        dialect.map_or(Ok(()), |dialect| dialect.check(intent))
    };
    let refused = |error: &IntentError| json!({"event": event, "verdict": "refused", "code": error.code, "field": error.field, "reason": error.reason});
    match verdict {
        Verdict::Intent(intent) => match door(intent) {
            Ok(()) => json!({"event": event, "verdict": "intent", "intent": intent}),
            Err(error) => refused(&error),
        },
        Verdict::Ignored { reason } => json!({"event": event, "verdict": "ignored", "reason": reason}),
        Verdict::Refused(error) => refused(error),
    }
}

fn text(told: &Value) -> String {
    let word = |name: &str| told[name].as_str().unwrap_or_default();
    let event = &told["event"];
    match word("verdict") {
        "intent" => {
            let pretty = serde_json::to_string_pretty(&told["intent"]).expect("a value is JSON");
            format!("event {event}: intent\n{pretty}")
        }
        "ignored" => format!("event {event}: ignored: {}", word("reason")),
        _ => {
            let place = if word("field").is_empty() { String::new() } else { format!(" at {}", word("field")) };
            format!("event {event}: refused: {}{place}: {}", word("code"), word("reason"))
        }
    }
}
