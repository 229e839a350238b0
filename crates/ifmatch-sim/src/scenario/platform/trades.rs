//! The trades of a week, settled by the supervisors' job: an answer for each trade, at once or later, in a bucket of five a
//! minute. What is edited of a trade besides its state is its agents' to edit, and people do.

use super::slow_uploads;
use crate::records::path_of;
use crate::rng::Rng;
use crate::scenario::{text, trades};
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use ifmatch_core::{Resource, Sends, Timestamp};
use ifmatch_sandbox::Sandbox;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const KIND: &str = "shift-trade";

/// The trades that a seed draws, spoken of in the platform API.
pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut setup = trades::draw(seed, play);
    let mut rng = Rng::named(seed, &format!("platform trades{play}"));
    slow_uploads(&mut rng, &mut setup);
    // A body says no more of a trade than its state.
    setup.sources = setup.sources.into_iter().map(|source| SourceSpec { sends: Sends::Edits, ..source }).collect();
    let ids = ids(&setup);
    let ops = std::mem::take(&mut setup.ops);
    setup.ops = ops.into_iter().filter_map(|(at, op)| Some((at, said(&mut rng, &ids, op)?))).collect();
    setup
}

/// The vendor's id of each trade, by its path: it says in which management unit and week the trade lies.
fn ids(setup: &Setup) -> BTreeMap<String, String> {
    let start: Timestamp = setup.start.parse().expect("a world starts at an instant");
    let world = Sandbox::new(setup.scenario.clone(), setup.seed, start.as_millisecond()).world();
    let listed = |name: &str| world[name].as_array().into_iter().flatten();
    let units = listed("documents").filter_map(|document| document["path"].as_str()?.split_once("/managementunits/"));
    let unit = units.map(|(_, below)| below.split('/').next().unwrap_or_default()).next().unwrap_or_default();
    let week = listed("schedules").next().map(|schedule| text(&schedule["week"])).unwrap_or_default();
    let id = |trade: &Value| (text(&trade["path"]), format!("{unit}/{week}/{}", text(&trade["id"])));
    listed("shift_trades").map(id).collect()
}

/// An op in the words of the platform API; `None` for what it has none for: trades are made by their agents, and a supervisor
/// approves and denies.
fn said(rng: &mut Rng, ids: &BTreeMap<String, String>, op: Op) -> Option<Op> {
    match op {
        Op::Submit { source, mut intent, saw, whole } if intent.resource.kind == KIND => {
            let id = ids.get(&path_of(&intent.resource)?)?;
            intent.resource = Resource::by_id(&intent.resource.org, KIND, id);
            (!whole).then_some(Op::Submit { source, intent, saw, whole })
        }
        Op::Wish(wish) => {
            let spoken = *rng.pick(&[Spoken::Blind, Spoken::Versioned, Spoken::Versioned, Spoken::Valued]);
            let status = if rng.percent(60) { "approved" } else { "denied" };
            let id = ids.get(&wish.path)?.clone();
            Some(Op::Wish(Wish { id, set: json!({ "status": status }), spoken, ..wish }))
        }
        Op::Show { source, kind, path, .. } => {
            let id = ids.get(&path)?.clone();
            Some(Op::Show { source, kind, id, path })
        }
        op => Some(op),
    }
}
