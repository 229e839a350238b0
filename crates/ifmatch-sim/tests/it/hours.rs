//! People and sources that turn different hours of one shift into something else: nothing is lost, nobody is asked.

use ifmatch_sandbox::{Sandbox, Scenario};
use ifmatch_sim::{Hours, Op, Setup, SourceSpec, Spoken, run, scenario};
use serde_json::Value;

const START: &str = "2026-10-20T08:00:00Z";

/// A calm world of one agent, the ids of the schedule and the agent, and the first shift.
fn stage() -> (Scenario, String, Value) {
    let mut scenario = Scenario::named("calm-unlimited", 1).expect("the scenario has a name");
    (scenario.world.scores, scenario.world.trades, scenario.world.weeks, scenario.world.agents) = (0, 0, 1, 1);
    let start: ifmatch_core::Timestamp = START.parse().expect("an instant");
    let sandbox = Sandbox::new(scenario.clone(), 1, start.as_millisecond());
    let id = sandbox.world()["schedules"][0]["id"].as_str().expect("a schedule").to_owned();
    let document = sandbox.record(&format!("/api/v2/wfm/schedules/{id}")).expect("the schedule");
    let agent = document["agents"][0].clone();
    (scenario, format!("{id}/{}", agent["agent_id"].as_str().expect("an agent")), agent["shifts"][0].clone())
}

/// A run in which both sources look, Ada turns some minutes of a shift, and then the sources do. Each is `(from, length)`.
fn ran(ada: (i64, i64), north: (i64, i64), south: (i64, i64)) -> (u64, Value) {
    let (scenario, id, shift) = stage();
    let (schedule, agent) = id.split_once('/').expect("both ids");
    let path = format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}");
    let shift_id = shift["id"].as_str().expect("an id").to_owned();
    let hours = |(from_minutes, length_minutes): (i64, i64), code: &str| {
        let (id, path, shift) = (id.clone(), path.clone(), shift_id.clone());
        Hours { id, path, shift, from_minutes, length_minutes, code: Some(code.to_owned()) }
    };
    let look = |source: &str| Op::Look { source: source.to_owned(), path: path.clone() };
    let wish = |source: &str, span: (i64, i64), code: &str| {
        let (source, spoken) = (source.to_owned(), Spoken::Valued);
        Op::WishHours { source, spoken, hours: hours(span, code) }
    };
    let ops = vec![
        (0, look("north")),
        (0, look("south")),
        (1_000, Op::EditHours { by: "Ada Lehmann".to_owned(), hours: hours(ada, "meeting") }),
        (2_000, wish("north", north, "training")),
        (2_500, wish("south", south, "break")),
    ];
    let sources = vec![SourceSpec::edits("north"), SourceSpec::edits("south")];
    let setup = Setup { sources, ops, calm_at: 60_000, end_at: 3_600_000, ..Setup::new("hours", 1, START, scenario) };
    let report = run(setup);
    assert_eq!(report.violations, []);
    let last = report.log.lines.iter().rev().find(|line| line.contains("/bulk")).cloned().unwrap_or_default();
    let body = last.find('{').map(|at| last[at..].to_owned()).unwrap_or_default();
    let body: Value = serde_json::from_str(body.trim()).unwrap_or_default();
    let shifts = body["items"][0]["shifts"].as_array().cloned().unwrap_or_default();
    let written = shifts.into_iter().find(|known| known["id"] == shift["id"]).unwrap_or_default();
    (report.tally.reviews.values().sum(), written)
}

#[test]
fn three_may_change_three_hours_of_one_shift() {
    let (reviews, shift) = ran((60, 60), (180, 30), (300, 60));
    assert_eq!(reviews, 0);
    let has = |code: &str| shift["activities"].as_array().into_iter().flatten().any(|part| part["code"] == code);
    assert!(has("meeting") && has("training") && has("break"), "{shift}");
}

#[test]
fn one_hour_that_two_want_is_asked_about() {
    let (reviews, shift) = ran((60, 60), (90, 60), (300, 60));
    assert_eq!(reviews, 1);
    let has = |code: &str| shift["activities"].as_array().into_iter().flatten().any(|part| part["code"] == code);
    assert!(has("meeting") && has("break") && !has("training"), "{shift}");
}

#[test]
fn drawn_worlds_turn_hours() {
    let turns = |seed: u64| {
        let setup = scenario::named("schedules", seed).expect("a named scenario");
        let wishes = setup.ops.iter().filter(|(_, op)| matches!(op, Op::WishHours { .. })).count();
        let edits = setup.ops.iter().filter(|(_, op)| matches!(op, Op::EditHours { .. })).count();
        wishes > 0 && edits > 0
    };
    assert!((1..=40).filter(|seed| turns(*seed)).count() > 15);
}
