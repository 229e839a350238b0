//! Worlds in which the target accepts writes and does not apply them: a score is moved to a bound, a text, a status or an agent's
//! shifts are left as they were. In some the answers say otherwise, and the configuration says not to believe them.

use super::text;
use crate::rng::Rng;
use crate::script::{Op, Setup};
use ifmatch_core::{Timestamp, Verify};
use ifmatch_sandbox::{Sandbox, SilentAnswer, SilentRule};

/// How often somebody resumes what the gateway held by itself, in milliseconds.
const RESUMED_MS: i64 = 300_000;

/// The same world with such rules.
pub(super) fn silent(mut setup: Setup) -> Setup {
    let mut rng = Rng::named(setup.seed, "silent");
    setup.scenario.options.silent_rules = rules(&mut rng, &setup);
    let lies = rng.percent(35);
    // Answers about agents may show a version alone.
    let agents = setup.scenario.world.scores == 0 && setup.scenario.world.trades == 0;
    setup.verify =
        if lies || agents { Verify::Always } else { *rng.pick(&[Verify::Answer, Verify::Answer, Verify::First]) };
    setup.scenario.options.silent_answer = if lies { SilentAnswer::AsSent } else { SilentAnswer::AsItStands };
    // A person looks after what was held, also when everybody else has gone home.
    let until = setup.end_at - RESUMED_MS;
    setup.ops.extend((1..=until / RESUMED_MS).map(|times| (times * RESUMED_MS, Op::Resume)));
    setup.ops.sort_by_key(|(at, _)| *at);
    setup
}

fn rules(rng: &mut Rng, setup: &Setup) -> Vec<SilentRule> {
    let rule = |path: String, field: &str| SilentRule { path, field: field.to_owned(), clamp: None };
    let start: Timestamp = setup.start.parse().expect("a world starts at an instant");
    let world = Sandbox::new(setup.scenario.clone(), setup.seed, start.as_millisecond());
    let schedules = world.records()["schedules"].as_array().cloned().unwrap_or_default();
    if setup.scenario.world.scores > 0 {
        let clamp = Some((rng.between(0, 30), rng.between(60, 95)));
        let bounds = SilentRule { clamp, ..rule(String::new(), "score") };
        let comments = rule(String::new(), "comments");
        return match rng.below(4) {
            0 => vec![comments],
            1 => vec![bounds, comments],
            _ => vec![bounds],
        };
    }
    if setup.scenario.world.trades > 0 {
        let field = if rng.percent(50) { "status" } else { "notes" };
        return vec![rule(String::new(), field)];
    }
    let agents = schedules.iter().flat_map(|schedule| {
        let path = text(&schedule["path"]);
        let record = world.record(&path).unwrap_or_default();
        let agents = record["agents"].as_array().cloned().unwrap_or_default();
        agents.into_iter().map(move |agent| format!("{path}/agents/{}", text(&agent["agent_id"])))
    });
    let agents: Vec<String> = agents.collect();
    (0..rng.between(1, 3)).map(|_| rule(rng.pick(&agents).clone(), "shifts")).collect()
}
