//! Worlds by name, and worlds drawn from a seed.

mod backlog;
mod fate;
mod i01;
mod i05;
mod schedules;
mod scores;

use crate::rng::Rng;
use crate::script::Setup;

/// A founding incident by its name, `i01` or `i05`; or `backlog`.
#[must_use]
pub fn named(name: &str, seed: u64) -> Option<Setup> {
    match name {
        "i01" => Some(i01::setup(seed)),
        "i05" => Some(i05::setup(seed)),
        "backlog" => Some(backlog::setup(seed)),
        _ => None,
    }
}

/// Draws a world from a seed: quality scores, or the agents of one schedule and its publish. One in
/// four has a neighbour: another org, of the same process, whose records have the same ids.
#[must_use]
pub fn draw(seed: u64) -> Setup {
    let mut rng = Rng::named(seed, "world");
    let scores = rng.percent(70);
    let one = |play: &str| if scores { scores::draw(seed, play) } else { schedules::draw(seed, play) };
    let mut setup = one("");
    if rng.percent(25) {
        let neighbour = one("neighbour").of_org("neighbour");
        setup.neighbour = Some(Box::new(neighbour));
    }
    setup
}
