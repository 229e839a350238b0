//! Requests per landed change in the simulator, against the expectation by formula.
//!
//! People edit one record as a Poisson process of rate λ; a source sets another field of it every
//! so often. With δ between the target's read and its evaluation of our write, and τ the age of the
//! shadow, p = 1 − e^(−λδ) and p₀ = 1 − e^(−λτ): a write that speculates on a known version costs
//! 1 + 2p₀/(1−p) requests, one that reads first costs 2/(1−p).

use super::{Better, Row, Size, stats};
use anyhow::{Context as _, Result, ensure};
use ifmatch_core::{State, Timestamp};
use ifmatch_sandbox::{Sandbox, Scenario};
use ifmatch_sim::{Op, Rng, Setup, SourceSpec, Spoken, Wish};
use serde_json::{Value, json};

const START: &str = "2026-10-20T08:00:00Z";
const KIND: &str = "quality-score";
const SOURCE: &str = "bench";

/// From a read's answer to the write that it leads to: the attempt becomes durable first, which
/// takes the simulator a millisecond.
const DURABLE_MS: i64 = 1;

/// When the simulated gateway has read its store for certain.
const READY_MS: i64 = 1_000;

/// The design's figure: within 5 % of the expectation.
const LIMIT: f64 = 1.05;

/// One case of the formula.
struct Case {
    id: &'static str,
    /// Whether the version is known when the first intent comes.
    known: bool,
    /// Milliseconds between two intents; the age of the shadow when the next one comes.
    every_ms: i64,
    /// Milliseconds of an exchange with the target.
    latency_ms: i64,
    /// People's edits per second.
    lambda: f64,
}

impl Case {
    /// Probability that somebody edits within so many milliseconds.
    fn edited_within(&self, ms: i64) -> f64 {
        1.0 - (-self.lambda * ms as f64 / 1000.0).exp()
    }

    /// Requests that one landed change costs on average.
    fn expectation(&self) -> f64 {
        let p = self.edited_within(self.latency_ms + DURABLE_MS);
        if self.known { 1.0 + 2.0 * self.edited_within(self.every_ms) / (1.0 - p) } else { 2.0 / (1.0 - p) }
    }

    fn method(&self, worlds: u64, intents: u32) -> String {
        let Self { every_ms, latency_ms, lambda, .. } = self;
        let (delta, formula, chance) = match self.known {
            true => (every_ms / 1000, "1 + 2p₀/(1−p)", format!("p₀ = {:.3}", self.edited_within(*every_ms))),
            false => (latency_ms / 1000, "2/(1−p)", format!("p = {:.3}", self.edited_within(latency_ms + DURABLE_MS))),
        };
        let span = if self.known { format!("τ = {delta} s") } else { format!("δ = {delta} s") };
        format!(
            "simulator, {worlds} worlds of {intents} intents each, with their base, one every {} s on one record whose other \
             field people edit at λ = {:.0}/h, {span}, {chance}; the bound is {formula}",
            every_ms / 1000,
            lambda * 3600.0
        )
    }
}

/// λ at which somebody edits with a probability within so many seconds.
fn lambda(probability: f64, seconds: f64) -> f64 {
    -(1.0 - probability).ln() / seconds
}

fn cases() -> [Case; 2] {
    [
        // Younger than 42 s, the age up to which the engine speculates by default.
        Case { id: "requests-known", known: true, every_ms: 30_000, latency_ms: 40, lambda: lambda(0.2, 30.0) },
        // Older than that; the 15 % that the incident reports name.
        Case { id: "requests-unknown", known: false, every_ms: 60_000, latency_ms: 1_000, lambda: lambda(0.15, 1.0) },
    ]
}

pub(super) fn run(size: Size) -> Result<Vec<Row>> {
    let (worlds, intents) = size.of((150, 50), (20, 50));
    rows(worlds, intents)
}

/// Both cases, each in so many worlds of so many intents.
pub(super) fn rows(worlds: u64, intents: u32) -> Result<Vec<Row>> {
    cases().iter().map(|case| measure(case, worlds, intents)).collect()
}

fn measure(case: &Case, worlds: u64, intents: u32) -> Result<Row> {
    let each: Result<Vec<f64>> = (1..=worlds).map(|seed| per_landed(case, seed, intents)).collect();
    Ok(Row {
        id: case.id,
        method: case.method(worlds, intents),
        unit: "requests",
        measured: stats::mean(&each?),
        bound: case.expectation(),
        limit: LIMIT,
        better: Better::Lower,
        n: usize::try_from(worlds * u64::from(intents)).unwrap_or(usize::MAX),
    })
}

/// Requests per landed change of one world.
fn per_landed(case: &Case, seed: u64, intents: u32) -> Result<f64> {
    let report = ifmatch_sim::run(setup(case, seed, intents)?);
    if let Some(violation) = report.violations.first() {
        anyhow::bail!("{} with seed {seed} breaks {}: {}", case.id, violation.promise, violation.what);
    }
    let landed = report.tally.count(State::Landed);
    let tally = &report.tally;
    ensure!(
        landed == u64::from(intents),
        "{} with seed {seed}: {landed} of {intents} landed: {:?}, reviews {:?}",
        case.id,
        tally.states,
        tally.reviews
    );
    // The client's own read, which made the version known, is no work of an intent.
    let shown = u64::from(case.known);
    Ok((report.tally.requests - shown) as f64 / landed as f64)
}

fn setup(case: &Case, seed: u64, intents: u32) -> Result<Setup> {
    let scenario = scenario(case)?;
    let (id, path) = record(&scenario, seed)?;
    let first = READY_MS + case.every_ms;
    let last = first + i64::from(intents) * case.every_ms;
    let mut ops = edits(case, seed, &path, last);
    if case.known {
        let show = Op::Show { source: SOURCE.to_owned(), kind: KIND.to_owned(), id: id.clone(), path: path.clone() };
        ops.push((READY_MS, show));
    }
    for n in 0..intents {
        let wish = Wish {
            source: SOURCE.to_owned(),
            kind: KIND.to_owned(),
            id: id.clone(),
            path: path.clone(),
            // Neighbours differ, so that none is there already.
            set: json!({ "score": n % 101 }),
            // Without its base an edit that meets a person's in the same second goes to review.
            spoken: Spoken::Valued,
            on_conflict: None,
            pair: None,
        };
        let at = first + i64::from(n) * case.every_ms;
        ops.push((at, Op::Look { source: SOURCE.to_owned(), path: path.clone() }));
        ops.push((at, Op::Wish(wish)));
    }
    ops.sort_by_key(|(at, _)| *at);
    Ok(Setup {
        sources: vec![SourceSpec::edits(SOURCE)],
        ops,
        calm_at: last,
        end_at: last + 3_600_000,
        ..Setup::new(format!("{} seed {seed}", case.id), seed, START, scenario)
    })
}

/// The calm target without a rate limit. Its token outlives the run: logging in is not counted, yet
/// the request that meets an expired token would be.
fn scenario(case: &Case) -> Result<Scenario> {
    let mut scenario = Scenario::named("calm-unlimited", 0).context("the sandbox has a calm scenario")?;
    scenario.options.latency_ms_min = case.latency_ms;
    scenario.options.latency_ms_max = case.latency_ms;
    scenario.options.token_seconds = u32::MAX;
    scenario.world.agents = 2;
    scenario.world.weeks = 1;
    scenario.world.trades = 0;
    scenario.world.scores = 1;
    Ok(scenario)
}

fn record(scenario: &Scenario, seed: u64) -> Result<(String, String)> {
    let start: Timestamp = START.parse().context("the start is an instant")?;
    let world = Sandbox::new(scenario.clone(), seed, start.as_millisecond()).world();
    let text = |pointer| world.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    text("/quality_scores/0/id").zip(text("/quality_scores/0/path")).context("the world has a quality score")
}

/// People's edits as a Poisson process. The first comes at once in the mean, so that the first
/// intent meets what all the others meet.
fn edits(case: &Case, seed: u64, path: &str, until: i64) -> Vec<(i64, Op)> {
    let mut rng = Rng::named(seed, case.id);
    let mut edits = Vec::new();
    let mut at = 0.0;
    loop {
        // The upper 53 bits make a number in [0, 1).
        let unit = (rng.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        at += -(1.0 - unit).ln() / case.lambda * 1000.0;
        if at >= until as f64 {
            return edits;
        }
        let patch = json!({ "comments": format!("note {}", edits.len()) });
        edits.push((at as i64, Op::Edit { path: path.to_owned(), patch, by: "Ada Lehmann".to_owned() }));
    }
}
