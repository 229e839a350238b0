//! `ifmatch lab`: strategies side by side on one seeded workload, in virtual time.

mod list;
mod report;
mod summary;
mod table;

use crate::cli::Context;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use clap::Subcommand;
use ifmatch_sim::lab::{Comparison, Entry, STRATEGIES, Scenario, entry, run as compare};
use std::path::{Path, PathBuf};

/// Run several strategies on the same seeded workload and compare what they land and lose.
///
/// All strategies meet the same changes, the same edits of people and the same locks, against the
/// sandbox, in virtual time: a quarter of an hour takes a second. docs/LAB.md says how to read the
/// columns and how to write a scenario of one's own.
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

Exits 7 if ifmatch lost an edit, made a duplicate or broke another promise.")]
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
    /// How many seeds, each a workload of its own; figures are added up.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The first seed. The same seeds give the same figures, on every machine.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// A folder for the report: report.json, the plots as SVG, and one page, index.html.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

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
    let rounds = usize::try_from(args.seeds).unwrap_or(usize::MAX) * strategies.len() * scenario.worlds().len();
    let bar = context.out.progress(rounds, "runs");
    let mut tell = |round: ifmatch_sim::lab::Round<'_>| {
        bar.set_message(format!("seed {} {}", round.seed, round.strategy));
        bar.inc(1);
    };
    let compared = compare(&scenario, &strategies, args.first_seed, args.seeds, &mut tell);
    bar.finish_and_clear();
    let compared = compared.map_err(Failure::user)?;
    let value = summary::value(&compared);
    context.out.data(&value, || table::text(&compared));
    if let Some(folder) = &args.report {
        report::write(folder, &compared, &value)?;
        context.out.talk(&format!("report: {}", folder.join("index.html").display()));
    }
    Ok(if holds(&compared) { Exit::Done } else { Exit::Broken })
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
