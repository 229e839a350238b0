//! Worlds of one schedule behind the vendor's platform API: writes are uploads that are processed later, and what became of
//! one is told by a notice that may be lost, or by the records alone.

use super::schedules;
use crate::rng::Rng;
use crate::script::{Op, Setup};
use crate::spelling::Api;
use ifmatch_core::Change;

/// The schedule that a seed draws, spoken of in the platform API: verbs and hours on agents. What that API has no words for is
/// left out.
pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut setup = schedules::draw(seed, play);
    let mut rng = Rng::named(seed, &format!("platform{play}"));
    setup.api = Api::GenesysCloud;
    setup.ops.retain(|(_, op)| is_said(op));
    setup.scenario.options.platform.upload_ms = rng.between(0, 30_000);
    if rng.percent(15) {
        setup.scenario.options.platform.upload_ms = rng.between(30_000, 300_000);
    }
    setup
}

/// Whether an op has its words in the platform API: agents have no availability there, and what is read goes by other paths.
fn is_said(op: &Op) -> bool {
    match op {
        Op::Submit { intent, .. } => {
            matches!(intent.change, Change::Verb(_)) && intent.resource.kind == "agent-schedule"
        }
        Op::Wish(_) | Op::Show { .. } | Op::Export { .. } | Op::Undo { .. } | Op::Rekey { .. } => false,
        _ => true,
    }
}
