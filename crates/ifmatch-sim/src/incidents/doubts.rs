//! What a target does not say well: that it wants a precondition elsewhere, whether a write took effect, why it refuses.

use super::stage::{Stage, TUESDAY, constraint};
use super::{End, Incident, demand};
use crate::script::Spoken;
use ifmatch_core::State;
use serde_json::json;

pub(super) const ALL: &[Incident] = &[X26, X27, X28];

const X26: Incident = Incident {
    id: "X26",
    title: "The precondition is looked for elsewhere",
    happens: "A proxy in front of the target wants an If-Match on every write and does not look into bodies: 428. Five scores are \
              changed, and a reviewer edits one of them meanwhile.",
    a_loop: "writes without any condition to a path that lets it, or sends `If-Match: *`.",
    answer: "reads and names the version in the header as well, for this record and all after it; the guard holds, so the \
             reviewer's words are merged.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 5;
            scenario.options.unversioned = ifmatch_sandbox::Unversioned::HeaderRequired;
        })
        .source("north");
        for place in 0..5 {
            let score = stage.score(place);
            let at = 1.0 + 2.0 * place as f64;
            stage.at(at).wishes("north", &score, json!({"score": 41}), Spoken::Blind);
            if place == 4 {
                stage.at(at + 0.05).edits("Anna Vogel", &score, json!({"comments": "in between"}));
            }
        }
        stage
    },
    demands: |end| {
        vec![
            demand("all five landed", end.count(State::Landed) == 5),
            demand("the reviewer's words stand", end.record("score-5")["comments"] == "in between"),
            demand("one write was refused for it, not one of each", end.sent("PATCH", "/scores/") <= 7),
        ]
    },
    // Without a tag there is nothing that the header could name.
    apart: &["etag=missing"],
};

const X27: Incident = Incident {
    id: "X27",
    title: "An outage that swallows writes",
    happens: "For a minute a gate before the target answers the first write of each of ten scores with 503, and none of them \
              arrives.",
    a_loop: "sends each again with a fresh version and hopes, or reads before every try.",
    answer: "finds out by reading what became of the first three; once it has seen more writes lost than done in that way, it \
             asks with the same conditional write, which is a request less and lands once at most.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 10).source("north");
        for place in 0..10 {
            let score = stage.score(place);
            let at = 1.0 + 6.0 * place as f64;
            let gate = json!({
                "fault": "server_error", "status": 503, "effect": false, "method": "PATCH", "times": 1,
                "path_prefix": score.path,
            });
            stage.at(at).faults(gate);
            stage.at(at).wishes("north", &score, json!({"score": 41}), Spoken::Blind);
        }
        stage
    },
    demands: |end| {
        vec![
            demand("all ten landed, each once", end.count(State::Landed) == 10 && end.ours().count() == 10),
            demand("a look tells of each of the first three, none is needed after", end.sent("GET", "/scores/") <= 13),
            demand("two writes each", end.sent("PATCH", "/scores/") == 20),
        ]
    },
    // Reads that lag tell later what became of the first ones.
    apart: &[],
};

const X28: Incident = Incident {
    id: "X28",
    title: "A rule and a lock without a word",
    happens: "Every refusal is an empty 409. One score breaks a rule of the business for good, and a job holds a trade for two minutes.",
    a_loop: "cannot tell them apart: it gives up on the lock, or sends what the rule refuses for ever.",
    answer: "guesses a lock of each, asks more and more seldom, and so lands the trade and asks a person about the score after a dozen \
             writes, with an alarm that the target gives no reasons.",
    stage: |seed| {
        let mut stage = Stage::new(seed, TUESDAY, |scenario| {
            scenario.world.scores = 2;
            scenario.world.trades = 2;
            scenario.world.weeks = 1;
            scenario.options.envelopes = vec![ifmatch_sandbox::Envelope::E9];
        })
        .source("portal");
        let (score, trade) = (stage.score(0), stage.trade(0));
        stage.refuses(constraint(&score.path, 409, "conflict", "Staffing floor of the skill"));
        stage.at(0.0).locks(&trade, 120);
        stage.at(1.0).wishes("portal", &score, json!({"score": 44}), Spoken::Blind);
        stage.at(1.0).wishes("portal", &trade, json!({"notes": "moved"}), Spoken::Blind);
        stage
    },
    demands: |end| {
        let (score, trade) = (end.of_record("score-1"), end.of_record("trade-1"));
        vec![
            demand("the trade landed, at most as long again after its release", {
                trade.iter().all(|record| {
                    record.status.state == State::Landed && end.settled(record).is_some_and(|at| at < 240.0)
                })
            }),
            demand("a person is asked about the score, with its three sides", {
                score.iter().all(|record| {
                    record.status.code.as_deref() == Some("review/unclassified") && record.status.conflict.len() == 1
                })
            }),
            demand(
                "after at most 14 writes",
                score.iter().all(|record| record.status.attempts <= End::writes_max(record)),
            ),
            demand("with one alarm", end.alarms("unclassified") == 1),
        ]
    },
    // With words it is I28 and I02.
    apart: &["envelopes"],
};
