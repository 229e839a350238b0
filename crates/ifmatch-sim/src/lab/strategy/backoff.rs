//! Exponential backoff from 2 s with the version of the first read: patience, but no new version.

use super::{Entry, Loop, Pace};
use crate::rng::Rng;

const RETRIES: u32 = 3;
const FIRST_MS: i64 = 2_000;

pub(super) const ENTRY: Entry = Entry {
    name: "backoff-same-etag",
    does: "waits 2, 4 and 8 s and sends the same version again",
    source: "I02, the pseudo code for ServiceNow",
    make: Some(|wanted| Box::new(Loop::new(wanted, Backoff, false))),
};

#[derive(Debug)]
struct Backoff;

impl Pace for Backoff {
    fn pause(&self, number: u32, _rng: &mut Rng) -> Option<i64> {
        (number <= RETRIES).then(|| FIRST_MS << (number - 1))
    }
}
