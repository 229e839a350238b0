//! I06 to I19: publishing, and what refuses a batch as a whole.

use super::stage::{Stage, TUESDAY, constraint, patched};
use super::{End, Incident, demand};
use crate::script::{CrashPoint, Spoken};
use ifmatch_core::{IntentRecord, State};
use ifmatch_sandbox::RefusedAgent;
use serde_json::json;

pub(super) const ALL: &[Incident] = &[I06, I07, I08, I09, I10, I11, I13, I14, I16, I17, I18, I19];

const I06: Incident = Incident {
    id: "I06",
    title: "Publish collides with time off",
    happens: "A roster gives 64 agents another first shift, in one write. One of them has new time off that the sender does not know: \
              the whole write is refused, and the refusal names nobody.",
    a_loop: "sends the same roster again, and 63 agents have no schedule on Monday.",
    answer: "halves the write until the one at fault is alone, lands the others, and shows the one to a person with what it was to \
             become.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 64).source("python");
        let agents = stage.agents(64);
        stage.refuses(constraint(&agents[40].path, 409, "SCHEDULE_OVERLAP", "The shift overlaps approved time off"));
        for agent in &agents {
            let record = stage.record(agent);
            let before = json!({"availability": record["availability"], "shifts": record["shifts"]});
            // A change of both goes as a write of the whole, which is taken or refused as one.
            let mut mine = before.clone();
            mine["availability"]["until"] = json!("2026-10-31T00:00:00Z");
            mine["shifts"][0]["length_minutes"] = json!(360);
            mine["shifts"][0]["activities"] = json!([]);
            stage.at(1.0).says("python", agent, before, mine);
        }
        stage
    },
    demands: |end| {
        let free = (1..=64).filter(|n| *n != 41).flat_map(|n| end.of_record(&format!("agent-{n}"))).collect::<Vec<_>>();
        let caught = end.of_record("agent-41");
        let whole = end.options().refused_agent == RefusedAgent::RefusesWhole;
        vec![
            demand("63 landed, each by one write", {
                end.count(State::Landed) == 63
                    && (1..=64).filter(|n| *n != 41).all(|n| end.ours_of(&format!("agent-{n}")) == 1)
            }),
            demand("the one is in review, with what its sender wants", {
                let shown = |record: &IntentRecord| end.is_bare() || !record.status.edits.is_empty();
                caught.iter().all(|record| record.status.state == State::Review && shown(record))
            }),
            demand("both records are shown: what the sender wants, and what the target holds", {
                let sides = |note: &ifmatch_core::ConflictNote| note.local.is_some() && note.remote.is_some();
                caught.len() == 1 && caught.iter().all(|record| record.status.conflict.iter().any(sides))
            }),
            demand("the others within ten seconds", end.last_settled(&free).is_some_and(|at| at < 11.0)),
            demand("the whole was refused and halved", !whole || end.decided("queued/bisect") > 0),
            demand("found with at most 2·log₂ 64 extra writes, and one more look", {
                // A refusal without words may as well be a lock, which is waited for.
                end.is_bare() || end.sent("PATCH", "/schedules") <= 1 + 2 * 6 + 1
            }),
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
    answer: "looks before each probe of the first minute, and writes once, after the exchange, onto what it left.",
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
                // Or after reads show it, whichever is later.
                end.last_settled(&all).is_some_and(|at| at < 1.1 + end.exchange() + end.lag() + 25.0)
            }),
            demand("with at most fourteen writes in all, the approval counted", {
                let writes = end.sent("PATCH", "/schedules") + end.sent("POST", "/schedules") + end.trades_written();
                writes <= if end.lag() > 0.0 { 20 } else { 14 }
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
              refused as a version mismatch until, five minutes later, a supervisor cancels the trade. The change of one of the two is \
              worth nothing after four minutes.",
    a_loop: "sets the version to null, or approves the trade to get past the check.",
    answer: "ships the six, holds the two with their present shifts, and lands them when the trade is settled. It never touches \
             the trade. What is still held at its deadline ends expired, and somebody is told.",
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
        let side = stage.record(&open)["initiating"]["agent_id"].as_str().unwrap_or_default().to_owned();
        for agent in &agents {
            let mut wish = patched(agent, json!({"availability": {"status": "training"}}));
            wish.deadline = "2026-10-20T08:04:00Z".parse().ok().filter(|_| agent.id.ends_with(&side));
            stage.at(1.0).submits("python", wish);
        }
        stage.at(300.0).edits("Julie Perrin", &open, json!({"status": "cancelled"}));
        stage
    },
    demands: |end| {
        let mut times: Vec<f64> = end.intents().iter().filter_map(|record| end.settled(record)).collect();
        times.sort_by(f64::total_cmp);
        vec![
            demand("seven landed", end.count(State::Landed) == 7),
            demand("the six that are free within a minute and a half", times.get(5).is_some_and(|at| *at < 90.0)),
            demand(
                "the one that could wait at most 45 s after the trade was settled, or as long again without a word why",
                {
                    let most = if end.intents().iter().all(End::had_words) { 345.0 } else { 600.0 };
                    times.len() == 8 && (300.0..most).contains(&times[7])
                },
            ),
            demand("the other ended at its deadline, and somebody is told, once", {
                end.count(State::Expired) == 1 && (240.0..245.0).contains(&times[6]) && end.alarms("expired") == 1
            }),
            demand("nobody but the supervisor touched the trade", end.trades_written() == 0),
        ]
    },
    apart: &[],
};

const I11: Incident = Incident {
    id: "I11",
    title: "Concurrent swap requests block publish",
    happens: "Fifty agents, five swap requests that nobody has decided. The publish is refused as a conflict, with their numbers, as \
              long as one is pending: supervisors settle them one by one, the last after three quarters of an hour.",
    a_loop: "backs off and tries for ever, and nobody learns what it waits for.",
    answer: "says that the publish is blocked by these requests, probes slowly, lands everything else meanwhile, and publishes once \
             when the last one is settled.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.agents = 50;
            scenario.world.weeks = 1;
            scenario.world.trades = 10;
        })
        .source("roster");
        let week = stage.week();
        let open = stage.trades_in("pending");
        let names: Vec<&str> = open.iter().map(|trade| trade.id.as_str()).collect();
        let text = format!("Conflicting shift requests: pending trades {}", names.join(", "));
        let mut rule = constraint(&format!("{}/publish", week.path), 409, "CONFLICT", &text);
        rule.while_trade = Some("pending".to_owned());
        stage.refuses(rule);
        stage.at(1.0).publishes("roster", &week);
        let agent = stage.agent(7);
        stage.at(600.0).wishes("roster", &agent, json!({"availability": {"status": "training"}}), Spoken::Blind);
        for (number, trade) in open.iter().enumerate() {
            let at = 2_700.0 - 300.0 * number as f64;
            stage.at(at).edits("Julie Perrin", trade, json!({"status": "cancelled"}));
        }
        stage
    },
    demands: |end| {
        let blocked = end.trades_in_text("Conflicting shift requests");
        vec![
            demand("the publish landed, by one run", {
                end.of_record("week-1").iter().all(|record| record.status.state == State::Landed)
                    && end.answered(202) == 1
            }),
            demand("at most 45 s after the last request was settled", {
                let publish = end.of_record("week-1");
                let done = end.last_settled(&publish);
                done.is_some_and(|at| (2_700.0..2_745.0 + 1.1 * end.run()).contains(&at))
            }),
            demand("meanwhile it says by which requests it is blocked", {
                end.stood_at("week-1", 1_000.0, "parked", "Conflicting shift requests") && blocked == 5
            }),
            // A probe with a token that has expired is sent again.
            demand("probed at most 165 times in 45 minutes", end.sent("POST", "/publish") <= 165),
            demand("other changes of the week land meanwhile", {
                end.last_settled(&end.of_record("agent-8")).is_some_and(|at| at < 610.0)
            }),
            demand("nobody but the supervisors touched the requests", end.trades_written() == 0),
        ]
    },
    // A start that is refused without words says nothing of a request: a person is asked after three.
    apart: &["envelopes=E9"],
};

const I13: Incident = Incident {
    id: "I13",
    title: "Batches above 50 fail in ServiceNow",
    happens: "Two jobs change 120 agents of one week in the same second, and once more a minute later. The target refuses every write \
              of more than fifty records, as if it were stale; nothing documents that.",
    a_loop: "sends them in parts of its own choice at once, and the parts refuse each other; 20 in a request and half a second \
             between them is a number that held once.",
    answer: "sends what is ready in one write after another, never two for one agent, and halves what is refused until it fits.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 120).source("servicenow").source("zendesk");
        let mut limit = constraint("/api/v2/wfm/schedules/", 409, "conflict", "Version mismatch: timestamp collision");
        limit.records_min = 51;
        stage.refuses(limit);
        for (number, agent) in stage.agents(120).iter().enumerate() {
            let source = if number % 2 == 0 { "servicenow" } else { "zendesk" };
            for (at, status) in [(1.0, "training"), (60.0, "unavailable")] {
                stage.at(at).wishes(source, agent, json!({"availability": {"status": status}}), Spoken::Blind);
            }
        }
        stage
    },
    demands: |end| {
        let rounds = |from: f64| {
            let round = |at: &f64| (from..from + 59.0).contains(at);
            end.intents().iter().filter_map(|record| end.settled(record)).filter(round).count()
        };
        vec![
            demand("all 240 landed", end.count(State::Landed) == 240),
            demand("each by one write", (1..=120).all(|n| end.ours_of(&format!("agent-{n}")) == 2)),
            demand(
                "each round within ten seconds",
                rounds(1.0) == 120 && {
                    let all: Vec<_> = end.intents().iter().collect();
                    end.last_settled(&all).is_some_and(|at| at < 70.0)
                },
            ),
            demand("at most twelve writes a round", end.sent("PATCH", "/schedules") <= 24),
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
            demand("it waits for a person, who reads which rule", {
                end.intents().iter().all(|record| {
                    let reason = record.status.reason.as_deref().unwrap_or_default();
                    record.status.state == State::Review
                        && (end.is_bare() || reason.contains("Break rule: no more than 6"))
                })
            }),
            demand("that is raised once, not at each try", end.asked() == 1),
            demand("at most three tries, however bare the refusal", end.sent("POST", "/publish") <= 3),
        ]
    },
    apart: &[],
};

const I16: Incident = Incident {
    id: "I16",
    title: "Overnight swap refused at publish",
    happens: "A shift that crosses midnight in Chicago is moved by four hours. A job that runs in UTC asks for a swap of the night in \
              which the clocks go back: once in local times with their zone, once in local times alone, once with an end before its \
              start.",
    a_loop: "turns every time into UTC, or adds its own server's offset, and the target refuses the bounds.",
    answer: "keeps instants and moves them by elapsed minutes; a local time goes by the zone beside it, with the offset of that very \
             date; one without a zone, and an end before its start, are refused at the door with what to add.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.time_zone = "America/Chicago".to_owned();
        })
        .source("planner")
        .source("terraform");
        let agents = stage.agents(2);
        let shift = stage.shift(&agents[0], 1);
        let night = json!({"id": shift, "start": "2026-10-27T18:00:00-05:00", "length_minutes": 480, "activities": []});
        stage.at(0.5).edits("Rosa Delgado", &agents[0], json!({"shifts": [night]}));
        stage.at(1.0).verb("planner", &agents[0], "move-shift", json!({"shift_id": shift, "minutes": 240}));
        let side = |stage: &Stage, agent: usize, start: &str, end: &str| {
            let id = stage.record(&agents[agent])["agent_id"].clone();
            json!({"agent_id": id, "shift_id": stage.shift(&agents[agent], 4), "start": start, "end": end})
        };
        let day = ("2026-10-30T22:00:00-05:00", "2026-10-31T06:00:00-05:00");
        let asked = [
            ("SWP-1", Some("America/Chicago"), "2026-10-31T22:00:00", "2026-11-01T06:00:00"),
            ("SWP-2", None, "2026-10-31T22:00:00", "2026-11-01T06:00:00"),
            ("SWP-3", Some("America/Chicago"), "2026-10-31T22:00:00", "2026-10-31T06:00:00"),
        ];
        for (swap, zone, start, end) in asked {
            let trade = json!({
                "swap_request_id": swap, "status": "pending", "time_zone": zone,
                "initiating": side(&stage, 0, start, end), "receiving": side(&stage, 1, day.0, day.1),
            });
            let made = stage.creation("shift-trade", json!({"swap_request_id": swap}), trade);
            stage.at(2.0).submits("terraform", made);
        }
        stage
    },
    demands: |end| {
        let at = |text: &str| text.parse::<ifmatch_core::Timestamp>().ok();
        let shift = end.shift("shift-1.2");
        let start = shift["start"].as_str().and_then(at);
        let made = end.trades_called("SWP-1");
        let bound = |name: &str| made.first().and_then(|trade| trade["initiating"][name].as_str()).and_then(at);
        vec![
            demand("both that can be meant landed", end.count(State::Landed) == 2 && end.intents().len() == 2),
            demand("the shift is the night from 22:00 to 06:00", {
                start == at("2026-10-28T03:00:00Z") && shift["length_minutes"] == 480
            }),
            demand("the swap has the nine hours of that night: 22:00 -05:00 to 06:00 -06:00", {
                bound("start") == at("2026-11-01T03:00:00Z") && bound("end") == at("2026-11-01T12:00:00Z")
            }),
            demand("a local time without a zone was refused at the door", end.refused_at_door("naive_time") == 1),
            demand("so was an end before its start", end.refused_at_door("invalid_interval") == 1),
            demand("the target refused nothing", end.answered(400) + end.answered(409) + end.answered(422) == 0),
        ]
    },
    apart: &[],
};

const I17: Incident = Incident {
    id: "I17",
    title: "Script rule in a publish body",
    happens: "One record answers 500 to every write, whatever is sent, while the records beside it take theirs. Beside that a change of \
              an agent and a publish of its week come as two steps, and the process ends between them.",
    a_loop: "takes it for an outage, stops everything, or sends it for ever; and begins with the first step again.",
    answer: "keeps the trouble to that record: the others land, and since they do, the one is asked about four times in four \
             minutes, found not to have taken effect, and refused with the field that it writes. Each step is an intent of its own, whose \
             progress outlives the process: none is made twice, and the publish carries the change.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 6;
            scenario.world.weeks = 1;
        })
        .source("byoc");
        let (week, agent) = (stage.week(), stage.agent(0));
        let shift = stage.shift(&agent, 0);
        stage.at(400.0).verb("byoc", &agent, "move-shift", json!({"shift_id": shift, "minutes": 15}));
        stage.at(400.1).crashes(CrashPoint::Now);
        stage.at(410.0).publishes("byoc", &week);
        stage.at(410.0).crashes(CrashPoint::AfterSend);
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
            demand("each step is done, and was made once", {
                let steps = [end.of_record("agent-1"), end.of_record("week-1")].concat();
                // A publish whose answer the process did not live to see was there already when it came back.
                let is_done = |record: &&IntentRecord| matches!(record.status.state, State::Landed | State::Satisfied);
                steps.len() == 2
                    && steps.iter().all(is_done)
                    && end.ours_of("agent-1") == 1
                    && end.record("week-1")["published_revision"] == end.record("week-1")["draft_revision"]
            }),
        ]
    },
    apart: &[],
};

const I18: Incident = Incident {
    id: "I18",
    title: "Publish says OK, adherence stale",
    happens: "A week is published and a score is changed, both with success, and for a minute every read still shows them as they were.",
    a_loop: "takes the read for the truth and writes again, or sleeps for half a minute and hopes.",
    answer: "says of the publish that the target works on it until its revision is seen, starts it once, takes the answer to the \
             write of the score for the proof, and does not go on from an older read.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 1;
            scenario.world.weeks = 1;
            scenario.options.replica_lag_ms = 60_000;
        })
        .source("north")
        .source("south");
        let (score, week) = (stage.score(0), stage.week());
        stage.at(1.0).publishes("north", &week);
        stage.at(1.0).wishes("north", &score, json!({"score": 31}), Spoken::Blind);
        stage.at(5.0).wishes("south", &score, json!({"comments": "second source"}), Spoken::Blind);
        stage
    },
    demands: |end| {
        let (score, publish) = (end.of_record("score-1"), end.of_record("week-1"));
        let revision = end.record("week-1")["published_revision"].as_u64();
        let runs = end.run();
        // Where reads may go back, one of them may be ahead of the others.
        let jumps = end.options().reads_may_go_back;
        let least = if end.options().replica_lag_varies { runs } else { end.lag() + runs };
        vec![
            demand("all three landed", end.count(State::Landed) == 3),
            demand("by one write each, and one run", end.ours_of("score-1") == 2 && end.sent("POST", "/publish") == 1),
            demand("the score is settled by the answer to its write, which names the version", {
                let first = score.first();
                first.and_then(|record| end.settled(record)).is_some_and(|at| at < 10.0)
                    && first
                        .is_some_and(|record| record.status.result.as_ref().is_some_and(|told| told.version.is_some()))
            }),
            demand("until it is seen, the publish is told as accepted and not landed", {
                jumps || end.lag() < 60.0 || end.stood_at("week-1", 55.0, "tracking", "")
            }),
            demand("it landed when its revision was seen, so long after it was out as reads are behind", {
                let seen = publish.iter().all(|record| {
                    record
                        .status
                        .result
                        .as_ref()
                        .is_some_and(|told| told.revision.is_some() && told.revision == revision)
                });
                let at = end.last_settled(&publish);
                seen && at.is_some_and(|at| (least..end.lag() + 65.0 + 1.1 * runs).contains(&at) || jumps)
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
