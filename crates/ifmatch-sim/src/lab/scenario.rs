//! What a scenario of the lab says: the target, the sources, the people, the locks.
//!
//! A scenario is a TOML file; those with a name are compiled in, one file each. Times are
//! milliseconds unless the name says otherwise, and count from the start of the run.

mod check;

use ifmatch_sandbox::Scenario as Target;
use serde::{Deserialize, Serialize};

/// The scenarios with a name, with their text.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("N1", include_str!("scenario/n1.toml")),
    ("N2", include_str!("scenario/n2.toml")),
    ("N3", include_str!("scenario/n3.toml")),
    ("N4", include_str!("scenario/n4.toml")),
    ("N5", include_str!("scenario/n5.toml")),
    ("N18", include_str!("scenario/n18.toml")),
    ("N21", include_str!("scenario/n21.toml")),
];

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called: `N2`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The figures of the field that it stands for, and where they come from.
    #[serde(default)]
    pub numbers: String,
    /// Instant at which the run starts, RFC 3339. Variants may say another.
    pub start: String,
    /// How long sources and people act.
    pub minutes: i64,
    /// How long everybody has to finish after that.
    #[serde(default = "an_hour")]
    pub drain_minutes: i64,
    /// The target: options, faults and world of the sandbox, as in a scenario of `ifmatch sandbox`.
    /// Its people and locks are left out: they are drawn here, the same for every strategy.
    #[serde(default)]
    pub sandbox: toml::Table,
    /// Who sends changes.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
    /// People who edit in the target itself.
    #[serde(default, rename = "editor")]
    pub editors: Vec<Editor>,
    /// What locks records.
    #[serde(default, rename = "locker")]
    pub lockers: Vec<Locker>,
    /// The same under other conditions, one world each, added up; empty for one world.
    #[serde(default, rename = "variant")]
    pub variants: Vec<Variant>,
}

/// A source, or several alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name; copies get a number.
    pub name: String,
    /// How many alike, each with a share of the records of its own.
    #[serde(default = "one")]
    pub copies: usize,
    /// What it changes.
    pub changes: Field,
    /// Mean time between two changes of one copy (a Poisson process).
    #[serde(default)]
    pub mean_ms: Option<i64>,
    /// Exact time between two changes of one copy.
    #[serde(default)]
    pub every_ms: Option<i64>,
    /// So many changes of one copy at once, at the start of its window.
    #[serde(default)]
    pub burst: Option<usize>,
    /// First moment of its window.
    #[serde(default)]
    pub from_ms: i64,
    /// End of its window; absent for the end of the scenario.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// How many changes each copy has under way at once in a loop; 0 for no bound.
    #[serde(default)]
    pub workers: usize,
    /// How long before it speaks a source has looked at the record: at least.
    #[serde(default)]
    pub looked_ms_min: i64,
    /// At most.
    #[serde(default)]
    pub looked_ms_max: i64,
    /// The first so many records only.
    #[serde(default)]
    pub among: Option<usize>,
    /// Whether its copies share all records instead of having their own.
    #[serde(default)]
    pub shared: bool,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Editor {
    /// The name in the ledger.
    pub name: String,
    /// What the person edits.
    pub edits: Field,
    /// Mean time between two edits (a Poisson process).
    pub mean_ms: i64,
    /// First moment of the window.
    #[serde(default)]
    pub from_ms: i64,
    /// End of the window; absent for the end of the scenario.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// The first so many records only.
    #[serde(default)]
    pub among: Option<usize>,
}

/// What holds records for a while: script sessions, reconciliation, exports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locker {
    /// What it locks: the records of this field's kind.
    pub locks: Field,
    /// So many records at once, at the start of its window.
    #[serde(default)]
    pub count: usize,
    /// Mean time between further locks on one record each; absent for none.
    #[serde(default)]
    pub mean_ms: Option<i64>,
    /// First moment of the window.
    #[serde(default)]
    pub from_ms: i64,
    /// End of the window; absent for the end of the scenario.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// Shortest hold.
    pub hold_seconds_min: i64,
    /// Longest hold.
    pub hold_seconds_max: i64,
}

/// What is changed of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The score of a quality score.
    Score,
    /// The comments of a quality score.
    Comments,
    /// Start and activities of one shift of an agent.
    Shift,
    /// The availability of an agent.
    Availability,
    /// A new shift trade.
    Trade,
    /// The publish of a schedule.
    Publish,
}

/// The same scenario at another place and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// IANA zone of the business unit.
    pub time_zone: String,
    /// Instant at which the run starts, RFC 3339.
    pub start: String,
}

/// Why a scenario cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioError {
    /// The text is no TOML, or a field is unknown, missing or of the wrong type.
    Unreadable(String),
    /// A value is out of its range; says which.
    Range(String),
    /// The part about the target is refused by the sandbox.
    Target(String),
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the scenario cannot be read: {why}"),
            Self::Range(why) => write!(f, "the scenario has a value out of range: {why}"),
            Self::Target(why) => write!(f, "the scenario's sandbox cannot be used: {why}"),
        }
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// A scenario by its name, whatever its case; `None` for an unknown name.
    ///
    /// # Panics
    /// Never: the texts are this crate's own, and a test reads them all.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(Self::from_toml(text).expect("the scenarios with a name can be read"))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// What is wrong with it, with the field named.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Unreadable(error.to_string()))?;
        check::check(&scenario)?;
        Ok(scenario)
    }

    /// The worlds that a run goes through: the variants, or the scenario as it is.
    #[must_use]
    pub fn worlds(&self) -> Vec<Option<&Variant>> {
        if self.variants.is_empty() { vec![None] } else { self.variants.iter().map(Some).collect() }
    }

    /// The sandbox's part, for one of the worlds.
    ///
    /// # Errors
    /// The sandbox refuses it.
    pub fn target(&self, variant: Option<&Variant>) -> Result<Target, ScenarioError> {
        let refused = |error: &dyn std::fmt::Display| ScenarioError::Target(error.to_string());
        let mut table = self.sandbox.clone();
        if let Some(variant) = variant {
            let world = table.entry("world").or_insert_with(|| toml::Table::new().into());
            if let Some(world) = world.as_table_mut() {
                world.insert("time_zone".to_owned(), variant.time_zone.clone().into());
            }
        }
        let text = toml::to_string(&table).map_err(|error| refused(&error))?;
        let mut target = Target::from_toml(&text).map_err(|error| refused(&error))?;
        target.editors.clear();
        target.lockers.clear();
        target.start = None;
        Ok(target)
    }
}

fn one() -> usize {
    1
}

fn an_hour() -> i64 {
    60
}
