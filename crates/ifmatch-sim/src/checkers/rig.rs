//! A small calm run for the tests of judges, and what it left.

use super::Evidence;
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use crate::world::World;
use ifmatch_sandbox::{Sandbox, Scenario};
use serde_json::{Value, json};

const START: &str = "2026-10-20T08:00:00Z";

/// The path and the id of the only score.
fn score(scenario: &Scenario) -> (String, String) {
    let start: ifmatch_core::Timestamp = START.parse().unwrap();
    let world = Sandbox::new(scenario.clone(), 1, start.as_millisecond()).world();
    let text = |name: &str| world["quality_scores"][0][name].as_str().unwrap().to_owned();
    (text("path"), text("id"))
}

/// A world of one score at its end: `alpha` looks and wishes each of these once a minute, and others edit when they are
/// told to, half a minute after the wish of that number.
pub(super) fn ran(wishes: &[Value], edits: &[(usize, Value)]) -> (World, Evidence) {
    ran_as(SourceSpec::edits("alpha"), wishes, edits)
}

/// The same with `alpha` configured in another way.
pub(super) fn ran_as(alpha: SourceSpec, wishes: &[Value], edits: &[(usize, Value)]) -> (World, Evidence) {
    let mut scenario = Scenario::named("calm-unlimited", 1).unwrap();
    scenario.world.scores = 1;
    let (path, id) = score(&scenario);
    let mut ops = Vec::new();
    for (at, set) in wishes.iter().enumerate() {
        let when = i64::try_from(at).unwrap() * 60_000;
        ops.push((when, Op::Look { source: "alpha".to_owned(), path: path.clone() }));
        let kind = "quality-score".to_owned();
        let (source, spoken) = ("alpha".to_owned(), Spoken::Versioned);
        let wish = Wish {
            source,
            kind,
            id: id.clone(),
            path: path.clone(),
            set: set.clone(),
            spoken,
            on_conflict: None,
            pair: None,
        };
        ops.push((when, Op::Wish(wish)));
        for (_, patch) in edits.iter().filter(|(after, _)| *after == at) {
            let by = "Ada Lehmann".to_owned();
            ops.push((when + 30_000, Op::Edit { path: path.clone(), patch: patch.clone(), by }));
        }
    }
    let (calm_at, end_at) = (3_600_000, 7_200_000);
    let setup = Setup { sources: vec![alpha], ops, calm_at, end_at, ..Setup::new("rig", 1, START, scenario) };
    let mut world = World::new(setup);
    world.run();
    let evidence = Evidence::gather(&mut world);
    (world, evidence)
}

/// Two wishes at one field, one at another.
pub(super) fn three() -> Vec<Value> {
    vec![json!({ "score": 41 }), json!({ "comments": "a note" }), json!({ "score": 43 })]
}
