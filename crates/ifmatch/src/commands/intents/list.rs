//! `ifmatch intents list`: intents, the newest first.

use crate::cli::Context;
use crate::client::{Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::{self, field, one_line, resource};
use serde_json::Value;
use std::time::Duration;

/// List intents, the review inbox among them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch intents list --state review
  $ ifmatch intents list --source servicenow --limit 20 --json")]
pub(crate) struct Args {
    /// Only those in these states, for example review, or parked,deferred.
    #[arg(long, value_name = "STATES")]
    state: Option<String>,
    /// Only those of this source.
    #[arg(long)]
    source: Option<String>,
    /// Only those for this kind of resource.
    #[arg(long)]
    kind: Option<String>,
    /// Only those with this code, for example review/true_conflict.
    #[arg(long)]
    code: Option<String>,
    /// Only those of this org; needed where the gateway serves several.
    #[arg(long)]
    org: Option<String>,
    /// At most so many, from 1 to 1000.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// The oldest first instead of the newest.
    #[arg(long)]
    oldest: bool,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let answer = gateway.get(&format!("/v1/intents?{}", args.query()), Duration::ZERO).await?;
    let intents = answer.get("intents").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if context.out.is_json() {
        intents.iter().for_each(|intent| context.out.json(intent));
    } else if intents.is_empty() {
        context.out.talk("no intents");
    } else {
        context.out.text(&output::table(&HEADINGS, intents.iter().map(row).collect()));
    }
    if !field(&answer, "/next").is_empty() {
        context.out.talk("there are more: raise --limit or narrow the filter");
    }
    Ok(Exit::Done)
}

impl Args {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &self.limit.to_string());
        query.append_pair("order", if self.oldest { "oldest" } else { "newest" });
        let filters = [
            ("state", &self.state),
            ("source", &self.source),
            ("kind", &self.kind),
            ("code", &self.code),
            ("org", &self.org),
        ];
        for (name, value) in filters {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

const HEADINGS: [&str; 6] = ["id", "state", "resource", "source", "accepted", "reason"];

fn row(intent: &Value) -> Vec<String> {
    let state = Some(field(intent, "/code")).filter(|code| !code.is_empty()).unwrap_or_else(|| field(intent, "/state"));
    vec![
        field(intent, "/id"),
        state,
        intent.get("resource").map(resource).unwrap_or_default(),
        field(intent, "/source"),
        field(intent, "/accepted_at"),
        one_line(&field(intent, "/reason"), 60),
    ]
}
