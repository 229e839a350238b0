//! One decision of the engine: taking a submission, and making a write of what was loaded.

use super::shell::{ORG, Shell, Step};
use super::stats::Samples;
use super::{Better, Row, Size};
use anyhow::{Context as _, Result, ensure};
use ifmatch_core::{Change, Intent, OrgName, Resource, SignedDuration, Timestamp, Urgency};
use ifmatch_sandbox::Scenario;
use serde_json::{Value, json};

/// The design's figure for one decision, in microseconds.
const BOUND_US: f64 = 50.0;

/// Intents that wait on other records of the same kind meanwhile.
const WAITING: usize = 10_000;

pub(super) fn run(size: Size) -> Result<Vec<Row>> {
    let rounds = size.of(20_000, 3_000);
    let mut scores = Shell::new(scenario()?)?;
    wait(&mut scores, "quality-score", |n| format!("waiting-{n}"), &json!({ "score": 1 }))?;
    let ids = names(&scores.sandbox.world(), "/quality_scores");
    for n in 0..rounds {
        let patch = json!({ "score": n / ids.len() % 101 });
        scores.submit(intent("quality-score", &ids[n % ids.len()], patch, None))?;
    }
    ensure!(scores.landed as usize == rounds, "{} of {rounds} quality scores landed", scores.landed);

    let rounds = size.of(2_000, 300);
    let mut agents = Shell::new(scenario()?)?;
    let (schedule, ids) = agents_of(&agents.sandbox)?;
    let available = |status: &str| json!({ "availability": { "status": status } });
    wait(&mut agents, "agent-schedule", |n| format!("{schedule}/waiting-{n}"), &available("available"))?;
    for n in 0..rounds {
        let id = format!("{schedule}/{}", ids[n % ids.len()]);
        let patch = available(if n / ids.len() % 2 == 0 { "training" } else { "unavailable" });
        agents.submit(intent("agent-schedule", &id, patch, None))?;
    }
    ensure!(agents.landed as usize == rounds, "{} of {rounds} changes of agents landed", agents.landed);
    Ok(vec![
        row("decision-submit", "Engine::handle of a submission", &scores, Step::Submit, "quality scores"),
        row(
            "decision-plan",
            "Engine::handle of loaded payloads up to the write attempt",
            &scores,
            Step::Plan,
            "quality scores",
        ),
        row("decision-agent", "the same as decision-plan", &agents, Step::Plan, "agents of one schedule"),
    ])
}

fn row(id: &'static str, what: &str, shell: &Shell, step: Step, records: &str) -> Row {
    let micros = shell.steps.iter().filter(|(known, _)| *known == step).map(|(_, took)| took.as_secs_f64() * 1e6);
    let mut micros: Vec<f64> = micros.collect();
    if step == Step::Submit {
        // The ones that only wait were measured on the way and are no part of the load.
        micros.drain(..WAITING.min(micros.len()));
    }
    let samples = Samples::new(micros);
    Row {
        id,
        method: format!(
            "99th percentile over {} times: {what}, effects collected; {records}, {WAITING} other intents wait, store in \
             memory, by processor time (median {:.1} µs); the bound is the design's",
            samples.len(),
            samples.quantile(0.5).value
        ),
        unit: "µs",
        measured: samples.quantile(0.99),
        bound: BOUND_US,
        limit: 1.0,
        better: Better::Lower,
        n: samples.len(),
    }
}

fn scenario() -> Result<Scenario> {
    let mut scenario = Scenario::named("calm-unlimited", 0).context("the sandbox has a calm scenario")?;
    scenario.world.scores = 100;
    scenario.world.trades = 0;
    scenario.world.weeks = 1;
    Ok(scenario)
}

/// Fills the engine with intents whose time comes in a year.
fn wait(shell: &mut Shell, kind: &str, id: impl Fn(usize) -> String, patch: &Value) -> Result<()> {
    let not_before = shell.now() + SignedDuration::from_hours(365 * 24);
    for n in 0..WAITING {
        shell.submit(intent(kind, &id(n), patch.clone(), Some(not_before)))?;
    }
    Ok(())
}

fn intent(kind: &str, id: &str, patch: Value, not_before: Option<Timestamp>) -> Intent {
    Intent {
        idempotency_key: None,
        resource: Resource::by_id(&OrgName::from(ORG), kind, id),
        change: Change::MergePatch(patch),
        base: None,
        on_conflict: None,
        class: Urgency::Normal,
        not_before,
        deadline: None,
        origin: None,
        pair: None,
    }
}

fn names(world: &Value, pointer: &str) -> Vec<String> {
    let all = world.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|record| record.get("id")?.as_str().map(str::to_owned)).collect()
}

/// The first schedule and its agents.
fn agents_of(sandbox: &ifmatch_sandbox::Sandbox) -> Result<(String, Vec<String>)> {
    let world = sandbox.world();
    let schedule = names(&world, "/schedules").into_iter().next().context("the world has a schedule")?;
    Ok((schedule, names(&world, "/agents")))
}
