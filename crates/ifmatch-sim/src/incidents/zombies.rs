//! Writes that arrive long after their sender gave them up.

use super::stage::{Stage, TUESDAY};
use super::{Incident, demand};
use crate::script::Spoken;
use ifmatch_core::State;
use ifmatch_sandbox::Versions;
use serde_json::json;

pub(super) const ALL: &[Incident] = &[X41];

const X41: Incident = Incident {
    id: "X41",
    title: "An old write of ours arrives after the newer one",
    happens: "A target ignores versions. A write of a score hangs somewhere for five minutes and takes effect then. A minute after it was \
              given up the source wants another score.",
    a_loop: "sees that the score did not change, writes the newer one, and has the old one minutes later.",
    answer: "writes nothing to that record until no copy of the old write can come any more, and the newer score stands.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 1;
            scenario.options.versions = Versions::Ignored;
        })
        .source("north");
        let score = stage.score(0);
        let late = json!({"fault": "late_commit", "method": "PATCH", "times": 1, "delay_seconds": 300});
        stage.at(1.0).faults(late);
        stage.at(1.0).wishes("north", &score, json!({"score": 41}), Spoken::Blind);
        stage.at(90.0).wishes("north", &score, json!({"score": 42}), Spoken::Blind);
        // Somebody works there afterwards, so that what hung somewhere has its turn.
        stage.at(1_200.0).edits("Anna Vogel", &score, json!({"comments": "seen with the agent"}));
        stage
    },
    demands: |end| {
        vec![
            demand("the newer score stands", end.record("score-1")["score"] == 42),
            demand("both are told as done", end.done() == 2 && end.count(State::Review) == 0),
        ]
    },
    // Versions that skip look like writes of others, and reads that lag show the record before them: both are other incidents.
    apart: &["version_step_max", "replica_lag_ms", "reads_may_go_back"],
};
