//! Plays the incidents, both strategies side by side, and gathers the report.

use super::doors::{Doors, Keys, Site};
use super::drive::{Strategy, play};
use super::feed::Feed;
use super::figures::Figures;
use super::incident::Incident;
use super::judge::{Case, Verdict, judge};
use super::promises::{self, Pair, Promise};
use super::strategy::gateway::api::Api;
use super::strategy::gateway::{self, Entrance, Gateway};
use super::strategy::naive_refresh::{self, NaiveRefresh};
use super::wish::{End, Ended};
use super::witness;
use crate::live::{self, Stage};
use anyhow::Context as _;
use ifmatch_server::config::SourceKind;
use ifmatch_server::{ReadySource, Running, RunningSandbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// When a run is broken off, wall time from the start of all.
const WALL_MAX: Duration = Duration::from_secs(54);

/// How long a gateway may take to stop, wall time.
const STOP_MAX: Duration = Duration::from_secs(4);

/// The longest pause between two probes of a lock, milliseconds of scenario time.
const PROBE_MS: i64 = 20_000;

/// What a busy machine may take for one wish, wall time.
const MACHINE: Duration = Duration::from_secs(2);

/// What is to be played.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The incidents, in order.
    pub(crate) incidents: Vec<Incident>,
    /// The seed of everything that is drawn.
    pub(crate) seed: u64,
    /// How the wishes get to the gateway.
    pub(crate) entry: Entry,
}

/// How wishes get to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// As intents over its own API.
    Api,
    /// As they come in the field.
    Doors,
}

/// Told how many wishes arrived and how many ended since the last call.
pub(crate) type Progress = Arc<dyn Fn(usize, usize) + Send + Sync>;

/// What came of it.
pub(crate) struct Report {
    pub(super) seed: u64,
    pub(super) incidents: Vec<Played>,
    /// The promises that were exercised.
    pub(crate) promises: Vec<Promise>,
    /// How long all of it took, wall time.
    pub(crate) took: Duration,
}

/// One incident, played by both.
pub(super) struct Played {
    pub(super) incident: Incident,
    pub(super) naive: Figures,
    pub(super) ours: Figures,
    /// How many wishes came through each door; empty where none did.
    pub(super) doors: BTreeMap<&'static str, usize>,
    verdicts: [Verdict; 2],
    reviews: Vec<String>,
}

/// The gateway of the last incident, still running.
pub(crate) struct Kept {
    /// The gateway with its sandbox.
    pub(crate) running: Running,
    /// Its store goes with it.
    pub(crate) folder: TempDir,
}

impl Kept {
    /// Stops the gateway and removes its store. One that does not stop goes with the process.
    pub(crate) async fn end(self) {
        if tokio::time::timeout(STOP_MAX, self.running.shutdown()).await.is_ok() {
            drop(self.folder);
        }
    }
}

/// One strategy's run.
struct Run {
    figures: Figures,
    verdict: Verdict,
    reviews: Vec<String>,
    doors: BTreeMap<&'static str, usize>,
}

/// Plays everything.
///
/// # Errors
/// A sandbox or a gateway does not start.
pub(crate) async fn run(plan: &Plan, progress: Progress) -> anyhow::Result<(Report, Option<Kept>)> {
    let started = Instant::now();
    let until = started + WALL_MAX;
    let tasks: Vec<_> = plan
        .incidents
        .iter()
        .map(|incident| {
            let (incident, seed, entry) = (*incident, plan.seed, plan.entry);
            let naive = tokio::spawn(play_naive(incident, seed, until, Arc::clone(&progress)));
            let ours = tokio::spawn(play_ours(incident, seed, entry, until, Arc::clone(&progress)));
            (incident, naive, ours)
        })
        .collect();
    let (mut incidents, mut kept) = (Vec::new(), None);
    for (incident, naive, ours) in tasks {
        let naive = naive.await.context("a run broke")??;
        let (ours, running) = ours.await.context("a run broke")??;
        if let Some(earlier) = kept.replace(running) {
            earlier.end().await;
        }
        incidents.push(Played {
            incident,
            naive: naive.figures,
            ours: ours.figures,
            doors: if plan.entry == Entry::Doors { ours.doors } else { BTreeMap::new() },
            verdicts: [naive.verdict, ours.verdict],
            reviews: ours.reviews,
        });
    }
    let pairs: Vec<Pair<'_>> = incidents.iter().map(Played::pair).collect();
    let promises = promises::judge(&pairs);
    Ok((Report { seed: plan.seed, incidents, promises, took: started.elapsed() }, kept))
}

/// The sources of a feed, beside those that are always there.
fn ready(sources: &[String]) -> Vec<ReadySource> {
    let mut ready = ReadySource::well_known();
    for name in sources {
        if !ready.iter().any(|known| known.name == *name) {
            ready.push(ReadySource::new(name, SourceKind::Scheduler));
        }
    }
    ready
}

async fn play_naive(incident: Incident, seed: u64, until: Instant, progress: Progress) -> anyhow::Result<Run> {
    let mut feed = Feed::of(incident, seed)?;
    let sandbox = live::sandbox(incident.played(seed)).await?;
    let stage = Stage::new(sandbox.clock(), incident.scenario(seed).start(), until);
    let _pulse = sandbox.pulse();
    let mut strategy = NaiveRefresh::open(&sandbox, &stage).await?;
    let run = play_one(naive_refresh::NAME, &mut feed, &mut strategy, &sandbox, &stage, &progress).await;
    sandbox.shutdown().await;
    Ok(run)
}

async fn play_ours(
    incident: Incident,
    seed: u64,
    entry: Entry,
    until: Instant,
    progress: Progress,
) -> anyhow::Result<(Run, Kept)> {
    let start = incident.scenario(seed).start();
    let (run, running, folder) = match entry {
        Entry::Api => {
            let feed = Feed::of(incident, seed)?;
            let (running, folder) = live::gateway(incident.played(seed), ready(&feed.sources)).await?;
            let stage = Stage::new(running.clock(), start, until);
            let api = Api::open(&running, &feed.sources).await?;
            (play_at(&running, &stage, feed, api, &progress).await?, running, folder)
        }
        Entry::Doors => {
            let keys = Keys::draw();
            let (running, folder) = live::configured(incident.played(seed), &keys.config(incident, seed)?).await?;
            let stage = Stage::new(running.clock(), start, until);
            let mut site = Site::open(incident, &keys, &running, &stage).await?;
            let feed = site.feed(incident, seed).await?;
            (play_at(&running, &stage, feed, Doors::of(site), &progress).await?, running, folder)
        }
    };
    anyhow::ensure!(!running.is_broken(), "a bug ended a part of the gateway in {}", incident.id());
    Ok((run, Kept { running, folder }))
}

async fn play_at(
    running: &Running,
    stage: &Stage,
    mut feed: Feed,
    entrance: impl Entrance,
    progress: &Progress,
) -> anyhow::Result<Run> {
    let _pulse = running.pulse();
    let mut strategy = Gateway::open(running, stage, entrance, feed.reacts()).await?;
    let sandbox = running.sandbox().context("the gateway has a sandbox")?;
    Ok(play_one(gateway::NAME, &mut feed, &mut strategy, sandbox, stage, progress).await)
}

async fn play_one(
    name: &'static str,
    feed: &mut Feed,
    strategy: &mut impl Strategy,
    sandbox: &RunningSandbox,
    stage: &Stage,
    progress: &Progress,
) -> Run {
    let ended = play(feed, strategy, sandbox, stage, progress).await;
    let (ledger, stats) = sandbox.with(|sandbox| (sandbox.ledger().to_vec(), sandbox.stats()));
    let locks = witness::locks(sandbox);
    let verdict = judge(&Case {
        ledger: &ledger,
        stats: &stats,
        start: &feed.start,
        ended: &ended,
        locks: &locks,
        start_ms: stage.start_ms(),
        slack_ms: PROBE_MS + stage.scenario_ms(MACHINE),
    });
    let line = |one: &Ended| format!("{} {}: {}", one.wish.name, one.end.as_str(), one.said);
    let reviews =
        ended.iter().filter(|one| matches!(one.end, End::Review | End::Pending | End::Rejected)).map(line).collect();
    let mut doors = BTreeMap::new();
    for one in &ended {
        *doors.entry(one.wish.door.as_str()).or_default() += 1;
    }
    Run { figures: Figures::of(name, &ended, &stats, &verdict), verdict, reviews, doors }
}

impl Played {
    fn pair(&self) -> Pair<'_> {
        Pair { incident: self.incident, naive: &self.naive, ours: &self.ours, verdict: &self.verdicts[1] }
    }
}

impl Report {
    /// Whether every promise held.
    pub(crate) fn held(&self) -> bool {
        self.promises.iter().all(|promise| promise.broken.is_empty())
    }

    /// Whether the run was broken off, so that something is pending for want of time.
    pub(crate) fn is_broken_off(&self) -> bool {
        self.took >= WALL_MAX && self.incidents.iter().any(|played| played.ours.count(End::Pending) > 0)
    }

    /// Shape: `{"seed", "scenarios": [{"id", "strategies": [{"name", …}]}], "promises": {"P1": true}}`; a scenario that was played
    /// through the doors has `"doors": {"signed_hook": 207, …}` too.
    pub(crate) fn to_json(&self) -> Value {
        let scenarios: Vec<Value> = self
            .incidents
            .iter()
            .map(|played| {
                let mut scenario = json!({
                    "id": played.incident.id(), "strategies": [played.naive.to_json(), played.ours.to_json()],
                });
                if !played.doors.is_empty() {
                    scenario["doors"] = json!(played.doors);
                }
                scenario
            })
            .collect();
        let promises: serde_json::Map<String, Value> =
            self.promises.iter().map(|promise| (promise.id.to_owned(), json!(promise.broken.is_empty()))).collect();
        let broken = self.promises.iter().filter(|promise| !promise.broken.is_empty());
        let broken: serde_json::Map<String, Value> =
            broken.map(|promise| (promise.id.to_owned(), json!(promise.broken))).collect();
        json!({"seed": self.seed, "scenarios": scenarios, "promises": promises, "broken": broken})
    }

    /// Every single finding, for those who want to look into one.
    pub(crate) fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for played in &self.incidents {
            let id = played.incident.id();
            for (name, verdict) in [naive_refresh::NAME, gateway::NAME].into_iter().zip(&played.verdicts) {
                let mut say = |what: &str, cases: &[String]| {
                    lines.extend(cases.iter().map(|case| format!("{id} {name} {what}: {case}")));
                };
                say("lost edit", &verdict.lost_edits);
                say("duplicate", &verdict.duplicates);
                say("needless review", &verdict.needless_reviews);
                say("unproven", &verdict.unproven);
                say("unexplained", &verdict.unexplained);
                say("unbounded", &verdict.unbounded);
            }
            lines.extend(played.reviews.iter().map(|case| format!("{id} ifmatch ended {case}")));
        }
        lines
    }
}
