//! Random worlds of one schedule: verbs of two sources on few agents, people who move shifts, locks,
//! and publishes in between.

use super::fate;
use super::i05::{intent, publish};
use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec};
use crate::world::ORG;
use ifmatch_core::merge::Policies;
use ifmatch_core::{AnswerPolicy, Change, OrgName, Resource, Sends, Timestamp, Verb};
use ifmatch_sandbox::{Sandbox, Scenario};
use serde_json::{Value, json};

const START: &str = "2026-10-20T08:00:00Z";

pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut rng = Rng::named(seed, &format!("schedules{play}"));
    let mut scenario = Scenario::named("hostile", seed).expect("the scenario has a name");
    scenario.world.scores = 0;
    scenario.world.trades = 0;
    scenario.world.weeks = 1;
    scenario.world.agents = usize::try_from(rng.between(2, 10)).unwrap_or(2);
    scenario.options.publish_ms = rng.between(0, 180_000);
    scenario.editors.retain(|editor| editor.edits == ifmatch_sandbox::Edits::Shifts);
    let calm_at = 600_000;
    let mut ops = plan(&mut rng, &scenario, seed, calm_at);
    ops.sort_by_key(|(at, _)| *at);
    let source = |name: &str| SourceSpec {
        name: name.to_owned(),
        sends: Sends::Edits,
        answer: AnswerPolicy::Hold,
        on_conflict: Policies::new(),
    };
    Setup {
        events: fate::events(&mut rng),
        sources: vec![source("north"), source("south")],
        ops,
        calm_at,
        end_at: calm_at + 4 * 3_600_000,
        ..Setup::new(format!("seed {seed}"), seed, START, scenario)
    }
}

fn plan(rng: &mut Rng, scenario: &Scenario, seed: u64, until: i64) -> Vec<(i64, Op)> {
    let start: Timestamp = START.parse().expect("an instant");
    let sandbox = Sandbox::new(scenario.clone(), seed, start.as_millisecond());
    let world = sandbox.world();
    let schedule = text(&world["schedules"][0]["id"]);
    let document = sandbox.record(&format!("/api/v2/wfm/schedules/{schedule}")).unwrap_or_default();
    let shifts: Vec<(String, String)> = document["agents"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|agent| {
            let id = text(&agent["agent_id"]);
            let shifts = agent["shifts"].as_array().cloned().unwrap_or_default();
            shifts.into_iter().map(move |shift| (id.clone(), text(&shift["id"]))).collect::<Vec<_>>()
        })
        .collect();
    let mut ops = Vec::new();
    if shifts.is_empty() {
        return ops;
    }
    for _ in 0..rng.between(10, 50) {
        let at = rng.between(0, until - 60_000);
        let (agent, shift) = rng.pick(&shifts).clone();
        let source = (*rng.pick(&["north", "south"])).to_owned();
        let resource = Resource::by_id(&OrgName::from(ORG), "agent-schedule", &format!("{schedule}/{agent}"));
        let wish = intent(resource, Change::Verb(verb(rng, &shift)));
        ops.push((at, Op::Submit { source, intent: Box::new(wish), saw: Value::Null, whole: false }));
    }
    for _ in 0..rng.between(0, 5) {
        let source = (*rng.pick(&["north", "south"])).to_owned();
        let wish = publish(&schedule);
        ops.push((
            rng.between(0, until),
            Op::Submit { source, intent: Box::new(wish), saw: Value::Null, whole: false },
        ));
    }
    ops.extend(fate::process(rng, until));
    ops
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

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
