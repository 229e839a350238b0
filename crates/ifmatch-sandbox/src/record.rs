//! The records of the target: scores and trades as flat objects, schedules with their agents' weeks.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use crate::time::format_instant;

/// Root of the score collection.
pub(crate) const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
/// Root of the trade collection.
pub(crate) const TRADES: &str = "/api/v2/wfm/scheduling/shifts";
/// Root of the schedule collection.
pub(crate) const SCHEDULES: &str = "/api/v2/wfm/schedules";

/// Who wrote: a client's user, a person, or `System`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The OAuth client, for writes through the API.
    pub(crate) client_id: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) request_hash: Option<String>,
}

impl Writer {
    /// A person who edits in the vendor's own screens.
    pub(crate) fn person(name: &str) -> Self {
        Self {
            id: crate::rng::uuid_of(name),
            name: name.to_owned(),
            client_id: None,
            request_id: None,
            request_hash: None,
        }
    }

    /// Background jobs.
    pub(crate) fn system() -> Self {
        Self::person("System")
    }
}

/// Version, time and writer of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) version: u64,
    pub(crate) at: i64,
    pub(crate) by_id: Arc<str>,
    pub(crate) by_name: Arc<str>,
}

impl Meta {
    pub(crate) fn new(version: u64, at: i64, writer: &Writer) -> Self {
        Self { version, at, by_id: writer.id.as_str().into(), by_name: writer.name.as_str().into() }
    }

    fn write(&self, map: &mut Map<String, Value>) {
        map.insert("version".into(), json!(self.version));
        map.insert("date_modified".into(), json!(format_instant(self.at)));
        map.insert("modified_by".into(), json!({"id": &*self.by_id, "name": &*self.by_name}));
    }
}

/// Which of the two flat kinds a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Score,
    Trade,
}

impl Kind {
    pub(crate) fn path(self, id: &str) -> String {
        match self {
            Self::Score => format!("{SCORES}/{id}"),
            Self::Trade => format!("{TRADES}/{id}"),
        }
    }

    fn spelling(self) -> &'static str {
        match self {
            Self::Score => "resource_version",
            Self::Trade => "entity_version",
        }
    }
}

/// A score or a trade: all fields but the managed ones, and the managed ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flat {
    pub(crate) kind: Kind,
    pub(crate) fields: Map<String, Value>,
    /// What only the platform API knows of it.
    pub(crate) more: Map<String, Value>,
    pub(crate) meta: Meta,
}

impl Flat {
    /// The record as the API returns it.
    pub(crate) fn to_json(&self) -> Value {
        let mut map = self.fields.clone();
        self.meta.write(&mut map);
        map.insert(self.kind.spelling().into(), json!(self.meta.version));
        Value::Object(map)
    }

    /// A text field, `""` when it is absent or no text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// One activity inside a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Activity {
    pub(crate) start: String,
    pub(crate) start_ms: i64,
    pub(crate) length_minutes: i64,
    pub(crate) code: String,
    /// What only the platform API knows of it, where it differs from what that API takes for granted.
    pub(crate) more: Map<String, Value>,
}

/// One shift of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shift {
    pub(crate) id: String,
    pub(crate) start: String,
    pub(crate) start_ms: i64,
    pub(crate) length_minutes: i64,
    pub(crate) activities: Vec<Activity>,
    /// As in [`Activity`].
    pub(crate) more: Map<String, Value>,
}

impl Shift {
    pub(crate) fn end_ms(&self) -> i64 {
        self.start_ms + self.length_minutes * crate::time::MINUTE
    }

    /// All fields but the id.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let activities: Vec<Value> = self
            .activities
            .iter()
            .map(|a| json!({"start": a.start, "length_minutes": a.length_minutes, "code": a.code}))
            .collect();
        let mut map = Map::new();
        map.insert("start".into(), json!(self.start));
        map.insert("length_minutes".into(), json!(self.length_minutes));
        map.insert("activities".into(), Value::Array(activities));
        map
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut map = self.fields();
        map.insert("id".into(), json!(self.id));
        Value::Object(map)
    }

    /// The fields as the ledger tells them: with what only the platform API knows.
    pub(crate) fn all_fields(&self) -> Map<String, Value> {
        let mut map = self.fields();
        let activities = map.get_mut("activities").and_then(Value::as_array_mut);
        for (shown, own) in activities.into_iter().flatten().zip(&self.activities) {
            shown.as_object_mut().into_iter().for_each(|shown| shown.extend(own.more.clone()));
        }
        map.extend(self.more.clone());
        map
    }
}

/// What a client may change about one agent in one schedule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Week {
    pub(crate) availability: Value,
    pub(crate) shifts: Vec<Shift>,
    /// As in [`Activity`].
    pub(crate) more: Map<String, Value>,
}

impl Default for Week {
    fn default() -> Self {
        Self {
            availability: json!({"status": "available", "from": null, "until": null}),
            shifts: Vec::new(),
            more: Map::new(),
        }
    }
}

impl Week {
    pub(crate) fn shift(&self, id: &str) -> Option<&Shift> {
        self.shifts.iter().find(|shift| shift.id == id)
    }

    /// Whether both hold the same shifts, in whatever order.
    pub(crate) fn same_shifts(&self, other: &Self) -> bool {
        self.shifts.len() == other.shifts.len() && self.shifts.iter().all(|shift| other.shift(&shift.id) == Some(shift))
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.availability == other.availability && self.more == other.more && self.same_shifts(other)
    }
}

/// One agent in one schedule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AgentWeek {
    pub(crate) week: Week,
    pub(crate) meta: Meta,
}

impl AgentWeek {
    /// The entry in a document.
    pub(crate) fn to_json(&self, agent_id: &str) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("agent_id".into(), json!(agent_id));
        map.insert("version".into(), json!(self.meta.version));
        map.insert("availability".into(), self.week.availability.clone());
        map.insert("shifts".into(), Value::Array(self.week.shifts.iter().map(Shift::to_json).collect()));
        map
    }
}

/// One week of one business unit.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) id: String,
    pub(crate) business_unit_id: String,
    pub(crate) week: String,
    pub(crate) time_zone: String,
    /// First instant of the week and the one after its end.
    pub(crate) bounds: (i64, i64),
    pub(crate) description: String,
    pub(crate) draft_revision: u64,
    pub(crate) published_revision: u64,
    /// The publish that runs, or the last one.
    pub(crate) job: Option<String>,
    pub(crate) state: PublishState,
    /// When `state` was entered.
    pub(crate) since: i64,
    pub(crate) agents: BTreeMap<Arc<str>, Arc<AgentWeek>>,
    pub(crate) meta: Meta,
}

/// The publish state of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublishState {
    Draft,
    Pending,
    Published,
}

impl PublishState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Published => "published",
        }
    }
}

impl Schedule {
    pub(crate) fn path(&self) -> String {
        format!("{SCHEDULES}/{}", self.id)
    }

    pub(crate) fn agent_path(&self, agent_id: &str) -> String {
        agent_path(&self.id, agent_id)
    }

    /// The document without its agents.
    pub(crate) fn head_json(&self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("id".into(), json!(self.id));
        map.insert("business_unit_id".into(), json!(self.business_unit_id));
        map.insert("week".into(), json!(self.week));
        map.insert("time_zone".into(), json!(self.time_zone));
        map.insert("description".into(), json!(self.description));
        map.insert("state".into(), json!(self.state.name()));
        map.insert("draft_revision".into(), json!(self.draft_revision));
        map.insert("published_revision".into(), json!(self.published_revision));
        self.meta.write(&mut map);
        map
    }

    /// The document with the agents that `wanted` accepts.
    pub(crate) fn to_json(&self, wanted: impl Fn(&str) -> bool) -> Value {
        let agents =
            self.agents.iter().filter(|(id, _)| wanted(id)).map(|(id, agent)| Value::Object(agent.to_json(id)));
        let agents = agents.collect();
        let mut map = self.head_json();
        map.insert("agents".into(), Value::Array(agents));
        Value::Object(map)
    }

    /// One agent's week as a record of its own.
    pub(crate) fn agent_json(&self, agent_id: &str) -> Option<Value> {
        let agent = self.agents.get(agent_id)?;
        let mut map = agent.to_json(agent_id);
        agent.meta.write(&mut map);
        map.insert("schedule_id".into(), json!(self.id));
        map.insert("week".into(), json!(self.week));
        map.insert("time_zone".into(), json!(self.time_zone));
        Some(Value::Object(map))
    }
}

/// The path under which one agent in one schedule is known to ledger and control API.
pub(crate) fn agent_path(schedule_id: &str, agent_id: &str) -> String {
    format!("{SCHEDULES}/{schedule_id}/agents/{agent_id}")
}

/// A path of the ledger and the control API, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecordPath {
    Flat(Kind, String),
    Schedule(String),
    Agent(String, String),
    /// A document of the platform API, by its path.
    Document(String),
}

impl RecordPath {
    /// Understands the paths of scores, trades, schedules, agents in schedules and documents.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let path = path.split('?').next()?.trim_end_matches('/');
        let rest = |root: &str| {
            path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')).filter(|rest| !rest.is_empty())
        };
        if let Some(id) = rest(SCORES) {
            return Some(Self::Flat(Kind::Score, id.to_owned()));
        }
        if let Some(id) = rest(TRADES) {
            return Some(Self::Flat(Kind::Trade, id.to_owned()));
        }
        if crate::platform::operations::owns(path) {
            return Some(Self::Document(path.to_owned()));
        }
        let parts: Vec<&str> = rest(SCHEDULES)?.split('/').collect();
        match parts.as_slice() {
            [id] => Some(Self::Schedule((*id).to_owned())),
            [id, "agents", agent] => Some(Self::Agent((*id).to_owned(), (*agent).to_owned())),
            _ => None,
        }
    }
}
