//! Random worlds of shift trades: two sources make, edit and settle them, people do so too, and an
//! approval exchanges the shifts of two agents a while later.
//!
//! `north` sends edits, verbs and creations; `east` keeps whole documents, of trades that it was shown
//! and of those that it knows by the ids of its own system. Few trades over few shifts, so that they meet.

mod made;

use super::i05::intent;
use super::{fate, text, whole};
use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use crate::world::ORG;
use ifmatch_core::{AnswerPolicy, Change, OrgName, Resource, Sends, Timestamp, Verb};
use ifmatch_sandbox::{Sandbox, Scenario};
use serde_json::{Value, json};

const START: &str = "2026-10-20T08:00:00Z";
const PEOPLE: [&str; 3] = ["Ada Lehmann", "Bruno Petit", "Carla Nunes"];
const KIND: &str = "shift-trade";
/// Trades that settle refuse everything that follows, so most of what is wished leaves the status alone.
const STATUSES: [&str; 6] = ["pending", "matched", "matched", "approved", "denied", "cancelled"];

/// What the world holds at its start.
struct Stage {
    /// The id and the path of each trade.
    trades: Vec<(String, String)>,
    /// The path of each agent in the schedule.
    agents: Vec<String>,
    /// Sides of trades: an agent with one of its shifts, and when that is.
    sides: Vec<Value>,
    schedule: String,
}

pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut rng = Rng::named(seed, &format!("trades{play}"));
    let name = if rng.percent(15) { "calm-unlimited" } else { "hostile" };
    let mut scenario = Scenario::named(name, seed).expect("the scenario has a name");
    scenario.world.agents = usize::try_from(rng.between(4, 10)).unwrap_or(4);
    scenario.world.weeks = 1;
    scenario.world.scores = 0;
    scenario.world.trades = usize::try_from(rng.between(1, 6)).unwrap_or(1);
    // People are part of the script, so that a failure can be shrunk.
    scenario.editors.clear();
    let calm_at = 600_000;
    let mut ops = plan(&mut rng, &Stage::of(&scenario, seed), calm_at);
    ops.sort_by_key(|(at, _)| *at);
    let answer = if rng.percent(50) { AnswerPolicy::Hold } else { AnswerPolicy::Refuse };
    let east = SourceSpec { sends: Sends::State, answer, ..SourceSpec::edits("east") };
    Setup {
        events: fate::events(&mut rng),
        sources: vec![SourceSpec::edits("north"), east],
        ops,
        calm_at,
        end_at: calm_at + 3 * 3_600_000,
        ..Setup::new(format!("seed {seed}"), seed, START, scenario)
    }
}

impl Stage {
    fn of(scenario: &Scenario, seed: u64) -> Self {
        let start: Timestamp = START.parse().expect("an instant");
        let sandbox = Sandbox::new(scenario.clone(), seed, start.as_millisecond());
        let world = sandbox.records();
        let listed = |name: &str| world[name].as_array().cloned().unwrap_or_default();
        let trades = listed("shift_trades").iter().map(|trade| (text(&trade["id"]), text(&trade["path"]))).collect();
        let schedule = listed("schedules").first().map(|schedule| text(&schedule["id"])).unwrap_or_default();
        let path = format!("/api/v2/wfm/schedules/{schedule}");
        let document = sandbox.record(&path).unwrap_or_default();
        let entries = document["agents"].as_array().cloned().unwrap_or_default();
        let agents = entries.iter().map(|agent| format!("{path}/agents/{}", text(&agent["agent_id"]))).collect();
        Self { trades, agents, sides: entries.iter().flat_map(sides).collect(), schedule }
    }
}

/// The first shifts of an agent as sides of a trade.
fn sides(agent: &Value) -> Vec<Value> {
    let shifts = agent["shifts"].as_array().cloned().unwrap_or_default();
    let side = |shift: &Value| {
        let start: Timestamp = text(&shift["start"]).parse().ok()?;
        let minutes = shift["length_minutes"].as_i64().unwrap_or(60);
        let end = start + ifmatch_core::SignedDuration::from_mins(minutes);
        Some(json!({
            "agent_id": agent["agent_id"], "shift_id": shift["id"],
            "start": start.to_string(), "end": end.to_string(),
        }))
    };
    shifts.iter().take(2).filter_map(side).collect()
}

fn plan(rng: &mut Rng, stage: &Stage, until: i64) -> Vec<(i64, Op)> {
    let mut ops = Vec::new();
    for _ in 0..rng.between(8, 40) {
        let at = rng.between(0, until - 60_000);
        let (id, path) = rng.pick(&stage.trades).clone();
        match rng.below(10) {
            0..=3 => edits(rng, &mut ops, at, id, path),
            4..=6 => states(rng, &mut ops, at, id, path),
            7..=8 => settles(rng, &mut ops, at, &id),
            _ => moves(rng, &mut ops, at, stage),
        }
    }
    made::plan(rng, &mut ops, stage, until);
    for _ in 0..rng.between(0, 25) {
        let (_, path) = rng.pick(&stage.trades).clone();
        let by = (*rng.pick(&PEOPLE)).to_owned();
        ops.push((rng.between(0, until), Op::Edit { path, patch: fields(rng), by }));
    }
    mishaps(rng, &mut ops, stage, until);
    ops
}

/// `north` looks, or does not, and changes fields.
fn edits(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, id: String, path: String) {
    let source = "north".to_owned();
    let spoken = *rng.pick(&[Spoken::Blind, Spoken::Versioned, Spoken::Versioned, Spoken::Valued]);
    if spoken != Spoken::Blind {
        ops.push((at, Op::Look { source: source.clone(), path: path.clone() }));
    }
    let kind = KIND.to_owned();
    let wish = Wish { source, kind, id, path, set: fields(rng), spoken, on_conflict: None, pair: None };
    ops.push((at + rng.between(0, 20_000), Op::Wish(wish)));
}

/// `east` asks to be shown the trade, or does not, and says all of it.
fn states(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, id: String, path: String) {
    let (source, kind) = ("east".to_owned(), KIND.to_owned());
    let wish = Wish { source, kind, id, path, set: json!({}), spoken: Spoken::Whole, on_conflict: None, pair: None };
    whole::says(rng, ops, at, wish, fields);
}

/// Somebody's approval or denial, as a verb; now and then it comes twice.
fn settles(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, id: &str) {
    let name = if rng.percent(65) { "approve" } else { "deny" }.to_owned();
    let resource = Resource::by_id(&OrgName::from(ORG), KIND, id);
    let mut wish = intent(resource, Change::Verb(Verb { name, args: json!({}) }));
    wish.idempotency_key = rng.percent(50).then(|| format!("settle {id} {at}"));
    for when in [Some(at), rng.percent(25).then(|| at + rng.between(0, 60_000))].into_iter().flatten() {
        ops.push((when, Op::submit("north", wish.clone())));
    }
}

/// A shift that trades may be about is moved.
fn moves(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, stage: &Stage) {
    let side = rng.pick(&stage.sides).clone();
    let id = format!("{}/{}", stage.schedule, text(&side["agent_id"]));
    let resource = Resource::by_id(&OrgName::from(ORG), "agent-schedule", &id);
    let args = json!({ "shift_id": side["shift_id"], "minutes": *rng.pick(&[-30, -15, 15, 30]) });
    ops.push((at, Op::submit("north", intent(resource, Change::Verb(Verb { name: "move-shift".to_owned(), args })))));
}

fn fields(rng: &mut Rng) -> Value {
    let mut patch = json!({});
    if rng.percent(60) {
        patch["notes"] = json!(format!("note {}", rng.below(1_000)));
    }
    if rng.percent(20) {
        patch["expires_at"] = json!(format!("2026-10-2{}T{:02}:00:00+02:00", rng.between(1, 4), rng.between(0, 23)));
    }
    if rng.percent(20) || patch.as_object().is_some_and(serde_json::Map::is_empty) {
        patch["status"] = json!(*rng.pick(&STATUSES));
    }
    patch
}

fn mishaps(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, stage: &Stage, until: i64) {
    ops.extend(fate::process(rng, until));
    for _ in 0..rng.between(0, 4) {
        let trade = rng.pick(&stage.trades).1.clone();
        let path = if rng.percent(50) { rng.pick(&stage.agents).clone() } else { trade };
        ops.push((rng.between(0, until), Op::Lock { path, seconds: rng.between(5, 120).unsigned_abs() }));
    }
    if rng.percent(40) {
        let how = *rng.pick(&["local", "remote", "drop"]);
        ops.push((rng.between(until / 2, until), Op::Decide(how.to_owned())));
    }
}
