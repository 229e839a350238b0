//! A backlog: one source sends in an instant what takes minutes at the target's limit, another sends one
//! wish now and then, all of them to records of their own.
//!
//! Here the tenant's limit is reached, and those who wait for it wait for one another, which drawn worlds
//! seldom show.

use super::fate;
use super::scores::all;
use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use ifmatch_sandbox::Scenario;
use serde_json::json;

const START: &str = "2026-10-20T08:00:00Z";
/// When faults stop: the backlog is there, and most of it is still to be done.
const CALM_AT: i64 = 20_000;
/// How long wishes come.
const UNTIL: i64 = 120_000;

pub(super) fn setup(seed: u64) -> Setup {
    let mut rng = Rng::named(seed, "backlog");
    let mut scenario = Scenario::named("hostile", seed).expect("the scenario has a name");
    scenario.world.agents = 12;
    scenario.world.weeks = 1;
    scenario.world.trades = 0;
    scenario.world.scores = usize::try_from(rng.between(60, 100)).unwrap_or(60);
    scenario.options.rate_limit_per_minute = Some(u32::try_from(rng.between(60, 120)).unwrap_or(60));
    scenario.editors.clear();
    let mut ops = fate::process(&mut rng, CALM_AT);
    for (at, (id, path)) in all(&scenario, seed, START).into_iter().enumerate() {
        let few = at % 5 == 0;
        let when = if few { rng.between(0, UNTIL) } else { rng.between(0, 2_000) };
        let again = (!few && rng.percent(40)).then(|| rng.between(UNTIL / 2, UNTIL));
        for when in [Some(when), again].into_iter().flatten() {
            let source = if few { "few" } else { "many" }.to_owned();
            let (id, path, kind) = (id.clone(), path.clone(), "quality-score".to_owned());
            ops.push((when, Op::Look { source: source.clone(), path: path.clone() }));
            let set = json!({ "score": rng.between(0, 100) });
            let wish = Wish { source, kind, id, path, set, spoken: Spoken::Versioned, on_conflict: None, pair: None };
            ops.push((when, Op::Wish(wish)));
        }
    }
    ops.sort_by_key(|(at, _)| *at);
    Setup {
        sources: vec![SourceSpec::edits("many"), SourceSpec::edits("few")],
        ops,
        calm_at: CALM_AT,
        end_at: CALM_AT + 3_600_000,
        ..Setup::new("backlog", seed, START, scenario)
    }
}
