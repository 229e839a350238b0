//! `ifmatch sandbox`: the emulator of the target, alone.

use crate::cli::Context;
use crate::commands::scenario;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::log;
use anyhow::Context as _;
use ifmatch_server::{SandboxOptions, Signals, scenario_clock, serve_sandbox};
use std::net::SocketAddr;

/// Start the emulator of the target alone. Prints one line of JSON first, then runs until SIGTERM or Ctrl-C.
///
/// The line has "url", "client_id", "client_secret" and "options": every point on which reports
/// about the API differ, and what this sandbox does about it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch sandbox
  $ ifmatch sandbox --scenario hostile --seed 7 --listen 127.0.0.1:0")]
pub(crate) struct Args {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8410")]
    listen: SocketAddr,
    #[command(flatten)]
    scenario: scenario::ScenarioArgs,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let scenario = args.scenario.scenario()?;
    let clock = scenario_clock(&scenario, args.scenario.speed());
    let options = SandboxOptions { listen: args.listen, scenario, seed: args.scenario.seed(), clock };
    log::start(&context.environment, log::DEFAULT)?;
    let bug = |error| Failure::new(Kind::Bug, error);
    let runtime = tokio::runtime::Runtime::new().context("the runtime does not start").map_err(bug)?;
    runtime.block_on(async {
        let running = serve_sandbox(options).await.map_err(|error| {
            Failure::new(Kind::Config, error).hint("choose another address with --listen; port 0 takes a free one")
        })?;
        let mut signals = Signals::listen().context("signals cannot be waited for").map_err(bug)?;
        context.out.json(&running.first_line());
        signals.asked().await;
        running.shutdown().await;
        Ok(Exit::Done)
    })
}
