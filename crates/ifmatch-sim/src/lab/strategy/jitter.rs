//! Random waits of 200 to 500 ms: the workers no longer march in step, the payload stays old.

use super::{Entry, Loop, Pace};
use crate::rng::Rng;

/// The advice names no bound; a worker of the reports gives up before its job does.
const RETRIES: u32 = 10;

pub(super) const ENTRY: Entry = Entry {
    name: "jitter-200-500",
    does: "waits a random 200 to 500 ms, reads the fresh version, sends its old payload, 10 retries",
    source: "I02",
    make: Some(|wanted| Box::new(Loop::new(wanted, Jitter, true))),
};

#[derive(Debug)]
struct Jitter;

impl Pace for Jitter {
    fn pause(&self, number: u32, rng: &mut Rng) -> Option<i64> {
        (number <= RETRIES).then(|| rng.between(200, 500))
    }
}
