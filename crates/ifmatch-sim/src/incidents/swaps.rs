//! I22 to I30: shift trades and swaps.

use super::stage::{Stage, TUESDAY, constraint};
use super::{End, Incident, demand};
use crate::script::Spoken;
use ifmatch_core::{IntentRecord, State};
use serde_json::json;

pub(super) const ALL: &[Incident] = &[I22, I23, I24, I25, I27, I28, I29, I30];

const I22: Incident = Incident {
    id: "I22",
    title: "Midnight and week-boundary swaps",
    happens: "Trades are approved while a supervisor changes the same agents' week. Each approval changes two agents in one week \
              document, and the shifts of both change hands in the background.",
    a_loop: "approves with one version and knows nothing of the second record: a conflict without a reason, done by hand.",
    answer: "approves once under the trade's version, lets the target exchange the shifts, and goes on from what it left.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
            scenario.options.exchange_ms = 10_000;
        })
        .source("portal");
        let trade = stage.trade_in("matched");
        let agents = stage.agents(4);
        stage.at(1.0).verb("portal", &trade, "approve", json!({}));
        for agent in &agents {
            let shift = stage.shift(agent, 4);
            stage.at(2.0).verb("portal", agent, "extend-shift", json!({"shift_id": shift, "minutes": 30}));
        }
        stage
    },
    demands: |end| {
        vec![
            demand("everything landed", end.count(State::Landed) == 5),
            demand("the approval was written once", end.trades_written() == 1),
            demand("within a minute", {
                let all: Vec<_> = end.intents().iter().collect();
                end.last_settled(&all).is_some_and(|at| at < 75.0)
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
            demand("a person sees both sides", {
                end.intents().iter().all(|record| {
                    record.status.code.as_deref() == Some("review/true_conflict")
                        && record.status.conflict.iter().all(|note| note.local.is_some() && note.remote.is_some())
                })
            }),
        ]
    },
    apart: &[],
};

const I25: Incident = Incident {
    id: "I25",
    title: "Bulk swaps, 15 % conflicts",
    happens: "Forty agents of one week get swaps in the same seconds, from two senders, and one of them breaks a hidden constraint.",
    a_loop: "fights over the version of the whole document inside its own batch; smaller batches and longer pauses only spread it.",
    answer: "groups them by schedule, sends one write after another, and finds the one that can never land.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 40).source("portal").source("zendesk");
        let agents = stage.agents(40);
        stage.refuses(constraint(&agents[17].path, 409, "SCHEDULE_CONFLICT", "Rule: maximum consecutive days"));
        for (number, agent) in agents.iter().enumerate() {
            let source = if number % 2 == 0 { "portal" } else { "zendesk" };
            let args = json!({"shift_id": stage.shift(agent, 2), "minutes": 30});
            stage.at(1.0 + 0.02 * number as f64).verb(source, agent, "move-shift", args);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("39 landed", end.count(State::Landed) == 39),
            demand(
                "the one waits for a person",
                end.of_record("agent-18").iter().all(|r| r.status.state == State::Review),
            ),
            demand("at most 40 requests", end.requests() <= 40),
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
    happens: "An approval is refused as a conflict for as long as an agent has an adherence session, five minutes, although the \
              shift is in the future.",
    a_loop: "polls at a fixed pace from every approval at once.",
    answer: "waits with one probe and approves when the session is over, long before the trade expires.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.weeks = 1;
            scenario.world.trades = 2;
        })
        .source("poller");
        let trade = stage.trade_in("matched");
        let mut session = constraint(&trade.path, 409, "Conflict", "The agent has an active adherence session");
        session.until_ms = Some(300_000);
        stage.refuses(session);
        stage.at(1.0).verb("poller", &trade, "approve", json!({}));
        stage
    },
    demands: |end| {
        vec![
            demand(
                "the approval landed at most 45 s after the session, or as long again where no word says that it is one",
                {
                    end.intents().iter().all(|record| {
                        let most = if End::had_words(record) { 345.0 } else { 600.0 };
                        end.settled(record).is_some_and(|at| (300.0..most).contains(&at))
                    })
                },
            ),
            demand("by one write that was taken", end.trades_written() == 1),
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
    answer: "refuses nothing by guess and repeats nothing by time: the words of the target reach the sender, who may send it again.",
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
        vec![demand("it ends with the target's words, after at most two writes", {
            end.intents().iter().all(|record| {
                let status = &record.status;
                let ends = matches!(status.state, State::Rejected | State::Review);
                ends && status.attempts <= 2 && End::tells(record, "lacks the skill")
            })
        })]
    },
    apart: &[],
};
