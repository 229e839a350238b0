//! Pairs: what one source wants of two records lands for both or for neither.

use super::end::End;
use super::stage::{Prop, Stage};
use super::{Demand, Incident, demand};
use crate::script::CrashPoint;
use ifmatch_core::State;
use serde_json::{Value, json};

pub(super) const ALL: &[Incident] = &[X20, X21, X22];

/// Six agents of one week, whose sender pairs them.
fn week(seed: u64) -> (Stage, Vec<Prop>) {
    let mut stage = Stage::of_agents(seed, 6).source("north");
    let mut agents = stage.agents(6);
    // The halves of a pair are written in the order of their records.
    agents.sort_by(|a, b| a.id.cmp(&b.id));
    (stage, agents)
}

/// Half of a pair: the agent is in training from here on.
fn trains<'p>(stage: &Stage, agent: &'p Prop) -> (&'p Prop, Value, Value) {
    let stands = stage.record(agent)["availability"].clone();
    (agent, json!({ "availability": stands }), json!({"availability": {"status": "training"}}))
}

/// What the agents do, in the order of their ids.
fn statuses(end: &End) -> Vec<&Value> {
    let mut agents: Vec<&Value> = end.record("week-1")["agents"].as_array().into_iter().flatten().collect();
    agents.sort_by_key(|agent| agent["agent_id"].as_str());
    agents.into_iter().map(|agent| &agent["availability"]["status"]).collect()
}

/// What the agent at a place in that order is called on the stage.
fn name_at(end: &End, place: usize) -> String {
    let names = (1..=6).map(|number| format!("agent-{number}"));
    let mut names: Vec<String> = names.collect();
    names.sort_by(|a, b| end.id(a).cmp(end.id(b)));
    names.swap_remove(place)
}

fn settled(end: &End) -> Demand {
    demand(
        "nothing is open, and nothing waits for a person",
        end.intents().iter().all(|r| r.status.state.is_terminal()),
    )
}

const X20: Incident = Incident {
    id: "X20",
    title: "Half a pair is taken back",
    happens: "Two pairs of agents change together. The first agent of one pair is locked for a minute, and meanwhile a supervisor \
              sets the very field of the second one.",
    a_loop: "writes one agent, is refused at the other, and leaves half a swap behind.",
    answer: "looks at both before it writes one; where the second still comes to a conflict after the first has landed, it takes \
             the first back, only what it wrote itself, and tells the sender of both.",
    stage: |seed| {
        let (mut stage, agents) = week(seed);
        let free = [trains(&stage, &agents[2]), trains(&stage, &agents[3])];
        let caught = [trains(&stage, &agents[0]), trains(&stage, &agents[1])];
        stage.at(0.5).locks(&agents[0], 60);
        stage.at(1.0).pairs("north", "free", free);
        stage.at(1.0).pairs("north", "caught", caught);
        stage.at(30.0).edits("Anna Vogel", &agents[1], json!({"availability": {"status": "unavailable"}}));
        stage
    },
    demands: |end| {
        let statuses = statuses(end);
        vec![
            demand("the free pair landed", statuses[2] == "training" && statuses[3] == "training"),
            demand("the supervisor's word stands", statuses[1] == "unavailable"),
            demand("its partner is as it was", statuses[0] == "available"),
            demand("the sender reads which half cannot be", end.coded("rejected/pair") == 1),
            settled(end),
        ]
    },
    apart: &[],
};

const X21: Incident = Incident {
    id: "X21",
    title: "Half a pair that cannot be taken back",
    happens: "The second agent of a pair is locked for two minutes after the first has landed. Meanwhile supervisors change the \
              field of both.",
    a_loop: "leaves the half, or writes the old value over the supervisor's.",
    answer: "overwrites nobody: the half that stands goes to a person, who reads of both records.",
    stage: |seed| {
        let (mut stage, agents) = week(seed);
        let pair = [trains(&stage, &agents[0]), trains(&stage, &agents[1])];
        stage.at(0.5).locks(&agents[1], 120);
        stage.at(1.0).pairs("north", "caught", pair);
        stage.at(60.0).edits("Anna Vogel", &agents[0], json!({"availability": {"status": "unavailable"}}));
        stage.at(125.0).edits("Ben Okafor", &agents[1], json!({"availability": {"status": "unavailable"}}));
        stage
    },
    demands: |end| {
        let statuses = statuses(end);
        vec![
            demand("both supervisors' words stand", statuses[0] == "unavailable" && statuses[1] == "unavailable"),
            demand("one review, which names both records", {
                let reviews = end.intents().iter().filter(|record| record.status.state == State::Review);
                let reasons: Vec<&str> = reviews.filter_map(|record| record.status.reason.as_deref()).collect();
                end.coded("review/half_pair") == 1 && matches!(reasons.as_slice(), [one] if one.contains("without"))
            }),
        ]
    },
    apart: &[],
};

const X22: Incident = Incident {
    id: "X22",
    title: "A crash between the halves of a pair",
    happens: "The process ends after the first half of a pair was sent, and again before it has stored that it landed. Of another \
              pair only one half ever arrives.",
    a_loop: "starts again from the beginning, or forgets the second half.",
    answer: "keeps the pair with its halves: what was sent is told by evidence, the second half follows, and a half whose partner \
             never comes is not written.",
    stage: |seed| {
        let (mut stage, agents) = week(seed);
        let pair = [trains(&stage, &agents[0]), trains(&stage, &agents[1])];
        let (agent, base, patch) = trains(&stage, &agents[4]);
        stage.at(1.0).crashes(CrashPoint::AfterSend);
        stage.at(1.0).pairs("north", "whole", pair);
        stage.at(1.2).crashes(CrashPoint::BeforeCommit);
        stage.at(6.0).half("north", "lone", agent, base, patch);
        stage.at(60.0).crashes(CrashPoint::Now);
        stage
    },
    demands: |end| {
        let statuses = statuses(end);
        vec![
            demand("both halves landed, each once", {
                let written = [0, 1].map(|place| end.ours_of(&name_at(end, place)));
                statuses[0] == "training" && statuses[1] == "training" && written == [1, 1]
            }),
            demand("the lone half was not written", statuses[4] == "available" && end.coded("rejected/pair") == 1),
            settled(end),
        ]
    },
    apart: &[],
};
