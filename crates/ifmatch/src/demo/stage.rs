//! Where a strategy plays: a sandbox of its own, with or without a gateway before it.

use super::incident::Incident;
use anyhow::Context as _;
use ifmatch_server::config::{Environment, Flags, load};
use ifmatch_server::{
    Clock, ReadySource, Running, RunningSandbox, SandboxOptions, SandboxSetup, ServeOptions, scenario_clock, serve,
    serve_sandbox,
};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;
use tempfile::TempDir;

/// The least wall time that an answer is waited for, in seconds: on a busy machine a scaled clock
/// would otherwise take slowness for a lost answer.
const ANSWER_WALL_S: f64 = 20.0;

/// The time of a run, from its first moment.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    clock: Clock,
    start_ms: i64,
    /// When the run is broken off, wall time.
    pub(super) until: Instant,
}

impl Stage {
    /// The stage on a clock; the run starts where the clock does.
    pub(super) fn new(clock: &Clock, start_ms: Option<i64>, until: Instant) -> Self {
        Self { clock: clock.clone(), start_ms: start_ms.unwrap_or_else(|| clock.now_ms()), until }
    }

    /// Milliseconds of scenario time since the start.
    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms() - self.start_ms
    }

    /// The instant of the sandbox.
    pub(super) fn instant_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Milliseconds since the start of an instant.
    pub(super) fn since_start_ms(&self, instant_ms: i64) -> i64 {
        instant_ms - self.start_ms
    }

    /// The first moment, milliseconds since the Unix epoch.
    pub(super) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// How much scenario time passes in a span of wall time, in milliseconds.
    pub(super) fn scenario_ms(&self, span: std::time::Duration) -> i64 {
        (span.as_secs_f64() * 1e3 * self.clock.speed()) as i64
    }

    /// Waits for a span of scenario time.
    pub(super) async fn pause(&self, ms: i64) {
        self.clock.sleep_until(self.after(ms)).await;
    }

    /// Waits for a future for a span of scenario time; `None` when it takes longer.
    pub(super) async fn within<F: Future>(&self, ms: i64, future: F) -> Option<F::Output> {
        self.clock.until(self.after(ms), future).await
    }

    fn after(&self, ms: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_millis(ms)
    }
}

/// A sandbox alone.
pub(super) async fn sandbox(incident: Incident, seed: u64) -> anyhow::Result<RunningSandbox> {
    let scenario = incident.scenario(seed);
    let clock = scenario_clock(&scenario, incident.speed());
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    serve_sandbox(SandboxOptions { listen, scenario, seed, clock }).await.context("a sandbox does not start")
}

/// A gateway with its sandbox, and the folder that holds its store.
pub(super) async fn gateway(incident: Incident, seed: u64, sources: &[String]) -> anyhow::Result<(Running, TempDir)> {
    let folder = tempfile::Builder::new().prefix("ifmatch-demo-").tempdir().context("no temporary folder")?;
    let flags =
        Flags { listen: Some("127.0.0.1:0".to_owned()), data: Some(folder.path().to_owned()), ..Flags::default() };
    let mut config = load(&flags, &Environment::default()).context("the defaults cannot be read")?.config;
    config.limits.answer_wait_s = config.limits.answer_wait_s.max(ANSWER_WALL_S * incident.speed());
    config.server.drain_s = 1;
    let mut extra_sources = ReadySource::well_known();
    for name in sources
        .iter()
        .filter(|name| !extra_sources.iter().any(|known| known.name == **name))
        .cloned()
        .collect::<Vec<_>>()
    {
        extra_sources.push(ReadySource::new(&name, ifmatch_server::config::SourceKind::Scheduler));
    }
    let sandbox = Some(SandboxSetup::new(incident.scenario(seed), seed, incident.speed()));
    let running = serve(ServeOptions { config, sandbox, extra_sources }).await.context("a gateway does not start")?;
    running.ready().await;
    Ok((running, folder))
}
