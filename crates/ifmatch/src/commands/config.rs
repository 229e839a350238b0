//! `ifmatch config`: checks the configuration and shows what is in force.

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;
use clap::Subcommand;
use ifmatch_server::config::{DEFAULTS, Flags, LoadedConfig, load, load_to_look};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The file that is taken when none is named and it is there.
const FILE: &str = "ifmatch.toml";

/// Check the configuration, or print what is in force and where it comes from.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say whether the gateway would start with it.
    #[command(after_help = "Example:
  $ ifmatch config check --config ifmatch.toml")]
    Check(File),
    /// Print every value in force with its origin; secrets are masked.
    #[command(after_help = "Examples:
  $ ifmatch config print
  $ ifmatch config print --default")]
    Print {
        #[command(flatten)]
        file: File,
        /// Print the commented defaults instead: a file to start from.
        #[arg(long, conflicts_with = "config")]
        default: bool,
    },
}

/// Which file.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct File {
    /// The configuration file [default: ifmatch.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl File {
    /// The file to read, if any.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| Some(PathBuf::from(FILE)).filter(|file| file.exists()))
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.command {
        Command::Check(file) => check(file, context),
        Command::Print { default: true, .. } => {
            context.out.data(&json!({ "default": DEFAULTS }), || DEFAULTS.to_owned());
            Ok(Exit::Done)
        }
        Command::Print { file, .. } => print(file, context),
    }
}

fn check(file: &File, context: &Context) -> Result<Exit, Failure> {
    let path = file.path();
    let loaded = read(path.clone(), context)?;
    let (orgs, sources) = (loaded.config.orgs.len(), loaded.config.sources.len());
    let value = json!({
        "ok": true, "file": path.as_deref().map(Path::to_string_lossy), "orgs": orgs, "sources": sources,
        "warnings": loaded.warnings,
    });
    context.out.data(&value, || {
        let place = path.as_deref().map_or_else(|| "defaults and environment".into(), Path::to_string_lossy);
        format!("{place}: fine, {orgs} org(s), {sources} source(s)")
    });
    Ok(Exit::Done)
}

fn print(file: &File, context: &Context) -> Result<Exit, Failure> {
    let loaded = read(file.path(), context)?;
    let origin = |value: &ifmatch_server::config::EffectiveValue| value.origin.to_string();
    let values = loaded
        .effective
        .iter()
        .map(|value| json!({ "field": value.field, "value": value.value, "origin": origin(value) }));
    let value: Value = values.collect();
    context.out.data(&json!({ "values": value, "warnings": loaded.warnings }), || {
        let rows = loaded.effective.iter().map(|value| vec![value.field.clone(), value.value.clone(), origin(value)]);
        output::table(&["field", "value", "origin"], rows.collect())
    });
    Ok(Exit::Done)
}

/// Reads it, and says its warnings.
pub(crate) fn read(file: Option<PathBuf>, context: &Context) -> Result<LoadedConfig, Failure> {
    let loaded = load(&Flags { file, ..Flags::default() }, &context.environment)?;
    say(&loaded, context);
    Ok(loaded)
}

/// Reads it to look at it: a secret that is missing stops nothing.
pub(crate) fn look(file: Option<PathBuf>, context: &Context) -> Result<LoadedConfig, Failure> {
    let loaded = load_to_look(&Flags { file, ..Flags::default() }, &context.environment)?;
    say(&loaded, context);
    Ok(loaded)
}

fn say(loaded: &LoadedConfig, context: &Context) {
    for warning in &loaded.warnings {
        context.out.talk(&format!("warning: {warning}"));
    }
}
