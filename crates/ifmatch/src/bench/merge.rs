//! One merge of 10 KB: a week of shifts where both sides changed something.

use super::stats::Samples;
use super::stopwatch::Stopwatch;
use super::{Better, Row, Size};
use anyhow::{Result, ensure};
use ifmatch_merge::{Policies, Schema, Sides, Strategy, merge};
use serde_json::{Value, json};
use std::hint::black_box;

/// The design's figure for a merge of 10 KB, in microseconds.
const BOUND_US: f64 = 50.0;

pub(super) fn run(size: Size) -> Result<Vec<Row>> {
    let rounds = size.of(50_000, 5_000);
    let schema = Schema::new().rule("/shifts", keyed("id")).rule("/shifts/*/activities", keyed("start"));
    let (base, local, remote) = sides();
    let bytes = base.to_string().len();
    let sides = Sides { base: &base, local: &local, remote: &remote };
    let policies = Policies::new();
    let run = || merge(&schema, &policies, "servicenow", &|_| None, black_box(sides));
    let first = run();
    ensure!(first.conflicts.is_empty() && first.applied.len() == 2, "the two edits do not merge as they should");
    let micros = (0..rounds).map(|_| {
        let start = Stopwatch::start();
        let merged = black_box(run());
        let elapsed = start.elapsed();
        drop(merged);
        elapsed.as_secs_f64() * 1e6
    });
    let samples = Samples::new(micros.collect());
    let row = |id, q: f64, what: &str| Row {
        id,
        method: format!(
            "{what} of {rounds} merges of one week of {bytes} bytes, two edits on either side, keyed lists two deep, by \
             processor time, the result's release not counted; the bound is the design's"
        ),
        unit: "µs",
        measured: samples.quantile(q),
        bound: BOUND_US,
        limit: 1.0,
        better: Better::Lower,
        n: samples.len(),
    };
    Ok(vec![row("merge-median", 0.5, "median"), row("merge-p99", 0.99, "99th percentile")])
}

fn keyed(key: &str) -> Strategy {
    Strategy::KeyedList { keys: vec![key.to_owned()] }
}

fn sides() -> (Value, Value, Value) {
    let base = week();
    let (mut local, mut remote) = (base.clone(), base.clone());
    local["shifts"][2]["start"] = json!(500);
    local["shifts"][9]["activities"][3]["code"] = json!("meal");
    remote["version"] = json!(13);
    remote["shifts"][9]["activities"][1]["code"] = json!("break");
    remote["shifts"][12]["length_minutes"] = json!(480);
    (base, local, remote)
}

/// One agent's week in the shape of a schedule, about 10 KB of compact JSON.
fn week() -> Value {
    let activity = |slot: usize| json!({"start": slot * 90, "length_minutes": 90, "code": "on-queue", "paid": true, "note": "as planned"});
    let shift = |day: usize| {
        json!({"id": format!("185f26b2-0000-4000-8000-{day:012}"), "date": format!("2026-03-{:02}", day + 1),
            "start": 480, "length_minutes": 540, "manually_edited": false,
            "activities": (0..6).map(activity).collect::<Vec<_>>()})
    };
    json!({"agent": "agent-17", "version": 12, "shifts": (0..17).map(shift).collect::<Vec<_>>()})
}
