//! ifmatch over HTTP: items are handed to a real gateway as intents, then left alone. What came of
//! them is read from the gateway's store once it has stopped, and judged by the target's ledger.

use super::Run;
use super::script::{Cue, Script};
use crate::live::{self, Callers, Played, Stage, Taken};
use anyhow::Context as _;
use ifmatch_core::{IntentId, OrgName};
use ifmatch_server::config::SourceKind;
use ifmatch_server::{ReadySource, SANDBOX};
use ifmatch_sim::lab::{Senders, Traces, Workload, settled};
use ifmatch_sqlite::Sqlite;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often the gateway is asked how things stand, wall time.
const LOOK: Duration = Duration::from_millis(60);

/// Runs ifmatch over a workload: a gateway with a store and a sandbox of its own.
pub(super) async fn run(workload: &Workload, played: Played, until: Instant) -> anyhow::Result<Run> {
    let names: Vec<String> = workload.setup.sources.iter().map(|source| source.name.clone()).collect();
    let sources = names.iter().filter(|name| *name != SANDBOX);
    let sources = sources.map(|name| ReadySource::new(name, SourceKind::Scheduler)).collect();
    let (running, folder) = live::gateway(played, sources).await?;
    let stage = Stage::new(running.clock(), None, until);
    let pulse = running.pulse();
    let sandbox = running.sandbox().context("the gateway has a sandbox")?;
    let mut script = Script::new(workload, sandbox, &stage)?;
    let mut desk = Desk {
        callers: Callers::log_in(&running, &names).await?,
        senders: Senders::new(workload),
        org: OrgName::from(SANDBOX),
        ids: vec![None; workload.items.len()],
    };
    let is_broken_off = play(workload, &mut desk, &mut script, &stage).await?;
    let edits = script.edits;
    let traces = sandbox.with(|sandbox| {
        if !is_broken_off {
            // What goes on by itself, such as a publish, is seen to its end.
            sandbox.advance(stage.start_ms() + workload.setup.end_at);
        }
        Traces::of(sandbox, stage.start_ms(), edits)
    });
    drop(pulse);
    anyhow::ensure!(!running.is_broken(), "a bug ended a part of the gateway");
    running.shutdown().await;
    let mut store = Sqlite::open_in(folder.path()).context("the gateway's store cannot be opened")?;
    let course = settled(workload, &desk.ids, desk.senders.told(), traces, &mut store, &desk.org)?;
    Ok(Run { course, is_broken_off })
}

/// Who hands items in.
struct Desk<'a> {
    callers: Callers,
    senders: Senders<'a>,
    org: OrgName,
    /// The intent of each item that the gateway accepted.
    ids: Vec<Option<IntentId>>,
}

impl Desk<'_> {
    /// Hands in what arrives together, one request a source.
    async fn submit(&mut self, arrived: BTreeMap<&str, Vec<(usize, Value)>>) -> anyhow::Result<()> {
        for (source, items) in arrived {
            let (numbers, intents): (Vec<usize>, Vec<Value>) = items.into_iter().unzip();
            for (number, taken) in numbers.into_iter().zip(self.callers.submit(source, &intents).await) {
                if let Taken::As(id) = taken {
                    self.ids[number] = Some(id.parse().ok().context("the gateway gives ids of intents")?);
                }
            }
        }
        Ok(())
    }
}

/// Plays to the end; says whether it was broken off before.
async fn play(
    workload: &Workload,
    desk: &mut Desk<'_>,
    script: &mut Script<'_>,
    stage: &Stage,
) -> anyhow::Result<bool> {
    loop {
        let mut arrived: BTreeMap<&str, Vec<(usize, Value)>> = BTreeMap::new();
        while let Some(cue) = script.cue() {
            match cue {
                Cue::Sees { source, path, record } => desk.senders.sees(source, path, record),
                Cue::Speaks => {
                    let (number, intent) = desk.senders.intent(&desk.org);
                    let source = workload.items[number].source.as_str();
                    arrived.entry(source).or_default().push((number, serde_json::to_value(&intent)?));
                }
            }
        }
        desk.submit(arrived).await?;
        if (script.is_over() && !desk.callers.is_under_way().await) || script.is_late() {
            return Ok(false);
        }
        if Instant::now() >= stage.until {
            return Ok(true);
        }
        if script.is_over() {
            tokio::time::sleep(LOOK).await;
        } else {
            tokio::select! {
                () = stage.pause(script.until_next_ms()) => {}
                () = tokio::time::sleep_until(stage.until.into()) => {}
            }
        }
    }
}
