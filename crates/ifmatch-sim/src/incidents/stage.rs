//! What an incident is played on: a small world whose records have names, and a script.

use crate::scenario::intent;
use crate::script::{CrashPoint, Events, Op, Setup, SourceSpec, Spoken, Wish};
use crate::spelling::Api;
use crate::world::ORG;
use ifmatch_core::{BaseHint, Change, Intent, Name, Operation, OrgName, Resource, Timestamp, Verb, Verify};
use ifmatch_sandbox::{Constraint, EventDelivery, Injection, Sandbox, Scenario};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A Tuesday morning far from any transition.
pub(super) const TUESDAY: &str = "2026-10-20T08:00:00Z";

/// When everything must be settled, after the start.
const END_MS: i64 = 4 * 3_600_000;

/// One record on the stage.
#[derive(Debug, Clone)]
pub(super) struct Prop {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) path: String,
}

/// A world and its script, as far as they are written.
pub(super) struct Stage {
    seed: u64,
    start: String,
    scenario: Scenario,
    world: Value,
    sandbox: Sandbox,
    sources: Vec<SourceSpec>,
    ops: Vec<(i64, Op)>,
    /// What the target tells of its own accord; as its option has it unless it is said.
    pub(super) events: Option<Events>,
    /// Whether the configuration says so where the target ignores versions.
    pub(super) told_unguarded: bool,
    /// When a read must bear out an accepted write.
    pub(super) verify: Verify,
    /// The API that the target is spoken to in.
    pub(super) api: Api,
    /// Another org that the same process serves.
    neighbour: Option<Box<Self>>,
    /// What to call each id when people read.
    pub(super) names: BTreeMap<String, String>,
}

impl Stage {
    /// A calm world without rate limits, as the change makes it.
    pub(super) fn new(seed: u64, start: &str, change: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = Scenario::named("calm-unlimited", seed).expect("the scenario has a name");
        scenario.world.scores = 0;
        scenario.world.trades = 0;
        scenario.world.weeks = 0;
        scenario.world.agents = 4;
        change(&mut scenario);
        let at: Timestamp = start.parse().expect("an instant");
        let sandbox = Sandbox::new(scenario.clone(), seed, at.as_millisecond());
        let world = sandbox.world();
        Self {
            seed,
            start: start.to_owned(),
            scenario,
            world,
            sandbox,
            sources: Vec::new(),
            ops: Vec::new(),
            events: None,
            told_unguarded: true,
            verify: Verify::default(),
            api: Api::default(),
            neighbour: None,
            names: BTreeMap::new(),
        }
    }

    /// Quality scores, so many, on a Tuesday.
    pub(super) fn of_scores(seed: u64, count: usize) -> Self {
        Self::new(seed, TUESDAY, |scenario| scenario.world.scores = count)
    }

    /// One week of so many agents, on a Tuesday.
    pub(super) fn of_agents(seed: u64, count: usize) -> Self {
        Self::new(seed, TUESDAY, |scenario| {
            scenario.world.agents = count;
            scenario.world.weeks = 1;
        })
    }

    /// The target, to be changed before anything happens.
    pub(super) fn scenario_mut(&mut self) -> &mut Scenario {
        &mut self.scenario
    }

    /// A source that sends edits.
    pub(super) fn source(mut self, name: &str) -> Self {
        self.sources.push(SourceSpec::edits(name));
        self
    }

    /// Beside another org.
    pub(super) fn beside(mut self, neighbour: Self) -> Self {
        self.neighbour = Some(Box::new(neighbour));
        self
    }

    /// What to call each id, in its org and in the other one.
    pub(super) fn all_names(self) -> Vec<BTreeMap<String, String>> {
        let neighbour = self.neighbour.map(|other| other.names);
        [Some(self.names), neighbour].into_iter().flatten().collect()
    }

    /// A source as it is given.
    pub(super) fn source_of(mut self, spec: SourceSpec) -> Self {
        self.sources.push(spec);
        self
    }

    fn listed(&self, list: &str, place: usize) -> (String, String) {
        let mut entries: Vec<&Value> = self.world[list].as_array().into_iter().flatten().collect();
        // Weeks in their order; the other lists have none.
        entries.sort_by_key(|entry| entry["week"].as_str());
        let entry = entries.get(place).copied().unwrap_or(&Value::Null);
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        (text("id"), text("path"))
    }

    fn prop(&mut self, kind: &'static str, id: String, path: String, name: String) -> Prop {
        self.names.insert(id.clone(), name);
        Prop { kind, id, path }
    }

    /// A quality score, from 0.
    pub(super) fn score(&mut self, place: usize) -> Prop {
        let (id, path) = self.listed("quality_scores", place);
        self.prop("quality-score", id, path, format!("score-{}", place + 1))
    }

    /// A shift trade, from 0.
    pub(super) fn trade(&mut self, place: usize) -> Prop {
        let (id, path) = self.listed("shift_trades", place);
        self.prop("shift-trade", id, path, format!("trade-{}", place + 1))
    }

    /// The first trade in a status.
    pub(super) fn trade_in(&mut self, status: &str) -> Prop {
        self.trades_in(status).into_iter().next().expect("the world has such a trade")
    }

    /// The trades in a status.
    pub(super) fn trades_in(&mut self, status: &str) -> Vec<Prop> {
        let trades = self.world["shift_trades"].as_array().map_or(0, Vec::len);
        let is = |place: &usize| {
            let record = self.sandbox.record(&self.listed("shift_trades", *place).1);
            record.is_some_and(|record| record["status"] == status)
        };
        let found: Vec<usize> = (0..trades).filter(is).collect();
        found.into_iter().map(|place| self.trade(place)).collect()
    }

    /// The schedule of the first week.
    pub(super) fn week(&mut self) -> Prop {
        self.week_at(0)
    }

    /// The schedule of a week, from 0.
    pub(super) fn week_at(&mut self, place: usize) -> Prop {
        let (id, path) = self.listed("schedules", place);
        self.prop("schedule", id, path, format!("week-{}", place + 1))
    }

    /// An agent in the schedule of the first week, from 0.
    pub(super) fn agent(&mut self, place: usize) -> Prop {
        self.agent_at(0, place)
    }

    /// An agent in the schedule of a week, both from 0. Agents have one number in all weeks.
    pub(super) fn agent_at(&mut self, week: usize, place: usize) -> Prop {
        let (first, meant) = (self.week(), self.week_at(week));
        let agent = self.record(&first)["agents"][place]["agent_id"].as_str().unwrap_or_default().to_owned();
        self.names.insert(agent.clone(), format!("agent-{}", place + 1));
        let path = format!("{}/agents/{agent}", meant.path);
        let shifts = self.sandbox.record(&path).unwrap_or_default()["shifts"].as_array().cloned().unwrap_or_default();
        let word = if week == 0 { "shift" } else { "next" };
        for (number, shift) in shifts.iter().enumerate() {
            let id = shift["id"].as_str().unwrap_or_default().to_owned();
            self.names.insert(id, format!("{word}-{}.{}", place + 1, number + 1));
        }
        Prop { kind: "agent-schedule", id: format!("{}/{agent}", meant.id), path }
    }

    /// The first so many agents of the first week.
    pub(super) fn agents(&mut self, count: usize) -> Vec<Prop> {
        (0..count).map(|place| self.agent(place)).collect()
    }

    /// A record as it stands at the start.
    pub(super) fn record(&self, prop: &Prop) -> Value {
        self.sandbox.record(&prop.path).unwrap_or_default()
    }

    /// Of a record as it stands at the start, these members.
    pub(super) fn part(&self, prop: &Prop, names: &[&str]) -> Value {
        let mut record = self.record(prop);
        if let Some(members) = record.as_object_mut() {
            members.retain(|name, _| names.contains(&name.as_str()));
        }
        record
    }

    /// The id of a shift of an agent, from 0.
    pub(super) fn shift(&self, agent: &Prop, place: usize) -> String {
        self.record(agent)["shifts"][place]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The wish that a record exists, found by its natural key.
    pub(super) fn creation(&self, kind: &str, key: Value, value: Value) -> Intent {
        let name = Name::Key(key.to_string());
        intent(Resource::new(&OrgName::from(ORG), kind, name), Change::Create(value))
    }

    /// The wish that a record exists, found by what its sender calls it.
    pub(super) fn creation_called(&self, kind: &str, system: &str, id: &str, value: Value) -> Intent {
        let name = Name::External { system: system.to_owned(), id: id.to_owned() };
        intent(Resource::new(&OrgName::from(ORG), kind, name), Change::Create(value))
    }

    /// What the business refuses from here on.
    pub(super) fn refuses(&mut self, constraint: Constraint) {
        self.scenario.constraints.push(constraint);
    }

    /// Something at a moment of the script, in seconds.
    pub(super) fn at(&mut self, seconds: f64) -> At<'_> {
        At { at_ms: (seconds * 1_000.0) as i64, stage: self }
    }

    /// The script as a setup.
    pub(super) fn setup(mut self, name: &str) -> Setup {
        self.ops.sort_by_key(|(at, _)| *at);
        let last = self.ops.last().map_or(0, |(at, _)| *at);
        Setup {
            sources: self.sources,
            ops: self.ops,
            events: self.events.unwrap_or_else(|| told(self.scenario.options.events)),
            told_unguarded: self.told_unguarded,
            verify: self.verify,
            api: self.api,
            neighbour: self.neighbour.map(|other| Box::new(other.setup(name).of_org("neighbour"))),
            calm_at: END_MS.max(last + 1),
            end_at: END_MS.max(last + 1),
            ..Setup::new(name, self.seed, self.start, self.scenario)
        }
    }
}

/// What a target tells of its own accord, by its option.
pub(super) fn told(delivery: EventDelivery) -> Events {
    match delivery {
        EventDelivery::NotOffered => Events::default(),
        EventDelivery::Delivered => Events { offered: true, late_ms_max: 500, ..Events::default() },
        EventDelivery::Unreliable => {
            Events { offered: true, lost: 30, repeated: 30, late_ms_max: 30_000, false_unlocks: 10 }
        }
    }
}

/// One moment of the script.
pub(super) struct At<'s> {
    at_ms: i64,
    stage: &'s mut Stage,
}

impl At<'_> {
    fn op(self, op: Op) -> Self {
        self.stage.ops.push((self.at_ms, op));
        self
    }

    /// A person edits a record in the target.
    pub(super) fn edits(self, by: &str, prop: &Prop, patch: Value) -> Self {
        self.op(Op::Edit { path: prop.path.clone(), patch, by: by.to_owned() })
    }

    /// Something locks a record.
    pub(super) fn locks(self, prop: &Prop, seconds: u64) -> Self {
        self.op(Op::Lock { path: prop.path.clone(), seconds })
    }

    /// A source reads a record through the gateway.
    pub(super) fn reads(self, source: &str, prop: &Prop) -> Self {
        let (source, kind) = (source.to_owned(), prop.kind.to_owned());
        self.op(Op::Show { source, kind, id: prop.id.clone(), path: prop.path.clone() })
    }

    /// A source wishes something of a record, said in one of the ways.
    pub(super) fn wishes(self, source: &str, prop: &Prop, set: Value, spoken: Spoken) -> Self {
        self.op(Op::Wish(Wish {
            source: source.to_owned(),
            kind: prop.kind.to_owned(),
            id: prop.id.clone(),
            path: prop.path.clone(),
            set,
            spoken,
            on_conflict: None,
            pair: None,
        }))
    }

    /// A source says fields with the values that it started from.
    pub(super) fn says(self, source: &str, prop: &Prop, base: Value, patch: Value) -> Self {
        self.says_from(source, patched(prop, patch), base)
    }

    fn says_from(self, source: &str, mut wish: Intent, base: Value) -> Self {
        wish.base = Some(BaseHint { version: None, value: Some(base.clone()) });
        self.op(Op::Submit { source: source.to_owned(), intent: Box::new(wish), saw: base, whole: false })
    }

    /// A source says fields of two records that are a pair, each with the values that it started from.
    pub(super) fn pairs(self, source: &str, name: &str, halves: [(&Prop, Value, Value); 2]) -> Self {
        halves.into_iter().fold(self, |at, (prop, base, patch)| at.half(source, name, prop, base, patch))
    }

    /// The same of one record.
    pub(super) fn half(self, source: &str, name: &str, prop: &Prop, base: Value, patch: Value) -> Self {
        let pair = Some(name.to_owned());
        self.says_from(source, Intent { pair, ..patched(prop, patch) }, base)
    }

    /// A source submits a verb.
    pub(super) fn verb(self, source: &str, prop: &Prop, name: &str, args: Value) -> Self {
        let change = Change::Verb(Verb { name: name.to_owned(), args });
        self.submits(source, intent(resource(prop), change))
    }

    /// A source takes back what landed last, but for so many newer ones.
    pub(super) fn undoes(self, source: &str, newer: usize) -> Self {
        self.op(Op::Undo { source: source.to_owned(), newer })
    }

    /// A source asks for a publish.
    pub(super) fn publishes(self, source: &str, week: &Prop) -> Self {
        let change = Change::Operation(Operation { name: "publish".to_owned(), revision: None });
        self.submits(source, intent(resource(week), change))
    }

    /// A source submits an intent as it is.
    pub(super) fn submits(self, source: &str, intent: Intent) -> Self {
        self.op(Op::submit(source, intent))
    }

    /// The next requests of a kind go wrong.
    pub(super) fn faults(self, injection: Value) -> Self {
        let injection: Injection = serde_json::from_value(injection).expect("an injection of this crate's own");
        self.op(Op::Fault(injection))
    }

    /// The newest open intent is withdrawn by its source.
    pub(super) fn withdraws(self) -> Self {
        self.op(Op::Withdraw { newer: 0 })
    }

    /// A person resumes what the gateway holds by itself.
    pub(super) fn resumes(self) -> Self {
        self.op(Op::Resume)
    }

    /// The process ends and starts again.
    pub(super) fn crashes(self, point: CrashPoint) -> Self {
        self.op(Op::Crash(point))
    }
}

/// The wish that fields of a record become these.
pub(super) fn patched(prop: &Prop, patch: Value) -> Intent {
    intent(resource(prop), Change::MergePatch(patch))
}

/// The resource of a record on the stage.
fn resource(prop: &Prop) -> Resource {
    Resource::by_id(&OrgName::from(ORG), prop.kind, &prop.id)
}

/// A constraint on the records under a path.
pub(super) fn constraint(path: &str, status: u16, code: &str, message: &str) -> Constraint {
    let given = json!({ "path": path, "status": status, "code": code, "message": message });
    serde_json::from_value(given).expect("a constraint of this crate's own")
}
