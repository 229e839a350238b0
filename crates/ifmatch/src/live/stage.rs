//! Where a strategy plays: a sandbox of its own, with or without a gateway before it.

use anyhow::Context as _;
use ifmatch_sandbox::Scenario;
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
pub(crate) struct Stage {
    clock: Clock,
    start_ms: i64,
    /// When the run is broken off, wall time.
    pub(crate) until: Instant,
}

impl Stage {
    /// The stage on a clock; the run starts where the clock does.
    pub(crate) fn new(clock: &Clock, start_ms: Option<i64>, until: Instant) -> Self {
        Self { clock: clock.clone(), start_ms: start_ms.unwrap_or_else(|| clock.now_ms()), until }
    }

    /// Milliseconds of scenario time since the start.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms() - self.start_ms
    }

    /// The instant of the sandbox.
    pub(crate) fn instant_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Milliseconds since the start of an instant.
    pub(crate) fn since_start_ms(&self, instant_ms: i64) -> i64 {
        instant_ms - self.start_ms
    }

    /// The first moment, milliseconds since the Unix epoch.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// How much scenario time passes in a span of wall time, in milliseconds.
    pub(crate) fn scenario_ms(&self, span: std::time::Duration) -> i64 {
        (span.as_secs_f64() * 1e3 * self.clock.speed()) as i64
    }

    /// Waits for a span of scenario time.
    pub(crate) async fn pause(&self, ms: i64) {
        self.clock.sleep_until(self.after(ms)).await;
    }

    /// Waits for a future for a span of scenario time; `None` when it takes longer.
    pub(crate) async fn within<F: Future>(&self, ms: i64, future: F) -> Option<F::Output> {
        self.clock.until(self.after(ms), future).await
    }

    fn after(&self, ms: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_millis(ms)
    }
}

/// What is played: the target, the seed of everything that is drawn in it, and how fast.
#[derive(Debug, Clone)]
pub(crate) struct Played {
    /// The target: options, faults, world and actors.
    pub(crate) scenario: Scenario,
    /// The seed.
    pub(crate) seed: u64,
    /// Seconds of scenario time per second of wall time.
    pub(crate) speed: f64,
}

/// A sandbox alone.
///
/// # Errors
/// It cannot listen on loopback.
pub(crate) async fn sandbox(played: Played) -> anyhow::Result<RunningSandbox> {
    let Played { scenario, seed, speed } = played;
    let clock = scenario_clock(&scenario, speed);
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    serve_sandbox(SandboxOptions { listen, scenario, seed, clock }).await.context("a sandbox does not start")
}

/// A gateway with its sandbox and these sources beside its own one, and the folder that holds its store.
///
/// # Errors
/// It does not start.
pub(crate) async fn gateway(played: Played, extra_sources: Vec<ReadySource>) -> anyhow::Result<(Running, TempDir)> {
    started(played, extra_sources, None, false).await
}

/// A gateway with its sandbox and the sources of a configuration.
///
/// # Errors
/// It does not start.
pub(crate) async fn configured(played: Played, config: &str) -> anyhow::Result<(Running, TempDir)> {
    started(played, Vec::new(), Some(config), false).await
}

/// The same, of which every source is observed.
#[cfg(test)]
pub(crate) async fn observing(played: Played) -> anyhow::Result<(Running, TempDir)> {
    started(played, Vec::new(), None, true).await
}

async fn started(
    played: Played,
    extra_sources: Vec<ReadySource>,
    config: Option<&str>,
    observe: bool,
) -> anyhow::Result<(Running, TempDir)> {
    let Played { scenario, seed, speed } = played;
    let folder = tempfile::Builder::new().prefix("ifmatch-live-").tempdir().context("no temporary folder")?;
    let file = config.map(|_| folder.path().join("ifmatch.toml"));
    if let (Some(file), Some(config)) = (&file, config) {
        std::fs::write(file, config).context("the configuration cannot be written")?;
    }
    let flags = Flags { file, listen: Some("127.0.0.1:0".to_owned()), data: Some(folder.path().to_owned()), observe };
    let mut config = load(&flags, &Environment::default()).context("the configuration cannot be read")?.config;
    config.limits.answer_wait_s = config.limits.answer_wait_s.max(ANSWER_WALL_S * speed);
    config.server.drain_s = 1;
    let sandbox = Some(SandboxSetup::new(scenario, seed, speed));
    let running = serve(ServeOptions { config, sandbox, extra_sources }).await.context("a gateway does not start")?;
    running.ready().await;
    Ok((running, folder))
}
