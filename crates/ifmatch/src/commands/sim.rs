//! `ifmatch sim`: worlds in virtual time, judged; and the replay of a failure.

mod incident;
mod jobs;

use crate::bench::stopwatch::Stopwatch;
use crate::cli::Context;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use clap::Subcommand;
use ifmatch_sim::{ReplayError, Report, Reviews, Violation, replay, run_silently, scenario};
use serde_json::{Value, json};
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Run worlds in virtual time and judge the promises, or replay a failure.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch sim run --seeds 500")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run worlds drawn from seeds, or a founding incident by name.
    #[command(after_help = "Examples:
  $ ifmatch sim run --seeds 20 --first-seed 1
  $ ifmatch sim run --seeds 1 --first-seed 17 --scenario schedules --logs out")]
    Run(RunArgs),
    /// Play one of the forty incidents of the field: what happens, what is decided, what comes of it. Without a number,
    /// list them.
    #[command(after_help = "Examples:
  $ ifmatch sim incident
  $ ifmatch sim incident I06
  $ ifmatch sim incident I06 --with stale=bad-request")]
    Incident(incident::Args),
    /// Run what a failure's file says again, step by step.
    #[command(after_help = "Example:
  $ ifmatch sim replay sim-17.json --only target --only VIOLATED
  $ ifmatch sim replay sim-17.json --step --from 120")]
    Replay(ReplayArgs),
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// How many worlds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed; without it seeds are fresh, and printed.
    #[arg(long)]
    first_seed: Option<u64>,
    /// How many worlds run at a time; without it as many as there are cores.
    #[arg(long)]
    jobs: Option<usize>,
    /// In place of worlds of all kinds: `scores`, `schedules`, `trades`, `undone`, `unguarded`, `rekeyed`, `pairs`,
    /// `silent`, `platform` (the vendor's own API), `rest` (an API that a description makes known), `backlog`, or a founding
    /// incident, `i01` or `i05`.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Print what each world drew before it runs: options, faults, sources, ops. A single world always says so.
    #[arg(long)]
    show_drawn: bool,
    /// Where the files of failures go.
    #[arg(long, value_name = "DIR", default_value = ".")]
    failures: PathBuf,
    /// Write the log of every world into this folder, as `SEED.log`. A seed has the same log, byte for byte, in each run.
    #[arg(long, value_name = "DIR")]
    logs: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ReplayArgs {
    /// The file that a failing run wrote.
    file: PathBuf,
    /// Only lines that hold this text; given more than once, any of them.
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Only what happened from this second of the run on.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    from: f64,
    /// Only what happened up to this second of the run.
    #[arg(long, value_name = "SECONDS", default_value_t = f64::INFINITY)]
    until: f64,
    /// Wait for Enter after each line; `q` ends it.
    #[arg(long)]
    step: bool,
}

impl ReplayArgs {
    /// Whether a line of the log is asked for. Its time is the first word that is a number.
    fn shows(&self, line: &str) -> bool {
        let at_ms = line.split_whitespace().find_map(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
        let wanted = self.only.is_empty() || self.only.iter().any(|text| line.contains(text.as_str()));
        wanted && (self.from..=self.until).contains(&(at_ms / 1_000.0))
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.command {
        Command::Run(args) => run_worlds(args, context),
        Command::Incident(args) => incident::run(args, context),
        Command::Replay(args) => step_through(args, context),
    }
}

/// From so many true overlaps on, needless reviews are held against them.
const OVERLAPS_MIN: u64 = 100;

/// What all runs came to.
#[derive(Default)]
struct Totals {
    violations: Vec<Value>,
    intents: u64,
    requests: u64,
    reviews: Reviews,
    /// Processor time of the worlds, the drawing and the judging included.
    worked: Duration,
}

impl Totals {
    fn add(&mut self, report: &Report, worked: Duration) {
        self.worked += worked;
        self.intents += report.tally.states.values().sum::<u64>();
        self.requests += report.tally.requests;
        self.reviews.add(&report.tally.opened);
    }

    /// Whether few reviews are needless. Of a few worlds that says nothing.
    fn is_sparing(&self) -> bool {
        let few = self.reviews.overlaps < OVERLAPS_MIN;
        few || self.reviews.needless_per_overlap() <= Reviews::NEEDLESS_PER_OVERLAP_MAX
    }
}

fn run_worlds(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    if let Some(name) = &args.scenario
        && scenario::named(name, 0).is_none()
    {
        return Err(Failure::user(format!("no scenario has the name {name:?}"))
            .hint(format!("there are {}", scenario::NAMES.join(", "))));
    }
    let first = args.first_seed.unwrap_or_else(fresh_seed);
    context.out.talk(&format!("SEED={first} SEEDS={} VERSION={}", args.seeds, env!("CARGO_PKG_VERSION")));
    let started = Instant::now();
    let mut totals = Totals::default();
    let jobs = args.jobs.unwrap_or_else(jobs::cores).max(1);
    let world = |seed| {
        let stopwatch = Stopwatch::start();
        let named = args.scenario.as_deref().and_then(|name| scenario::named(name, seed));
        let setup = named.unwrap_or_else(|| scenario::draw(seed));
        if args.show_drawn || args.seeds == 1 {
            context.out.talk(&format!("seed {seed} draws {}", setup.drawn()));
        }
        let report = if args.logs.is_some() { ifmatch_sim::run(setup) } else { run_silently(setup) };
        (report, stopwatch.elapsed())
    };
    jobs::in_order(first..first.saturating_add(args.seeds), jobs, world, |seed, (report, worked)| {
        totals.add(&report, worked);
        if let Some(folder) = &args.logs {
            write_log(folder, seed, &report)?;
        }
        if report.violations.is_empty() { Ok(()) } else { tell(args, context, &mut totals, seed, &report) }
    })?;
    let wall_rate = args.seeds as f64 / started.elapsed().as_secs_f64();
    let (rate, size) = (wall_rate / jobs as f64, totals.intents as f64 / args.seeds.max(1) as f64);
    // What others want of the processor meanwhile is left out.
    let rate_alone = args.seeds as f64 / totals.worked.as_secs_f64();
    let reviews = &totals.reviews;
    let value = json!({
        "first_seed": first, "seeds": args.seeds, "jobs": jobs, "worlds_per_second": wall_rate, "worlds_per_second_and_core": rate,
        "worlds_per_processor_second": rate_alone,
        "intents_per_world": size, "violations": totals.violations, "reviews": reviews.count(),
        "true_overlaps": reviews.overlaps, "undecided": reviews.undecided, "demanded": reviews.demanded,
        "needless": reviews.needless, "needless_per_overlap": reviews.needless_per_overlap(),
        "intents": totals.intents, "requests": totals.requests,
    });
    context.out.data(&value, || {
        format!(
            "{} worlds from seed {first}: {} intents, {} requests, {} violations\n\
             {} reviews: {} true overlaps, {} that nothing could decide, {} that a rule demands, {} needless \
             ({:.3} for each overlap, at most {})\n\
             {rate:.0} worlds of {size:.0} intents a second and core, on {jobs}; {rate_alone:.0} a second of processor time",
            args.seeds,
            totals.intents,
            totals.requests,
            totals.violations.len(),
            reviews.count(),
            reviews.overlaps,
            reviews.undecided,
            reviews.demanded,
            reviews.needless,
            reviews.needless_per_overlap(),
            Reviews::NEEDLESS_PER_OVERLAP_MAX,
        )
    });
    let holds = totals.violations.is_empty() && totals.is_sparing();
    Ok(if holds { Exit::Done } else { Exit::Broken })
}

fn write_log(folder: &Path, seed: u64, report: &Report) -> Result<(), Failure> {
    let path = folder.join(format!("{seed}.log"));
    let text: String = report.log.lines.iter().flat_map(|line| [line, "\n"]).collect();
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text));
    written.map_err(|error| Failure::user(format!("cannot write {}: {error}", path.display())).hint("choose --logs"))
}

/// Says what was violated, and keeps the failure.
fn tell(args: &RunArgs, context: &Context, totals: &mut Totals, seed: u64, report: &Report) -> Result<(), Failure> {
    if args.seeds != 1 {
        context.out.talk(&format!("seed {seed} drew {}", report.setup.drawn()));
    }
    for Violation { promise, what, .. } in &report.violations {
        context.out.talk(&format!("seed {seed}: {promise}: {what}"));
    }
    let file = keep(&args.failures, seed, report)?;
    context.out.talk(&format!("seed {seed}: made small in {file}"));
    for Violation { promise, .. } in &report.violations {
        totals.violations.push(json!({ "seed": seed, "promise": promise, "file": file }));
    }
    Ok(())
}

/// A seed that nobody chose: the time, since a simulator's clock is virtual and this command's is not.
fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |since| since.as_secs() * 1000)
}

fn keep(folder: &Path, seed: u64, report: &Report) -> Result<String, Failure> {
    let path = folder.join(format!("sim-{seed}.json"));
    let text =
        serde_json::to_string_pretty(&report.to_small_replay()).map_err(|error| Failure::new(Kind::Bug, error))?;
    std::fs::write(&path, text).map_err(|error| {
        Failure::user(format!("cannot write {}: {error}", path.display())).hint("choose --failures")
    })?;
    Ok(path.display().to_string())
}

fn step_through(args: &ReplayArgs, context: &Context) -> Result<Exit, Failure> {
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| Failure::user(format!("cannot read {}: {error}", args.file.display())))?;
    let report = replay(&text).map_err(|error| {
        let again = match &error {
            ReplayError::Differs { world, .. } => format!("; `{world}` runs its world as this version draws it"),
            ReplayError::Unreadable(_) => String::new(),
        };
        Failure::user(error).hint(format!("a file is replayed by the version that wrote it{again}"))
    })?;
    let mut keys = std::io::stdin().lock().lines();
    for line in report.log.lines.iter().filter(|line| args.shows(line)) {
        context.out.data(&json!({ "line": line }), || line.clone());
        if args.step && keys.next().is_none_or(|key| key.is_ok_and(|key| key.trim() == "q")) {
            break;
        }
    }
    for violation in &report.violations {
        let value = json!({ "promise": violation.promise, "what": violation.what });
        context.out.data(&value, || format!("VIOLATED {}: {}", violation.promise, violation.what));
    }
    Ok(if report.violations.is_empty() { Exit::Done } else { Exit::Broken })
}
