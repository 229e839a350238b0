//! The emulated state: records, locks, ledger, events, and the commits that change them, each one atomic step.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    api::Call,
    constraint::Constraints,
    feed::{Event, Feed},
    history::History,
    ledger::{Change, LedgerEntry, diff_maps, escape},
    locks::Locks,
    options::{AgentWriteRaises, OldVersions, Options, UnchangedWrite},
    platform::{Platform, operations},
    queue::{Due, Queue},
    record::{AgentWeek, Flat, Kind, Meta, PublishState, Schedule, Shift, Week, Writer, agent_path},
    rng::Rng,
    silence::Silence,
};

/// The agents, by id and by e-mail address in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory {
    email_by_id: BTreeMap<String, String>,
    id_by_email: BTreeMap<String, String>,
}

impl Directory {
    pub(crate) fn add(&mut self, id: &str, email: &str) {
        self.email_by_id.insert(id.to_owned(), email.to_owned());
        self.id_by_email.insert(email.to_lowercase(), id.to_owned());
    }

    pub(crate) fn email(&self, id: &str) -> Option<&str> {
        self.email_by_id.get(id).map(String::as_str)
    }

    pub(crate) fn id(&self, email: &str) -> Option<&str> {
        self.id_by_email.get(&email.to_lowercase()).map(String::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.email_by_id.iter().map(|(id, email)| (id.as_str(), email.as_str()))
    }
}

/// A publish, running or done.
#[derive(Debug, Clone)]
pub(crate) struct PublishJob {
    pub(crate) schedule_id: String,
    pub(crate) revision: u64,
    pub(crate) complete: bool,
}

/// The natural key of a score: agent's address in lower case, form, date.
pub(crate) type ScoreKey = (String, String, String);

/// Everything the API keeps.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) options: Options,
    pub(crate) constraints: Constraints,
    pub(crate) seed: u64,
    pub(crate) rng: Rng,
    pub(crate) agents: Directory,
    pub(crate) scores: BTreeMap<String, History<Flat>>,
    pub(crate) trades: BTreeMap<String, History<Flat>>,
    pub(crate) schedules: BTreeMap<String, History<Schedule>>,
    pub(crate) score_ids: BTreeMap<ScoreKey, String>,
    pub(crate) publish_jobs: BTreeMap<String, PublishJob>,
    /// First answers by client, schedule and `Idempotency-Key`.
    pub(crate) publish_answers: BTreeMap<(String, String, String), Value>,
    pub(crate) locks: Locks,
    /// Recording exports that were started.
    pub(crate) exports: u64,
    pub(crate) ledger: Vec<Arc<LedgerEntry>>,
    pub(crate) silences: Vec<Silence>,
    pub(crate) feed: Feed,
    pub(crate) queue: Queue,
    pub(crate) platform: Platform,
}

/// A change of a schedule, ready to be committed.
#[derive(Debug, Default)]
pub(crate) struct ScheduleChange {
    /// Agents with their new week; `None` removes the agent.
    pub(crate) agents: Vec<(String, Option<Week>)>,
    pub(crate) description: Option<String>,
    /// Raise the version of the document although nothing changes.
    pub(crate) raise_document: bool,
    /// Raise the version of this agent although nothing changes.
    pub(crate) raise_agent: Option<String>,
    /// Raise `draft_revision` whatever changed.
    pub(crate) raise_draft: bool,
}

/// How long old versions are kept: longer than any scenario.
const OLD_VERSIONS_MS: i64 = 30 * 86_400_000;

impl Target {
    pub(crate) fn new(options: Options, seed: u64) -> Self {
        Self {
            options,
            constraints: Constraints::default(),
            seed,
            rng: Rng::named(seed, "target"),
            agents: Directory::default(),
            scores: BTreeMap::new(),
            trades: BTreeMap::new(),
            schedules: BTreeMap::new(),
            score_ids: BTreeMap::new(),
            publish_jobs: BTreeMap::new(),
            publish_answers: BTreeMap::new(),
            locks: Locks::default(),
            exports: 0,
            ledger: Vec::new(),
            silences: Vec::new(),
            feed: Feed::default(),
            queue: Queue::default(),
            platform: Platform::new(seed),
        }
    }

    pub(crate) fn flats(&self, kind: Kind) -> &BTreeMap<String, History<Flat>> {
        match kind {
            Kind::Score => &self.scores,
            Kind::Trade => &self.trades,
        }
    }

    pub(crate) fn flat(&self, kind: Kind, id: &str) -> Option<Arc<Flat>> {
        self.flats(kind).get(id).map(|history| Arc::clone(history.current()))
    }

    pub(crate) fn schedule(&self, id: &str) -> Option<Arc<Schedule>> {
        self.schedules.get(id).map(|history| Arc::clone(history.current()))
    }

    /// Whether a write to this agent in this schedule meets a lock.
    pub(crate) fn agent_locked(&self, now: i64, schedule_id: &str, agent_id: &str) -> bool {
        self.locks.is_held(now, agent_id) || self.locks.is_held(now, &agent_path(schedule_id, agent_id))
    }

    /// Locks a record or an agent and remembers to report the end.
    pub(crate) fn hold(&mut self, now: i64, key: &str, until: i64) {
        if until <= now {
            return;
        }
        self.queue.put(until, Due::Unlock { key: key.to_owned() });
        if self.locks.hold(now, key, until) {
            self.tell_lock(now, key, "locked");
        }
    }

    /// Ends a lock that is over.
    pub(crate) fn release(&mut self, now: i64, key: &str) {
        if self.locks.release(now, key) {
            self.tell_lock(now, key, "unlocked");
        }
    }

    fn tell_lock(&mut self, now: i64, key: &str, kind: &'static str) {
        let paths: Vec<String> = if key.starts_with('/') {
            vec![key.to_owned()]
        } else {
            let with_agent = self.schedules.values().filter(|history| history.current().agents.contains_key(key));
            with_agent.map(|history| history.current().agent_path(key)).collect()
        };
        for path in paths {
            self.tell(Event { kind, path, version: None, by: "System".to_owned(), at: now });
        }
    }

    /// Puts an event into the feed, which knows of no documents.
    pub(crate) fn tell(&mut self, event: Event) {
        if operations::owns(&event.path) {
            return;
        }
        self.feed.push(event, self.options.events, &mut self.rng);
    }

    /// The step to the next version.
    pub(crate) fn step(&mut self) -> u64 {
        self.options.step(&mut self.rng)
    }

    /// Creates or replaces a score or a trade; what only the platform API knows of it stays. Returns the new version.
    pub(crate) fn commit_flat(
        &mut self,
        now: i64,
        kind: Kind,
        id: &str,
        fields: Map<String, Value>,
        writer: &Writer,
    ) -> u64 {
        let more = self.more(kind, id);
        self.commit_whole_flat(now, kind, id, (fields, more), writer)
    }

    /// What only the platform API knows of a score or a trade.
    pub(crate) fn more(&self, kind: Kind, id: &str) -> Map<String, Value> {
        self.flat(kind, id).map(|old| old.more.clone()).unwrap_or_default()
    }

    /// The same with what only the platform API knows.
    pub(crate) fn commit_whole_flat(
        &mut self,
        now: i64,
        kind: Kind,
        id: &str,
        (fields, more): (Map<String, Value>, Map<String, Value>),
        writer: &Writer,
    ) -> u64 {
        let old = self.flat(kind, id);
        let from = old.as_ref().map(|old| old.meta.version);
        let version = match from {
            Some(version) => version + self.step(),
            None => 1,
        };
        let mut changes = Vec::new();
        let empty = Map::new();
        diff_maps("", old.as_ref().map_or(&empty, |old| &old.fields), &fields, &mut changes);
        diff_maps("", old.as_ref().map_or(&empty, |old| &old.more), &more, &mut changes);
        if kind == Kind::Score {
            let key = score_key(&fields);
            let before = old.as_ref().map(|old| score_key(&old.fields)).filter(|before| *before != key);
            before.into_iter().for_each(|before| self.drop_score_key(&before, id));
            self.score_ids.entry(key).or_insert_with(|| id.to_owned());
        }
        let state = Flat { kind, fields, more, meta: Meta::new(version, now, writer) };
        let keep_ms = match self.options.old_versions {
            OldVersions::NotKept => self.options.replica_lag_ms,
            OldVersions::Kept => OLD_VERSIONS_MS,
        };
        let records = match kind {
            Kind::Score => &mut self.scores,
            Kind::Trade => &mut self.trades,
        };
        match records.get_mut(id) {
            Some(history) => history.push(now, state, keep_ms),
            None => drop(records.insert(id.to_owned(), History::new(now, state))),
        }
        self.record(now, kind.path(id), from, version, changes, writer);
        version
    }

    /// The same unless nothing changes and the scenario keeps the version then. Whether it was committed.
    pub(crate) fn commit_changed_flat(
        &mut self,
        now: i64,
        kind: Kind,
        id: &str,
        (fields, more): (Map<String, Value>, Map<String, Value>),
        writer: &Writer,
    ) -> bool {
        let same = self.flat(kind, id).is_some_and(|old| old.fields == fields && old.more == more);
        let commits = !same || self.options.unchanged_write == UnchangedWrite::RaisesVersion;
        if commits {
            self.commit_whole_flat(now, kind, id, (fields, more), writer);
        }
        commits
    }

    /// Deletes a score. The ledger tells it as a last version with nothing in it.
    pub(crate) fn delete_score(&mut self, now: i64, id: &str, writer: &Writer) {
        let Some(old) = self.flat(Kind::Score, id) else {
            return;
        };
        let (from, version) = (old.meta.version, old.meta.version + self.step());
        let mut changes = Vec::new();
        diff_maps("", &old.fields, &Map::new(), &mut changes);
        diff_maps("", &old.more, &Map::new(), &mut changes);
        self.drop_score_key(&score_key(&old.fields), id);
        self.scores.remove(id);
        self.record(now, Kind::Score.path(id), Some(from), version, changes, writer);
    }

    /// A score no longer has a key. Evaluations of several conversations may share one; then the next of them has it.
    fn drop_score_key(&mut self, key: &ScoreKey, id: &str) {
        if self.score_ids.get(key).is_none_or(|holder| holder != id) {
            return;
        }
        let shares = |(other, history): &(&String, &History<Flat>)| {
            other.as_str() != id && score_key(&history.current().fields) == *key
        };
        match self.scores.iter().find(shares).map(|(other, _)| other.clone()) {
            Some(next) => drop(self.score_ids.insert(key.clone(), next)),
            None => drop(self.score_ids.remove(key)),
        }
    }

    /// Changes a schedule. Returns the version of the document afterwards.
    pub(crate) fn commit_schedule(&mut self, now: i64, id: &str, change: ScheduleChange, writer: &Writer) -> u64 {
        let Some(old) = self.schedule(id) else {
            return 0;
        };
        let mut next = (*old).clone();
        let mut draft_moved = change.raise_draft;
        let mut raise_document = change.raise_document;
        let mut entries = Vec::new();
        for (agent_id, week) in change.agents {
            let before = old.agents.get(agent_id.as_str());
            let forced = change.raise_agent.as_deref() == Some(agent_id.as_str());
            let changed = match (before, &week) {
                (Some(before), Some(week)) => !before.week.same(week),
                (None, None) => false,
                _ => true,
            };
            if !changed && !forced {
                continue;
            }
            let (empty, none) = (Week::default(), Map::new());
            let before_week = before.map(|before| &before.week);
            draft_moved |= !before_week.unwrap_or(&empty).same_shifts(week.as_ref().unwrap_or(&empty));
            draft_moved |= changed && self.options.availability_raises_draft;
            raise_document |= before.is_none() || week.is_none();
            raise_document |= self.options.agent_write_raises == AgentWriteRaises::AgentAndDocument;
            let from = before.map(|before| before.meta.version);
            let version = from.map_or(1, |from| from + self.step());
            let changes = week_changes(before_week, week.as_ref(), &none);
            match week {
                Some(week) => {
                    let state = Arc::new(AgentWeek { week, meta: Meta::new(version, now, writer) });
                    next.agents.insert(agent_id.as_str().into(), state);
                }
                None => drop(next.agents.remove(agent_id.as_str())),
            }
            entries.push((old.agent_path(&agent_id), from, version, changes));
        }
        if let Some(description) = change.description
            && description != old.description
        {
            next.description = description;
            raise_document = true;
        }
        if draft_moved {
            next.draft_revision += 1;
            if next.state == PublishState::Published {
                next.state = PublishState::Draft;
                next.since = now;
            }
        }
        if raise_document {
            next.meta = Meta::new(old.meta.version + self.step(), now, writer);
        }
        for (path, from, version, changes) in entries {
            self.record(now, path, from, version, changes, writer);
        }
        self.replace_schedule(now, next, writer)
    }

    /// Creates a draft with its agents, all at version 1.
    pub(crate) fn create_draft(&mut self, call: &Call, schedule: Schedule, agents: Vec<(String, Option<Week>)>) {
        let (now, path) = (call.now, schedule.path());
        let mut state = schedule;
        let mut entries = Vec::new();
        for (agent_id, week) in agents {
            let Some(week) = week else { continue };
            let changes = week_changes(None, Some(&week), &Map::new());
            entries.push((state.agent_path(&agent_id), changes));
            let agent = AgentWeek { week, meta: Meta::new(1, now, &call.writer) };
            state.agents.insert(agent_id.as_str().into(), Arc::new(agent));
        }
        let mut changes = Vec::new();
        diff_maps("", &Map::new(), &bare_head(&state), &mut changes);
        self.schedules.insert(state.id.clone(), History::new(now, state));
        self.record(now, path, None, 1, changes, &call.writer);
        for (path, changes) in entries {
            self.record(now, path, None, 1, changes, &call.writer);
        }
    }

    /// Puts a new state of a schedule in place; writes a ledger entry when the version of the document moved.
    pub(crate) fn replace_schedule(&mut self, now: i64, next: Schedule, writer: &Writer) -> u64 {
        let keep_ms = self.options.replica_lag_ms;
        let version = next.meta.version;
        let Some(history) = self.schedules.get_mut(&next.id) else {
            return version;
        };
        let old = Arc::clone(history.current());
        let path = next.path();
        let changes = head_changes(&old, &next);
        history.push(now, next, keep_ms);
        if old.meta.version != version {
            self.record(now, path, Some(old.meta.version), version, changes, writer);
        }
        version
    }

    /// Writes a ledger entry and tells the feed.
    pub(crate) fn record(
        &mut self,
        now: i64,
        path: String,
        from: Option<u64>,
        to: u64,
        changes: Vec<Change>,
        writer: &Writer,
    ) {
        self.tell(Event { kind: "updated", path: path.clone(), version: Some(to), by: writer.name.clone(), at: now });
        self.ledger.push(Arc::new(LedgerEntry {
            seq: self.ledger.len() as u64 + 1,
            at: now,
            actor: writer.name.clone(),
            client_id: writer.client_id.clone(),
            path,
            from_version: from,
            to_version: to,
            changes,
            request_id: writer.request_id.clone(),
            request_hash: writer.request_hash.clone(),
        }));
    }
}

/// The natural key of a score's fields.
pub(crate) fn score_key(fields: &Map<String, Value>) -> ScoreKey {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    (text("agent_email").to_lowercase(), text("evaluation_form").to_owned(), text("review_date").to_owned())
}

fn week_changes(before: Option<&Week>, after: Option<&Week>, none: &Map<String, Value>) -> Vec<Change> {
    let mut changes = Vec::new();
    fn availability(week: Option<&Week>) -> Option<&Map<String, Value>> {
        week.and_then(|week| week.availability.as_object())
    }
    diff_maps("/availability", availability(before).unwrap_or(none), availability(after).unwrap_or(none), &mut changes);
    fn more(week: Option<&Week>) -> Option<&Map<String, Value>> {
        week.map(|week| &week.more)
    }
    diff_maps("", more(before).unwrap_or(none), more(after).unwrap_or(none), &mut changes);
    let (old, new) = (before.map_or(&[][..], |week| &week.shifts), after.map_or(&[][..], |week| &week.shifts));
    for shift in old {
        let same = new.iter().find(|other| other.id == shift.id);
        if same == Some(shift) {
            continue;
        }
        let path = format!("/shifts/{}", escape(&shift.id));
        match same {
            Some(other) => diff_maps(&path, &shift.all_fields(), &other.all_fields(), &mut changes),
            None => changes.push(Change { path, before: Some(with_id(shift)), after: None }),
        }
    }
    for shift in new.iter().filter(|shift| !old.iter().any(|other| other.id == shift.id)) {
        let path = format!("/shifts/{}", escape(&shift.id));
        changes.push(Change { path, before: None, after: Some(with_id(shift)) });
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

fn with_id(shift: &Shift) -> Value {
    let mut map = shift.all_fields();
    map.insert("id".into(), shift.id.clone().into());
    Value::Object(map)
}

/// The changes of a document outside its agents, without version, time and writer.
fn head_changes(old: &Schedule, new: &Schedule) -> Vec<Change> {
    let mut changes = Vec::new();
    diff_maps("", &bare_head(old), &bare_head(new), &mut changes);
    changes
}

fn bare_head(schedule: &Schedule) -> Map<String, Value> {
    let mut map = schedule.head_json();
    for name in ["version", "date_modified", "modified_by"] {
        map.remove(name);
    }
    map
}
