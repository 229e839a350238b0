//! `ifmatch bench`: what a gateway costs on this machine, as ratios.

use crate::bench::{self, GROUPS, Group, NOT_MEASURED, Row, Size, Wanted};
use crate::cli::Context;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::output;
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Measure what a gateway costs on this machine, as ratios to bounds and to a peer of the same run.
///
/// Everything runs on loopback and in temporary folders, takes less than two minutes and leaves
/// nothing behind. A row that is short of its limit is exit code 7.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch bench
  $ ifmatch bench --quick --json
  $ ifmatch bench --only merge-p99

Figures of a build without optimisations mean nothing: `cargo xtask bench` makes the right one.")]
pub(crate) struct Args {
    /// Fewer and shorter measurements.
    #[arg(long)]
    quick: bool,
    /// Only this row.
    #[arg(long, value_name = "ID")]
    only: Option<String>,
    /// A folder with the npm packages of the stub servers that the sandbox is measured against.
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// Be the peer of the accepts until standard input ends.
    #[arg(long, hide = true, conflicts_with_all = ["quick", "only"])]
    floor: bool,
}

/// Load of the machine above which figures are not worth keeping.
const BUSY: f64 = 0.5;

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.floor {
        let served = bench::floor::serve(|url| context.out.json(&json!({ "url": url })));
        return served.map(|()| Exit::Done).map_err(|error| Failure::new(Kind::Bug, error));
    }
    let only = args.only.as_deref();
    let groups: Vec<&Group> = GROUPS.iter().filter(|group| only.is_none_or(|only| group.ids.contains(&only))).collect();
    if let (Some(only), true) = (only, groups.is_empty()) {
        let ids: Vec<&str> = GROUPS.iter().flat_map(|group| group.ids).copied().collect();
        return Err(Failure::user(format!("no row is named {only:?}")).hint(format!("the rows are {}", ids.join(", "))));
    }
    if cfg!(debug_assertions) {
        context.out.talk("warning: this is a build without optimisations; its figures mean nothing");
    }
    if let Some(load) = load().filter(|load| *load > BUSY) {
        context.out.talk(&format!("warning: the machine has a load of {load} already; the figures will say so"));
    }
    let size = if args.quick { Size::Quick } else { Size::Full };
    let wanted = Wanted { size, peers: args.peers.clone() };
    let out = context.out;
    let measured = bench::until_told(move || {
        let mut rows = Vec::new();
        for group in groups {
            out.talk(&format!("measuring {} …", group.name));
            let measured = (group.run)(&wanted);
            rows.extend(measured.with_context(|| format!("{} could not be measured", group.name))?);
        }
        Ok(rows)
    });
    let measured = measured.map_err(|error| Failure::new(Kind::Bug, error))?;
    let Some(mut rows) = measured else { return Err(Failure::user("the bench was told to end before it was done")) };
    rows.retain(|row| only.is_none_or(|only| row.id == only));
    let shape: Vec<Value> = rows.iter().map(Row::to_json).collect();
    context.out.data(&json!({ "rows": shape }), || page(&rows));
    if only.is_none() {
        context.out.talk(NOT_MEASURED);
    }
    Ok(if rows.iter().all(Row::is_ok) { Exit::Done } else { Exit::Broken })
}

/// The table, then a line for each row that says how it was measured.
fn page(rows: &[Row]) -> String {
    let table = output::table(&bench::HEADINGS, rows.iter().map(Row::cells).collect());
    let methods: Vec<String> = rows.iter().map(|row| format!("{}: {}", row.id, row.method)).collect();
    format!("{table}\n\n{}", methods.join("\n"))
}

/// Processes that wanted a processor over the last minute, where the kernel says so.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}
