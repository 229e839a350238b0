//! The forty incidents of the field as scenarios: what happens is scripted, what must come of it is stated.
//!
//! Each is one entry: its story in three sentences, a stage on which it is played, and its demands, looked at when it has
//! ended. The judges of the simulator look on as at any other world, and every option of the target that matters is tried.

mod course;
mod doubts;
mod end;
mod exchanges;
mod founding;
mod gone;
mod hours;
mod imports;
mod more;
mod page;
mod pairs;
mod publishing;
mod rates;
mod silent;
mod stage;
mod swaps;
mod unguarded;
mod variants;
mod zombies;

pub use end::End;
pub use page::page;
pub use variants::variants;

use crate::checkers::{self, Violation};
use crate::node::Node;
use crate::script::Setup;
use stage::Stage;

/// One incident.
#[derive(Debug, Clone, Copy)]
pub struct Incident {
    /// Its number, for example `I06`.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What happens.
    pub happens: &'static str,
    /// What a loop does that reads the version, writes and tries again.
    pub a_loop: &'static str,
    /// What ifmatch does.
    pub answer: &'static str,
    /// Builds the stage.
    stage: fn(u64) -> Stage,
    /// What must have come of it.
    demands: fn(&End) -> Vec<Demand>,
    /// Options under which it is another incident, by the name that [`variants`] gives them.
    apart: &'static [&'static str],
}

/// Something that must have come of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// What, in one sentence.
    pub what: String,
    /// Whether it did.
    pub holds: bool,
}

/// What came of playing an incident.
#[derive(Debug)]
pub struct Played {
    /// What happened and what was decided, one line each.
    pub course: String,
    /// What must have come of it.
    pub demands: Vec<Demand>,
    /// The promises that did not hold.
    pub violations: Vec<Violation>,
}

impl Played {
    /// Whether every promise and every demand holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations.is_empty() && self.demands.iter().all(|demand| demand.holds)
    }
}

/// The incidents, in the order of their numbers.
#[must_use]
pub fn all() -> Vec<Incident> {
    let parts = [founding::ALL, publishing::ALL, swaps::ALL, imports::ALL, rates::ALL];
    let mut all: Vec<Incident> = parts.into_iter().flatten().copied().collect();
    all.sort_by_key(|incident| incident.id);
    all
}

/// Trouble that no report of the field tells in so many words, played like the incidents: `X01` and on.
#[must_use]
pub fn more() -> Vec<Incident> {
    [
        more::ALL,
        unguarded::ALL,
        pairs::ALL,
        gone::ALL,
        doubts::ALL,
        silent::ALL,
        exchanges::ALL,
        hours::ALL,
        zombies::ALL,
        exchanges::LATER,
        more::LATER,
    ]
    .concat()
}

/// The incident with this number, however it is written.
#[must_use]
pub fn named(id: &str) -> Option<Incident> {
    all().into_iter().chain(more()).find(|incident| incident.id.eq_ignore_ascii_case(id))
}

impl Incident {
    /// The world in which it happens, with no option of the target changed.
    #[must_use]
    pub fn setup(&self, seed: u64) -> Setup {
        (self.stage)(seed).setup(self.id)
    }

    /// Whether it is the same incident when an option of the target is set so.
    #[must_use]
    pub fn is_tried_with(&self, variant: &str) -> bool {
        let name = variant.split('=').next().unwrap_or(variant);
        !self.apart.iter().any(|apart| *apart == variant || *apart == name)
    }

    /// Plays it, in the world as it is or in one of the [`variants`].
    #[must_use]
    pub fn play(&self, setup: Setup) -> Played {
        let names = (self.stage)(setup.seed).all_names();
        let mut node = Node::new(setup);
        node.run();
        let mut worlds = node.into_worlds();
        let violations = checkers::judge(&mut worlds).violations;
        let course: Vec<String> = worlds.iter().zip(&names).map(|(world, names)| course::of(world, names)).collect();
        let mut ends = worlds.iter_mut().zip(names).map(|(world, names)| End::of(world, names));
        let first = ends.next().expect("a node serves at least one org");
        let demands = (self.demands)(&first.beside(ends.next()));
        Played { course: course.join("\nthe other org of the same process\n"), demands, violations }
    }
}

/// A demand.
fn demand(what: impl Into<String>, holds: bool) -> Demand {
    Demand { what: what.into(), holds }
}
