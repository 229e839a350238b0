//! Worlds by name, and worlds drawn from a seed.

mod i01;
mod i05;
mod schedules;
mod scores;

use crate::rng::Rng;
use crate::script::Setup;

/// A founding incident by its name: `i01` or `i05`.
#[must_use]
pub fn named(name: &str, seed: u64) -> Option<Setup> {
    match name {
        "i01" => Some(i01::setup(seed)),
        "i05" => Some(i05::setup(seed)),
        _ => None,
    }
}

/// Draws a world from a seed: quality scores, or the agents of one schedule and its publish.
#[must_use]
pub fn draw(seed: u64) -> Setup {
    if Rng::named(seed, "world").percent(70) { scores::draw(seed) } else { schedules::draw(seed) }
}
