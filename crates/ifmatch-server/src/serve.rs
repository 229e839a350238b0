//! Starts the gateway: store, orgs, sources, sandbox, socket; and stops it again.

mod error;
mod ready_source;
mod running;
mod signals;

pub use error::ServeError;
pub use ready_source::{ReadySource, SourceAccount};
pub use running::{Ended, Running};
pub use signals::Signals;

use crate::app::{Account, App, Parts};
use crate::auth;
use crate::clock::Clock;
pub use crate::config::SANDBOX;
use crate::config::{Config, OPERATOR, OrgSettings, SANDBOX_DIALECT, Secret, SourceSettings};
use crate::dialects;
use crate::driver::{self, OrgHandle, OrgSetup};
use crate::files::{self, FilesDoor};
use crate::hashed::Hashed;
use crate::holds;
use crate::imports;
use crate::listener;
use crate::observe::{self, Logins, Watcher};
use crate::random;
use crate::router;
use crate::routes::hook::HookDoor;
use crate::sandbox_http::{RunningSandbox, SandboxOptions, scenario_clock, serve_sandbox};
use crate::sessions::Sessions;
use crate::sinks;
use crate::stop::stopped;
use crate::store_thread::StoreHandle;
use crate::upstream::Upstream;
use hyper_util::service::TowerToHyperService;
use ifmatch_core::{EngineConfig, Limits, OrgName, SignedDuration, SourceConfig, SourceName, Timestamp};
use ifmatch_sandbox::Scenario;
use ifmatch_sqlite::Sqlite;
use ifmatch_store::{Store, StoreError};
use running::Stops;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the gateway is started with.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The configuration, from [`crate::config::load`].
    pub config: Config,
    /// A built-in sandbox, with an org that points at it.
    pub sandbox: Option<SandboxSetup>,
    /// Ready-made sources of the org `sandbox` beside the one that is always there; their secrets
    /// are drawn. Without a sandbox there must be none.
    pub extra_sources: Vec<ReadySource>,
}

/// The built-in sandbox.
#[derive(Debug, Clone)]
pub struct SandboxSetup {
    /// Where it listens; [`SandboxSetup::new`] takes a free port on loopback.
    pub listen: SocketAddr,
    /// The API that the gateway speaks with it: `wfm-v2` or `genesys-cloud`. The sandbox speaks both.
    pub dialect: &'static str,
    /// What exists, who acts, what fails.
    pub scenario: Scenario,
    /// Seed of the sandbox, and of the engine's jitter.
    pub seed: u64,
    /// Seconds of scenario time per second of wall time, for sandbox and gateway alike.
    pub speed: f64,
}

impl SandboxSetup {
    /// A sandbox on a free port of loopback, spoken with in `wfm-v2`.
    #[must_use]
    pub fn new(scenario: Scenario, seed: u64, speed: f64) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen, dialect: SANDBOX_DIALECT, scenario, seed, speed }
    }
}

/// Starts the gateway. It answers when this returns; [`Running::ready`] waits until it takes intents.
///
/// # Errors
/// The store, the data folder, an address, or a name that is taken twice.
pub async fn serve(options: ServeOptions) -> Result<Running, ServeError> {
    let ServeOptions { mut config, sandbox: setup, extra_sources } = options;
    let seed = setup.as_ref().map(|setup| setup.seed);
    let dialect = setup.as_ref().map_or(SANDBOX_DIALECT, |setup| setup.dialect);
    let mut store = open_store(&config)?;
    let sandbox = match setup {
        Some(setup) => Some(start_sandbox(setup, &config, &mut store).await?),
        None => None,
    };
    let clock = sandbox.as_ref().map_or_else(Clock::wall, |sandbox| sandbox.clock().clone());
    let accounts = match &sandbox {
        Some(sandbox) => add_sandbox(&mut config, sandbox, dialect, extra_sources)?,
        None if extra_sources.is_empty() => Vec::new(),
        None => return Err(ServeError::SourcesWithoutSandbox),
    };
    if let Some(source) = config.sources.iter().find(|source| !config.orgs.iter().any(|org| org.name == source.org)) {
        return Err(ServeError::OrgWithoutSandbox { source_name: source.name.clone() });
    }
    let token = auth::operator_token(config.store.data_dir()).map_err(|source| ServeError::OperatorToken {
        path: auth::operator_token_path(config.store.data_dir()),
        source,
    })?;
    let listen = config.server.listen;
    let failed = |source| ServeError::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;

    let (store, store_thread) = StoreHandle::start(Box::new(store)).map_err(ServeError::Thread)?;
    let half_drain = Duration::from_secs(u64::from(config.server.drain_s)) / 2;
    let (stop_drivers, drivers_stop) = watch::channel(false);
    let seed = seed.unwrap_or_else(random::seed);
    let mut started = start_orgs(&config, &store, &clock, seed, half_drain, &drivers_stop)?;
    let mut carried = Vec::new();
    for settings in &config.sinks {
        let Some(org) = started.handles.get(&OrgName::from(settings.org.as_str())) else {
            tracing::warn!(
                sink = settings.name,
                org = settings.org,
                "a sink has nobody to tell of: its org is not served"
            );
            continue;
        };
        let (handle, task) = sinks::start(settings, org, &store, &clock, drivers_stop.clone());
        carried.push(handle);
        started.drivers.push(task);
    }
    let mut doors = BTreeMap::new();
    for (name, org) in &started.handles {
        let (door, task) = holds::start(org, &clock, drivers_stop.clone());
        doors.insert(name.clone(), door);
        started.drivers.push(task);
    }
    let mut imports = BTreeMap::new();
    for (name, org) in &started.handles {
        let failed = |source| ServeError::Imports { org: name.to_string(), source };
        let data = config.store.data_dir();
        let (door, task) = imports::start(org, data, drivers_stop.clone()).map_err(failed)?;
        imports.insert(name.clone(), door);
        started.drivers.push(task);
    }
    let files = start_files(&config, &mut started, &drivers_stop)?;
    let mut watchers = BTreeMap::new();
    for org in config.orgs.iter().filter(|org| config.sources.iter().any(|it| it.observe && it.org == org.name)) {
        let (watcher, task) = watch_over(&config, org, &started, &store, &clock, &drivers_stop);
        watchers.insert(watcher.org.clone(), watcher);
        started.drivers.push(task);
    }
    drop(store);
    let (stop_listener, stopping) = watch::channel(false);
    let app = App::new(Parts {
        clock: clock.clone(),
        settings: config.server.clone(),
        accounts: config.sources.iter().map(|source| (source.client_id.clone(), Account::of(source))).collect(),
        hooks: config.sources.iter().filter_map(HookDoor::of).collect(),
        orgs: started.handles.clone(),
        holds: doors,
        imports,
        sinks: carried,
        files,
        sessions: Sessions::default(),
        watchers,
        logins: Logins::default(),
        operator_token: Hashed::of(&token),
        sandbox: sandbox.as_ref().map(RunningSandbox::door),
        stopping: stopping.clone(),
    });
    let service = TowerToHyperService::new(router::router(app));
    let (watched, mut until) = (clock.clone(), stopping.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = watched.watch() => {}
            () = stopped(&mut until) => {}
        }
    });
    let listening = tokio::spawn(listener::serve(listener, service, stopping, half_drain));
    tracing::info!(%address, store = config.store.url(), orgs = config.orgs.len(), "the gateway answers");
    let stops = Stops { stop_listener, listening, stop_drivers, drivers: started.drivers, store_thread };
    Ok(Running::new(address, &config, clock, accounts, sandbox, started.handles, stops))
}

/// The observer of an org.
fn watch_over(
    config: &Config,
    org: &OrgSettings,
    started: &Started,
    store: &StoreHandle,
    clock: &Clock,
    stop: &watch::Receiver<bool>,
) -> (Watcher, JoinHandle<()>) {
    let name = OrgName::from(org.name.as_str());
    let setup = observe::Setup {
        dialect: Arc::clone(&started.handles[&name].dialect),
        org: name,
        upstream: Upstream::new(org, clock.clone()),
        store: store.clone(),
        clock: clock.clone(),
        bounds: observe::Setup::bounds(&config.limits),
        bytes_max: config.limits.observe_body_bytes_max,
    };
    observe::start(setup, stop.clone())
}

async fn start_sandbox(setup: SandboxSetup, config: &Config, store: &mut Sqlite) -> Result<RunningSandbox, ServeError> {
    let SandboxSetup { listen, dialect: _, scenario, seed, speed } = setup;
    if !(speed.is_finite() && speed > 0.0) {
        return Err(ServeError::Speed(speed));
    }
    if (speed != 1.0 || scenario.start().is_some()) && !config.orgs.is_empty() {
        return Err(ServeError::ScaledWithOrgs);
    }
    let clock = scenario_clock(&scenario, speed);
    if let Some(latest) = latest_leaf(store).map_err(|source| ServeError::store(config, source))? {
        tracing::warn!("the sandbox starts anew, while the store remembers an earlier one");
        // Scenario time may have run ahead of the wall clock, and it never runs backwards.
        if let Ok(behind) = Duration::try_from(latest.duration_since(clock.now())) {
            clock.advance(behind);
        }
    }
    Ok(serve_sandbox(SandboxOptions { listen, scenario, seed, clock }).await?)
}

/// Adds the org and the ready-made sources of the sandbox.
fn add_sandbox(
    config: &mut Config,
    sandbox: &RunningSandbox,
    dialect: &str,
    extra_sources: Vec<ReadySource>,
) -> Result<Vec<SourceAccount>, ServeError> {
    if config.orgs.iter().any(|org| org.name == SANDBOX) {
        return Err(ServeError::NameTaken { name: SANDBOX.to_owned() });
    }
    let url: http::Uri = sandbox.url.parse().expect("a socket's address makes a URL");
    config.orgs.push(OrgSettings {
        name: SANDBOX.to_owned(),
        dialect: dialect.to_owned(),
        api_url: url.clone(),
        login_url: url,
        client_id: sandbox.credentials.client_id.clone(),
        client_secret: Secret::new(sandbox.credentials.client_secret.as_str()),
        allow_private: true,
        unguarded: Default::default(),
        on_overwrite: Default::default(),
        rules: Default::default(),
        verify: Default::default(),
        notices: true,
        known: Default::default(),
        login: Default::default(),
        rest: None,
    });
    let mut accounts = Vec::new();
    for ready in std::iter::once(ReadySource::sandbox()).chain(extra_sources) {
        let taken = |source: &SourceSettings| source.name == ready.name || source.client_id == ready.name;
        if ready.name == OPERATOR || config.sources.iter().any(taken) {
            return Err(ServeError::NameTaken { name: ready.name });
        }
        let account = SourceAccount::draw(&ready.name);
        config.sources.push(SourceSettings { observe: config.observe, ..ready.settings(&account) });
        accounts.push(account);
    }
    Ok(accounts)
}

/// The instant of the last leaf of the sandbox's audit log; `None` where it has none.
fn latest_leaf(store: &mut Sqlite) -> Result<Option<Timestamp>, StoreError> {
    let org = OrgName::from(SANDBOX);
    let Some(last) = store.checkpoint(&org)?.size.checked_sub(1) else { return Ok(None) };
    let record = store.audit(&org, last, 1)?.pop();
    Ok(record.and_then(|record| record.leaf().ok()).map(|leaf| leaf.at))
}

fn open_store(config: &Config) -> Result<Sqlite, ServeError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let folder = config.store.data_dir();
    builder.create(folder).map_err(|source| ServeError::Folder { folder: folder.to_owned(), source })?;
    Sqlite::open(&config.store.file).map_err(|source| ServeError::store(config, source))
}

/// Starts what carries the files of sources.
fn start_files(
    config: &Config,
    started: &mut Started,
    stop: &watch::Receiver<bool>,
) -> Result<BTreeMap<String, FilesDoor>, ServeError> {
    let mut doors = BTreeMap::new();
    for source in &config.sources {
        let Some(org) = started.handles.get(&OrgName::from(source.org.as_str())) else { continue };
        let data = config.store.data_dir();
        let failed = |error| ServeError::Files { source_name: source.name.clone(), source: error };
        if let Some((door, task)) = files::start(source, &config.limits, data, org, stop.clone()).map_err(failed)? {
            doors.insert(source.name.clone(), door);
            started.drivers.push(task);
        }
    }
    Ok(doors)
}

struct Started {
    handles: BTreeMap<OrgName, OrgHandle>,
    drivers: Vec<JoinHandle<()>>,
}

fn start_orgs(
    config: &Config,
    store: &StoreHandle,
    clock: &Clock,
    seed: u64,
    drain: Duration,
    stop: &watch::Receiver<bool>,
) -> Result<Started, ServeError> {
    let mut started = Started { handles: BTreeMap::new(), drivers: Vec::new() };
    for org in &config.orgs {
        let unknown = || ServeError::UnknownDialect { org: org.name.clone(), dialect: org.dialect.clone() };
        let setup = OrgSetup {
            dialect: dialects::named(&org.dialect, &org.rules, &org.known, org.rest.as_ref()).ok_or_else(unknown)?,
            config: engine_config(config, org, seed),
            upstream: Upstream::new(org, clock.clone()),
            store: store.clone(),
            clock: clock.clone(),
            queue_max: config.server.queue_max,
            drain,
        };
        let (handle, driver) = driver::start(setup, stop.clone());
        started.handles.insert(OrgName::from(org.name.as_str()), handle);
        started.drivers.push(driver);
    }
    Ok(started)
}

/// What the engine of an org is told. The operator is a source of every org.
fn engine_config(config: &Config, org: &OrgSettings, seed: u64) -> EngineConfig {
    let own = config.sources.iter().filter(|source| source.org == org.name);
    let own = own.map(|source| (SourceName::from(source.name.as_str()), source.to_engine(org.on_overwrite)));
    let operator = SourceConfig { on_overwrite: org.on_overwrite, ..SourceConfig::default() };
    let operator = (SourceName::from(OPERATOR), operator);
    EngineConfig {
        org: OrgName::from(org.name.as_str()),
        sources: own.chain([operator]).collect(),
        unguarded: org.unguarded.clone(),
        verify: org.verify,
        notices: org.notices,
        limits: limits(config, org),
        seed,
    }
}

/// The bounds, with patience for what a probe saw of the target. Nothing is waited for less than the configuration says.
fn limits(config: &Config, org: &OrgSettings) -> Limits {
    let limits = config.limits.to_limits();
    let patient =
        |seen_ms: u64| SignedDuration::from_millis(i64::try_from(seen_ms).unwrap_or(i64::MAX).saturating_mul(4));
    Limits {
        lag_wait: limits.lag_wait.max(patient(org.known.read_lag_ms)),
        processing_wait: limits.processing_wait.max(patient(org.known.processing_ms)),
        ..limits
    }
}
