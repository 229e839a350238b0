//! Unbounded recursion: wait 1 to 5 s at random, read the fresh version, send the old payload, for ever.

use super::{Entry, Loop, Pace};
use crate::rng::Rng;

pub(super) const ENTRY: Entry = Entry {
    name: "recursion-1-5s",
    does: "waits a random 1 to 5 s, reads the fresh version, sends its old payload, without a bound",
    source: "I02, the recursive function in Python",
    make: Some(|wanted| Box::new(Loop::new(wanted, Recursion, true))),
};

#[derive(Debug)]
struct Recursion;

impl Pace for Recursion {
    fn pause(&self, _number: u32, rng: &mut Rng) -> Option<i64> {
        Some(rng.between(1_000, 5_000))
    }
}
