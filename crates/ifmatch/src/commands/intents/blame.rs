//! `ifmatch intents blame`: who wrote what stands in a record.

use crate::cli::Context;
use crate::client::{Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::{self, field, one_line};
use serde_json::Value;
use std::time::Duration;

/// Say for each path of a record, and each stretch of a shift's hours, who wrote what stands there, at which version and
/// when.
///
/// The record as the gateway last saw it: its own intents by source and id, everybody else by the
/// name that the target gives. What stood there before the gateway looked is of nobody known.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch intents blame quality-score/qs-118
  $ ifmatch intents blame agent-schedule/s-2026-14/a-7 --org acme --json")]
pub(crate) struct Args {
    /// The record.
    #[arg(value_name = "KIND/ID", value_parser = resource)]
    resource: (String, String),
    /// The org; needed where the gateway serves several.
    #[arg(long)]
    org: Option<String>,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let answer = gateway.get(&format!("/v1/blame?{}", args.query()), Duration::ZERO).await?;
    let rows = answer.get("rows").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if context.out.is_json() {
        rows.iter().for_each(|row| context.out.json(row));
        return Ok(Exit::Done);
    }
    context.out.text(&output::table(&HEADINGS, rows.iter().map(cells).collect()));
    if answer.get("absent") == Some(&Value::Bool(true)) {
        context.out.talk("the target has said since that there is no such record");
    }
    Ok(Exit::Done)
}

impl Args {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("kind", &self.resource.0).append_pair("id", &self.resource.1);
        if let Some(org) = &self.org {
            query.append_pair("org", org);
        }
        query.finish()
    }
}

/// A record on the command line; the id may hold slashes.
fn resource(text: &str) -> Result<(String, String), String> {
    let named = text.split_once('/').filter(|(kind, id)| !kind.is_empty() && !id.is_empty());
    let (kind, id) = named.ok_or("names no record; write KIND/ID, for example quality-score/qs-118")?;
    Ok((kind.to_owned(), id.to_owned()))
}

const HEADINGS: [&str; 5] = ["path", "value", "by", "version", "at"];

fn cells(row: &Value) -> Vec<String> {
    let (version, after) = (field(row, "/version"), field(row, "/after"));
    let by = match field(row, "/by").as_str() {
        "source" => format!("{} by {}", field(row, "/source"), field(row, "/intent")),
        "other" => {
            Some(field(row, "/writer")).filter(|name| !name.is_empty()).unwrap_or_else(|| "somebody else".to_owned())
        }
        _ => format!("not known since version {}", if version.is_empty() { "?" } else { version.as_str() }),
    };
    let version = match (row["by"] == "unknown", after.is_empty()) {
        (true, _) => String::new(),
        (false, true) => version,
        (false, false) => format!("after {after}, at most {version}"),
    };
    let value = row.get("value").map(Value::to_string).unwrap_or_default();
    let path = match (field(row, "/stretch/from"), field(row, "/stretch/until")) {
        (from, until) if !from.is_empty() => format!("{} {from} to {until}", field(row, "/path")),
        _ => field(row, "/path"),
    };
    let value = if row.get("stretch").is_some() && row["value"].is_null() { "nothing".to_owned() } else { value };
    vec![path, one_line(&value, 40), by, version, field(row, "/at")]
}

#[cfg(test)]
mod tests;
