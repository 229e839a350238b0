//! Worlds behind the vendor's platform API: one schedule, whose writes are uploads that are processed later, and what became of
//! one is told by a notice that may be lost, or by the records alone; the trades of a week, which supervisors settle by jobs; or
//! documents.

mod documents;
mod trades;

use super::{schedules, text, undone};
use crate::rng::Rng;
use crate::script::{Op, Setup};
use crate::spelling::Api;
use ifmatch_core::{Change, Resource, Timestamp};
use ifmatch_sandbox::Sandbox;

/// One in so many worlds is about the trades of a week, and one about documents.
const OTHERS: u64 = 4;

/// The world that a seed draws. In some of them somebody takes back what landed.
pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut setup = match Rng::named(seed, "platform play").below(OTHERS) {
        0 => Setup { api: Api::GenesysCloud, ..trades::draw(seed, play) },
        1 => documents::draw(seed, play),
        _ => Setup { api: Api::GenesysCloud, ..schedule(seed, play) },
    };
    options(&mut Rng::named(seed, &format!("platform options{play}")), &mut setup);
    if Rng::named(seed, &format!("platform undone{play}")).percent(30) { undone(setup, seed) } else { setup }
}

/// A schedule, spoken of in the platform API: verbs and hours on agents and, in half of the worlds, publishes. What that API has
/// no words for is left out.
fn schedule(seed: u64, play: &str) -> Setup {
    let mut setup = schedules::draw(seed, play);
    let mut rng = Rng::named(seed, &format!("platform{play}"));
    let publishes = Rng::named(seed, &format!("platform publishes{play}")).percent(50);
    let ops = std::mem::take(&mut setup.ops);
    setup.ops = ops.into_iter().filter_map(|(at, op)| Some((at, said(op, publishes)?))).collect();
    slow_uploads(&mut rng, &mut setup);
    setup
}

/// What the hostile scenario leaves as it is: in whose name the client acts, how narrow the bucket of shift trading is, and among
/// how many units the agents of a schedule are dealt out. A trade is in the first of them.
fn options(rng: &mut Rng, setup: &mut Setup) {
    let start: Timestamp = setup.start.parse().expect("a world starts at an instant");
    let world = Sandbox::new(setup.scenario.clone(), setup.seed, start.as_millisecond()).records();
    let agents: Vec<String> =
        world["agents"].as_array().into_iter().flatten().map(|agent| text(&agent["id"])).collect();
    let scenario = &mut setup.scenario;
    if rng.percent(20) && !agents.is_empty() {
        scenario.options.platform.clients_user = Some(rng.pick(&agents).clone());
    }
    scenario.options.platform.shift_trading_per_minute =
        *rng.pick(&[Some(5), Some(5), Some(5), Some(2), Some(12), None]);
    if rng.percent(40) && scenario.world.trades == 0 {
        scenario.world.management_units = usize::try_from(rng.between(2, 3)).unwrap_or(2);
    }
}

/// Some worlds take long to process an upload.
fn slow_uploads(rng: &mut Rng, setup: &mut Setup) {
    setup.scenario.options.platform.upload_ms = rng.between(0, 30_000);
    if rng.percent(15) {
        setup.scenario.options.platform.upload_ms = rng.between(30_000, 300_000);
    }
}

/// An op in the words of the platform API: a schedule is called otherwise, agents have no availability there, and what is read
/// of a schedule goes by other paths.
fn said(mut op: Op, publishes: bool) -> Option<Op> {
    match &mut op {
        Op::Submit { intent, .. } => match intent.change {
            Change::Verb(_) => (intent.resource.kind == "agent-schedule").then_some(op),
            Change::Operation(_) => {
                let id = intent.resource.id().filter(|_| publishes)?;
                intent.resource = Resource::by_id(&intent.resource.org, "week-schedule", id);
                Some(op)
            }
            _ => None,
        },
        Op::Wish(_) | Op::Show { .. } | Op::Export { .. } | Op::Undo { .. } | Op::Rekey { .. } => None,
        _ => Some(op),
    }
}
