//! How scenario time follows wall time.

use super::wall_ms;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The wall clock, or a multiple of the time that it has run.
#[derive(Debug)]
pub(super) enum Pace {
    Wall,
    Scaled { origin_ms: i64, speed: f64, run: Mutex<Run> },
}

/// For how long a scaled clock has run, wall time.
#[derive(Debug)]
pub(super) struct Run {
    /// Up to the last beat.
    before: Duration,
    /// The last beat, or the start.
    since: Instant,
    /// The most that counts of the time since the last beat; `None` where all of it counts.
    gap_max: Option<Duration>,
}

impl Pace {
    pub(super) fn scaled(origin_ms: i64, speed: f64) -> Self {
        let run = Run { before: Duration::ZERO, since: Instant::now(), gap_max: None };
        Self::Scaled { origin_ms, speed, run: Mutex::new(run) }
    }

    pub(super) fn now_ms(&self) -> i64 {
        match self {
            Self::Wall => wall_ms(),
            Self::Scaled { origin_ms, speed, run } => {
                origin_ms + (locked(run).so_far().as_secs_f64() * 1e3 * speed) as i64
            }
        }
    }

    pub(super) fn speed(&self) -> f64 {
        match self {
            Self::Wall => 1.0,
            Self::Scaled { speed, .. } => *speed,
        }
    }

    /// Counts the time since the last beat, and from here on at most `gap_max` until the next one.
    pub(super) fn beat(&self, gap_max: Option<Duration>) {
        if let Self::Scaled { run, .. } = self {
            let mut run = locked(run);
            *run = Run { before: run.so_far(), since: Instant::now(), gap_max };
        }
    }
}

impl Run {
    fn so_far(&self) -> Duration {
        let gap = self.since.elapsed();
        self.before + self.gap_max.map_or(gap, |most| gap.min(most))
    }
}

fn locked(run: &Mutex<Run>) -> MutexGuard<'_, Run> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}
