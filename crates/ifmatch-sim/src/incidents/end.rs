//! What an incident came to, for its demands.

use crate::checkers::Evidence;
use crate::world::World;
use ifmatch_core::{Blame, IntentRecord, OrgName, Resource, State, Timestamp, Wrote, blame};
use ifmatch_dialects::WfmV2;
use ifmatch_sandbox::{Envelope, LedgerEntry, Options, Stats};
use ifmatch_store::{Store, StoreError, StoredAttempt};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an incident came to.
pub struct End {
    start: Timestamp,
    /// The intents in order of acceptance.
    intents: Vec<IntentRecord>,
    ledger: Vec<Arc<LedgerEntry>>,
    stats: Stats,
    alarms: Vec<(&'static str, String)>,
    ids: BTreeMap<String, String>,
    records: BTreeMap<String, Value>,
    log: Vec<String>,
    /// Who wrote what stands in each record that an intent is about.
    blames: BTreeMap<Resource, Vec<Blame>>,
    options: Options,
    neighbour: Option<Box<Self>>,
}

impl std::fmt::Debug for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("End").field("intents", &self.intents.len()).finish_non_exhaustive()
    }
}

impl End {
    pub(super) fn of(world: &mut World, names: BTreeMap<String, String>) -> Self {
        let evidence = Evidence::gather(world);
        let mut intents: Vec<IntentRecord> = evidence.intents.into_values().collect();
        intents.sort_by_key(|record| record.order);
        let blames =
            blames(&mut *world.store.borrow_mut(), &world.org(), &intents).expect("the memory store can be read");
        let mut records = BTreeMap::new();
        let listed = world.sandbox.world();
        for list in ["quality_scores", "shift_trades", "schedules"] {
            for entry in listed[list].as_array().into_iter().flatten() {
                let (id, path) = (entry["id"].as_str().unwrap_or_default(), entry["path"].as_str().unwrap_or_default());
                records.insert(id.to_owned(), world.sandbox.record(path).unwrap_or_default());
            }
        }
        Self {
            start: world.start,
            intents,
            ledger: world.sandbox.ledger().to_vec(),
            stats: world.sandbox.stats(),
            alarms: std::mem::take(&mut world.alarms),
            ids: names.into_iter().map(|(id, name)| (name, id)).collect(),
            records,
            log: world.log.lines.clone(),
            blames,
            options: world.setup.scenario.options.clone(),
            neighbour: None,
        }
    }

    /// With what came of the other org of the same process.
    pub(super) fn beside(self, neighbour: Option<Self>) -> Self {
        Self { neighbour: neighbour.map(Box::new), ..self }
    }

    /// What came of the other org of the same process.
    pub(super) fn neighbour(&self) -> &Self {
        self.neighbour.as_deref().unwrap_or(self)
    }

    /// How the target was set.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// Seconds by which reads may be behind.
    pub(super) fn lag(&self) -> f64 {
        self.options.replica_lag_ms as f64 / 1_000.0
    }

    /// Seconds from an approval to the exchange of the shifts.
    pub(super) fn exchange(&self) -> f64 {
        self.options.exchange_ms as f64 / 1_000.0
    }

    /// Seconds that a publish takes.
    pub(super) fn run(&self) -> f64 {
        self.options.publish_ms as f64 / 1_000.0
    }

    /// Whether refusals of the target come without words, all or some.
    pub(super) fn is_bare(&self) -> bool {
        self.options.envelopes.contains(&Envelope::E9)
    }

    /// The intents in order of acceptance.
    pub(super) fn intents(&self) -> &[IntentRecord] {
        &self.intents
    }

    /// The id of what has this name on the stage.
    pub(super) fn id(&self, name: &str) -> &str {
        self.ids.get(name).map_or("", String::as_str)
    }

    /// The intents for what has this name: a score, a trade, a week, or an agent.
    pub(super) fn of_record(&self, name: &str) -> Vec<&IntentRecord> {
        let id = self.id(name);
        let meant = |record: &&IntentRecord| {
            let named = record.resource.id().unwrap_or_default();
            named == id || (!id.is_empty() && named.ends_with(&format!("/{id}")))
        };
        self.intents.iter().filter(meant).collect()
    }

    /// How many intents ended in a state.
    pub(super) fn count(&self, state: State) -> usize {
        self.intents.iter().filter(|record| record.status.state == state).count()
    }

    /// How many intents the target carries: landed, or found to be done.
    pub(super) fn done(&self) -> usize {
        self.count(State::Landed) + self.count(State::Satisfied) + self.count(State::Superseded)
    }

    /// How many intents stand in a case, for example `review/overlap`.
    pub(super) fn coded(&self, code: &str) -> usize {
        self.intents.iter().filter(|record| record.status.code.as_deref() == Some(code)).count()
    }

    /// Whether the target's words reached whoever asks, or, where it refused without any, that it did.
    pub(super) fn tells(record: &IntentRecord, words: &str) -> bool {
        let reason = record.status.reason.as_deref().unwrap_or_default();
        if Self::had_words(record) { reason.contains(words) } else { reason.contains("refused") }
    }

    /// Whether the target said why it refused an intent: one of the envelopes has no words.
    pub(super) fn had_words(record: &IntentRecord) -> bool {
        record.status.heard.as_ref().is_none_or(|heard| !heard.message.is_empty())
    }

    /// The most writes that a refusal which no time cures may cost: few with words, a dozen where it may be a lock.
    pub(super) fn writes_max(record: &IntentRecord) -> u32 {
        if Self::had_words(record) { 2 } else { 14 }
    }

    /// Seconds after the start at which an intent settled.
    pub(super) fn settled(&self, record: &IntentRecord) -> Option<f64> {
        Some(record.status.settled_at?.duration_since(self.start).as_secs_f64())
    }

    /// Seconds after the start at which an intent came to stand where it stands.
    pub(super) fn since(&self, record: &IntentRecord) -> f64 {
        record.status.since.duration_since(self.start).as_secs_f64()
    }

    /// Seconds after the start at which the last of these settled; `None` where one is open.
    pub(super) fn last_settled(&self, records: &[&IntentRecord]) -> Option<f64> {
        records.iter().map(|record| self.settled(record)).try_fold(0.0_f64, |last, at| Some(last.max(at?)))
    }

    /// A score, a trade or a schedule as it stands now, by its name.
    pub(super) fn record(&self, name: &str) -> &Value {
        self.records.get(self.id(name)).unwrap_or(&Value::Null)
    }

    /// An agent of the first week as it stands now, by its name.
    pub(super) fn agent(&self, name: &str) -> &Value {
        let id = self.id(name);
        let agents = self.record("week-1")["agents"].as_array().map(Vec::as_slice).unwrap_or_default();
        agents.iter().find(|agent| agent["agent_id"] == id).unwrap_or(&Value::Null)
    }

    /// An agent of a week as it stands now, by their names.
    pub(super) fn agent_in(&self, week: &str, name: &str) -> &Value {
        let id = self.id(name);
        let agents = self.record(week)["agents"].as_array().map(Vec::as_slice).unwrap_or_default();
        agents.iter().find(|agent| agent["agent_id"] == id).unwrap_or(&Value::Null)
    }

    /// Every agent of every week with one of its shifts.
    fn shifts(&self) -> impl Iterator<Item = (&Value, &Value)> {
        let agents = self.records.values().flat_map(|record| record["agents"].as_array().into_iter().flatten());
        agents.flat_map(|agent| agent["shifts"].as_array().into_iter().flatten().map(move |shift| (agent, shift)))
    }

    /// A shift of an agent as it stands now, wherever it is.
    pub(super) fn shift(&self, name: &str) -> &Value {
        let id = self.id(name);
        self.shifts().find(|(_, shift)| shift["id"] == id).map_or(&Value::Null, |(_, shift)| shift)
    }

    /// Whether a shift belongs to an agent now.
    pub(super) fn has(&self, agent: &str, shift: &str) -> bool {
        let (agent, shift) = (self.id(agent), self.id(shift));
        self.shifts().any(|(holder, held)| held["id"] == shift && holder["agent_id"] == agent)
    }

    /// How many trades a state of some intent names beside these words; the most of any.
    pub(super) fn trades_in_text(&self, words: &str) -> usize {
        let ids: Vec<&String> =
            self.ids.iter().filter(|(name, _)| name.starts_with("trade-")).map(|(_, id)| id).collect();
        let lines = self.states().filter(|(_, line)| line.contains(words));
        lines.map(|(_, line)| ids.iter().filter(|id| line.contains(id.as_str())).count()).max().unwrap_or(0)
    }

    /// The trades that go by a number of their sender's.
    pub(super) fn trades_called(&self, swap: &str) -> Vec<&Value> {
        self.records.values().filter(|record| record["swap_request_id"] == swap).collect()
    }

    /// The schedules of a unit.
    pub(super) fn schedules_of(&self, unit: &str) -> Vec<&Value> {
        self.records.values().filter(|record| record["business_unit_id"] == unit).collect()
    }

    /// Who wrote what stands in a record, by its name, as `ifmatch intents blame` tells it.
    pub(super) fn blame(&self, name: &str) -> Vec<Blame> {
        let about = self.of_record(name).first().map(|record| record.resource.clone());
        about.and_then(|resource| self.blames.get(&resource).cloned()).unwrap_or_default()
    }

    /// Every accepted write, in order.
    pub(super) fn ledger(&self) -> &[Arc<LedgerEntry>] {
        &self.ledger
    }

    /// Seconds after the start at which an entry was written.
    pub(super) fn seconds(&self, entry: &LedgerEntry) -> f64 {
        (entry.at - self.start.as_millisecond()) as f64 / 1_000.0
    }

    /// What we wrote: the entries of the ledger that are ours.
    pub(super) fn ours(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.ledger.iter().map(|entry| &**entry).filter(|entry| entry.client_id.is_some())
    }

    /// Entries of ours for a record, by its name.
    pub(super) fn ours_of(&self, name: &str) -> usize {
        let id = self.id(name);
        self.ours().filter(|entry| entry.path.contains(id)).count()
    }

    /// Entries of ours for any trade.
    pub(super) fn trades_written(&self) -> usize {
        self.ours().filter(|entry| entry.path.contains("/scheduling/shifts/")).count()
    }

    /// Requests that reached the target, tokens left out.
    pub(super) fn requests(&self) -> u64 {
        self.stats.requests
    }

    /// Tokens that the target gave out.
    pub(super) fn tokens(&self) -> u64 {
        self.stats.clients.values().map(|client| client.tokens).sum()
    }

    /// Requests that reached the target before it wanted any.
    pub(super) fn early(&self) -> u64 {
        self.stats.early
    }

    /// Answers 429.
    pub(super) fn throttled(&self) -> u64 {
        self.stats.throttled
    }

    /// Requests of a method whose path holds a text.
    pub(super) fn sent(&self, method: &str, text: &str) -> usize {
        let line = |line: &&String| {
            let mut words = line.split_whitespace().skip(1);
            words.next() == Some("send") && words.nth(1) == Some(method) && line.contains(text)
        };
        self.log.iter().filter(line).count()
    }

    /// How often an intent came into a case, for example `queued/bisect`.
    pub(super) fn decided(&self, code: &str) -> usize {
        self.states().filter(|(_, line)| line.split_whitespace().nth(4) == Some(code)).count()
    }

    /// How often somebody was asked: an intent came into review.
    pub(super) fn asked(&self) -> usize {
        self.states().filter(|(_, line)| line.split_whitespace().nth(3) == Some("review")).count()
    }

    /// Whether an intent stood in a state with these words after so many seconds.
    pub(super) fn stood_at(&self, name: &str, seconds: f64, state: &str, words: &str) -> bool {
        let meant: Vec<String> = self.of_record(name).iter().map(|record| record.id.to_string()).collect();
        let about = |line: &&(f64, &String)| {
            line.0 <= seconds && line.1.split_whitespace().nth(2).is_some_and(|id| meant.iter().any(|one| one == id))
        };
        let last = self.states().filter(|line| about(&line)).last();
        last.is_some_and(|(_, line)| line.split_whitespace().nth(3) == Some(state) && line.contains(words))
    }

    /// Every state that an intent came into, with its second.
    fn states(&self) -> impl Iterator<Item = (f64, &String)> {
        self.log.iter().filter_map(|line| {
            let mut words = line.split_whitespace();
            let at: f64 = words.next()?.parse().ok()?;
            (words.next() == Some("state")).then_some((at / 1_000.0, line))
        })
    }

    /// Answers of the target with this status.
    pub(super) fn answered(&self, status: u16) -> usize {
        let status = status.to_string();
        let line = |line: &&String| {
            let mut words = line.split_whitespace().skip(1);
            words.next() == Some("answer") && words.nth(1) == Some(&status)
        };
        self.log.iter().filter(line).count()
    }

    /// Whether something was refused at the door with this code.
    pub(super) fn refused_at_door(&self, code: &str) -> usize {
        let line = |line: &&String| line.split_whitespace().nth(1) == Some("refuse") && line.contains(code);
        self.log.iter().filter(line).count()
    }

    /// How often an alarm of this code was raised.
    pub(super) fn alarms(&self, code: &str) -> usize {
        self.alarms.iter().filter(|(known, _)| *known == code).count()
    }

    /// Whether an alarm of this code was raised whose words hold a text.
    pub(super) fn alarmed(&self, code: &str, text: &str) -> bool {
        self.alarms.iter().any(|(known, message)| *known == code && message.contains(text))
    }
}

fn blames(
    store: &mut dyn Store,
    org: &OrgName,
    intents: &[IntentRecord],
) -> Result<BTreeMap<Resource, Vec<Blame>>, StoreError> {
    let mut of: BTreeMap<&Resource, Vec<Wrote>> = BTreeMap::new();
    for record in intents {
        let attempts = store.attempts_of(org, record.id)?;
        let attempts = attempts.iter().map(StoredAttempt::with_end);
        of.entry(&record.resource).or_default().extend(Wrote::of(record, attempts));
    }
    let mut blames = BTreeMap::new();
    for (resource, wrote) in of {
        if let Some(row) = store.row(org, resource)? {
            blames.insert(resource.clone(), blame(&WfmV2::new(), &row, &wrote));
        }
    }
    Ok(blames)
}
