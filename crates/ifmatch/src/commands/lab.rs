//! `ifmatch lab`: strategies side by side on one seeded workload, in virtual time or over HTTP.

mod list;
mod live;
mod report;
mod shown;
mod summary;
mod table;

use crate::cli::Context;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::log;
use clap::Subcommand;
use ifmatch_sim::lab::{Comparison, Entry, STRATEGIES, Scenario, entry, run as compare};
use shown::Shown;
use std::path::{Path, PathBuf};

/// Run several strategies on the same seeded workload and compare what they land and lose.
///
/// All strategies meet the same changes, the same edits of people and the same locks, against the
/// sandbox, in virtual time: a quarter of an hour takes a second. With --live they meet them over
/// HTTP, on a clock that runs faster than the wall's. docs/LAB.md says how to read the columns and
/// how to write a scenario of one's own.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch lab list
  $ ifmatch lab run N2 --seeds 5
  $ ifmatch lab run N3 --strategy naive-refresh,kubernetes,ifmatch --report lab-n3")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run strategies on a scenario, print the table, write a report.
    #[command(after_help = "Examples:
  $ ifmatch lab run N2
  $ ifmatch lab run my-load.toml --seeds 20 --report out --json
  $ ifmatch lab run N2 --live --speed 20

Exits 7 if ifmatch lost an edit, made a duplicate or broke another promise; 5 if a live run was
broken off or interrupted; 2 for a scenario, strategy or folder that cannot be used.")]
    Run(RunArgs),
    /// List the scenarios and the strategies.
    #[command(after_help = "Example:
  $ ifmatch lab list")]
    List,
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// A scenario by its name (see `ifmatch lab list`), or a TOML file.
    #[arg(default_value = "N2")]
    scenario: String,
    /// The strategies, separated by commas; all without it.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    strategy: Vec<String>,
    /// How many seeds, each a workload of its own; figures are added up [default: 3; with --live 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: Option<u64>,
    /// The first seed. In virtual time the same seeds give the same figures, on every machine.
    #[arg(long, value_name = "N", default_value_t = 1)]
    first_seed: u64,
    /// A folder for the report: report.json, the plots as SVG, and one page, index.html.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Run over HTTP: each strategy against a sandbox of its own on loopback, all at the same time,
    /// ifmatch as a gateway with its store. Takes all eight strategies. Ends by itself.
    #[arg(long)]
    live: bool,
    /// With --live: seconds of scenario time per second of wall time, 1 to 100. The clock waits for
    /// the machine; still, what a request takes on loopback counts so many times [default: 10].
    #[arg(long, value_name = "N", requires = "live", value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: Option<u32>,
}

/// Seeds without --live, and with it.
const SEEDS: u64 = 3;
const SEEDS_LIVE: u64 = 1;

/// Seconds of scenario time per second of wall time.
const SPEED: u32 = 10;

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.command {
        Command::Run(args) => side_by_side(args, context),
        Command::List => list::run(context),
    }
}

fn side_by_side(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let scenario = scenario(&args.scenario)?;
    let strategies = strategies(&args.strategy)?;
    if let Some(folder) = &args.report {
        report::prepare(folder)?;
    }
    let outcome = match args.live {
        true => over_http(args, &scenario, &strategies, context)?,
        false => Some((in_virtual_time(args, &scenario, &strategies, context)?, false)),
    };
    let Some((shown, is_broken_off)) = outcome else {
        context.out.talk("interrupted: nothing is judged");
        return Ok(Exit::Deferred);
    };
    let value = summary::value(&shown);
    context.out.data(&value, || table::text(&shown));
    if let Some(folder) = &args.report {
        report::write(folder, &shown, &value)?;
        context.out.talk(&format!("report: {}", folder.join("index.html").display()));
    }
    Ok(match (holds(&shown.compared), is_broken_off) {
        (false, _) => Exit::Broken,
        (true, true) => Exit::Deferred,
        (true, false) => Exit::Done,
    })
}

fn in_virtual_time(
    args: &RunArgs,
    scenario: &Scenario,
    strategies: &[&'static Entry],
    context: &Context,
) -> Result<Shown, Failure> {
    let seeds = args.seeds.unwrap_or(SEEDS);
    let rounds = usize::try_from(seeds).unwrap_or(usize::MAX) * strategies.len() * scenario.worlds().len();
    let bar = context.out.progress(rounds, "runs");
    let mut tell = |round: ifmatch_sim::lab::Round<'_>| {
        bar.set_message(format!("seed {} {}", round.seed, round.strategy));
        bar.inc(1);
    };
    let compared = compare(scenario, strategies, args.first_seed, seeds, &mut tell);
    bar.finish_and_clear();
    Ok(Shown::new(compared.map_err(Failure::user)?, &args.scenario, None))
}

/// The same over HTTP, and whether a run was broken off; `None` when it was interrupted.
fn over_http(
    args: &RunArgs,
    scenario: &Scenario,
    strategies: &[&'static Entry],
    context: &Context,
) -> Result<Option<(Shown, bool)>, Failure> {
    log::start(&context.environment, "error")?;
    let seeds = args.seeds.unwrap_or(SEEDS_LIVE);
    let speed = args.speed.unwrap_or(SPEED);
    let worlds = scenario.worlds().len();
    let rounds = usize::try_from(seeds).unwrap_or(usize::MAX).saturating_mul(worlds);
    let least_s = rounds as f64 * 60.0 * scenario.minutes as f64 / f64::from(speed);
    let wall_s = rounds as f64 * live::wall_max(scenario, f64::from(speed)).as_secs_f64();
    context.out.talk(&format!(
        "{} over HTTP, at {speed} times the wall clock: takes {least_s:.0} s or longer, {wall_s:.0} s at most",
        strategies.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    ));
    let bar = context.out.progress(rounds.saturating_mul(strategies.len()), "runs");
    let tell = |strategy: &str, seed: u64| {
        bar.set_message(format!("seed {seed} {strategy}"));
        bar.inc(1);
    };
    let plan = live::Plan { scenario, strategies, first_seed: args.first_seed, seeds, speed: f64::from(speed) };
    let outcome = live::run(&plan, &tell);
    bar.finish_and_clear();
    let Some(outcome) = outcome? else { return Ok(None) };
    for run in &outcome.broken_off {
        context.out.talk(&format!("broken off at the end of its time, this machine is too busy: {run}"));
    }
    let is_broken_off = !outcome.broken_off.is_empty();
    Ok(Some((Shown::new(outcome.compared, &args.scenario, Some(speed)), is_broken_off)))
}

/// Whether ifmatch kept its promises, where it took part.
fn holds(compared: &Comparison) -> bool {
    let ifmatch = compared.strategies.iter().find(|figures| figures.name == "ifmatch");
    ifmatch.is_none_or(|figures| {
        let broken = figures.lost_edits + figures.duplicates + figures.unproven + figures.early;
        broken == 0 && figures.violations.is_empty()
    })
}

/// A scenario by its name, or from a file.
fn scenario(name: &str) -> Result<Scenario, Failure> {
    if let Some(scenario) = Scenario::named(name) {
        return Ok(scenario);
    }
    let path = Path::new(name);
    if !path.is_file() {
        return Err(Failure::user(format!("{name:?} is neither a scenario nor a file"))
            .hint("`ifmatch lab list` shows the scenarios; a file ends in .toml"));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::user(format!("cannot read {}: {error}", path.display())))?;
    Scenario::from_toml(&text).map_err(|error| Failure::user(error).hint("docs/LAB.md describes every field"))
}

fn strategies(names: &[String]) -> Result<Vec<&'static Entry>, Failure> {
    if names.is_empty() {
        return Ok(STRATEGIES.iter().collect());
    }
    let known = |name: &String| {
        entry(name).ok_or_else(|| {
            let all: Vec<&str> = STRATEGIES.iter().map(|entry| entry.name).collect();
            Failure::user(format!("no strategy has the name {name:?}")).hint(format!("there are {}", all.join(", ")))
        })
    };
    names.iter().map(known).collect()
}

/// A failure to write a part of the report.
fn unwritten(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::user(format!("cannot write {}: {error}", path.display())).hint("choose another folder with --report")
}

/// A failure that is a bug of the lab.
fn bug(error: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Bug, anyhow::anyhow!("{error}"))
}
