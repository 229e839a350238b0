//! Start to ready, and resident memory: with nothing stored, and with many intents waiting.

use super::gateway;
use super::held::Folder;
use super::stats::{self, Estimate};
use super::stored;
use super::{Better, Row, Size};
use anyhow::Result;
use std::path::Path;
use std::time::Duration;

/// Intents that wait in the second half.
const WAITING: u64 = 100_000;

/// Bars for start to ready in milliseconds: with nothing stored, and with so many waiting.
const START_MS: [f64; 2] = [50.0, 100.0];

/// Bar for the resident memory of an idle gateway, in megabytes.
const IDLE_MB: f64 = 60.0;

/// Bar for one waiting intent, in bytes beside its payload on disk.
const WAITING_BYTES: f64 = 200.0;

/// After the answer that it is ready, a gateway still puts away what it read.
const SETTLE: Duration = Duration::from_millis(300);

/// What starts of one folder came to.
struct Starts {
    millis: Vec<f64>,
    bytes: Vec<f64>,
}

pub(super) fn run(size: Size) -> Result<Vec<Row>> {
    let times = size.of(8, 3);
    let folder = Folder::new()?;
    let (empty, full) = (folder.path().join("empty"), folder.path().join("full"));
    for folder in [&empty, &full] {
        std::fs::create_dir(folder)?;
    }
    stored::fill(&full, WAITING)?;
    // The first start makes tables and token, and warms the file cache; it is not counted.
    starts(&empty, 1)?;
    starts(&full, 1)?;
    let (empty, full) = (starts(&empty, times)?, starts(&full, times)?);
    Ok(vec![
        start_row("start-empty", "nothing stored", &empty, START_MS[0]),
        start_row("start-waiting", &format!("{WAITING} intents stored and waiting, a record each"), &full, START_MS[1]),
        idle_row(&empty),
        waiting_row(&empty, &full),
    ])
}

fn starts(folder: &Path, times: usize) -> Result<Starts> {
    let mut starts = Starts { millis: Vec::new(), bytes: Vec::new() };
    for _ in 0..times {
        let (gateway, took) = gateway::start(folder)?;
        starts.millis.push(took.as_secs_f64() * 1e3);
        std::thread::sleep(SETTLE);
        starts.bytes.push(gateway.resident_bytes()?);
        gateway.stop()?;
    }
    Ok(starts)
}

fn start_row(id: &'static str, what: &str, starts: &Starts, bound: f64) -> Row {
    Row {
        id,
        method: format!(
            "mean of {} starts, from the start of the process to the first 200 of GET /health/ready, {what}, file cache \
             warm; the bound is the bar set for it",
            starts.millis.len()
        ),
        unit: "ms",
        measured: stats::mean(&starts.millis),
        bound,
        limit: 1.0,
        better: Better::Lower,
        n: starts.millis.len(),
    }
}

fn idle_row(empty: &Starts) -> Row {
    let megabytes: Vec<f64> = empty.bytes.iter().map(|bytes| bytes / 1e6).collect();
    Row {
        id: "memory-idle",
        method: format!(
            "mean VmRSS over {} starts, {} ms after ready, one org, SQLite, nothing stored; the bound is the design's",
            megabytes.len(),
            SETTLE.as_millis()
        ),
        unit: "MB",
        measured: stats::mean(&megabytes),
        bound: IDLE_MB,
        limit: 1.0,
        better: Better::Lower,
        n: megabytes.len(),
    }
}

fn waiting_row(empty: &Starts, full: &Starts) -> Row {
    let idle = stats::mean(&empty.bytes).value;
    let each: Vec<f64> = full.bytes.iter().map(|bytes| (bytes - idle) / WAITING as f64).collect();
    let measured: Estimate = stats::mean(&each);
    Row {
        id: "memory-waiting",
        method: format!(
            "VmRSS with {WAITING} waiting intents, a record and a key each, less that of memory-idle, by intent; mean over \
             {} starts; caches of the store and what the allocator keeps are included; the bound is the design's",
            each.len()
        ),
        unit: "B",
        measured,
        bound: WAITING_BYTES,
        limit: 1.0,
        better: Better::Lower,
        n: each.len(),
    }
}
