//! Exchanges: two agents swap a shift, both or neither.

use super::end::End;
use super::stage::{Prop, Stage};
use super::{Demand, Incident, demand};
use crate::script::CrashPoint;
use serde_json::{Value, json};

pub(super) const ALL: &[Incident] = &[X37, X38];

/// Those with a later number than what lies between.
pub(super) const LATER: &[Incident] = &[X42];

/// Four agents of one week, in the order in which the halves of an exchange are written.
fn week(seed: u64) -> (Stage, Vec<Prop>) {
    let mut stage = Stage::of_agents(seed, 4).source("north");
    let mut agents = stage.agents(4);
    agents.sort_by(|a, b| a.id.cmp(&b.id));
    (stage, agents)
}

/// The first agent's first shift for the second one's.
fn swaps(stage: &mut Stage, seconds: f64, first: &Prop, second: &Prop) {
    let agent = second.id.split('/').next_back().unwrap_or_default();
    let (mine, other) = (stage.shift(first, 0), stage.shift(second, 0));
    let args = json!({"shift_id": mine, "with_agent_id": agent, "with_shift_id": other});
    stage.at(seconds).verb("north", first, "swap", args);
}

/// A supervisor fills an agent's first shift with a meeting.
fn meets(stage: &mut Stage, seconds: f64, agent: &Prop) {
    let shift = &stage.record(agent)["shifts"][0];
    let meeting = json!([{"start": shift["start"], "length_minutes": shift["length_minutes"], "code": "meeting"}]);
    let patch = json!({"shifts": [{"id": shift["id"], "activities": meeting}]});
    stage.at(seconds).edits("Anna Vogel", agent, patch);
}

/// What the first shift of each agent was, by the agent's place in the order of their ids.
fn first_shifts(end: &End) -> Vec<String> {
    let mut names: Vec<(String, String)> = (1..=4)
        .map(|number| (end.id(&format!("agent-{number}")).to_owned(), end.id(&format!("shift-{number}.1")).to_owned()))
        .collect();
    names.sort();
    names.into_iter().map(|(_, shift)| shift).collect()
}

/// Who works a shift, by place in that order, and what its first activity is.
fn worked(end: &End, shift: &str) -> Vec<(usize, String)> {
    let mut agents: Vec<&Value> = end.record("week-1")["agents"].as_array().into_iter().flatten().collect();
    agents.sort_by_key(|agent| agent["agent_id"].as_str());
    let of = |agent: &Value| -> Option<String> {
        let found = agent["shifts"].as_array()?.iter().find(|it| it["id"] == shift)?;
        Some(found["activities"][0]["code"].as_str().unwrap_or_default().to_owned())
    };
    agents.iter().enumerate().filter_map(|(place, agent)| Some((place, of(agent)?))).collect()
}

fn is_with(end: &End, shift: usize, agent: usize) -> bool {
    let found = worked(end, &first_shifts(end)[shift]);
    matches!(found.as_slice(), [(place, _)] if *place == agent)
}

fn is_a_meeting(end: &End, shift: usize) -> bool {
    worked(end, &first_shifts(end)[shift]).iter().all(|(_, code)| code == "meeting")
}

fn settled(end: &End) -> Demand {
    demand(
        "nothing is open, and nothing waits for a person",
        end.intents().iter().all(|record| record.status.state.is_terminal()),
    )
}

const X37: Incident = Incident {
    id: "X37",
    title: "Two agents swap a shift",
    happens: "A planner swaps a shift of one agent for one of another, twice. A supervisor fills one of the shifts with a meeting just \
              before; another one is changed after the first of its two agents was written.",
    a_loop: "sends both weeks as it read them, and undoes the supervisor's change or leaves one shift with both agents.",
    answer: "makes a pair of the swap, carries each shift over as it stands then, and takes the first agent's half back where the \
             other shift was changed meanwhile.",
    stage: |seed| {
        let (mut stage, agents) = week(seed);
        meets(&mut stage, 0.5, &agents[2]);
        swaps(&mut stage, 1.0, &agents[2], &agents[3]);
        stage.at(1.5).locks(&agents[0], 120);
        swaps(&mut stage, 2.0, &agents[0], &agents[1]);
        meets(&mut stage, 60.0, &agents[1]);
        stage
    },
    demands: |end| {
        vec![
            demand("the free swap landed", is_with(end, 2, 3) && is_with(end, 3, 2)),
            demand("with the meeting that the supervisor had put there", is_a_meeting(end, 2)),
            demand("the other two agents have the shifts that they had", is_with(end, 0, 0) && is_with(end, 1, 1)),
            demand("the supervisor's meeting stands there", is_a_meeting(end, 1)),
            demand("the sender reads which half cannot be", end.coded("rejected/pair") == 1),
            settled(end),
        ]
    },
    apart: &[],
};

const X38: Incident = Incident {
    id: "X38",
    title: "A crash between the halves of a swap",
    happens: "The process ends after the first half of a swap was sent, and again before it has stored that it landed.",
    a_loop: "starts again, finds the shift gone, and gives up with one shift lost.",
    answer: "knows from the first half what it gave away, and gives it to the other agent, once.",
    stage: |seed| {
        let (mut stage, agents) = week(seed);
        stage.at(1.0).crashes(CrashPoint::AfterSend);
        swaps(&mut stage, 1.0, &agents[0], &agents[1]);
        stage.at(1.2).crashes(CrashPoint::BeforeCommit);
        stage
    },
    demands: |end| vec![demand("the swap landed", is_with(end, 0, 1) && is_with(end, 1, 0)), settled(end)],
    apart: &[],
};

const X42: Incident = Incident {
    id: "X42",
    title: "A swap is taken back",
    happens: "Two swaps have landed, and their sender takes both back, by naming one agent's half of each. Meanwhile a supervisor \
              has filled one of the shifts of the one swap with a meeting.",
    a_loop: "sends the old week of the agent that is named, and leaves one shift with both agents and one with none.",
    answer: "takes back both halves of a swap, as a pair; where somebody changed one of them since, it takes back neither, and a \
             person is shown the meeting.",
    stage: |seed| {
        let (mut stage, agents) = week(seed);
        swaps(&mut stage, 1.0, &agents[0], &agents[1]);
        stage.at(60.0).undoes("north", 0);
        swaps(&mut stage, 120.0, &agents[2], &agents[3]);
        let shift = stage.shift(&agents[2], 0);
        let start = stage.record(&agents[2])["shifts"][0].clone();
        let meeting = json!([{"start": start["start"], "length_minutes": start["length_minutes"], "code": "meeting"}]);
        let patch = json!({"shifts": [{"id": shift, "activities": meeting}]});
        stage.at(180.0).edits("Anna Vogel", &agents[3], patch);
        stage.at(240.0).undoes("north", 0);
        stage
    },
    demands: |end| {
        vec![
            demand("the first two agents have their own shifts again", is_with(end, 0, 0) && is_with(end, 1, 1)),
            demand("the other two have each other's", is_with(end, 2, 3) && is_with(end, 3, 2)),
            demand("the supervisor's meeting stands", is_a_meeting(end, 2)),
            demand("one half waits for a person, and the other one for that", {
                end.coded("review/true_conflict") == 1 && end.coded("queued/pair") == 1
            }),
        ]
    },
    apart: &[],
};
