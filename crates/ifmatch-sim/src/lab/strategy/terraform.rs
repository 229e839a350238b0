//! The Terraform provider's loop: ten retries after (i + 1) × 500 ms, each with the fresh version and
//! the whole desired object.

use super::{Entry, Loop, Pace};
use crate::rng::Rng;

const RETRIES: u32 = 10;
const STEP_MS: i64 = 500;

pub(super) const ENTRY: Entry = Entry {
    name: "terraform",
    does: "reads the fresh version, sends the whole desired object, 10 retries after (i+1) x 500 ms",
    source: "I57, the provider's retry of version mismatches",
    make: Some(|wanted| Box::new(Loop::new(wanted, Terraform, true))),
};

#[derive(Debug)]
struct Terraform;

impl Pace for Terraform {
    fn pause(&self, number: u32, _rng: &mut Rng) -> Option<i64> {
        (number <= RETRIES).then(|| i64::from(number) * STEP_MS)
    }
}
