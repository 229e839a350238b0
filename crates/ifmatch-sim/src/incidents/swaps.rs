//! I22 to I30: shift trades and swaps.

use super::stage::{Prop, Stage, TUESDAY, constraint, patched};
use super::{End, Incident, demand};
use crate::script::Spoken;
use ifmatch_core::{Change, Intent, IntentRecord, SignedDuration, State, Timestamp, Verb};
use serde_json::json;

pub(super) const ALL: &[Incident] = &[I22, I23, I24, I25, I27, I28, I29, I30];

const I22: Incident = Incident {
    id: "I22",
    title: "Midnight and week-boundary swaps",
    happens: "A trade of a Friday for a Monday touches two week documents; while it is settled, other changes of its agents arrive for \
              both weeks. Two agents get a longer Friday and a later Monday as one change of two documents. A planner edits both \
              Mondays: another field of the first agent, the very shift of the second.",
    a_loop: "approves with one version and knows nothing of the second document: a conflict without a reason, done by hand.",
    answer: "approves once and goes on in both weeks from what the exchange left. A change of two documents is a pair: each half under \
             the version of its own document, always in the same order, both or neither.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 2;
            scenario.world.trades = 2;
            scenario.options.exchange_ms = 10_000;
        })
        .source("portal");
        let trade = stage.trade_in("matched");
        let friday: Vec<_> = (0..4).map(|place| stage.agent_at(0, place)).collect();
        let monday: Vec<_> = (0..4).map(|place| stage.agent_at(1, place)).collect();
        let side = |stage: &Stage, agent: &Prop, shift: usize| {
            let shift = stage.record(agent)["shifts"][shift].clone();
            let start: Timestamp = shift["start"].as_str().unwrap_or_default().parse().expect("an instant");
            let end = start + SignedDuration::from_mins(shift["length_minutes"].as_i64().unwrap_or(60));
            let id = agent.id.rsplit('/').next().unwrap_or_default();
            json!({"agent_id": id, "shift_id": shift["id"], "start": start.to_string(), "end": end.to_string()})
        };
        let sides = json!({"initiating": side(&stage, &friday[0], 4), "receiving": side(&stage, &monday[1], 0)});
        stage.at(0.2).edits("Rosa Delgado", &trade, sides);
        // Who takes a day has it free.
        for (agent, shift) in [(&friday[1], 4), (&monday[0], 0)] {
            let gone = json!({"shifts": [{"id": stage.shift(agent, shift), "deleted": true}]});
            stage.at(0.1).edits("Rosa Delgado", agent, gone);
        }
        stage.at(1.0).verb("portal", &trade, "approve", json!({}));
        for agent in [&friday[0], &friday[1], &monday[0], &monday[1]] {
            let shift = stage.shift(agent, 2);
            stage.at(2.0).verb("portal", agent, "extend-shift", json!({"shift_id": shift, "minutes": 30}));
        }
        for (place, name) in [(2, "merges"), (3, "collides")] {
            let half = |stage: &Stage, agent: &Prop, shift: usize, minutes: i64| {
                let before = stage.record(agent)["shifts"].clone();
                let mut mine = before.clone();
                mine[shift]["length_minutes"] = json!(minutes);
                mine[shift]["activities"] = json!([]);
                (json!({"shifts": before}), json!({"shifts": mine}))
            };
            let (late, early) = (half(&stage, &friday[place], 4, 600), half(&stage, &monday[place], 0, 300));
            let halves = [(&friday[place], late.0, late.1), (&monday[place], early.0, early.1)];
            stage.at(5.0).pairs("portal", name, halves);
        }
        stage.at(4.0).edits("Rosa Delgado", &monday[2], json!({"availability": {"status": "training"}}));
        let other = json!({"id": stage.shift(&monday[3], 0), "length_minutes": 240, "activities": []});
        stage.at(4.0).edits("Rosa Delgado", &monday[3], json!({"shifts": [other]}));
        stage
    },
    demands: |end| {
        let length = |shift: &str| end.shift(shift)["length_minutes"].as_i64().unwrap_or(0);
        let written = |week: &str, agent: &str| {
            let path = format!("{}/agents/{}", end.id(week), end.id(agent));
            end.ours().position(|entry| entry.path.ends_with(&path))
        };
        let halves = [written("week-1", "agent-3"), written("week-2", "agent-3")];
        vec![
            demand("the two shifts changed hands, across the weeks", {
                end.has("agent-2", "shift-1.5") && end.has("agent-1", "next-2.1")
            }),
            demand("the approval was written once", end.trades_written() == 1),
            demand("the four changes beside it landed, each by one write", {
                let four = ["agent-1", "agent-2"];
                four.iter().flat_map(|name| end.of_record(name)).all(|record| record.status.state == State::Landed)
                    && four.iter().all(|name| end.ours_of(name) == 2)
            }),
            demand("both halves of the pair that merges stand, and the planner's word beside them", {
                length("shift-3.5") == 600
                    && length("next-3.1") == 300
                    && end.agent_in("week-2", "agent-3")["availability"]["status"] == "training"
            }),
            demand("in the order of their documents, each under a version", {
                let in_order = (end.id("week-1") < end.id("week-2")) == (halves[0] < halves[1]);
                in_order && halves.iter().all(Option::is_some) && end.ours().all(|entry| entry.from_version.is_some())
            }),
            demand("of the pair that collides neither half is written: one waits for a person, the other names it", {
                let pair = end.of_record("agent-4");
                let asked = pair.iter().find(|record| record.status.state == State::Review);
                let held = pair.iter().find(|record| record.status.state != State::Review);
                let names =
                    |id: &str| held.is_some_and(|held| held.status.reason.as_deref().unwrap_or_default().contains(id));
                length("shift-4.5") != 600
                    && length("next-4.1") == 240
                    && asked.is_some_and(|asked| !asked.status.conflict.is_empty() && names(&asked.id.to_string()))
            }),
            demand("everything else is settled at most 25 s after the exchange", {
                let all: Vec<_> = (1..=3).flat_map(|n| end.of_record(&format!("agent-{n}"))).collect();
                let seen = 1.1 + end.exchange() + end.lag();
                all.len() == 6 && end.last_settled(&all).is_some_and(|at| at < seen + 25.0)
            }),
        ]
    },
    apart: &[],
};

const I23: Incident = Incident {
    id: "I23",
    title: "\"Locked\" while DRAFT and unlocked",
    happens: "Writes to one agent of a skill group are refused as locked for editing, although nobody edits: it is a staffing floor. \
              The agents beside it are written as ever, and a planner moves the very agent twice meanwhile.",
    a_loop: "waits for a lock that is none, for ever.",
    answer: "waits as for a lock, with one probe, while the others land; what changes twice is not locked, so a person is asked \
             about a rule, with the target's words, after minutes and not after the whole budget for locks.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("portal");
        let agents = stage.agents(4);
        let mut floor = constraint(&agents[1].path, 409, "CONFLICT", "The schedule is locked for editing");
        floor.body = Some("training".to_owned());
        stage.refuses(floor);
        for agent in &agents {
            let set = json!({"availability": {"status": "training"}});
            stage.at(1.0).wishes("portal", agent, set, Spoken::Blind);
        }
        let until = |day: u32| json!({"availability": {"until": format!("2026-11-0{day}T00:00:00Z")}});
        stage.at(50.0).edits("Rosa Delgado", &agents[1], until(1));
        stage.at(130.0).edits("Rosa Delgado", &agents[1], until(2));
        stage
    },
    demands: |end| {
        let others: Vec<_> = [1, 3, 4].iter().flat_map(|n| end.of_record(&format!("agent-{n}"))).collect();
        vec![
            demand("the others landed within 25 s", end.last_settled(&others).is_some_and(|at| at < 25.0)),
            demand("the one waits for a person: as a rule where the target says lock, else as unexplained", {
                end.of_record("agent-2").iter().all(|record| match End::had_words(record) {
                    true => {
                        let reason = record.status.reason.as_deref().unwrap_or_default();
                        record.status.code.as_deref() == Some("review/rule") && reason.contains("locked for editing")
                    }
                    false => record.status.code.as_deref() == Some("review/unclassified"),
                })
            }),
            demand("who sees the three sides", {
                end.of_record("agent-2").iter().all(|record| {
                    let sides = &record.status.conflict;
                    !sides.is_empty() && sides.iter().all(|note| note.local.is_some() && note.remote.is_some())
                })
            }),
            demand("after at most 20 writes, or 30 where no word says why", {
                let most = |record: &IntentRecord| if End::had_words(record) { 20 } else { 30 };
                end.of_record("agent-2").iter().all(|record| record.status.attempts <= most(record))
            }),
            demand("within five minutes, where the target says lock", {
                let told = |record: &&&IntentRecord| End::had_words(record);
                end.of_record("agent-2").iter().filter(told).all(|record| end.since(record) < 300.0)
            }),
        ]
    },
    apart: &[],
};

const I24: Incident = Incident {
    id: "I24",
    title: "Training block added in the UI after publish",
    happens: "After the publish a planner puts a training block into a shift. A swap of that shift arrives that was made from the \
              week as it was before.",
    a_loop: "forces a recalculation, or sends the shift as it knew it: the training is gone.",
    answer: "keeps the block: the shift that both changed goes to a person, with both sides.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("portal");
        let agent = stage.agent(0);
        let before = stage.record(&agent)["shifts"].clone();
        let mut block = before[0].clone();
        block["activities"] =
            json!([{"start": block["start"], "length_minutes": block["length_minutes"], "code": "training"}]);
        stage.at(2.0).edits("Rosa Delgado", &agent, json!({"shifts": [block]}));
        let mut mine = before.clone();
        mine[0]["activities"] =
            json!([{"start": before[0]["start"], "length_minutes": before[0]["length_minutes"], "code": "meeting"}]);
        stage.at(5.0).says("portal", &agent, json!({"shifts": before}), json!({"shifts": mine}));
        stage
    },
    demands: |end| {
        vec![
            demand("the training block stands", end.shift("shift-1.1")["activities"][0]["code"] == "training"),
            demand("a person sees both sides, and by whom the block is", {
                let both = |note: &ifmatch_core::ConflictNote| {
                    let by = note.remote_writer.as_deref();
                    note.local.is_some() && note.remote.is_some() && by.is_none_or(|by| by == "Rosa Delgado")
                };
                end.intents().iter().all(|record| {
                    record.status.code.as_deref() == Some("review/true_conflict")
                        && !record.status.conflict.is_empty()
                        && record.status.conflict.iter().all(both)
                })
            }),
            demand("the portal reads that the target holds something else, and nothing was written", {
                end.intents().iter().all(|record| {
                    record.status.reason.as_deref().is_some_and(|reason| reason.contains("changed /shifts/"))
                }) && end.ours().count() == 0
            }),
        ]
    },
    apart: &[],
};

const I25: Incident = Incident {
    id: "I25",
    title: "Bulk swaps, 15 % conflicts",
    happens: "Forty agents of one week get swaps in the same seconds, from two senders. A planner edits six of them between read and \
              write, and one breaks a hidden constraint, which is told with the status of a conflict.",
    a_loop: "fights over the version of the whole document inside its own batch; smaller batches and longer pauses only spread it.",
    answer: "groups them by schedule and sends one write after another. Those that the planner changed are merged and sent again, the \
             others are not; the one that can never land is told by its words, not tried by time.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 40).source("portal").source("zendesk");
        let agents = stage.agents(40);
        stage.refuses(constraint(&agents[17].path, 409, "invalid_request", "Rule: maximum consecutive days"));
        for (number, agent) in agents.iter().enumerate() {
            let source = if number % 2 == 0 { "portal" } else { "zendesk" };
            let args = json!({"shift_id": stage.shift(agent, 2), "minutes": 30});
            stage.at(1.0 + 0.0001 * number as f64).verb(source, agent, "move-shift", args);
        }
        // After the first read, before the write that follows it.
        for place in [3, 9, 15, 21, 27, 33] {
            stage.at(1.05).edits("Rosa Delgado", &agents[place], json!({"availability": {"status": "training"}}));
        }
        stage
    },
    demands: |end| {
        let edited = [4, 10, 16, 22, 28, 34];
        let training = |n: usize| end.agent(&format!("agent-{n}"))["availability"]["status"] == "training";
        vec![
            demand("39 landed, each by one write", {
                end.count(State::Landed) == 39
                    && (1..=40).filter(|n| *n != 18).all(|n| end.ours_of(&format!("agent-{n}")) == 1)
            }),
            demand("the planner's six edits stand beside them", edited.iter().all(|n| training(*n))),
            demand("writes did meet them: merged again", end.decided("queued/stale") > 0),
            demand("the one waits for a person, after at most two writes", {
                end.of_record("agent-18")
                    .iter()
                    .all(|record| record.status.state == State::Review && record.status.attempts <= 4)
            }),
            demand("at most 20 requests for 40 changes", end.requests() <= 20),
        ]
    },
    apart: &[],
};

const I27: Incident = Incident {
    id: "I27",
    title: "Check in one service, act in another",
    happens: "A flow reads an agent's availability and writes 200 ms later. In between a supervisor has changed the agent.",
    a_loop: "checks again and writes, and is as late as before; a longer pause widens the gap as often as it closes it.",
    answer: "takes the conditional write for the check: the refused one is merged, and nothing of the supervisor is lost.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 1).source("architect");
        let score = stage.score(0);
        stage.at(1.0).wishes("architect", &score, json!({"score": 40}), Spoken::Blind);
        // Between the read at 1.03 s and the write at 1.07 s.
        stage.at(1.05).edits("Anna Vogel", &score, json!({"comments": "in between"}));
        stage
    },
    demands: |end| {
        let record = end.record("score-1");
        vec![
            demand("both stand", record["score"] == 40 && record["comments"] == "in between"),
            demand("within 5 s", end.intents().iter().all(|record| end.settled(record).is_some_and(|at| at < 6.0))),
        ]
    },
    apart: &["replica_lag_ms"],
};

const I28: Incident = Incident {
    id: "I28",
    title: "Hard rule or soft preference?",
    happens: "A change is refused with \"operation failed\" and nothing else.",
    a_loop: "adds an If-Match, sends it again, and opens a ticket for each refusal.",
    answer: "does not guess: one probe, one more try, then an alarm that the dialect does not know these words and a person who \
             decides, with the three sides. Without any words it may be a lock: a dozen tries at growing pauses, then the same.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 2).source("portal");
        let scores = [stage.score(0), stage.score(1)];
        stage.refuses(constraint(&scores[0].path, 409, "conflict", "Operation failed"));
        for score in &scores {
            stage.at(1.0).wishes("portal", score, json!({"score": 44}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let odd = end.of_record("score-1");
        vec![
            demand("the other landed", end.count(State::Landed) == 1),
            demand("the one waits for a person with the target's words", {
                odd.iter().all(|record| {
                    record.status.code.as_deref() == Some("review/unclassified")
                        && End::tells(record, "Operation failed")
                })
            }),
            demand("who sees the three sides", odd.iter().all(|record| record.status.conflict.len() == 1)),
            demand(
                "after at most two writes, or a dozen where nothing says that it is no lock",
                odd.iter().all(|record| record.status.attempts <= End::writes_max(record)),
            ),
            demand("the dialect raised one alarm", end.alarms("unclassified") == 1),
        ]
    },
    apart: &[],
};

const I29: Incident = Incident {
    id: "I29",
    title: "Active adherence session",
    happens: "Two approvals are refused as a conflict for as long as an agent has an adherence session, five minutes, although the \
              shifts are in the future. One trade expires after two minutes.",
    a_loop: "polls at a fixed pace from every approval at once, and approves what has expired.",
    answer: "waits with one probe for each and approves when the session is over; the one that expires before ends with its trade, \
             and somebody is told.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.agents = 8;
            scenario.world.weeks = 1;
            scenario.world.trades = 4;
        })
        .source("poller");
        let expiry = "2026-10-20T08:02:00Z";
        for (number, trade) in stage.trades_in("matched").iter().take(2).enumerate() {
            let mut session = constraint(&trade.path, 409, "Conflict", "The agent has an active adherence session");
            (session.from_ms, session.until_ms) = (500, Some(300_000));
            stage.refuses(session);
            let change = Change::Verb(Verb { name: "approve".to_owned(), args: json!({}) });
            let approval = Intent { change, ..patched(trade, json!({})) };
            if number == 1 {
                stage.at(0.2).edits("Julie Perrin", trade, json!({ "expires_at": expiry }));
            }
            stage.at(1.0).submits("poller", approval);
        }
        stage
    },
    demands: |end| {
        let landed = end.intents().iter().filter(|record| record.status.state == State::Landed).collect::<Vec<_>>();
        vec![
            demand(
                "one approval landed, at most 45 s after the session, or as long again where no word says that it is one",
                {
                    let most = if landed.iter().all(|record| End::had_words(record)) { 345.0 } else { 600.0 };
                    landed.len() == 1 && end.last_settled(&landed).is_some_and(|at| (300.0..most).contains(&at))
                },
            ),
            demand("by one write that was taken", end.trades_written() == 1),
            demand("the other ended when its trade did, and somebody is told, once", {
                let expired = end.intents().iter().filter(|record| record.status.state == State::Expired);
                let expired: Vec<_> = expired.collect();
                expired.len() == 1
                    && end.last_settled(&expired).is_some_and(|at| (120.0..125.0).contains(&at))
                    && end.alarms("expired") == 1
            }),
            demand("it says what it waited for meanwhile", {
                end.is_bare()
                    || (1..=4).any(|n| end.stood_at(&format!("trade-{n}"), 60.0, "parked", "active adherence session"))
            }),
        ]
    },
    apart: &[],
};

const I30: Incident = Incident {
    id: "I30",
    title: "Skill evaluated now, not then",
    happens: "A swap is refused with a validation error because the agent lacks a skill at its start; the profile that grants it \
              has not been copied yet.",
    a_loop: "tries every five seconds until it is switched off.",
    answer: "does not reject what may be true in a minute, and repeats nothing by time: a person reads the target's words, and goes \
             on when the profile is there.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
        })
        .source("portal");
        let trade = stage.trade_in("matched");
        stage.refuses(constraint(
            &trade.path,
            400,
            "VALIDATION_ERROR",
            "The receiving agent lacks the skill at the start",
        ));
        stage.at(1.0).verb("portal", &trade, "approve", json!({}));
        stage
    },
    demands: |end| {
        vec![demand("it waits for a person with the target's words, after at most two writes", {
            end.intents().iter().all(|record| {
                let status = &record.status;
                status.state == State::Review && status.attempts <= 2 && End::tells(record, "lacks the skill")
            })
        })]
    },
    apart: &[],
};
