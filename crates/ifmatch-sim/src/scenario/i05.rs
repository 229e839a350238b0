//! I05: a timer publishes every fifteen minutes, a publish takes twenty, and a case webhook changes
//! an agent's availability and asks for a publish again.

use crate::script::{Op, Setup, SourceSpec};
use crate::world::ORG;
use ifmatch_core::{Change, Intent, Operation, OrgName, Resource};
use ifmatch_sandbox::{Sandbox, Scenario};
use serde_json::json;

const TIMER_MS: i64 = 15 * 60_000;

pub(super) fn setup(seed: u64) -> Setup {
    let scenario = Scenario::named("i05", seed).expect("the scenario has a name");
    let start = scenario.start.clone().unwrap_or_default();
    let instant: ifmatch_core::Timestamp = start.parse().expect("the scenario starts at an instant");
    let world = Sandbox::new(scenario.clone(), seed, instant.as_millisecond()).records();
    let schedule = world["schedules"][0]["id"].as_str().unwrap_or_default().to_owned();
    let agents: Vec<&str> =
        world["agents"].as_array().into_iter().flatten().filter_map(|agent| agent["id"].as_str()).collect();
    let mut ops = Vec::new();
    for round in 0..8 {
        let at = round * TIMER_MS;
        ops.push((at, Op::submit("timer", publish(&schedule))));
        let agent = agents.get(usize::try_from(round).unwrap_or(0)).copied().unwrap_or_default();
        let status = if round % 2 == 0 { "unavailable" } else { "available" };
        ops.push((at + 40_000, Op::submit("webhook", availability(&schedule, agent, status))));
        ops.push((at + 45_000, Op::submit("webhook", publish(&schedule))));
    }
    let calm_at = 8 * TIMER_MS;
    Setup {
        sources: vec![SourceSpec::edits("timer"), SourceSpec::edits("webhook")],
        ops,
        calm_at,
        end_at: calm_at + 2 * 3_600_000,
        ..Setup::new("i05", seed, start, scenario)
    }
}

pub(super) fn publish(schedule: &str) -> Intent {
    let operation = Operation { name: "publish".to_owned(), revision: None };
    intent(Resource::by_id(&OrgName::from(ORG), "schedule", schedule), Change::Operation(operation))
}

pub(super) fn availability(schedule: &str, agent: &str, status: &str) -> Intent {
    let resource = Resource::by_id(&OrgName::from(ORG), "agent-schedule", &format!("{schedule}/{agent}"));
    intent(resource, Change::MergePatch(json!({ "availability": { "status": status } })))
}

pub(crate) fn intent(resource: Resource, change: Change) -> Intent {
    Intent::new(resource, change)
}
