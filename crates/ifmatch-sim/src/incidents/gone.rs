//! What a wish is about is gone: the record it lies in, or an element that was made again under another key.

use super::stage::{Prop, Stage, patched};
use super::{Incident, demand};
use crate::script::Spoken;
use ifmatch_core::{BaseHint, State};
use serde_json::{Value, json};

pub(super) const ALL: &[Incident] = &[X23, X24, X25];

/// Four agents of one week, whom the sender has changed before.
fn seen(seed: u64) -> (Stage, Vec<Prop>) {
    let mut stage = Stage::of_agents(seed, 4).source("north");
    let agents = stage.agents(4);
    for agent in &agents {
        stage.at(1.0).wishes("north", agent, json!({"availability": {"status": "training"}}), Spoken::Blind);
    }
    (stage, agents)
}

const X23: Incident = Incident {
    id: "X23",
    title: "The agent is no longer in the week",
    happens: "A planner takes an agent out of the week. Afterwards changes of that agent arrive from a sender that still has the \
              week as it was, a status and a moved shift; another agent's change comes beside them.",
    a_loop: "is told that there is no such entry and pushes the whole agent again: the agent is back.",
    answer: "looks until it is sure that the agent is gone, puts nobody back, and shows the two changes to a person. The other \
             agent's lands.",
    stage: |seed| {
        let (mut stage, agents) = seen(seed);
        let week = stage.week();
        let gone = agents[1].id.rsplit('/').next().unwrap_or_default().to_owned();
        let shift = stage.shift(&agents[1], 0);
        stage.at(5.0).edits("Anna Vogel", &week, json!({"agents": [{"agent_id": gone, "deleted": true}]}));
        let back = json!({"availability": {"status": "available"}});
        stage.at(50.0).wishes("north", &agents[0], back.clone(), Spoken::Blind);
        stage.at(50.0).wishes("north", &agents[1], back, Spoken::Blind);
        stage.at(50.0).verb("north", &agents[1], "move-shift", json!({"shift_id": shift, "minutes": 30}));
        stage
    },
    demands: |end| {
        let all_landed = |name: &str| end.of_record(name).iter().all(|record| record.status.state == State::Landed);
        vec![
            demand("the agent is not put back", end.agent("agent-2").is_null()),
            demand("both changes are with a person", end.coded("review/parent_gone") == 2),
            demand("the other agent's landed", all_landed("agent-1")),
        ]
    },
    apart: &[],
};

const X24: Incident = Incident {
    id: "X24",
    title: "A shift that was made again under another id",
    happens: "A planner's tool writes shifts by deleting them and making them again: two agents' shifts have new ids and are \
              otherwise as they were, a third one's is deleted for good. A sender goes on with the ids that it knows.",
    a_loop: "answers that there is no such shift, or makes it again beside the new one.",
    answer: "finds the shift by its content, where only one new one is the same, and says so; what was deleted for good stays \
             deleted, and a person reads of it.",
    stage: |seed| {
        let (mut stage, agents) = seen(seed);
        let shifts: Vec<String> = agents.iter().map(|agent| stage.shift(agent, 0)).collect();
        for place in 0..3 {
            let mut list = vec![json!({"id": shifts[place], "deleted": true})];
            if place < 2 {
                let mut again = stage.record(&agents[place])["shifts"][0].clone();
                again["id"] = json!(format!("anew-{place}"));
                stage.names.insert(format!("anew-{place}"), format!("again-{}", place + 1));
                list.push(again);
            }
            stage.at(5.0).edits("Anna Vogel", &agents[place], json!({ "shifts": list }));
        }
        let moved = |place: usize| json!({"shift_id": shifts[place], "minutes": 30});
        stage.at(50.0).verb("north", &agents[0], "move-shift", moved(0));
        stage.at(50.0).verb("north", &agents[1], "extend-shift", moved(1));
        stage.at(50.0).verb("north", &agents[2], "move-shift", moved(2));
        stage
    },
    demands: |end| {
        let landed = |name: &str| {
            end.of_record(name).iter().skip(1).all(|record| {
                let said = record.status.reason.as_deref().unwrap_or_default();
                record.status.state == State::Landed && said.contains("found again as")
            })
        };
        vec![
            demand("the two changes landed where the shifts are, and say so", landed("agent-1") && landed("agent-2")),
            demand("no old shift is back", (1..=3).all(|agent| end.shift(&format!("shift-{agent}.1")).is_null())),
            demand("a person reads of the one deleted for good", end.coded("review/missing") == 1),
        ]
    },
    apart: &[],
};

const X25: Incident = Incident {
    id: "X25",
    title: "A wish made from a version that nobody knows",
    happens: "A sender names a version that is older than anything the gateway has seen. It sets a shift that a planner has removed \
              since, and adds one on another agent's free day.",
    a_loop: "finds nothing at that place, takes it for free, and the removed shift is back.",
    answer: "knows that a shift stood there and asks a person; where nothing was ever seen it overwrites nobody, and the new \
             shift lands.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 2).source("north");
        let agents = stage.agents(2);
        let mut shift = stage.record(&agents[0])["shifts"][0].clone();
        for agent in &agents {
            let status = |status: &str| json!({"availability": {"status": status}});
            stage.at(0.5).edits("Anna Vogel", agent, status("unavailable"));
            stage.at(1.0).wishes("north", agent, status("training"), Spoken::Blind);
        }
        let gone = json!({"shifts": [{"id": shift["id"], "deleted": true}]});
        stage.at(5.0).edits("Anna Vogel", &agents[0], gone);
        let wish = |agent: &Prop, shift: &Value| {
            let mut wish = patched(agent, json!({ "shifts": [shift] }));
            wish.base = Some(BaseHint { version: Some(1), value: None });
            wish
        };
        stage.at(50.0).submits("north", wish(&agents[0], &shift));
        let last = stage.record(&agents[1])["shifts"].as_array().and_then(|shifts| shifts.last().cloned());
        shift = last.unwrap_or_default();
        shift["id"] = json!("added");
        shift["activities"] = json!([]);
        shift["start"] = json!("2026-11-01T12:00:00Z");
        shift["length_minutes"] = json!(60);
        stage.names.insert("added".to_owned(), "shift-added".to_owned());
        stage.at(50.0).submits("north", wish(&agents[1], &shift));
        stage
    },
    demands: |end| {
        vec![
            demand("the removed shift is not back", end.shift("shift-1.1").is_null()),
            demand("a person is asked about it", end.coded("review/unknown_base") == 1),
            demand("the new shift landed", !end.shift("shift-added").is_null() && end.count(State::Review) == 1),
        ]
    },
    // With reads that lag the gateway sees the first edits too late.
    apart: &["replica_lag_ms"],
};
