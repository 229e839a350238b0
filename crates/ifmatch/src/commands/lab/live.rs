//! `--live`: the same workload against a real sandbox over HTTP, with a real gateway for ifmatch.
//!
//! ```text
//! Workload ─▶ script (looks, edits, locks, when each item is spoken)
//!                │
//!                ├─▶ a loop:  Crew ─steps─▶ HTTP ─▶ sandbox                 ─┐
//!                └─▶ ifmatch: intents ─HTTP─▶ gateway, store ─HTTP─▶ sandbox ─┴─▶ Course ─▶ the lab's judge
//! ```
//!
//! The strategies of a world run at the same time, each with a sandbox of its own, on clocks that
//! wait for the machine. Every run ends by itself: when all items have ended, at the end of the
//! scenario, or at a bound of wall time.

mod intents;
mod loops;
mod script;

use super::bug;
use crate::error::Failure;
use crate::live::{self, Played};
use ifmatch_sandbox::Scenario as Target;
use ifmatch_server::Signals;
use ifmatch_sim::lab::{Comparison, Course, Entry, Scenario, Workload, worlds};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much longer than its scenario's time a run may take, on a machine that is too busy.
const SLACK: f64 = 2.0;
/// And so much more, for starting and stopping.
const SLACK_S: f64 = 60.0;

/// How long what is interrupted may take to remove its temporary folders.
const CLEAN_UP: Duration = Duration::from_secs(2);

/// What is to be run.
pub(super) struct Plan<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) strategies: &'a [&'static Entry],
    pub(super) first_seed: u64,
    pub(super) seeds: u64,
    /// Seconds of scenario time per second of wall time.
    pub(super) speed: f64,
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) compared: Comparison,
    /// Runs that were broken off at their bound of wall time: what was under way counts as pending.
    pub(super) broken_off: Vec<String>,
}

/// One strategy's run of one world.
struct Run {
    course: Course,
    is_broken_off: bool,
}

/// The bound of wall time of one run.
pub(super) fn wall_max(scenario: &Scenario, speed: f64) -> Duration {
    let minutes = (scenario.minutes + scenario.drain_minutes) as f64;
    Duration::from_secs_f64((SLACK * 60.0 * minutes / speed + SLACK_S).min(1e9))
}

/// Runs everything; `None` when the system asked for the end before.
pub(super) fn run(plan: &Plan<'_>, tell: &dyn Fn(&str, u64)) -> Result<Option<Outcome>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(live::WORKERS).enable_all().build();
    let runtime = runtime.map_err(bug)?;
    let outcome = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(bug)?;
        tokio::select! {
            outcome = all(plan, tell) => outcome.map(Some),
            () = signals.asked() => Ok(None),
        }
    });
    runtime.shutdown_timeout(CLEAN_UP);
    outcome
}

async fn all(plan: &Plan<'_>, tell: &dyn Fn(&str, u64)) -> Result<Outcome, Failure> {
    let mut compared = Comparison::of(plan.scenario, plan.strategies, plan.first_seed, plan.seeds);
    let mut broken_off = Vec::new();
    for world in worlds(plan.scenario, plan.first_seed, plan.seeds) {
        let (seed, workload) = world.map_err(Failure::user)?;
        let workload = Arc::new(workload);
        let until = Instant::now() + wall_max(plan.scenario, plan.speed);
        let runs: Vec<_> = plan
            .strategies
            .iter()
            .map(|entry| tokio::spawn(one(Arc::clone(&workload), entry, plan.speed, until)))
            .collect();
        for (place, (entry, run)) in plan.strategies.iter().zip(runs).enumerate() {
            let run = run.await.map_err(bug)?;
            let run = run.map_err(|error| Failure::new(crate::error::Kind::Bug, error))?;
            tell(entry.name, seed);
            if run.is_broken_off {
                broken_off.push(format!("{} of seed {seed}", entry.name));
            }
            compared.add(place, &workload, &run.course);
        }
    }
    Ok(Outcome { compared, broken_off })
}

async fn one(workload: Arc<Workload>, entry: &'static Entry, speed: f64, until: Instant) -> anyhow::Result<Run> {
    // The world's weeks follow from the start, so the clock starts where the workload was drawn.
    let scenario = Target { start: Some(workload.setup.start.clone()), ..workload.setup.scenario.clone() };
    let played = Played { scenario, seed: workload.setup.seed, speed };
    match entry.make {
        Some(make) => loops::run(&workload, entry.name, make, played, until).await,
        None => intents::run(&workload, played, until).await,
    }
}
