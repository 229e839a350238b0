//! Targets that ignore the versions that writes name: what a write was let through over is told, put back or asked about.

use super::end::End;
use super::stage::{Prop, Stage, TUESDAY};
use super::{Demand, Incident, demand};
use crate::script::{Events, SourceSpec};
use ifmatch_core::State;
use ifmatch_core::merge::{Policies, Policy};
use ifmatch_sandbox::{OldVersions, Versions};
use serde_json::json;

pub(super) const ALL: &[Incident] = &[X10, X11, X12, X13];

/// Versions that skip look like writes of others, and reads that lag show the record before them: both are other incidents.
const APART: &[&str] = &["version_step_max", "replica_lag_ms", "reads_may_go_back"];

/// A target that lets every write through, with one score.
fn stage(seed: u64, old_versions: OldVersions) -> Stage {
    Stage::new(seed, TUESDAY, |scenario| {
        scenario.world.scores = 1;
        scenario.options.versions = Versions::Ignored;
        scenario.options.old_versions = old_versions;
    })
}

/// A source sets score and comments, and between its read and its write a person does.
fn meet(stage: &mut Stage, patch: serde_json::Value) -> Prop {
    let score = stage.score(0);
    let record = stage.record(&score);
    let base = json!({"score": record["score"], "comments": record["comments"]});
    stage.at(1.0).says("north", &score, base, json!({"score": 40, "comments": "from north"}));
    stage.at(1.05).edits("Anna Vogel", &score, patch);
    score
}

fn told(end: &End) -> Demand {
    let told = end.intents().iter().all(|record| record.status.overwrote.is_some());
    demand("it is told by an alarm, and with the intent", told && end.alarmed("overwritten", "made from version 1"))
}

const X10: Incident = Incident {
    id: "X10",
    title: "A target without a guard lets a write through, and both can stand",
    happens: "The target counts versions and ignores those that writes name. Between our read and our write of a review a person adds a \
              comment, and our comment replaces it.",
    a_loop: "gets a 200 and never hears of it.",
    answer: "sees two versions where it made one, reads the one in between, and writes both comments.",
    stage: |seed| {
        let comments = Policies::new().with("/comments".parse().expect("a pointer"), Policy::Append);
        let mut stage = stage(seed, OldVersions::Kept)
            .source_of(SourceSpec { on_conflict: comments, ..SourceSpec::edits("north") });
        meet(&mut stage, json!({"comments": "from Anna"}));
        stage
    },
    demands: |end| {
        let comments = end.record("score-1")["comments"].as_str().unwrap_or_default().to_owned();
        vec![
            demand("both comments stand, and the score", {
                comments.contains("from Anna")
                    && comments.contains("from north")
                    && end.record("score-1")["score"] == 40
            }),
            demand("it landed, with one repair", end.count(State::Landed) == 1 && end.ours().count() == 2),
            told(end),
        ]
    },
    apart: APART,
};

const X11: Incident = Incident {
    id: "X11",
    title: "A target without a guard lets a write through a true conflict",
    happens: "Between our read and our write a person sets the very score that we set, to another value. The target takes ours.",
    a_loop: "has erased the person's score, and reports success.",
    answer: "puts the person's score back, and asks a person with the three sides, as if the target had refused.",
    stage: |seed| {
        let mut stage = stage(seed, OldVersions::Kept).source("north");
        meet(&mut stage, json!({"score": 77}));
        stage
    },
    demands: |end| {
        let sides = end.intents().iter().flat_map(|record| &record.status.conflict);
        let anna = |note: &ifmatch_core::ConflictNote| {
            note.local == Some(json!(40))
                && note.remote == Some(json!(77))
                && note.remote_writer.as_deref() == Some("Anna Vogel")
        };
        vec![
            demand("the person's score stands", end.record("score-1")["score"] == 77),
            demand("a person is asked, and sees both and who wrote", {
                end.coded("review/true_conflict") == 1 && sides.clone().any(anna)
            }),
            demand("one write puts it back", end.ours().count() == 2),
            told(end),
        ]
    },
    apart: APART,
};

const X12: Incident = Incident {
    id: "X12",
    title: "A target without a guard and without a memory",
    happens: "As before, and the target shows no older version: what the person wrote is gone for good.",
    a_loop: "has erased the person's score, and reports success.",
    answer: "says that others wrote and that what they wrote cannot be known, and leaves it to a person; it writes nothing more.",
    stage: |seed| {
        let mut stage = stage(seed, OldVersions::NotKept).source("north");
        meet(&mut stage, json!({"score": 77}));
        stage
    },
    demands: |end| {
        let honest = |record: &ifmatch_core::IntentRecord| {
            record.status.reason.as_deref().is_some_and(|reason| reason.contains("cannot be known"))
        };
        vec![
            demand("a person is asked", end.coded("review/overwritten") == 1 && end.intents().iter().all(honest)),
            demand("nothing is written blindly", end.ours().count() == 1),
            told(end),
        ]
    },
    apart: APART,
};

const X13: Incident = Incident {
    id: "X13",
    title: "Nobody said that the target has no guard",
    happens: "The configuration takes the target for a guarded one. An event tells of a person's edit while our write, which names the \
              version before it, is on the wire, and the target takes the write.",
    a_loop: "trusts the guard for ever.",
    answer: "has proof that the target ignores versions, raises an alarm, repairs, and knows it from then on.",
    stage: |seed| {
        let mut stage = stage(seed, OldVersions::Kept).source("north");
        stage.told_unguarded = false;
        stage.events = Some(Events { offered: true, lost: 0, repeated: 0, late_ms_max: 1, false_unlocks: 0 });
        meet(&mut stage, json!({"score": 77}));
        stage
    },
    demands: |end| {
        vec![
            demand("it is found out", end.alarmed("unguarded", "ignores the versions of quality-score")),
            demand("the person's score stands", end.record("score-1")["score"] == 77),
            demand("a person is asked", end.coded("review/true_conflict") == 1),
            told(end),
        ]
    },
    apart: APART,
};
