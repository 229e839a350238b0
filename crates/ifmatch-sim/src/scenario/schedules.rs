//! Random worlds of one schedule: verbs of two sources on few agents, people who move shifts, hours of a shift that people
//! and sources turn into something else, locks, and publishes in between.

use super::i05::{intent, publish};
use super::{fate, text};
use crate::rng::Rng;
use crate::script::{Hours, Op, Setup, SourceSpec, Spoken, Wish};
use crate::world::ORG;
use ifmatch_core::{Change, OrgName, Resource, Timestamp, Verb};
use ifmatch_sandbox::{Locker, Locks, Sandbox, Scenario};
use serde_json::json;

/// When a run starts, the zone of its business unit, and the Monday of its week. All but the first
/// go through a transition: the night after which Paris falls back, that after which it springs
/// forward, and New York's.
const STARTS: [(&str, &str, &str); 4] = [
    ("2026-10-20T08:00:00Z", "Europe/Paris", "2026-10-26"),
    ("2026-10-25T00:55:00Z", "Europe/Paris", "2026-10-19"),
    ("2027-03-28T00:55:00Z", "Europe/Paris", "2027-03-22"),
    ("2026-11-01T05:55:00Z", "America/New_York", "2026-10-26"),
];

/// Milliseconds from the start to the transition.
const TRANSITION_MS: i64 = 300_000;

pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut rng = Rng::named(seed, &format!("schedules{play}"));
    let mut scenario = Scenario::named("hostile", seed).expect("the scenario has a name");
    scenario.world.scores = 0;
    scenario.world.trades = 0;
    scenario.world.weeks = 1;
    scenario.world.agents = usize::try_from(rng.between(2, 10)).unwrap_or(2);
    let (start, zone, monday) = *rng.pick(&STARTS);
    zone.clone_into(&mut scenario.world.time_zone);
    scenario.world.first_week = Some(monday.to_owned());
    // Documents belong to the vendor's platform API, which these worlds do not speak.
    scenario.lockers.retain(|locker| locker.locks != Locks::Documents);
    if start != STARTS[0].0 {
        // The target reconciles after the transition, and locks agents for that.
        let share = 0.1 * rng.between(0, 6) as f64;
        scenario.lockers.push(Locker { share, from_ms: TRANSITION_MS, ..reconciliation(rng.between(30, 240)) });
    }
    scenario.options.publish_ms = rng.between(0, 180_000);
    let mut more = Rng::named(seed, &format!("more schedules{play}"));
    if more.percent(10) {
        scenario.options.publish_ms = more.between(180_000, 1_200_000);
    }
    scenario.editors.retain(|editor| editor.edits == ifmatch_sandbox::Edits::Shifts);
    let calm_at = 600_000;
    let (schedule, shifts) = shifts(&scenario, start, seed);
    let mut ops = plan(&mut rng, (&schedule, &shifts), calm_at);
    hours(&mut Rng::named(seed, &format!("hours{play}")), (&schedule, &shifts), &mut ops, calm_at);
    let agents: Vec<(String, String)> = ops.iter().filter_map(|(_, op)| agent_of(op)).collect();
    if more.percent(40) && !agents.is_empty() {
        for _ in 0..more.between(1, 4) {
            ops.push((more.between(0, calm_at), availability(&mut more, &agents)));
        }
    }
    ops.sort_by_key(|(at, _)| *at);
    Setup {
        events: fate::events(&mut rng),
        sources: vec![SourceSpec::edits("north"), SourceSpec::edits("south")],
        ops,
        calm_at,
        end_at: calm_at + 4 * 3_600_000,
        ..Setup::new(format!("seed {seed}"), seed, start, scenario)
    }
}

/// The id of the only schedule, and its shifts: each agent's id and the shift's.
pub(super) fn shifts(scenario: &Scenario, start: &str, seed: u64) -> (String, Vec<(String, String)>) {
    let start: Timestamp = start.parse().expect("an instant");
    let sandbox = Sandbox::new(scenario.clone(), seed, start.as_millisecond());
    let world = sandbox.records();
    let schedule = text(&world["schedules"][0]["id"]);
    let document = sandbox.record(&format!("/api/v2/wfm/schedules/{schedule}")).unwrap_or_default();
    let shifts: Vec<(String, String)> = document["agents"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|agent| {
            let id = text(&agent["agent_id"]);
            let shifts = agent["shifts"].as_array().into_iter().flatten();
            shifts.map(move |shift| (id.clone(), text(&shift["id"])))
        })
        .collect();
    (schedule, shifts)
}

fn plan(rng: &mut Rng, (schedule, shifts): (&str, &[(String, String)]), until: i64) -> Vec<(i64, Op)> {
    let mut ops = Vec::new();
    if shifts.is_empty() {
        return ops;
    }
    for _ in 0..rng.between(10, 50) {
        let at = rng.between(0, until - 60_000);
        let (agent, shift) = rng.pick(shifts).clone();
        let source = *rng.pick(&["north", "south"]);
        let resource = Resource::by_id(&OrgName::from(ORG), "agent-schedule", &format!("{schedule}/{agent}"));
        let wish = intent(resource, Change::Verb(verb(rng, &shift)));
        ops.push((at, Op::submit(source, wish)));
    }
    for _ in 0..rng.between(0, 5) {
        let source = *rng.pick(&["north", "south"]);
        ops.push((rng.between(0, until), Op::submit(source, publish(schedule))));
    }
    ops.extend(fate::process(rng, until));
    ops
}

/// In six worlds of ten, people and sources turn hours of a few shifts into something else.
fn hours(rng: &mut Rng, (schedule, shifts): (&str, &[(String, String)]), ops: &mut Vec<(i64, Op)>, until: i64) {
    if shifts.is_empty() || !rng.percent(60) {
        return;
    }
    let few: Vec<(String, String)> = (0..rng.between(1, 3)).map(|_| rng.pick(shifts).clone()).collect();
    for _ in 0..rng.between(3, 20) {
        let (agent, shift) = rng.pick(&few).clone();
        let path = format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}");
        let code = rng.pick(&[Some("training"), Some("meeting"), Some("break"), None]).map(str::to_owned);
        let (from_minutes, length_minutes) = (rng.between(0, 16) * 30, rng.between(1, 5) * 30);
        let id = format!("{schedule}/{agent}");
        let hours = Hours { id, path: path.clone(), shift, from_minutes, length_minutes, code };
        let at = rng.between(0, until - 60_000);
        if rng.percent(35) {
            let by = (*rng.pick(&["Ada Lehmann", "Ben Okoro"])).to_owned();
            ops.push((at, Op::EditHours { by, hours }));
            continue;
        }
        let source = (*rng.pick(&["north", "south"])).to_owned();
        if rng.percent(80) {
            ops.push((at, Op::Look { source: source.clone(), path }));
        }
        let spoken = *rng.pick(&[Spoken::Versioned, Spoken::Versioned, Spoken::Valued, Spoken::Blind]);
        ops.push((at + rng.between(0, 30_000), Op::WishHours { source, spoken, hours }));
    }
    if rng.percent(30) {
        let how = *rng.pick(&["local", "remote", "drop"]);
        ops.push((rng.between(until / 2, until), Op::Decide(how.to_owned())));
    }
}

/// The schedule and the agent that an op is about.
fn agent_of(op: &Op) -> Option<(String, String)> {
    let Op::Submit { intent, .. } = op else { return None };
    let (schedule, agent) = intent.resource.id()?.split_once('/')?;
    Some((schedule.to_owned(), agent.to_owned()))
}

/// A source that never looks says whether an agent is there.
fn availability(rng: &mut Rng, agents: &[(String, String)]) -> Op {
    let (schedule, agent) = rng.pick(agents).clone();
    let status = *rng.pick(&["available", "unavailable", "training"]);
    Op::Wish(Wish {
        source: (*rng.pick(&["north", "south"])).to_owned(),
        kind: "agent-schedule".to_owned(),
        id: format!("{schedule}/{agent}"),
        path: format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}"),
        set: json!({ "availability": { "status": status } }),
        spoken: Spoken::Blind,
        on_conflict: None,
        pair: None,
    })
}

/// What locks agents after a transition of their zone, for up to so many seconds.
fn reconciliation(seconds: i64) -> Locker {
    Locker {
        locks: Locks::Agents,
        share: 0.0,
        count: None,
        mean_ms: None,
        from_ms: 0,
        until_ms: None,
        hold_ms_min: 0,
        hold_ms_max: seconds * 1_000,
    }
}

fn verb(rng: &mut Rng, shift: &str) -> Verb {
    let minutes = rng.between(-4, 4) * 15;
    match rng.below(10) {
        0 => Verb { name: "remove-shift".to_owned(), args: json!({ "shift_id": shift }) },
        1..=5 => Verb { name: "move-shift".to_owned(), args: json!({ "shift_id": shift, "minutes": minutes }) },
        _ => {
            Verb { name: "extend-shift".to_owned(), args: json!({ "shift_id": shift, "minutes": minutes.abs() + 15 }) }
        }
    }
}
