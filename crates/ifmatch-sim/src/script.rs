//! What a run starts from: the target's scenario, the sources, and who does what when.

mod events;

use crate::spelling::Api;
use crate::world::ORG;
use ifmatch_core::merge::Policies;
use ifmatch_core::{
    AnswerPolicy, BaseHint, Change, Intent, IntentId, LocalTimes, Method, OnOverwrite, OrgName, Request, Resource,
    Route, Sends, Verify,
};
use ifmatch_sandbox::{Injection, Scenario};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub use events::Events;

/// Everything that a run starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// What it is called: `seed 17`, or a named scenario.
    pub name: String,
    /// The name by which it was asked for, where it was: see [`crate::scenario::named`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_name: Option<String>,
    /// The seed, of sandbox, engine and everything drawn during the run.
    pub seed: u64,
    /// The org that the run is about.
    #[serde(default = "plain_org")]
    pub org: String,
    /// Instant at which the run starts, RFC 3339.
    pub start: String,
    /// The target.
    pub scenario: Scenario,
    /// The sources.
    pub sources: Vec<SourceSpec>,
    /// Who does what, in milliseconds since the start, in order.
    pub ops: Vec<(i64, Op)>,
    /// What the target tells of its own accord.
    #[serde(default)]
    pub events: Events,
    /// Whether the configuration says so where the target ignores versions; else that is to be found out.
    #[serde(default = "told")]
    pub told_unguarded: bool,
    /// The API that engine and target speak with each other.
    #[serde(default)]
    pub api: Api,
    /// When a read must bear out a write that the target accepted.
    #[serde(default)]
    pub verify: Verify,
    /// Another org that the same process serves, from the same store, at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<Box<Self>>,
    /// When faults and people stop, in milliseconds since the start.
    pub calm_at: i64,
    /// When everything must be settled, in milliseconds since the start.
    pub end_at: i64,
}

fn told() -> bool {
    true
}

fn plain_org() -> String {
    ORG.to_owned()
}

impl Setup {
    /// A run in which nothing happens: no sources, no ops, no events, nobody beside it.
    #[must_use]
    pub fn new(name: impl Into<String>, seed: u64, start: impl Into<String>, scenario: Scenario) -> Self {
        Self {
            name: name.into(),
            scenario_name: None,
            seed,
            org: plain_org(),
            start: start.into(),
            scenario,
            sources: Vec::new(),
            ops: Vec::new(),
            events: Events::default(),
            told_unguarded: true,
            api: Api::default(),
            verify: Verify::default(),
            neighbour: None,
            calm_at: 0,
            end_at: 0,
        }
    }

    /// The command that draws and runs its world.
    #[must_use]
    pub fn command(&self) -> String {
        let scenario = self.scenario_name.as_ref().map(|name| format!(" --scenario {name}")).unwrap_or_default();
        format!("ifmatch sim run --seeds 1 --first-seed {}{scenario}", self.seed)
    }

    /// The same run for another org: everything that names an org names this one.
    #[must_use]
    pub fn of_org(mut self, org: &str) -> Self {
        org.clone_into(&mut self.org);
        for (_, op) in &mut self.ops {
            if let Op::Submit { intent, .. } = op {
                intent.resource = intent.resource.in_org(&org.into());
            }
        }
        self
    }

    /// What was drawn: the options and faults of the target that are not the plain ones, the
    /// sources, and how many ops of each sort.
    #[must_use]
    pub fn drawn(&self) -> Value {
        let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, op) in &self.ops {
            *sorts.entry(op.sort()).or_default() += 1;
        }
        let sources: Vec<String> = self.sources.iter().map(|s| format!("{} sends {:?}", s.name, s.sends)).collect();
        json!({
            "seed": self.seed, "target": self.scenario.name, "world": other_than(&self.scenario.world),
            "options": other_than(&self.scenario.options), "faults": other_than(&self.scenario.faults),
            "editors": self.scenario.editors.len(), "lockers": self.scenario.lockers.len(),
            "sources": sources, "ops": sorts, "events": other_than(&self.events),
            "neighbour": self.neighbour.as_ref().map(|setup| setup.drawn()),
        })
    }
}

/// The members of a value that differ from those of its default.
fn other_than<T: Serialize + Default>(value: &T) -> Value {
    let json = |value: &T| serde_json::to_value(value).unwrap_or_default();
    let (mut value, plain) = (json(value), json(&T::default()));
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, member| plain.get(name) != Some(member));
    }
    value
}

impl Op {
    /// A source that never looks submits an intent.
    #[must_use]
    pub fn submit(source: &str, intent: Intent) -> Self {
        Self::Submit { source: source.to_owned(), intent: Box::new(intent), saw: Value::Null, whole: false }
    }

    /// Whether somebody calls the gateway in it.
    #[must_use]
    pub fn calls_gateway(&self) -> bool {
        matches!(
            self,
            Self::Show { .. }
                | Self::Export { .. }
                | Self::Wish(_)
                | Self::WishHours { .. }
                | Self::Submit { .. }
                | Self::Again { .. }
                | Self::Decide(_)
                | Self::Withdraw { .. }
                | Self::Undo { .. }
                | Self::Resume
        )
    }

    /// What sort of op it is.
    #[must_use]
    pub fn sort(&self) -> &'static str {
        match self {
            Self::Look { .. } => "look",
            Self::Show { .. } => "show",
            Self::Export { .. } => "export",
            Self::Wish(_) => "wish",
            Self::Submit { .. } => "submit",
            Self::Again { .. } => "again",
            Self::Edit { .. } => "edit",
            Self::EditHours { .. } => "edit hours",
            Self::Rekey { .. } => "rekey",
            Self::WishHours { .. } => "wish hours",
            Self::Lock { .. } => "lock",
            Self::Crash(_) => "crash",
            Self::Pause { .. } => "pause",
            Self::SetClock { .. } => "set clock",
            Self::Fault(_) => "fault",
            Self::FailCommits(_) => "fail commits",
            Self::Decide(_) => "decide",
            Self::Withdraw { .. } => "withdraw",
            Self::Undo { .. } => "undo",
            Self::Resume => "resume",
        }
    }
}

/// One source and how it is configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Its name.
    pub name: String,
    /// What its bodies mean.
    pub sends: Sends,
    /// How a true conflict is answered.
    pub answer: AnswerPolicy,
    /// Its policies.
    #[serde(default)]
    pub on_conflict: Policies,
    /// What a local time in doubt means.
    #[serde(default)]
    pub local_times: LocalTimes,
    /// What follows where a write of it overwrote somebody else's.
    #[serde(default)]
    pub on_overwrite: OnOverwrite,
}

impl SourceSpec {
    /// A source that sends edits, has no policies, and leaves true conflicts to a person.
    #[must_use]
    pub fn edits(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sends: Sends::Edits,
            answer: AnswerPolicy::Hold,
            on_conflict: Policies::new(),
            local_times: LocalTimes::Review,
            on_overwrite: OnOverwrite::Repair,
        }
    }
}

/// One thing that somebody does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// A source reads a record in the target itself, past the gateway.
    Look {
        /// The source.
        source: String,
        /// The record's path.
        path: String,
    },
    /// A source reads a record through the gateway.
    Show {
        /// The source.
        source: String,
        /// The resource's kind.
        kind: String,
        /// The resource's id.
        id: String,
        /// The record's path.
        path: String,
    },
    /// A source has the recordings of agents exported, through us: a request that is no intent.
    Export {
        /// The source.
        source: String,
        /// The agents' ids. The target locks their records while the export runs.
        agents: Vec<String>,
    },
    /// A source wishes something of a record that it looked at before, or not.
    Wish(Wish),
    /// A source submits an intent as it is, with what it truly saw.
    Submit {
        /// The source.
        source: String,
        /// The intent.
        intent: Box<Intent>,
        /// What it truly saw: the fields and their values.
        saw: Value,
        /// Whether the body is the whole wish.
        whole: bool,
    },
    /// The last submission of a source arrives once more.
    Again {
        /// The source.
        source: String,
    },
    /// A person edits a record.
    Edit {
        /// The record's path.
        path: String,
        /// What becomes of it.
        patch: Value,
        /// The person.
        by: String,
    },
    /// A person turns hours of a shift into something else, as the shift is then.
    EditHours {
        /// The person.
        by: String,
        /// The hours.
        hours: Hours,
    },
    /// A person's tool deletes a shift and makes it again as it is then, under another id.
    Rekey {
        /// The person.
        by: String,
        /// The record's path.
        path: String,
        /// The shift's id.
        shift: String,
        /// Its id from then on.
        again: String,
    },
    /// A source wishes that hours of a shift are something else, in the record that it looked at before.
    WishHours {
        /// The source.
        source: String,
        /// How it says so.
        spoken: Spoken,
        /// The hours.
        hours: Hours,
    },
    /// Something locks a record.
    Lock {
        /// The record's path.
        path: String,
        /// For how long.
        seconds: u64,
    },
    /// The process ends here and starts again.
    Crash(CrashPoint),
    /// The process stands still, as a suspended machine does; what was due meanwhile comes at once.
    Pause {
        /// For how long.
        seconds: u64,
    },
    /// The clock of the machine is set. The process goes by it from its next life on.
    SetClock {
        /// By how much: forward, or back where negative.
        seconds: i64,
    },
    /// The next requests of a kind go wrong in the target, or on the way.
    Fault(Injection),
    /// The store cannot take the next commits.
    FailCommits(u32),
    /// A person decides every open review: `local`, `remote`, or drops it.
    Decide(String),
    /// A source withdraws one of its open intents: so many places from the newest.
    Withdraw {
        /// How many newer open ones are left alone.
        newer: usize,
    },
    /// A source takes back what an intent of anybody wrote: of those that landed, so many places from the newest.
    Undo {
        /// The source that asks for it.
        source: String,
        /// How many newer ones are left alone.
        newer: usize,
    },
    /// A person resumes every kind that the gateway holds by itself.
    Resume,
}

/// Where a crash happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CrashPoint {
    /// At once.
    Now,
    /// Before the next commit is durable.
    BeforeCommit,
    /// While the next commit is being written: its last write is torn.
    InCommit,
    /// After the next commit is durable, before anything that waits for it leaves.
    AfterCommit,
    /// After the next write left, before its answer is known.
    AfterSend,
}

/// A wish of a source for one record, made from what it has in mind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// The source.
    pub source: String,
    /// The resource's kind.
    pub kind: String,
    /// The resource's id.
    pub id: String,
    /// The record's path.
    pub path: String,
    /// The fields that it changes.
    pub set: Value,
    /// How it says so.
    pub spoken: Spoken,
    /// The policy that it names for all paths, if any.
    #[serde(default)]
    pub on_conflict: Option<Policies>,
    /// The pair that it is half of, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
}

/// Some time of a shift, and what it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The id of the agent's schedule.
    pub id: String,
    /// The record's path.
    pub path: String,
    /// The shift's id.
    pub shift: String,
    /// From so many minutes after the shift's start.
    pub from_minutes: i64,
    /// For how long; until the end of the shift at most.
    pub length_minutes: i64,
    /// The activity's code; none for no activity at all.
    pub code: Option<String>,
}

/// How a source says what it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spoken {
    /// The fields only, without a base.
    Blind,
    /// The fields, with the version that it looked at.
    Versioned,
    /// The fields, with their values as it saw them.
    Valued,
    /// The whole record that it has in mind, with its version.
    Whole,
    /// The whole record that it has in mind, with the target's newest version pasted onto it.
    Pasted,
}

/// A submission as it went in, so that it can arrive again.
#[derive(Debug, Clone)]
pub struct Body {
    /// The source.
    pub source: String,
    /// The intent.
    pub intent: Intent,
    /// Whether the body is the whole wish.
    pub whole: bool,
    /// Whether it came through the proxy.
    pub proxied: bool,
    /// The id that it got when it arrived first.
    pub first: IntentId,
}

/// A wish as the proxy takes it from a client who says all of a document, under the version in its metadata; `None` where the
/// dialect takes the request for no write.
pub(crate) fn routed(api: Api, org: &OrgName, wish: &Wish, doc: &Value) -> Option<Intent> {
    let mut body = doc.clone();
    body.as_object_mut()?.retain(|name, _| !matches!(name.as_str(), "version" | "resource_version" | "entity_version"));
    let request = match api {
        Api::GenesysSettings => Request::json(Method::Patch, &wish.path, &json!({"settings": body["settings"]})),
        _ => Request::json(Method::Patch, &wish.path, &body),
    };
    let Ok(Route::Write { resource, change, base, .. }) = api.dialect().route(org, &request) else { return None };
    Some(api.heard(Intent { resource, change, base, ..intent_of(org, wish, Spoken::Blind, doc, doc) }))
}

/// A wish as an intent, from what its source has in mind of the record and the record as it wants it.
pub(crate) fn intent_of(org: &OrgName, wish: &Wish, spoken: Spoken, mind: &Value, doc: &Value) -> Intent {
    let version = |record: &Value| record["version"].as_u64();
    let whole = matches!(spoken, Spoken::Whole | Spoken::Pasted);
    let base = match spoken {
        Spoken::Blind => None,
        Spoken::Versioned => Some(BaseHint { version: version(mind), value: None }),
        Spoken::Valued => Some(BaseHint { version: version(mind), value: Some(only(mind, &wish.set)) }),
        Spoken::Whole | Spoken::Pasted => Some(BaseHint { version: version(doc), value: None }),
    };
    Intent {
        base,
        on_conflict: wish.on_conflict.clone(),
        pair: wish.pair.clone(),
        ..Intent::new(
            Resource::by_id(org, &wish.kind, &wish.id),
            if whole { Change::Desired(doc.clone()) } else { Change::MergePatch(wish.set.clone()) },
        )
    }
}

/// The fields of a record that a patch names.
fn only(record: &Value, patch: &Value) -> Value {
    let names = patch.as_object().into_iter().flatten().map(|(name, _)| name);
    Value::Object(names.filter_map(|name| Some((name.clone(), record.get(name)?.clone()))).collect())
}
