//! How long one merge takes: `cargo bench -p ifmatch-merge`. One JSON line per case; the limit is 50 µs for 10 KB.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark reads the clock and prints")]

use std::hint::black_box;
use std::time::Instant;

use ifmatch_merge::{IntervalNames, Policies, Schema, Sides, Strategy, diff, merge};
use serde_json::{Value, json};

const ROUNDS: usize = 2_000;
const LIMIT_US: f64 = 50.0;

fn keyed(key: &str) -> Strategy {
    Strategy::KeyedList { keys: vec![key.to_owned()] }
}

/// One agent's week in the shape of a schedule, about 10 KB of compact JSON.
fn week() -> Value {
    let activity = |start: usize| json!({"start": start * 90, "length_minutes": 90, "code": "on-queue", "paid": true, "note": "as planned"});
    let shift = |day: usize| {
        json!({"id": format!("185f26b2-0000-4000-8000-{day:012}"), "date": format!("2026-03-{:02}", day + 1),
            "start": 480, "length_minutes": 540, "manually_edited": false,
            "activities": (0..6).map(activity).collect::<Vec<_>>()})
    };
    json!({"agent": "agent-17", "version": 12, "shifts": (0..17).map(shift).collect::<Vec<_>>()})
}

/// Times `run` without the release of what it returns.
fn report<T>(name: &str, bytes: usize, run: impl Fn() -> T) {
    let mut micros: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let result = black_box(run());
            let elapsed = start.elapsed().as_secs_f64() * 1e6;
            drop(result);
            elapsed
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    let (median, p99) = (micros[ROUNDS / 2], micros[ROUNDS * 99 / 100]);
    let line = json!({"id": name, "bytes": bytes, "n": ROUNDS, "median_us": median, "p99_us": p99,
        "limit_us": LIMIT_US, "ok": p99 <= LIMIT_US});
    println!("{line}");
}

/// The same week as interval sets: starts are instants.
fn shifts() -> Value {
    let at = |day: usize, minutes: usize| {
        format!("2026-03-{:02}T{:02}:{:02}:00+01:00", day + 1, 8 + minutes / 60, minutes % 60)
    };
    let activity = |day: usize, slot: usize| json!({"start": at(day, slot * 90), "length_minutes": 90, "code": "on-queue", "note": "as planned"});
    let shift = |day: usize| {
        json!({"id": format!("185f26b2-0000-4000-8000-{day:012}"), "start": at(day, 0), "length_minutes": 540,
            "activities": (0..6).map(|slot| activity(day, slot)).collect::<Vec<_>>()})
    };
    json!({"agent": "agent-17", "version": 12, "shifts": (0..17).map(shift).collect::<Vec<_>>()})
}

/// Two sides that change different hours of one shift, and each one shift of its own.
fn hours() {
    let names = ["start", "length_minutes", "activities"].map(str::to_owned);
    let [start, length, parts] = names;
    let set = Strategy::IntervalSet(IntervalNames { start, length, parts });
    let schema = Schema::new().rule("/shifts", keyed("id")).rule("/shifts/*", set);
    let base = shifts();
    let (mut local, mut remote) = (base.clone(), base.clone());
    local["shifts"][9]["activities"][3]["code"] = json!("training");
    local["shifts"][2]["length_minutes"] = json!(600);
    remote["shifts"][9]["activities"][1]["code"] = json!("meeting");
    remote["shifts"][12]["activities"][0]["code"] = json!("break");
    let (policies, bytes) = (Policies::new(), base.to_string().len());
    let sides = Sides { base: &base, local: &local, remote: &remote };
    report("merge-hours", bytes, || merge(&schema, &policies, "servicenow", &|_| None, black_box(sides)));
}

fn main() {
    let schema = Schema::new().rule("/shifts", keyed("id")).rule("/shifts/*/activities", keyed("start"));
    let base = week();
    let bytes = base.to_string().len();
    let (mut local, mut remote) = (base.clone(), base.clone());
    local["shifts"][2]["start"] = json!(500);
    local["shifts"][9]["activities"][3]["code"] = json!("meal");
    remote["version"] = json!(13);
    remote["shifts"][9]["activities"][1]["code"] = json!("break");
    remote["shifts"][12]["length_minutes"] = json!(480);
    let mut clash = remote.clone();
    clash["shifts"][2]["start"] = json!(510);
    let unchanged = base.clone();
    // The floor: a merge returns a document of its own.
    report("clone", bytes, || black_box(&remote).clone());
    let cases = [
        ("merge-untouched", &unchanged, &remote),
        ("merge-one-sided", &local, &unchanged),
        ("merge-both", &local, &remote),
        ("merge-conflict", &local, &clash),
    ];
    for (name, local, remote) in cases {
        let (base, policies) = (&base, Policies::new());
        let sides = Sides { base, local, remote };
        report(name, bytes, || merge(&schema, &policies, "servicenow", &|_| None, black_box(sides)));
    }
    hours();
    report("diff", bytes, || diff(&schema, black_box(&base), black_box(&remote)));
}
