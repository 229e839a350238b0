//! I06 to I19: publishing, and what refuses a batch as a whole.

use super::stage::{Stage, TUESDAY, constraint};
use super::{End, Incident, demand};
use crate::script::Spoken;
use ifmatch_core::State;
use serde_json::json;

pub(super) const ALL: &[Incident] = &[I06, I07, I08, I09, I10, I11, I13, I14, I16, I17, I18, I19];

const I06: Incident = Incident {
    id: "I06",
    title: "Publish collides with time off",
    happens: "Sixteen shifts are moved in one write. One agent has new time off that the sender does not know: the whole write is \
              refused, and the refusal names nobody.",
    a_loop: "sends the same sixteen again, and fifteen agents have no schedule on Monday.",
    answer: "halves the write until the one at fault is alone, lands the fifteen, and shows the one to a person.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 16).source("python");
        let agents = stage.agents(16);
        stage.refuses(constraint(&agents[10].path, 409, "SCHEDULE_OVERLAP", "The shift overlaps approved time off"));
        for agent in &agents {
            let args = json!({"shift_id": stage.shift(agent, 0), "minutes": 15});
            stage.at(1.0).verb("python", agent, "move-shift", args);
        }
        stage
    },
    demands: |end| {
        let fifteen: Vec<_> =
            (1..=16).filter(|n| *n != 11).flat_map(|n| end.of_record(&format!("agent-{n}"))).collect();
        vec![
            demand("fifteen landed", end.count(State::Landed) == 15),
            demand("the one is in review", {
                end.of_record("agent-11").iter().all(|record| record.status.state == State::Review)
            }),
            demand("the fifteen within a minute", end.last_settled(&fifteen).is_some_and(|at| at < 60.0)),
            demand(
                "found with at most 2·log₂ 16 extra writes, and one more look",
                end.sent("POST", "/schedules") <= 11,
            ),
        ]
    },
    apart: &[],
};

const I07: Incident = Incident {
    id: "I07",
    title: "SCHEDULE_OVERLAP at peak",
    happens: "A record is created, the answer is lost, and the sender sends it again under the same key. In the same roster one \
              shift is moved onto another of the same agent.",
    a_loop: "creates a ghost with each retry and then trips over its own ghosts; the real overlap drowns among them.",
    answer: "looks for what its own lost write may have made before it makes anything, so there is one record; the real overlap \
             is a breach of meaning and goes to a person before it is sent.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("roster");
        let agents = stage.agents(2);
        let (mine, other) = (stage.record(&agents[0]), stage.record(&agents[1]));
        let side = |agent: &serde_json::Value| {
            let shift = &agent["shifts"][2];
            let start: ifmatch_core::Timestamp =
                shift["start"].as_str().unwrap_or_default().parse().expect("an instant");
            let end = start + ifmatch_core::SignedDuration::from_mins(shift["length_minutes"].as_i64().unwrap_or(60));
            json!({"agent_id": agent["agent_id"], "shift_id": shift["id"], "start": start.to_string(), "end": end.to_string()})
        };
        let trade = json!({
            "swap_request_id": "SWP-7", "status": "pending", "initiating": side(&mine), "receiving": side(&other),
            "time_zone": "Europe/Paris", "notes": "peak week",
        });
        stage.at(0.5).faults(
            json!({"fault": "lost_response", "method": "POST", "path_prefix": "/api/v2/wfm/scheduling/shifts"}),
        );
        for at in [1.0, 20.0] {
            let made = stage.creation("shift-trade", json!({"swap_request_id": "SWP-7"}), trade.clone());
            stage.at(at).submits("roster", made);
        }
        // A day later, to the hour of the next shift.
        let args = json!({"shift_id": stage.shift(&agents[0], 0), "minutes": 24 * 60});
        stage.at(2.0).verb("roster", &agents[0], "move-shift", args);
        stage
    },
    demands: |end| {
        let created = end.ours().filter(|entry| entry.from_version.is_none()).count();
        vec![
            demand("one record was made", created == 1),
            demand("the overlap waits for a person", {
                end.of_record("agent-1").iter().all(|record| record.status.state == State::Review)
            }),
            demand("the overlap was never written", end.ours_of("agent-1") == 0),
        ]
    },
    apart: &[],
};

const I08: Incident = Incident {
    id: "I08",
    title: "Several approved swaps inside the publish window",
    happens: "While a roster is on its way, approved swaps move shifts of the same agents: two on days that the roster leaves \
              alone, one on the very shift that it moves.",
    a_loop: "refreshes the version and sends the roster as it was: the swaps that caused the refusal are undone.",
    answer: "applies its own change on top of the swaps; only the shift that both touched goes to a person.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("roster");
        let agents = stage.agents(3);
        for (place, agent) in agents.iter().enumerate() {
            let day = if place == 2 { 0 } else { 3 };
            let shift = stage.record(agent)["shifts"][day].clone();
            let patch = json!({"shifts": [{"id": shift["id"], "length_minutes": 300, "activities": []}]});
            stage.at(3.0).edits("Rosa Delgado", agent, patch);
        }
        for agent in &agents {
            let before = stage.record(agent)["shifts"].clone();
            let mut mine = before.clone();
            mine[0]["length_minutes"] = json!(360);
            mine[0]["activities"] = json!([]);
            stage.at(5.0).says("roster", agent, json!({"shifts": before}), json!({"shifts": mine}));
        }
        stage
    },
    demands: |end| {
        vec![
            demand("the swaps stand", {
                ["shift-1.4", "shift-2.4", "shift-3.1"].iter().all(|shift| end.shift(shift)["length_minutes"] == 300)
            }),
            demand("the roster's own shifts stand beside them", {
                ["shift-1.1", "shift-2.1"].iter().all(|shift| end.shift(shift)["length_minutes"] == 360)
            }),
            demand("the shift that both changed waits for a person", end.coded("review/true_conflict") == 1),
        ]
    },
    apart: &[],
};

const I09: Incident = Incident {
    id: "I09",
    title: "Lock right after swap approval",
    happens: "A trade is approved, and for twenty seconds the target exchanges the shifts in the background. Changes of both \
              agents arrive in that time and are refused without a name.",
    a_loop: "probes from every worker at once, and writes into the middle of the exchange when one gets through.",
    answer: "waits with one probe for both, and writes once, after the exchange, onto what it left.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 1;
            scenario.options.exchange_ms = 20_000;
            scenario.options.lock_names_agent = false;
        })
        .source("roster");
        let trade = stage.trade(0);
        let agents = stage.agents(4);
        stage.at(1.0).verb("roster", &trade, "approve", json!({}));
        for agent in &agents {
            let set = json!({"availability": {"status": "training"}});
            stage.at(3.0).wishes("roster", agent, set, Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("everything landed", end.count(State::Landed) == 5),
            demand("the trade is approved", end.record("trade-1")["status"] == "approved"),
            demand("at most 25 s after the exchange", {
                let all: Vec<_> = end.intents().iter().collect();
                end.last_settled(&all).is_some_and(|at| at < 70.0)
            }),
            demand("one write for each agent landed", (1..=4).all(|n| end.ours_of(&format!("agent-{n}")) == 1)),
        ]
    },
    apart: &[],
};

const I10: Incident = Incident {
    id: "I10",
    title: "Pending trades reject the batch",
    happens: "Eight agents are changed in one write. Two of them have a trade that nobody has decided yet; the whole write is \
              refused as a version mismatch until, five minutes later, a supervisor cancels the trade.",
    a_loop: "sets the version to null, or approves the trade to get past the check.",
    answer: "ships the six, holds the two with their present shifts, and lands them when the trade is settled. It never touches \
             the trade.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.agents = 8;
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
        })
        .source("python");
        let (open, agents) = (stage.trade_in("pending"), stage.agents(8));
        let mut rule = constraint("/api/v2/wfm/schedules/", 409, "conflict", "Schedule version mismatch");
        rule.while_trade = Some("pending".to_owned());
        stage.refuses(rule);
        for agent in &agents {
            let set = json!({"availability": {"status": "training"}});
            stage.at(1.0).wishes("python", agent, set, Spoken::Blind);
        }
        stage.at(300.0).edits("Julie Perrin", &open, json!({"status": "cancelled"}));
        stage
    },
    demands: |end| {
        let mut times: Vec<f64> = end.intents().iter().filter_map(|record| end.settled(record)).collect();
        times.sort_by(f64::total_cmp);
        vec![
            demand("all eight landed", end.count(State::Landed) == 8),
            demand("the six that are free within a minute and a half", times.get(5).is_some_and(|at| *at < 90.0)),
            demand("the two at most 45 s after the trade was settled, or as long again where no word says why", {
                let most = if end.intents().iter().all(End::had_words) { 345.0 } else { 600.0 };
                times.len() == 8 && times[6..].iter().all(|at| (300.0..most).contains(at))
            }),
            demand("nobody but the supervisor touched the trade", end.trades_written() == 0),
        ]
    },
    apart: &[],
};

const I11: Incident = Incident {
    id: "I11",
    title: "Concurrent swap requests block publish",
    happens: "A publish is refused as a conflict as long as a swap request is pending. It stays pending for three quarters of an hour.",
    a_loop: "backs off and tries for ever, and nobody learns what it waits for.",
    answer: "keeps the publish with the target's words, probes slowly, and publishes once when the request is settled.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
        })
        .source("roster");
        let (week, open) = (stage.week(), stage.trade_in("pending"));
        let mut rule = constraint(
            &format!("{}/publish", week.path),
            409,
            "CONFLICT",
            "Conflicting shift requests: a pending trade blocks it",
        );
        rule.while_trade = Some("pending".to_owned());
        stage.refuses(rule);
        stage.at(1.0).publishes("roster", &week);
        stage.at(2_700.0).edits("Julie Perrin", &open, json!({"status": "cancelled"}));
        stage
    },
    demands: |end| {
        vec![
            demand("the publish landed", end.count(State::Landed) == 1),
            demand("at most 45 s after the request was settled", {
                end.intents()
                    .iter()
                    .all(|record| end.settled(record).is_some_and(|at| (2_700.0..2_745.0).contains(&at)))
            }),
            demand("nobody but the supervisor touched the request", end.trades_written() == 0),
        ]
    },
    // A start that is refused without words says nothing of a request: a person is asked after three.
    apart: &["envelopes=E9"],
};

const I13: Incident = Incident {
    id: "I13",
    title: "Batches above 50 fail in ServiceNow",
    happens: "A job changes 120 agents of one week in the same second.",
    a_loop: "sends them in parts of its own choice at once, and the parts refuse each other; 20 in a request and half a second \
             between them is a number that held once.",
    answer: "sends what is ready in one write after another, never two for one agent, and never meets itself.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 120).source("servicenow");
        for agent in stage.agents(120) {
            let set = json!({"availability": {"status": "training"}});
            stage.at(1.0).wishes("servicenow", &agent, set, Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("all 120 landed", end.count(State::Landed) == 120),
            demand("each by one write", (1..=120).all(|n| end.ours_of(&format!("agent-{n}")) == 1)),
            demand("at most 12 requests", end.requests() <= 12),
        ]
    },
    apart: &[],
};

const I14: Incident = Incident {
    id: "I14",
    title: "Compliance break rules",
    happens: "A publish breaks a rule of compliance. The rule does not change by waiting.",
    a_loop: "tries on a timer; each try opens a case.",
    answer: "looks once more at a fresh state, because a lost race looks the same, then asks a person once, with the target's words.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("roster");
        let week = stage.week();
        let text = "Break rule: no more than 6 consecutive hours without a break";
        stage.refuses(constraint(&format!("{}/publish", week.path), 409, "SCHEDULE_PUBLISH_CONFLICT", text));
        stage.at(1.0).publishes("roster", &week);
        stage
    },
    demands: |end| {
        vec![
            demand("it waits for a person", end.count(State::Review) == 1),
            demand("at most three tries, however bare the refusal", end.sent("POST", "/publish") <= 3),
        ]
    },
    apart: &[],
};

const I16: Incident = Incident {
    id: "I16",
    title: "Overnight swap refused at publish",
    happens: "A shift that crosses midnight in Chicago is moved by four hours; another sender gives times without an offset.",
    a_loop: "turns every time into UTC, or adds its own server's offset, and the target refuses the bounds.",
    answer: "keeps instants and moves them by elapsed minutes; a time without an offset is refused at the door with what to add.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.time_zone = "America/Chicago".to_owned();
        })
        .source("terraform");
        let agent = stage.agent(0);
        // From the morning or noon to late in the evening: it ends after midnight.
        let args = json!({"shift_id": stage.shift(&agent, 1), "minutes": 600});
        stage.at(1.0).verb("terraform", &agent, "move-shift", args);
        stage
    },
    demands: |end| {
        let shift = end.shift("shift-1.2");
        let start = shift["start"].as_str().unwrap_or_default().parse::<ifmatch_core::Timestamp>().ok();
        let minutes = shift["length_minutes"].as_i64().unwrap_or(0);
        vec![
            demand("it landed", end.count(State::Landed) == 1),
            demand("it begins and ends on two local days", {
                start.is_some_and(|start| {
                    let zone = |at: ifmatch_core::Timestamp| at.as_second().div_euclid(86_400);
                    let local = start - ifmatch_core::SignedDuration::from_hours(5);
                    zone(local) != zone(local + ifmatch_core::SignedDuration::from_mins(minutes))
                })
            }),
        ]
    },
    apart: &[],
};

const I17: Incident = Incident {
    id: "I17",
    title: "Script rule in a publish body",
    happens: "One record answers 500 to every write, whatever is sent, while the records beside it take theirs.",
    a_loop: "takes it for an outage, stops everything, or sends it for ever.",
    answer: "keeps the trouble to that record: the others land, and since they do, the one is asked about four times in four \
             minutes, found not to have taken effect, and refused with the field that it writes.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 6).source("byoc");
        let scores: Vec<_> = (0..6).map(|place| stage.score(place)).collect();
        stage.refuses(constraint(&scores[2].path, 500, "internal_error", "Something went wrong"));
        for score in &scores {
            stage.at(1.0).wishes("byoc", score, json!({"score": 37}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let others: Vec<_> = [1, 2, 4, 5, 6].iter().flat_map(|n| end.of_record(&format!("score-{n}"))).collect();
        vec![
            demand("the five others landed within 10 s", {
                others.len() == 5 && end.last_settled(&others).is_some_and(|at| at < 10.0)
            }),
            demand("the one is refused, with the field and the target's words", {
                end.of_record("score-3").iter().all(|record| {
                    let reason = record.status.reason.as_deref().unwrap_or_default();
                    record.status.code.as_deref() == Some("rejected/invalid")
                        && reason.starts_with("/score: ")
                        && ["Something went wrong", "500"].iter().any(|words| reason.contains(words))
                })
            }),
            demand("after four writes", end.sent("PATCH", end.id("score-3")) == 4),
            demand("within five minutes", end.last_settled(&end.of_record("score-3")).is_some_and(|at| at < 300.0)),
        ]
    },
    apart: &[],
};

const I18: Incident = Incident {
    id: "I18",
    title: "Publish says OK, adherence stale",
    happens: "A change is accepted, and for a minute every read still shows the record as it was.",
    a_loop: "takes the read for the truth and writes again, or sleeps for half a minute and hopes.",
    answer: "takes the answer to the write for the proof, writes once, and does not go on from an older read.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 1;
            scenario.options.replica_lag_ms = 60_000;
        })
        .source("north")
        .source("south");
        let score = stage.score(0);
        stage.at(1.0).wishes("north", &score, json!({"score": 31}), Spoken::Blind);
        stage.at(5.0).wishes("south", &score, json!({"comments": "second source"}), Spoken::Blind);
        stage
    },
    demands: |end| {
        vec![
            demand("both landed", end.count(State::Landed) == 2),
            demand("by one write each", end.ours_of("score-1") == 2),
            demand("the first is settled by the answer to its write", {
                end.intents().first().and_then(|record| end.settled(record)).is_some_and(|at| at < 10.0)
            }),
        ]
    },
    apart: &[],
};

const I19: Incident = Incident {
    id: "I19",
    title: "Ten percent rule: one bad swap kills the job",
    happens: "Of ten trades that a job approves, two break a rule.",
    a_loop: "counts refusals that no retry can cure against its budget of failures, and stops the eight that are fine.",
    answer: "lands the eight and shows the two; a refusal by rule uses up nothing of the others.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.agents = 40;
            scenario.world.weeks = 1;
            scenario.world.trades = 20;
        })
        .source("middleware");
        let trades: Vec<_> = (0..20).map(|place| stage.trade(place)).collect();
        let trades: Vec<_> = trades.into_iter().filter(|trade| stage.record(trade)["status"] == "matched").collect();
        for trade in &trades {
            stage.at(1.0).verb("middleware", trade, "approve", json!({}));
        }
        for place in [3, 6] {
            let rule =
                constraint(&trades[place].path, 409, "SCHEDULE_CONFLICT", "Rule: maximum paid minutes of the week");
            stage.refuses(rule);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("eight landed", end.count(State::Landed) == 8),
            demand("two wait for a person", end.count(State::Review) == 2),
            demand("each after at most two writes, or a dozen where nothing says that it is no lock", {
                ["trade-4", "trade-7"]
                    .iter()
                    .flat_map(|name| end.of_record(name))
                    .all(|record| record.status.attempts <= End::writes_max(record).max(3))
            }),
        ]
    },
    apart: &[],
};
