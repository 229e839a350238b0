//! I49 to I57: limits, propagation, and the vendor's own races.

use super::stage::{Stage, TUESDAY, constraint, patched};
use super::{End, Incident, demand};
use crate::script::Spoken;
use ifmatch_core::State;
use serde_json::json;

pub(super) const ALL: &[Incident] = &[I49, I50, I54, I56, I57];

const I49: Incident = Incident {
    id: "I49",
    title: "Retry at 5 s when told 30 s; import stops at 15 records",
    happens: "An import of forty records meets a limit of thirty requests a minute, and the process ends in the middle of it.",
    a_loop: "tries again after five seconds when it was told thirty, and starts from the first record when it comes back.",
    answer: "takes Retry-After as the least that it waits, keeps the order, and goes on at the record where it stopped.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 40;
            scenario.options.rate_limit_per_minute = Some(30);
        })
        .source("import");
        for place in 0..40 {
            let score = stage.score(place);
            stage.at(1.0 + 0.05 * place as f64).wishes("import", &score, json!({"score": 36}), Spoken::Blind);
        }
        stage.at(70.0).crashes(crate::script::CrashPoint::Now);
        stage
    },
    demands: |end| {
        vec![
            demand("all forty landed, each by one write", {
                end.count(State::Landed) == 40 && (1..=40).all(|n| end.ours_of(&format!("score-{n}")) == 1)
            }),
            demand("no request before it was wanted again", end.early() == 0),
            demand("within five minutes, or what eighty requests take", {
                let all: Vec<_> = end.intents().iter().collect();
                let narrow = end.options().family_limits.contains_key("scores");
                end.last_settled(&all).is_some_and(|at| at < if narrow { 360.0 } else { 300.0 })
            }),
        ]
    },
    apart: &[],
};

const I50: Incident = Incident {
    id: "I50",
    title: "Data Action retries against a limited peer",
    happens: "A flow sends thirty changes in three seconds to a target that takes twenty requests a minute, and sends each of them \
              a second time because it hears nothing within its own patience.",
    a_loop: "answers the flow with 429, the flow tries again at once, and a storm of retries eats the rest of the limit.",
    answer: "answers at once that each is accepted, knows the second copy by its key, and paces what it sends.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 30;
            scenario.options.rate_limit_per_minute = Some(20);
        })
        .source("flow");
        for place in 0..30 {
            let score = stage.score(place);
            let mut wish = patched(&score, json!({"score": 39}));
            wish.idempotency_key = Some(format!("action-{place}"));
            let at = 1.0 + 0.1 * place as f64;
            stage.at(at).submits("flow", wish.clone());
            stage.at(at + 5.0).submits("flow", wish);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("thirty wishes, not sixty", end.intents().len() == 30),
            demand("all landed by one write each", {
                end.count(State::Landed) == 30 && (1..=30).all(|n| end.ours_of(&format!("score-{n}")) == 1)
            }),
            demand("no request before it was wanted again", end.early() == 0),
            demand("hardly any answer 429", end.throttled() <= 3),
        ]
    },
    apart: &[],
};

const I54: Incident = Incident {
    id: "I54",
    title: "Recording tag refused while trades are pending",
    happens: "A record is under legal hold: every write is refused as in use, for as long as the hold lasts.",
    a_loop: "tries on a timer, for months.",
    answer: "reads that it is a hold which no time ends, looks once more, and asks a person, who can have it lifted. Nothing is \
             tried by time.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 2).source("archive");
        let scores = [stage.score(0), stage.score(1)];
        stage.refuses(constraint(&scores[0].path, 409, "resource_in_use", "The record is in use by a legal hold"));
        for score in &scores {
            stage.at(1.0).wishes("archive", score, json!({"comments": "tagged"}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        let held = end.of_record("score-1");
        vec![
            demand("the other landed", end.count(State::Landed) == 1),
            demand("the held one waits for a person, who reads of the hold", {
                held.iter().all(|record| record.status.state == State::Review && End::tells(record, "legal hold"))
            }),
            demand("without a timed retry: after at most two writes, within seconds", {
                held.iter().all(|record| {
                    record.status.attempts <= End::writes_max(record)
                        && (!End::had_words(record) || end.since(record) < 10.0 + end.lag())
                })
            }),
        ]
    },
    apart: &[],
};

const I56: Incident = Incident {
    id: "I56",
    title: "Change is in WFM, not yet in queues",
    happens: "Reads are a minute behind. Two sources write the same record, each a few seconds after the other, and a person too.",
    a_loop: "reads that its change is not there and writes it again, over the person.",
    answer: "knows from the answers what is there, waits for reads to reach it before it goes on from one, and loses nobody.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 1;
            scenario.options.replica_lag_ms = 60_000;
            scenario.options.replica_lag_varies = true;
            scenario.options.reads_may_go_back = true;
        })
        .source("north")
        .source("south");
        let score = stage.score(0);
        stage.at(1.0).wishes("north", &score, json!({"score": 32}), Spoken::Blind);
        stage.at(10.0).edits("Anna Vogel", &score, json!({"evaluation_form": "chat-v9"}));
        stage.at(12.0).wishes("south", &score, json!({"comments": "second"}), Spoken::Blind);
        stage
    },
    demands: |end| {
        let record = end.record("score-1");
        vec![
            demand("all three stand", {
                record["score"] == 32 && record["comments"] == "second" && record["evaluation_form"] == "chat-v9"
            }),
            demand("our two by one write each", end.ours().count() == 2),
            demand("each says at which version the target confirmed it", {
                end.intents()
                    .iter()
                    .all(|record| record.status.result.as_ref().is_some_and(|told| told.version.is_some()))
            }),
            demand("the first as soon as its write was answered, a minute before any read shows it", {
                // Two reads, the first of which shows what was there before.
                end.intents().first().and_then(|record| end.settled(record)).is_some_and(|at| at < 5.0)
            }),
        ]
    },
    apart: &[],
};

const I57: Incident = Incident {
    id: "I57",
    title: "Version conflict from the vendor's own race",
    happens: "A record is written four times by us in quick succession, and the target's replica does not show the first write yet. \
              Another record is refused with the same status for good.",
    a_loop: "tries ten times in 27 seconds whatever the reason, and sends its desired state over whatever has come since.",
    answer: "carries the version of its own answer forward, so that the second write needs no read at all. The words of the other \
             refusal are read before anything is tried again: a person has it within seconds.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 2;
            scenario.options.replica_lag_ms = 15_000;
        })
        .source("terraform");
        let (score, closed) = (stage.score(0), stage.score(1));
        stage.refuses(constraint(&closed.path, 409, "invalid_transition", "A closed evaluation cannot become open"));
        stage.at(1.0).wishes("terraform", &closed, json!({"score": 20}), Spoken::Blind);
        for round in 0..4 {
            stage.at(1.0 + 3.0 * f64::from(round)).wishes(
                "terraform",
                &score,
                json!({"score": 20 + round}),
                Spoken::Blind,
            );
        }
        stage
    },
    demands: |end| {
        vec![
            demand("all four landed", end.count(State::Landed) == 4),
            demand("the first write and three more: none of them was refused", {
                end.sent("PATCH", end.id("score-1")) == 4 && end.ours_of("score-1") == 4
            }),
            demand("the permanent refusal costs two writes and no wait", {
                end.is_bare()
                    || end.of_record("score-2").iter().all(|record| {
                        let reason = record.status.reason.as_deref().unwrap_or_default();
                        let waits = record.status.state == State::Review && record.status.attempts <= 2;
                        waits && reason.contains("closed evaluation") && end.stood_at("score-2", 40.0, "review", "")
                    })
            }),
            demand("the last word stands", end.record("score-1")["score"] == 23),
        ]
    },
    apart: &[],
};
