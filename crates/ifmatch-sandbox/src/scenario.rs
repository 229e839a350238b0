//! Scenarios: options, faults, the world and its actors, by name or from a TOML file.

mod named;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{constraint::Constraint, faults::FaultRates, options::Options, time::parse_instant};

/// Everything that a run starts from, besides its seed and its clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The name that the first line of a run shows.
    pub name: String,
    /// The instant (RFC 3339) at which a clock that is free to choose should start; windows of actors count from the real start.
    pub start: Option<String>,
    /// The options of the API.
    pub options: Options,
    /// Probabilities of faults.
    pub faults: FaultRates,
    /// What exists at the start.
    pub world: WorldSpec,
    /// People who edit.
    pub editors: Vec<Editor>,
    /// What locks records.
    pub lockers: Vec<Locker>,
    /// What the business refuses.
    pub constraints: Vec<Constraint>,
}

/// What exists at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldSpec {
    /// Build the world that fits a sample file; the numbers below then do not count.
    pub sample: Option<Sample>,
    /// Agents.
    pub agents: usize,
    /// Quality scores.
    pub scores: usize,
    /// Shift trades.
    pub trades: usize,
    /// Weeks, one schedule each.
    pub weeks: usize,
    /// Monday of the first week; absent for the first Monday after the start.
    pub first_week: Option<String>,
    /// Monday of the week whose shifts the trades are about; absent for whichever comes first.
    pub trades_week: Option<String>,
    /// IANA zone of the business unit.
    pub time_zone: String,
    /// Management units of each business unit, among which agents are dealt out; everything else is in the first one.
    pub management_units: usize,
    /// `draft_revision` of every schedule.
    pub draft_revision: u64,
    /// `published_revision` of every schedule.
    pub published_revision: u64,
}

impl Default for WorldSpec {
    fn default() -> Self {
        Self {
            sample: None,
            agents: 60,
            scores: 100,
            trades: 40,
            weeks: 2,
            first_week: None,
            trades_week: None,
            time_zone: "Europe/Paris".to_owned(),
            management_units: 1,
            draft_revision: 1,
            published_revision: 0,
        }
    }
}

/// The sample files that a world can be built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// Agents by e-mail, no scores.
    QualityReviews,
    /// Agents and the shifts that the trades name, three weeks, no trades.
    ShiftTrades,
    /// The 300 agents' week.
    SchedulerWeek,
}

/// A person who edits records now and then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Editor {
    /// The person's name, the actor of the ledger.
    pub name: String,
    /// What the person edits.
    pub edits: Edits,
    /// Mean time between two edits in milliseconds (a Poisson process).
    pub mean_ms: i64,
    /// First moment of the window, milliseconds from the start.
    #[serde(default)]
    pub from_ms: i64,
    /// End of the window; absent for none.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// Only the first so many records of that kind; absent for all.
    #[serde(default)]
    pub among: Option<usize>,
}

/// What an editor edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edits {
    /// `score` and `comments` of quality scores.
    Scores,
    /// `notes` of open trades.
    Trades,
    /// Start of shifts.
    Shifts,
    /// Availability of agents.
    Availability,
    /// Documents of the platform API: work plans, requests, codes, groups, limits, settings.
    Documents,
}

/// Something that locks records: script sessions, reconciliation, exports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locker {
    /// What is locked.
    pub locks: Locks,
    /// Share of all such records locked at `from_ms`, 0 to 1.
    #[serde(default)]
    pub share: f64,
    /// Number of records locked at `from_ms`, in place of a share.
    #[serde(default)]
    pub count: Option<usize>,
    /// Mean milliseconds between further locks on one record each; absent for none.
    #[serde(default)]
    pub mean_ms: Option<i64>,
    /// First moment of the window, milliseconds from the start.
    #[serde(default)]
    pub from_ms: i64,
    /// End of the window for further locks; absent for none.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// Shortest hold in milliseconds.
    pub hold_ms_min: i64,
    /// Longest hold in milliseconds.
    pub hold_ms_max: i64,
}

/// What a locker locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locks {
    /// Agents, in every schedule.
    Agents,
    /// Quality scores.
    Scores,
    /// Shift trades.
    Trades,
    /// Documents of the platform API.
    Documents,
}

/// Why a scenario could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioError {
    /// The text is not TOML.
    Syntax(String),
    /// A field is unknown or has the wrong type.
    Field(String),
    /// `base` names no scenario.
    UnknownBase(String),
    /// A value is out of its range.
    Range(String),
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(text) => write!(f, "the scenario is not TOML: {text}"),
            Self::Field(text) => write!(f, "the scenario has a bad field: {text}"),
            Self::UnknownBase(name) => write!(f, "no scenario is named {name}"),
            Self::Range(text) => write!(f, "the scenario has a value out of range: {text}"),
        }
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// Reads a scenario; `base` names the scenario from which it differs (default `calm`), `base_seed` the seed of a drawn one.
    ///
    /// # Errors
    /// The text is not TOML, has unknown fields, names no known base, or a value is out of range.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let mut given: Value = toml::from_str(text).map_err(|error| ScenarioError::Syntax(error.to_string()))?;
        let (mut base, mut seed) = ("calm".to_owned(), 0);
        if let Some(map) = given.as_object_mut() {
            if let Some(name) = map.remove("base") {
                base = name.as_str().unwrap_or_default().to_owned();
            }
            seed = map.remove("base_seed").and_then(|seed| seed.as_u64()).unwrap_or(0);
        }
        let base = Self::named(&base, seed).ok_or(ScenarioError::UnknownBase(base))?;
        let mut value = serde_json::to_value(base).map_err(|error| ScenarioError::Field(error.to_string()))?;
        overlay(&mut value, given);
        let scenario: Self = serde_json::from_value(value).map_err(|error| ScenarioError::Field(error.to_string()))?;
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), ScenarioError> {
        let range = |text: &str| Err(ScenarioError::Range(text.to_owned()));
        if self.options.envelopes.is_empty() {
            return range("envelopes needs at least one");
        }
        if self.options.version_step_max == 0 || self.options.version_step_max > 1_000 {
            return range("version_step_max is from 1 to 1000");
        }
        let times = [
            self.options.exchange_ms,
            self.options.publish_ms,
            self.options.replica_lag_ms,
            self.options.latency_ms_min,
        ];
        if times.iter().any(|ms| *ms < 0) || self.options.latency_ms_max < self.options.latency_ms_min {
            return range("times are not negative, latency_ms_max is not below latency_ms_min");
        }
        if self.editors.iter().any(|editor| editor.mean_ms < 1)
            || self.lockers.iter().any(|l| l.mean_ms.is_some_and(|ms| ms < 1))
        {
            return range("mean_ms is at least 1");
        }
        if self.start.as_deref().is_some_and(|start| parse_instant(start).is_none()) {
            return range("start is an RFC 3339 instant");
        }
        if !crate::time::zone_exists(&self.world.time_zone) {
            return range("world.time_zone is an IANA zone");
        }
        Ok(())
    }

    /// The instant at which a clock that is free to choose should start, milliseconds since the Unix epoch.
    #[must_use]
    pub fn start(&self) -> Option<i64> {
        self.start.as_deref().and_then(parse_instant)
    }
}

/// Lays the given object over the base, object by object; lists and scalars replace.
pub(crate) fn overlay(base: &mut Value, given: Value) {
    match (base, given) {
        (Value::Object(base), Value::Object(given)) => {
            for (name, value) in given {
                overlay(base.entry(name).or_insert(Value::Null), value);
            }
        }
        (base, given) => *base = given,
    }
}
