//! I01: quality reviews from ServiceNow, in order of arrival, while three reviewers correct the same
//! scores. The bodies are the sample file's, with its replays, reordering and echoes.

use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec};
use crate::world::ORG;
use ifmatch_core::{Change, Intent, Name, OrgName, Sends};
use ifmatch_sandbox::{Scenario, samples};
use ifmatch_sources::readers::servicenow::Reader;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Milliseconds between two bodies: as in the file, or as fast as a queue that was held up sends them.
const PACES_MS: [i64; 4] = [2_500, 1_700, 600, 100];

pub(super) fn setup(seed: u64) -> Setup {
    let scenario = Scenario::named("i01", seed).expect("the scenario has a name");
    let reader = Reader::new(&OrgName::from(ORG), "Europe/Paris").expect("the zone is known");
    let mut known: BTreeMap<String, BTreeMap<u64, Value>> = BTreeMap::new();
    let pace = *Rng::named(seed, "i01").pick(&PACES_MS);
    let mut ops = Vec::new();
    for (at, line) in reader.lines(samples::QUALITY_REVIEWS_NDJSON).into_iter().enumerate() {
        let intent = line.expect("the sample's lines are sound").intent;
        let saw = before(&mut known, &intent);
        let when = i64::try_from(at).unwrap_or(0) * pace;
        ops.push((when, Op::Submit { source: "servicenow".to_owned(), intent: Box::new(intent), saw, whole: true }));
    }
    let calm_at = ops.last().map_or(0, |(at, _)| at + 60_000);
    Setup {
        sources: vec![SourceSpec { sends: Sends::State, ..SourceSpec::edits("servicenow") }],
        ops,
        calm_at,
        end_at: calm_at + 3_600_000,
        ..Setup::new("i01", seed, scenario.start.clone().unwrap_or_default(), scenario)
    }
}

/// What ServiceNow knew of its record before this change: the body before it in its own order.
fn before(known: &mut BTreeMap<String, BTreeMap<u64, Value>>, intent: &Intent) -> Value {
    let (Name::External { id, .. }, Change::Desired(body)) = (&intent.resource.name, &intent.change) else {
        return json!({});
    };
    let sequence = intent.origin.as_ref().and_then(|origin| origin.sequence).unwrap_or(0);
    let bodies = known.entry(id.clone()).or_default();
    let saw = bodies.range(..sequence).next_back().map_or_else(|| json!({}), |(_, body)| body.clone());
    bodies.insert(sequence, body.clone());
    saw
}
