//! `ifmatch sources list`: the sources of a configuration and their hooks.

use crate::cli::Context;
use crate::commands::config::{self, File};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;
use ifmatch_server::config::SourceSettings;
use serde_json::{Value, json};

/// List the sources of the configuration, with their hooks.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch sources list --config ifmatch.toml")]
pub(super) struct Args {
    #[command(flatten)]
    file: File,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let loaded = config::read(args.file.path(), context)?;
    let sources: Vec<Value> = loaded.config.sources.iter().map(described).collect();
    let rows = || {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let row = |source: &Value| ["name", "org", "hook", "form", "files"].map(|name| text(&source[name])).to_vec();
        output::table(&["source", "org", "hook", "form", "files"], sources.iter().map(row).collect())
    };
    context.out.data(&json!({ "sources": sources }), rows);
    Ok(Exit::Done)
}

fn described(source: &SourceSettings) -> Value {
    let (hook, files) = (source.hook.as_ref(), source.files.as_ref());
    json!({
        "name": source.name, "org": source.org,
        "hook": hook.map(|_| format!("/v1/hooks/{}", source.name)),
        "files": files.map(|files| format!("{} ({})", files.format.as_str(), files.mode.as_str())),
        "watch": files.and_then(|files| files.watch.as_ref()),
        "form": hook.map(|hook| hook.form.as_str()),
        "maps": hook.map(|hook| hook.maps.iter().map(|map| map.kind.as_str()).collect::<Vec<_>>()),
    })
}
