//! Writes of the sandbox over HTTP, each under the version before it, against stub servers of others
//! that look at no version, in turns.

use super::gateway::{self, Process};
use super::held::Folder;
use super::load::{self, Round, Script, Target};
use super::peers::{Peer, TRADES};
use super::stats::{self, Estimate};
use super::{Better, Row, Wanted};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Connections, each with one request on the wire and a trade of its own.
const CONNECTIONS: usize = 64;

/// Neither limits nor a way that takes time, and a trade for each connection.
const SCENARIO: &str = "base = \"calm-unlimited\"\n[options]\nlatency_ms_min = 0\nlatency_ms_max = 0\n\
                        [world]\nagents = 60\nscores = 0\ntrades = 64\nweeks = 1\n";

/// How many times the requests a second of each of them are wanted.
const PEERS: [(&str, Peer, f64); 2] =
    [("sandbox-versioned-put", Peer::WireMock, 2.0), ("sandbox-versioned-put-prism", Peer::Prism, 10.0)];

/// A trade: its path, its document, the version that it has.
struct Trade {
    path: String,
    document: Value,
    version: Arc<AtomicU64>,
}

impl Trade {
    /// The same with a count of its own.
    fn apart(&self) -> Self {
        let version = Arc::new(AtomicU64::new(self.version.load(Ordering::Relaxed)));
        Self { path: self.path.clone(), document: self.document.clone(), version }
    }
}

/// What a server answered, turn by turn, and the processor time that it took for all of it.
#[derive(Debug, Default)]
struct Served {
    rounds: Vec<Round>,
    micros: f64,
}

impl Served {
    fn turn(&mut self, process: &Process, drive: impl FnOnce() -> Result<Round>) -> Result<()> {
        let before = process.cpu_micros()?;
        self.rounds.push(drive()?);
        self.micros += process.cpu_micros()? - before;
        Ok(())
    }

    fn rates(&self) -> Vec<f64> {
        self.rounds.iter().map(|round| round.per_second).collect()
    }

    fn count(&self) -> usize {
        self.rounds.iter().map(|round| round.micros.len()).sum()
    }

    /// Processor time of one answer, in microseconds.
    fn cpu(&self) -> f64 {
        self.micros / self.count() as f64
    }
}

pub(super) fn run(wanted: &Wanted) -> Result<Vec<Row>> {
    let (turns, span) = wanted.size.of((6, Duration::from_millis(1_500)), (3, Duration::from_millis(700)));
    // A virtual machine translates what runs often: its first seconds say nothing.
    let warm = wanted.size.of(Duration::from_secs(10), Duration::from_secs(5));
    let (folder, stubs) = (Folder::new()?, Folder::new()?);
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, SCENARIO)?;
    let sandbox = gateway::start_sandbox(gateway::ANY_PORT, file.as_os_str())?;
    let target = sandbox.log_in()?;
    let trades = trades(&target)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let drive = |target: &Target, trades: &[Trade], span| {
        runtime.block_on(load::play(target.address, scripts(target, trades), span, 200))
    };
    drive(&target, &trades, span)?;
    // What the peers are asked for raises no version of the sandbox.
    let apart: Vec<Trade> = trades.iter().map(Trade::apart).collect();
    let mut peers: Vec<(Result<Process>, Served)> = Vec::new();
    for (_, peer, _) in PEERS {
        let process = peer.start(wanted.peers.as_deref(), &stubs, &trades[0].document);
        let warmed = process.and_then(|process| drive(&at(&process, &target), &apart, warm).map(|_| process));
        peers.push((warmed, Served::default()));
    }
    let mut own = Served::default();
    for _ in 0..turns {
        own.turn(&sandbox, || drive(&target, &trades, span))?;
        for (process, served) in &mut peers {
            if let Ok(process) = process {
                served.turn(process, || drive(&at(process, &target), &apart, span))?;
            }
        }
    }
    check(&target, &trades)?;
    let rows = PEERS
        .into_iter()
        .zip(peers)
        .map(|((id, peer, limit), (process, served))| row(id, peer, limit, &own, process.map(|_| served)));
    Ok(rows.collect())
}

/// A peer takes the same requests at its own address.
fn at(process: &Process, target: &Target) -> Target {
    Target { address: process.address, ..target.clone() }
}

/// The trades of the world, as clients read them.
fn trades(target: &Target) -> Result<Vec<Trade>> {
    let world = read(target, "/__sandbox/world")?;
    let listed = world.get("shift_trades").and_then(Value::as_array).context("the world has trades")?;
    let trade = |listed: &Value| {
        let path = listed.get("path").and_then(Value::as_str).context("a trade has a path")?;
        let mut document = read(target, path)?;
        let members = document.as_object_mut().context("a trade is an object")?;
        // The version goes into the header: nothing but that one is checked.
        let version =
            members.remove("version").and_then(|version| version.as_u64()).context("a trade has a version")?;
        members.remove("entity_version");
        Ok(Trade { path: path.to_owned(), document, version: Arc::new(AtomicU64::new(version)) })
    };
    let trades = listed.iter().map(trade).collect::<Result<Vec<Trade>>>()?;
    ensure!(trades.len() >= CONNECTIONS, "the world has {} trades", trades.len());
    Ok(trades)
}

fn read(target: &Target, path: &str) -> Result<Value> {
    let head = format!("GET {path} HTTP/1.1\r\nauthorization: {}\r\n", target.authorization);
    let (status, body) = load::once(target.address, &head, "")?;
    serde_json::from_str(&body).with_context(|| format!("{path} answers {status}"))
}

/// Each connection replaces its own trade, every time from the version that the time before left.
fn scripts(target: &Target, trades: &[Trade]) -> Vec<Script> {
    let script = |trade: &Trade| -> Script {
        let (target, path, version) = (target.clone(), trade.path.clone(), Arc::clone(&trade.version));
        let mut document = trade.document.clone();
        document["notes"] = Value::from("NOTE");
        let document = document.to_string();
        let (first, rest) = document.split_once("NOTE").unwrap_or((&document, ""));
        let (first, rest) = (first.to_owned(), rest.to_owned());
        Box::new(move || {
            let named = version.fetch_add(1, Ordering::Relaxed);
            let body = format!("{first}Seen in the morning, note {named:09}{rest}");
            target.request("PUT", &path, &format!("if-match: \"{named}\"\r\n"), &body)
        })
    };
    trades.iter().take(CONNECTIONS).map(script).collect()
}

/// Every write has raised its trade by one, and one from an older version is refused.
fn check(target: &Target, trades: &[Trade]) -> Result<()> {
    for trade in &trades[..CONNECTIONS] {
        let (found, wanted) = (read(target, &trade.path)?, trade.version.load(Ordering::Relaxed));
        ensure!(found.get("version").and_then(Value::as_u64) == Some(wanted), "{} is not at {wanted}", trade.path);
    }
    let head = format!(
        "PUT {} HTTP/1.1\r\nauthorization: {}\r\ncontent-type: application/json\r\nif-match: \"1\"\r\n",
        trades[0].path, target.authorization
    );
    let (status, _) = load::once(target.address, &head, &trades[0].document.to_string())?;
    ensure!(status.contains(" 409 "), "a stale write is answered {status}");
    Ok(())
}

fn row(id: &'static str, peer: Peer, limit: f64, own: &Served, served: Result<Served>) -> Row {
    let what = format!(
        "PUT {TRADES}/{{id}} over {CONNECTIONS} keep-alive connections on loopback, a trade each, every write under the \
         version before it and checked; the load generator shares the machine; processor time {:.0} µs a write",
        own.cpu()
    );
    let name = peer.name();
    let (measured, bound, method) = match served {
        Ok(served) => {
            let (measured, bound) = stats::in_turns(&own.rates(), &served.rates());
            let (turns, cpu) = (served.rounds.len(), served.cpu());
            let text =
                format!("{what}, {cpu:.0} µs of {name}, which answers one document and checks nothing; {turns} turns");
            (measured, bound, text)
        }
        Err(error) => {
            let measured = Estimate { ci95: None, ..stats::mean(&own.rates()) };
            (measured, f64::NAN, format!("{name} is absent: {error:#}; {what}"))
        }
    };
    Row { id, method, unit: "/s", measured, bound, limit, better: Better::Higher, n: own.count() }
}

#[cfg(test)]
mod tests {
    //! Behaviour without a server.

    use super::*;

    #[test]
    fn the_scenario_is_one() {
        let scenario = ifmatch_sandbox::Scenario::from_toml(SCENARIO).unwrap();
        assert_eq!((scenario.world.trades, scenario.options.latency_ms_max), (CONNECTIONS, 0));
    }

    #[test]
    fn a_peer_that_is_absent_is_named_and_is_no_success() {
        let served = |per_second: f64| {
            let round = Round { per_second, micros: vec![1.0; 3] };
            Served { rounds: vec![round], micros: 60.0 }
        };
        let own = served(1e9);
        let absent = row("a", Peer::Prism, 10.0, &own, Err(anyhow::anyhow!("no packages")));
        assert!(!absent.is_ok() && absent.method.starts_with("Prism (Node) is absent: no packages"), "{absent:?}");
        assert_eq!(absent.to_json()["bound"], Value::Null);
        let half = row("a", Peer::WireMock, 2.0, &own, Ok(served(5e8)));
        assert!(half.is_ok() && half.method.contains("20 µs of WireMock"), "{half:?}");
    }

    #[test]
    fn each_request_names_the_version_that_the_one_before_left() {
        let target = Target { address: ([127, 0, 0, 1], 1).into(), authorization: "Bearer t".to_owned() };
        let version = Arc::new(AtomicU64::new(4));
        let document = serde_json::json!({"notes": "", "status": "pending"});
        let trades = [Trade { path: format!("{TRADES}/1"), document, version: Arc::clone(&version) }];
        let mut script = scripts(&target, &trades).remove(0);
        assert!(script().contains("if-match: \"4\"") && script().contains("if-match: \"5\""));
        assert_eq!(version.load(Ordering::Relaxed), 6);
        let request = script();
        let body: Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(body["notes"], "Seen in the morning, note 000000006");
    }
}
