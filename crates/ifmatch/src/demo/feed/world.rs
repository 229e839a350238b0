//! The world of an incident before anybody acts, as a sender that pulls it at the start sees it.

use crate::demo::incident::Incident;
use ifmatch_sandbox::Sandbox;
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of the sandbox's org in the gateway.
pub(super) const ORG: &str = ifmatch_server::SANDBOX;

/// A schedule as it is at the start.
pub(in crate::demo) struct Pulled {
    /// Its id.
    pub(in crate::demo) schedule: String,
    /// The agents' entries, by agent, in order.
    pub(in crate::demo) agents: BTreeMap<String, Value>,
    /// The agents' records, by their path in the ledger.
    pub(in crate::demo) records: BTreeMap<String, Value>,
}

/// Pulls the first schedule of an incident's world.
pub(in crate::demo) fn pull(incident: Incident, seed: u64) -> Pulled {
    let scenario = incident.scenario(seed);
    let start = scenario.start().unwrap_or_default();
    let sandbox = Sandbox::new(scenario, seed, start);
    let world = sandbox.world();
    let path = world["schedules"][0]["path"].as_str().unwrap_or_default();
    let document = sandbox.record(path).unwrap_or_default();
    let schedule = document["id"].as_str().unwrap_or_default().to_owned();
    let entries = document["agents"].as_array().cloned().unwrap_or_default();
    let agents: BTreeMap<String, Value> =
        entries.into_iter().filter_map(|entry| Some((entry["agent_id"].as_str()?.to_owned(), entry))).collect();
    let records = agents.iter().map(|(id, entry)| (agent_path(&schedule, id), entry.clone())).collect();
    Pulled { schedule, agents, records }
}

/// The ledger's path of one agent in one schedule.
pub(super) fn agent_path(schedule: &str, agent: &str) -> String {
    format!("{}/agents/{agent}", schedule_path(schedule))
}

/// The ledger's path of a schedule.
pub(in crate::demo) fn schedule_path(schedule: &str) -> String {
    format!("/api/v2/wfm/schedules/{schedule}")
}
