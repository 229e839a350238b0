//! Refresh and resend: read the fresh version, put it on the old payload, three times, 500 ms apart.

use super::{Entry, Loop, Pace};
use crate::rng::Rng;

const RETRIES: u32 = 3;
const PAUSE_MS: i64 = 500;

pub(super) const ENTRY: Entry = Entry {
    name: "naive-refresh",
    does: "reads the fresh version, puts it on its old payload, 3 retries 500 ms apart",
    source: "I01, I03",
    make: Some(|wanted| Box::new(Loop::new(wanted, Refresh, true))),
};

#[derive(Debug)]
struct Refresh;

impl Pace for Refresh {
    fn pause(&self, number: u32, _rng: &mut Rng) -> Option<i64> {
        (number <= RETRIES).then_some(PAUSE_MS)
    }
}
