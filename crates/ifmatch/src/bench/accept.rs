//! Durable accepts over HTTP against the same handler without a store, in turns.

use super::held::Folder;
use super::load::{self, Round, Target};
use super::stats::{self, Samples};
use super::{Better, Row, Size, gateway};
use anyhow::{Context as _, Result};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Connections, each with one request on the wire.
const CONNECTIONS: usize = 64;

/// Records that the intents are about.
const RECORDS: u64 = 5_000;

/// Share of the requests a second that are left with a store behind the handler.
const RATE_LIMIT: f64 = 0.4;

/// How much longer the slowest of a hundred may take than the one in the middle.
const TAIL_LIMIT: f64 = 4.0;

pub(super) fn run(size: Size) -> Result<Vec<Row>> {
    let (rounds, span) = size.of((8, Duration::from_millis(1_500)), (3, Duration::from_millis(600)));
    let folder = Folder::new()?;
    let (gateway, _) = gateway::start(folder.path())?;
    let floor = gateway::start_floor()?;
    let target = gateway.log_in()?;
    let peer = Target { address: floor.address, authorization: target.authorization.clone() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let next = Arc::new(AtomicU64::new(0));
    let drive =
        |target: &Target, span| runtime.block_on(load::drive(target, "/v1/intents", CONNECTIONS, span, &next, body));
    // Caches, allocator and the log's first pages are no part of the figures.
    for target in [&peer, &target] {
        drive(target, span / 3)?;
    }
    let (mut bare, mut durable) = (Vec::new(), Vec::new());
    let spent = [floor.cpu_micros()?, gateway.cpu_micros()?];
    for _ in 0..rounds {
        bare.push(drive(&peer, span / 2)?);
        durable.push(drive(&target, span)?);
    }
    let cpu = [
        (floor.cpu_micros()? - spent[0]) / answers(&bare) as f64,
        (gateway.cpu_micros()? - spent[1]) / answers(&durable) as f64,
    ];
    drop(floor);
    gateway.stop()?;
    Ok(vec![rate(&bare, &durable, cpu), tail(&durable)])
}

fn answers(rounds: &[Round]) -> usize {
    rounds.iter().map(|round| round.micros.len()).sum()
}

fn rate(bare: &[Round], durable: &[Round], [bare_cpu, durable_cpu]: [f64; 2]) -> Row {
    let rates = |rounds: &[Round]| rounds.iter().map(|round| round.per_second).collect::<Vec<_>>();
    let (measured, bound) = stats::in_turns(&rates(durable), &rates(bare));
    Row {
        id: "accept-rate",
        method: format!(
            "POST /v1/intents of {} B, one each, over {CONNECTIONS} keep-alive connections on loopback, SQLite with a sync \
             before the answer, {} turns of gateway and bound; the bound is the same handler without a store, the load \
             generator shares the machine; processor time {durable_cpu:.0} µs an accept, {bare_cpu:.0} µs of the bound",
            body(0).len(),
            durable.len(),
        ),
        unit: "/s",
        measured,
        bound,
        limit: RATE_LIMIT,
        better: Better::Higher,
        n: answers(durable),
    }
}

fn tail(durable: &[Round]) -> Row {
    let samples = Samples::new(durable.iter().flat_map(|round| &round.micros).map(|us| us / 1000.0).collect());
    Row {
        id: "accept-tail",
        method: format!(
            "99th percentile of the same accepts against their median: p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms",
            samples.quantile(0.5).value,
            samples.quantile(0.99).value,
            samples.quantile(0.999).value,
        ),
        unit: "ms",
        measured: samples.quantile(0.99),
        bound: samples.quantile(0.5).value,
        limit: TAIL_LIMIT,
        better: Better::Lower,
        n: samples.len(),
    }
}

/// An intent of about 500 bytes with a key of its own.
fn body(number: u64) -> String {
    let record = number % RECORDS;
    format!(
        r#"{{"idempotency_key":"servicenow:9f1c2ab4d5e6:{number:010}","resource":{{"org":"{org}","kind":"quality-score","id":"qs-{record:08}"}},"change":{{"merge_patch":{{"score":{score},"comments":"Greeting and closing as agreed; the caller was told when the supervisor would ring back, and did not have to ask twice."}}}},"base":{{"version":12}},"on_conflict":{{"/score":"review","/comments":"append"}},"class":"normal","origin":{{"system":"servicenow","record":"9f1c2ab4d5e6","sequence":{number}}}}}"#,
        org = gateway::NAME,
        score = number % 101,
    )
}

#[cfg(test)]
mod tests {
    //! Behaviour of the load's intents.

    use super::*;

    #[test]
    fn a_body_is_an_intent_of_about_500_bytes() {
        for number in [0, 7_000_001] {
            let text = body(number);
            assert!((450..550).contains(&text.len()), "{}", text.len());
            let intent: ifmatch_core::Intent = serde_json::from_str(&text).unwrap();
            intent.check().unwrap();
        }
        assert_ne!(body(1), body(1 + RECORDS), "the key differs where the record does not");
    }
}
