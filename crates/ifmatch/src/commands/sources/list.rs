//! `ifmatch sources list`: the sources of a configuration and their hooks.

use crate::cli::Context;
use crate::commands::config::{self, File};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;
use ifmatch_server::config::SourceSettings;
use serde_json::{Value, json};

/// List the sources of the configuration, with their hooks, and the secrets that are missing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch sources list --config ifmatch.toml")]
pub(super) struct Args {
    #[command(flatten)]
    file: File,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let loaded = config::look(args.file.path(), context)?;
    let described = |(at, source): (usize, &SourceSettings)| {
        let section = format!("source.{at}.");
        let missing = loaded.missing.iter().filter(|error| error.field.starts_with(&section));
        described(source, missing.map(|error| error.reason.as_str()).collect())
    };
    let sources: Vec<Value> = loaded.config.sources.iter().enumerate().map(described).collect();
    let rows = || {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let row = |source: &Value| {
            let mut row = ["name", "org", "hook", "form", "files"].map(|name| text(&source[name])).to_vec();
            let missing: Vec<&str> =
                source["missing"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            row.push(if missing.is_empty() { "-".to_owned() } else { missing.join("; ") });
            row
        };
        output::table(&["source", "org", "hook", "form", "files", "missing"], sources.iter().map(row).collect())
    };
    context.out.data(&json!({ "sources": sources }), rows);
    Ok(Exit::Done)
}

/// A source, and why secrets of it are not there.
fn described(source: &SourceSettings, missing: Vec<&str>) -> Value {
    let (hook, files) = (source.hook.as_ref(), source.files.as_ref());
    json!({
        "name": source.name, "org": source.org,
        "hook": hook.map(|_| format!("/v1/hooks/{}", source.name)),
        "files": files.map(|files| format!("{} ({})", files.format.as_str(), files.mode.as_str())),
        "watch": files.and_then(|files| files.watch.as_ref()),
        "form": hook.map(|hook| hook.form.as_str()),
        "missing": missing,
        "maps": hook.map(|hook| hook.maps.iter().map(|map| map.kind.as_str()).collect::<Vec<_>>()),
    })
}
