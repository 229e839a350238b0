//! The judges: what the sandbox's ledger, the store and the callers say, held against the promises.
//!
//! Nothing here asks the engine. One promise, one file.

mod accounted;
mod audit;
mod barrier;
mod budget;
mod evidence;
mod fairness;
mod followed;
mod isolation;
mod local_time;
mod lost_edit;
mod needless;
mod once;
mod order;
mod overwritten;
mod pairs;
mod reference;
mod reviews;
#[cfg(test)]
mod rig;
mod shifts;
mod silent;
mod single_writer;

use crate::world::World;
use serde::{Deserialize, Serialize};

pub(crate) use evidence::Evidence;
pub(crate) use reviews::Opened;
pub use reviews::Reviews;

/// A promise that did not hold in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The promise, `P1` to `P8`; `needless` for a review without need, `order` for the order per lane,
    /// `fairness` between sources, `time` for local times, `barrier` for what a publish carries, `reference` for what a plain fold over the intents says.
    pub promise: String,
    /// The judge that saw it: a file of the folder `checkers`.
    #[serde(default)]
    pub judge: String,
    /// What happened, with ids, so that it is found in the log.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(promise: &str, what: impl Into<String>) -> Self {
        Self { promise: promise.to_owned(), judge: String::new(), what: what.into() }
    }

    fn seen_by(self, judge: &str) -> Self {
        Self { judge: judge.to_owned(), ..self }
    }
}

/// One judge: it adds what it sees.
type Judge = fn(&mut World, &Evidence, &mut Vec<Violation>);

/// The judges of one org, by their files.
const JUDGES: [(&str, Judge); 17] = [
    ("accounted", |world, evidence, out| accounted::judge(world, evidence, out)),
    ("lost_edit", |world, evidence, out| lost_edit::judge(world, evidence, out)),
    ("overwritten", |world, evidence, out| overwritten::judge(world, evidence, out)),
    ("followed", |world, evidence, out| followed::judge(world, evidence, out)),
    ("once", |world, evidence, out| once::judge(world, evidence, out)),
    ("pairs", |world, evidence, out| pairs::judge(world, evidence, out)),
    ("needless", |world, evidence, out| needless::judge(world, evidence, out)),
    ("order", |world, evidence, out| order::judge(world, evidence, out)),
    ("reference", |world, evidence, out| {
        reference::judge(world, evidence, out);
    }),
    ("budget", |world, _, out| budget::judge(world, out)),
    ("fairness", |world, evidence, out| {
        fairness::judge(world, evidence, out);
    }),
    ("single_writer", |world, evidence, out| single_writer::judge(world, evidence, out)),
    ("audit", |_, evidence, out| audit::judge(evidence, out)),
    ("barrier", |world, evidence, out| barrier::judge(world, evidence, out)),
    ("silent", |world, evidence, out| silent::judge(world, evidence, out)),
    ("local_time", |world, evidence, out| local_time::judge(world, evidence, out)),
    ("isolation", |world, evidence, out| isolation::judge(world, evidence, out)),
];

/// What the judges saw.
#[derive(Debug, Default)]
pub struct Judged {
    /// The promises that did not hold.
    pub violations: Vec<Violation>,
    /// What reviews were opened for.
    pub reviews: Reviews,
}

/// Judges the worlds of a process whose run ended.
#[must_use]
pub fn judge(worlds: &mut [World]) -> Judged {
    let mut judged = Judged::default();
    for world in worlds {
        let evidence = Evidence::gather(world);
        judged.reviews.add(&reviews::count(world, &evidence));
        for (name, judge) in JUDGES {
            let mut found = Vec::new();
            judge(world, &evidence, &mut found);
            judged.violations.extend(found.into_iter().map(|violation| violation.seen_by(name)));
        }
    }
    judged
}
