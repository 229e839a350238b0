//! Blind retry: the very same request again, at once.

use super::{Entry, Loop, Pace};
use crate::rng::Rng;

/// How often the request is repeated.
const RETRIES: u32 = 5;

pub(super) const ENTRY: Entry = Entry {
    name: "blind-retry",
    does: "sends the very same request again, at once, 5 times",
    source: "what HTTP clients do by default; I05",
    make: Some(|wanted| Box::new(Loop::new(wanted, Blind, false))),
};

#[derive(Debug)]
struct Blind;

impl Pace for Blind {
    fn pause(&self, number: u32, _rng: &mut Rng) -> Option<i64> {
        (number <= RETRIES).then_some(0)
    }
}
