//! Silent refusals: the target answers 2xx and does not apply the write, or not all of it.

use super::end::End;
use super::stage::{Prop, Stage, TUESDAY};
use super::{Demand, Incident, demand};
use ifmatch_core::{ConflictNote, State, Verify};
use ifmatch_sandbox::{Instants, SilentAnswer, SilentRule};
use serde_json::{Value, json};

pub(super) const ALL: &[Incident] = &[X30, X31, X32, X33, X34, X35, X36];

/// A rule on a field of every record under a path.
fn rule(path: &str, field: &str, clamp: Option<(i64, i64)>) -> SilentRule {
    SilentRule { path: path.to_owned(), field: field.to_owned(), clamp }
}

/// Reviews in a target with these rules.
fn stage(seed: u64, scores: usize, rules: Vec<SilentRule>) -> Stage {
    Stage::new(seed, TUESDAY, |scenario| {
        scenario.world.scores = scores;
        scenario.options.silent_rules = rules;
    })
    .source("north")
}

/// A source sets fields of a score, from what stands there.
fn sets(stage: &mut Stage, seconds: f64, score: &Prop, patch: Value) {
    let record = stage.record(score);
    let base = patch.as_object().into_iter().flatten().map(|(field, _)| (field.clone(), record[field].clone()));
    let base = Value::Object(base.collect());
    stage.at(seconds).says("north", score, base, patch);
}

/// A person is told what was sent and what stands, path by path, and nothing is told of anything else.
fn shown(end: &End, sides: &[(&str, Value, Value)]) -> Demand {
    let notes: Vec<&ConflictNote> = end.intents().iter().flat_map(|record| &record.status.conflict).collect();
    let side = |(path, sent, stands): &(&str, Value, Value)| {
        let note = |note: &&&ConflictNote| {
            note.path.to_string() == *path && note.local.as_ref() == Some(sent) && note.remote.as_ref() == Some(stands)
        };
        notes.iter().filter(note).count() == 1
    };
    demand("a person is asked, and sees what was sent and what stands", {
        end.coded("review/silent_refusal") == 1 && notes.len() == sides.len() && sides.iter().all(side)
    })
}

/// Nobody is alarmed.
fn calm(end: &End) -> Demand {
    let codes = ["silent_refusal", "silent_stop", "answer_doubted"];
    demand("nobody is alarmed", codes.iter().all(|code| end.alarms(code) == 0))
}

const X30: Incident = Incident {
    id: "X30",
    title: "A score is moved to a bound, and the answer is 200",
    happens: "The target keeps scores between 10 and 90. A source sets 95 and a comment; the answer is 200, with a score of 90.",
    a_loop: "sees the 200 and reports success.",
    answer: "reads the answer: the comment landed, the score did not. A person sees both; nothing is sent again.",
    stage: |seed| {
        let mut stage = stage(seed, 1, vec![rule("", "score", Some((10, 90)))]);
        let score = stage.score(0);
        sets(&mut stage, 1.0, &score, json!({"score": 95, "comments": "excellent"}));
        stage
    },
    demands: |end| {
        vec![
            shown(end, &[("/score", json!(95), json!(90))]),
            demand("what was applied stands", {
                end.record("score-1")["score"] == 90 && end.record("score-1")["comments"] == "excellent"
            }),
            demand(
                "it is written once, and needs no request more",
                end.sent("PATCH", "/scores/") == 1 && end.requests() == 2,
            ),
            demand("one alarm tells it", end.alarms("silent_refusal") == 1 && end.alarms("silent_stop") == 0),
        ]
    },
    apart: &[],
};

const X31: Incident = Incident {
    id: "X31",
    title: "The answer shows what was sent, and it does not stand",
    happens: "The target leaves comments as they were, and its answer to a write shows the new ones. The configuration says to verify \
              each write.",
    a_loop: "sees its own comment in the 200 and reports success.",
    answer: "reads the record once more, at the version of the write: another comment. A person sees both, and each write of the kind is \
             read back from then on.",
    stage: |seed| {
        let mut stage = stage(seed, 1, vec![rule("", "comments", None)]);
        stage.scenario_mut().options.silent_answer = SilentAnswer::AsSent;
        stage.verify = Verify::Always;
        let score = stage.score(0);
        sets(&mut stage, 1.0, &score, json!({"score": 41, "comments": "from north"}));
        stage
    },
    demands: |end| {
        let stands = end.record("score-1")["comments"].clone();
        vec![
            shown(end, &[("/comments", json!("from north"), stands)]),
            demand("what was applied stands", end.record("score-1")["score"] == 41),
            demand("it is written once", end.sent("PATCH", "/scores/") == 1),
            demand("the answers are doubted from then on", end.alarmed("answer_doubted", "read back from here on")),
        ]
    },
    apart: &[],
};

const X32: Incident = Incident {
    id: "X32",
    title: "Reads lag behind a write that is verified",
    happens: "Each write is verified, and reads are up to 20 seconds behind: the first of them show the record before the write.",
    a_loop: "compares, finds the old value, and writes again.",
    answer: "knows the version of its write, and believes no read below it. The write landed; nobody is alarmed.",
    stage: |seed| {
        let mut stage = stage(seed, 1, Vec::new());
        stage.scenario_mut().options.replica_lag_ms = 20_000;
        stage.verify = Verify::Always;
        let score = stage.score(0);
        sets(&mut stage, 1.0, &score, json!({"score": 41}));
        stage
    },
    demands: |end| {
        vec![
            demand("it landed", end.count(State::Landed) == 1 && end.record("score-1")["score"] == 41),
            demand("it is written once", end.sent("PATCH", "/scores/") == 1),
            calm(end),
        ]
    },
    apart: &[],
};

const X33: Incident = Incident {
    id: "X33",
    title: "A verified value is only spelled otherwise",
    happens: "The target returns instants in UTC. A source writes the time of a review with its offset; each write is verified.",
    a_loop: "compares texts, finds another one, and writes again.",
    answer: "compares what they mean. The write landed; nobody is alarmed.",
    stage: |seed| {
        let mut stage = stage(seed, 1, Vec::new());
        stage.scenario_mut().options.instants = Instants::Utc;
        stage.verify = Verify::Always;
        let score = stage.score(0);
        sets(&mut stage, 1.0, &score, json!({"reviewed_at": "2026-10-19T18:30:00+02:00"}));
        stage
    },
    demands: |end| {
        vec![
            demand("it landed", {
                end.count(State::Landed) == 1 && end.record("score-1")["reviewed_at"] == "2026-10-19T16:30:00Z"
            }),
            demand("it is written once", end.sent("PATCH", "/scores/") == 1),
            calm(end),
        ]
    },
    apart: &["instants"],
};

const X34: Incident = Incident {
    id: "X34",
    title: "Somebody edits between a write and the read that verifies it",
    happens: "Each write is verified. Right after our write, and before the read, a person sets the same score to another value.",
    a_loop: "finds another value than it wrote, and writes its own again.",
    answer: "sees a later version than that of its write, and a value of the person's. Whether its own stood there in between nobody can \
             tell any more, and who verifies each write goes by no answer: a person is asked, the person's value stands, and nobody is \
             alarmed.",
    stage: |seed| {
        let mut stage = stage(seed, 1, Vec::new());
        stage.verify = Verify::Always;
        let score = stage.score(0);
        sets(&mut stage, 1.0, &score, json!({"score": 41}));
        stage.at(1.1).edits("Anna Vogel", &score, json!({"score": 77}));
        stage
    },
    demands: |end| {
        let entries: Vec<&str> = end.ledger().iter().map(|entry| entry.actor.as_str()).collect();
        vec![
            demand("the person wrote after us", entries.ends_with(&["Integration", "Anna Vogel"])),
            demand("nobody can tell, so a person is asked, and theirs stands", {
                end.coded("review/undecided") == 1 && end.record("score-1")["score"] == 77
            }),
            demand("it is written once", end.sent("PATCH", "/scores/") == 1),
            calm(end),
        ]
    },
    apart: &[],
};

const X35: Incident = Incident {
    id: "X35",
    title: "A batch of which nothing is applied",
    happens: "A source sets the scores of ten reviews, one every ten seconds; the target accepts each and keeps the scores of six of them \
              at a value of its own. After a while a person resumes what was held.",
    a_loop: "sends all ten and reports ten successes.",
    answer: "stops after three in a row: the kind is held, and somebody is told. Once resumed it goes on, and is held again after three more.",
    stage: |seed| {
        let mut stage = stage(seed, 10, Vec::new());
        let scores: Vec<Prop> = (0..10).map(|place| stage.score(place)).collect();
        let other = |score: &Prop, one: i64, other: i64| if stage.record(score)["score"] == one { other } else { one };
        let bounds: Vec<i64> = scores.iter().map(|score| other(score, 50, 51)).collect();
        let wanted: Vec<i64> = scores.iter().map(|score| other(score, 71, 72)).collect();
        let rules = scores.iter().zip(bounds).take(6);
        let rules = rules.map(|(score, bound)| rule(&score.path, "score", Some((bound, bound)))).collect();
        stage.scenario_mut().options.silent_rules = rules;
        for (place, (score, wanted)) in scores.iter().zip(wanted).enumerate() {
            sets(&mut stage, 1.0 + 10.0 * place as f64, score, json!({ "score": wanted }));
        }
        stage.at(200.0).resumes();
        stage.at(400.0).resumes();
        stage
    },
    demands: |end| {
        let written: Vec<f64> = end.ours().map(|entry| end.seconds(entry)).collect();
        let within = |from: f64, to: f64| written.iter().filter(|at| (from..to).contains(at)).count();
        vec![
            demand(
                "three are written, then none until somebody resumes",
                within(0.0, 40.0) == 3 && within(40.0, 200.0) == 0,
            ),
            demand("then the others are written, and it is held again", within(200.0, 400.0) == 7),
            demand("each stop is told", end.alarms("silent_stop") == 2),
            demand("six wait for a person, four landed", {
                end.coded("review/silent_refusal") == 6 && end.count(State::Landed) == 4
            }),
        ]
    },
    apart: &[],
};

const X36: Incident = Incident {
    id: "X36",
    title: "One agent of an envelope keeps its shifts",
    happens: "A source moves a shift of each of three agents at once. The target accepts all, leaves the shifts of one as they were, and \
              answers with versions alone. The configuration says to verify the first write of each field.",
    a_loop: "sees a 200 for the document and reports three successes.",
    answer: "reads the three back with one request: two landed, one waits for a person with what was sent and what stands.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| scenario.world.weeks = 1).source("north");
        stage.verify = Verify::First;
        let agents = stage.agents(3);
        stage.scenario_mut().options.silent_rules = vec![rule(&agents[1].path, "shifts", None)];
        for agent in &agents {
            let shift = stage.shift(agent, 0);
            stage.at(1.0).verb("north", agent, "move-shift", json!({"shift_id": shift, "minutes": 15}));
        }
        stage
    },
    demands: |end| {
        let refused = end.of_record("agent-2");
        let told = refused.iter().all(|record| {
            record.status.code.as_deref() == Some("review/silent_refusal")
                && record.status.conflict.iter().all(|note| note.path.to_string().starts_with("/shifts/"))
                && !record.status.conflict.is_empty()
        });
        vec![
            demand("two landed", end.count(State::Landed) == 2),
            demand("the third waits for a person, who sees its shift", refused.len() == 1 && told),
            demand("nothing is sent again", end.ours_of("agent-1") == 1 && end.ours_of("agent-3") == 1),
        ]
    },
    apart: &[],
};
