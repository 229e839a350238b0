//! Trouble beyond the forty reports: loops of two sources, rights that are missing, tokens that end.

use super::stage::{Stage, TUESDAY, patched};
use super::{Incident, demand};
use crate::script::Spoken;
use crate::spelling::Api;
use ifmatch_core::{BaseHint, State};
use serde_json::json;

pub(super) const ALL: &[Incident] = &[X01, X02, X03, X04, X05, X06, X07];

/// Those with a later number than what lies between.
pub(super) const LATER: &[Incident] = &[X43, X44, X45, X46, X47];

const X01: Incident = Incident {
    id: "X01",
    title: "Two sources set a field back and forth",
    happens: "Two systems copy a score to and fro. They disagree on how it is rounded, so each answers the other's value with its \
              own, every fifteen seconds.",
    a_loop: "is the loop: it writes for ever, eats the limit, and the score is whichever came last.",
    answer: "sees the same value come back a third time by two sources in turn, holds the word of one of them for a person, and \
             drops nothing.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 2).source("north").source("south");
        let (score, other) = (stage.score(0), stage.score(1));
        for round in 0..20 {
            let at = 1.0 + 30.0 * f64::from(round);
            let found = if round == 0 { stage.record(&score)["score"].clone() } else { json!(42) };
            stage.at(at).says("north", &score, json!({"score": found}), json!({"score": 41}));
            stage.at(at + 15.0).says("south", &score, json!({"score": 41}), json!({"score": 42}));
        }
        // Another field of the same record and another record go on.
        stage.at(400.0).wishes("north", &score, json!({"comments": "goes on"}), Spoken::Blind);
        stage.at(401.0).wishes("south", &other, json!({"score": 43}), Spoken::Blind);
        stage
    },
    demands: |end| {
        vec![
            demand("at most ten writes of the score", {
                let score =
                    |entry: &&ifmatch_sandbox::LedgerEntry| entry.changes.iter().any(|change| change.path == "/score");
                end.ours().filter(score).count() <= 10
            }),
            demand("a person is asked, and nothing is open besides", {
                end.coded("review/ping_pong") >= 1
                    && end.intents().iter().all(|r| r.status.state.is_terminal() || r.status.state == State::Review)
            }),
            demand("other fields and records go on", {
                end.record("score-1")["comments"] == "goes on" && end.record("score-2")["score"] == 43
            }),
        ]
    },
    apart: &[],
};

const X02: Incident = Incident {
    id: "X02",
    title: "A right is missing for everything",
    happens: "The credentials of the organisation have lost the right to write scores: every write is refused with 403, reads go on. \
              Forty minutes later somebody gives it back.",
    a_loop: "tries again, fetches a new token for each try, alarms for each record, and counts all of that time as failed.",
    answer: "stops scores after two of them, alerts once with the right that is missing, and sends one probe for all at growing pauses. \
             As soon as one lands all go on; nobody is asked, and no token is fetched for it.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 12).source("north");
        let mut right = super::stage::constraint(
            "/api/v2/wfm/v2/quality/scores/",
            403,
            "forbidden",
            "The token does not have the scope quality:score:write",
        );
        right.until_ms = Some(2_400_000);
        stage.refuses(right);
        for place in 0..12 {
            let score = stage.score(place);
            let at = if place < 5 { 1.0 + place as f64 } else { 60.0 * place as f64 };
            stage.at(at).wishes("north", &score, json!({"score": 40}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let words = if end.is_bare() { "forbidden" } else { "quality:score:write" };
        vec![
            demand("meanwhile all are parked, and each says which right is missing", {
                (1..=12).all(|number| end.stood_at(&format!("score-{number}"), 2_390.0, "parked", words))
            }),
            demand("one alert for all of them", end.alarms("forbidden") == 1),
            demand("at most ten refused writes, and one token", end.answered(403) <= 10 && end.tokens() == 1),
            demand("nobody is asked, and all landed a quarter of an hour later at the most", {
                let all: Vec<_> = end.intents().iter().collect();
                end.asked() == 0 && end.last_settled(&all).is_some_and(|at| (2_400.0..3_330.0).contains(&at))
            }),
        ]
    },
    apart: &[],
};

const X03: Incident = Incident {
    id: "X03",
    title: "A token expires in the middle of a conflict",
    happens: "A person edits the record between our read and our write, and at the moment of the second write the token is no longer \
              taken.",
    a_loop: "takes the 401 for the end, or starts again from the beginning with the old payload.",
    answer: "fetches one token for everybody who waits and goes on with the merged write.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 3).source("north");
        let scores: Vec<_> = (0..3).map(|place| stage.score(place)).collect();
        stage.at(1.0).wishes("north", &scores[0], json!({"score": 40}), Spoken::Blind);
        stage.at(1.05).edits("Anna Vogel", &scores[0], json!({"comments": "in between"}));
        stage.at(1.1).faults(json!({"fault": "token_expiry", "method": "PATCH", "times": 1}));
        for score in &scores[1..] {
            stage.at(1.12).wishes("north", score, json!({"score": 45}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let record = end.record("score-1");
        vec![
            demand("all three landed", end.count(State::Landed) == 3),
            demand("the person's words stand", record["score"] == 40 && record["comments"] == "in between"),
            demand("one token for everybody, beside the first one", end.tokens() == 2),
            demand("within ten seconds", {
                let all: Vec<_> = end.intents().iter().collect();
                end.last_settled(&all).is_some_and(|at| at < 10.0)
            }),
        ]
    },
    apart: &["replica_lag_ms"],
};

const X04: Incident = Incident {
    id: "X04",
    title: "A right is missing for some",
    happens: "Eight agents are changed in one write. One of them has a pending trade, and the target says 403 to the whole, for ten \
              minutes.",
    a_loop: "broadens the role, or stops the job.",
    answer: "halves the write until the one is alone, sees that the others land with the same credentials, so that the label is \
             wrong, and holds the one until the target takes it.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 8).source("north");
        let agents = stage.agents(8);
        let mut hides = super::stage::constraint(&agents[4].path, 403, "forbidden", "The operation is not permitted");
        hides.until_ms = Some(600_000);
        stage.refuses(hides);
        for agent in &agents {
            let set = json!({"availability": {"status": "training"}});
            stage.at(1.0).wishes("north", agent, set, Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let others =
            [1, 2, 3, 4, 6, 7, 8].iter().flat_map(|n| end.of_record(&format!("agent-{n}"))).collect::<Vec<_>>();
        vec![
            demand("the seven landed within 25 s", end.last_settled(&others).is_some_and(|at| at < 25.0)),
            demand("the one at most 45 s after the trade", {
                end.last_settled(&end.of_record("agent-5")).is_some_and(|at| (600.0..645.0).contains(&at))
            }),
        ]
    },
    apart: &[],
};

const X05: Incident = Incident {
    id: "X05",
    title: "The first sight of a record comes late",
    happens: "A source sets the hours of two agents whom nobody has read so far, without saying what it started from. The first read has \
              no answer, and while it is tried again a person changes one of the two.",
    a_loop: "reads when it can, takes what it finds for what stood there all the time, and writes over the person's hours.",
    answer: "asks the target when each of the two was written last, since the document does not tell: one lands, for the other one a \
             person is asked.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("north");
        let agents = stage.agents(2);
        stage.at(1.0).faults(json!({"fault": "lost_response", "method": "GET", "times": 1}));
        for (place, agent) in agents.iter().enumerate() {
            let first = stage.record(agent)["shifts"][0].clone();
            let set = |code: &str| {
                let work = json!([{"start": first["start"], "length_minutes": first["length_minutes"], "code": code}]);
                json!({"shifts": [{"id": first["id"], "activities": work}]})
            };
            stage.at(2.0).wishes("north", agent, set("TRAINING"), Spoken::Blind);
            if place == 1 {
                stage.at(8.0).edits("Anna Vogel", agent, set("MEETING"));
            }
        }
        stage
    },
    demands: |end| {
        let codes = |shift: &str| {
            let work = end.shift(shift)["activities"].as_array().cloned().unwrap_or_default();
            work.iter().map(|part| part["code"].clone()).collect::<Vec<_>>()
        };
        vec![
            demand("the one that nobody touched landed", codes("shift-1.1") == [json!("TRAINING")]),
            demand("the person's hours stand", codes("shift-2.1") == [json!("MEETING")]),
            demand("a person is asked", end.coded("review/unknown_base") == 1),
        ]
    },
    apart: &[],
};

const X06: Incident = Incident {
    id: "X06",
    title: "Somebody writes the same while our write is lost",
    happens: "A write gets lost on its way. Before anybody can know that, a person gives the record the very value that it was to have, \
              and a comment.",
    a_loop: "sees its value, and books the person's edit as its own.",
    answer: "sees that one write used up the version and that its writer is somebody else: the wish is satisfied, and nobody is told that it \
             landed.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 2).source("north");
        let (first, second) = (stage.score(0), stage.score(1));
        // A write that lands shows as whom the target knows us.
        stage.at(1.0).wishes("north", &first, json!({"score": 41}), Spoken::Blind);
        stage.at(5.0).faults(json!({"fault": "lost_request", "method": "PATCH", "times": 1}));
        stage.at(6.0).wishes("north", &second, json!({"score": 42}), Spoken::Blind);
        stage.at(10.0).edits("Anna Vogel", &second, json!({"score": 42, "comments": "looked at"}));
        stage
    },
    demands: |end| {
        let record = end.record("score-2");
        vec![
            demand("the first landed, the second is satisfied", {
                end.count(State::Landed) == 1 && end.count(State::Satisfied) == 1
            }),
            demand("one write of ours in all", end.ours().count() == 1),
            demand("the person's edit stands", record["score"] == 42 && record["comments"] == "looked at"),
        ]
    },
    // Where one write may raise the version by more than one, two writes cannot be told from one.
    apart: &["version_step_max"],
};

const X07: Incident = Incident {
    id: "X07",
    title: "An echo comes late",
    happens: "North's value lands. Both systems hear of it from the target and send it back with the version that they heard of, but only \
              after a person has set another value.",
    a_loop: "takes the echo for a wish, fetches the fresh version, and sets the person's value back.",
    answer: "sees that each shows what that version held: nobody wished anything. Nothing is written, and nobody is asked.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 1).source("north").source("south");
        let score = stage.score(0);
        stage.at(1.0).wishes("north", &score, json!({"score": 42}), Spoken::Blind);
        stage.at(10.0).edits("Anna Vogel", &score, json!({"score": 50}));
        for (place, source) in ["north", "south"].into_iter().enumerate() {
            let mut echo = patched(&score, json!({"score": 42}));
            echo.base = Some(BaseHint { version: Some(2), value: None });
            stage.at(20.0 + place as f64).submits(source, echo);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("one landed, the echoes are satisfied", {
                end.count(State::Landed) == 1 && end.count(State::Satisfied) == 2
            }),
            demand("one write of ours in all", end.ours().count() == 1),
            demand("the person's value stands", end.record("score-1")["score"] == 50),
        ]
    },
    apart: &["version_step_max"],
};

const X43: Incident = Incident {
    id: "X43",
    title: "A source and a tool in the target set a field back and forth",
    happens: "A source sets a score to 41 whenever it sees another one. A tool that works in the target itself sets it to 42 whenever it \
              sees another one. Beside them a person changes her mind twice about another score.",
    a_loop: "is the loop: each of its writes names the version that it has just read, so none is ever refused.",
    answer: "sees the same value come back a third time by somebody else, and holds the next word of the source for a person. Who changes \
             her mind twice trips nothing.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 2).source("north");
        let (score, other) = (stage.score(0), stage.score(1));
        for round in 0..10 {
            let at = 1.0 + 30.0 * f64::from(round);
            let found = if round == 0 { stage.record(&score)["score"].clone() } else { json!(42) };
            stage.at(at).says("north", &score, json!({"score": found}), json!({"score": 41}));
            stage.at(at + 15.0).edits("Nightly balancer", &score, json!({"score": 42}));
        }
        for round in 0..3 {
            let at = 5.0 + 60.0 * f64::from(round);
            let found = if round == 0 { stage.record(&other)["score"].clone() } else { json!(52) };
            stage.at(at).says("north", &other, json!({"score": found}), json!({"score": 51}));
            if round < 2 {
                stage.at(at + 30.0).edits("Anna Vogel", &other, json!({"score": 52}));
            }
        }
        stage.at(400.0).wishes("north", &score, json!({"comments": "goes on"}), Spoken::Blind);
        stage
    },
    demands: |end| {
        let of = |name: &str| end.of_record(name).into_iter().cloned().collect::<Vec<_>>();
        vec![
            demand("three writes of the score by us, and one of its comment", end.ours_of("score-1") == 4),
            demand("one wish waits for a person, with the name of the tool, and nothing is open besides", {
                let first = of("score-1");
                end.coded("review/ping_pong") == 1
                    && end.count(State::Review) == 1
                    && first.iter().any(|record| {
                        let told = |note: &ifmatch_core::ConflictNote| {
                            note.remote_writer.as_deref().is_some_and(|writer| writer == "Nightly balancer")
                        };
                        record.status.conflict.iter().any(told)
                    })
                    && first.iter().all(|r| r.status.state.is_terminal() || r.status.state == State::Review)
            }),
            demand("the tool's value stands, and another field goes on", {
                let record = end.record("score-1");
                record["score"] == 42 && record["comments"] == "goes on"
            }),
            demand("the other score landed each time, and nobody is asked about it", {
                of("score-2").iter().all(|record| record.status.state == State::Landed)
                    && end.record("score-2")["score"] == 51
            }),
        ]
    },
    apart: &[],
};

const X44: Incident = Incident {
    id: "X44",
    title: "A draft of which nobody knows whether it was made",
    happens: "A planner makes drafts of one week, which the target gives no key. One answer is lost and the planner sends its wish \
              again; one request is carried out three minutes after its client gave up; a third draft is meant as one more.",
    a_loop: "makes a second draft for each answer that it misses, and publishes one of them.",
    answer: "marks each draft in its description with what the planner calls it, looks for the mark, and makes none again before no \
             copy of the first request can land. Three drafts stand, and their descriptions are read without the marks.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 0).source("planner");
        let draft = |stage: &Stage, id: &str, text: &str| {
            let value = json!({
                "business_unit_id": "unit-9", "week": "2026-11-02", "time_zone": "Europe/Paris", "description": text,
            });
            stage.creation_called("schedule", "planner", id, value)
        };
        let fault = |fault: &str| json!({"fault": fault, "method": "POST", "path_prefix": "/api/v2/wfm/schedules"});
        stage.at(0.5).faults(fault("lost_response"));
        for at in [1.0, 120.0] {
            let wish = draft(&stage, "P-1", "Week 45");
            stage.at(at).submits("planner", wish);
        }
        let mut late = fault("late_commit");
        late["delay_seconds"] = json!(180);
        stage.at(200.0).faults(late);
        let wish = draft(&stage, "P-2", "Week 45, few people");
        stage.at(201.0).submits("planner", wish);
        let wish = draft(&stage, "P-3", "Week 45");
        stage.at(210.0).submits("planner", wish);
        stage
    },
    demands: |end| {
        let drafts = end.schedules_of("unit-9");
        let text = |start: &str| {
            let begins = |record: &&&serde_json::Value| {
                let text = record["description"].as_str().unwrap_or_default();
                text.strip_prefix(start).is_some_and(|rest| rest.starts_with(" [ifmatch "))
            };
            drafts.iter().filter(begins).count()
        };
        vec![
            demand("three drafts stand, each with the words of its sender and a mark", {
                drafts.len() == 3 && text("Week 45") == 2 && text("Week 45, few people") == 1
            }),
            demand("all four wishes are done, and nobody is asked", end.done() == 4 && end.asked() == 0),
            demand("the one whose answer was lost is found within a minute", {
                let first = end.intents().first();
                first.and_then(|record| end.settled(record)).is_some_and(|at| at < 61.0 + 3.0 * end.lag())
            }),
        ]
    },
    apart: &[],
};

const X45: Incident = Incident {
    id: "X45",
    title: "The trade is there already, under an id of somebody else's",
    happens: "A portal has made a trade for a request. A migration sends the same request again from its file, and knows no id.",
    a_loop: "makes a second trade: the target refuses no request twice.",
    answer: "looks for the request before it makes a trade, and merges with the one that is there.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
        })
        .source("migration");
        let there = stage.trade_in("pending");
        let mut value = stage.part(&there, &["swap_request_id", "status", "initiating", "time_zone"]);
        let request = value["swap_request_id"].clone();
        value["notes"] = json!("from the file");
        let wish = stage.creation("shift-trade", json!({ "swap_request_id": request }), value);
        stage.at(1.0).submits("migration", wish);
        stage
    },
    demands: |end| {
        vec![
            demand("no trade was made", end.ours().all(|entry| entry.from_version.is_some())),
            demand("the one that is there has the notes of the file, or a person is asked", {
                end.count(State::Landed) + end.count(State::Review) == 1
            }),
        ]
    },
    apart: &[],
};

const X46: Incident = Incident {
    id: "X46",
    title: "The trade is there already, and nothing but the shift tells",
    happens: "Two agents have agreed on a swap and made the trade in the target. A migration brings the same swap from its file, which \
              knows neither the request nor the id; and another one, of a shift that nobody trades.",
    a_loop: "makes a second trade of the one shift.",
    answer: "asks for the trades of the agent before it makes one, finds the same shift for the same agent, and merges with that.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
        })
        .source("migration");
        let there = stage.trade_in("pending");
        let names = ["status", "initiating", "receiving", "time_zone", "notes", "expires_at"];
        let value = stage.part(&there, &names);
        let mut other = value.clone();
        other["initiating"]["shift_id"] = json!("a-shift-that-nobody-trades");
        other["receiving"] = json!(null);
        for (id, trade) in [("M-1", value), ("M-2", other)] {
            let wish = stage.creation_called("shift-trade", "migration", id, trade);
            stage.at(1.0).submits("migration", wish);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("one trade was made, that of the other shift", {
                end.ours().filter(|entry| entry.from_version.is_none()).count() == 1 && end.count(State::Landed) == 1
            }),
            demand("the other wish is merged with the one that is there", {
                end.count(State::Satisfied) + end.count(State::Review) == 1
            }),
        ]
    },
    apart: &[],
};

/// How many shifts are changed in X47.
const CHANGED: usize = 4;

const X47: Incident = Incident {
    id: "X47",
    title: "Withdrawn between the requests of one write",
    happens: "Four shifts are made longer through the vendor's upload, which takes three requests each. Each time the source thinks better \
              of it, after 50 ms the first time and 60 ms later each time.",
    a_loop: "goes on with the upload, and the shift is longer although that was withdrawn.",
    answer: "looks once more before the request that counts. What was withdrawn by then is not written, and its upload is left alone; what \
             had left by then lands, and says so.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.agents = CHANGED;
            scenario.world.weeks = 1;
        })
        .source("roster");
        stage.api = Api::GenesysCloud;
        for (place, agent) in stage.agents(CHANGED).iter().enumerate() {
            let shift = stage.shift(agent, 0);
            let (at, later) = (1.0 + 60.0 * place as f64, 0.05 + 0.06 * place as f64);
            stage.at(at).verb("roster", agent, "extend-shift", json!({"shift_id": shift, "minutes": 15}));
            stage.at(at + later).withdraws();
        }
        stage
    },
    demands: |end| {
        let written = |name: &str| {
            let landed = end.of_record(name).iter().filter(|record| record.status.state == State::Landed).count();
            end.ours_of(name) == landed
        };
        vec![
            demand("each landed or was withdrawn", end.count(State::Landed) + end.count(State::Cancelled) == CHANGED),
            demand("the first ones were withdrawn in time", end.count(State::Cancelled) >= 2),
            demand("what was withdrawn changed nothing", (1..=CHANGED).all(|at| written(&format!("agent-{at}")))),
        ]
    },
    apart: &[],
};
