//! `ifmatch serve`: the gateway.

use crate::cli::Context;
use crate::commands::{config, scenario};
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::log;
use anyhow::Context as _;
use ifmatch_server::config::{Flags, load};
use ifmatch_server::{Ended, Running, SandboxSetup, ServeError, ServeOptions, Signals};
use std::path::PathBuf;

/// Start the gateway. Prints one line of JSON first, then runs until SIGTERM or Ctrl-C.
///
/// The line has "url", "data" and "store"; with --sandbox also "client_id" and "client_secret" of
/// a ready-made source, and the sandbox's URL. The log goes to standard error; IFMATCH_LOG
/// filters it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch serve --sandbox
  $ ifmatch serve --sandbox --dialect genesys-cloud
  $ ifmatch serve --config ifmatch.toml --observe
  $ ifmatch serve --config ifmatch.toml --data ifmatch-data
  $ ifmatch serve --sandbox --scenario hostile --seed 7 --speed 60 --listen 127.0.0.1:0")]
pub(crate) struct Args {
    #[command(flatten)]
    file: config::File,
    /// Data folder, with the store and the operator's token [default: ifmatch-data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8409].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Add an org that points at a built-in sandbox.
    #[arg(long)]
    sandbox: bool,
    /// Only watch: forward every request of every source as it is, and report what they erase (`ifmatch observe report`).
    #[arg(long)]
    observe: bool,
    /// The API that is spoken with the sandbox [default: wfm-v2].
    #[arg(long, requires = "sandbox", value_name = "NAME", value_parser = ["wfm-v2", "genesys-cloud"])]
    dialect: Option<String>,
    #[command(flatten)]
    scenario: scenario::ScenarioArgs,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let options = options(args, context)?;
    log::start(&context.environment, log::DEFAULT)?;
    let runtime = tokio::runtime::Runtime::new()
        .context("the runtime does not start")
        .map_err(|error| Failure::new(Kind::Bug, error))?;
    runtime.block_on(async {
        let running = ifmatch_server::serve(options).await.map_err(failure)?;
        run_until_ended(running, context).await
    })
}

async fn run_until_ended(mut running: Running, context: &Context) -> Result<Exit, Failure> {
    running.ready().await;
    let signals =
        Signals::listen().context("signals cannot be waited for").map_err(|error| Failure::new(Kind::Bug, error))?;
    context.out.json(&running.first_line());
    let ended = running.ended_on(signals).await;
    running.shutdown().await;
    match ended {
        Ended::Asked => Ok(Exit::Done),
        Ended::Broken => {
            Err(Failure::new(Kind::Bug, anyhow::anyhow!("a part of the gateway broke; the log says which"))
                .hint("start it again: what was accepted is in the store"))
        }
    }
}

fn options(args: &Args, context: &Context) -> Result<ServeOptions, Failure> {
    if args.scenario.is_given() && !args.sandbox {
        return Err(Failure::user("--scenario, --seed and --speed are about the sandbox").hint("add --sandbox"));
    }
    let flags =
        Flags { file: args.file.path(), listen: args.listen.clone(), data: args.data.clone(), observe: args.observe };
    let loaded = load(&flags, &context.environment)?;
    for warning in &loaded.warnings {
        context.out.talk(&format!("warning: {warning}"));
    }
    if loaded.config.orgs.is_empty() && !args.sandbox {
        let failure =
            Failure::new(Kind::Config, anyhow::anyhow!("the configuration has no org: there is nothing to serve"));
        return Err(failure
            .hint("add an [[org]] (`ifmatch config print --default` shows one), or try `ifmatch serve --sandbox`"));
    }
    let sandbox = match args.sandbox {
        true => {
            let setup = SandboxSetup::new(args.scenario.scenario()?, args.scenario.seed(), args.scenario.speed());
            let dialect =
                if args.dialect.as_deref() == Some("genesys-cloud") { "genesys-cloud" } else { setup.dialect };
            Some(SandboxSetup { dialect, ..setup })
        }
        false => None,
    };
    Ok(ServeOptions { config: loaded.config, sandbox, extra_sources: Vec::new() })
}

fn failure(error: ServeError) -> Failure {
    let hint = error.hint();
    let kind = if matches!(error, ServeError::Thread(_)) { Kind::Bug } else { Kind::Config };
    let failure = Failure::new(kind, error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
