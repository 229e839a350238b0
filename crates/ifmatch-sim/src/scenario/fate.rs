//! What happens around the engine, drawn: crashes, failing commits, standstills, the clock, the
//! target's events.

use crate::rng::Rng;
use crate::script::{CrashPoint, Events, Op};

/// Where crashes happen that are drawn.
pub(super) const CRASHES: [CrashPoint; 5] =
    [CrashPoint::Now, CrashPoint::BeforeCommit, CrashPoint::InCommit, CrashPoint::AfterCommit, CrashPoint::AfterSend];

/// The fate of a process until faults stop.
pub(super) fn process(rng: &mut Rng, until: i64) -> Vec<(i64, Op)> {
    let mut ops = Vec::new();
    if rng.percent(50) {
        for _ in 0..rng.between(1, 4) {
            ops.push((rng.between(0, until), Op::Crash(*rng.pick(&CRASHES))));
        }
    }
    if rng.percent(30) {
        for _ in 0..rng.between(1, 3) {
            ops.push((rng.between(0, until), Op::FailCommits(u32::try_from(rng.between(1, 3)).unwrap_or(1))));
        }
    }
    if rng.percent(20) {
        for _ in 0..rng.between(1, 2) {
            ops.push((rng.between(0, until), Op::Pause { seconds: rng.between(1, 180).unsigned_abs() }));
        }
    }
    if rng.percent(25) {
        for _ in 0..rng.between(1, 4) {
            let newer = usize::try_from(rng.between(0, 5)).unwrap_or(0);
            ops.push((rng.between(0, until), Op::Withdraw { newer }));
        }
    }
    if rng.percent(15) {
        let at = rng.between(0, until);
        ops.push((at, Op::SetClock { seconds: rng.between(-120, 120) }));
        // What was set shows from the next life on.
        ops.push((rng.between(at, until), Op::Crash(*rng.pick(&CRASHES))));
    }
    ops
}

/// How the target's events arrive.
pub(super) fn events(rng: &mut Rng) -> Events {
    if rng.percent(50) {
        return Events::default();
    }
    Events {
        offered: true,
        lost: rng.below(40),
        repeated: rng.below(40),
        late_ms_max: rng.between(0, 60_000),
        false_unlocks: if rng.percent(30) { rng.below(30) } else { 0 },
    }
}
