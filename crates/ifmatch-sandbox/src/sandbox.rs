//! The sandbox: the door (tokens, limits, faults) in front of the emulated API, and its clock.

mod control;
mod door;
mod place;
mod sockets;

pub use self::sockets::Socket;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    access::{Access, Credentials, SCOPES},
    constraint::Constraints,
    edit::EditError,
    faults::Faults,
    http::{Delivery, Request},
    ledger::LedgerEntry,
    options::Options,
    queue::Due,
    rate::Rates,
    record::{Kind, RecordPath},
    rng::Rng,
    scenario::Scenario,
    silence::Silence,
    stats::Stats,
    target::Target,
    time::SECOND,
    world,
};

/// The emulated target.
///
/// Inputs are [`handle`](Self::handle), [`advance`](Self::advance), [`edit`](Self::edit) and [`lock`](Self::lock); each carries
/// the time, milliseconds since the Unix epoch, UTC. Time never goes back: an earlier `now` counts as the latest one seen.
/// The same scenario, seed and inputs give the same outputs, byte for byte.
#[derive(Debug)]
pub struct Sandbox {
    scenario: Scenario,
    seed: u64,
    pub(crate) target: Target,
    access: Access,
    credentials: Credentials,
    rates: Rates,
    faults: Faults,
    stats: Stats,
    /// Draws faults, latencies and tokens.
    rng: Rng,
    editors: Vec<Rng>,
    lockers: Vec<Rng>,
    /// Latest snapshot that each client has read.
    read_floor: BTreeMap<String, i64>,
    started: i64,
    latest: i64,
    /// What the control API added to the clock.
    offset: i64,
    requests: u64,
    refusals: usize,
}

impl Sandbox {
    /// Builds the world of a scenario at `now`; actors' windows count from there.
    #[must_use]
    pub fn new(scenario: Scenario, seed: u64, now: i64) -> Self {
        let mut secret = Rng::named(seed, "credentials");
        let credentials = Credentials {
            client_id: "sandbox-client".to_owned(),
            client_secret: format!("{:016x}{:016x}", secret.next(), secret.next()),
        };
        let mut access = Access::default();
        access.add(&credentials.client_id, &credentials.client_secret, "Integration", &SCOPES);
        Self::build(scenario, seed, now, access, credentials)
    }

    fn build(scenario: Scenario, seed: u64, now: i64, access: Access, credentials: Credentials) -> Self {
        let mut target = Target::new(scenario.options.clone(), seed);
        target.constraints = Constraints { started: now, all: scenario.constraints.clone() };
        world::build(&mut target, &scenario.world, now);
        let stream = |kind: &str, index: usize| Rng::named(seed, &format!("{kind}/{index}"));
        let mut sandbox = Self {
            seed,
            target,
            access,
            credentials,
            rates: Rates::default(),
            faults: Faults { rates: scenario.faults.clone(), ..Faults::default() },
            stats: Stats::default(),
            rng: Rng::named(seed, "door"),
            editors: (0..scenario.editors.len()).map(|index| stream("editor", index)).collect(),
            lockers: (0..scenario.lockers.len()).map(|index| stream("locker", index)).collect(),
            read_floor: BTreeMap::new(),
            started: now,
            latest: now,
            offset: 0,
            requests: 0,
            refusals: 0,
            scenario,
        };
        sandbox.start_actors();
        sandbox.run_due(now);
        sandbox
    }

    fn start_actors(&mut self) {
        for (index, editor) in self.scenario.editors.iter().enumerate() {
            let wait = self.editors[index].wait_ms(editor.mean_ms);
            self.target.queue.put(self.started + editor.from_ms + wait, Due::Editor(index));
        }
        for (index, locker) in self.scenario.lockers.iter().enumerate() {
            self.target.queue.put(self.started + locker.from_ms, Due::Locker { index, opening: true });
        }
    }

    /// Runs what is due up to `now`, then answers the request in one atomic step.
    pub fn handle(&mut self, now: i64, request: &Request) -> Delivery {
        let now = self.tick(now);
        self.run_due(now);
        let delivery = if request.bare_path().starts_with("/__sandbox/") {
            Delivery::Answer { response: self.control(now, request), after_ms: 0 }
        } else {
            self.serve(now, request)
        };
        self.run_due(self.latest);
        delivery
    }

    /// Runs what is due up to `now`.
    pub fn advance(&mut self, now: i64) {
        let now = self.tick(now);
        self.run_due(now);
    }

    /// When the next internal event is due, on the caller's clock.
    #[must_use]
    pub fn next_event(&self) -> Option<i64> {
        self.target.queue.next_at().map(|at| at - self.offset)
    }

    /// When the next request is applied whose client gave up, or that arrives a second time; on the caller's clock.
    #[must_use]
    pub fn next_late(&self) -> Option<i64> {
        self.target.queue.next_late().map(|at| at - self.offset)
    }

    /// A person's edit: a merge patch (keyed lists as in PATCH) on a score, a trade, a schedule or an agent in a schedule.
    /// Returns the record's version afterwards.
    ///
    /// # Errors
    /// No such record, a lock, or a rule of the API; then nothing has changed.
    pub fn edit(&mut self, now: i64, path: &str, merge_patch: &Value, by: &str) -> Result<u64, EditError> {
        let now = self.tick(now);
        self.run_due(now);
        let Some(patch) = merge_patch.as_object() else {
            return Err(EditError::Refused {
                code: "invalid_json".into(),
                message: "the patch is not an object".to_owned(),
            });
        };
        let version = self.target.edit(now, path, patch, by);
        self.run_due(now);
        version
    }

    /// Locks a record for some seconds: every write to it is refused.
    ///
    /// # Errors
    /// No such record.
    pub fn lock(&mut self, now: i64, path: &str, seconds: u64) -> Result<(), EditError> {
        let now = self.tick(now);
        self.run_due(now);
        let record = RecordPath::parse(path).ok_or(EditError::NotFound)?;
        self.target.version_of(&record).ok_or(EditError::NotFound)?;
        let hold = i64::try_from(seconds.min(366 * 86_400)).unwrap_or(0) * SECOND;
        self.target.hold(now, &Target::lock_key(&record), now + hold);
        Ok(())
    }

    /// Adds an OAuth client with every scope; its writes appear under the user name.
    pub fn add_client(
        &mut self,
        client_id: impl AsRef<str>,
        client_secret: impl AsRef<str>,
        user_name: impl AsRef<str>,
    ) {
        self.access.add(client_id.as_ref(), client_secret.as_ref(), user_name.as_ref(), &SCOPES);
    }

    /// Adds an OAuth client with some scopes only.
    pub fn add_client_with_scopes(&mut self, client_id: &str, client_secret: &str, user_name: &str, scopes: &[&str]) {
        self.access.add(client_id, client_secret, user_name, scopes);
    }

    /// Adds an OAuth client with every scope and, in the platform API, these permissions only.
    pub fn add_client_with_permissions(
        &mut self,
        client_id: &str,
        client_secret: &str,
        user_name: &str,
        permissions: &[&str],
    ) {
        self.access.add(client_id, client_secret, user_name, &SCOPES);
        self.access.permit(client_id, permissions);
    }

    /// Injects a fault for the next requests that match.
    pub fn inject(&mut self, injection: crate::faults::Injection) {
        self.faults.injected.push(injection);
    }

    /// Stops faults and actors for good; what is under way (locks, publishes, late commits) ends by itself.
    pub fn calm_down(&mut self) {
        self.faults = Faults::default();
        self.target.queue.drop_actors();
    }

    /// The clients' connections break: answers that have not arrived by now never do, and which windows they were told is
    /// forgotten.
    pub fn hang_up(&mut self, now: i64) {
        let now = self.tick(now);
        self.rates.hang_up(now);
        self.target.platform.channels.close_all();
    }

    /// Every accepted write so far, in order.
    #[must_use]
    pub fn ledger(&self) -> &[Arc<LedgerEntry>] {
        &self.target.ledger
    }

    /// Every field of an accepted write that was not applied as sent, in order.
    #[must_use]
    pub fn silences(&self) -> &[Silence] {
        &self.target.silences
    }

    /// The default client. Its user is `Integration`.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// The options in force.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.target.options
    }

    /// The scenario's name.
    #[must_use]
    pub fn scenario_name(&self) -> &str {
        &self.scenario.name
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What exists: paths and versions of all records and documents, the agents.
    #[must_use]
    pub fn world(&self) -> Value {
        let documents = self.target.all_documents();
        let documents = documents.map(|(path, version)| json!({"path": path, "version": version}));
        let mut world = self.records();
        world["documents"] = documents.collect();
        world
    }

    /// What exists in `wfm-v2`: paths and versions of all records, the agents.
    #[must_use]
    pub fn records(&self) -> Value {
        let flats = |kind: Kind| -> Vec<Value> {
            let records = self.target.flats(kind).iter();
            records
                .map(|(id, h)| json!({"id": id, "path": kind.path(id), "version": h.current().meta.version}))
                .collect()
        };
        let schedules = self.target.schedules.values().map(|history| {
            let s = history.current();
            json!({
                "id": s.id, "path": s.path(), "version": s.meta.version, "week": s.week, "time_zone": s.time_zone,
                "business_unit_id": s.business_unit_id, "agents": s.agents.len(),
            })
        });
        let agents = self.target.agents.iter().map(|(id, email)| json!({"id": id, "email": email}));
        json!({
            "quality_scores": flats(Kind::Score), "shift_trades": flats(Kind::Trade),
            "schedules": schedules.collect::<Vec<Value>>(), "agents": agents.collect::<Vec<Value>>(),
        })
    }

    /// A record as it is, without lag.
    #[must_use]
    pub fn record(&self, path: &str) -> Option<Value> {
        self.target.record_json(&RecordPath::parse(path)?)
    }

    /// The counters of the run.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        stats.exports = self.target.exports;
        stats.requests = stats.clients.values().map(|client| client.requests).sum();
        stats.throttled = stats.clients.values().map(|client| client.throttled).sum();
        stats.early = stats.clients.values().map(|client| client.early).sum();
        stats.over = stats.clients.values().map(|client| client.over).sum();
        stats
    }

    /// The sandbox's own time for a caller's time.
    fn tick(&mut self, now: i64) -> i64 {
        self.latest = self.latest.max(now.saturating_add(self.offset));
        self.latest
    }

    fn run_due(&mut self, now: i64) {
        while let Some((at, due)) = self.target.queue.take(now) {
            self.run(at, due);
        }
    }

    fn run(&mut self, at: i64, due: Due) {
        match due {
            Due::Exchange { trade_id } => self.target.exchange(at, &trade_id),
            Due::PublishEnd { job_id } => self.target.end_publish(at, &job_id),
            Due::Unlock { key } => self.target.release(at, &key),
            Due::LateCommit { client_id, request } => self.commit_late(at, &client_id, &request),
            Due::Editor(index) => self.run_editor(at, index),
            Due::Locker { index, opening } => self.run_locker(at, index, opening),
            Due::Platform { run, id } => run(&mut self.target, at, &id),
        }
    }

    fn run_editor(&mut self, at: i64, index: usize) {
        let (editor, rng) = (&self.scenario.editors[index], &mut self.editors[index]);
        if editor.until_ms.is_some_and(|until| at >= self.started + until) {
            return;
        }
        self.target.edit_something(at, editor, rng);
        self.target.queue.put(at + rng.wait_ms(editor.mean_ms), Due::Editor(index));
    }

    fn run_locker(&mut self, at: i64, index: usize, opening: bool) {
        let (locker, rng) = (&self.scenario.lockers[index], &mut self.lockers[index]);
        if locker.until_ms.is_some_and(|until| at >= self.started + until) {
            return;
        }
        if opening {
            self.target.lock_batch(at, locker, rng);
        } else {
            self.target.lock_one(at, locker, rng);
        }
        if let Some(mean_ms) = locker.mean_ms {
            self.target.queue.put(at + rng.wait_ms(mean_ms), Due::Locker { index, opening: false });
        }
    }
}
