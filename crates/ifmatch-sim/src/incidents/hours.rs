//! The hours of a week: two people in one shift, and shifts that fit by themselves and not together.

use super::end::End;
use super::stage::{Prop, Stage};
use super::{Incident, demand};
use ifmatch_core::{Blame, By, SignedDuration, State, Timestamp};
use serde_json::{Value, json};

pub(super) const ALL: &[Incident] = &[X39, X40];

fn start_of(shift: &Value) -> Timestamp {
    shift["start"].as_str().and_then(|text| text.parse().ok()).expect("a shift of the stage starts at an instant")
}

/// A part of a shift: after so many minutes, for so many.
fn part(shift: &Value, from: i64, minutes: i64, code: &str) -> Value {
    let start = start_of(shift) + SignedDuration::from_mins(from);
    json!({"start": start.to_string(), "length_minutes": minutes, "code": code})
}

/// The first shift of an agent with these parts.
fn filled(stage: &Stage, agent: &Prop, parts: &[(i64, i64, &str)]) -> Value {
    let shift = stage.record(agent)["shifts"][0].clone();
    let parts: Vec<Value> = parts.iter().map(|(from, minutes, code)| part(&shift, *from, *minutes, code)).collect();
    json!({"shifts": [{"id": shift["id"], "start": shift["start"], "length_minutes": shift["length_minutes"], "activities": parts}]})
}

/// The rows about the hours of the first agent's first shift, in order.
fn hours(end: &End) -> Vec<Blame> {
    let path = format!("/shifts/{}/activities", end.id("shift-1.1"));
    end.blame("agent-1").into_iter().filter(|row| row.path.as_str() == path).collect()
}

const X39: Incident = Incident {
    id: "X39",
    title: "Two people, two hours of one shift",
    happens: "A planner turns the first hour of a shift into training. A source that knows the shift from before sets its last hour to a \
              meeting. Afterwards somebody asks who wrote what.",
    a_loop: "sends the shift as it knew it, and the training is gone; asked later, it names the last one that wrote the record.",
    answer: "keeps both hours without asking anybody, and names for each stretch of the shift who put there what stands.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 2).source("north");
        let agent = stage.agent(0);
        let minutes = stage.record(&agent)["shifts"][0]["length_minutes"].as_i64().unwrap_or_default();
        let plain = filled(&stage, &agent, &[(0, minutes, "phone")]);
        let trained = filled(&stage, &agent, &[(0, 60, "training"), (60, minutes - 60, "phone")]);
        let met = filled(&stage, &agent, &[(0, minutes - 60, "phone"), (minutes - 60, 60, "meeting")]);
        let stands = stage.record(&agent)["availability"].clone();
        stage.at(0.5).edits("Anna Vogel", &agent, plain.clone());
        // The gateway sees the record once before the planner's hour.
        stage.at(120.0).says(
            "north",
            &agent,
            json!({"availability": stands}),
            json!({"availability": {"status": "training"}}),
        );
        stage.at(600.0).edits("Ben Okafor", &agent, trained);
        stage.at(1_200.0).says("north", &agent, plain, met);
        stage
    },
    demands: |end| {
        let rows = hours(end);
        let by = |row: Option<&Blame>, code: &str| {
            row.filter(|row| row.value["code"] == code).map(|row| (row.by, row.intent.is_some()))
        };
        let wish = end.intents().last().map(|record| record.id);
        vec![
            demand("both landed, nobody was asked", end.count(State::Landed) == 2),
            demand("both hours stand", {
                let codes: Vec<&Value> = rows.iter().map(|row| &row.value["code"]).collect();
                codes == ["training", "phone", "meeting"]
            }),
            demand("the first hour is the planner's", by(rows.first(), "training") == Some((By::Other, false))),
            demand("the last hour is the source's", {
                let last = rows.last().filter(|row| row.by == By::Source && row.value["code"] == "meeting");
                last.is_some_and(|row| row.intent.is_some() && row.intent == wish)
            }),
            demand("nothing else of the shift is", {
                end.blame("agent-1").iter().filter(|row| row.intent == wish).count() == 1
            }),
        ]
    },
    apart: &[],
};

const X40: Incident = Incident {
    id: "X40",
    title: "Shifts that fit by themselves and not in the week",
    happens: "A source moves one agent's last shift past the end of the week, and another agent's first shift onto the second.",
    a_loop: "sends both and learns of it by refusals, or not at all.",
    answer: "sends neither: what does not go together is seen after the merge, and a person gets both with what they break.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 2).source("north");
        let agents = stage.agents(2);
        let shifts = stage.record(&agents[0])["shifts"].as_array().map_or(0, Vec::len);
        let late = json!({"shift_id": stage.shift(&agents[0], shifts.saturating_sub(1)), "minutes": 8 * 24 * 60});
        let week = stage.record(&agents[1]);
        let between = start_of(&week["shifts"][1]).duration_since(start_of(&week["shifts"][0]));
        let onto = json!({"shift_id": week["shifts"][0]["id"], "minutes": between.as_mins()});
        stage.at(1.0).verb("north", &agents[0], "move-shift", late);
        stage.at(1.0).verb("north", &agents[1], "move-shift", onto);
        stage
    },
    demands: |end| {
        let told = |words: &str| {
            let says = |text: &String| text.contains(words);
            end.intents().iter().any(|record| record.status.reason.as_ref().is_some_and(says))
        };
        vec![
            demand("both are shown to a person as what they break", end.coded("review/invariant") == 2),
            demand("the week's edge is named", told("starts outside the week")),
            demand("the overlap is named", told("overlap")),
            demand("nothing was written", end.ours().count() == 0),
        ]
    },
    apart: &[],
};
