//! `ifmatch demo`: the five founding incidents, through a naive loop and through ifmatch.

use crate::cli::Context;
use crate::demo::{self, Entry, Incident, Kept, Plan};
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::live;
use crate::log;
use ifmatch_server::Signals;
use std::sync::Arc;
use std::time::Duration;

/// Play the five founding incidents through a naive retry loop and through ifmatch.
///
/// Starts a sandbox of the target and a gateway for each on loopback, with a store in a temporary
/// folder. Needs no set-up and at most a minute. Exits with 7 if a promise did not hold for
/// ifmatch.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch demo
  $ ifmatch demo --only I01,I05 --seed 7
  $ ifmatch demo --doors
  $ ifmatch demo --keep")]
pub(crate) struct Args {
    /// Only these incidents, by name (I01 to I05).
    #[arg(long, value_name = "I01,I05", value_delimiter = ',', value_parser = incident)]
    only: Vec<Incident>,
    /// Seed of everything that is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Bring the wishes to ifmatch as they come in the field: signed and open webhooks, an export in CSV, files in NDJSON, scripts
    /// through the proxy, a timer. Else they are intents over its own API.
    #[arg(long)]
    doors: bool,
    /// Leave the last gateway and its sandbox running until SIGTERM or Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Print every single finding on standard error, and the log of the gateways.
    #[arg(long)]
    details: bool,
}

/// How long what is interrupted may take to remove its temporary folders, wall time.
const CLEAN_UP: Duration = Duration::from_secs(2);

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut incidents = if args.only.is_empty() { Incident::ALL.to_vec() } else { args.only.clone() };
    incidents.sort();
    incidents.dedup();
    let entry = if args.doors { Entry::Doors } else { Entry::Api };
    let plan = Plan { incidents, seed: args.seed, entry };
    log::start(&context.environment, if args.details { log::DEFAULT } else { "error" })?;
    let bug = |error: anyhow::Error| Failure::new(Kind::Bug, error);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(live::WORKERS).enable_all().build();
    let runtime = runtime.map_err(|error| bug(error.into()))?;
    let exit = runtime.block_on(async {
        // From here on a signal ends the servers in order and leaves no folder behind.
        let mut signals = Signals::listen().map_err(|error| bug(error.into()))?;
        let bar = context.out.progress(0, "playing the incidents");
        let counter = bar.clone();
        let progress = Arc::new(move |arrived, ended| {
            counter.inc_length(arrived as u64);
            counter.inc(ended as u64);
        });
        let played = tokio::select! {
            played = demo::run(&plan, progress) => Some(played.map_err(bug)?),
            () = signals.asked() => None,
        };
        bar.finish_and_clear();
        let Some((report, kept)) = played else {
            context.out.talk("interrupted: nothing is judged");
            return Ok(Exit::Deferred);
        };
        if report.is_broken_off() {
            context.out.talk("broken off at the end of its time: this machine is too busy to play all of it");
        }
        if args.details {
            for line in report.details() {
                context.out.talk(&line);
            }
        }
        context.out.data(&report.to_json(), || demo::table(&report));
        if let Some(mut kept) = kept {
            if args.keep {
                leave(&mut kept, signals, context).await;
            }
            kept.end().await;
        }
        Ok(if report.held() { Exit::Done } else { Exit::Broken })
    });
    runtime.shutdown_timeout(CLEAN_UP);
    exit
}

/// Tells where they are and waits until the system asks for the end.
async fn leave(kept: &mut Kept, signals: Signals, context: &Context) {
    context.out.talk(&kept.running.first_line().to_string());
    kept.running.ended_on(signals).await;
}

fn incident(name: &str) -> Result<Incident, String> {
    let names = || Incident::ALL.map(Incident::id).join(", ");
    Incident::named(name).ok_or_else(|| format!("must be one of {}", names()))
}
