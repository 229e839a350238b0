//! I33 to I45: migration, import, and who owns a record.

use super::stage::{Stage, TUESDAY, constraint, patched};
use super::{End, Incident, demand};
use crate::script::{SourceSpec, Spoken};
use ifmatch_core::{Sends, State, Timestamp};
use ifmatch_sandbox::Constraint;
use serde_json::{Value, json};

pub(super) const ALL: &[Incident] = &[I33, I34, I36, I37, I38, I39, I41, I43, I44, I45];

const I33: Incident = Incident {
    id: "I33",
    title: "412 and 409 mixed",
    happens: "An import sets fields while people edit the same records; stale writes are told as 409, as 412 or as 400.",
    a_loop: "knows one of the three and takes the others for errors.",
    answer: "takes all three for what they are, re-reads, merges and writes once more.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 6).source("zendesk");
        let scores: Vec<_> = (0..6).map(|place| stage.score(place)).collect();
        for (number, score) in scores.iter().enumerate() {
            let at = 1.0 + number as f64;
            stage.at(at).wishes("zendesk", score, json!({"score": 38}), Spoken::Blind);
            stage.at(at + 0.05).edits("Anna Vogel", score, json!({"comments": "meanwhile"}));
        }
        stage
    },
    demands: |end| {
        let both = |n: usize| {
            let record = end.record(&format!("score-{n}"));
            record["score"] == 38 && record["comments"] == "meanwhile"
        };
        vec![
            demand("all six landed", end.count(State::Landed) == 6),
            demand("and the people's comments stand beside them", (1..=6).all(both)),
        ]
    },
    apart: &[],
};

const I34: Incident = Incident {
    id: "I34",
    title: "First batch of 50 passes, the rest fail",
    happens: "An import sends four batches for one week, each made from the version before the first. Nobody else edits.",
    a_loop: "is refused by its own first batch.",
    answer: "carries the version forward from each answer and chains the batches.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 40).source("import");
        for (number, agent) in stage.agents(40).iter().enumerate() {
            let at = 1.0 + 5.0 * (number / 10) as f64;
            let set = json!({"availability": {"status": "training"}});
            stage.at(at).wishes("import", agent, set, Spoken::Versioned);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("all forty landed", end.count(State::Landed) == 40),
            demand("each by one write", (1..=40).all(|n| end.ours_of(&format!("agent-{n}")) == 1)),
        ]
    },
    apart: &[],
};

const I36: Incident = Incident {
    id: "I36",
    title: "Duplicate shift_id in bulk import",
    happens: "A payload names one shift twice, and another one puts two shifts of an agent over each other.",
    a_loop: "sends both, gets a 409 with code \"409\", and sends them again.",
    answer: "refuses the first at the door with its field; the second breaks a rule of the record itself and goes to a person without \
             a write.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("appfoundry");
        let agents = stage.agents(2);
        let one = stage.record(&agents[0])["shifts"][0].clone();
        let twice = json!({"shifts": [one.clone(), one]});
        stage.at(1.0).submits("appfoundry", patched(&agents[0], twice));
        let before = stage.record(&agents[1])["shifts"].clone();
        let mut mine = before.clone();
        mine[1]["start"] = before[0]["start"].clone();
        mine[1]["activities"] = json!([]);
        stage.at(2.0).says("appfoundry", &agents[1], json!({"shifts": before}), json!({"shifts": mine}));
        stage
    },
    demands: |end| {
        vec![
            demand("the first was not accepted", end.of_record("agent-1").is_empty()),
            demand(
                "the second waits for a person",
                end.of_record("agent-2").iter().all(|r| r.status.state == State::Review),
            ),
            demand("and says which two shifts overlap", {
                let reasons = end.of_record("agent-2").into_iter().filter_map(|r| r.status.reason.as_deref());
                let names = |reason: &str| ["shift-2.1", "shift-2.2"].iter().all(|name| reason.contains(end.id(name)));
                reasons.into_iter().all(|reason| reason.contains("overlap") && names(reason))
            }),
            demand("nothing was written", end.ours().count() == 0),
        ]
    },
    apart: &[],
};

const I37: Incident = Incident {
    id: "I37",
    title: "Overrides of records made in the UI",
    happens: "A partner app sends its whole state of a record every minute. A reviewer has set the score by hand.",
    a_loop: "matches the tag, which proves freshness and not the right to overwrite.",
    answer: "finds what the app itself changed since it last spoke: nothing. The reviewer's score stands.",
    stage: |seed| {
        let state = SourceSpec { sends: Sends::State, ..SourceSpec::edits("partner") };
        let mut stage = Stage::of_scores(seed, 1).source_of(state);
        let score = stage.score(0);
        stage.at(1.0).reads("partner", &score);
        stage.at(5.0).wishes("partner", &score, json!({"comments": "from the partner"}), Spoken::Whole);
        stage.at(30.0).edits("Anna Vogel", &score, json!({"score": 55}));
        stage.at(60.0).wishes("partner", &score, json!({}), Spoken::Pasted);
        stage.at(120.0).wishes("partner", &score, json!({"comments": "once more"}), Spoken::Pasted);
        stage
    },
    demands: |end| {
        let record = end.record("score-1");
        vec![
            demand("the reviewer's score stands", record["score"] == 55),
            demand("what the app changed stands too", record["comments"] == "once more"),
            demand("nobody was asked", end.count(State::Review) == 0),
        ]
    },
    apart: &[],
};

const I38: Incident = Incident {
    id: "I38",
    title: "Validated clear, refused 200 ms later",
    happens: "Two batches of one app move shifts of the same ten agents in the same second, each checked against its own cache. Of \
              three agents the two moves are clear each by itself and overlap together.",
    a_loop: "collides with itself, and looks for duplicates in the payload.",
    answer: "has one lane for each agent: the second is composed on the first, and what would overlap is seen before it is sent.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 10).source("batch-a").source("batch-b");
        for (place, agent) in stage.agents(10).iter().enumerate() {
            // Ten hours later and ten hours earlier the next day: the night between the two is too short for both.
            let (later, earlier) = if place < 3 { (600, -600) } else { (30, 30) };
            let first = json!({"shift_id": stage.shift(agent, 0), "minutes": later});
            stage.at(1.0).verb("batch-a", agent, "move-shift", first);
            let second = json!({"shift_id": stage.shift(agent, 1), "minutes": earlier});
            stage.at(1.1).verb("batch-b", agent, "move-shift", second);
        }
        stage
    },
    demands: |end| {
        let caught: Vec<_> = (1..=3).flat_map(|n| end.of_record(&format!("agent-{n}"))).collect();
        let second = |record: &&ifmatch_core::IntentRecord| record.source.as_str() == "batch-b";
        let names_both = |n: usize, reason: &str| {
            reason.contains(end.id(&format!("shift-{n}.1"))) && reason.contains(end.id(&format!("shift-{n}.2")))
        };
        vec![
            demand("the fourteen that fit landed, and the three that came first", end.count(State::Landed) == 17),
            demand("the three that would overlap wait for a person, who reads of both shifts", {
                (1..=3).all(|n| {
                    let late: Vec<_> = end.of_record(&format!("agent-{n}")).into_iter().filter(second).collect();
                    late.len() == 1
                        && late.iter().all(|record| {
                            let reason = record.status.reason.as_deref().unwrap_or_default();
                            record.status.state == State::Review && names_both(n, reason)
                        })
                })
            }),
            demand("the second ones were never sent", {
                caught.iter().filter(|record| second(record)).all(|record| record.status.attempts == 0)
            }),
            demand("the target refused nothing", end.answered(409) + end.answered(207) == 0),
            demand("in at most ten requests, twice that where reads are behind", {
                end.requests() <= if end.lag() > 0.0 { 20 } else { 10 }
            }),
        ]
    },
    apart: &[],
};

const I39: Incident = Incident {
    id: "I39",
    title: "HRIS partner app with a stale cache",
    happens: "An app changes twenty records three times each within a minute and fears a read for every write.",
    a_loop: "reads before each write, or writes from a cache that is old.",
    answer: "writes from what the last answer showed and reads only where it must.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 20).source("hris");
        let scores: Vec<_> = (0..20).map(|place| stage.score(place)).collect();
        for round in 0..3 {
            for (number, score) in scores.iter().enumerate() {
                let at = 1.0 + 15.0 * f64::from(round) + 0.3 * number as f64;
                stage.at(at).wishes("hris", score, json!({"score": 30 + round}), Spoken::Blind);
            }
        }
        stage
    },
    demands: |end| {
        vec![
            demand("all sixty are done, and no record is behind", {
                end.done() == 60 && (1..=20).all(|n| end.record(&format!("score-{n}"))["score"] == 32)
            }),
            demand("with at most 85 requests: a read for each record, a write for each change", {
                // Who waits for the budget for longer than a read is fresh reads once more.
                let limits = end.options();
                let waits = limits.rate_limit_per_minute == Some(60) || !limits.family_limits.is_empty();
                let waits = if waits { 40 } else { 0 };
                end.requests() <= 85 + waits
            }),
        ]
    },
    apart: &[],
};

const I41: Incident = Incident {
    id: "I41",
    title: "Schedule group in use today",
    happens: "A change is refused because the record is in use by the active shifts of today; the last one ends after a quarter of an \
              hour. Another pipeline knows that end and schedules its change for it.",
    a_loop: "fails the pipeline, or overrides and hits live agents.",
    answer: "holds the change, says why, and lands it when the last shift has ended. The scheduled one is deferred until then and \
             meets no refusal.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 4).source("terraform");
        let agents = stage.agents(3);
        let mut used = constraint(&agents[0].path, 409, "CONFLICT", "The schedule group is in use by active shifts");
        used.until_ms = Some(900_000);
        let known = Constraint { path: agents[2].path.clone(), ..used.clone() };
        stage.refuses(used);
        stage.refuses(known);
        for agent in &agents[..2] {
            let set = json!({"availability": {"status": "unavailable"}});
            stage.at(1.0).wishes("terraform", agent, set, Spoken::Blind);
        }
        let mut planned = patched(&agents[2], json!({"availability": {"status": "unavailable"}}));
        planned.not_before = "2026-10-20T08:15:00Z".parse().ok();
        stage.at(1.0).submits("terraform", planned);
        stage
    },
    demands: |end| {
        let settled = |name: &str| end.last_settled(&end.of_record(name));
        vec![
            demand("the free one landed within 25 s", settled("agent-2").is_some_and(|at| at < 25.0)),
            demand("the other at most 45 s after the last shift, or as long again where no word says why", {
                let most = if end.of_record("agent-1").into_iter().all(End::had_words) { 945.0 } else { 1_800.0 };
                settled("agent-1").is_some_and(|at| (900.0..most).contains(&at))
            }),
            demand("meanwhile the pipeline reads that it is held, and by what", {
                end.is_bare() || end.stood_at("agent-1", 600.0, "parked", "in use by active shifts")
            }),
            demand("with at most sixty probes", {
                end.of_record("agent-1").iter().all(|record| record.status.attempts <= 60)
            }),
            demand("the scheduled one is deferred until then, and lands with its first write", {
                let planned = end.of_record("agent-3");
                end.stood_at("agent-3", 600.0, "deferred", "")
                    && planned.iter().all(|record| record.status.attempts == 1)
                    && settled("agent-3").is_some_and(|at| (900.0..905.0).contains(&at))
            }),
        ]
    },
    apart: &[],
};

const I43: Incident = Incident {
    id: "I43",
    title: "Paris offset refused; UTC and local both \"required\"",
    happens: "One sender writes a time in UTC, another with the offset of Sydney, a third with that of Paris on the other side of a \
              transition. All mean instants.",
    a_loop: "keeps the digits and changes the offset: the shift begins eleven hours off.",
    answer: "keeps the instant, whatever offset it is written with, and compares instants and not texts.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 3).source("hr");
        let times = ["2026-10-19T21:00:00Z", "2026-10-20T08:00:00+11:00", "2026-10-19T23:00:00+02:00"];
        for (place, time) in times.iter().enumerate() {
            let score = stage.score(place);
            stage.at(1.0).wishes("hr", &score, json!({"reviewed_at": time}), Spoken::Blind);
            // The same instant once more, in other digits.
            stage.at(30.0).wishes("hr", &score, json!({"reviewed_at": times[(place + 1) % 3]}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let wanted: Option<Timestamp> = "2026-10-19T21:00:00Z".parse().ok();
        let at =
            |n: usize| -> Option<Timestamp> { end.record(&format!("score-{n}"))["reviewed_at"].as_str()?.parse().ok() };
        vec![
            demand("all three hold the instant that was meant", (1..=3).all(|n| at(n) == wanted)),
            demand("the same instant in other digits is no change", end.ours().count() == 3),
        ]
    },
    apart: &[],
};

const I44: Incident = Incident {
    id: "I44",
    title: "Tenants that differ",
    happens: "One import for two organisations, eight agents each, in local times. Paris takes blocks of six hours at most and refuses \
              those of eight as an invalid interval; Chicago takes them. The blocks are by the clock of each.",
    a_loop: "uses fixed offsets \"to avoid DST\" and fails in every organisation that is set up otherwise.",
    answer: "reads local times by the zone of each organisation, shows the refused blocks to a person with the target's words, and \
             guesses no rule of one tenant from another.",
    stage: |seed| {
        let paris = import(seed, "Europe/Paris", &[0, 1, 2, 3]);
        paris.beside(import(seed, "America/Chicago", &[]))
    },
    demands: |end| {
        let from = |end: &End, n: usize| -> Option<Timestamp> {
            end.agent(&format!("agent-{n}"))["availability"]["from"].as_str()?.parse().ok()
        };
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let refused: Vec<_> = (1..=4).flat_map(|n| end.of_record(&format!("agent-{n}"))).collect();
        vec![
            demand("Chicago has all eight blocks, at 08:00 by its own clock", {
                let other = end.neighbour();
                other.count(State::Landed) == 8 && (1..=8).all(|n| from(other, n) == at("2026-10-26T13:00:00Z"))
            }),
            demand("Paris has the four that its rule allows, at 08:00 by its own clock", {
                end.count(State::Landed) == 4 && (5..=8).all(|n| from(end, n) == at("2026-10-26T07:00:00Z"))
            }),
            demand("the four others wait for a person or are refused, with the target's words", {
                refused.len() == 4
                    && refused.iter().all(|record| {
                        matches!(record.status.state, State::Review | State::Rejected)
                            && End::tells(record, "at most six hours")
                    })
            }),
            demand("each costs two refused writes, and six in all where a refusal names nobody", {
                let most = if end.is_bare() { 8 * 4 } else { 2 * 4 + 6 };
                end.sent("PATCH", "/schedules") <= most
            }),
        ]
    },
    apart: &[],
};

/// An import of blocks of eight hours into one organisation; the rule of its target is about these agents.
fn import(seed: u64, zone: &str, refused: &[usize]) -> Stage {
    let mut stage = Stage::new(seed, TUESDAY, |scenario| {
        scenario.world.agents = 8;
        scenario.world.weeks = 1;
        scenario.world.time_zone = zone.to_owned();
    })
    .source("import");
    let agents = stage.agents(8);
    for place in refused {
        let text = "Blocks of this unit are at most six hours";
        let mut rule = constraint(&agents[*place].path, 400, "invalid_interval", text);
        rule.names = true;
        stage.refuses(rule);
    }
    for agent in &agents {
        let block = json!({"status": "training", "from": "2026-10-26T08:00:00", "until": "2026-10-26T16:00:00"});
        stage.at(1.0).submits("import", patched(agent, json!({ "availability": block })));
    }
    stage
}

const I45: Incident = Incident {
    id: "I45",
    title: "Capacity write against trunk policy",
    happens: "Sixty agents change their status three times within seconds, and for ten seconds every write is refused because a \
              routing policy is being changed.",
    a_loop: "sends every change of every agent, and spaces them by half a second.",
    answer: "tells from four refused parts that it is no agent who is held, asks with one agent at a time, and sends the last word \
             of each once when the policy is free.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 60).source("byoc");
        let mut policy = constraint(
            "/api/v2/wfm/schedules/",
            409,
            "CONFLICT",
            "Routing policies are being modified by another process",
        );
        policy.until_ms = Some(10_000);
        stage.refuses(policy);
        for (number, agent) in stage.agents(60).iter().enumerate() {
            for (round, status) in ["unavailable", "training", "available"].iter().enumerate() {
                let at = 1.0 + round as f64 + 0.01 * number as f64;
                let set: Value =
                    json!({"availability": {"status": status, "from": null, "until": "2026-10-31T00:00:00Z"}});
                stage.at(at).wishes("byoc", agent, set, Spoken::Blind);
            }
        }
        stage
    },
    demands: |end| {
        vec![
            demand("every wish is done", end.done() == 180),
            demand(
                "each agent holds its last word",
                (1..=60).all(|n| end.agent(&format!("agent-{n}"))["availability"]["status"] == "available"),
            ),
            demand("each was written once", (1..=60).all(|n| end.ours_of(&format!("agent-{n}")) == 1)),
            demand("by at most 25 writes, the refused ones included", end.sent("PATCH", "/schedules/") <= 25),
            demand("at most 40 requests", end.requests() <= 40),
        ]
    },
    apart: &[],
};
