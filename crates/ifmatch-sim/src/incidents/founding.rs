//! I01 to I05: the reports that this product exists for.

use super::stage::{Stage, patched};
use super::{Incident, demand};
use crate::script::Spoken;
use ifmatch_core::State;
use serde_json::json;

pub(super) const ALL: &[Incident] = &[I01, I02, I03, I04, I05];

const I01: Incident = Incident {
    id: "I01",
    title: "Quality scores from ServiceNow",
    happens: "ServiceNow sends the score of a review that it read a minute ago. Meanwhile a reviewer has corrected another field \
              of one record and the score itself of another, and a job holds a third for half a minute. The webhook of a fourth fires \
              twice, and half a minute later ServiceNow sends back the score that it has just heard from us.",
    a_loop: "reads the fresh version and posts the old payload with it: the reviewer's words are gone, and three tries end before \
             the job lets go.",
    answer: "merges field by field, lands what nobody else touched, waits for the job with one probe train, and leaves the score \
             that both changed to a person. The second copy is known by its correlation id, and our own echo is no wish.",
    stage: |seed| {
        let mut stage = Stage::of_scores(seed, 4).source("servicenow");
        let scores: Vec<_> = (0..4).map(|place| stage.score(place)).collect();
        for score in &scores {
            stage.at(0.5).reads("servicenow", score);
        }
        stage.at(20.0).edits("Anna Vogel", &scores[0], json!({"comments": "calibrated with the team"}));
        stage.at(20.0).edits("Anna Vogel", &scores[1], json!({"score": 41}));
        stage.at(55.0).locks(&scores[2], 30);
        for score in &scores[..3] {
            stage.at(60.0).wishes("servicenow", score, json!({"score": 47}), Spoken::Versioned);
        }
        let mut fired = patched(&scores[3], json!({"score": 47}));
        fired.idempotency_key = Some("servicenow:9f1c:7".to_owned());
        stage.at(60.0).submits("servicenow", fired.clone());
        stage.at(60.3).submits("servicenow", fired);
        stage.at(88.0).reads("servicenow", &scores[0]);
        stage.at(90.0).wishes("servicenow", &scores[0], json!({"score": 47}), Spoken::Versioned);
        stage
    },
    demands: |end| {
        let held = end.of_record("score-3");
        vec![
            demand("both changes of the first record stand", {
                let record = end.record("score-1");
                record["score"] == 47 && record["comments"] == "calibrated with the team"
            }),
            demand("the reviewer's score stands until a person decides", {
                end.record("score-2")["score"] == 41 && end.coded("review/true_conflict") == 1
            }),
            demand("the held record has the score at most 25 s after the job let go", {
                end.last_settled(&held).is_some_and(|at| (85.0..110.0).contains(&at))
            }),
            demand("the webhook that fired twice is one wish and one write", {
                end.of_record("score-4").len() == 1 && end.ours_of("score-4") == 1
            }),
            demand("the echo is satisfied without a write", {
                let first = end.of_record("score-1");
                first.len() == 2 && first[1].status.state == State::Satisfied && end.ours_of("score-1") == 1
            }),
        ]
    },
    apart: &[],
};

const I02: Incident = Incident {
    id: "I02",
    title: "Shift trade during a DST change, Zendesk migration",
    happens: "In the night in which Paris sets its clocks back a migration changes trades. Reconciliation holds one for two \
              minutes, a supervisor writes notes on another, and reads come from a replica that is behind. A third is to expire at 02:30, \
              which that night has twice. A legacy id comes twice with the same trade, and from a second export with another one.",
    a_loop: "sends the same tag on every try, or reads the lagging replica and sends its old tag again: it can never win, and \
             where it does it copies only the status and drops the notes.",
    answer: "keeps the notes, waits for the hold with one probe, never goes on from a read that is older than what it knows, and \
             lands each change once. Which 02:30 is meant is for a person, who sees both; a legacy id is one trade, and what \
             another source says under it is for a person, too.",
    stage: |seed| {
        let mut stage = Stage::new(seed, "2026-10-25T00:58:00Z", |scenario| {
            scenario.world.trades = 3;
            scenario.world.weeks = 1;
            scenario.options.replica_lag_ms = 30_000;
            scenario.options.replica_lag_varies = true;
        })
        .source("zendesk")
        .source("second-export");
        let (held, noted) = (stage.trade(0), stage.trade(1));
        stage.at(0.5).reads("zendesk", &held).reads("zendesk", &noted);
        stage.at(5.0).edits("Julie Perrin", &noted, json!({"notes": "agreed on the phone"}));
        stage.at(8.0).locks(&held, 120);
        let expires = json!({"expires_at": "2026-10-25T02:30:00+01:00"});
        stage.at(10.0).wishes("zendesk", &held, expires.clone(), Spoken::Versioned);
        stage.at(10.0).wishes("zendesk", &noted, expires, Spoken::Versioned);
        let doubted = stage.trade(2);
        stage.at(10.0).submits("zendesk", patched(&doubted, json!({"expires_at": "2026-10-25T02:30:00"})));
        let side = stage.record(&doubted)["initiating"].clone();
        let sent =
            [(12.0, "zendesk", "ZD 1001"), (14.0, "zendesk", "ZD 1001"), (300.0, "second-export", "another swap")];
        for (at, source, notes) in sent {
            let trade = json!({
                "swap_request_id": "ZD-1001", "status": "pending", "initiating": side, "notes": notes,
                "time_zone": "Europe/Paris",
            });
            let made = stage.creation("shift-trade", json!({"swap_request_id": "ZD-1001"}), trade);
            stage.at(at).submits(source, made);
        }
        stage
    },
    demands: |end| {
        let instant = |name: &str| {
            let text = end.record(name)["expires_at"].as_str().unwrap_or_default().to_owned();
            text.parse::<ifmatch_core::Timestamp>().ok()
        };
        let wanted = "2026-10-25T01:30:00Z".parse().ok();
        vec![
            demand("both trades expire at the second 02:30, the instant that was meant", {
                instant("trade-1") == wanted && instant("trade-2") == wanted
            }),
            demand("the supervisor's notes stand", end.record("trade-2")["notes"] == "agreed on the phone"),
            demand("each change landed by one write", end.ours_of("trade-1") == 1 && end.ours_of("trade-2") == 1),
            demand("the held trade landed at most 45 s after the hold", {
                end.last_settled(&end.of_record("trade-1")).is_some_and(|at| (128.0..173.0).contains(&at))
            }),
            demand("the time that the night has twice waits for a person, who sees both instants", {
                let doubted = end.of_record("trade-3");
                let candidates = |record: &ifmatch_core::IntentRecord| {
                    record.status.conflict.iter().map(|note| note.candidates.len()).sum::<usize>()
                };
                doubted.len() == 1
                    && doubted.iter().all(|record| record.status.state == State::Review && candidates(record) == 2)
                    && end.ours_of("trade-3") == 0
            }),
            demand("the legacy id is one trade, the first one, and the other is for a person", {
                let made = end.trades_called("ZD-1001");
                let other = end.intents().iter().filter(|record| record.source.as_str() == "second-export");
                matches!(made.as_slice(), [one] if one["notes"] == "ZD 1001")
                    && other.into_iter().all(|record| record.status.state == State::Review)
            }),
        ]
    },
    apart: &[],
};

const I03: Incident = Incident {
    id: "I03",
    title: "Weekly publish against open script sessions",
    happens: "On Monday the availability of twelve agents is set at once, to count from their shifts in twenty minutes, of one in five. Four of them \
              have a script session open, for up to a quarter of an hour, that one for longer; the refusal reads as if their records \
              had changed.",
    a_loop: "tries three times in a second and a half, against a hold of minutes; where it copies the version out of the refusal \
             it overwrites.",
    answer: "lands the free ones at once, parks the held ones, and lands each within one probe of its release. The one that is held \
             past its shift ends expired, with what it waited for, and somebody is told.",
    stage: |seed| {
        let mut stage = Stage::new(seed, "2026-03-02T12:00:00Z", |scenario| {
            scenario.world.agents = 12;
            scenario.world.weeks = 1;
            scenario.world.time_zone = "America/Chicago".to_owned();
            scenario.options.lock_names_agent = false;
        })
        .source("python");
        let agents = stage.agents(12);
        for (agent, minutes) in agents.iter().zip([2, 8, 15, 40]) {
            stage.at(0.0).locks(agent, minutes * 60);
        }
        for (place, agent) in agents.iter().enumerate() {
            let mut wish = patched(agent, json!({"availability": {"status": "training"}}));
            let shift = if place == 3 { "2026-03-02T12:05:00Z" } else { "2026-03-02T12:20:00Z" };
            wish.deadline = shift.parse().ok();
            stage.at(1.0).submits("python", wish);
        }
        stage
    },
    demands: |end| {
        let settled = |agent: usize| end.last_settled(&end.of_record(&format!("agent-{agent}")));
        let held = [(1, 120.0), (2, 480.0), (3, 900.0)];
        vec![
            demand("eleven landed", end.count(State::Landed) == 11),
            demand("the eight free ones within 25 s", (5..=12).all(|agent| settled(agent).is_some_and(|at| at < 25.0))),
            demand("each held one at most 45 s after its release", {
                held.iter().all(|(agent, free)| settled(*agent).is_some_and(|at| (*free..*free + 45.0).contains(&at)))
            }),
            demand("each held one is shown as parked meanwhile", {
                (2..=4).all(|agent| end.stood_at(&format!("agent-{agent}"), 290.0, "parked", ""))
            }),
            demand("the one held past its shift ends at the shift, with what it waited for and its age", {
                let reason = |record: &ifmatch_core::IntentRecord| record.status.reason.clone().unwrap_or_default();
                end.coded("expired/lock") == 1
                    && settled(4).is_some_and(|at| (300.0..305.0).contains(&at))
                    && end.of_record("agent-4").iter().all(|record| reason(record).contains("299 s old"))
            }),
            demand("and somebody is told, once", end.alarms("expired") == 1),
        ]
    },
    apart: &[],
};

const I04: Incident = Incident {
    id: "I04",
    title: "Bulk schedule push from fifteen sites",
    happens: "Fifteen sites push parts of one versioned week in the same seconds, and a planner edits it by hand.",
    a_loop: "makes each site refuse the others: one write in seven fails although it was made from a read 200 ms old, and every \
             retry collides again.",
    answer: "puts what is ready for the week into one write, so that its own sites never meet, and merges the planner's edit.",
    stage: |seed| {
        let mut stage = Stage::of_agents(seed, 30);
        for site in 1..=15 {
            stage = stage.source(&format!("site-{site}"));
        }
        let agents = stage.agents(30);
        for (number, agent) in agents.iter().enumerate() {
            let (site, shift) = (format!("site-{}", number % 15 + 1), stage.shift(agent, 0));
            let args = json!({"shift_id": shift, "minutes": 30});
            stage.at(1.0 + 0.1 * (number % 15) as f64).verb(&site, agent, "move-shift", args);
        }
        stage.at(1.5).edits("Wei Ling Tan", &agents[0], json!({"availability": {"status": "training"}}));
        stage
    },
    demands: |end| {
        vec![
            demand("all thirty landed", end.count(State::Landed) == 30),
            demand("the planner's edit stands", end.agent("agent-1")["availability"]["status"] == "training"),
            demand("at most 20 requests for 30 changes", end.requests() <= 20),
            demand("at most two writes were refused, where one in seven of the loop's is", {
                [400, 409, 412].iter().map(|status| end.answered(*status)).sum::<usize>() <= 2
            }),
        ]
    },
    apart: &[],
};

const I05: Incident = Incident {
    id: "I05",
    title: "Auto-publish every 15 minutes from ServiceNow",
    happens: "A timer asks for a publish every quarter of an hour and a case webhook asks once more after each change of an agent's \
              status, and after the end of each run: a loop. A publish takes twenty minutes. One answer covers \"running\" and \"nothing to publish\".",
    a_loop: "starts again on pending, takes an older revision for its own, and every refusal becomes a case that starts the next.",
    answer: "runs one publish at a time, joins the one that runs, starts at most one more, and calls a wish landed only when its \
             revision is out.",
    stage: |seed| {
        let mut stage = Stage::new(seed, "2026-06-01T08:00:00Z", |scenario| {
            scenario.world.weeks = 1;
            scenario.world.draft_revision = 7;
            scenario.world.published_revision = 4;
            scenario.options.publish_ms = 20 * 60_000;
        })
        .source("timer")
        .source("webhook");
        let (week, agents) = (stage.week(), stage.agents(4));
        // The end of each run is an event, too, and the webhook answers it with a publish.
        for at in [1_300.0, 2_500.0, 3_700.0, 4_900.0, 6_200.0, 6_215.0] {
            stage.at(at).publishes("webhook", &week);
        }
        for (round, agent) in agents.iter().enumerate() {
            let at = 900.0 * round as f64 + 1.0;
            stage.at(at).publishes("timer", &week);
            let set = json!({"availability": {"status": "unavailable"}});
            stage.at(at + 40.0).wishes("webhook", agent, set, Spoken::Blind);
            stage.at(at + 45.0).publishes("webhook", &week);
        }
        stage
    },
    demands: |end| {
        let week = end.record("week-1");
        let publishes: Vec<_> = end.of_record("week-1");
        vec![
            demand("nothing waits for a person, nothing is open", end.done() == end.intents().len()),
            demand("the newest revision is published", week["published_revision"] == week["draft_revision"]),
            demand("fourteen wishes to publish, at most five runs", {
                publishes.len() == 14 && (1..=5).contains(&end.sent("POST", "/publish"))
            }),
            demand("the loop ends: what only answers the end of a run starts none", {
                let echoes = publishes.iter().rev().take(2);
                echoes.into_iter().all(|record| record.status.state == State::Satisfied && record.status.attempts == 0)
            }),
            demand("ServiceNow hears of no error", end.refused_at_door("") == 0),
        ]
    },
    apart: &[],
};
