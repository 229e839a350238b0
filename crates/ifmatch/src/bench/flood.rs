//! A flood of hooks while the target is down: each is answered as if nothing were the matter, and once the target is back all of it
//! lands with as few writes as there are records.

use super::gateway::{self, Process};
use super::held::Folder;
use super::load::{self, Round, Target};
use super::stats::{self, Samples};
use super::{Better, Row, Size};
use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Hooks a second.
const RATE: f64 = 2_000.0;

/// Connections of the sender.
const CONNECTIONS: u32 = 64;

/// Every third hook repeats one that came before.
const REPEATED: u64 = 3;

/// How long a hook may take, in milliseconds.
const TAIL_MS: f64 = 50.0;

/// Writes a record, of which one is needed.
const WRITES_LIMIT: f64 = 1.5;

/// How long all of it may take to land once the target is back.
const DRAIN_MAX: Duration = Duration::from_secs(240);

pub(super) fn run(size: Size) -> Result<Vec<Row>> {
    let span = size.of(Duration::from_secs(60), Duration::from_secs(4));
    let folder = Folder::new()?;
    let sandbox = gateway::start_sandbox(gateway::ANY_PORT, OsStr::new("calm"))?;
    let scores = scores(&sandbox)?;
    let text = config(&sandbox)?;
    let address = sandbox.address;
    // From here on nobody answers there.
    drop(sandbox);
    let (gateway, _) = gateway::start_with(folder.path(), &text)?;
    let basic = base64::prelude::BASE64_STANDARD.encode(format!("{}:no-secret", gateway::NAME));
    let sender = Target { address: gateway.address, authorization: format!("Basic {basic}") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let ids: Arc<[String]> = scores.into();
    let known = Arc::clone(&ids);
    let body: Arc<dyn Fn(u64) -> String + Send + Sync> = Arc::new(move |number| hook(&known, number));
    let path = format!("/v1/hooks/{}", gateway::NAME);
    let round = runtime.block_on(load::steady(&sender, &path, CONNECTIONS, RATE, span, &body))?;

    let sandbox = gateway::start_sandbox(address, OsStr::new("calm"))?;
    let operator = gateway.log_in()?;
    let took = drained(&operator, &ids, &round)?;
    let writes = writes(&sandbox, &ids, round.micros.len() as u64)?;
    gateway.stop()?;
    Ok(vec![tail(&round), drain(writes, ids.len(), took, &round)])
}

/// The event of a hook: of three, the last one repeats the first.
fn event(number: u64) -> u64 {
    if number % REPEATED == REPEATED - 1 { number + 1 - REPEATED } else { number }
}

/// What a review says in its n-th change.
fn score(change: u64) -> u64 {
    change % 100 + 1
}

/// A review of ServiceNow, changed once more.
fn hook(ids: &[String], number: u64) -> String {
    let (event, records) = (event(number), ids.len() as u64);
    let (record, change) = (event % records, event / records);
    format!(
        r#"{{"table":"x_acme_quality_review","operation":"update","sys_id":"9f1c2ab4d5e6{record:04}","sys_mod_count":"{change}","sys_updated_on":"2026-11-16 07:00:00","score_id":"{id}","score":"{score}"}}"#,
        id = ids.get(usize::try_from(record).unwrap_or_default()).map_or("", String::as_str),
        score = score(change),
    )
}

fn config(sandbox: &Process) -> Result<String> {
    let said = |name: &str| sandbox.said.get(name).and_then(Value::as_str).context("a sandbox says how to log in");
    Ok(format!(
        r#"
[[org]]
name = "{name}"
dialect = "wfm-v2"
api_url = "http://{address}"
client_id = "{id}"
client_secret = "{secret}"
allow_private = true

[[source]]
name = "{name}"
org = "{name}"
client_id = "{name}"
client_secret = "no-secret"

[source.hook]
auth = ["basic"]

[source.hook.map]
kind = "quality-score"
id = "/score_id"
fields = {{ "/score" = {{ from = "/score", as = "number" }} }}
"#,
        name = gateway::NAME,
        address = sandbox.address,
        id = said("client_id")?,
        secret = said("client_secret")?,
    ))
}

fn ask(target: &Target, path: &str) -> Result<Value> {
    let head = format!("GET {path} HTTP/1.1\r\nauthorization: {}\r\n", target.authorization);
    let (status, body) = load::once(target.address, &head, "")?;
    ensure!(status.contains(" 200 "), "{path}: {status}");
    serde_json::from_str(&body).with_context(|| format!("{path} answers no JSON"))
}

fn control(sandbox: &Process, path: &str) -> Result<Value> {
    ask(&Target { address: sandbox.address, authorization: "none".to_owned() }, path)
}

fn scores(sandbox: &Process) -> Result<Vec<String>> {
    let world = control(sandbox, "/__sandbox/world")?;
    let scores = world["quality_scores"].as_array().context("a world has scores")?;
    Ok(scores.iter().filter_map(|score| score["id"].as_str().map(str::to_owned)).collect())
}

/// Waits until every event has ended, and gives the time that it took.
fn drained(operator: &Target, ids: &[String], round: &Round) -> Result<Duration> {
    let start = Instant::now();
    let events = unique(round.micros.len() as u64);
    ensure!(!ids.is_empty(), "there are no records");
    loop {
        let status = ask(operator, "/v1/status")?;
        let states = status["orgs"][0]["intents"].as_object().context("a status has states")?;
        let count = |of: fn(&str) -> bool| -> u64 {
            states.iter().filter(|(name, _)| of(name)).filter_map(|(_, count)| count.as_u64()).sum()
        };
        ensure!(count(|_| true) == events, "of {events} events {} are kept", count(|_| true));
        let ended = count(|name| matches!(name, "landed" | "satisfied" | "superseded"));
        if ended == events {
            return Ok(start.elapsed());
        }
        if start.elapsed() > DRAIN_MAX {
            bail!("{ended} of {events} events have ended: {states:?}");
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// How many different events so many hooks told of.
fn unique(hooks: u64) -> u64 {
    hooks - hooks / REPEATED
}

/// The accepted writes, once the last word of every record stands and nothing was sent too early.
fn writes(sandbox: &Process, ids: &[String], hooks: u64) -> Result<u64> {
    let records = ids.len() as u64;
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for number in 0..hooks {
        let event = event(number);
        last.insert(event % records, event / records);
    }
    for (record, change) in last {
        let id = &ids[usize::try_from(record)?];
        let truth = control(sandbox, &format!("/__sandbox/record?path=/api/v2/wfm/v2/quality/scores/{id}"))?;
        ensure!(truth["score"] == score(change), "the last word of {id} is {}, and {truth} stands", score(change));
    }
    let stats = control(sandbox, "/__sandbox/stats")?;
    ensure!(stats["early"].as_u64().unwrap_or_default() == 0, "requests left before Retry-After: {stats}");
    let ledger = control(sandbox, "/__sandbox/ledger")?;
    Ok(ledger.as_array().context("a ledger is a list")?.len() as u64)
}

fn tail(round: &Round) -> Row {
    let samples = Samples::new(round.micros.iter().map(|us| us / 1000.0).collect());
    Row {
        id: "hook-flood-tail",
        method: format!(
            "POST /v1/hooks/… at {RATE} a second over {CONNECTIONS} connections, from when each was due, every third one a repetition, \
             the target refuses connections, every answer 202: {:.0} /s, p50 {:.2} ms, p99.9 {:.2} ms",
            round.per_second,
            samples.quantile(0.5).value,
            samples.quantile(0.999).value,
        ),
        unit: "ms",
        measured: samples.quantile(0.99),
        bound: TAIL_MS,
        limit: 1.0,
        better: Better::Lower,
        n: samples.len(),
    }
}

fn drain(writes: u64, records: usize, took: Duration, round: &Round) -> Row {
    Row {
        id: "hook-flood-drain",
        method: format!(
            "accepted writes for {} events about {records} records once the target is back, none lost and none early, in {:.1} s",
            unique(round.micros.len() as u64),
            took.as_secs_f64(),
        ),
        unit: "writes",
        measured: stats::mean(&[writes as f64]),
        bound: records as f64,
        limit: WRITES_LIMIT,
        better: Better::Lower,
        n: round.micros.len(),
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the load's hooks.

    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_third_hook_repeats_the_one_before_the_last() {
        let ids = ["a".to_owned(), "b".to_owned()];
        assert_eq!(hook(&ids, 5), hook(&ids, 3));
        let distinct: BTreeSet<u64> = (0..300).map(event).collect();
        assert_eq!(distinct.len() as u64, unique(300));
        assert_eq!((0..301).map(event).collect::<BTreeSet<_>>().len() as u64, unique(301));
    }
}
