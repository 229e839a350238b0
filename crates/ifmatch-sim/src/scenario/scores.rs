//! Random worlds of quality scores: two sources and three people on a few records, under everything
//! that the target may do.
//!
//! One source reads the target and sends edits; the other reads through the gateway, keeps whole
//! documents, and now and then pastes a fresh version on an old one. Few records, so that they meet.

use super::{fate, text, whole};
use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use ifmatch_core::merge::{Policies, Policy};
use ifmatch_core::{AnswerPolicy, LocalTimes, Sends};
use ifmatch_sandbox::{Sandbox, Scenario};
use serde_json::{Value, json};

const START: &str = "2026-10-20T08:00:00Z";
/// Local times around the changes of the clocks in Paris: once, twice and never.
const LOCAL_TIMES: [&str; 10] = [
    "2026-10-25T01:59:59",
    "2026-10-25T02:00",
    "2026-10-25 02:30:00",
    "2026-10-25T02:59:59",
    "2026-10-25T03:00",
    "2026-03-29T01:59",
    "2026-03-29T02:00",
    "2026-03-29T02:30",
    "2026-03-29T03:00",
    "2026-07-01T08:00",
];

const PEOPLE: [&str; 3] = ["Ada Lehmann", "Bruno Petit", "Carla Nunes"];

/// Draws a world from a seed.
///
/// # Panics
/// Never: the scenario and the start are this crate's own.
#[must_use]
pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut rng = Rng::named(seed, &format!("scores{play}"));
    let name = if rng.percent(15) { "calm-unlimited" } else { "hostile" };
    let mut scenario = Scenario::named(name, seed).expect("the scenario has a name");
    scenario.world.agents = 12;
    scenario.world.weeks = 1;
    scenario.world.trades = 0;
    scenario.world.scores = usize::try_from(rng.between(1, 8)).unwrap_or(1);
    // People are part of the script, so that a failure can be shrunk.
    scenario.editors.clear();
    let calm_at = 600_000;
    let mut ops = plan(&mut rng, &scenario, seed, calm_at);
    repeats(&mut Rng::named(seed, &format!("repeats{play}")), &mut ops);
    let clock = by_the_clock(&mut Rng::named(seed, &format!("local times{play}")), &scenario, seed, &mut ops);
    ops.sort_by_key(|(at, _)| *at);
    let answer = if rng.percent(50) { AnswerPolicy::Hold } else { AnswerPolicy::Refuse };
    let on_conflict = if rng.percent(30) { comments(Policy::Append) } else { Policies::new() };
    Setup {
        events: fate::events(&mut rng),
        sources: vec![
            SourceSpec::edits("alpha"),
            SourceSpec { sends: Sends::State, answer, on_conflict, ..SourceSpec::edits("beta") },
        ]
        .into_iter()
        .chain(clock)
        .collect(),
        ops,
        calm_at,
        end_at: calm_at + 3 * 3_600_000,
        ..Setup::new(format!("seed {seed}"), seed, START, scenario)
    }
}

fn comments(policy: Policy) -> Policies {
    Policies::new().with("/comments".parse().expect("a pointer"), policy)
}

fn plan(rng: &mut Rng, scenario: &Scenario, seed: u64, until: i64) -> Vec<(i64, Op)> {
    let scores = all(scenario, seed, START);
    let mut ops = Vec::new();
    let busy = rng.between(10, 60);
    for _ in 0..busy {
        let at = rng.between(0, until - 60_000);
        let (id, path) = rng.pick(&scores).clone();
        if rng.percent(55) { alpha(rng, &mut ops, at, id, path) } else { beta(rng, &mut ops, at, id, path) }
    }
    for _ in 0..rng.between(0, 40) {
        let (_, path) = rng.pick(&scores).clone();
        let by = (*rng.pick(&PEOPLE)).to_owned();
        ops.push((rng.between(0, until), Op::Edit { path, patch: fields(rng), by }));
    }
    mishaps(rng, &mut ops, until);
    ops
}

/// The id and the path of each score.
pub(super) fn all(scenario: &Scenario, seed: u64, start: &str) -> Vec<(String, String)> {
    let start: ifmatch_core::Timestamp = start.parse().expect("an instant");
    let world = Sandbox::new(scenario.clone(), seed, start.as_millisecond()).records();
    let scores = world["quality_scores"].as_array().into_iter().flatten();
    scores.map(|score| (text(&score["id"]), text(&score["path"]))).collect()
}

fn alpha(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, id: String, path: String) {
    let source = "alpha".to_owned();
    let spoken = *rng.pick(&[Spoken::Blind, Spoken::Versioned, Spoken::Versioned, Spoken::Valued]);
    if spoken != Spoken::Blind {
        ops.push((at, Op::Look { source: source.clone(), path: path.clone() }));
    }
    let on_conflict = rng.percent(10).then(|| comments(Policy::Append));
    let wish = Wish {
        source: source.clone(),
        kind: "quality-score".to_owned(),
        id,
        path,
        set: fields(rng),
        spoken,
        on_conflict,
        pair: None,
    };
    let when = at + rng.between(0, 20_000);
    ops.push((when, Op::Wish(wish)));
}

fn beta(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, id: String, path: String) {
    let (source, kind) = ("beta".to_owned(), "quality-score".to_owned());
    let wish = Wish { source, kind, id, path, set: json!({}), spoken: Spoken::Whole, on_conflict: None, pair: None };
    whole::says(rng, ops, at, wish, fields);
}

/// Who names its wishes sends the last one again, soon or late: it did not hear that it was taken.
fn repeats(rng: &mut Rng, ops: &mut Vec<(i64, Op)>) {
    let named = ops.iter().filter(|(_, op)| matches!(op, Op::Wish(wish) if wish.source == "alpha"));
    let mut again = Vec::new();
    for (at, _) in named {
        if rng.percent(20) {
            again.push((at + rng.between(100, 120_000), Op::Again { source: "alpha".to_owned() }));
        }
    }
    ops.extend(again);
}

/// In one world of five a source says when reviews were, by the clock on its wall.
fn by_the_clock(rng: &mut Rng, scenario: &Scenario, seed: u64, ops: &mut Vec<(i64, Op)>) -> Option<SourceSpec> {
    if !rng.percent(20) {
        return None;
    }
    let scores = all(scenario, seed, START);
    for _ in 0..rng.between(1, 8) {
        let (id, path) = rng.pick(&scores).clone();
        let wish = Wish {
            source: "gamma".to_owned(),
            kind: "quality-score".to_owned(),
            id,
            path,
            set: json!({ "reviewed_at": rng.pick(&LOCAL_TIMES) }),
            spoken: Spoken::Blind,
            on_conflict: None,
            pair: None,
        };
        ops.push((rng.between(0, 540_000), Op::Wish(wish)));
    }
    let policies = [LocalTimes::Review, LocalTimes::Review, LocalTimes::Earlier, LocalTimes::Later, LocalTimes::Reject];
    Some(SourceSpec { local_times: *rng.pick(&policies), ..SourceSpec::edits("gamma") })
}

fn fields(rng: &mut Rng) -> Value {
    let mut patch = json!({});
    if rng.percent(70) {
        patch["score"] = json!(rng.between(0, 100));
    }
    if rng.percent(45) || patch.as_object().is_some_and(serde_json::Map::is_empty) {
        patch["comments"] = json!(format!("note {}", rng.below(1000)));
    }
    patch
}

fn mishaps(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, until: i64) {
    ops.extend(fate::process(rng, until));
    if rng.percent(40) {
        let how = *rng.pick(&["local", "remote", "drop"]);
        ops.push((rng.between(until / 2, until), Op::Decide(how.to_owned())));
    }
}
