//! A retry on conflict as Kubernetes clients have it: read, apply the change to what was read, write;
//! on a conflict again, five steps of 10 ms with a jitter of 0.1. `Retry-After` is obeyed.
//!
//! It is the best of the loops: it carries nobody's old values along. It does not know what its
//! source saw, so a value that somebody else put at the very same place is overwritten.

use super::{Do, Entry, Heard, Strategy, Wanted};
use crate::lab::course::End;
use crate::records;
use crate::rng::Rng;

/// Tries altogether.
const STEPS: u32 = 5;
/// Pause between two; each is up to a tenth longer.
const PAUSE_MS: i64 = 10;
/// How often the client waits for `Retry-After` before it gives up.
const THROTTLES: u32 = 10;

pub(super) const ENTRY: Entry = Entry {
    name: "kubernetes",
    does: "reads, applies its change to what it read, writes; on a conflict again, 5 steps of 10 ms, jitter 0.1",
    source: "retry on conflict in Kubernetes clients",
    make: Some(|wanted| Box::new(RetryOnConflict { wanted, steps: 1, throttles: 0 })),
};

#[derive(Debug)]
struct RetryOnConflict {
    wanted: Wanted,
    steps: u32,
    throttles: u32,
}

impl RetryOnConflict {
    fn try_now(&self) -> Do {
        if self.wanted.is_new { Do::Write(self.wanted.mine.clone(), super::Stamp::default()) } else { Do::Read }
    }
}

impl Strategy for RetryOnConflict {
    fn next(&mut self, heard: Heard, rng: &mut Rng) -> Do {
        match heard {
            Heard::Begin | Heard::Woken => self.try_now(),
            Heard::Read(reading) => {
                Do::Write(records::patched(&self.wanted.kind, &reading.record, &self.wanted.set), reading.stamp)
            }
            Heard::Written => Do::End(End::Landed),
            Heard::Refused(refusal) if refusal.is_conflict && self.steps < STEPS => {
                self.steps += 1;
                Do::Sleep(PAUSE_MS + rng.between(0, PAUSE_MS / 10))
            }
            Heard::Refused(refusal) => match refusal.retry_after_ms {
                Some(wait_ms) if self.throttles < THROTTLES => {
                    self.throttles += 1;
                    Do::Sleep(wait_ms)
                }
                _ if refusal.is_final() => Do::End(End::Rejected),
                _ => Do::End(End::Discarded),
            },
            Heard::Nothing => Do::End(End::Discarded),
        }
    }
}
