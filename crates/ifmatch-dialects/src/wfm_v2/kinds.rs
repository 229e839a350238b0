//! The kinds of the API: which fields a client may write, how values merge, what names a record.

use crate::shifts::Spelling;
use ifmatch_core::{Guard, KindSpec, Names};
use ifmatch_merge::{Schema, Strategy};

/// The kind of a quality score.
pub(crate) const SCORE: &str = "quality-score";
/// The kind of a shift trade.
pub(crate) const TRADE: &str = "shift-trade";
/// The kind of a schedule document, its agents left out.
pub(crate) const SCHEDULE: &str = "schedule";
/// The kind of one agent in one schedule.
pub(crate) const AGENT: &str = "agent-schedule";
/// The operation that publishes a schedule.
pub(crate) const PUBLISH: &str = "publish";

/// Fields that the target sets; in a body they are never a change.
pub(crate) const MANAGED: &[&str] = &[
    "id",
    "version",
    "resource_version",
    "entity_version",
    "date_modified",
    "modified_by",
    "draft_revision",
    "published_revision",
    "state",
    "settled_at",
];

/// Members that hold an instant, wherever they stand.
pub(crate) const TIMES: &[&str] = &["start", "end", "from", "until", "reviewed_at", "expires_at"];

/// How the shifts of an agent are spelt.
pub(crate) const SHIFTS: Spelling =
    Spelling { start: "start", length: "length_minutes", code: "code", week: "week", zone: "time_zone", times: TIMES };

/// The three spellings of a version, the most general first.
pub(crate) const VERSIONS: &[&str] = &["version", "resource_version", "entity_version"];

/// The specs of all kinds.
#[derive(Debug)]
pub(crate) struct Kinds {
    all: [KindSpec; 4],
}

impl Kinds {
    /// Builds the table.
    pub(crate) fn new() -> Self {
        Self { all: [score(), trade(), schedule(), agent()] }
    }

    /// The spec of a kind, by name.
    pub(crate) fn get(&self, name: &str) -> Option<&KindSpec> {
        self.all.iter().find(|spec| spec.name == name)
    }

    /// The names, in the order of the table.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.all.iter().map(|spec| &*spec.name).collect()
    }
}

fn score() -> KindSpec {
    KindSpec {
        name: SCORE.into(),
        schema: Schema::new(),
        writable: Names::of(&["evaluation_form", "correlation_id", "score", "comments", "reviewed_at", "time_zone"]),
        identity: Names::of(&["id", "agent_id", "agent_email", "review_date"]),
        version_fields: Names::of(VERSIONS),
        stamps: Names::NONE,
        natural_key: Names::of(&["agent_email", "evaluation_form", "review_date"]),
        guard: Guard::Monotonic,
        operations: Names::NONE,
    }
}

/// A side of a trade is one unit: an agent with another one's shift is a trade that nobody asked for.
fn trade() -> KindSpec {
    KindSpec {
        name: TRADE.into(),
        schema: Schema::new().rule("/initiating", Strategy::Atomic).rule("/receiving", Strategy::Atomic),
        writable: Names::of(&[
            "swap_request_id",
            "status",
            "initiating",
            "receiving",
            "time_zone",
            "notes",
            "expires_at",
        ]),
        identity: Names::of(&["trade_id"]),
        version_fields: Names::of(VERSIONS),
        stamps: Names::NONE,
        natural_key: Names::of(&["swap_request_id"]),
        guard: Guard::Monotonic,
        operations: Names::NONE,
    }
}

/// `agent_ids` stands for the list of agents: an id that leaves it removes the agent.
fn schedule() -> KindSpec {
    KindSpec {
        name: SCHEDULE.into(),
        schema: Schema::new(),
        writable: Names::of(&["description", "agent_ids"]),
        identity: Names::of(&["id", "business_unit_id", "week", "time_zone"]),
        version_fields: Names::of(VERSIONS),
        stamps: Names::NONE,
        natural_key: Names::NONE,
        guard: Guard::Monotonic,
        operations: Names::of(&[PUBLISH]),
    }
}

/// Two people may change two shifts, or different hours, or the two ends, of one: a shift is a span of
/// time in which each stretch is somebody's own. The target replaces the activities of a shift as a
/// whole, so what is written is the merged list. A shift whose times cannot be read merges member by
/// member, its activities as one unit.
fn agent() -> KindSpec {
    KindSpec {
        name: AGENT.into(),
        schema: Schema::new()
            .rule("/shifts", Strategy::KeyedList { keys: vec!["id".to_owned()] })
            .rule("/shifts/*", Strategy::IntervalSet(SHIFTS.interval())),
        writable: Names::of(&["availability", "shifts"]),
        identity: Names::of(&["agent_id", "schedule_id", "week", "time_zone"]),
        version_fields: Names::of(VERSIONS),
        stamps: Names::NONE,
        natural_key: Names::NONE,
        guard: Guard::Monotonic,
        operations: Names::NONE,
    }
}

/// Splits the id of an agent schedule into schedule and agent.
pub(crate) fn agent_parts(id: &str) -> Option<(&str, &str)> {
    let (schedule, agent) = id.split_once('/')?;
    let sound = !schedule.is_empty() && !agent.is_empty() && !agent.contains('/');
    sound.then_some((schedule, agent))
}

#[cfg(test)]
mod tests;
